"""Boosted trees: fitted by LightGBM [1]_, kept as lists of numbers, and evaluated without it.

References
----------
.. [1] Ke, Meng, Finley, Wang, Chen, Ma, Ye, Liu. "LightGBM: A Highly Efficient Gradient Boosting Decision Tree." NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Nodes: TypeAlias = tuple[tuple[float, ...], ...]  # of one tree: feature (-1 for a leaf), threshold, left, right, value

_TREES = 150
_SETTINGS = {
    "objective": "binary",
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "learning_rate": 0.05,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 0,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees whose values, added up, are the logit of a probability.

    Attributes
    ----------
    nodes : sequence of trees
        Each a list of (feature or -1, threshold, left, right, value): a row goes left if its feature is at most the threshold.
    """

    nodes: Sequence[Nodes]
    _table: Any = field(init=False)
    _roots: Any = field(init=False)

    def __post_init__(self) -> None:
        """Put all trees into one table.

        Raises
        ------
        ValueError
            If a node leads back, or out of its tree.
        """
        import numpy as np

        rows: list[tuple[float, ...]] = []
        roots = []
        for tree in self.nodes:
            begin = len(rows)
            roots.append(begin)
            for at, (feature, threshold, left, right, value) in enumerate(tree):
                if feature >= 0 and not (at < left < len(tree) and at < right < len(tree)):
                    raise ValueError("a node of a tree leads nowhere")
                rows.append((feature, threshold, begin + left, begin + right, value))
        object.__setattr__(self, "_table", np.array(rows, dtype=float).reshape(-1, 5))
        object.__setattr__(self, "_roots", np.array(roots, dtype=np.int64))

    def probability(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each row of an array of shape (rows, features)."""
        import numpy as np

        if not len(rows) or not len(self._roots):
            return np.full(len(rows), 0.5)
        at = np.tile(self._roots, (len(rows), 1))
        places = np.arange(len(rows))[:, None]
        while True:
            feature = self._table[at, 0].astype(np.int64)
            inner = feature >= 0
            if not inner.any():
                break
            left = rows[places, np.maximum(feature, 0)] <= self._table[at, 1]
            at = np.where(inner, np.where(left, self._table[at, 2], self._table[at, 3]).astype(np.int64), at)
        found: NDArray[np.float64] = 1 / (1 + np.exp(-self._table[at, 4].sum(axis=1)))
        return found

    def to_json(self) -> list[list[list[float]]]:
        """Return it as JSON."""
        return [[list(node) for node in tree] for tree in self.nodes]


def from_json(stored: Any) -> Trees:
    """Return trees that `Trees.to_json` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    try:
        nodes = [tuple((int(f), float(t), int(a), int(b), float(v)) for f, t, a, b, v in tree) for tree in stored]
    except (TypeError, ValueError) as problem:
        raise ValueError(f"these are no trees: {problem}") from None
    return Trees(nodes)


def fit(rows: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]) -> Trees:
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
    data = lightgbm.Dataset(rows, right, weight=weight)
    fitted = lightgbm.train(_SETTINGS, data, num_boost_round=_TREES)
    return Trees([_nodes(tree["tree_structure"]) for tree in fitted.dump_model()["tree_info"]])


def _nodes(structure: Mapping[str, Any]) -> Nodes:
    found: list[tuple[float, ...]] = []

    def add(node: Mapping[str, Any]) -> int:
        at = len(found)
        found.append(())
        if "leaf_value" in node:
            found[at] = (-1, 0.0, 0, 0, float(node["leaf_value"]))
            return at
        left = add(node["left_child"])
        right = add(node["right_child"])
        found[at] = (int(node["split_feature"]), float(node["threshold"]), left, right, 0.0)
        return at

    add(structure)
    return tuple(found)
