"""What a regression of the loss finds: items whose features together say that they lose more than the mean.

An auditor of multiaccuracy [1]_: if a function of the features goes with the
residual, the items where it is large are a slice. The function is additive in the
codes of the features, fitted by ridge regression, so that a slice is a sum of
points to be reached.

References
----------
.. [1] Kim, Ghorbani, Zou. "Multiaccuracy: Black-Box Post-Processing for Fairness in Classification." AIES 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.fairness.model.slices.frame import Feature
from probatum.fairness.model.slices.lattice import Totals, score
from probatum.fairness.semantics.items import Condition

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DIGITS = 4  # of points, which people are to read


@dataclass(frozen=True, slots=True)
class Points:
    """A sum of points: an item is in the slice if its conditions give it at least `reach`.

    Attributes
    ----------
    score : float
    points : tuple of (Condition, int)
        Whole numbers, so that another sum says the same.
    reach : int
    """

    score: float
    points: tuple[tuple[Condition, int], ...]
    reach: int


def residual_slice(
    features: Sequence[Feature],
    codes: NDArray[np.uint8],
    num: NDArray[np.float64],
    den: NDArray[np.float64],
    *,
    min_rows: int,
    excess: float,
    alpha: float = 0.95,
) -> Points | None:
    """Return the slice that a regression of the residual on all features finds, or None.

    Parameters
    ----------
    codes : array of shape (n_features, n_rows)
    num, den : array of shape (n_rows,)
    """
    import numpy as np

    rows = len(num)
    of = Totals(rows, float(num.sum()), float(den.sum()))
    if of.num <= 0 or of.den <= 0 or not features:
        return None
    mean = of.num / of.den
    left = num - mean * den
    offsets = np.cumsum([0, *(feature.width for feature in features)])
    size = int(offsets[-1])
    gram, right = np.zeros((size, size)), np.zeros(size)
    for i, one in enumerate(features):
        right[offsets[i] : offsets[i + 1]] = np.bincount(codes[i], left, minlength=one.width)
        for j in range(i, len(features)):
            other = features[j]
            cell = codes[i].astype(np.int64) * other.width + codes[j]
            block = np.bincount(cell, minlength=one.width * other.width).reshape(one.width, other.width)
            gram[offsets[i] : offsets[i + 1], offsets[j] : offsets[j + 1]] = block
            gram[offsets[j] : offsets[j + 1], offsets[i] : offsets[i + 1]] = block.T
    weights = np.linalg.solve(gram + max(1.0, rows / 100) * np.eye(size), right)
    scale = float(np.abs(weights).max())
    if not scale > 0:
        return None
    whole = np.round(weights / scale * 10**_DIGITS).astype(np.int64)
    whole[offsets[1:] - 1] = 0  # what is in none of the conditions that people are told
    total = sum(whole[offsets[i] + codes[i].astype(np.int64)] for i in range(len(features)))
    order = np.argsort(-total, kind="stable")
    lost, counted = np.cumsum(num[order]), np.cumsum(den[order])
    last = np.append(np.diff(total[order]) != 0, True)
    value = score(lost, counted, of, alpha)
    with np.errstate(divide="ignore", invalid="ignore"):
        good = last & (np.arange(1, rows + 1) >= min_rows) & (counted > 0) & (lost / counted - mean > excess) & (value > 0)
    if not good.any():
        return None
    at = int(np.argmax(np.where(good, value, -np.inf)))
    points = []
    for i, feature in enumerate(features):
        # Choices of one code are the bins or texts themselves; what is in none of them gets no points.
        own = [(condition, first) for condition, first, end in feature.choices if end == first + 1]
        points += [(condition, int(whole[offsets[i] + code])) for condition, code in own if whole[offsets[i] + code]]
    return Points(float(value[at]), tuple(points), int(total[order[at]]))
