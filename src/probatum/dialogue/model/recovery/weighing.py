"""How likely each offer is what was meant: boosted trees, fitted by LightGBM [1]_ and evaluated without it.

References
----------
.. [1] Ke, Meng, Finley, Wang, Chen, Ma, Ye, Liu. "LightGBM: A Highly Efficient Gradient Boosting Decision Tree." NeurIPS 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.trees import Trees, of_lightgbm
from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROUNDS = 150
_SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "learning_rate": 0.05,
    "use_missing": False,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 0,
    "verbosity": -1,
}


def fit(rows: NDArray[np.float32], right: NDArray[np.float64], weight: NDArray[np.float64]) -> Trees:
    """Fit trees to rows, each of which was right (1) or not (0), and counts so much. The same rows give the same trees.

    Raises
    ------
    MissingExtra
        If LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtra(
            "trees are fitted by `lightgbm`, which is not installed", help="pip install 'probatum[dialogue]'"
        ) from error
    fitted = lightgbm.train(_SETTINGS, lightgbm.Dataset(rows, right, weight=weight), num_boost_round=_ROUNDS)
    return of_lightgbm(fitted.dump_model(), 1)


def probability(trees: Trees, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probability of each row of an array of shape (rows, features)."""
    import numpy as np

    found: NDArray[np.float64] = 1 / (1 + np.exp(-trees.logits(rows)[:, 0]))
    return found
