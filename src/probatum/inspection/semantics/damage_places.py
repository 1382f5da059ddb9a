"""What a damage head is told of each place of a view: layers of the backbone, where the item is, and the relief if there is depth.

A place is a square of 16 x 16 pixels of the cutout. Every feature is told twice: as it is, and less its mean over the item. What
an item looks like everywhere differs from product to product; what it looks like in one place only is what damage is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Cutout, Looked

PLACES = 14  # on a side
RELIEF = 11  # features of relief, the last of which says whether there is depth at all
_CELL = 16  # pixels of a place
_SCALES = (2.0, 5.0, 14.0)  # pixels over which heights are smoothed
_FINE = 1.2  # least pixels to smooth over: fewer are no smoothing
_STEEP_MM = 30.0  # beyond which it does not matter how far apart heights are


def places(looked: Looked) -> NDArray[np.float32]:
    """Return what is known of each place.

    Parameters
    ----------
    looked : Looked

    Returns
    -------
    array of shape (196, c), float32
        Row by row. The last `RELIEF` columns are of depth, and all 0 without it.
    """
    import numpy as np

    fine = looked.stride8
    corners = fine[:, ::2, ::2], fine[:, ::2, 1::2], fine[:, 1::2, ::2], fine[:, 1::2, 1::2]
    mean, most = sum(corners[1:], corners[0]) / 4, np.maximum(np.maximum(*corners[:2]), np.maximum(*corners[2:]))
    layers = np.concatenate([looked.stride16, mean, most])
    item = _cells(looked.cutout.item.astype(np.float32))
    own = layers.reshape(len(layers), -1).T
    weight = item.ravel() / max(float(item.sum()), 1e-6)
    where = [item, _cells(_outline(looked.cutout.item)), *_beside(looked.cutout)]
    return np.concatenate(
        [own, own - weight @ own, np.stack([one.ravel() for one in where], axis=1), relief(looked.cutout)], axis=1
    ).astype(np.float32)


def _beside(cutout: Cutout) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What lies on the tray beside the item: where, and how clearly in the whole picture, of which a cutout may show little."""
    import numpy as np

    spill = np.zeros((PLACES, PLACES), np.float32) if cutout.spill is None else _cells(cutout.spill.astype(np.float32))
    clearly = 0.0 if cutout.beside is None else float(np.log1p(max(cutout.beside, 0.0)))
    return spill, np.full((PLACES, PLACES), clearly, np.float32)


def relief(cutout: Cutout) -> NDArray[np.float32]:
    """Return what depth says of each place: shape (196, `RELIEF`)."""
    import cv2
    import numpy as np

    if cutout.height is None or not np.isfinite(cutout.height).any():
        return np.zeros((PLACES * PLACES, RELIEF), np.float32)
    known = np.isfinite(cutout.height).astype(np.float32)
    height = np.nan_to_num(cutout.height) * known
    smooth = [_blurred(height, scale) / np.maximum(_blurred(known, scale), np.float32(1e-3)) for scale in _SCALES]
    bands = [np.clip(finer - coarser, -_STEEP_MM, _STEEP_MM) for finer, coarser in pairwise(smooth)]
    across, down = cv2.Sobel(smooth[0], cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(smooth[0], cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = np.asarray(np.minimum(np.hypot(across, down), 5.0), np.float32)
    item = cutout.item & (known > 0)
    top = float(np.median(height[item])) if item.any() else 0.0
    told = [
        *(_cells(band) for band in bands),
        *(np.sqrt(_cells(np.abs(band))) for band in bands),
        *(np.log1p(_largest(np.abs(band))) for band in bands),
        _cells(slope),
        np.clip(_cells(smooth[1]) - top, -2 * _STEEP_MM, 2 * _STEEP_MM) / 20,
        _cells(((known == 0) & cutout.item).astype(np.float32)),
        np.sqrt(_cells(slope * slope)),
        np.ones((PLACES, PLACES), np.float32),
    ]
    return np.stack([one.ravel() for one in told], axis=1).astype(np.float32)


def _blurred(values: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Smooth over so many pixels; over many of them at a quarter of the size, which tells no difference."""
    import cv2
    import numpy as np

    if scale < 4 * _FINE:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), scale), np.float32)
    size = (values.shape[1] // 4, values.shape[0] // 4)
    small = cv2.GaussianBlur(cv2.resize(values, size, interpolation=cv2.INTER_AREA), (0, 0), scale / 4)
    return np.asarray(cv2.resize(small, values.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def _cells(values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Mean of each place."""
    return values.reshape(PLACES, _CELL, -1).mean(axis=1).reshape(PLACES, PLACES, _CELL).mean(axis=2)  # type: ignore[no-any-return] # NumPy's own types lose it


def _largest(values: NDArray[np.float32]) -> NDArray[np.float32]:
    # One axis after the other is ten times as fast.
    return values.reshape(PLACES, _CELL, -1).max(axis=1).reshape(PLACES, PLACES, _CELL).max(axis=2)  # type: ignore[no-any-return] # NumPy's own types lose it


def _outline(item: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Where one side of a pixel is item and the other is none."""
    import numpy as np

    edge = np.zeros(item.shape, np.float32)
    edge[:, 1:] += item[:, 1:] != item[:, :-1]
    edge[1:] += item[1:] != item[:-1]
    return edge
