"""The rows on which a causal decomposition rests, as arrays: who, through what, given what, with which outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalSample:
    """Complete rows of two groups.

    Attributes
    ----------
    group : array of shape (n,), int
        1 in the group whose disparity is asked for, 0 in the one it is compared with (R).
    outcome : array of shape (n,), float64
        Y; 0 and 1 if it is an event.
    mediator : array of shape (n,), int
        Codes of M, from 0; `levels` names them.
    levels : tuple of str
    confounders : array of shape (n, p), float64
        X: what mediator and outcome have in common besides the group and `baseline`.
    baseline : array of shape (n, q), float64
        C: within whose values the groups are compared.
    clusters : array of shape (n,), int, or None
        What rows have in common (a hospital); None: rows are independent.
    """

    group: NDArray[np.int64]
    outcome: NDArray[np.float64]
    mediator: NDArray[np.int64]
    levels: tuple[str, ...]
    confounders: NDArray[np.float64]
    baseline: NDArray[np.float64]
    clusters: NDArray[np.int64] | None = None

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.outcome)

    @property
    def binary(self) -> bool:
        """Whether the outcome is an event: 0 or 1 in every row."""
        return bool(((self.outcome == 0) | (self.outcome == 1)).all())


def folds(sample: CausalSample, count: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each row, from 0 to `count` - 1.

    Whole clusters fall into one fold. Without clusters both groups are spread evenly.
    The generator is PCG64 with the seed, so anyone can make the same folds.
    """
    import numpy as np

    chance = np.random.default_rng(seed)
    placed = np.empty(sample.size, dtype=np.int64)
    if sample.clusters is not None:
        names, codes = np.unique(sample.clusters, return_inverse=True)
        return (chance.permutation(len(names)) % count)[codes].astype(np.int64)
    for side in (0, 1):
        rows = np.flatnonzero(sample.group == side)
        placed[chance.permutation(rows)] = np.arange(len(rows)) % count
    return placed
