"""What a camera sees of a world: the first point that each ray meets, its light, and what lens and sensor make of it.

Rays are followed upwards from the tray, so what is high hides what is behind it, and sides are seen from aside (relief mapping: Policarpo,
Oliveira and Comba, `Real-time relief mapping on arbitrary polygonal surfaces`, I3D 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection.light import Lamp, lit
from probatum.synth.inspection.parameters import Camera
from probatum.synth.inspection.raster import Picture, blur, grown, sample, shrunk
from probatum.synth.inspection.surface import places
from probatum.synth.inspection.world import TOP_MM, World

# The same levels for every world: where nothing differs, rays end at the same points.
_LEVELS, _HALVINGS = 16, 4
_FLAT_MM = 0.75  # below this a thing is a film on the tray


@dataclass(frozen=True, slots=True)
class Hits:
    """Where the ray of each pixel ends: in pixels of the world, and how high above the tray."""

    x: Picture
    y: Picture
    z: Picture


@lru_cache(maxsize=16)
def grounds(camera: Camera, size: int, field_mm: float) -> tuple[Picture, Picture]:
    """Return where on the tray each pixel looks, in mm, if nothing is in its way; do not change it."""
    x, y = places((size, size), size / field_mm)
    x, y = x + 0 * y, y + 0 * x
    radius = (x**2 + y**2) / (field_mm / 2) ** 2
    by = (1 + camera.distortion * radius) / camera.zoom
    c, s = np.cos(np.radians(camera.roll_deg)), np.sin(np.radians(camera.roll_deg))
    return ((c * x - s * y) * by).astype(np.float32), ((s * x + c * y) * by).astype(np.float32)


def meet(world: World, camera: Camera, size: int, field_mm: float) -> Hits:
    """Return the first point that the ray of each pixel meets."""
    ground_x, ground_y = grounds(camera, size, field_mm)
    x, y = world.pixel(ground_x, ground_y)
    lean = np.float32(world.scale / camera.height_mm)  # pixels of the world for each mm up and mm aside
    lean_x, lean_y = (np.float32(camera.offset_mm[0]) - ground_x) * lean, (np.float32(camera.offset_mm[1]) - ground_y) * lean
    step = np.float32(TOP_MM / _LEVELS)
    low = np.zeros_like(x)
    for level in range(1, _LEVELS):
        z = step * np.float32(level)
        inside = sample(world.height, x + lean_x * z, y + lean_y * z) >= z
        low[inside] = z
    high = low + step
    for _ in range(_HALVINGS):
        middle = np.asarray((low + high) / 2, np.float32)
        inside = sample(world.height, x + lean_x * middle, y + lean_y * middle) >= middle
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    hit = np.asarray((low + high) / 2, np.float32)
    # On what is nearly level, the height itself is finer than the halves of a step.
    at_x, at_y = x + lean_x * hit, y + lean_y * hit
    there = sample(world.height, at_x, at_y)
    hit = np.where(np.abs(there - hit) < step, np.minimum(there, high), hit)
    return Hits(at_x, at_y, np.asarray(hit, np.float32))


def expose(world: World, hits: Hits, camera: Camera, lamp: Lamp) -> tuple[Picture, Picture]:
    """Return the light that reaches each pixel, (size, size, 3), and how much of it is mirrored."""
    x_mm, y_mm = places((world.height.shape[0], world.height.shape[1]), world.scale)
    far = np.sqrt((camera.offset_mm[0] - x_mm) ** 2 + (camera.offset_mm[1] - y_mm) ** 2 + camera.height_mm**2)
    towards = (
        ((camera.offset_mm[0] - x_mm) / far).astype(np.float32),
        ((camera.offset_mm[1] - y_mm) / far).astype(np.float32),
    )
    light = lit(world.height, world.ground[..., 3], world.scale, lamp, towards)
    lights = sample(np.dstack([light.dome, light.lamp, light.mirrored, grown(world.height, 1)]), hits.x, hits.y)
    solid, ground = sample(world.solid, hits.x, hits.y), sample(world.ground, hits.x, hits.y)
    raised = np.clip((hits.z - _FLAT_MM) * 4, 0, 1)[..., None]
    colour = ground[..., :3] + raised * (solid[..., :3] - ground[..., :3])
    # A side is where the ray met something well below its top.
    below = lights[..., 3] - hits.z
    beside = np.clip((below - 1.5) / 3, 0, 1) * (hits.z > _FLAT_MM)
    dome, key, mirrored = lights[..., 0], lights[..., 1], lights[..., 2] * (1 - beside)
    if beside.any():
        side_dome, side_key = _on_sides(world, hits, lamp, lights[..., 3])
        dome = dome + beside * (side_dome - dome)
        key = key + beside * (side_key - key)
    warm = np.asarray([1 + camera.warmth, 1.0, 1 - camera.warmth], np.float32)
    cold = np.asarray([0.97, 1.0, 1.05], np.float32)
    light_colour = np.float32(0.62) * (dome[..., None] * cold + np.float32(0.85) * key[..., None] * warm)
    return np.asarray(colour * light_colour + mirrored[..., None], np.float32), np.asarray(mirrored, np.float32)


def _on_sides(world: World, hits: Hits, lamp: Lamp, top: Picture) -> tuple[Picture, Picture]:
    """Light of the dome and of the lamp on upright sides, by which way they face."""
    wide = blur(world.height, 1.6)
    fall = np.zeros((*wide.shape, 2), np.float32)
    fall[:, 1:-1, 0] = wide[:, :-2] - wide[:, 2:]
    fall[1:-1, :, 1] = wide[:-2] - wide[2:]
    seen = sample(fall, hits.x, hits.y)
    length = np.maximum(np.hypot(seen[..., 0], seen[..., 1]), 1e-3)
    facing = (seen[..., 0] * np.float32(np.cos(lamp.azimuth)) + seen[..., 1] * np.float32(np.sin(lamp.azimuth))) / length
    key = np.maximum(facing, 0) * np.float32(np.cos(lamp.elevation) * lamp.strength)
    dome = np.float32(0.3) + np.float32(0.28) * np.clip(hits.z / np.maximum(top, 1), 0, 1)
    return np.asarray(dome, np.float32), np.asarray(key, np.float32)


def developed(
    light: Picture, camera: Camera, rng: np.random.Generator, *, gain: float, blur_px: float, noise: float
) -> NDArray[np.uint8]:
    """Return the picture, (size, size, 3): spread by the lens, exposed, and counted with noise."""
    seen = blur(light, blur_px)
    size = seen.shape[0]
    x, y = places((size, size), size / 2.0)
    seen = seen * (np.float32(gain) * (1 - np.float32(0.09) * (x**2 + y**2)))[..., None]
    # The shoulder of a film: what is too bright turns white slowly.
    seen = np.where(seen > 0.8, 1 - np.float32(0.2) * np.exp(-(seen - np.float32(0.8)) / np.float32(0.2)), seen)
    out = np.maximum(seen, 0) ** np.float32(1 / 2.2)
    read, counted = camera.noise
    grain = rng.standard_normal(out.shape, dtype=np.float32)
    if noise > 0:
        out = out + grain * np.float32(noise) * (np.float32(read) + np.float32(counted) * np.sqrt(out))
    return np.asarray(np.clip(out * 255 + np.float32(0.5), 0, 255).astype(np.uint8))


def ranged(hits: Hits, mirrored: Picture, camera: Camera, rng: np.random.Generator, *, noise_mm: float, dead: float) -> Picture:
    """Return the depth in mm along the vertical, (size, size), 0 where the sensor has none.

    It has none where gloss blinds it, at some edges, and here and there; with neither noise nor `dead` it has one everywhere.
    """
    depth = np.float32(camera.height_mm) - hits.z
    error, luck = rng.standard_normal(depth.shape, dtype=np.float32), rng.random(depth.shape, dtype=np.float32)
    if noise_mm > 0:
        steep = np.clip((grown(hits.z, 1) - shrunk(hits.z, 1)) / 40, 0, 1)
        depth = depth + np.float32(noise_mm) * (error + 2 * blur(error, 1.5))
        luck = np.where((mirrored > 0.42) | ((steep > 0.3) & (luck < 0.35)), 0, luck)
        depth = np.where(luck < dead, 0, depth)
    return np.asarray(depth, np.float32)
