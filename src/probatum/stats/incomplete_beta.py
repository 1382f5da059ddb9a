"""The incomplete beta function, for those who check bounds: by its continued fraction, where those who find them sum terms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def whole(counts: Mapping[str, Any], name: str) -> int:
    """Return a count, which must be a whole number.

    Raises
    ------
    TypeError
        If it is not.
    """
    value = counts[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"`{name}` must be a whole number")
    return value


def beta_tail(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function: P(at least a of a + b - 1 trials succeed) at probability x."""
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Continued fraction of the incomplete beta function, evaluated forwards by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            return value
    raise ValueError("the incomplete beta function did not converge")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > 1e-300 else 1e-300
