"""Heights of an item as from straight above, where its camera looks from aside.

A camera that does not stand over an item sees its sides, on whichever side it stands: units of one product that lie turned show it other
sides, and heights that differ by all of theirs. What is lower than the face on top is seen shifted, by as much as it is lower [1]_; how
far its foot is shifted, a picture itself says: by as much as the item reaches beyond its face. So heights are laid back to where they are
under the face. What is hidden behind the item is taken for tray. An item without a level face on top is left as it was seen.

References
----------
.. [1] Kraus. "Photogrammetry: Geometry from Images and Laser Scans." de Gruyter, 2nd edition (2007): relief displacement, which orthophotos undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FACE_MM = 4.0  # within which a face is level
_LARGE = 0.55  # of the item, for its face: what is round is within that of its height on half of its breadth only
_LOW_MM = 8.0  # of a face, below which sides are as narrow as noise
_FILLED = 0.3  # of the fullest row or column, from which one is of a face or of an item
_EVEN = 0.25  # of a height, which a side loses at least, from its middle on and in all: what goes on level is no side
_BROAD = 0.7  # of the breadth of an item, for a side: a neck is narrower
_NARROW = 4.0  # pixels of the cutout: sides that are narrower are compared as they are seen


def plumb(height: NDArray[np.float32], item: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return heights laid back under the face on top.

    Parameters
    ----------
    height : array of shape (n, n), float32
        Millimetres above the tray, of an upright cutout; NaN where depth is missing.
    item : array of shape (n, n), bool

    Returns
    -------
    array of shape (n, n), float32
        NaN where nothing is seen of the face; the argument itself if no sides are seen.
    """
    import numpy as np

    found = _foot(height, item)
    if found is None:
        return height
    top, across, down, face = found
    part = np.float32(1) - np.clip(height * np.float32(1 / top), 0, 1)
    known = ~np.isnan(part)
    part[~known] = 0
    high, wide = height.shape
    to_row = np.rint(np.arange(high, dtype=np.float32)[:, None] - part * np.float32(down)).astype(np.int32)
    to_column = np.rint(np.arange(wide, dtype=np.float32) - part * np.float32(across)).astype(np.int32)
    inside = known & (to_row >= 0) & (to_row < high) & (to_column >= 0) & (to_column < wide)
    laid = np.full(height.size, -np.inf, np.float32)
    # Of all that is above one place the highest is what can be seen from above.
    np.maximum.at(laid, (to_row * wide + to_column)[inside], height[inside])
    beside = np.ones(height.shape, bool)
    beside[face] = False
    empty = np.where(beside, np.float32(0), np.float32(np.nan))
    return np.where(np.isneginf(laid).reshape(height.shape), empty, laid.reshape(height.shape))


def _foot(height: NDArray[np.float32], item: NDArray[np.bool_]) -> tuple[float, float, float, tuple[slice, slice]] | None:
    """Return how high the face is, by how many pixels the foot is seen to the right and below of where it is, and where the face is."""
    import numpy as np

    known = height[item & np.isfinite(height)]
    if len(known) < item.sum() / 2 or not len(known):
        return None
    counts = np.bincount(np.maximum(np.rint(known), 0).astype(np.intp))
    top = float(np.convolve(counts, np.ones(5, np.intp), mode="same").argmax())
    face = item & (np.abs(np.nan_to_num(height, nan=-np.inf) - np.float32(top)) <= _FACE_MM)
    if top < _LOW_MM or face.sum() < _LARGE * item.sum():
        return None
    down, rows = _beyond(height, item, face, top)
    across, columns = _beyond(height.T, item.T, face.T, top)
    return None if max(abs(across), abs(down)) < _NARROW else (top, across, down, (rows, columns))


def _beyond(height: NDArray[np.float32], item: NDArray[np.bool_], face: NDArray[np.bool_], top: float) -> tuple[float, slice]:
    """Return by how many rows the foot of an item is seen below its face, less than 0 above it; and the rows of the face.

    Sides go down evenly: from how low they are where the item ends, at the tray or at the edge of the cutout, follows where they stand.
    """
    import numpy as np

    broad = item.sum(axis=1)
    (first, last), (low, high) = (
        (int(full[0]), int(full[-1])) for full in (np.flatnonzero(n > _FILLED * n.max()) for n in (broad, face.sum(axis=1)))
    )
    rows = slice(low, high + 1)
    # What an outline is broader by anyway, and what is round, is as broad before as after.
    more = (last - high) - (low - first)
    if abs(more) < _NARROW:
        return 0.0, rows
    begin, end = (high, last) if more > 0 else (low, first)
    half = (begin + end) // 2
    middle, lowest = (_level(height, item, at) for at in (half, end))
    falls = top - lowest
    if falls < _EVEN * top or middle - lowest < _EVEN * falls or broad[half] < _BROAD * broad.max():
        return 0.0, rows
    return more * top / falls, rows


def _level(height: NDArray[np.float32], item: NDArray[np.bool_], at: int) -> float:
    """Return the median height of an item in three rows; infinite if none is known there."""
    import numpy as np

    near = slice(max(at - 1, 0), at + 2)
    known = height[near][item[near] & np.isfinite(height[near])]
    return float(np.median(known)) if len(known) else float("inf")
