"""What is made as large as possible: the difference of sums, of probabilities, or how far twins lie on both sides of a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.model.certify.pieces import Pieces

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RawGap:
    """By how much the first's sum is above the second's."""

    divisor: int
    ordered: ClassVar[bool] = False

    def columns(self, pieces: Pieces) -> Floats:
        """Return the gap alone."""
        return pieces.gap[:, None]

    def bound(self, sums: Floats) -> Floats:
        """Return the gap of the sums."""
        return np.asarray(sums[:, 0] / self.divisor)


@dataclass(frozen=True, slots=True)
class ProbabilityGap:
    """By how much the first's probability is above the second's, where the sums are logits.

    Where the gap of the logits is at most D, the first's at most A and the second's at least B, it is largest where the
    second's logit is as near to -D/2 as these allow.
    """

    base: float
    divisor: int
    ordered: ClassVar[bool] = False

    def columns(self, pieces: Pieces) -> Floats:
        """Return gap, first, and second with its sign changed."""
        return _all(pieces)

    def bound(self, sums: Floats) -> Floats:
        """Return the largest gap of probabilities."""
        gap, above, below = _scaled(sums, self.base, self.divisor)
        finite = np.isfinite(gap) & np.isfinite(above) & np.isfinite(below)
        gap, above, below = (np.where(finite, v, 0.0) for v in (gap, above, below))
        second = np.maximum(below, np.minimum(-gap / 2, above - gap))
        first = np.minimum(second + gap, above)
        return np.where(finite, logistic(first) - logistic(second), -np.inf)


@dataclass(frozen=True, slots=True)
class Straddle:
    """How far the first's sum is above a threshold and the second's below it: the lesser of the two."""

    base: float
    divisor: int
    threshold: float
    ordered: ClassVar[bool] = True

    def columns(self, pieces: Pieces) -> Floats:
        """Return gap, first, and second with its sign changed."""
        return _all(pieces)

    def bound(self, sums: Floats) -> Floats:
        """Return the lesser distance."""
        gap, above, below = _scaled(sums, self.base, self.divisor)
        return np.asarray(np.minimum(np.minimum(above - self.threshold, self.threshold - below), gap / 2))


def _all(pieces: Pieces) -> Floats:
    return np.stack([pieces.gap, pieces.first, -pieces.second], axis=1)


def _scaled(sums: Floats, base: float, divisor: int) -> tuple[Floats, Floats, Floats]:
    return sums[:, 0] / divisor, (sums[:, 1] + base) / divisor, (base - sums[:, 2]) / divisor


def logistic(raw: Floats) -> Floats:
    """1 / (1 + exp(-raw)), without overflow."""
    small = np.exp(-np.abs(raw))
    return np.asarray(np.where(raw >= 0, 1.0, small) / (1.0 + small))
