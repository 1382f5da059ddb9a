"""Units of a set: where each lies, and what it looks like. All units of a product look alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.synth.inspection.printing import artwork
from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import Picture, generator, sample

_grids = {1: (1, 1), 2: (1, 2), 3: (1, 3), 4: (2, 2), 6: (2, 3), 8: (2, 4)}  # units -> rows, columns


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a unit lies: the middle, and the room that it has, in mm."""

    x: float
    y: float
    width: float
    depth: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it is drawn over a grid of places: how much of each pixel it covers, how high (0 to 1), and its colour."""

    share: Picture
    rise: Picture
    colour: Picture


def cells(product: Product) -> list[Cell]:
    """Return where the units of a product lie; of other products than sets and blister packs, its one unit has all the room."""
    if product.kind == "blister":
        # Below the words of the card, from left to right.
        width, depth = 0.88 * product.width_mm / product.units, 0.52 * product.depth_mm
        left = -0.44 * product.width_mm + width / 2
        return [Cell(left + k * width, 0.14 * product.depth_mm, width - 5, depth) for k in range(product.units)]
    if product.kind != "set":
        return [Cell(0, 0, 0.8 * product.width_mm, 0.8 * product.depth_mm)]
    rows, columns = _grids[product.units]
    width, depth = (product.width_mm - 8) / columns, (product.depth_mm - 8) / rows
    return [
        Cell((c - (columns - 1) / 2) * width, (r - (rows - 1) / 2) * depth, width - 7, depth - 7)
        for r in range(rows)
        for c in range(columns)
    ]


def draw_unit(product: Product, x: Picture, y: Picture, cell: Cell, scale: float, *, season: bool = False) -> Unit:
    """Draw a unit over places (mm from its middle), of shapes that together make the grid."""
    rng = generator(product.seed, 6)
    form = int(rng.integers(3))
    width, depth = 0.86 * cell.width, 0.86 * cell.depth
    if form == 0:  # a jar or a tin: round, with a rim
        radius = min(width, depth) / 2
        far = np.hypot(x, y)
        inside = far - radius
        rise = 0.86 + 0.14 * (far > 0.8 * radius)
        width = depth = 2 * radius
    elif form == 1:  # a carton
        inside = np.maximum(np.abs(x) - width / 2, np.abs(y) - depth / 2)
        rise = np.float32(1.0) - 0.12 * np.clip(1 + inside / 2.0, 0, 1) ** 2
    else:  # a tube or a bar: long, with round ends
        radius = min(width, depth) * 0.36
        rest = max(width, depth) / 2 - radius
        x_long = width > depth
        far = np.hypot(np.maximum(np.abs(x if x_long else y) - rest, 0), y if x_long else x)
        inside = far - radius
        rise = 0.35 + 0.65 * np.sqrt(np.clip(1 - (far / radius) ** 2, 0, 1))
    share = np.clip(0.5 - inside * np.float32(scale), 0, 1).astype(np.float32)
    rows, columns = max(12, round(depth * scale)), max(12, round(width * scale))
    picture = artwork(product, rows, columns, season)
    u = ((x / width + 0.5) * columns - 0.5 + 0 * y).astype(np.float32)
    v = ((y / depth + 0.5) * rows - 0.5 + 0 * x).astype(np.float32)
    colour = sample(picture, u, v)
    if form == 0:
        edge = np.exp(-((inside + 3) ** 2) / 3.0)
        colour = np.asarray(colour * (1 - 0.35 * edge[..., None]), np.float32)
    return Unit(share, np.broadcast_to(rise, share.shape).astype(np.float32), colour)
