"""Loose things: what is in a package, what fell out of it, and laying things on a surface."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from probatum.synth.inspection.bodies import linear
from probatum.synth.inspection.products import Colour, Product
from probatum.synth.inspection.raster import Picture
from probatum.synth.inspection.surface import Surface


def piece(surface: Surface, at: tuple[float, float], width: float, depth: float, *, angle: float, radius: float) -> Picture:
    """Return how much of each pixel a rectangle with round corners covers; places and lengths in mm."""
    x, y = surface.places()
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u, v = c * (x - at[0]) + s * (y - at[1]), c * (y - at[1]) - s * (x - at[0])
    across, down = np.abs(u) - (width / 2 - radius), np.abs(v) - (depth / 2 - radius)
    inside = np.hypot(np.maximum(across, 0), np.maximum(down, 0)) + np.minimum(np.maximum(across, down), 0) - radius
    return np.asarray(np.clip(0.5 - inside * surface.scale, 0, 1), np.float32)


def contents(surface: Surface, product: Product, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Return height and colour of what is in a package, as far down as it is: sachets, tins and cartons, with gaps between them."""
    height = np.full(surface.shape, 1.0 + 0.06 * product.height_mm, np.float32)
    tint = np.asarray(linear(product.content), np.float32)
    colour = np.broadcast_to(tint * np.float32(0.06), (*surface.shape, 3)).copy()
    for _ in range(16):
        at = (float(rng.uniform(-0.5, 0.5)) * product.width_mm, float(rng.uniform(-0.5, 0.5)) * product.depth_mm)
        width, depth = float(rng.uniform(30, 52)), float(rng.uniform(22, 36))
        share = piece(surface, at, width, depth, angle=float(rng.uniform(0, np.pi)), radius=5.0)
        tall = product.height_mm * float(rng.uniform(0.2, 0.55))
        shade = np.float32(rng.uniform(0.25, 0.75)) * (tint + np.float32(rng.uniform(0, 0.25)))
        height = np.where(share > 0.5, np.float32(tall), height)
        colour = np.asarray(colour + share[..., None] * (shade - colour), np.float32)
    return height, colour


def laid(surface: Surface, share: Picture, tall: float | Picture, colour: Colour | Picture, gloss: float) -> Surface:
    """Lay something that belongs to the item on a surface, so high above the tray."""
    here = share > 0.5
    return replace(
        surface,
        height=np.where(here, np.maximum(surface.height, tall), surface.height).astype(np.float32),
        colour=np.asarray(surface.colour + share[..., None] * (np.asarray(colour, np.float32) - surface.colour), np.float32),
        gloss=np.asarray(surface.gloss + share * (np.float32(gloss) - surface.gloss), np.float32),
        alpha=np.maximum(surface.alpha, share),
        item=np.maximum(surface.item, here.astype(np.float32)),
    )
