"""How many faulty things got through, from those that were looked at because a coin with a known bias said so.

Things differ in the probability with which they are looked at: high where something may be wrong, and a floor for all others. Each is
drawn for itself (Poisson sampling). `surveys.py` has shares for samples drawn otherwise, with bounds that hold for large samples.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from probatum.stats.bounds import Bound, Side

HORVITZ_THOMPSON = "stats/horvitz-thompson/1"
CAUGHT_SHARE = "stats/caught-share/1"

# Tilts of the exponential moment that are tried, in units of the smallest probability of being drawn: any is valid.
_TILTS = tuple(10 ** (k / 40) for k in range(-160, 81))


def missed_rate(
    found: Iterable[float], *, population: int, least: float, confidence: float = 0.95, side: Side = "both", family: int = 1
) -> Bound:
    """Bounds of the share of faulty things among those that were passed.

    Parameters
    ----------
    found : iterable of float in (0, 1]
        For each faulty thing that was drawn and recognised, the probability with which it was drawn.
    population : int >= 1
        How many things were passed, drawn or not.
    least : float in (0, 1]
        The smallest probability of being drawn that any of them had.
    confidence : float in (0, 1), default 0.95
        Probability, over draws, that all bounds of the family hold.
    side : {"both", "upper", "lower"}
    family : int >= 1
        How many such bounds are stated together (Bonferroni's correction).

    Returns
    -------
    Bound
        A fraction of the population. Its value, the sum of one over the probabilities [1]_, is right on average; where it would be
        more than 1 it is 1.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    Only the coins are random: which things are faulty is not. For all l > 0 at once, with T the sum over those found and probability
    at least ``1 - alpha``, the sum of ``h(p, l) = -ln(1 - p + p exp(-l / p))`` over all faulty things is at most ``l T + ln(1 / alpha)``:
    else the exponential moment of T would make a T so small less probable than alpha [2]_. Those that were found count with their
    own h, and any other with no less than h of the least probability, so there can be no more than

        ``found + (l T + ln(1 / alpha) - sum of h over those found) / h(least, l)``

    faulty things, for any l. Where none are found this is exact: ``ln(1 / alpha) / -ln(1 - least)``. The lower end is the mirror
    image, and never less than those found. O(found).

    Assumes that each thing was drawn by a coin of its own with the probability that is recorded, that none had less than `least`, and
    that who looks at a faulty thing sees that it is.

    References
    ----------
    .. [1] Horvitz, Thompson. "A generalization of sampling without replacement from a finite universe." Journal of the American
       Statistical Association 47 (1952).
    .. [2] Chernoff. "A measure of asymptotic efficiency for tests of a hypothesis." Annals of Mathematical Statistics 23 (1952).

    Examples
    --------
    >>> none = missed_rate([], population=100_000, least=0.002, side="upper")
    >>> round(100_000 * none.high)
    1496
    >>> some = missed_rate([0.5] * 20 + [0.002], population=100_000, least=0.002)
    >>> round(100_000 * some.value), round(100_000 * some.low), round(100_000 * some.high)
    (540, 26, 3348)
    """
    grouped = Counter(found)
    if not (population >= 1 and 0 < least <= 1 and 0 < confidence < 1 and family >= 1 and side in ("both", "upper", "lower")):
        raise ValueError(
            f"{population} things drawn with probabilities from {least:g} at confidence {confidence:g} bound nothing"
        )
    if not all(least * (1 - 1e-12) <= p <= 1 for p in grouped) or sum(grouped.values()) > population:
        raise ValueError(f"something was found that cannot have been drawn from {population} with probabilities from {least:g}")
    pairs = sorted(grouped.items())
    budget = math.log(family * (2 if side == "both" else 1)) - math.log1p(-confidence)
    counts: dict[str, Any] = {"found": [list(pair) for pair in pairs], "population": population, "least": least}
    low = high = None
    if side != "lower":
        most, tilt = min((_most(pairs, least, budget, one), one) for one in _TILTS)
        high = min(1.0, most * (1 + 1e-12) / population)
        counts["tilt_high"] = tilt
    if side != "upper":
        fewest, tilt = max((_fewest(pairs, least, budget, one), one) for one in _TILTS)
        low = min(1.0, fewest * (1 - 1e-12) / population)
        counts["tilt_low"] = tilt
    return Bound(
        method=HORVITZ_THOMPSON,
        value=min(1.0, math.fsum(k / p for p, k in pairs) / population),
        low=low,
        high=high,
        confidence=confidence,
        family=family,
        counts=counts,
        assumptions=(
            "each thing was drawn by a coin of its own, with the probability that is recorded",
            f"none was drawn with a probability below {least:g}",
            "who looks at a faulty thing sees that it is faulty",
        ),
    )


def caught_share(caught: int, missed: Bound) -> Bound:
    """Bounds of the share of faulty things that were caught, of all that were caught or passed.

    Parameters
    ----------
    caught : int >= 0
        Faulty things that were put aside; all that are put aside are looked at.
    missed : Bound
        From `missed_rate`, from both sides, in the same time.

    Raises
    ------
    ValueError
        If the bound is another one, or nothing faulty is known of.
    """
    if missed.method != HORVITZ_THOMPSON or missed.low is None or missed.high is None or caught < 0:
        raise ValueError("what was missed is not bounded from both sides by an audit")
    population = missed.counts["population"]
    few, many, all_in_all = (population * end for end in (missed.low, missed.high, missed.value))
    if caught + all_in_all <= 0:
        raise ValueError("nothing faulty was caught or found; there is no share of it")
    return Bound(
        method=CAUGHT_SHARE,
        value=caught / (caught + all_in_all),
        low=caught / (caught + many) * (1 - 1e-12),
        high=min(1.0, caught / (caught + few) * (1 + 1e-12)) if caught + few > 0 else 1.0,
        confidence=missed.confidence,
        family=missed.family,
        counts={**missed.counts, "caught": caught},
        assumptions=(*missed.assumptions, "all that is put aside is looked at"),
    )


def _most(found: list[tuple[float, int]], least: float, budget: float, tilt: float) -> float:
    """Return how many faulty things there can be, by one tilt."""

    def fall(p: float) -> float:
        return -math.log1p(p * math.expm1(-tilt * least / p)) if p < 1 else tilt * least

    extra = budget + math.fsum(k * (tilt * least / p - fall(p)) for p, k in found)
    return sum(k for _, k in found) + extra / fall(least)


def _fewest(found: list[tuple[float, int]], least: float, budget: float, tilt: float) -> float:
    """Return how many faulty things there must be, by one tilt."""

    def rise(p: float) -> float:
        return math.log1p(p * math.expm1(tilt * least / p))

    extra = math.fsum(k * (tilt * least / p - rise(p)) for p, k in found) - budget
    return sum(k for _, k in found) + max(0.0, extra / rise(least))
