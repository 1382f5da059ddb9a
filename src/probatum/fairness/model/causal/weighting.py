"""The same disparities by weighting alone: one mediator, or several in causal order, with exact standard errors.

Rows of group 1 are weighted by how much more often group 0 has their mediator
value than group 1 has, given what was known before it (ratio-of-mediator-
probability weighting, Hong 2010; for several in turn, as in Jackson and
VanderWeele, Epidemiology 2018). The weights are estimated, and the standard
errors know it: the influence of every fitted coefficient is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.regressions import Array, curvature, multinomial_fit, probabilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A mediator, and what comes before it.

    Attributes
    ----------
    codes : array of shape (n,), int
    levels : int
        Number of codes.
    before : array of shape (n, p), float64
        What its distribution in group 1 is given: confounders, earlier mediators, baseline.
    drawn_given : array of shape (n, q), float64
        What its distribution in group 0 is given: baseline, and mediators that are drawn before it.
    """

    codes: NDArray[np.int64]
    levels: int
    before: Array
    drawn_given: Array


class _Choice:
    """A multinomial model fitted on some rows, and what its coefficients do to a weighted mean."""

    def __init__(self, features: Array, codes: NDArray[np.int64], levels: int, rows: NDArray[np.bool_]) -> None:
        mean, spread = features[rows].mean(axis=0), features[rows].std(axis=0)
        self._design = np.column_stack([np.ones(len(features)), (features - mean) / np.where(spread > 0, spread, 1.0)])
        self._target = np.eye(levels)[codes]
        self._rows = rows
        self._beta = multinomial_fit(self._design[rows], self._target[rows])
        self._fitted = probabilities(self._design, self._beta)
        self.chosen: Array = self._fitted[np.arange(len(codes)), codes]
        """Probability of what each row has."""

    def scores(self) -> Array:
        """Derivative of the logarithm of `chosen` by the coefficients, of shape (n, p (K - 1))."""
        residual = (self._target - self._fitted)[:, 1:]
        found: Array = (residual[:, :, None] * self._design[:, None, :]).reshape(len(residual), -1)
        return found

    def influence(self, derivative: Array) -> Array:
        """Influence of each row on a functional through the coefficients, given its derivative by them."""
        inverse = np.linalg.solve(curvature(self._design[self._rows], self._fitted[self._rows][:, 1:]), derivative)
        found: Array = np.where(self._rows, self.scores() @ inverse, 0.0) * len(self._rows)
        return found


def counterfactual(
    group: NDArray[np.int64], outcome: Array, stages: Sequence[Stage], clusters: NDArray[np.int64] | None = None
) -> tuple[Influenced, Array]:
    """Mean outcome of group 1 if the mediators were drawn, one after the other, as they are in group 0.

    Returns
    -------
    Influenced
    array of shape (n,), float64
        The weights; 0 in group 0.
    """
    one = group == 1
    weight = np.where(one, 1.0, 0.0)
    models: list[tuple[float, _Choice]] = []
    for stage in stages:
        own = _Choice(stage.before, stage.codes, stage.levels, one)
        others = _Choice(stage.drawn_given, stage.codes, stage.levels, ~one)
        weight *= others.chosen / np.maximum(own.chosen, 1e-300)
        models += [(-1.0, own), (1.0, others)]
    return _weighted_mean(weight, outcome, models, clusters), weight


def comparison(
    group: NDArray[np.int64], outcome: Array, baseline: Array, clusters: NDArray[np.int64] | None = None
) -> Influenced:
    """Mean outcome of group 0, weighted to the baseline of group 1."""
    everyone = np.ones(len(group), dtype=bool)
    model = _Choice(baseline, group, 2, everyone)
    # The odds of group 1: for a row of group 0 its own choice has probability 1 - e.
    odds = np.where(group == 0, (1 - model.chosen) / np.maximum(model.chosen, 1e-300), 0.0)
    mean = float((odds * outcome).sum() / odds.sum())
    off = odds * (outcome - mean)
    # d log odds = - d log(1 - e) / e, and the score of a row of group 0 is that of log(1 - e).
    through = -(off / np.maximum(1 - model.chosen, 1e-300)) @ model.scores()
    return Influenced(mean, (off * len(group) + model.influence(through)) / odds.sum(), clusters)


def mean_of(group: NDArray[np.int64], outcome: Array, side: int, clusters: NDArray[np.int64] | None = None) -> Influenced:
    """Mean outcome of one group."""
    return _weighted_mean(np.where(group == side, 1.0, 0.0), outcome, [], clusters)


def _weighted_mean(
    weight: Array, outcome: Array, models: Sequence[tuple[float, _Choice]], clusters: NDArray[np.int64] | None
) -> Influenced:
    mass = float(weight.sum())
    mean = float((weight * outcome).sum() / mass)
    off = weight * (outcome - mean)
    influence = off * len(outcome)
    for sign, model in models:
        influence = influence + model.influence(sign * off @ model.scores())
    return Influenced(mean, influence / mass, clusters)
