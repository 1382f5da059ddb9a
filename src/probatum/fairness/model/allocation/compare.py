"""How far a given allocation is below the best: what an auditor says of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from probatum.fairness.artefacts.requirements.allocation import Demands


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What is less than it could be: the utility of the `rank`-th worst off (from 1), or of everyone (0)."""

    rank: int
    have: float
    could: float


def shortfall(
    given: Sequence[Fraction], best: Sequence[Fraction], weights: Sequence[Fraction], demands: Demands, tolerance: Fraction
) -> Shortfall | None:
    """Return how far utilities are below the best ones, or None if that is within the tolerance.

    Leximin compares the worst off with the worst off, the next with the next. Other welfares are
    compared by the utility which, if everyone had it, would be as much welfare.
    """
    keep = 1 - tolerance
    if demands.welfare == "leximin":
        ours, theirs = (sorted(u / w for u, w in zip(own, weights, strict=True)) for own in (given, best))
        for rank, (a, b) in enumerate(zip(ours, theirs, strict=True), start=1):
            if a < keep * b:
                return Shortfall(rank, float(a), float(b))
        return None
    have, could = (equal_level([float(u) for u in own], weights, float(demands.alpha)) for own in (given, best))
    return Shortfall(0, have, could) if have < float(keep) * could * (1 - 1e-9) else None


def equal_level(utilities: Sequence[float], weights: Sequence[Fraction], alpha: float) -> float:
    """Return the utility which, if everyone had it, would be as much alpha-fair welfare [1]_.

    References
    ----------
    .. [1] Atkinson. "On the Measurement of Inequality." J. Economic Theory 2 (1970).

    Examples
    --------
    >>> equal_level([1.0, 4.0], [Fraction(1), Fraction(1)], 1.0)
    2.0
    """
    total = float(sum(weights, Fraction(0)))
    parts = [float(w) / total for w in weights]
    if alpha == 0:
        return sum(w * u for w, u in zip(parts, utilities, strict=True))
    if alpha >= 1 and not min(utilities):
        return 0.0
    if alpha == 1:
        return math.exp(sum(w * math.log(u) for w, u in zip(parts, utilities, strict=True)))
    # Relative to the utility that counts most, no power is too large.
    scale = min(utilities) if alpha > 1 else max(utilities) or 1.0
    mean = sum(w * (u / scale) ** (1 - alpha) for w, u in zip(parts, utilities, strict=True))
    return float(scale * mean ** (1 / (1 - alpha)))
