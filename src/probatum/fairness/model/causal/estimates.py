"""Estimates that come with their influence on each row, so that any sum of them has a standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.model.causal.regressions import Array


@dataclass(frozen=True, slots=True, eq=False)
class Influenced:
    """An estimate that is asymptotically the mean of a function of one row.

    Attributes
    ----------
    value : float
    influence : array of shape (n,)
        What each row adds, with mean about 0; its mean square over n is the variance.
    clusters : array of shape (n,), int, or None
        Rows of one cluster may depend on each other.
    """

    value: float
    influence: Array
    clusters: NDArray[np.int64] | None = None

    def __sub__(self, other: Influenced) -> Influenced:
        return Influenced(self.value - other.value, self.influence - other.influence, self.clusters)

    def __add__(self, other: Influenced) -> Influenced:
        return Influenced(self.value + other.value, self.influence + other.influence, self.clusters)

    def __mul__(self, factor: float) -> Influenced:
        return Influenced(self.value * factor, self.influence * factor, self.clusters)

    def log(self) -> Influenced:
        """Return the logarithm, by the delta method; the value must be positive."""
        return Influenced(math.log(self.value), self.influence / self.value, self.clusters)

    @property
    def error(self) -> float:
        """Standard error; of clusters, the usual one for sums over them, times the root of G / (G - 1)."""
        centred = self.influence - self.influence.mean()
        if self.clusters is None:
            return float(math.sqrt(centred @ centred)) / len(centred)
        sums = np.bincount(self.clusters, weights=centred)[np.unique(self.clusters)]
        count = len(sums)
        return math.sqrt(float(sums @ sums) * count / max(1, count - 1)) / len(centred)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the bounds of the two-sided interval; Student's for clusters, normal for rows."""
        tail = (1 + confidence) / 2
        if self.clusters is None:
            factor = NormalDist().inv_cdf(tail)
        else:
            from scipy.special import stdtrit

            factor = float(stdtrit(max(1, len(np.unique(self.clusters)) - 1), tail))
        return self.value - factor * self.error, self.value + factor * self.error
