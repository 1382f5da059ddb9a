"""How often sound things are called faulty, bounded by what two people said of the same things.

A threshold that is calibrated on sound things loses its certificate if some of them were taken out for what they look like: those that
look faulty would have had high scores. `neyman_pearson.threshold_within` allows for a known rate of that; this bounds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from probatum.stats.bounds import Bound, clopper_pearson


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many sound things are taken out of a calibration set because they are called faulty.

    Attributes
    ----------
    rate : float
        Upper bound of the probability, for a sound thing: `removed` of `neyman_pearson.threshold_within`. 1 where nothing is bounded.
    bound : Bound
        Of the probability that two people contradict each other, from which it follows.
    opinions : int
        How many people must call a thing faulty for it to be taken out.
    assumptions : tuple of str
    """

    rate: float
    bound: Bound
    opinions: int
    assumptions: tuple[str, ...]


def removed_rate(
    contradicted: int,
    twice: int,
    *,
    prevalence: float,
    opinions: int = 1,
    ordered: bool = False,
    confidence: float = 0.95,
    family: int = 1,
) -> Removed:
    """Bound the rate at which sound things are taken out.

    Parameters
    ----------
    contradicted : int
        Of how many things two people said different things: one faulty, the other sound.
    twice : int >= 1
        Of how many two people spoke, by themselves. With `ordered`, things that the first called sound need no second opinion:
        all that were drawn count.
    prevalence : float in [0, 1)
        Upper bound of the share of faulty things among those that were drawn; where it is from data, with a confidence of its own.
    opinions : {1, 2}
        A thing is taken out if one person calls it faulty, or only if a second one does so, too.
    ordered : bool, default False
        Only those were asked again that the first called faulty, and only those contradict that the second called sound.
    confidence : float in (0, 1), default 0.95
    family : int >= 1
        How many such bounds are stated together (Bonferroni's correction).

    Returns
    -------
    Removed

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    Let e be the probability that somebody calls a certain sound thing faulty. Two people contradict each other with probability
    ``2 e (1 - e)``, in a given order with ``e (1 - e)``. If e is at most 1/2, then ``e <= 2 e (1 - e)`` and ``e * e <= e (1 - e)``:
    so among sound things no more are taken out, on average, than ``2 q`` by one opinion and ``q`` by two, where q is the probability of a
    contradiction in a given order. Among all things that is bounded by Clopper and Pearson's bound; among sound ones it is at most
    one over their share as much.

    What everybody takes for damage though it is none, as a good print of a crack may be, leaves no contradiction: that is what the
    assumption excludes, and only somebody with other means (the thing in hand, a reference) can tell.

    Examples
    --------
    >>> round(removed_rate(0, 500, prevalence=0.01).rate, 5)
    0.00603
    >>> round(removed_rate(1, 10_000, prevalence=0.01, opinions=2, ordered=True).rate, 5)
    0.00048
    """
    if not (0 <= prevalence < 1 and opinions in (1, 2)):
        raise ValueError(f"{opinions} opinions at a prevalence of up to {prevalence:g} bound nothing")
    bound = clopper_pearson(contradicted, twice, confidence=confidence, side="upper", family=family)
    in_order = (bound.high or 0.0) / (1 if ordered else 2)
    return Removed(
        rate=min(1.0, (2 if opinions == 1 else 1) * in_order / (1 - prevalence)),
        bound=bound,
        opinions=opinions,
        assumptions=(
            "two people judge the same thing without knowing of each other, and it is chance who is first",
            "of every sound thing, people say more often that it is sound than that it is faulty",
            f"at most {prevalence:g} of what was drawn is faulty",
            "what was judged twice was drawn by chance, like the calibration set",
        ),
    )


def twice_needed(rate: float, *, prevalence: float, opinions: int = 1, ordered: bool = False, confidence: float = 0.95) -> int:
    """Return how many things must be judged twice to bound the rate so, if nobody contradicts anybody.

    Raises
    ------
    ValueError
        If the rate is not between 0 and 1.

    Examples
    --------
    >>> twice_needed(0.0005, prevalence=0.001)
    5996
    >>> twice_needed(0.0005, prevalence=0.001, opinions=2, ordered=True)
    5996
    """
    factor = (2 if opinions == 1 else 1) / (1 if ordered else 2)
    q = rate * (1 - prevalence) / factor
    if not 0 < q < 1:
        raise ValueError(f"a rate of {rate:g} cannot be bounded so")
    return math.ceil(math.log1p(-confidence) / math.log1p(-q) - 1e-9)
