"""Probabilities as intervals: of the two ends one is calibrated, whatever the score is, though nobody knows which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class VennAbers:
    """The inductive Venn-Abers predictor of a calibration set; `prepared` makes one.

    Attributes
    ----------
    places : array of shape (m,)
        Scores of calibration, ascending, each once.
    as_sound, as_faulty : array of shape (m,)
        At each: what isotonic regression says there if a thing with that score is added as sound, and as faulty.
    """

    places: NDArray[np.float64]
    as_sound: NDArray[np.float64]
    as_faulty: NDArray[np.float64]

    def intervals(self, scores: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return both ends of the probability that a thing is faulty, given its score: 0 and 1 where it has none. O(log n) each."""
        values = np.asarray(scores, dtype=np.float64)
        # A sound one between two places is pooled with the place below, which is no lower than 0; a faulty one with the place above.
        low = np.concatenate([[0.0], self.as_sound])[np.searchsorted(self.places, values, side="right")]
        high = np.concatenate([self.as_faulty, [1.0]])[np.searchsorted(self.places, values, side="left")]
        missing = np.isnan(values)
        return np.where(missing, 0.0, low), np.where(missing, 1.0, high)

    def probabilities(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return one probability for each score, ``high / (1 - low + high)``.

        Whichever end is right, its logarithmic loss exceeds that of the right end by the least. Above all sound things that are known
        it is more than one half, however rare faults are: where few are known, only the ends say how little that is worth.
        """
        low, high = self.intervals(scores)
        return high / (1 - low + high)


def prepared(scores: ArrayLike, faulty: ArrayLike, *, weights: tuple[float, float] = (1.0, 1.0)) -> VennAbers:
    """Prepare intervals for scores to come.

    Parameters
    ----------
    scores : array of shape (n,)
        Of a calibration set that made no score; higher is worse.
    faulty : array of shape (n,)
        Whether each is.
    weights : (float, float), default (1, 1)
        What a sound and a faulty thing count, see `prior_shift.class_weights`: for a place where faults are rarer than here.

    Returns
    -------
    VennAbers

    Raises
    ------
    ValueError
        If there are no scores, some are NaN, or a weight is not positive.

    Notes
    -----
    A thing to come is added to the calibration set as sound, then as faulty; isotonic regression of all labels on scores says a
    probability each time [1]_. With the label it really has, all n + 1 are exchangeable, what is said depends on their set only, and
    in each block it is the share of faulty ones: so that number is calibrated, in the sense that among things of which p is said, a
    share p is faulty. With weights that share is weighted, and so is the probability of each to be the one that came, if only the
    shares of both labels differ (label shift): the same holds at the other prevalence. Weights from the shares in the set itself are right
    but for what these shares differ by from those it was drawn with: with ten of a label that may be a quarter. That a block's share is
    right says nothing of each thing in it: the probability given the score itself may lie outside of both ends, and with many labels mostly does.

    All intervals are prepared at once, by moving the added thing along the diagram of cumulative sums and following the greatest
    convex minorant, algorithms 1 to 4 of [1]_. Tied scores are one place. O(n log n).

    References
    ----------
    .. [1] Vovk, Petej, Fedorova. "Large-scale probabilistic predictors with and without guarantees of validity." NIPS 2015,
       arXiv:1511.00213.

    Examples
    --------
    >>> low, high = prepared([1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 1]).intervals([0, 3.5, 9])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.333, 0.667], [0.333, 0.667, 1.0])
    """
    values, labels = np.asarray(scores, dtype=np.float64), np.asarray(faulty, dtype=bool)
    if values.ndim != 1 or values.shape != labels.shape or len(values) < 1 or bool(np.isnan(values).any()):
        raise ValueError(
            f"{values.size} scores, {int(np.isnan(values).sum())} of them missing, and {labels.size} labels calibrate nothing"
        )
    if not all(0 < weight < float("inf") for weight in weights):
        raise ValueError(f"weights {weights} are not both positive")
    places, at = np.unique(values, return_inverse=True)
    sound = np.bincount(at, weights=np.where(labels, 0.0, weights[0])).astype(np.float64)
    bad = np.bincount(at, weights=np.where(labels, weights[1], 0.0)).astype(np.float64)
    as_faulty = _as_faulty(sound + bad, bad, weights[1])
    # The mirror image: labels and scores are turned round.
    as_sound = 1 - _as_faulty((sound + bad)[::-1], sound[::-1], weights[0])[::-1]
    return VennAbers(places=places, as_sound=as_sound, as_faulty=as_faulty)


def _as_faulty(weights: NDArray[np.float64], hits: NDArray[np.float64], added: float) -> NDArray[np.float64]:
    """Return what isotonic regression says at each place if something faulty is added there."""
    x = np.concatenate([[0.0], np.cumsum(weights)]).tolist()
    y = np.concatenate([[0.0], np.cumsum(hits)]).tolist()
    # Before the first place: the diagram with the added step in front, and the corners of its minorant, leftmost on top.
    corners: list[tuple[float, float]] = []
    for point in zip(reversed(x), reversed(y), strict=True):
        _push(corners, point)
    _push(corners, (-added, -added))
    said = np.empty(len(weights))
    for k in range(len(weights)):
        (left, down), (right, up) = corners[-1], corners[-2]
        slope = (up - down) / (right - left)
        said[k] = slope
        # The added step moves behind place k: the diagram left of it is shifted back.
        point = (x[k + 1] - added, y[k + 1] - added)
        if (point[1] - down) * (right - left) < (up - down) * (point[0] - left):
            corners.pop()
            _push(corners, point)
    return np.clip(said, 0.0, 1.0)


def _push(corners: list[tuple[float, float]], point: tuple[float, float]) -> None:
    """Put a point left of all corners, which are those of a convex minorant with the leftmost on top, and drop what is none now."""
    while len(corners) > 1:
        (x1, y1), (x2, y2) = corners[-1], corners[-2]
        if (y1 - point[1]) * (x2 - point[0]) < (y2 - point[1]) * (x1 - point[0]):
            break
        corners.pop()
    corners.append(point)
