"""The tray: a plane that most of the frame of a picture shows, and how high above it things stand.

Where a camera looks straight down, depth of a tray is a plane. Of one that looks aslant, through a lens, the inverse of depth is [1]_, and
depth itself is bent by centimetres.

References
----------
.. [1] Hartley, Zisserman. "Multiple View Geometry in Computer Vision." Cambridge, 2nd edition (2004): a plane is a plane in (x, y, 1) / depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FRAME = 0.05  # of the shorter side: the frame of the picture, most of which shows the tray
_BETTER = 0.5  # of the spread around a plane of depth, below which one of its inverse is believed: noise decides between equals
_FARTHEST = 1e-6  # of inverse depth: a kilometre
_FEWEST, _MOST = 16, 700  # pixels of the tray that its plane is laid through


def frame(height: int, width: int) -> NDArray[np.bool_]:
    """Return which pixels of a picture are near its border."""
    import numpy as np

    broad = max(2, round(_FRAME * min(height, width)))
    near = np.ones((height, width), bool)
    near[broad:-broad, broad:-broad] = False
    return near


@dataclass(frozen=True, slots=True)
class Tray:
    """Where the tray is.

    Attributes
    ----------
    plane : (float, float, float)
        For each column and each row, and at the first pixel: of depth, or of its inverse.
    inverse : bool
        Of which of them.
    spread : float
        Standard deviation of the tray around it, in millimetres of depth: noise, mostly.
    """

    plane: tuple[float, float, float]
    inverse: bool
    spread: float

    def depth(self, height: int, width: int) -> NDArray[np.float32]:
        """Return the depth of the tray at each pixel of a picture of that size, in millimetres."""
        import numpy as np

        across, down, level = (np.float32(value) for value in self.plane)
        y, x = np.ogrid[0:height, 0:width]
        found = x.astype(np.float32) * across + (y.astype(np.float32) * down + level)
        return np.asarray(1 / np.maximum(found, np.float32(_FARTHEST)) if self.inverse else found, np.float32)


def tray(mm: NDArray[np.float32]) -> Tray:
    """Return the plane that is laid through most of the frame of a picture.

    Parameters
    ----------
    mm : array of shape (h, w), float32
        Depth, NaN where it is missing; three pixels of it at least are there.
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
    straight, away = _laid(places, values, values >= np.quantile(values, 0.25), inverse=False)
    if (values <= 0).any():
        return straight
    slanted, _ = _laid(places, values, away <= max(3 * straight.spread, 1.0), inverse=True)
    return slanted if slanted.spread < _BETTER * straight.spread else straight


def _laid(
    places: NDArray[np.float64], values: NDArray[np.float64], kept: NDArray[np.bool_], *, inverse: bool
) -> tuple[Tray, NDArray[np.float64]]:
    """Return a plane, and how far away all values are from it."""
    import numpy as np

    wanted = 1 / values if inverse else values
    for _ in range(5):
        plane, *_ = np.linalg.lstsq(places[kept], wanted[kept], rcond=None)
        laid = places @ plane
        away = np.abs((1 / np.maximum(laid, _FARTHEST) if inverse else laid) - values)
        spread = 1.4826 * float(np.median(away[kept]))
        still = kept & (away <= max(3 * spread, 1.0))
        if still.sum() < _FEWEST or (still == kept).all():
            break
        kept = still
    return Tray((float(plane[0]), float(plane[1]), float(plane[2])), inverse, spread), away


def above_tray(mm: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Return how high things stand above the tray.

    Parameters
    ----------
    mm : array of shape (h, w), float32
        As of `tray`.

    Returns
    -------
    height : array of shape (h, w), float32
        Millimetres along the axis of the camera; NaN where depth is missing.
    spread : float
        Standard deviation of the tray around its plane, in millimetres: noise, mostly.
    """
    import numpy as np

    found = tray(mm)
    return np.asarray(found.depth(*mm.shape) - mm, np.float32), found.spread
