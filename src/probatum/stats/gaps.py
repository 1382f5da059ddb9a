"""How far apart rates of groups are at least, and at most: bounds for all groups at once, exact for counts.

Everything rests on one remark. Let a group have n trials and x hits, and let its rate be somewhere between c and u.
The probability of as many hits at rate u, and of as few at rate c, are p-values of two tests; put on the scale of the
normal distribution they are ``up`` and ``down``. There is a standard normal Y (made from x and a coin that breaks ties)
with ``up <= Y`` and ``down <= -Y``, whatever the rate, however few the trials. So any statistic that grows with the ups
and downs of independent groups is at most the same statistic of independent standard normals, whose distribution is
known: nothing is approximated, and nothing is estimated to find a critical value.

For two groups the statistic is their weighted sum, with weights one by the root of trials, which for large groups is the
test of the difference of two rates. For all pairs of many groups its distribution is that of Tukey's range (with unequal
weights it is at most that: Hayter). A group is also compared with all others together: if every rate is at least c, then
they have no fewer hits than one binomial at rate c, so few hits show that one of them is below; with many small groups
this says far more than any of them alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv, ndtr, ndtri

Floats: TypeAlias = NDArray[np.float64]

OTHERS = -1  # in place of a group: all groups but the one it is compared with

# Shares of the probability of error, fixed before any data: of tests of one sample alone, which limit where the rates
# are looked for, and of comparisons of one group with all others. Pairs have the rest.
ALONE = 0.02
WITH_OTHERS = 0.7

_NODES = 400  # of the integral for the range of normals: four times as many change its quantile by less than 1e-12
_STEPS = 192  # corners by which the edge of what is not rejected is followed; more are sharper, any number is valid
_FEW = 24
_GRID = 0.2  # distance of places at which quantiles of each group are computed, to tell which pairs matter
_ALL_PAIRS = 128  # groups up to which every pair is looked at for what rates differ by at most
_ALL_RANKED = 400  # groups up to which every pair is ranked for what rates differ by at least
_HOPELESS = 0.6  # share of a critical value that the best candidate must come to by the normal approximation
_TRIED = 12  # candidates that are computed, of those that look best
_OUTWARD = 1e-9  # rounding of quantiles, relative


@dataclass(frozen=True, slots=True)
class Levels:
    """Critical values, on the normal scale.

    Attributes
    ----------
    pairs : float
        For weighted sums of two groups.
    others : float
        For weighted sums of a group and all others together; infinite where there are but two groups.
    alone : float
        For tests of one group, or of all but one, alone.
    """

    pairs: float
    others: float
    alone: float


@dataclass(frozen=True, slots=True)
class Sample:
    """Counts of several groups: arrays of shape (groups,).

    Attributes
    ----------
    hits, trials : array
        0 <= hits <= trials, trials > 0; of independent binomials. Not only whole numbers: effective counts of weighted
        samples do as well, and then bounds are as valid as these are.
    extra, misses : array
        Hits and misses that may belong to the group or not, besides.
    """

    hits: Floats
    trials: Floats
    extra: Floats
    misses: Floats

    @staticmethod
    def of(counts: Iterable[tuple[float, float]], unknown: Iterable[tuple[float, float]] | None = None) -> Sample:
        """Return counts from pairs (hits, trials), and pairs (hits, misses) of what may belong to each."""
        table = np.array(list(counts), dtype=float).reshape(-1, 2)
        more = np.zeros_like(table) if unknown is None else np.array(list(unknown), dtype=float).reshape(-1, 2)
        return Sample(table[:, 0], table[:, 1], more[:, 0], more[:, 1])

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, which: NDArray[np.int64]) -> Sample:
        return Sample(self.hits[which], self.trials[which], self.extra[which], self.misses[which])

    def others(self) -> Sample:
        """Return for each group all others together; what may belong to any of them is counted once, where it is most."""
        alone = len(self) == 1
        extra, misses = (np.full(len(self), 0.0 if alone else v.max()) for v in (self.extra, self.misses))
        return Sample(self.hits.sum() - self.hits, self.trials.sum() - self.trials, extra, misses)


@dataclass(frozen=True, slots=True)
class Apart:
    """A bound of how far two rates are apart, and which.

    Attributes
    ----------
    value : float
        Of the difference, the one rate less the other; or of the quotient, the smaller by the larger.
    more, less : int
        Places of the groups; `OTHERS` for all but the one it is compared with.
    """

    value: float
    more: int
    less: int


@lru_cache(maxsize=256)
def levels(groups: int, alpha: float, *, independent: bool = True) -> Levels:
    """Return the critical values for comparing all groups with each other, with probability of error `alpha` for all.

    Groups that are not independent are compared in pairs only, and their probabilities of error are added up.

    Raises
    ------
    ValueError
        If there are fewer than two groups, or alpha is no probability of error.
    """
    if groups < 2 or not 0 < alpha < 1:
        raise ValueError(f"{groups} groups cannot be compared at level {alpha:g}")
    if not independent:
        each = (1 - ALONE) * alpha / (groups * (groups - 1))
        return Levels(pairs=_normal(each), others=math.inf, alone=_normal(ALONE * alpha / (2 * groups)))
    others = WITH_OTHERS if groups > 2 else 0.0
    samples = groups if groups == 2 else 2 * groups  # each group, and each group's others; each up and down
    return Levels(
        pairs=range_quantile(groups, (1 - ALONE - others) * alpha) / math.sqrt(2),
        others=_normal(others * alpha / (2 * groups)) if others else math.inf,
        alone=_normal(ALONE * alpha / (2 * samples)),
    )


def pair_levels(alpha: float, groups: int = 2) -> Levels:
    """Return the critical values for one claim about two groups, in one direction; of many groups only samples alone."""
    if groups > _ALL_PAIRS:
        return Levels(pairs=math.inf, others=math.inf, alone=_normal(alpha / 2))
    return Levels(pairs=_normal((1 - 2 * ALONE) * alpha), others=math.inf, alone=_normal(ALONE * alpha))


def range_quantile(groups: int, alpha: float) -> float:
    """Return the number that the range of so many independent standard normals exceeds with probability `alpha`.

    Notes
    -----
    ``P(range > q) = k * integral of phi(z) (Phi(z)**(k - 1) - (Phi(z) - Phi(z - q))**(k - 1))``, whose integrand loses no
    digits where it is small; by the trapezoidal rule, whose error falls exponentially for what is analytic and vanishes at
    both ends; and bisection.
    """

    def beyond(q: float) -> float:
        z, step = np.linspace(-9.0, 9.0 + q, _NODES, retstep=True)
        below = ndtr(z)
        share = np.minimum(ndtr(z - q) / below, 1 - 2**-53)
        largest = math.log(groups) - z * z / 2 - math.log(2 * math.pi) / 2 + (groups - 1) * np.log(below)
        return float(-step * (np.exp(largest) * np.expm1((groups - 1) * np.log1p(-share))).sum())

    low, high = 0.0, 2 * _normal(alpha / (2 * groups))
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle) > alpha else (low, middle)
    return high


def separation(more: Sample, less: Sample, z: float, alone: float, *, ratio: bool = False, steps: int = _STEPS) -> Floats:
    """Return a lower bound of the difference of two rates, or of their quotient, for each of several pairs of samples.

    Parameters
    ----------
    more, less : Sample
        That whose rate is the minuend and the dividend, and the other.
    z : float
        Critical value of the weighted sum.
    alone : float
        Critical value of each sample's own test.

    Returns
    -------
    array of shape (pairs,)
        The difference in [-1, 1], or the quotient from 0.

    Notes
    -----
    Rates (c, u) are not rejected if ``w1 up(u) + w2 down(c) < z`` and neither ``up(u)`` nor ``down(c)`` reaches `alone`.
    As ups fall with u and downs with falling c, the edge of that set is a falling curve, and the set lies above the
    corners of any steps along it: the least of their differences is a bound for any number of steps.
    """
    up, down = _corners(more.trials, less.trials, z, alone, steps)
    # Of rows that may belong to any group, the worst is that those of the one miss, and those of the other hit. The
    # weights stay those of the rows that are known, so that ups and downs can only become less.
    u = lowest_rate(more.hits[:, None], (more.trials + more.misses)[:, None], up)
    c = highest_rate((less.hits + less.extra)[:, None], (less.trials + less.extra)[:, None], down)
    return np.asarray((u / c if ratio else u - c).min(axis=1))  # c is never 0: no count contradicts every rate above it


def _corners(n1: Floats, n2: Floats, z: float, alone: float, steps: int) -> tuple[Floats, Floats]:
    """Return ups and downs, arrays of shape (pairs, steps), below which rates are not rejected, along the edge."""
    scale = np.sqrt(1 / n1 + 1 / n2)
    w1, w2 = (1 / np.sqrt(n1) / scale)[:, None], (1 / np.sqrt(n2) / scale)[:, None]
    # Along the edge, up = w1 z + w2 s and down = w2 z - w1 s; s from where the one reaches `alone` to where the other does.
    last = (alone - w1 * z) / w2
    first = np.minimum((w2 * z - alone) / w1, last)
    at = first + (last - first) * np.linspace(0.0, 1.0, steps + 1)  # (pairs, steps + 1)
    return np.minimum(w1 * z + w2 * at[:, 1:], alone), np.minimum(w2 * z - w1 * at[:, :-1], alone)


def lowest_rate(hits: Floats, trials: Floats, z: Floats | float) -> Floats:
    """Return the rate at which as many hits have the probability that `z` has on the normal scale; 0 without hits."""
    found = _quantile(np.maximum(hits, 1e-300), trials - hits + 1, z)
    return np.where(hits > 0, np.maximum(found, 0.0) * (1 - _OUTWARD), 0.0)


def highest_rate(hits: Floats, trials: Floats, z: Floats | float) -> Floats:
    """Return the rate at which as few hits have the probability that `z` has on the normal scale; 1 with nothing but hits."""
    misses = trials - hits
    found = _quantile(hits + 1, np.maximum(misses, 1e-300), -np.asarray(z))
    return np.where(misses > 0, np.minimum(1.0, found * (1 + _OUTWARD)), 1.0)


def _quantile(a: Floats, b: Floats, z: Floats | float) -> Floats:
    """Return the quantile of a beta distribution that a standard normal exceeds `z` with, from the tail that is the smaller."""
    a, b, z = np.broadcast_arrays(a, b, z)
    found = np.empty(z.shape)
    right = z > 0
    found[right] = betaincinv(a[right], b[right], ndtr(-z[right]))
    found[~right] = betainccinv(a[~right], b[~right], ndtr(z[~right]))
    return found


def at_least(sample: Sample, alpha: float, *, ratio: bool = False, independent: bool = True) -> Apart:
    """Return how far apart some two rates are at least.

    Parameters
    ----------
    sample : Sample
        Of at least two groups.
    alpha : float in (0, 1)
        Probability, over samples, that the largest difference is below the bound; or the smallest quotient above it.
    ratio : bool
        Whether the bound is of the quotient, of the smaller rate by the larger; else of the difference.
    independent : bool
        Whether groups are independent of each other.

    Returns
    -------
    Apart
        The difference, at least 0, or the quotient, at most 1; where it is that, nothing is established.

    Notes
    -----
    Of the candidates, those are computed that a normal approximation ranks first; all are paid for in `levels`, so
    that the choice does no harm. O(groups), with groups**2 simple operations up to 400 groups.
    """
    count = len(sample)
    level = levels(count, alpha, independent=independent)
    groups = np.arange(count)
    some = groups if count <= _ALL_RANKED else _extremes(sample, level.pairs)
    a, b = _ordered(some)
    candidates = [(a, b, sample[a], sample[b], level.pairs)]
    if level.others < math.inf:
        rest = sample.others()
        nobody = np.full(count, OTHERS)
        candidates += [(groups, nobody, sample, rest, level.others), (nobody, groups, rest, sample, level.others)]
    best = Apart(1.0 if ratio else 0.0, 0, 1)
    for high, low, more, less, z in candidates:
        rough = _rough(more, less, z, ratio=ratio)
        if (_rough(more, less, _HOPELESS * z, ratio=ratio) < 0).all():
            continue
        chosen = np.argsort(-rough, kind="stable")[:_TRIED]
        at = int(np.argmax(separation(more[chosen], less[chosen], z, level.alone, ratio=ratio, steps=_FEW)))
        winner = chosen[at : at + 1]
        value = float(separation(more[winner], less[winner], z, level.alone, ratio=ratio)[0])
        if ratio:
            value = 1 / value if value > 0 else 1.0
        if value < best.value if ratio else value > best.value:
            best = Apart(value, int(high[chosen[at]]), int(low[chosen[at]]))
    return best


def at_most(sample: Sample, alpha: float, *, ratio: bool = False) -> Apart:
    """Return how far apart any two rates are at most.

    Parameters and result are those of `at_least`. Each pair's claim is tested at level `alpha`; that all of them are
    rejected errs no more often than one of them (intersection-union), so their number costs nothing, and whether groups
    are independent matters only within a pair. With more than 128 groups each pair's test is that of two bounds, each at
    half of `alpha`, which is quicker and less sharp.
    """
    count = len(sample)
    level = pair_levels(alpha, count)
    if count > _ALL_PAIRS:
        highs = highest_rate(sample.hits + sample.extra, sample.trials + sample.extra, level.alone)
        lows = lowest_rate(sample.hits, sample.trials + sample.misses, level.alone)
        both = [(high, low) for high in _two(-highs) for low in _two(lows) if high != low]
        if ratio:
            high, low = min(both, key=lambda pair: lows[pair[1]] / highs[pair[0]])
            return Apart(min(1.0, float(lows[low] / highs[high])), high, low)
        high, low = max(both, key=lambda pair: highs[pair[0]] - lows[pair[1]])
        return Apart(float(highs[high] - lows[low]), high, low)
    a, b = _ordered(np.arange(count))

    def bounds(which: NDArray[np.int64], steps: int) -> Floats:
        # The larger, the further apart may the rate of `a` be above that of `b`.
        return -separation(sample[b[which]], sample[a[which]], level.pairs, level.alone, ratio=ratio, steps=steps)

    rough = -_rough(sample[b], sample[a], level.pairs, ratio=ratio)
    where, value = _largest(bounds, rough, _wide(sample, (a, b), level, ratio=ratio))
    return Apart(min(1.0, -value) if ratio else value, int(a[where]), int(b[where]))


def trials_needed(
    more: float, less: float, decides: Callable[[float], bool], alpha: float, *, ratio: bool = False, groups: int = 0
) -> int:
    """Return after how many trials in each of two groups, with these rates, a bound decides; 0 if a billion would not do.

    Parameters
    ----------
    more, less : float
        The rates that were seen.
    decides : callable
        Whether a bound does.
    groups : int
        How many are compared with each other, for how far apart they are at least; 0 for how far apart they are at most.
    """
    level = levels(groups, alpha) if groups else pair_levels(alpha)

    def enough(n: int) -> bool:
        high, low = Sample.of([(round(more * n), n)]), Sample.of([(round(less * n), n)])
        first, second = (high, low) if groups else (low, high)
        bound = float(separation(first, second, level.pairs, level.alone, ratio=ratio, steps=_FEW)[0])
        if ratio:
            return decides(bound if not groups else 1 / bound if bound > 0 else 1.0)
        return decides(bound if groups else -bound)

    above = 1
    while not enough(above):
        above *= 2
        if above > 10**9:
            return 0
    below = above // 2
    while above - below > max(1, below // 200):
        middle = (above + below) // 2
        below, above = (below, middle) if enough(middle) else (middle, above)
    return above


def _largest(bounds: Callable[[NDArray[np.int64], int], Floats], rough: Floats, wide: Floats) -> tuple[int, float]:
    """Return where the largest of many bounds is, and its value, by computing few of them sharply.

    `rough` ranks them; `wide` are bounds that are valid, and larger. So are those with few steps: only where they reach
    beyond the largest sharp one is a sharper one needed.
    """
    first = np.argsort(-rough, kind="stable")[:_TRIED]
    best = first[np.argmax(bounds(first, _FEW))]
    value = float(bounds(np.array([best]), _STEPS)[0])
    left = np.flatnonzero(wide > value)
    left = left[left != best]
    if len(left):
        left = left[bounds(left, _FEW) > value]
    if len(left):
        sharp = bounds(left, _STEPS)
        if sharp.max() > value:
            best, value = left[np.argmax(sharp)], float(sharp.max())
    return int(best), value


def _wide(sample: Sample, pairs: tuple[NDArray[np.int64], NDArray[np.int64]], level: Levels, *, ratio: bool) -> Floats:
    """Return bounds as `separation` does, from quantiles of each group at some places only, rounded to the safe side."""
    places: Floats = level.alone - _GRID * np.arange(round((level.alone + 4) / _GRID), -1, -1, dtype=np.float64)
    lows = lowest_rate(sample.hits[:, None], (sample.trials + sample.misses)[:, None], places)
    highs = highest_rate((sample.hits + sample.extra)[:, None], (sample.trials + sample.extra)[:, None], places)
    a, b = pairs
    up, down = (
        np.clip(np.ceil((corner - places[0]) / _GRID - 1e-9), 0, len(places) - 1).astype(np.intp)
        for corner in _corners(sample.trials[b], sample.trials[a], level.pairs, level.alone, _FEW)
    )
    u, c = lows[b[:, None], up], highs[a[:, None], down]
    return np.asarray(-(u / c if ratio else u - c).min(axis=1))


def _rough(more: Sample, less: Sample, z: float, *, ratio: bool) -> Floats:
    """Return about what `separation` does, to rank candidates."""
    n1, n2 = more.trials + more.misses, less.trials + less.extra
    p1, p2 = (more.hits + 1) / (n1 + 2), (less.hits + less.extra + 1) / (n2 + 2)
    if ratio:
        return np.asarray(np.log(p1 / p2) - z * np.sqrt((1 - p1) / (n1 * p1) + (1 - p2) / (n2 * p2)))
    return np.asarray(p1 - p2 - z * np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2))


def _ordered(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all ordered pairs of groups."""
    a, b = (grid.ravel() for grid in np.meshgrid(groups, groups, indexing="ij"))
    return a[a != b], b[a != b]


def _extremes(sample: Sample, z: float) -> NDArray[np.int64]:
    """Return the groups that look highest and lowest, allowing for chance."""
    p = (sample.hits + 1) / (sample.trials + 2)
    reach = z / math.sqrt(2) * np.sqrt(p * (1 - p) / sample.trials)
    return np.union1d(np.argsort(reach - p, kind="stable")[:100], np.argsort(p + reach, kind="stable")[:100])


def _two(values: Floats) -> list[int]:
    return [int(n) for n in np.argsort(values, kind="stable")[:2]]


def _normal(alpha: float) -> float:
    """Return the number that a standard normal exceeds with probability `alpha`."""
    return -float(ndtri(alpha))
