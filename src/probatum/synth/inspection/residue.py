"""What is left on an item or beside it: spilt liquid or powder, stains and scratches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from probatum.synth.inspection import shapes
from probatum.synth.inspection.bodies import linear
from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import Picture, blur, distance, line, mixed, polygon, waves
from probatum.synth.inspection.surface import Surface


def spilt(surface: Surface, product: Product, severity: float, rng: np.random.Generator, form: str = "") -> Surface:
    """Spill liquid or powder from an edge: beside the item, and often on it, too."""
    side, along = int(rng.integers(4)), float(rng.uniform(-0.3, 0.3))
    form = form or ("both" if rng.random() < 0.5 else "beside")
    width, depth = product.width_mm, product.depth_mm
    edge = ((width / 2, along * depth), (-width / 2, along * depth), (along * width, depth / 2), (along * width, -depth / 2))[
        side
    ]
    out = ((1, 0), (-1, 0), (0, 1), (0, -1))[side]
    size = 14 + 42 * severity
    centre = (edge[0] + 0.4 * size * out[0], edge[1] + 0.4 * size * out[1])
    pool = np.zeros(surface.shape, np.float32)
    for outline in shapes.splash(rng, centre, size):
        pool = np.maximum(pool, polygon(surface.shape, surface.pixels(outline)))
    wet = shapes.blob(rng, (edge[0] - 0.25 * size * out[0], edge[1] - 0.25 * size * out[1]), 0.55 * size, rough=0.35)
    soaked = polygon(surface.shape, surface.pixels(wet))
    if product.contents == "powder":
        return _powder(surface, product, severity, rng, pool=pool, soaked=soaked if form == "both" else 0 * soaked)
    return _liquid(surface, product, pool, soaked if form == "both" else 0 * soaked)


def _liquid(surface: Surface, product: Product, pool: Picture, soaked: Picture) -> Surface:
    free = surface.item < 0.5
    inside = distance(pool < 0.5) / np.float32(surface.scale)
    film = np.float32(0.55) * np.clip(inside / 2.0, 0, 1) * free
    here = pool * free
    tint = linear(product.content)
    alpha = np.maximum(surface.alpha, here * np.float32(0.78))
    colour = np.where((here > 0)[..., None], np.asarray(tint, np.float32) * np.float32(0.55) + np.float32(0.01), surface.colour)
    on = soaked * surface.solid()
    dark = np.asarray([tint[0] * 0.5 + 0.25, tint[1] * 0.5 + 0.25, tint[2] * 0.5 + 0.22], np.float32)
    colour = colour * (1 - (0.75 * on)[..., None] * (1 - dark))
    gloss = np.maximum(np.maximum(surface.gloss, here * np.float32(0.95)), on * np.float32(0.7))
    return replace(
        surface,
        height=np.asarray(np.maximum(surface.height, film), np.float32),
        colour=np.asarray(colour, np.float32),
        alpha=np.asarray(alpha, np.float32),
        gloss=np.asarray(gloss, np.float32),
    )


def _powder(
    surface: Surface, product: Product, severity: float, rng: np.random.Generator, *, pool: Picture, soaked: Picture
) -> Surface:
    free = surface.item < 0.5
    grain = waves(rng, surface.shape, 1.1)
    inside = distance(pool < 0.5) / np.float32(surface.scale)
    mound = np.float32(1.2 + 6 * severity) * (1 - np.exp(-inside / 9)) * (1 + 0.15 * waves(rng, surface.shape, 6 * surface.scale))
    # Its edge is not a line: grains lie apart from each other there.
    near = blur(pool, 4 * surface.scale)
    loose = np.clip((near + 0.28 * grain - 0.38) * 6, 0, 1)
    here = np.asarray(np.maximum(loose, np.clip(inside / 5, 0, 1)) * (near > 0.02) * free, np.float32)
    dust = np.asarray(np.clip((blur(soaked, 3 * surface.scale) + 0.3 * grain - 0.4) * 5, 0, 0.85) * surface.solid(), np.float32)
    dust = dust * (blur(soaked, 3 * surface.scale) > 0.02)
    tint = np.asarray(linear(product.content), np.float32) * np.float32(0.75) + np.float32(0.18)
    shade = (1 + 0.16 * grain)[..., None]
    colour = np.where((here > 0)[..., None], tint * shade, surface.colour)
    colour = colour + dust[..., None] * (tint * shade - colour)
    return replace(
        surface,
        height=np.asarray(np.maximum(surface.height, mound * (here > 0.4)) + 0.6 * dust, np.float32),
        colour=np.asarray(np.clip(colour, 0, 1), np.float32),
        alpha=np.asarray(np.maximum(surface.alpha, here), np.float32),
        gloss=np.asarray(surface.gloss * (1 - np.maximum(here, dust)), np.float32),
    )


def worn(surface: Surface, product: Product, severity: float, rng: np.random.Generator, form: str = "") -> Surface:
    """Scratch or stain what can be seen: colour changes, and no depth that a booth could measure."""
    form = form or str(rng.choice(["scratch", "stain"]))
    on = surface.solid()
    centre = (float(rng.uniform(-0.3, 0.3)) * product.width_mm, float(rng.uniform(-0.28, 0.28)) * product.depth_mm)
    if form == "stain":
        share = np.zeros(surface.shape, np.float32)
        for outline in (
            shapes.blob(rng, centre, 8 + 24 * severity, rough=0.3),
            shapes.blob(rng, (centre[0] + 7, centre[1] - 5), 5 + 14 * severity, rough=0.3),
        ):
            share = np.maximum(share, polygon(surface.shape, surface.pixels(outline)))
        # A stain that has dried is darkest at its rim.
        rim = np.exp(-distance(share < 0.5) / (2.2 * surface.scale))
        dark = np.asarray([0.62, 0.5, 0.34], np.float32)
        strong = (share * on * (0.65 + 0.35 * rim) * (0.8 + 0.2 * severity))[..., None]
        return replace(surface, colour=np.asarray(surface.colour * (1 - strong * (1 - dark)), np.float32))
    colour = surface.colour
    angle = float(rng.uniform(0, np.pi))
    bright = float(surface.colour[on].mean()) < 0.3 if on.any() else True
    ink = (0.7, 0.69, 0.66) if bright else (0.12, 0.11, 0.1)
    for number in range(1 + int(3.99 * severity)):
        start = (centre[0] + float(rng.normal(0, 8)), centre[1] + float(rng.normal(0, 8)))
        path = shapes.wander(rng, start, angle + float(rng.normal(0, 0.12)), 110.0, bend=0.04)
        path = path[: 6 + round(18 * severity)]
        drawn = line(surface.shape, surface.pixels(path), (1.0 + 1.4 * severity) * surface.scale)
        colour = mixed(colour, ink, np.asarray(drawn * on * np.float32(0.8 - 0.1 * number), np.float32))
    return replace(surface, colour=colour)
