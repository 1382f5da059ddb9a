"""Tails of the binomial distribution, exact to near machine precision for any number of trials.

Terms are computed by saddle-point expansion (Loader, "Fast and accurate computation of binomial probabilities", 2000) and summed
from the largest, away from the mean, so that nothing cancels.
"""

from __future__ import annotations

import math


def at_least(k: int, n: int, p: float) -> float:
    """P(X >= k) for X binomial, exact where p <= k / n: then terms fall from k on, and few of them matter."""
    if p <= 0:
        return 0.0 if k > 0 else 1.0
    if p >= 1:
        return 1.0
    odds = p / (1 - p)
    term, total, at = 1.0, 1.0, k
    while at < n:
        term *= (n - at) / (at + 1) * odds
        total += term
        at += 1
        if term < total * 1e-17:
            break
    return math.exp(_log_probability(k, n, p)) * total


def at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial with n trials of probability p.

    Examples
    --------
    >>> round(at_most(4, 10_000, 0.001), 4)
    0.0292
    """
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if k <= n * p:
        return at_least(n - k, n, 1 - p)  # the mirror image: failures instead of successes
    return 1 - at_least(k + 1, n, p)


def _log_probability(k: int, n: int, p: float) -> float:
    """Logarithm of P(X = k), to near machine precision also for large n, where a difference of log-gammas is not."""
    if k == 0:
        return n * math.log1p(-p)
    if k == n:
        return n * math.log(p)
    q = 1 - p
    main = _stirling_error(n) - _stirling_error(k) - _stirling_error(n - k) - _deviance(k, n * p) - _deviance(n - k, n * q)
    return main + 0.5 * math.log(n / (2 * math.pi * k * (n - k)))


def _stirling_error(n: int) -> float:
    """Return ln(n!) minus Stirling's formula."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = float(n) * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188) / square) / square) / square) / square) / n


def _deviance(x: float, mean: float) -> float:
    """Return x ln(x / mean) + mean - x, without cancellation where x is near the mean."""
    if abs(x - mean) < 0.1 * (x + mean):
        ratio = (x - mean) / (x + mean)
        total, term, odd = (x - mean) * ratio, 2 * x * ratio, 1
        while True:
            term *= ratio * ratio
            odd += 2
            following = total + term / odd
            if following == total:
                return total
            total = following
    return x * math.log(x / mean) + mean - x
