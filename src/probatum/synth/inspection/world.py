"""The tray with what lies on it: surfaces turned, moved, and laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection.parameters import Optics
from probatum.synth.inspection.raster import Picture, generator, line, mixed, warp, waves
from probatum.synth.inspection.surface import Surface, bled

TOP_MM = 170.0  # nothing is higher
_WIDER = 1.24  # the part of the tray that is computed, over what a camera of zoom 1 sees: cameras from aside see more


@dataclass(frozen=True, slots=True)
class Pose:
    """Where something lies: the middle, in mm from that of the tray, and how it is turned, in radians."""

    x: float
    y: float
    turned: float


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a camera looks at; square arrays over the tray.

    Attributes
    ----------
    scale : float
        Pixels per millimetre.
    height : array of shape (n, n)
        Millimetres.
    solid : array of shape (n, n, 4)
        Colour of what has a height, going on for a little beyond its outline, and gloss.
    ground : array of shape (n, n, 4)
        Colour and gloss of what is seen from straight above: the tray, too.
    item : array of shape (n, n)
    """

    scale: float
    height: Picture
    solid: Picture
    ground: Picture
    item: Picture

    def pixel(self, x_mm: Picture, y_mm: Picture) -> tuple[Picture, Picture]:
        """Return where places in millimetres are in these arrays."""
        middle = np.float32((self.height.shape[0] - 1) / 2)
        return x_mm * np.float32(self.scale) + middle, y_mm * np.float32(self.scale) + middle


def side(optics: Optics) -> int:
    """Pixels of a side of the world."""
    return 2 * round(optics.size * _WIDER / 2)


@lru_cache(maxsize=16)
def tray(pixels: int, scale: float, station: int) -> Picture:
    """Return colour and gloss of the empty tray of a station, which stays the same; do not change it."""
    rng = generator(station, 7)
    shape = (pixels, pixels)
    tone = np.asarray([0.135, 0.15, 0.165], np.float32) * np.float32(rng.uniform(0.85, 1.2))
    grain = 1 + 0.05 * waves(rng, shape, 1.2) + 0.05 * waves(rng, shape, 40 * scale) + 0.03 * waves(rng, shape, 5 * scale)
    colour = np.asarray(tone * grain[..., None], np.float32)
    for _ in range(14):  # what years of parcels left
        start, angle, far = rng.uniform(0, pixels, 2), rng.uniform(0, np.pi), rng.uniform(15, 90) * scale
        end = start + far * np.asarray([np.cos(angle), np.sin(angle)])
        colour = mixed(colour, (0.24, 0.25, 0.26), line(shape, np.stack([start, end]), 1.2 * scale) * np.float32(0.35))
    return np.dstack([colour, np.full(shape, 0.12, np.float32)]).astype(np.float32)


def matrix(surface: Surface, pose: Pose, pixels: int, scale: float) -> NDArray[np.float64]:
    """Return the matrix (2, 3) from pixels of a surface to those of the world."""
    by = scale / surface.scale
    c, s = by * np.cos(pose.turned), by * np.sin(pose.turned)
    middle = np.asarray([(surface.shape[1] - 1) / 2, (surface.shape[0] - 1) / 2])
    turn = np.asarray([[c, -s], [s, c]])
    shift = (pixels - 1) / 2 + scale * np.asarray([pose.x, pose.y]) - turn @ middle
    return np.concatenate([turn, shift[:, None]], axis=1)


def composed(layers: Sequence[tuple[Surface, Pose]], optics: Optics, floor: Picture) -> World:
    """Lay surfaces on the tray, the later ones over the earlier ones.

    Parameters
    ----------
    layers : sequence of (Surface, Pose)
    optics : Optics
    floor : array of shape (n, n, 4)
        The tray, as it was found.
    """
    pixels, scale = side(optics), optics.scale
    height = np.zeros((pixels, pixels), np.float32)
    item = np.zeros_like(height)
    solid = ground = floor
    for surface, pose in layers:
        to = matrix(surface, pose, pixels, scale)
        known = bled(surface)
        coloured = warp(np.dstack([known.colour, known.gloss]).astype(np.float32), to, (pixels, pixels))
        others = warp(np.dstack([known.height, known.alpha, known.item]).astype(np.float32), to, (pixels, pixels))
        alpha = np.minimum(others[..., 1], 1)
        there = (coloured[..., :3].max(axis=2) > 0.002) | (alpha > 0)
        ground = mixed(ground, coloured, alpha)
        solid = np.where(there[..., None], coloured, solid)
        height = np.maximum(height, others[..., 0])
        item = np.maximum(item, others[..., 2])
    return World(scale=scale, height=np.minimum(height, np.float32(TOP_MM - 1)), solid=solid, ground=ground, item=item)


def only_where(there: NDArray[np.bool_], after: World, before: World) -> World:
    """Take one world in some places, and the other one everywhere else."""
    wide = there[..., None]
    return World(
        scale=after.scale,
        height=np.where(there, after.height, before.height),
        solid=np.where(wide, after.solid, before.solid),
        ground=np.where(wide, after.ground, before.ground),
        item=np.where(there, after.item, before.item),
    )


def moved(mask: NDArray[np.bool_], surface: Surface, pose: Pose, optics: Optics) -> Picture:
    """Return a mask over a surface as one over the world, above 0 where it touches a pixel."""
    pixels = side(optics)
    return warp(mask.astype(np.float32), matrix(surface, pose, pixels, optics.scale), (pixels, pixels))
