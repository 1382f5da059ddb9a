"""Is something more often faulty here than there, layer by layer, and by how much: exact, given how many there are and how many are faulty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Layer:
    """Things that are alike but for where they are: faulty ones and all of them, here and elsewhere."""

    faulty: int
    units: int
    faulty_elsewhere: int
    units_elsewhere: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """How much more often things are faulty here.

    Attributes
    ----------
    p : float
        Probability of as many faulty ones here, or more, if it made no difference where they are.
    odds : float or None
        Odds of being faulty here over those elsewhere, by Mantel and Haenszel; None if none is faulty elsewhere.
    low : float
        Lower bound of that ratio, if it is the same in all layers; 0 if nothing is known.
    confidence : float
        Of `low`, and those of `family - 1` others together.
    family : int
    least : float
        The smallest p that there could have been with as many faulty ones in each layer.
    """

    p: float
    odds: float | None
    low: float
    confidence: float
    family: int
    least: float = 1.0


def more_often(layers: Sequence[Layer], *, confidence: float = 0.95, family: int = 1) -> Contrast:
    """Compare how often things are faulty here and elsewhere, within layers.

    Parameters
    ----------
    layers : sequence of Layer
        What is compared within: what else may make a difference is the same in a layer.
    confidence : float in (0, 1), default 0.95
    family : int >= 1
        How many such contrasts are stated together (Bonferroni's correction).

    Returns
    -------
    Contrast
        Its `low` is above 1 if and only if `p` is below ``(1 - confidence) / family``.

    Raises
    ------
    ValueError
        If counts contradict each other.

    Notes
    -----
    Given the totals of each layer, faulty ones here are hypergeometric, and independent between layers; with a ratio of odds of psi,
    the probability of a faulty ones here in all is proportional to ``c(a) psi ** a``, with c the convolution of products of binomial
    coefficients [1]_. The lower bound is the psi at which as many as there are, or more, have the probability that may fail. Holds for any number of things. O(faulty ** 2).

    References
    ----------
    .. [1] Gart. "Point and interval estimation of the common odds ratio in the combination of 2x2 tables with fixed marginals."
       Biometrika 57 (1970).

    Examples
    --------
    >>> found = more_often([Layer(12, 100, 20, 900), Layer(9, 50, 10, 500)])
    >>> round(found.p, 10), round(found.odds or 0, 2), round(found.low, 2)
    (1.2e-09, 7.42, 4.32)
    """
    import numpy as np

    _verify(layers)
    own = [one for one in layers if _tells(one)]
    if not own or not 0 < confidence < 1 or family < 1:
        return Contrast(p=1.0, odds=None, low=0.0, confidence=confidence, family=family)
    first, weights = 0, np.ones(1, np.longdouble)
    for one in own:
        start, some = _ways(one)
        first, weights = first + start, np.convolve(weights, some)
        weights /= weights.max()
    seen = sum(one.faulty for one in own)
    logs = _logs(weights)
    alpha = (1 - confidence) / family
    over = math.fsum(one.faulty * (one.units_elsewhere - one.faulty_elsewhere) / (one.units + one.units_elsewhere) for one in own)
    under = math.fsum(one.faulty_elsewhere * (one.units - one.faulty) / (one.units + one.units_elsewhere) for one in own)
    low = 0.0
    if seen > first:  # else there could not be fewer
        left, right = -60.0, 60.0
        for _ in range(80):
            middle = (left + right) / 2
            left, right = (left, middle) if _tail(logs, first, seen, middle) > alpha else (middle, right)
        low = math.exp(left)
    return Contrast(
        p=_tail(logs, first, seen, 0.0),
        odds=over / under if under > 0 else None,
        low=low,
        confidence=confidence,
        family=family,
        least=_tail(logs, first, first + len(weights) - 1, 0.0),
    )


def more_together(here: Sequence[Layer], elsewhere: Sequence[Layer]) -> float:
    """Return how probable it is that something makes as much more of a difference here than elsewhere, or more, by chance alone.

    Parameters
    ----------
    here, elsewhere : sequence of Layer
        In which the same is compared with the same, once where something else is so, and once where it is not.

    Notes
    -----
    If the ratio of odds is the same in both, faulty ones that are counted here, given how many there are in all, are distributed in
    proportion to ``c(a) c'(t - a)``, whatever that ratio is [1]_. Causes that add up, rather than multiply, make such a difference
    smaller, and are not taken for more than that.

    References
    ----------
    .. [1] Zelen. "The analysis of several 2x2 contingency tables." Biometrika 58 (1971).
    """
    import numpy as np

    _verify((*here, *elsewhere))
    sides = []
    for layers in (here, elsewhere):
        first, weights = 0, np.ones(1, np.longdouble)
        for one in layers:
            if _tells(one):
                start, some = _ways(one)
                first, weights = first + start, np.convolve(weights, some)
                weights /= weights.max()
        sides.append((first, weights))
    (first, own), (other_first, others) = sides
    seen = sum(one.faulty for one in here if _tells(one))
    total = seen + sum(one.faulty for one in elsewhere if _tells(one))
    counts = np.arange(first, first + len(own))
    rest = total - counts - other_first
    possible = (rest >= 0) & (rest < len(others))
    together = np.where(possible, own * others[np.clip(rest, 0, len(others) - 1)], 0)
    whole = together.sum()
    return min(1.0, float(together[counts >= seen].sum() / whole)) if whole > 0 else 1.0


def _verify(layers: Sequence[Layer]) -> None:
    for one in layers:
        if not (0 <= one.faulty <= one.units and 0 <= one.faulty_elsewhere <= one.units_elsewhere):
            raise ValueError(f"{one} has more faulty things than things")


def _tells(one: Layer) -> bool:
    """Whether there is anything to compare in a layer."""
    faulty = one.faulty + one.faulty_elsewhere
    return 0 < faulty < one.units + one.units_elsewhere and one.units > 0 and one.units_elsewhere > 0


@lru_cache(4096)  # comparisons of many levels share most of their layers
def _ways(one: Layer) -> tuple[int, NDArray[np.longdouble]]:
    """Return the fewest faulty ones here that can be, and in how many ways there can be so many and more, in proportion."""
    import numpy as np
    from scipy.special import gammaln

    faulty = one.faulty + one.faulty_elsewhere
    here = np.arange(max(0, faulty - one.units_elsewhere), min(faulty, one.units) + 1, dtype=np.float64)

    def ways(of: int, some: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = gammaln(of + 1) - gammaln(some + 1) - gammaln(of - some + 1)
        return found

    logs = ways(one.units, here) + ways(one.units_elsewhere, faulty - here)
    # Extended precision has exponents to spare: tails of thousands of faulty things do not vanish.
    weights: NDArray[np.longdouble] = np.exp((logs - logs.max()).astype(np.longdouble))
    return int(here[0]), weights


def _logs(weights: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    import numpy as np

    with np.errstate(divide="ignore"):
        found: NDArray[np.longdouble] = np.log(weights)
    return found


def _tail(logs: NDArray[np.longdouble], first: int, seen: int, tilt: float) -> float:
    """Return the probability of as many as were seen, or more, at a logarithm of the ratio of odds."""
    import numpy as np

    tilted = logs + tilt * np.arange(len(logs))
    weights = np.exp(tilted - tilted.max())
    return min(1.0, float(weights[seen - first :].sum() / weights.sum()))
