"""By how much a slice loses more than everyone, at least and at most, from sums over independent rows or clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product

_FEWEST, _LEAST_WORTH = 5, 3


def lowest(own: Mapping[str, float], alpha: float, *, exact: bool, upper: bool = False) -> float:
    """Return a lower bound of the excess; or, `upper`, the negative of an upper one.

    Parameters
    ----------
    own : mapping
        What `semantics.items.sums` returns of a slice.
    exact : bool
        Whether rows are independent, count 1 each, and lose 0 or 1.
    """
    if own["b"] <= 0:
        return -math.inf
    return _of_rates(own, alpha, upper=upper) if exact else _of_ratios(own, alpha, upper=upper)


def _of_rates(own: Mapping[str, float], alpha: float, *, upper: bool) -> float:
    from scipy.special import bdtr

    hits, n, rest_hits, rest = (round(x) for x in (own["a"], own["b"], own["A"] - own["a"], own["B"] - own["b"]))
    if rest <= 0:
        return 0.0
    if upper:  # an upper bound of the excess of losses is a lower one of the excess of what is not lost
        hits, rest_hits = n - hits, rest - rest_hits
    # P(X >= hits) = level, and P(X <= rest_hits) = level, by bisection on the binomial's own tail.
    low = _where(lambda p: bdtr(n - hits, n, 1 - p), alpha * 0.9, 0, 1) if hits else 0.0
    high = 1 - _where(lambda q: bdtr(rest_hits, rest, 1 - q), alpha * 0.1, 0, 1) if rest_hits < rest else 1.0
    return float((low - high) * rest / own["B"])


def _of_ratios(own: Mapping[str, float], alpha: float, *, upper: bool) -> float:
    from scipy.special import stdtrit

    inside, many = own["b"] * own["b"] / own["bb"], own["all"]  # clusters of equal size that those of the slice are worth
    if own["clusters"] < _FEWEST or inside < _LEAST_WORTH or many < 2:
        return -math.inf
    sign = -1.0 if upper else 1.0
    rate, mean = own["a"] / own["b"], own["A"] / own["B"]
    # sum over clusters of powers of sign (u - v) and sign v, with u = (a - rate b) / sum(b), v = (A - mean B) / sum(B)
    u, v = {"a": sign / own["b"], "b": -sign * rate / own["b"]}, {"A": sign / own["B"], "B": -sign * mean / own["B"]}
    both = u | {name: -part for name, part in v.items()}
    square, everyone = _power(both, own, 2), _power(v, own, 2)
    error = square * inside / (inside - 1)
    error = max(error, (error * (inside - 1) + everyone * many / inside) / inside) * many / (many - 1)
    if error <= 0:
        return -math.inf
    # The lower bound is short of the truth where the long tail is below it: the skewness of these, or of everyone.
    skews = [0.0]
    if square > 0:
        skews.append(_power(both, own, 3) / square**1.5 * math.sqrt(inside * (inside - 1)) / (inside - 2))
    if everyone > 0:
        skews.append(_power(v, own, 3) / everyone**1.5 * math.sqrt(many / inside))
    skew, far = min(skews), float(-stdtrit(inside - 1, alpha))
    wide = _where(lambda x: x + skew * x * x / 3 + skew * skew * x**3 / 27 + skew / 6, far, -1e6, 1e6) if skew < -1e-9 else far
    return sign * (rate - mean) - max(far, wide) * math.sqrt(error)


def _power(weight: Mapping[str, float], own: Mapping[str, float], order: int) -> float:
    """Return the sum over clusters of a power of a weighted sum of their parts."""
    total = 0.0
    for names in product(weight, repeat=order):
        total += math.prod(weight[name] for name in names) * own["".join(sorted(names, key="abAB".index))]
    return total if order % 2 else max(0.0, total)


def _where(rises: Callable[[float], float], level: float, low: float, high: float) -> float:
    """Return where what rises reaches a level, from below."""
    for _ in range(120):
        middle = (low + high) / 2
        low, high = (middle, high) if rises(middle) <= level else (low, middle)
    return low
