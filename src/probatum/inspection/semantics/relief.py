"""How the heights of an item differ from those of its references, and which of its units are not there.

Depth is missing at some edges and where gloss blinds the sensor: what is missing is not different, and not low. References give each
place a range of heights, as `shades` does of colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.inspection.semantics.plumb import plumb
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Cutout

SIDE = 56
_KNOWN = 0.4  # of the pixels of a place, from which its height is known
_FAR = 1e4  # mm: no height
_LEVELS = (0.3, 0.45, 0.6, 0.75, 0.88)  # of the height of an item, above which units may stand apart from each other
_SMALLEST, _LARGEST = 0.015, 0.7  # of the area of the item, for a unit
_ALIKE = 0.4  # of the area of the largest unit
_FULL = 0.55  # of the rectangle around it that a unit fills: a frame around units fills little
_SEEN = 0.3  # of a unit, whose height must be known to say that it is there
_LOW_MM = 4.0  # of a place, below which a part of its height means nothing
MISSING = 0.25  # of its height: a unit that lacks more is not there


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """How high references are.

    Attributes
    ----------
    around : array of shape (56, 56), bool
        On the item and next to it.
    middle : array of shape (56, 56), float32
        Medians in millimetres, NaN where no reference has a height.
    low, high : array of shape (56, 56), float32
        Least and greatest height around each place of any reference; 10 m and -10 m where none has one.
    own : tuple of arrays of shape (56, 56), float32
        How each reference differs from the others; empty for one.
    units : tuple of arrays of shape (56, 56), bool
        Where units stand; empty for what has none that stand apart.
    """

    around: NDArray[np.bool_]
    middle: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    own: tuple[NDArray[np.float32], ...]
    units: tuple[NDArray[np.bool_], ...]


def relief(references: Sequence[Cutout]) -> Relief | None:
    """Look at references, all lying the same way; None if none has depth."""
    import cv2
    import numpy as np

    with_depth = [(one, one.height) for one in references if one.height is not None]
    if not with_depth:
        return None
    seen = [plumb(height, one.item) for one, height in with_depth]
    heights = np.stack([heights_of(one) for one in seen])
    item = np.mean(
        [cv2.resize(one.item.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one, _ in with_depth], axis=0
    )
    known = np.isfinite(heights).any(axis=0)
    middle = np.full((SIDE, SIDE), np.nan, np.float32)
    middle[known] = np.nanmedian(heights[:, known], axis=0)
    # Edges are round, and of one that is seen from aside, more of it is.
    near = [
        np.ones((3, 3), np.uint8) if one is height else np.ones((5, 5), np.uint8)
        for one, (_, height) in zip(seen, with_depth, strict=True)
    ]
    low = np.stack(
        [
            np.asarray(cv2.erode(np.where(np.isfinite(one), one, _FAR).astype(np.float32), kernel), np.float32)
            for one, kernel in zip(heights, near, strict=True)
        ]
    )
    high = np.stack(
        [
            np.asarray(cv2.dilate(np.where(np.isfinite(one), one, -_FAR).astype(np.float32), kernel), np.float32)
            for one, kernel in zip(heights, near, strict=True)
        ]
    )
    around = cv2.dilate((item > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    many = range(len(heights)) if len(heights) > 1 else ()
    own = tuple(
        _outside(heights[at], np.delete(low, at, 0).min(axis=0), np.delete(high, at, 0).max(axis=0), around) for at in many
    )
    return Relief(around, middle, low.min(axis=0), high.max(axis=0), own, _units(middle, item > 0.5))


def heights_of(height: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return means of heights over places, of shape (56, 56), NaN where few are known."""
    import cv2
    import numpy as np

    known = np.asarray(cv2.resize(np.isfinite(height).astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    mean = np.asarray(cv2.resize(np.nan_to_num(height), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
    return np.where(known > _KNOWN, mean / np.maximum(known, np.float32(1e-3)), np.nan).astype(np.float32)


def different(height: NDArray[np.float32], known: Relief) -> NDArray[np.float32]:
    """Return by how many millimetres each place is outside of the range of the references.

    Parameters
    ----------
    height : array of shape (224, 224), float32
        Of a cutout.
    known : Relief

    Returns
    -------
    array of shape (56, 56), float32
        0 away from the item; NaN where there is no height to compare.
    """
    return _outside(heights_of(height), known.low, known.high, known.around)


def _outside(
    height: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32], around: NDArray[np.bool_]
) -> NDArray[np.float32]:
    import numpy as np

    beyond = np.where(high > -_FAR / 2, np.maximum(np.maximum(height - high, low - height), 0), np.nan)
    return np.where(around, beyond, 0).astype(np.float32)


def lacking(height: NDArray[np.float32], known: Relief) -> tuple[float, ...]:
    """Return for each unit which part of its height is not there, on average over it; NaN where its height is not known."""
    import numpy as np

    seen = heights_of(height)
    lost = np.where(known.low < _FAR / 2, (known.low - seen) / np.maximum(known.middle, _LOW_MM), np.nan)
    lost = np.clip(lost, 0, 1)
    parts = [lost[unit][np.isfinite(lost[unit])] for unit in known.units]
    return tuple(
        float(part.mean()) if len(part) > _SEEN * unit.sum() else float("nan")
        for part, unit in zip(parts, known.units, strict=True)
    )


def _units(middle: NDArray[np.float32], item: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
    """Return what stands apart above some level, at the level where most parts of about one size do."""
    import cv2
    import numpy as np

    heights = np.where(item, np.nan_to_num(middle), 0)
    if not item.any():
        return ()
    top, area = float(np.quantile(heights[item], 0.95)), float(item.sum())
    best: tuple[NDArray[np.bool_], ...] = ()
    for level in _LEVELS:
        count, labels, stats, _ = cv2.connectedComponentsWithStats((heights > level * top).astype(np.uint8), connectivity=4)
        found = [
            at
            for at in range(1, count)
            if _SMALLEST * area <= stats[at, 4] <= _LARGEST * area and stats[at, 4] >= _FULL * stats[at, 2] * stats[at, 3]
        ]
        large = max((stats[at, 4] for at in found), default=0)
        found = [at for at in found if stats[at, 4] >= _ALIKE * large]
        if len(found) > len(best):
            best = tuple(labels == at for at in found)
    return best
