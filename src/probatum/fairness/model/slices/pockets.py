"""Slices of items that are alike by an embedding: around centres of a mixture, as wide as makes them worst.

As in Domino [1]_, items are clustered by embedding, truth and decision together, so
that clusters are of one kind of mistake. What is confirmed is a ball in the
embedding alone: by their own mistakes, unseen items must not be chosen.

References
----------
.. [1] Eyuboglu et al. "Domino: Discovering Systematic Errors with Cross-Modal Embeddings." ICLR 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.fairness.model.slices.lattice import Totals, score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.tools import Deadline

_ROUNDS = 50
_EVENT = 2.0  # how far items of different truth or decision are apart, in mean distances of embeddings


@dataclass(frozen=True, slots=True)
class Pocket:
    """A ball in the space of embeddings.

    Attributes
    ----------
    score : float
    centre : tuple of float
    radius : float
    """

    score: float
    centre: tuple[float, ...]
    radius: float


def pockets(
    vectors: NDArray[np.float64],
    event: NDArray[np.int8],
    num: NDArray[np.float64],
    den: NDArray[np.float64],
    *,
    min_rows: int,
    excess: float,
    many: int = 25,
    seed: int = 0,
    alpha: float = 0.95,
    deadline: Deadline | None = None,
) -> list[Pocket]:
    """Return balls whose items score, the best first; found with k-means, whose chance is seeded.

    Parameters
    ----------
    vectors : array of shape (n_rows, d)
        Without NaN.
    event : array of shape (n_rows, e)
        Truth and decision, by which clusters are told apart too.
    num, den : array of shape (n_rows,)
    many : int
        Clusters, at most.
    """
    import numpy as np

    rows = len(vectors)
    many = min(many, rows // max(1, min_rows))
    of = Totals(rows, float(num.sum()), float(den.sum()))
    if many < 1 or of.num <= 0 or of.den <= 0:
        return []
    spread = float(np.sqrt(vectors.var(axis=0).sum())) or 1.0
    joint = np.hstack([vectors / spread, event.reshape(rows, -1) * (_EVENT / 2)])
    near = _clusters(joint, many, np.random.default_rng(seed), deadline)
    mean = of.num / of.den
    found: dict[Pocket, None] = {}
    for n in range(many):
        inside = near == n
        if inside.sum() < 1:
            continue
        # The centre of those who lost, if any did: that is where the mistakes are.
        weight = np.where(inside, num, 0.0)
        own = np.average(vectors[inside], axis=0) if weight.sum() <= 0 else np.average(vectors, axis=0, weights=weight)
        centre = np.round(own, 6)
        distance = np.sqrt(((vectors - centre) ** 2).sum(axis=1))
        order = np.argsort(distance, kind="stable")
        lost, counted = np.cumsum(num[order]), np.cumsum(den[order])
        last = np.append(np.diff(distance[order]) > 0, True)  # a ball has all at one distance, or none
        value = score(lost, counted, of, alpha)
        with np.errstate(divide="ignore", invalid="ignore"):
            good = last & (np.arange(1, rows + 1) >= min_rows) & (counted > 0) & (lost / counted - mean > excess) & (value > 0)
        if not good.any():
            continue
        at = int(np.argmax(np.where(good, value, -np.inf)))
        # Between the last inside and the first outside, so that another sum of squares says the same.
        edge = distance[order[at]] if at + 1 == rows else (distance[order[at]] + distance[order[at + 1]]) / 2
        found[Pocket(float(value[at]), tuple(float(x) for x in centre), float(edge))] = None
    return sorted(found, key=lambda pocket: (-pocket.score, pocket.centre))


def _clusters(points: NDArray[np.float64], many: int, rng: np.random.Generator, deadline: Deadline | None) -> NDArray[np.int64]:
    """Return the nearest of k centres of each point: k-means, begun with k-means++ on a sample."""
    import numpy as np

    sample = points[rng.choice(len(points), min(len(points), 20_000), replace=False)]
    centres = sample[[int(rng.integers(len(sample)))]]
    for _ in range(many - 1):
        gap = _squares(sample, centres).min(axis=1)
        if gap.sum() <= 0:
            break
        centres = np.vstack([centres, sample[int(rng.choice(len(sample), p=gap / gap.sum()))]])
    near = _squares(sample, centres).argmin(axis=1)
    for _ in range(_ROUNDS):
        if deadline is not None:
            deadline.check()
        centres = np.stack([sample[near == n].mean(axis=0) if (near == n).any() else centres[n] for n in range(len(centres))])
        after = _squares(sample, centres).argmin(axis=1)
        if (after == near).all():
            break
        near = after
    return np.concatenate(
        [_squares(part, centres).argmin(axis=1) for part in np.array_split(points, max(1, len(points) // 50_000))]
    )


def _squares(points: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    squares: NDArray[np.float64] = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)[None, :]
    return np.maximum(squares, 0.0)
