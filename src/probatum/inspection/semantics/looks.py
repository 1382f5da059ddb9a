"""What a product looks like in a picture, as three short vectors: shapes, print, and colours.

Shapes are the last layer of the backbone, print is its layer of stride 16, which still tells one texture from another; both are means
over places with the cube of each value, so that a few strong places count more than many weak ones [1]_. Places are weighed by the
mask of the item, or without one by how near they are to the middle, where an item is held.

References
----------
.. [1] Radenovic, Tolias, Chum. "Fine-tuning CNN image retrieval with no human annotation." TPAMI 2019 (generalised mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra
from probatum.infer.vision.backbone import Backbone
from probatum.inspection.semantics.looked import Looked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 448  # pixels that a picture is scaled to: print is small
CHANNELS = ("shapes", "print", "colours")
_SPREAD = 0.35  # of the weight around the middle, in half sides
_COLOURS = (6, 10, 10)  # bins of lightness, green to red, blue to yellow
_GREY = 127  # what is beside a picture that is not square


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """How n pictures look.

    Attributes
    ----------
    shapes : array of shape (n, 1280), float32
    print : array of shape (n, 224), float32
        Positive and negative parts of each of 112 channels.
    colours : array of shape (n, 600), float32
        Roots of shares in a histogram of CIE L*a*b*.
    backbone : str
        Digest of what looked: looks of two backbones cannot be compared.
    """

    shapes: NDArray[np.float32]
    print: NDArray[np.float32]
    colours: NDArray[np.float32]
    backbone: str

    def __len__(self) -> int:
        return len(self.shapes)

    def channel(self, name: str) -> NDArray[np.float32]:
        """Return one of `CHANNELS`."""
        values: NDArray[np.float32] = getattr(self, name)
        return values

    def at(self, chosen: NDArray[np.generic]) -> Looks:
        """Return the looks of some of the pictures, by place or by truth."""
        return Looks(self.shapes[chosen], self.print[chosen], self.colours[chosen], self.backbone)


def looks(backbone: Backbone, pictures: Sequence[NDArray[np.uint8]], *, masks: Sequence[NDArray[np.bool_] | None] = ()) -> Looks:
    """Look at pictures.

    Parameters
    ----------
    backbone : Backbone
    pictures : sequence of arrays of shape (h, w, 3), uint8
        RGB, of any size.
    masks : sequence of arrays of shape (h, w), bool, or None
        Where the item is; one for each picture, or none at all. One without a single place is as none.

    Raises
    ------
    ValueError
        If the backbone lacks a layer that is needed, or a mask is not of the size of its picture.
    MissingExtra
        If OpenCV is not installed.
    """
    import numpy as np

    if masks and len(masks) != len(pictures):
        raise ValueError(f"{len(masks)} masks are not one for each of {len(pictures)} pictures")
    lacking = [tap for tap in ("stride16", "stride32") if not backbone.description.taps[tap]]
    if lacking:
        raise ValueError(f"`{backbone.description.provider}` has no layer `{lacking[0]}`, which products are known by")
    rows = [_look(backbone, picture, masks[at] if masks else None) for at, picture in enumerate(pictures)]
    taps = backbone.description.taps
    widths = (taps["stride32"], taps["stride16"] * 2, int(np.prod(_COLOURS)))
    shapes, printed, colours = (
        np.array([row[at] for row in rows], dtype=np.float32).reshape(len(rows), width) for at, width in enumerate(widths)
    )
    return Looks(shapes, printed, colours, backbone.digest)


def _look(
    backbone: Backbone, picture: NDArray[np.uint8], mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:

    cv2 = _opencv()
    square = fitted(picture, SIDE)
    features = backbone.features([square])
    whole = None
    if mask is not None and mask.any():
        if mask.shape != picture.shape[:2]:
            raise ValueError(f"a mask of {mask.shape} is not one of a picture of {picture.shape[:2]}")
        whole = _placed(cv2.resize(mask.astype("float32"), _size(picture, SIDE), interpolation=cv2.INTER_AREA), SIDE, 0)
    return _of_layers(features.stride32[0], features.stride16[0], square, whole)


def looks_of(seen: Sequence[Looked]) -> Looks:
    """Return how items look that were cut out and looked at already; such looks can be compared with each other only.

    Raises
    ------
    ValueError
        If there are none, they were looked at by several backbones, or by one that lacks a layer that is needed.
    """
    import numpy as np

    if len({one.backbone for one in seen}) != 1:
        raise ValueError("looks are of one backbone")
    if not all(len(one.stride32) and len(one.stride16) for one in seen):
        raise ValueError("products are known by layers that this backbone does not have")
    rows = [_of_layers(one.stride32, one.stride16, one.cutout.rgb, one.cutout.item.astype(np.float32)) for one in seen]
    shapes, printed, colours = (np.stack([row[at] for row in rows]) for at in range(3))
    return Looks(shapes, printed, colours, seen[0].backbone)


def _of_layers(
    coarse: NDArray[np.float32], fine: NDArray[np.float32], square: NDArray[np.uint8], whole: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    import numpy as np

    weights = _weights(fine.shape[1], whole)
    return (
        cubic_mean(coarse, _weights(coarse.shape[1], whole)),  # nothing of it is below 0
        np.concatenate([cubic_mean(fine, weights), cubic_mean(-fine, weights)]),
        _colours(square, whole),
    )


def fitted(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Scale a picture so that it just fits into a square, and lay it in its middle."""
    cv2 = _opencv()
    enlarged = side > max(picture.shape[:2])
    scaled = cv2.resize(picture, _size(picture, side), interpolation=cv2.INTER_CUBIC if enlarged else cv2.INTER_AREA)
    return _placed(scaled, side, _GREY)


def _size(picture: NDArray[np.uint8], side: int) -> tuple[int, int]:
    scale = side / max(picture.shape[:2])
    return max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))


def _placed(scaled: NDArray[Any], side: int, beside: int) -> NDArray[Any]:
    import numpy as np

    square = np.full((side, side, *scaled.shape[2:]), beside, dtype=scaled.dtype)
    top, left = (side - scaled.shape[0]) // 2, (side - scaled.shape[1]) // 2
    square[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return square


def _weights(places: int, mask: NDArray[Any] | None) -> NDArray[np.float32]:
    """Weights of places x places that sum to one."""
    import numpy as np

    if mask is None:
        at = np.linspace(-1, 1, places)
        found = np.exp(-(at[:, None] ** 2 + at[None] ** 2) / (2 * _SPREAD**2))
    else:
        found = _opencv().resize(mask, (places, places), interpolation=_opencv().INTER_AREA).astype(np.float64)
    weights: NDArray[np.float32] = (found / found.sum()).astype(np.float32)
    return weights


def cubic_mean(layer: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted generalised mean of exponent 3 of the positive values of each channel.

    Parameters
    ----------
    layer : array of shape (c, h, w)
    weights : array of shape (h, w)
        Sum to one.

    Returns
    -------
    array of shape (c,), float32
    """
    import numpy as np

    return np.cbrt((np.maximum(layer.reshape(len(layer), -1), 0) ** 3) @ weights.ravel()).astype(np.float32)


def _colours(square: NDArray[np.uint8], mask: NDArray[np.generic] | None) -> NDArray[np.float32]:
    """Roots of the shares of colours, so that products of two are the Bhattacharyya coefficient."""
    import numpy as np

    cv2 = _opencv()
    small = cv2.resize(square, (SIDE // 4, SIDE // 4), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.int64)
    lightness = np.minimum(lab[..., 0] // 43, _COLOURS[0] - 1)
    red, yellow = (np.clip((lab[..., at] - 78) // 10, 0, _COLOURS[at] - 1) for at in (1, 2))
    bins = (lightness * _COLOURS[1] + red) * _COLOURS[2] + yellow
    shares = np.bincount(bins.ravel(), weights=_weights(SIDE // 4, mask).ravel(), minlength=int(np.prod(_COLOURS)))
    return np.sqrt(shares).astype(np.float32)


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise MissingExtra(
            "pictures are scaled by OpenCV, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    return cv2
