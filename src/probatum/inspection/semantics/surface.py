"""What a network says of places on a surface that fills the picture, such as a tile or a sheet, seen at several sizes.

Unlike an item on a tray, a surface has no outline to be turned upright by, and its light is uneven: bright where the lamp is, dark
towards a curved edge. So what varies slowly is taken out, as contrast to what is around, before the network looks. It looks at
several sizes, and always at the same scale of the camera, for a fault has a size in millimetres, whatever the tile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.infer.vision.backbone import Backbone

_LEAST = 32  # pixels of a side, as it is looked at
_MOST = 1024
_GRID = 16  # sides are whole multiples of it
_FLOOR = 20.0  # of 255, added to the light around: the contrast of what is nearly black is noise
_MIDDLE = 127.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How a surface is looked at.

    Attributes
    ----------
    factors : tuple of float
        Of each look, the side of the picture as seen by the network to that of the picture.
    light : float
        Pixels of the picture over which light varies; what varies as slowly is taken out.
    gain : float
        Of contrast: a place twice as bright as what is around it is so many of 255 brighter than the middle, were there no noise.
    """

    factors: tuple[float, ...] = (0.35, 0.5)
    light: float = 80.0
    gain: float = 80.0


def patches(backbone: Backbone, rgb: NDArray[np.uint8], sizes: Sizes) -> tuple[NDArray[np.float32], ...]:
    """Look at a surface.

    Parameters
    ----------
    backbone : Backbone
        With the layers `stride16` and `stride32`; best one that ends there, `embedded:lite0-inner`.
    rgb : array of shape (h, w, 3), uint8
    sizes : Sizes

    Returns
    -------
    tuple of arrays of shape (rows, columns, c), float32
        One of each factor, of places that are 32 pixels apart as seen: what both layers say of them.
    """
    import numpy as np

    looks = []
    for factor in sizes.factors:
        seen = backbone.features([_even(_sized(rgb, factor), sizes.light * factor, sizes.gain)])
        looks.append(np.ascontiguousarray(joined(seen.stride32[0], seen.stride16[0])))
    return tuple(looks)


def joined(*layers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what several layers, each of shape (c, h, w), say of the places of the first one, as an array of shape (h, w, c)."""
    import cv2
    import numpy as np

    rows, columns = layers[0].shape[1:]
    at = [layers[0].transpose(1, 2, 0)]
    for layer in layers[1:]:
        # One channel at a time: of more than four, areas are not what OpenCV returns.
        sized = [cv2.resize(channel, (columns, rows), interpolation=cv2.INTER_AREA) for channel in layer]
        at.append(np.stack(sized, axis=-1).astype(np.float32))
    return np.concatenate(at, axis=-1)


def _sized(rgb: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    import cv2
    import numpy as np

    sides = [min(max(round(side * factor / _GRID) * _GRID, _LEAST), _MOST) for side in rgb.shape[:2]]
    smaller = sides[0] * sides[1] < rgb.shape[0] * rgb.shape[1]
    sized = cv2.resize(rgb, (sides[1], sides[0]), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(sized, dtype=np.uint8)


def _even(rgb: NDArray[np.uint8], light: float, gain: float) -> NDArray[np.uint8]:
    """Contrast to the light around, which is found on a coarser picture: it has nothing fine in it, and blurring widely is slow."""
    import cv2
    import numpy as np

    step = max(1, min(round(light / 5), *(side // 4 for side in rgb.shape[:2])))
    rows, columns = (max(1, -(-side // step)) for side in rgb.shape[:2])
    coarse = cv2.resize(rgb.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    around = cv2.resize(
        cv2.GaussianBlur(coarse, (0, 0), light / step), (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR
    )
    contrast = (rgb - around) * (gain / (around + _FLOOR))
    return np.clip(np.rint(contrast + _MIDDLE), 0, 255).astype(np.uint8)
