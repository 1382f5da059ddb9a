"""What is seen on some items and is no damage: stickers, dust, the shadow of a hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import Picture, blur, ellipse, generator, line, mixed, polygon, text
from probatum.synth.inspection.surface import Surface


def stickered(surface: Surface, product: Product, seed: int) -> Surface:
    """Stick a label with a price on an item: no thicker than paper."""
    rng = generator(seed, 21)
    colour = ((0.95, 0.35, 0.02), (0.9, 0.8, 0.05), (0.85, 0.85, 0.85), (0.7, 0.03, 0.05))[int(rng.integers(4))]
    x, y = float(rng.uniform(-0.22, 0.22)) * product.width_mm, float(rng.uniform(-0.22, 0.22)) * product.depth_mm
    size = min(float(rng.uniform(13, 19)), 0.3 * product.depth_mm) * surface.scale
    at, turned = surface.pixel(x, y), float(rng.uniform(-0.4, 0.4))
    if rng.random() < 0.5:
        share = ellipse(surface.shape, at, (size, size))
    else:
        c, s = np.cos(turned), np.sin(turned)
        corners = [(u * size * 1.3, v * size * 0.75) for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        share = polygon(surface.shape, [(at[0] + c * u - s * v, at[1] + s * u + c * v) for u, v in corners])
    share = share * surface.solid()
    price = f"{int(rng.integers(1, 60))}.{int(rng.choice([49, 95, 99]))}"
    said = text(surface.shape, price, (at[0] - 0.85 * size, at[1] + 0.25 * size), 0.5 * size, heavy=True) * share
    printed = mixed(
        mixed(surface.colour, colour, np.asarray(share, np.float32)), (0.02, 0.02, 0.02), np.asarray(said, np.float32)
    )
    return replace(surface, colour=printed, gloss=np.asarray(surface.gloss + share * (0.3 - surface.gloss), np.float32))


def dusty(floor: Picture, scale: float, seed: int) -> Picture:
    """Strew crumbs, fibres and dust over a tray: colour and gloss, and next to no height."""
    rng = generator(seed, 22)
    shape = (floor.shape[0], floor.shape[1])
    share = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(25, 60))):
        centre = tuple(float(v) for v in rng.uniform(0, shape[0], 2))
        radius = float(rng.uniform(0.4, 1.3)) * scale
        share = np.maximum(share, ellipse(shape, (centre[0], centre[1]), (radius, radius * 0.7), float(rng.uniform(0, 3))))
    for _ in range(int(rng.integers(3, 8))):
        start, angle = rng.uniform(0, shape[0], 2), float(rng.uniform(0, 6.3))
        steps = angle + np.cumsum(rng.normal(0, 0.35, 8))
        path = start + np.cumsum(2.5 * scale * np.stack([np.cos(steps), np.sin(steps)], axis=1), axis=0)
        share = np.maximum(share, line(shape, path, 0.6 * scale))
    haze = ellipse(shape, tuple(rng.uniform(0.2, 0.8, 2) * shape[0]), (28 * scale, 17 * scale), float(rng.uniform(0, 3)))
    share = np.maximum(share * np.float32(0.75), blur(haze, 8 * scale) * np.float32(0.10))
    tone = float(rng.uniform(0.3, 0.6))
    return np.dstack([mixed(floor[..., :3], (tone, 0.97 * tone, 0.9 * tone), share), floor[..., 3]]).astype(np.float32)


def hand(pixels: int, scale: float, seed: int) -> Picture:
    """Return how much of the lamp reaches each pixel past a hand with fingers that reaches in from a side."""
    rng = generator(seed, 23)
    shape = (pixels, pixels)
    angle = float(rng.uniform(0, 2 * np.pi))
    c, s = np.cos(angle), np.sin(angle)
    middle = np.asarray([pixels / 2, pixels / 2]) + scale * float(rng.uniform(0, 35)) * np.asarray([c, s])

    def at(along: float, across: float) -> tuple[float, float]:
        return float(middle[0] + scale * (c * along - s * across)), float(middle[1] + scale * (s * along + c * across))

    share = ellipse(shape, at(42, 0), (46 * scale, 36 * scale), angle)
    share = np.maximum(share, line(shape, [at(60, 0), at(400, 0)], 50 * scale))
    for finger in range(5):
        spread = (finger - 2) * 0.22 + float(rng.normal(0, 0.04))
        long = (48, 72, 80, 74, 52)[finger]
        base = at(15, (finger - 2) * 15)
        tip = at(15 - long * np.cos(spread), (finger - 2) * 15 + long * np.sin(spread))
        share = np.maximum(share, line(shape, [base, tip], 15 * scale))
    return np.asarray(1 - 0.9 * blur(share, 3.5 * scale), np.float32)
