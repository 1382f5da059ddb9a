"""Crushed corners, edges and faces: what was high sinks, the outline gives way, and board or film creases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import Picture, waves
from probatum.synth.inspection.surface import Surface, displaced

FORMS: dict[str, tuple[str, ...]] = {
    "box": ("corner", "corner", "edge", "face"),
    "mailer": ("corner", "edge"),
    "bottle": ("face",),
    "blister": ("face", "corner"),
    "book": ("corner", "edge"),
    "set": ("corner", "edge"),
}


def crushed(surface: Surface, product: Product, severity: float, rng: np.random.Generator, form: str = "") -> Surface:
    """Crush a corner, an edge or a face."""
    form = form or str(rng.choice(FORMS[product.kind]))
    width, depth, tall = product.width_mm, product.depth_mm, product.height_mm
    sign = rng.choice([-1.0, 1.0], 2)
    along = float(rng.uniform(-0.28, 0.28)) - (0.12 if product.kind == "bottle" else 0.0)  # a neck does not give way
    x, y = surface.places()
    short = min(width, depth)
    inward = (0.0, 0.0)
    if form == "corner":
        reach = (0.2 + 0.34 * severity) * short
        far = np.hypot(x - sign[0] * width / 2, y - sign[1] * depth / 2) / reach
        inward = (-sign[0] * 0.3 * reach, -sign[1] * 0.3 * reach)
    elif form == "edge":
        wide, deep = (0.22 + 0.3 * severity) * short, (0.14 + 0.26 * severity) * short
        if rng.random() < 0.5:
            far = np.hypot((x - along * width) / wide, (y - sign[1] * depth / 2) / deep)
            inward = (0.0, -sign[1] * 0.42 * deep)
        else:
            far = np.hypot((x - sign[0] * width / 2) / deep, (y - along * depth) / wide)
            inward = (-sign[0] * 0.42 * deep, 0.0)
    else:
        reach = (0.16 + 0.24 * severity) * short * (1.5 if product.kind == "bottle" else 1.0)
        other = float(rng.uniform(-0.22, 0.22)) if product.kind != "bottle" else 0.1
        far = np.hypot(x - along * width, y - other * depth) / reach
    give = np.asarray((1 - np.clip(far, 0, 1) ** 2) ** 1.5, np.float32)
    folds = _folds(surface, rng)
    if inward != (0.0, 0.0):
        push = give * np.float32(surface.scale * (0.4 + 0.6 * severity))
        surface = displaced(surface, push * np.float32(inward[0]), push * np.float32(inward[1]))
    strong = {"corner": 0.75, "edge": 0.6, "face": 0.5}[form] if product.kind != "bottle" else 0.3
    sink = np.float32(strong * (0.25 + 0.75 * severity) * tall) * give * (1 - np.float32(0.42) * folds)
    left = np.maximum(surface.height - sink, np.minimum(surface.height, 1.5))
    return replace(surface, height=np.where(surface.item > 0.02, left, surface.height), colour=_creased(surface, give, folds))


def _folds(surface: Surface, rng: np.random.Generator) -> Picture:
    """Sharp ridges where board buckles, from 0 to 1."""
    one = np.abs(waves(rng, surface.shape, 17 * surface.scale))
    two = np.abs(waves(rng, surface.shape, 8 * surface.scale))
    return np.asarray(np.clip(np.exp(-3.0 * one) + 0.5 * np.exp(-3.0 * two), 0, 1), np.float32)


def _creased(surface: Surface, give: Picture, folds: Picture) -> Picture:
    """Print breaks along ridges, and dirt stays in valleys."""
    white = (np.clip(give * 3, 0, 1) * np.clip(folds * 1.8 - 1, 0, 1) * np.float32(0.5))[..., None]
    dark = 1 - (np.clip(give * 2, 0, 1) * np.float32(0.22) * (1 - folds))[..., None]
    fibre = np.asarray([0.62, 0.57, 0.5], np.float32)
    broken = (surface.colour + white * (fibre - surface.colour)) * dark
    # Where nothing gives way, not even the last bit of a colour changes.
    return np.where((give > 0)[..., None], broken, surface.colour).astype(np.float32)
