"""The decomposition of Jackson and VanderWeele for linear models without interactions.

Outcome on group, mediator, confounders and baseline; mediator on group and
baseline: the reduction is the product of the mediator's effect and of how it
differs. For a mediator with values without order, the sum over its values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.regressions import Array
from probatum.fairness.semantics.causal_sample import CausalSample


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearReduction:
    """A disparity in two parts by linear models.

    Attributes
    ----------
    initial, reduction, remaining : Influenced
        The first is the sum of the others.
    effect_error : float
        Standard error of the reduction if it were known how the mediator differs.
    freedom : int
        Degrees of freedom of the outcome's model.
    """

    initial: Influenced
    reduction: Influenced
    remaining: Influenced
    effect_error: float
    freedom: int


def linear_reduction(sample: CausalSample) -> LinearReduction:
    """Estimate all parts by least squares, with standard errors that hold under unequal variances."""
    one = np.ones(sample.size)
    values = np.eye(len(sample.levels))[sample.mediator][:, 1:]
    group = sample.group.astype(np.float64)
    short = np.column_stack([group, one, sample.baseline])
    full = np.column_stack([values, group, one, sample.confounders, sample.baseline])
    count = values.shape[1]
    effects, moved = _fitted(full, sample.outcome)
    plain, plain_moved = _fitted(short, sample.outcome)
    differs, differs_moved = np.empty(count), np.empty((sample.size, count))
    for k in range(count):
        coefficients, influence = _fitted(short, values[:, k])
        differs[k], differs_moved[:, k] = coefficients[0], influence[:, 0]
    reduction = Influenced(
        float(effects[:count] @ differs), moved[:, :count] @ differs + differs_moved @ effects[:count], sample.clusters
    )
    initial = Influenced(float(plain[0]), plain_moved[:, 0], sample.clusters)
    freedom = sample.size - int(np.linalg.matrix_rank(full))
    residual = sample.outcome - full @ effects
    direction = np.concatenate([differs, np.zeros(full.shape[1] - count)])
    spread = float(direction @ np.linalg.pinv(full.T @ full) @ direction)
    return LinearReduction(
        initial=initial,
        reduction=reduction,
        remaining=initial - reduction,
        effect_error=float(np.sqrt(spread * (residual @ residual) / max(1, freedom))),
        freedom=freedom,
    )


def _fitted(design: Array, target: Array) -> tuple[Array, Array]:
    """Coefficients by least squares, and the influence of each row on them."""
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ (design.T @ target)
    residual = target - design @ beta
    return beta, (design * residual[:, None]) @ inverse * len(target)
