"""Roughly where the item is, from how the frame of the picture looks: good enough to see that it is there, whole and alone.

Whoever has a better mask uses that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probatum.inspection.semantics.tray import above_tray, frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HIGH_MM = 6.0  # above the tray: less may be its unevenness
_FAR = 6.0  # times how much the tray itself varies
_LEAST_SPREAD = 3.0  # of colours of the tray, in 8 bits: a made or a compressed picture may vary by nothing
_MEASURED = 0.2  # of depth, below which it says nothing of what stands where
_SIDE = 256  # pixels of the longer side at which is looked


def rough_item(rgb: NDArray[np.uint8], mm: NDArray[np.float32] | None = None) -> NDArray[np.bool_]:
    """Return which pixels are of items.

    Parameters
    ----------
    rgb : array of shape (h, w, 3), uint8
    mm : array of shape (h, w), float32, optional
        Depth. Where it is missing, and everywhere if nearly all of it is, colours decide.

    Returns
    -------
    array of shape (h, w), bool
        What stands above the plane of the tray, by depth, or else differs from its colours. The tray is what most of the frame of the
        picture shows, so that an item that is cut off on one side does not count as tray.
    """
    import cv2
    import numpy as np

    high, wide = rgb.shape[:2]
    scale = min(1.0, _SIDE / max(high, wide))
    size = (max(8, round(wide * scale)), max(8, round(high * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    near = None if mm is None else np.asarray(cv2.resize(mm, size, interpolation=cv2.INTER_NEAREST), np.float32)
    measured = np.zeros(small.shape[:2], bool) if near is None else np.isfinite(near)
    if near is None or measured.mean() < _MEASURED:
        found = _other_colours(_lab(small))
    else:
        found = _above(near)
        if not measured.all():
            blind = ~measured
            found[blind] = _other_colours(_lab(small), blind)
    kernel = np.ones((3, 3), np.uint8)
    clean = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    # The border is repeated, so that closing does not pull an item off the edge that it reaches.
    clean = cv2.copyMakeBorder(clean, 4, 4, 4, 4, cv2.BORDER_REPLICATE)
    clean = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, kernel, iterations=2)[4:-4, 4:-4]
    return cv2.resize(clean, (wide, high), interpolation=cv2.INTER_NEAREST).astype(bool)


def _above(mm: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return what is nearer than the plane through most of the frame."""
    import numpy as np

    height, spread = above_tray(mm)
    with np.errstate(invalid="ignore"):
        return np.asarray(height > max(_HIGH_MM, _FAR * spread))


def _lab(rgb: NDArray[Any]) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.uint8)


def _other_colours(lab: NDArray[np.uint8], where: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """Return what has another colour than most of the frame; what is only darker, as a shadow is, must differ twice as much.

    With `where`, of those places only, one after the other.
    """
    import numpy as np

    tray, asked = lab[frame(*lab.shape[:2])], lab if where is None else lab[where]
    found = np.zeros(asked.shape[:-1], bool)
    for channel in range(3):
        middle = _middle(tray[:, channel])
        spread = max(1.4826 * _middle(np.abs(tray[:, channel] - np.float32(middle))), _LEAST_SPREAD)
        apart = (asked[..., channel] - np.float32(middle)) / np.float32(spread)
        found |= apart > _FAR
        found |= apart < (-2 * _FAR if channel == 0 else -_FAR)
    return found


def _middle(values: NDArray[np.uint8] | NDArray[np.float32]) -> float:
    """Return the median, by half steps: of whole numbers it needs no sorting."""
    import numpy as np

    counts = np.cumsum(np.bincount((values * np.float32(2)).astype(np.intp)))
    low, high = np.searchsorted(counts, [(len(values) + 1) // 2, len(values) // 2 + 1])
    return float(low + high) / 4
