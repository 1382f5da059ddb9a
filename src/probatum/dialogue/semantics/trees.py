"""Sums of decision trees, evaluated with NumPy alone: every row walks down all trees at once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROWS = 1024  # at once
_TYPES = {"roots": "<i4", "column": "<i2", "number": "<f4", "right": "<i2"}


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees of all labels, in rounds: a tree for each label, and again. The node that follows a node is its left child.

    Attributes
    ----------
    labels : int
    roots : array of shape (rounds * labels,), int32
        The node at which each tree begins.
    column : array of shape (nodes,), int16
        What a node asks about; -1 for a leaf.
    number : array of shape (nodes,), float32
        At most so much goes left; of a leaf, what it adds to the logit of its label.
    right : array of shape (nodes,), int16
        How many nodes further the right child stands.
    """

    labels: int
    roots: NDArray[np.int32]
    column: NDArray[np.int16]
    number: NDArray[np.float32]
    right: NDArray[np.int16]

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return sums of the trees of each label, of shape (rows, labels), for rows of numbers."""
        import numpy as np

        out = np.zeros((len(x), self.labels))
        for begin in range(0, len(x), _ROWS):
            part = x[begin : begin + _ROWS]
            rows = np.arange(len(part))[:, None]
            at = np.tile(self.roots, (len(part), 1))
            while True:
                column = self.column[at]
                inner = column >= 0
                if not inner.any():
                    break
                low = part[rows, np.maximum(column, 0)] <= self.number[at]
                at += np.where(inner, np.where(low, 1, self.right[at]), 0)
            out[begin : begin + _ROWS] = self.number[at].astype(np.float64).reshape(len(part), -1, self.labels).sum(axis=1)
        return out

    def check(self, columns: int) -> None:
        """Raise ValueError if a walk could leave the trees or not end, for rows of so many numbers."""
        import numpy as np

        many = len(self.column)
        inner = np.flatnonzero(self.column >= 0)
        # Children stand behind their parents, so that no walk comes back.
        walks = (self.right[inner] > 1) & (inner + self.right[inner] < many) & (self.column[inner] < columns)
        rooted = len(self.roots) % self.labels == 0 and bool(((self.roots >= 0) & (self.roots < many)).all())
        if not (many == len(self.number) == len(self.right) and walks.all() and rooted and np.isfinite(self.number).all()):
            raise ValueError("its trees are none")

    def packed(self) -> dict[str, str]:
        """Return the arrays as texts."""
        return {
            name: base64.b64encode(getattr(self, name).astype(kind).tobytes()).decode("ascii") for name, kind in _TYPES.items()
        }


def unpacked(said: Mapping[str, Any], labels: int, columns: int) -> Trees:
    """Read what `Trees.packed` wrote, for rows of so many numbers.

    Raises
    ------
    ValueError, LookupError, TypeError
        If it is something else.
    """
    import numpy as np

    raw = {name: np.frombuffer(base64.b64decode(said[name], validate=True), kind) for name, kind in _TYPES.items()}
    trees = Trees(labels, **raw)
    trees.check(columns)
    return trees


def of_lightgbm(dumped: Mapping[str, Any], labels: int) -> Trees:
    """Return the trees of what `Booster.dump_model` of lightgbm gave, fitted to rows without a missing number."""
    import numpy as np

    roots: list[int] = []
    nodes: list[tuple[int, float, int]] = []
    for tree in dumped["tree_info"]:
        roots.append(len(nodes))
        _laid_out(tree["tree_structure"], nodes)
    column, number, right = (np.array(part) for part in zip(*nodes, strict=True))
    short = number.astype("<f4")
    # A threshold that is rounded up could send the next number left; numbers of rows are as short as it is.
    up = (column >= 0) & (short > number)
    short[up] = np.nextafter(short[up], np.float32(-np.inf))
    return Trees(labels, np.array(roots, "<i4"), column.astype("<i2"), short, right.astype("<i2"))


def _laid_out(node: Mapping[str, Any], nodes: list[tuple[int, float, int]]) -> None:
    if "split_feature" not in node:
        nodes.append((-1, node["leaf_value"], 0))
        return
    at = len(nodes)
    nodes.append((node["split_feature"], node["threshold"], 0))
    _laid_out(node["left_child"], nodes)
    nodes[at] = (*nodes[at][:2], len(nodes) - at)
    _laid_out(node["right_child"], nodes)
