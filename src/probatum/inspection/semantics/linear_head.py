"""A frozen linear judge of a picture, for where a few faulty units are known: what it looks like as a whole, and where most unusual.

Of each level: the mean and the highest of each channel over all places, and the channels at the most unusual place; and how unusual
that place is, and how like a known fault one is, where faults are known. One number for each is weighed; `fit.linear_head` finds the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model
from probatum.inspection.semantics.bank import Unusual
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIND = "linear-head/1"
SCORES = 5.0  # how many times as much as a channel a score counts, before anything is learnt


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """Weights of what `pooled` returns.

    Attributes
    ----------
    mean, scale, weights : array of shape (d,), float32
        A number counts as (number - mean) / scale, times its weight.
    intercept : float
    backbone : str
        Digest of the network.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: float
    backbone: str

    def logit(self, vector: NDArray[np.float32]) -> float:
        """How probable a fault is, as if every other unit were faulty; higher is worse.

        Raises
        ------
        ValueError
            If the vector is of another width.
        """
        if vector.shape != self.mean.shape:
            raise ValueError(f"{vector.shape[0]} numbers cannot be weighed by {self.mean.shape[0]} weights")
        return float(((vector - self.mean) / self.scale) @ self.weights) + self.intercept

    def model(self) -> Model:
        """Return what is kept in a file."""
        arrays = {"mean": self.mean, "scale": self.scale, "weights": self.weights}
        return Model(KIND, self.backbone, {"intercept": self.intercept}, arrays)


def head_of(model: Model) -> LinearHead:
    """Return the head that a file holds.

    Raises
    ------
    UnreadableArtefact
        If it does not hold one.
    """
    try:
        mean, scale, weights = (model.arrays[name] for name in ("mean", "scale", "weights"))
        head = LinearHead(mean, scale, weights, float(model.settings["intercept"]), model.backbone)
        fits = mean.ndim == 1 and mean.shape == scale.shape == weights.shape and bool((scale > 0).all())
    except (LookupError, TypeError, ValueError, AttributeError):
        fits = False
    if model.kind != KIND or not fits:
        raise UnreadableArtefact("this model is no linear head: its parts do not fit each other", help="train it again")
    return head


def pooled(looks: Sequence[NDArray[np.float32]], found: Unusual, alike: Sequence[float] = ()) -> NDArray[np.float32]:
    """Return a vector of what a picture looks like.

    Parameters
    ----------
    looks : sequence of arrays of shape (rows, columns, c), float32
        One of each level.
    found : Unusual
        What the bank says of it.
    alike : sequence of float
        What known faults say of it (`semantics.known_faults.alike`); none where none are known.

    Returns
    -------
    array of shape (d,), float32
        Scores first: those of known faults, and one of each level of the bank.
    """
    import numpy as np

    parts = [np.array([*alike, *found.levels], dtype=np.float32)]
    for look, (row, column) in zip(looks, found.places, strict=True):
        parts += [look.mean(axis=(0, 1)), look.max(axis=(0, 1)), look[row, column]]
    return np.concatenate(parts).astype(np.float32)
