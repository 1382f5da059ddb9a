"""Light on a height field: a lamp with soft shadows, a dome that corners see less of, and lamps mirrored in gloss.

Shadows are found by walking towards the lamp and asking how far the ground rises above the ray (horizon mapping; N. Max, `Horizon mapping:
shadows for bump-mapped surfaces`, The Visual Computer 4, 1988); how much of the dome a point sees is guessed from how much higher its
surroundings are on average. Highlights follow Blinn (SIGGRAPH 1977), with strips of light besides the lamp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection.raster import Picture, blur, mean

_STEPS = 13
_DOME_MM = (5.0, 16.0, 42.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """Where light comes from.

    Attributes
    ----------
    azimuth, elevation : float
        Radians; azimuth 0 is to the right, and a quarter turn is downwards in the picture.
    strength : float
        The dome has 1.
    strips : (float, float)
        Where the strips of light are, as the horizontal part of the direction to them.
    veil : array or None
        Over the world: how much of the lamp reaches each pixel, where a hand is in the way.
    """

    azimuth: float
    elevation: float
    strength: float
    strips: tuple[float, float] = (0.3, -0.34)
    veil: Picture | None = None


@dataclass(frozen=True, slots=True)
class Lit:
    """Light on each pixel of the world: of the dome, of the lamp, and what gloss mirrors."""

    dome: Picture
    lamp: Picture
    mirrored: Picture


def lit(height: Picture, gloss: Picture, scale: float, lamp: Lamp, towards: tuple[Picture, Picture]) -> Lit:
    """Return the light on a world.

    Parameters
    ----------
    height : array of shape (n, n)
        Millimetres.
    gloss : array of shape (n, n)
    scale : float
        Pixels per millimetre.
    lamp : Lamp
    towards : two arrays of shapes that make (n, n)
        Horizontal parts of the direction to the camera, of length 1 in all.
    """
    slope_x, slope_y = slopes(height, scale)
    upright = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    nx, ny = -slope_x * upright, -slope_y * upright
    c, s = np.cos(lamp.elevation), np.sin(lamp.elevation)
    lx, ly = float(c * np.cos(lamp.azimuth)), float(c * np.sin(lamp.azimuth))
    facing = np.maximum(nx * np.float32(lx) + ny * np.float32(ly) + upright * np.float32(s), 0)
    seen = 1 - shadow(height, scale, lamp)
    if lamp.veil is not None:
        seen = seen * lamp.veil
    # Twice the normal along the view, less the view: where a mirror at this point looks.
    vx, vy = towards
    vz = np.sqrt(np.maximum(1 - vx**2 - vy**2, 0))
    along = 2 * (nx * vx + ny * vy + upright * vz)
    rx, ry = along * nx - vx, along * ny - vy
    soft = np.float32(0.025) + np.float32(0.12) * (1 - gloss) ** 2
    strips = np.zeros_like(height)
    for at in lamp.strips:
        strips += np.exp(-(((rx - np.float32(at)) / soft) ** 2)) * (np.abs(ry - np.float32(0.1)) < 0.45)
    near = (rx - np.float32(lx)) ** 2 + (ry - np.float32(ly)) ** 2
    spot = np.exp(-near / (2 * soft**2)) * seen * np.float32(1.6)
    # A window that wet and glossy things show a part of, by where they are.
    window = np.float32(0.05) + np.float32(0.05) * np.tanh((rx - np.float32(0.6) * ry) * np.float32(14))
    mirrored = gloss * np.sqrt(gloss) * (np.float32(0.7) * strips + spot + gloss * window)
    dome = openness(height, scale) * (np.float32(0.55) + np.float32(0.45) * upright)
    if lamp.veil is not None:
        dome = dome * (np.float32(0.55) + np.float32(0.45) * lamp.veil)
    return Lit(
        np.asarray(dome, np.float32),
        np.asarray(facing * seen * np.float32(lamp.strength), np.float32),
        np.asarray(mirrored, np.float32),
    )


def slopes(height: Picture, scale: float) -> tuple[Picture, Picture]:
    """Return the rise along x and along y, in mm per mm, at most 1.6 either way: steeper parts are sides, which cameras light apart."""
    x, y = np.zeros_like(height), np.zeros_like(height)
    x[:, 1:-1] = (height[:, 2:] - height[:, :-2]) * np.float32(scale / 2)
    y[1:-1] = (height[2:] - height[:-2]) * np.float32(scale / 2)
    return np.clip(x, -1.6, 1.6), np.clip(y, -1.6, 1.6)


def shadow(height: Picture, scale: float, lamp: Lamp) -> Picture:
    """Return how much of the lamp is hidden from each pixel, from 0 to 1."""
    top = float(height.max())
    out = np.zeros_like(height)
    if top < 0.5:
        return out
    rise = float(np.tan(lamp.elevation))
    # Of few lengths, so that something a little higher here changes no shadow elsewhere.
    high = next(bound for bound in (12.5, 25.0, 50.0, 100.0, 1e9) if top <= bound)
    reach = min(min(high, 170.0) / rise * 1.3, 0.45 * height.shape[0] / scale)
    for step in np.geomspace(1.6 / scale, max(reach, 3.2 / scale), _STEPS):
        dx, dy = (round(float(way(lamp.azimuth)) * float(step) * scale) for way in (np.cos, np.sin))
        far = max(float(np.hypot(dx, dy)) / scale, 1e-3)
        here, there = _shifted(height, dx, dy)
        over = there - height[here] - np.float32(far * rise)
        out[here] = np.maximum(out[here], over * np.float32(1 / (0.22 * far + 1.5)) + np.float32(0.25))
    return blur(np.clip(out - np.float32(0.25), 0, 1), 0.9 * max(1.0, scale / 0.61))


def openness(height: Picture, scale: float) -> Picture:
    """Return about how much of the dome each pixel sees, from 0 to 1."""
    hidden = np.zeros_like(height)
    for radius in _DOME_MM:
        higher = mean(height, radius * scale) - height
        hidden += np.float32(0.24) * np.clip(higher * np.float32(1 / radius), 0, 1)
    return blur(1 - hidden, 0.7)


def _shifted(height: Picture, dx: int, dy: int) -> tuple[tuple[slice, slice], NDArray[np.float32]]:
    """Return the part of the world from which a step stays in it, and the heights where the steps end."""
    rows, columns = height.shape

    def cut(size: int, by: int) -> tuple[slice, slice]:
        return (slice(0, size - by), slice(by, size)) if by >= 0 else (slice(-by, size), slice(0, size + by))

    (from_rows, to_rows), (from_columns, to_columns) = cut(rows, dy), cut(columns, dx)
    return (from_rows, from_columns), height[to_rows, to_columns]
