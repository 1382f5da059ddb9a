"""Fitting trees of stages: gradient boosting by lightgbm, kept as nodes that need it no more [1]_.

References
----------
.. [1] Friedman. "Greedy Function Approximation: A Gradient Boosting Machine." Annals of Statistics 29(5), 2001.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.trees import Trees, of_lightgbm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Chosen on simulated worlds from seed 1,500, and the development part of SLURP.
_SETTINGS: dict[str, Any] = {
    "n_estimators": 100, "learning_rate": 0.08, "min_child_samples": 20, "colsample_bytree": 0.5, "reg_lambda": 1.0,
    "class_weight": "balanced",
}  # fmt: skip  # a table


def boosted(x: NDArray[np.float32], y: NDArray[np.int64], many: int, *, leaves: int = 15) -> Trees:
    """Fit trees, all labels weighing the same together.

    Parameters
    ----------
    x : array of shape (turns, columns)
        Of numbers: what is absent is one, too.
    y : array of shape (turns,)
        Labels, each of which occurs.
    many : int
        Labels.
    leaves : int
        Of each tree, at most.
    """
    from lightgbm import LGBMClassifier

    # With two labels lightgbm would fit one tree a round.
    kind: dict[str, Any] = {"objective": "multiclass", "num_class": many}
    model = LGBMClassifier(
        **_SETTINGS, **kind, num_leaves=leaves, use_missing=False, n_jobs=1, verbose=-1, random_state=0, deterministic=True
    )
    model.fit(x, y)
    return of_lightgbm(model.booster_.dump_model(), many)
