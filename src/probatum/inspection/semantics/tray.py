"""The tray: a plane that most of the frame of a picture shows, and how high above it things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FRAME = 0.05  # of the shorter side: the frame of the picture, most of which shows the tray
_FEWEST, _MOST = 16, 700  # pixels of the tray that its plane is laid through


def frame(height: int, width: int) -> NDArray[np.bool_]:
    """Return which pixels of a picture are near its border."""
    import numpy as np

    broad = max(2, round(_FRAME * min(height, width)))
    near = np.ones((height, width), bool)
    near[broad:-broad, broad:-broad] = False
    return near


def above_tray(mm: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Return how high things stand above the plane that is laid through most of the frame.

    Parameters
    ----------
    mm : array of shape (h, w), float32
        Depth, NaN where it is missing; three pixels of it at least are there.

    Returns
    -------
    height : array of shape (h, w), float32
        Millimetres along the axis of the camera; NaN where depth is missing.
    spread : float
        Standard deviation of the tray around its plane, in millimetres: noise, mostly.
    """
    import numpy as np

    used = np.flatnonzero(frame(*mm.shape) & np.isfinite(mm))
    if len(used) < _FEWEST:
        used = np.flatnonzero(np.isfinite(mm))
    used = used[:: max(1, len(used) // _MOST)]
    rows, columns = np.unravel_index(used, mm.shape)
    places = np.stack([columns, rows, np.ones(len(used))], axis=1).astype(np.float64)
    values = mm.ravel()[used].astype(np.float64)
    # Nothing is farther away than the tray: start from what is, and drop what stands out of the plane, until that is nothing.
    kept = values >= np.quantile(values, 0.25)
    for _ in range(5):
        plane, *_ = np.linalg.lstsq(places[kept], values[kept], rcond=None)
        away = np.abs(places @ plane - values)
        spread = 1.4826 * float(np.median(away[kept]))
        still = kept & (away <= max(3 * spread, 1.0))
        if still.sum() < _FEWEST or (still == kept).all():
            break
        kept = still
    across, down, level = (np.float32(value) for value in plane)
    y, x = np.ogrid[0 : mm.shape[0], 0 : mm.shape[1]]
    return np.asarray(x.astype(np.float32) * across + (y.astype(np.float32) * down + level) - mm, np.float32), spread
