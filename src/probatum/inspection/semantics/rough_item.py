"""Roughly where the item is, from how the frame of the picture looks: good enough to see that it is there, whole and alone.

Whoever has a better mask uses that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        found = _other_colours(cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32))
    else:
        found = _above(near)
        if not measured.all():
            found = np.where(measured, found, _other_colours(cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)))
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


def _other_colours(lab: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return what has another colour than most of the frame; what is only darker, as a shadow is, must differ twice as much."""
    import numpy as np

    tray = lab[frame(*lab.shape[:2])]
    middle = np.median(tray, axis=0)
    spread = np.maximum(1.4826 * np.median(np.abs(tray - middle), axis=0), _LEAST_SPREAD)
    apart = (lab - middle) / spread
    apart[..., 0] = np.where(apart[..., 0] < 0, apart[..., 0] / 2, apart[..., 0])
    return np.asarray(np.abs(apart).max(axis=2) > _FAR)
