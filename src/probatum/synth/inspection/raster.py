"""Pictures as arrays of numbers between 0 and 1: what is drawn, moved and blurred with OpenCV, in one place and with types.

Every picture is a float32 array of shape (rows, columns) or (rows, columns, channels). Points are (x, y), in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.float32]
Points: TypeAlias = Sequence[tuple[float, float]] | NDArray[np.floating]

_SHIFT = 4  # of a pixel, sixteenths: OpenCV draws with whole numbers


def generator(*seed: int) -> np.random.Generator:
    """Return a source of chance of its own."""
    return np.random.default_rng([part & 0xFFFFFFFFFFFFFFFF for part in seed])


def warp(picture: Picture, matrix: NDArray[np.float64], shape: tuple[int, int], border: float = 0.0) -> Picture:
    """Move a picture by a matrix (2, 3) from its pixels to those of the result, which has a shape (rows, columns)."""
    out = cv2.warpAffine(
        picture, matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(border,) * 4
    )
    return np.asarray(out, dtype=np.float32)


def sample(picture: Picture, x: Picture, y: Picture) -> Picture:
    """Read a picture at places between its pixels; beyond its edge it goes on as at the edge."""
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def blur(picture: Picture, sigma: float) -> Picture:
    """Spread each point to a Gaussian of a standard deviation in pixels."""
    return picture if sigma <= 0 else np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.float32)


def mean(picture: Picture, radius: float) -> Picture:
    """Average over squares, at a cost that does not depend on their size."""
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.blur(picture, (side, side)), dtype=np.float32)


def grown(picture: Picture, radius: int) -> Picture:
    """Largest value of a square around each pixel."""
    return np.asarray(cv2.dilate(picture, np.ones((2 * radius + 1,) * 2, np.uint8)), dtype=np.float32)


def shrunk(picture: Picture, radius: int) -> Picture:
    """Smallest value of a square around each pixel."""
    return np.asarray(cv2.erode(picture, np.ones((2 * radius + 1,) * 2, np.uint8)), dtype=np.float32)


def resized(picture: Picture, shape: tuple[int, int], *, smaller: bool = False) -> Picture:
    """Change the number of pixels to a shape (rows, columns): by areas where `smaller`, else smoothly."""
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (shape[1], shape[0]), interpolation=how), dtype=np.float32)


def waves(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Picture:
    """Smooth noise of mean about 0 and deviation about 1, whose hills are `scale` pixels apart."""
    rows, columns = (max(2, round(side / max(scale, 1.0)) + 2) for side in shape)
    return resized(rng.standard_normal((rows, columns), dtype=np.float32), shape) * np.float32(1.2)


def polygon(shape: tuple[int, int], points: Points) -> Picture:
    """Return how much of each pixel a polygon covers, about."""
    out = np.zeros(shape, np.uint8)
    corners = np.round(np.asarray(points, dtype=np.float64) * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(out, [corners.reshape(-1, 1, 2)], 255, lineType=cv2.LINE_AA, shift=_SHIFT)
    return out.astype(np.float32) / np.float32(255)


def line(shape: tuple[int, int], points: Points, width: float) -> Picture:
    """Return how much of each pixel a line through points covers, about."""
    out = np.zeros(shape, np.uint8)
    corners = np.round(np.asarray(points, dtype=np.float64) * (1 << _SHIFT)).astype(np.int32)
    # Below a pixel a line is drawn fainter, not thinner.
    cv2.polylines(out, [corners.reshape(-1, 1, 2)], False, 255, max(1, round(width)), cv2.LINE_AA, _SHIFT)
    return out.astype(np.float32) * np.float32(min(1.0, width) / 255)


def ellipse(shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float], turned: float = 0.0) -> Picture:
    """Return how much of each pixel an ellipse covers, about; `turned` in radians."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    x, y = radii[0] * np.cos(angles), radii[1] * np.sin(angles)
    c, s = np.cos(turned), np.sin(turned)
    return polygon(shape, np.stack([centre[0] + c * x - s * y, centre[1] + s * x + c * y], axis=1))


def text(shape: tuple[int, int], said: str, at: tuple[float, float], height: float, *, heavy: bool = False) -> Picture:
    """Return how much of each pixel a line of text covers; `at` is its lower left corner, `height` that of capitals."""
    out = np.zeros(shape, np.uint8)
    size = height / 21.0  # capitals of this font have 21 pixels at scale 1
    thick = max(1, round(height * (0.2 if heavy else 0.11)))
    face = cv2.FONT_HERSHEY_DUPLEX if heavy else cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(out, said, (round(at[0]), round(at[1])), face, size, 255, thick, cv2.LINE_AA)
    return out.astype(np.float32) / np.float32(255)


def text_width(said: str, height: float, *, heavy: bool = False) -> float:
    """Return how wide a line of text is, in pixels."""
    face = cv2.FONT_HERSHEY_DUPLEX if heavy else cv2.FONT_HERSHEY_SIMPLEX
    (width, _), _ = cv2.getTextSize(said, face, height / 21.0, max(1, round(height * (0.2 if heavy else 0.11))))
    return float(width)


def distance(inside: NDArray[np.bool_]) -> Picture:
    """Return the distance in pixels of each pixel to the nearest that is inside; 0 there, and far where none is."""
    if not inside.any():
        return np.full(inside.shape, 1e6, np.float32)
    return np.asarray(cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)


def mixed(under: Picture, over: Picture | Sequence[float], share: Picture) -> Picture:
    """Lay a colour, or a picture in colours, over another one, as far as each pixel's share says."""
    colour = np.asarray(over, dtype=np.float32)
    return np.asarray(under + share[..., None] * (colour - under), dtype=np.float32)


def smooth(x: NDArray[np.floating]) -> Picture:
    """Rise from 0 to 1 between 0 and 1, level at both ends."""
    t = np.clip(x, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def png(picture: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Return a PNG file; colours are in the order red, green, blue."""
    return _encoded(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 3])


def jpeg(picture: NDArray[np.uint8], quality: int) -> bytes:
    """Return a JPEG file of a quality up to 100."""
    return _encoded(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])


def _encoded(suffix: str, picture: NDArray[np.uint8] | NDArray[np.uint16], how: list[int]) -> bytes:
    stored = picture[..., ::-1] if picture.ndim == 3 else picture
    good, raw = cv2.imencode(suffix, np.ascontiguousarray(stored), how)
    if not good:  # only for shapes and types that this function does not take
        raise ValueError(f"cannot encode a picture of shape {picture.shape}")
    return bytes(raw.tobytes())
