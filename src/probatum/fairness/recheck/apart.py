"""Are rates so far apart, for these counts? By trying every pair of rates that are not, interval by interval.

Two rates c and u contradict the counts if the one sample's hits are too many for u, or the other's too few for c, or
both together are too unlikely. What is claimed is that every pair of rates that are less far apart does so. Within
an interval of c the weakest case is the lowest c with the highest u; an interval that passes in its weakest case is done,
and another is divided. No bound is computed here, and no quantile inverted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincc, ndtr, ndtri

_ROUNDS, _PARTS = 16, 8
_MOST, _MOST_PER_PAIR = 30_000, 64  # intervals of one round; where a claim follows, far fewer are left
_SLACK = 1e-9  # what floating point may lose, relative

Floats = NDArray[np.float64]


def too_likely(levels: Mapping[str, float | None], groups: int, *, independent: bool) -> float:
    """Return the probability of error of comparing all groups with each other at these critical values, from above.

    Of all pairs it is that of the range of independent normals (Hayter 1984 for samples of unequal size), or the sum of
    all pairs' own; of comparisons with all others, and of samples alone, the sum.
    """
    pairs, others, alone = _critical(levels)
    if independent:
        error = _range_beyond(groups, math.sqrt(2) * pairs)
    else:
        error = groups * (groups - 1) * float(ndtr(-pairs))
        if others < math.inf:
            return 1.0  # what dependent groups have together is no binomial
    samples = 2 * groups if others < math.inf else groups
    return error + 2 * groups * float(ndtr(-others)) + 2 * samples * float(ndtr(-alone))


def too_likely_for_a_pair(levels: Mapping[str, float | None]) -> float:
    """Return the probability of error of one claim about two groups, from above."""
    pairs, _, alone = _critical(levels)
    return float(ndtr(-pairs)) + 2 * float(ndtr(-alone))


def _critical(levels: Mapping[str, float | None]) -> tuple[float, float, float]:
    pairs, others, alone = (
        math.inf if levels[name] is None else float(levels[name] or 0.0) for name in ("pairs", "others", "alone")
    )
    return pairs, others, alone


def _range_beyond(groups: int, q: float) -> float:
    """P(range of independent standard normals > q): Simpson's rule on the distribution of the largest."""
    if q == math.inf:
        return 0.0
    z = np.linspace(-9.0, 9.0, 4001)
    below = np.maximum(ndtr(z) - ndtr(z - q), 0.0)  # another one is below z, and not by more than q
    density = groups * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    # Of the largest at z: that not all others are within q.
    values = density * (ndtr(z) ** (groups - 1) - below ** (groups - 1))
    weights = np.ones(len(z))
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return float((z[1] - z[0]) / 3 * np.sum(weights * values)) + 1e-15


def apart(more: Floats, less: Floats, by: float, *, ratio: bool, levels: Mapping[str, float | None], key: str) -> bool:
    """Say whether for each pair of samples the counts contradict rates that are less far apart.

    Parameters
    ----------
    more, less : arrays of shape (pairs, 4)
        Hits, trials, and hits and misses besides that may belong to the sample.
    by : float
        The difference of the rate of `more` less that of `less`; or the quotient, if `ratio`.
    key : str
        Which critical value pairs are held against: `pairs` or `others`.
    """
    z = math.inf if levels[key] is None else float(levels[key] or 0.0)
    alone = float(levels["alone"] or 0.0)
    edges = np.linspace(0.0, 1.0, 33)
    pair = np.repeat(np.arange(len(more)), 32)
    low, high = np.tile(edges[:-1], len(more)), np.tile(edges[1:], len(more))
    for _ in range(_ROUNDS):
        failing = ~_contradicted(more[pair], less[pair], low, high, by, ratio=ratio, z=z, alone=alone)
        pair, low, high = pair[failing], low[failing], high[failing]
        if not len(pair):
            return True
        if len(pair) * _PARTS > _MOST + _MOST_PER_PAIR * len(more):
            return False
        part = (high - low)[:, None] / _PARTS * np.arange(_PARTS + 1)
        low, high = (low[:, None] + part[:, :-1]).ravel(), (low[:, None] + part[:, 1:]).ravel()
        pair = np.repeat(pair, _PARTS)
    return False


def _contradicted(
    more: Floats, less: Floats, low: Floats, high: Floats, by: float, *, ratio: bool, z: float, alone: float
) -> NDArray[np.bool_]:
    u = high * by if ratio else high + by
    x1, n1, _, misses = more.T
    x2, n2, extra, _ = less.T
    up = _unlikely(x1, n1 + misses, np.clip(u, 0.0, 1.0))
    down = _unlikely(n2 - x2, n2 + extra, 1 - low)
    w1, w2 = 1 / np.sqrt(n1), 1 / np.sqrt(n2)
    with np.errstate(invalid="ignore"):
        together = (w1 * up + w2 * down) / np.sqrt(w1 * w1 + w2 * w2) >= z * (1 - _SLACK)
    limit = alone * (1 - _SLACK)
    return np.asarray((u < 0) | (up >= limit) | (down >= limit) | together, dtype=np.bool_)


def _unlikely(hits: Floats, trials: Floats, rate: Floats) -> Floats:
    """Return on the normal scale how unlikely at least so many hits are at a rate; for whole numbers, of a binomial."""
    some = np.maximum(hits, 1e-300)
    likely, unlikely = betainc(some, trials - hits + 1, rate), betaincc(some, trials - hits + 1, rate)
    found = np.where(likely < 0.5, -ndtri(likely), ndtri(unlikely))  # from the tail that is the smaller
    return np.where(hits > 0, found, -np.inf)


def within(samples: Floats, by: float, *, ratio: bool, levels: Mapping[str, float | None]) -> bool:
    """Say whether the counts contradict that any two of many rates are further apart, where only samples alone are tested."""
    alone = float(levels["alone"] or 0.0)
    hits, trials, extra, misses = samples.T
    # The highest rate that is not contradicted from above, and the lowest from below, by bisection on the tails.
    highest = 1 - _bisected(trials - hits, trials + extra, alone)
    lowest = _bisected(hits, trials + misses, alone)
    order_high, order_low = np.argsort(-highest)[:2], np.argsort(lowest)[:2]
    gaps = [(highest[a], lowest[b]) for a in order_high for b in order_low if a != b]
    if ratio:
        return all(b >= by * a * (1 - 1e-6) - 1e-9 for a, b in gaps)
    return all(a - b <= by + 1e-9 for a, b in gaps)


def _bisected(hits: Floats, trials: Floats, alone: float) -> Floats:
    low, high = np.zeros(len(hits)), np.ones(len(hits))
    for _ in range(50):
        middle = (low + high) / 2
        contradicted = _unlikely(hits, trials, middle) >= alone
        low, high = np.where(contradicted, middle, low), np.where(contradicted, high, middle)
    return low


def table(rows: Sequence[Sequence[Any]]) -> Floats:
    """Return samples as an array of shape (samples, 4)."""
    return np.array([[float(v) for v in row] for row in rows], dtype=float).reshape(-1, 4)
