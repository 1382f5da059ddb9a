"""Where the item is, how high it stands, and what lies beside it on the tray.

The item is the largest thing that stands above the tray, or differs from its colours where there is no depth. A mound of powder that
touches it is lower than most of it and makes its outline ragged: then the item begins at a part of its own height. Everything else that is no tray is residue: spilt
powder or liquid, and parts that came off. A shadow only makes the tray darker, and hardly changes its hue: that is no residue.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from probatum.inspection.semantics.rough_item import rough_item
from probatum.inspection.semantics.tray import above_tray
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 384  # pixels of the longer side at which is looked, at most
_TINY = 16  # pixels of the shorter side
_MEASURED = 0.2  # of depth, below which it says nothing of what stands where
_PART = 0.3  # of the height of an item, where it begins
_LOWEST_MM, _HIGHEST_MM = 1.2, 8.0  # at least, and at most
_RAGGED = 0.04  # of a rectangle: how much less of it an outline may fill that reaches farther down
_BLIND = 0.04  # of the picture without depth, from which colours say what that is
_BROAD = 5  # places across a part without depth, from which it is no edge
_FAR = 5.0  # times how much the tray itself varies
_KEPT = 0.72  # of a wider part: what is left of it without a mound; a blister on its card is less
_PIECE = 0.05  # of the largest part: what may belong to the item as well
_RECTANGLE = 0.9  # of the rectangle around it that the hull of parts of an item fills
_SMALLEST = 0.003  # of the picture: what is smaller is no item
_EDGE = 0.02  # of the longer side, around an item, where the tray is not looked at: edges are soft, and depth is missing there
_DARK = 8.0  # of 255, added before logarithms: differences of what is nearly black are noise
_FLOORS = (0.012, 0.012, 0.04)  # least spread of hue (red and blue over green) and of brightness of the tray, as logarithms
_SHADE = 0.2  # of how much darker it is, by which hue may differ in a shadow: lamp and dome have colours of their own
_LOW_MM = 0.35  # least spread of depth of the tray, after smoothing


@dataclass(frozen=True, slots=True, eq=False)
class Segmented:
    """What is where in a picture, at the size that is looked at.

    Attributes
    ----------
    scale : float
        Pixels of these arrays for each of the picture.
    item : array of shape (h, w), bool
    beside : array of shape (h, w), float32
        How clearly something that is no tray lies there, in times that the tray varies; 0 on and around the item.
    height : array of shape (h, w), float32, or None
        Millimetres above the tray, NaN where depth is missing; None without depth.
    """

    scale: float
    item: NDArray[np.bool_]
    beside: NDArray[np.float32]
    height: NDArray[np.float32] | None


def segmented(
    rgb: NDArray[np.uint8],
    *,
    mm: NDArray[np.float32] | None = None,
    mask: NDArray[np.bool_] | None = None,
    empty: NDArray[np.uint8] | None = None,
) -> Segmented | None:
    """Tell item, residue and tray apart.

    Parameters
    ----------
    rgb : array of shape (h, w, 3), uint8
    mm : array of shape (h, w), float32, optional
        Depth, NaN where it is missing.
    mask : array of shape (h, w), bool, optional
        Where the item is, from whoever knows better; one without a single place is as none.
    empty : array of shape (h, w, 3), uint8, optional
        The same view of the empty tray. Without it, the tray is what most of the picture around the item shows.

    Returns
    -------
    Segmented or None
        None if there is no item, or the picture has fewer than 16 pixels on a side.

    Raises
    ------
    ValueError
        If arrays are not of the size of the picture.
    """
    import cv2
    import numpy as np

    for name, other in (("depth", mm), ("a mask", mask), ("an empty tray", empty)):
        if other is not None and other.shape[:2] != rgb.shape[:2]:
            raise ValueError(f"{name} of {other.shape[:2]} is not one of a picture of {rgb.shape[:2]}")
    if min(rgb.shape[:2]) < _TINY:
        return None
    scale = min(1.0, SIDE / max(rgb.shape[:2]))
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    small = rgb if scale == 1 else np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    tray = None if empty is None else np.asarray(cv2.resize(empty, size, interpolation=cv2.INTER_AREA), np.uint8)
    height, spread, near = None, 0.0, None
    if mm is not None and np.isfinite(mm).mean() >= _MEASURED:
        near = np.asarray(cv2.resize(mm, size, interpolation=cv2.INTER_NEAREST), np.float32)
        near = np.where(np.isfinite(near), near, np.float32(np.nan))
        height, spread = above_tray(near)
    if mask is not None and mask.any():
        item = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    else:
        item = _item(small, near, height, spread, tray)
    if item.mean() < _SMALLEST:
        return None
    return Segmented(scale, item, _beside(small, item, height, tray), height)


def _item(
    rgb: NDArray[np.uint8],
    near: NDArray[np.float32] | None,
    height: NDArray[np.float32] | None,
    spread: float,
    empty: NDArray[np.uint8] | None,
) -> NDArray[np.bool_]:
    import cv2
    import numpy as np

    if height is None:
        return _whole(rough_item(rgb) if empty is None else _unlike(rgb, empty))
    blind = np.isnan(height)
    # A reflection across a glossy card is broad, and would divide it: one side of it would lie beside the other.
    broad = cv2.morphologyEx(blind.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_BROAD, _BROAD), np.uint8))
    if blind.mean() > _BLIND or broad.any():
        return _standing(height, spread, blind & rough_item(rgb, near))
    # A few blind places are at edges, or holes that are filled.
    return _standing(height, spread, np.zeros_like(blind))


def _standing(height: NDArray[np.float32], spread: float, blind: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the item: what is higher than the tray, or than a part of its own height where the other has no shape of goods.

    What is `blind` has no depth, and is of the item.
    """
    import cv2
    import numpy as np

    smooth = _smooth(height, height.shape[::-1])
    known = np.nan_to_num(height)
    thin = smooth[::3, ::3]
    low = max(_LOWEST_MM, _FAR * 1.4826 * _median(np.abs(thin[thin < _LOWEST_MM])))
    within = thin[thin > low]
    high = _PART * float(np.quantile(within, 0.9)) if len(within) else 0.0
    high = max(_FAR * spread, min(max(high, _LOWEST_MM), _HIGHEST_MM))
    kernel = np.ones((3, 3), np.uint8)
    parts = []
    for least, heights in ((low, smooth), (high, known)):
        found = cv2.morphologyEx(((heights > least) | blind).astype(np.uint8), cv2.MORPH_OPEN, kernel)
        parts.append(_largest(cv2.morphologyEx(found, cv2.MORPH_CLOSE, kernel, iterations=2).astype(bool)))
    wide, narrow = parts
    # A mound beside it makes its outline ragged; a brim, a seal or a card does not.
    much = narrow.sum() < _KEPT * wide.sum()
    return wide if much or _shapely(wide) > _shapely(narrow) - _RAGGED else narrow


def _median(values: NDArray[np.floating[Any]]) -> float:
    """Return the median of some of many values, or 0 of none."""
    import numpy as np

    return float(np.median(values[:: max(1, len(values) // 1500)])) if len(values) else 0.0


def _shapely(part: NDArray[np.bool_]) -> float:
    """Return how much of the smallest rectangle around a part it fills."""
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return 0.0
    _, (wide, high), _ = cv2.minAreaRect(np.concatenate(outlines))
    return float(part.sum() / ((wide + 1) * (high + 1)))


def _largest(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest connected part, with its holes filled."""
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(found.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(found.shape, np.uint8)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return filled.astype(bool)


def _whole(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest part, and with it others that make a rectangle together: print in the colours of the tray divides an item."""
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(found.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(outline) for outline in outlines]
    large = [outline for outline, area in zip(outlines, areas, strict=True) if area >= _PIECE * max(areas)]
    if not large:
        return np.zeros(found.shape, bool)
    largest = _largest(found)
    hull = cv2.convexHull(np.concatenate(large))
    _, (wide, high), _ = cv2.minAreaRect(hull)
    if cv2.contourArea(hull) < _RECTANGLE * wide * high or _shapely(largest) > _RECTANGLE - _RAGGED:
        return largest
    filled = np.zeros(found.shape, np.uint8)
    cv2.drawContours(filled, [hull], -1, 1, cv2.FILLED)
    return filled.astype(bool)


def _tones(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return hue as logarithms of red and blue over green, and brightness as that of green."""
    import numpy as np

    logs = np.log(rgb.astype(np.float32) + np.float32(_DARK))
    return np.stack([logs[..., 0] - logs[..., 1], logs[..., 2] - logs[..., 1], logs[..., 1]], axis=2)


def _unlike(rgb: NDArray[np.uint8], empty: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return what does not look like the empty tray, but for shadows."""
    import numpy as np

    apart = _tones(rgb) - _tones(empty)
    return np.asarray(_strength(apart - np.median(apart, axis=(0, 1)), np.ones(rgb.shape[:2], bool)) > 2 * _FAR)


def _beside(
    rgb: NDArray[np.uint8], item: NDArray[np.bool_], height: NDArray[np.float32] | None, empty: NDArray[np.uint8] | None
) -> NDArray[np.float32]:
    """Return how clearly each place around the item is no tray."""
    import cv2
    import numpy as np

    # Half the size: dust is smaller than that, and noise is halved.
    size = (max(4, rgb.shape[1] // 2), max(4, rgb.shape[0] // 2))
    half = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    broad = 2 * max(1, round(_EDGE * max(size))) + 1
    near = cv2.dilate(item.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * broad - 1,) * 2))
    around = cv2.resize(near, size, interpolation=cv2.INTER_NEAREST) == 0
    if around.sum() < 64:
        return np.zeros(item.shape, np.float32)
    tones = _tones(half)
    if empty is not None:
        tones = tones - _tones(np.asarray(cv2.resize(empty, size, interpolation=cv2.INTER_AREA), np.uint8))
    apart = tones - _surface(tones, around)
    apart = np.asarray(cv2.GaussianBlur(apart, (5, 5), 1.0), np.float32)
    strength = _strength(apart, around)
    if height is not None:
        strength = np.maximum(strength, _raised(height, size, around))
    # What is thinner than three places is dust or a fibre.
    broader = cv2.morphologyEx(np.where(around, strength, 0).astype(np.float32), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.where(near > 0, 0, cv2.resize(broader, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)).astype(np.float32)


def _surface(tones: NDArray[np.float32], around: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a quadratic surface through most of the tray: lenses are darker at the edge, and light comes from one side."""
    import numpy as np

    terms = _terms(*around.shape)
    chosen = np.flatnonzero(around)
    chosen = chosen[:: max(1, len(chosen) // 700)]
    given, wanted = terms.reshape(-1, 6)[chosen].astype(np.float64), tones.reshape(-1, 3)[chosen].astype(np.float64)
    kept = np.ones(len(chosen), bool)
    for _ in range(3):
        # The corners of the picture are never all hidden, so that this can be solved; a trace of a ridge, should they be.
        fitted = np.linalg.solve(given[kept].T @ given[kept] + 1e-6 * np.eye(6), given[kept].T @ wanted[kept])
        away = np.abs(wanted - given @ fitted)
        kept = np.asarray((away <= 3 * np.maximum(1.4826 * np.median(away[kept], axis=0), 1e-3)).all(axis=1), bool)
        if kept.sum() < 64:
            break
    return np.asarray((terms.reshape(-1, 6) @ fitted.astype(np.float32)).reshape(tones.shape), np.float32)


@lru_cache(maxsize=4)
def _terms(high: int, wide: int) -> NDArray[np.float32]:
    """Return what a quadratic surface is made of; do not change it."""
    import numpy as np

    y, x = np.mgrid[-1 : 1 : complex(0, high), -1 : 1 : complex(0, wide)].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=2)


def _strength(apart: NDArray[np.float32], around: NDArray[np.bool_]) -> NDArray[np.float32]:
    import numpy as np

    red, blue, bright = (np.ascontiguousarray(apart[..., at]) for at in range(3))
    spreads = [max(1.4826 * _median(np.abs(one[around])), floor) for one, floor in zip((red, blue, bright), _FLOORS, strict=True)]
    allowed = np.float32(_SHADE) * np.maximum(-bright, 0)
    one = np.maximum(np.abs(red) - allowed, 0) * np.float32(1 / spreads[0])
    other = np.maximum(np.abs(blue) - allowed, 0) * np.float32(1 / spreads[1])
    return np.asarray(np.maximum(np.sqrt(one * one + other * other), bright * np.float32(1 / spreads[2])), np.float32)


def _raised(height: NDArray[np.float32], size: tuple[int, int], around: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return how clearly each place is higher than the tray."""
    import numpy as np

    smooth = _smooth(height, size)
    middle = _median(smooth[around])
    spread = max(1.4826 * _median(np.abs(smooth[around] - middle)), _LOW_MM)
    return (smooth - np.float32(middle)) * np.float32(1 / spread)


def _smooth(height: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return means over some pixels of those that are known; 0 where few are."""
    import cv2
    import numpy as np

    known = np.isfinite(height).astype(np.float32)
    weight = cv2.GaussianBlur(cv2.resize(known, size, interpolation=cv2.INTER_AREA), (5, 5), 1.2)
    mean = cv2.GaussianBlur(cv2.resize(np.nan_to_num(height), size, interpolation=cv2.INTER_AREA), (5, 5), 1.2)
    return np.asarray(np.where(weight > 0.5, mean / np.maximum(weight, 1e-3), 0), np.float32)
