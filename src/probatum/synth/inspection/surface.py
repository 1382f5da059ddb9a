"""Height fields: what lies on the tray, seen from above, with a height, a colour and a gloss for each pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection.raster import Picture, mean, sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Something that lies on the tray; its middle is that of the arrays, whose pixels are `scale` to a millimetre.

    Attributes
    ----------
    scale : float
        Pixels per millimetre.
    colour : array of shape (rows, columns, 3)
        Share of red, green and blue light that comes back, linear.
    gloss : array of shape (rows, columns)
        From 0, paper, to 1, wet.
    height : array of shape (rows, columns)
        Millimetres above the tray.
    alpha : array of shape (rows, columns)
        How much of the tray is hidden.
    item : array of shape (rows, columns)
        1 where it belongs to the item: what was spilt does not.
    """

    scale: float
    colour: Picture
    gloss: Picture
    height: Picture
    alpha: Picture
    item: Picture

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height.shape[0], self.height.shape[1]

    def places(self) -> tuple[Picture, Picture]:
        """Return x and y of each pixel, in millimetres from the middle."""
        return places(self.shape, self.scale)

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a place in millimetres."""
        return x * self.scale + (self.shape[1] - 1) / 2, y * self.scale + (self.shape[0] - 1) / 2

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the pixels of points in millimetres, (points, 2)."""
        return points * self.scale + (np.asarray([self.shape[1], self.shape[0]]) - 1) / 2

    def solid(self) -> NDArray[np.bool_]:
        """Where the item is."""
        return self.item > 0.5


def places(shape: tuple[int, int], scale: float) -> tuple[Picture, Picture]:
    """Return x and y of each pixel of a shape, in millimetres from the middle; of shapes (1, columns) and (rows, 1)."""
    y = (np.arange(shape[0], dtype=np.float32)[:, None] - (shape[0] - 1) / 2) / scale
    x = (np.arange(shape[1], dtype=np.float32)[None, :] - (shape[1] - 1) / 2) / scale
    return x.astype(np.float32), y.astype(np.float32)


def padded(surface: Surface, by_mm: float) -> Surface:
    """Leave so much more room on every side."""
    by = round(by_mm * surface.scale)

    def wide(picture: Picture) -> Picture:
        rows, columns = picture.shape[:2]
        out = np.zeros((rows + 2 * by, columns + 2 * by, *picture.shape[2:]), np.float32)
        out[by : by + rows, by : by + columns] = picture
        return out

    return replace(
        surface,
        colour=wide(surface.colour),
        gloss=wide(surface.gloss),
        height=wide(surface.height),
        alpha=wide(surface.alpha),
        item=wide(surface.item),
    )


def displaced(surface: Surface, dx: Picture, dy: Picture) -> Surface:
    """Move each point by so many pixels, print and all; where both are 0 nothing changes."""
    columns = np.arange(surface.shape[1], dtype=np.float32)[None, :]
    rows = np.arange(surface.shape[0], dtype=np.float32)[:, None]
    x, y = (columns - dx).astype(np.float32), (rows - dy).astype(np.float32)
    four = np.dstack([surface.height, surface.gloss, surface.alpha, surface.item])
    moved = sample(np.asarray(four, np.float32), x, y)
    return replace(
        surface,
        colour=sample(surface.colour, x, y),
        height=np.ascontiguousarray(moved[..., 0]),
        gloss=np.ascontiguousarray(moved[..., 1]),
        alpha=np.ascontiguousarray(moved[..., 2]),
        item=np.ascontiguousarray(moved[..., 3]),
    )


def changed(before: Surface, after: Surface) -> NDArray[np.bool_]:
    """Where two surfaces of the same shape differ by more than a tenth of a millimetre, or by a shade: the exact mask of damage."""
    seen = np.abs(before.height - after.height) > 0.1
    seen |= np.abs(before.colour - after.colour).max(axis=2) > 0.004
    seen &= (before.alpha > 0.004) | (after.alpha > 0.004)
    seen |= np.abs(before.alpha - after.alpha) > 0.004
    seen |= np.abs(before.gloss - after.gloss) * np.maximum(before.alpha, after.alpha) > 0.01
    return np.asarray(seen)


def bled(surface: Surface) -> Surface:
    """Let colours go on for two pixels beyond the outline, so that sides have the colour of the edge above them."""
    four = mean(np.dstack([surface.colour * surface.alpha[..., None], surface.alpha]).astype(np.float32), 2)
    beyond = four[..., :3] / np.maximum(four[..., 3:], 1e-3)
    kept = np.minimum(surface.alpha * 4, 1)[..., None]
    return replace(surface, colour=np.asarray(beyond + kept * (surface.colour - beyond), dtype=np.float32))
