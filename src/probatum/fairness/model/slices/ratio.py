"""Bounds of a ratio of sums over clusters, that hold where there are few of them and their losses are skewed.

Student's bounds of a mean of skewed values fail on the side of the long tail: a
sample without a rare large loss looks sure of itself. Two things that a slice of
few clusters cannot know are therefore taken from all clusters: how skewed losses
are, and, in the weight of one cluster more, how much they vary. Both only widen
what Student's bounds say.

References
----------
.. [1] Hall. "On the removal of skewness by transformation." JRSS B 54 (1992).
.. [2] Kish. "Survey Sampling." 1965. Clusters of equal size that unequal ones are worth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PARTS = "abAB"  # loss and count of the slice, and of everyone, in a cluster
FEWEST = 5  # clusters with a part in the slice, below which nothing is said
LEAST_WORTH = 3.0  # clusters of equal size that they are worth, at least
_BORROWED = 1.0  # clusters' weight of everyone's variance


@dataclass(frozen=True, slots=True)
class Spread:
    """How an excess varies from sample to sample.

    Attributes
    ----------
    error : float
        Standard error; inf where it is not known.
    freedom : float
        Degrees of freedom of Student's distribution; 0 where nothing is known.
    up, down : float
        Skewness of the excess, as far as it is above 0 and below: what widens the upper and the lower bound.
    """

    error: float
    freedom: float
    up: float
    down: float


NOTHING = Spread(math.inf, 0.0, 0.0, 0.0)


def products(parts: NDArray[np.float64]) -> dict[str, float]:
    """Return the sums over clusters of products of two and of three parts, by name.

    Parameters
    ----------
    parts : array of shape (4, n_clusters)
        The rows are `a`, `b`, `A`, `B`.
    """
    import numpy as np

    second = parts @ parts.T
    pairs = list(combinations_with_replacement(range(4), 2))
    third = np.stack([parts[i] * parts[j] for i, j in pairs]) @ parts.T
    found = {_PARTS[i] + _PARTS[j]: float(second[i, j]) for i, j in pairs}
    for (i, j), row in zip(pairs, third, strict=True):
        found |= {_PARTS[i] + _PARTS[j] + _PARTS[k]: float(row[k]) for k in range(j, 4)}
    return found


def spread(sums: Mapping[str, float], moments: Mapping[str, float], *, clusters: int, every: int) -> Spread:
    """Return how the slice's ratio less everyone's varies.

    Parameters
    ----------
    sums : mapping
        Of `a`, `b`, `A`, `B`.
    moments : mapping
        What `products` returns.
    clusters, every : int
        With a part in the slice, and all.

    Notes
    -----
    The excess moves by ``(a - r b) / sum(b) - (A - R B) / sum(B)`` with each cluster; the variance and the skewness of
    their sum are its second and third moment. The third moment of few clusters is too small by what the mean that was
    fitted to them takes away, and is corrected for that.
    """
    worth = sums["b"] ** 2 / moments["bb"] if sums["b"] > 0 else 0.0
    if clusters < FEWEST or worth < LEAST_WORTH or every < 2:
        return NOTHING
    own = {"a": 1 / sums["b"], "b": -sums["a"] / sums["b"] ** 2, "A": -1 / sums["B"], "B": sums["A"] / sums["B"] ** 2}
    whole = {"a": 0.0, "b": 0.0, "A": 1 / sums["B"], "B": -sums["A"] / sums["B"] ** 2}
    inside, outside = _moment(own, moments, 2), _moment(whole, moments, 2)
    many = every / (every - 1)
    seen = inside * many * worth / (worth - 1)
    # What everyone's clusters say of a mean of so few.
    borrowed = outside * many * every / worth
    square = max(seen, ((worth - 1) * seen + _BORROWED * borrowed) / (worth - 1 + _BORROWED))
    skews = [0.0]
    if inside > 0:
        skews.append(_moment(own, moments, 3) / inside**1.5 * math.sqrt(worth * (worth - 1)) / (worth - 2))
    if outside > 0:
        skews.append(_moment(whole, moments, 3) / outside**1.5 * math.sqrt(every / worth))
    return Spread(math.sqrt(square), worth - 1, max(skews), min(skews))


def _moment(weight: Mapping[str, float], moments: Mapping[str, float], order: int) -> float:
    """Return the sum over clusters of a power of a linear function of their parts; never below 0 where it is even."""
    total = 0.0
    for names in combinations_with_replacement(_PARTS, order):
        times = math.factorial(order) // math.prod(math.factorial(names.count(name)) for name in set(names))
        total += times * math.prod(weight[name] for name in names) * moments["".join(names)]
    return max(0.0, total) if order % 2 == 0 else total


def low(excess: float, own: Spread, alpha: float) -> float:
    """Return a lower bound at level alpha; -inf where there is none."""
    from scipy.special import stdtrit

    if not own.freedom or own.error <= 0:
        return -math.inf
    far = -float(stdtrit(own.freedom, alpha))
    return excess - own.error * max(_untransformed(far, own.down), far)


def high(excess: float, own: Spread, alpha: float) -> float:
    """Return an upper bound at level alpha; inf where there is none."""
    return -low(-excess, Spread(own.error, own.freedom, -own.down, -own.up), alpha)


def p_value(excess: float, own: Spread, limit: float) -> float:
    """Return the smallest level at which the lower bound is above a limit; 1 where there is none."""
    from scipy.special import stdtr

    if not own.freedom or own.error <= 0:
        return 1.0
    far = (excess - limit) / own.error
    a = own.down
    return float(stdtr(own.freedom, -min(far, far + a / 6 + a * far**2 / 3 + a**2 * far**3 / 27)))


def _untransformed(far: float, skewness: float) -> float:
    """Return the studentised value that Hall's transformation brings to another."""
    if abs(skewness) < 1e-9:
        return far
    return 3 / skewness * (math.cbrt(1 + skewness * (far - skewness / 6)) - 1)
