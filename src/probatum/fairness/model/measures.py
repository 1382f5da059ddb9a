"""What sums by group say of a quantity in general: bounds, and whether groups differ by more than they may."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.model.enough import times_needed
from probatum.fairness.semantics.measures import Points, Sums

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 30  # units of a group, below which a mean of values without a range is not compared
MOST_SKEWED = 0.65  # skewness by the square root of the number of units, times the critical value, that is corrected for
_AT_ONCE = 2**20  # units whose bets are computed in one go
_NEAR, _STEPS = 1e-9, 90  # of the range, to which a bound is found, and steps in which even halving finds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The verdict on groups, the pair it is about (most, least), and bounds of the difference or ratio between all groups.

    Attributes
    ----------
    bounds : mapping of str to (low, high)
        Of each group, for all together; infinite where nothing is known.
    needed : int
        Units of each group of the pair that would decide, if they were like those seen; 0 if no number would.
    """

    verdict: str  # violated, satisfied, open
    value: float
    low: float
    high: float
    pair: tuple[str, str]
    bounds: Mapping[str, tuple[float, float]]
    needed: int = 0


def standard_error(own: Sums) -> float:
    """Return that of a ratio of sums, by linearisation over units (Cochran, Sampling Techniques, 1977, 6.3)."""
    return math.sqrt(own.squares * own.units / (own.units - 1)) / own.bottom


def skewness(own: Sums) -> float:
    """Return the skewness of the residuals by the square root of the number of units: of order 1 if one unit is all there is."""
    return own.cubes / own.squares**1.5 if own.squares > 0 else math.inf


def interval(own: Sums, *, alpha: float, times: float = 1.0) -> tuple[float, float]:
    """Return bounds that fail with probability alpha, of so many times as many units as were seen, if they were like these.

    Notes
    -----
    Exact for frequencies (Clopper and Pearson) and medians (order statistics); for values whose range was declared, a
    mixture of bets (`mean_between`), valid for any number of units. Otherwise there is no bound of a mean that holds whatever
    the distribution (Bahadur and Savage 1956): those of Student, and those that correct them for skewness [1]_, the wider of
    both at each end; infinite where a few units have most of the skewness, or none varies.

    References
    ----------
    .. [1] Hall. "On the removal of skewness by transformation." Journal of the Royal Statistical Society B 54 (1992).
    """
    if own.median:
        return _median_between(own, alpha, times)
    if own.counts:
        return _frequency(own, alpha, times)
    if own.points is not None and own.span is not None:
        return mean_between(own.points, own.span, alpha, times=times)
    units, gamma = own.units * times, skewness(own) / math.sqrt(times)
    from scipy.special import stdtrit

    z = -float(stdtrit(max(1.0, units - 1), alpha / 2))
    if units < FEWEST or abs(gamma) * z > MOST_SKEWED:
        return -math.inf, math.inf
    error = standard_error(own) / math.sqrt(times)
    value = own.top / own.bottom
    return value - max(z, _unskewed(z, gamma)) * error, value - min(-z, _unskewed(-z, gamma)) * error


def intervals(groups: Mapping[str, Sums], *, alpha: float) -> dict[str, tuple[float, float]]:
    """Return the `interval` of each group; where it is searched for, of all groups in one search."""
    ranged: dict[tuple[float, float], dict[str, Points]] = {}
    found = {}
    for name, own in groups.items():
        if own.points is not None and own.span is not None and not (own.median or own.counts):
            ranged.setdefault(own.span, {})[name] = own.points
        else:
            found[name] = interval(own, alpha=alpha)
    for span, points in ranged.items():
        found.update(zip(points, means_between(list(points.values()), span, alpha), strict=True))
    return {name: found[name] for name in groups}


def _frequency(own: Sums, alpha: float, times: float) -> tuple[float, float]:
    from scipy.special import betainccinv, betaincinv

    hits, misses = own.top * times, (own.bottom - own.top) * times
    low = float(betaincinv(hits, misses + 1, alpha / 2)) if hits > 0 else 0.0
    return low, float(betainccinv(hits + 1, misses, alpha / 2)) if misses > 0 else 1.0


def _unskewed(z: float, gamma: float) -> float:
    """Return t with ``t + g t^2 / 3 + g^2 t^3 / 27 + g / 6 = z``."""
    return z if abs(gamma) < 1e-9 else 3 / gamma * (math.cbrt(1 + gamma * (z - gamma / 6)) - 1)


def mean_between(points: Points, span: tuple[float, float], alpha: float, *, times: float = 1.0) -> tuple[float, float]:
    """Return bounds of the mean of values in a range, each with its size, that fail with probability alpha.

    Notes
    -----
    With values x scaled to [0, 1] and sizes d divided by the largest, and sizes taken as they are,
    ``prod(1 + l d_i (x_i - m))`` has an expectation of at most 1 for each fixed l in [0, 1/m) if the mean of the x_i,
    weighted by d_i, is at most m, whatever their distributions, as they are independent. So has a mixture over
    l = 0.95 / (m 2^j), which exceeds 2 / alpha with probability at most alpha / 2 (Markov); m is excluded where it does.
    For the other end, 1 - x. Compare [1]_, whose bets depend on the order of the values.

    References
    ----------
    .. [1] Waudby-Smith, Ramdas. "Estimating means of bounded random variables by betting." Journal of the Royal
       Statistical Society B 86 (2024).
    """
    [found] = means_between([points], span, alpha, times=times)
    return found


def means_between(
    groups: Sequence[Points], span: tuple[float, float], alpha: float, *, times: float = 1.0
) -> list[tuple[float, float]]:
    """Return `mean_between` of each group."""
    import numpy as np

    low, width = span[0], span[1] - span[0]
    found: list[tuple[float, float]] = []
    for some in _portions(groups):
        starts = np.cumsum([0, *(len(own.value) for own in some[:-1])])
        x = (np.concatenate([own.value for own in some]) - low) / width
        sizes = np.concatenate([own.size / own.size.max() for own in some])
        many = np.concatenate([own.times for own in some]) * times
        least = _least_means(x, sizes, many, starts, alpha / 2)
        rest = _least_means(1 - x, sizes, many, starts, alpha / 2)
        found += [(low + width * float(a), span[1] - width * float(b)) for a, b in zip(least, rest, strict=True)]
    return found


def _portions(groups: Sequence[Points]) -> Iterator[list[Points]]:
    """Yield groups in order, as many at once as there is room for."""
    some: list[Points] = []
    units = 0
    for own in groups:
        if some and units + len(own.value) > _AT_ONCE:
            yield some
            some, units = [], 0
        some.append(own)
        units += len(own.value)
    if some:
        yield some


def _least_means(x: Floats, sizes: Floats, many: Floats, starts: Any, error: float) -> Floats:
    """Return, of groups whose units begin at `starts`, the largest mean that is excluded from above; 0 where none is."""
    import numpy as np

    width = np.diff([*starts, len(x)])
    fewest = (np.log2(np.maximum(4.0, np.add.reduceat(many, starts))) / 2).astype(int) + 3  # bets of each group
    enough = np.log(fewest / error)
    bets = 0.95 / 2.0 ** np.arange(fewest.max())

    def beyond(m: Floats) -> Floats:
        off = sizes * (x / np.repeat(m, width) - 1)
        logs = np.array([np.add.reduceat(many * np.log1p(bet * off), starts) for bet in bets])
        logs[np.arange(len(bets))[:, None] >= fewest] = -np.inf
        top = logs.max(axis=0)
        return np.asarray(top + np.log(np.exp(logs - top).sum(axis=0)) - enough)

    high = np.add.reduceat(many * sizes * x, starts) / np.add.reduceat(many * sizes, starts)
    some = high > 0
    high = np.where(some, high, 1.0)  # any: where all values are lowest, no mean is excluded
    low = np.zeros_like(high)
    over, under = np.full_like(high, np.inf), beyond(high)
    last = np.zeros_like(high)
    for step in range(_STEPS):  # INVARIANT: `low` is excluded, or 0
        if not (some & (high - low >= _NEAR)).any():
            break
        with np.errstate(invalid="ignore"):
            cut = high - under * (high - low) / (under - over)
        middle = np.where(np.isfinite(over) & (step % 3 != 2), cut, (low + high) / 2)
        near = np.minimum(_NEAR, high - low) * 0.4
        middle = np.clip(middle, low + near, high - near)
        value = beyond(middle)
        excluded = value >= 0
        # The end that stays twice counts half, so that a secant does not creep (Illinois).
        under = np.where(excluded & (last > 0), under / 2, np.where(excluded, under, value))
        over = np.where(~excluded & (last < 0), over / 2, np.where(excluded, value, over))
        low, high = np.where(excluded, middle, low), np.where(excluded, high, middle)
        last = np.where(excluded, 1.0, -1.0)
    return np.where(some, low, 0.0)


def _median_between(own: Sums, alpha: float, times: float) -> tuple[float, float]:
    """Return the order statistics between which the median is, whatever the distribution; infinite where there is none."""
    import numpy as np
    from scipy.special import bdtr

    low, high = own.span or (-math.inf, math.inf)
    if own.points is None:
        return low, high
    units = int(own.units * times)
    below, above = -1, units // 2  # INVARIANT: as few as `below` of `units` on one side are too few to happen by chance
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if bdtr(middle, units, 0.5) <= alpha / 2 else (below, middle)
    if below < 0:
        return low, high
    reached = np.cumsum(own.points.times) * times
    first = int(np.searchsorted(reached, below, "right"))  # the first value that has more than `below` at it or before it
    last = int(np.searchsorted(reached, units - below, "left"))
    return float(own.points.value[first]), float(own.points.value[min(last, len(reached) - 1)])


def compare(groups: Mapping[str, Sums], how: Compare, bound: float, *, alpha: float, family: int = 1) -> Compared:
    """Compare all groups with each other, as `gaps.judge` does for rates.

    Parameters
    ----------
    groups : mapping of str to Sums
        At least two, each with something in the denominator.
    family : int
        How many such comparisons are made; all that say `violated` hold together.
    """
    together = intervals(groups, alpha=alpha / len(groups) / family)
    values = {name: _value(own) for name, own in groups.items()}

    def gap(more: float, less: float) -> float:
        if how is Compare.DIFFERENCE:
            return more - less
        return max(0.0, less) / more if more > 0 else 1.0

    def sure(ends: Mapping[str, tuple[float, float]]) -> tuple[float, str, str]:
        above, below = max(ends, key=lambda g: ends[g][0]), min(ends, key=lambda g: ends[g][1])
        return gap(ends[above][0], ends[below][1]), above, below

    def furthest(ends: Mapping[str, tuple[float, float]]) -> float:
        highest = sorted(ends, key=lambda g: ends[g][1])[-2:]
        lowest = sorted(ends, key=lambda g: ends[g][0])[:2]
        return (max if how is Compare.DIFFERENCE else min)(gap(ends[a][1], ends[b][0]) for a in highest for b in lowest if a != b)

    def beyond(one: float) -> bool:
        return one > bound if how is Compare.DIFFERENCE else one < bound

    most, least = max(values, key=lambda g: values[g]), min(values, key=lambda g: values[g])
    least = least if least != most else next(g for g in values if g != most)
    least_gap, above, below = sure(together)
    most_gap = furthest(intervals(groups, alpha=alpha))
    violated, satisfied = beyond(least_gap) and above != below, not beyond(most_gap)
    seen = gap(values[most], values[least])
    needed = 0
    if not (violated or satisfied) and seen != bound:
        pair = {name: groups[name] for name in (most, least)}
        level = alpha / len(groups) / family if beyond(seen) else alpha

        def decides(times: float) -> bool:
            ends = {name: interval(own, alpha=level, times=times) for name, own in pair.items()}
            return beyond(sure(ends)[0]) if beyond(seen) else not beyond(furthest(ends))

        needed = math.ceil(times_needed(decides) * min(own.units for own in pair.values()))
    ends = (max(0.0, least_gap), most_gap) if how is Compare.DIFFERENCE else (most_gap, min(1.0, least_gap))
    return Compared(
        verdict="violated" if violated else "satisfied" if satisfied else "open",
        value=seen,
        low=ends[0],
        high=ends[1],
        pair=(above, below) if violated else (most, least),
        bounds=together,
        needed=needed,
    )


def _value(own: Sums) -> float:
    value = own.value
    return math.nan if value is None else value
