"""Bodies of products: the height field of each kind, with its artwork laid on it. Wrinkles are drawn anew each time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection.printing import artwork
from probatum.synth.inspection.products import KRAFT, Colour, Product
from probatum.synth.inspection.raster import Picture, generator, mixed, sample, smooth, waves
from probatum.synth.inspection.surface import Surface, places
from probatum.synth.inspection.units import Cell, cells, draw_unit

MARGIN_MM = 8.0
_PAGES: Colour = (0.82, 0.8, 0.72)


@dataclass
class Body:
    """A body while it is made: places in mm, and what each pixel has so far."""

    product: Product
    scale: float
    rng: np.random.Generator
    wrinkle: float
    season: bool
    missing: frozenset[int]
    x: Picture
    y: Picture
    colour: Picture
    gloss: Picture
    height: NDArray[np.floating]
    alpha: Picture

    def within(self, width: float, depth: float, radius: float, *, x: float = 0.0, y: float = 0.0) -> Picture:
        """Signed distance in mm to a rectangle with round corners about a place: negative inside."""
        across = np.abs(self.x - x) - (width / 2 - radius)
        down = np.abs(self.y - y) - (depth / 2 - radius)
        outside = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
        return np.asarray(outside + np.minimum(np.maximum(across, down), 0) - radius, dtype=np.float32)

    def covered(self, inside: Picture) -> Picture:
        """Turn a signed distance into how much of each pixel is covered."""
        return np.asarray(np.clip(0.5 - inside * np.float32(self.scale), 0, 1), dtype=np.float32)

    def printed(self, width: float, depth: float) -> Picture:
        """Artwork laid flat on a rectangle in the middle."""
        rows, columns = max(16, round(depth * self.scale)), max(16, round(width * self.scale))
        picture = artwork(self.product, rows, columns, self.season)
        u = (self.x / width + 0.5) * columns - 0.5
        v = (self.y / depth + 0.5) * rows - 0.5
        shape = self.height.shape
        return sample(picture, np.broadcast_to(u, shape).copy(), np.broadcast_to(v, shape).copy())

    def waves(self, scale_mm: float) -> Picture:
        """Smooth noise over the body, whose hills are so far apart."""
        return waves(self.rng, (self.height.shape[0], self.height.shape[1]), scale_mm * self.scale)

    def creases(self, scale_mm: float) -> Picture:
        """Ridges of something thin that was crumpled, from 0 to 1."""
        first = np.abs(self.waves(scale_mm))
        second = np.abs(self.waves(0.45 * scale_mm))
        return np.asarray(np.exp(-2.2 * first) + 0.45 * np.exp(-2.2 * second), dtype=np.float32) / np.float32(1.45)


def body(
    product: Product,
    scale: float,
    *,
    seed: int,
    wrinkled: float = 1.0,
    season: bool = False,
    missing: Collection[int] = (),
) -> Surface:
    """Return a product as it lies on the tray.

    Parameters
    ----------
    product : Product
    scale : float
        Pixels per millimetre.
    seed : int
        Of its wrinkles.
    wrinkled : float
        Times as much as products of its kind are.
    season : bool
        Whether its artwork is that of a holiday.
    missing : collection of int
        Units that are not there, from 0.
    """
    shape = (
        round((product.depth_mm + 2 * MARGIN_MM) * scale),
        round((product.width_mm + 2 * MARGIN_MM) * scale),
    )
    x, y = places(shape, scale)
    empty = np.zeros(shape, np.float32)
    made = Body(
        product=product,
        scale=scale,
        rng=generator(seed, 2),
        wrinkle=product.wrinkle * wrinkled,
        season=season,
        missing=frozenset(missing),
        x=x,
        y=y,
        colour=np.zeros((*shape, 3), np.float32),
        gloss=empty.copy(),
        height=empty.copy(),
        alpha=empty.copy(),
    )
    _makers[product.kind](made)
    grain = _grain(shape)
    return Surface(
        scale=scale,
        colour=np.clip(made.colour * (1 + grain[..., None]), 0, 1).astype(np.float32),
        gloss=made.gloss,
        height=(np.maximum(made.height, 0) * (made.alpha > 0.02)).astype(np.float32),
        alpha=made.alpha,
        item=(made.alpha > 0.5).astype(np.float32),
    )


@lru_cache(maxsize=64)
def _grain(shape: tuple[int, int]) -> Picture:
    """Fibres of paper and dirt of print: the same for all, as it is below what a camera tells apart."""
    return waves(generator(3), shape, 1.2) * np.float32(0.012) + waves(generator(4), shape, 14) * np.float32(0.012)


def linear(colour: Colour) -> Colour:
    """Turn an sRGB colour into linear light, about."""
    return (colour[0] ** 2.2, colour[1] ** 2.2, colour[2] ** 2.2)


def _rim(made: Body, inside: Picture, colour: Colour, width_mm: float) -> None:
    """Colour a narrow band along the outline, and with it the sides below."""
    share = smooth((inside + width_mm) / np.float32(0.6 * width_mm) + 0) * np.float32(0.9)
    made.colour = mixed(made.colour, linear(colour), share)


def _box(made: Body) -> None:
    of = made.product
    inside = made.within(of.width_mm, of.depth_mm, 1.5)
    bulge = (1 - (2 * made.x / of.width_mm) ** 2) * (1 - (2 * made.y / of.depth_mm) ** 2)
    made.height = of.height_mm + np.float32(made.rng.uniform(-0.8, 2.0)) * bulge + 0.25 * made.wrinkle * made.waves(45)
    made.height = made.height - np.float32(2.2) * np.clip(1 + inside / 2.5, 0, 1) ** 2
    made.alpha = made.covered(inside)
    made.colour = made.printed(of.width_mm, of.depth_mm)
    made.gloss = np.full_like(made.height, of.gloss)
    if of.palette[0] == KRAFT:
        # Two flaps meet under a tape along the middle.
        tape = np.clip((24 - np.abs(made.y)) * np.float32(made.scale), 0, 1) * np.ones_like(made.height)
        made.colour = mixed(made.colour, linear((0.78, 0.64, 0.44)), tape * np.float32(0.45))
        made.gloss = made.gloss + tape * np.float32(0.4)
        seam = np.exp(-((made.y / 0.9) ** 2)) * np.ones_like(made.height)
        made.height = made.height - 0.9 * seam + 0.15 * tape
        made.colour = made.colour * (1 - np.float32(0.35) * seam[..., None])
    else:
        # Tucked flaps leave a line near the short sides.
        seam = np.exp(-(((np.abs(made.x) - (of.width_mm / 2 - 5)) / 0.6) ** 2)) * np.ones_like(made.height)
        made.height = made.height - 0.5 * seam
    made.colour = np.asarray(made.colour * (1 - np.float32(0.25) * smooth(1 + inside / 2.0)[..., None]), np.float32)


def _mailer(made: Body) -> None:
    of = made.product
    inside = made.within(of.width_mm, of.depth_mm, 4) + 0.5 * made.waves(25)
    pillow = smooth(np.minimum(np.clip((-inside - 9) / 45, 0, 1) ** np.float32(0.7), 1))
    made.height = 2.5 + (of.height_mm - 2.5) * pillow
    if of.material == "plastic_bubble_wrap":
        step = 8.0
        row = np.round(made.y / (0.87 * step))
        off = made.x - step * (np.round(made.x / step - 0.5 * (row % 2)) + 0.5 * (row % 2))
        made.height = made.height + 0.7 * np.exp(-((off**2 + (made.y - 0.87 * step * row) ** 2) / 7.0)) * (pillow > 0.03)
    made.height = made.height + made.wrinkle * (1.6 * made.creases(38) + 0.5 * made.waves(16)) * smooth(-inside / 8)
    flap = of.width_mm * 0.27
    edge = made.x + of.width_mm / 2 - flap - 5 * np.cos(np.pi * made.y / of.depth_mm)
    over = np.clip(0.5 - edge * np.float32(made.scale), 0, 1)
    made.height = made.height + 0.9 * over
    made.colour = made.printed(of.width_mm, of.depth_mm)
    shade = np.exp(-((edge / 1.2) ** 2))
    made.colour = np.asarray(made.colour * (1 - np.float32(0.3) * shade[..., None]), np.float32)
    made.gloss = np.full_like(made.height, of.gloss)
    made.alpha = made.covered(inside)


def _polybag(made: Body) -> None:
    of = made.product
    inside = made.within(of.width_mm - 6, of.depth_mm - 6, 5) + 1.2 * made.waves(22)
    goods = made.within(of.width_mm * 0.8, of.depth_mm * 0.72, 14) + 4 * made.waves(50)
    load = smooth(np.clip(-goods / 32, 0, 1) ** np.float32(0.6))
    made.height = 2.0 + of.height_mm * load
    film = made.wrinkle * (3.4 * made.creases(30) + 1.2 * made.creases(11) + 0.5 * made.waves(9))
    made.height = made.height + film * smooth(-inside / 5)
    cloth = np.clip(0.85 + 0.15 * made.waves(6), 0.5, 1.1)[..., None] * np.asarray(linear(of.content), np.float32)
    through = np.float32(0.3) + np.float32(0.4) * load  # film lies close on what is in it, and shows it there
    made.colour = made.printed(of.width_mm, of.depth_mm)
    made.colour = np.asarray(made.colour + (through * 0.5)[..., None] * (cloth - made.colour), np.float32)
    for side in (-1, 1):
        seal = np.exp(-(((made.x - side * (of.width_mm / 2 - 9)) / 3.5) ** 4)) * np.ones_like(made.height)
        made.height = made.height * (1 - 0.75 * seal) + seal * (1.8 + 0.5 * np.sin(made.x * 3.2))
        made.colour = mixed(made.colour, (0.6, 0.6, 0.6), seal * np.float32(0.4))
    made.gloss = np.full_like(made.height, of.gloss)
    made.alpha = made.covered(inside)


def _bottle(made: Body) -> None:
    of = made.product
    radius, length = of.depth_mm / 2, of.width_mm
    along = (made.x + length / 2) / length
    neck, cap = 0.36 * radius, 0.44 * radius
    shoulder = smooth((along - 0.66) / 0.14)
    outline = radius + (neck - radius) * shoulder
    outline = np.where(along < 0.04, radius - 5 * np.clip(1 - along / 0.04, 0, 1) ** 2, outline)
    ribbed = cap * (1 + 0.02 * np.sign(np.sin(made.y * 2.4)))
    outline = np.where(along > 0.87, ribbed, outline) * np.ones_like(made.height)
    inside = np.maximum(np.abs(made.y) - outline, np.abs(made.x) - length / 2)
    round_ = np.sqrt(np.maximum(outline**2 - made.y**2, 0))
    made.height = (radius + round_).astype(np.float32)
    label = np.clip(np.minimum(along - 0.1, 0.6 - along) * np.float32(length * made.scale) + 0.5, 0, 1) * np.ones_like(
        made.height
    )
    liquid = np.asarray(linear(of.content), np.float32) * np.ones((*made.height.shape, 1), np.float32)
    liquid = liquid * (0.75 + 0.25 * (round_ / radius))[..., None]
    rows, columns = max(16, round(np.pi * radius * made.scale)), max(16, round(0.5 * length * made.scale))
    picture = artwork(of, rows, columns, made.season)
    angle = np.arcsin(np.clip(made.y / radius, -1, 1)) / np.pi + 0.5
    u = ((along - 0.1) / 0.5 * columns - 0.5) * np.ones_like(made.height)
    v = (angle * rows - 0.5) * np.ones_like(made.height)
    made.colour = liquid + label[..., None] * (sample(picture, u.astype(np.float32), v.astype(np.float32)) - liquid)
    made.height = made.height + np.float32(0.3) * label
    top = np.clip((along - 0.87) * np.float32(length * made.scale) + 0.5, 0, 1) * np.ones_like(made.height)
    lines = 1 - 0.25 * (np.sin(made.y * 2.4) > 0.6)
    made.colour = mixed(made.colour, linear(of.palette[2]), top.astype(np.float32)) * (1 - (top * (1 - lines))[..., None])
    made.colour = np.asarray(made.colour, np.float32)
    made.gloss = np.full_like(made.height, of.gloss)
    made.alpha = made.covered(inside.astype(np.float32))


def _blister(made: Body) -> None:
    of = made.product
    inside = made.within(of.width_mm, of.depth_mm, 6)
    made.height = 3 + 0.6 * made.wrinkle * made.waves(60)
    made.colour = made.printed(of.width_mm, of.depth_mm)
    made.gloss = np.full_like(made.height, 0.25)
    made.alpha = made.covered(inside)
    hole = np.hypot(made.x, made.y + of.depth_mm / 2 - 11) - 4
    made.height = np.where(hole < 0, 0.3, made.height)
    made.colour = mixed(made.colour, (0.09, 0.1, 0.11), made.covered(hole.astype(np.float32)))
    for number, cell in enumerate(cells(of)):
        dome = made.within(cell.width, cell.depth, min(cell.width, cell.depth) * 0.3, x=cell.x, y=cell.y)
        rise = np.sqrt(np.clip(-dome / 9, 0, 1))
        share = made.covered(dome)
        empty = np.float32(1.5) + np.float32(0.12) * of.height_mm * rise
        full = of.height_mm * rise
        made.colour = mixed(made.colour, (0.55, 0.56, 0.58), share * np.float32(0.35))
        made.height = made.height + (empty if number in made.missing else np.float32(0.55) * full) * (share > 0.5)
        if number not in made.missing:
            _unit(made, cell, 3.0, 0.95 * of.height_mm)
        edge = np.exp(-((dome / 1.3) ** 2))
        made.colour = mixed(made.colour, (0.8, 0.8, 0.82), edge.astype(np.float32) * np.float32(0.45))
        made.gloss = np.maximum(made.gloss, share * np.float32(of.gloss))
    made.height = np.asarray(made.height, np.float32)


def _book(made: Body) -> None:
    of = made.product
    inside = made.within(of.width_mm, of.depth_mm, 1.0)
    curl = (made.x / of.width_mm + 0.5) ** 3 * np.ones_like(made.height)
    made.height = of.height_mm + np.float32(made.rng.uniform(0, 3.0)) * curl
    hinge = np.exp(-(((made.x + of.width_mm / 2 - 9) / 2.0) ** 2)) * np.ones_like(made.height)
    made.height = made.height - np.float32(1.4) * hinge
    made.colour = made.printed(of.width_mm, of.depth_mm)
    made.colour = np.asarray(made.colour * (1 - np.float32(0.3) * hinge[..., None]), np.float32)
    made.alpha = made.covered(inside)
    pages = np.where(made.x < -of.width_mm / 2 + 4, np.float32(-9), inside)
    _rim(made, pages, _PAGES, 2.0)
    made.height = (made.height - 2.0 * smooth((pages + 2.2) / 0.6)).astype(np.float32)
    made.gloss = np.full_like(made.height, of.gloss)


def _set(made: Body) -> None:
    of = made.product
    inside = made.within(of.width_mm, of.depth_mm, 5)
    wall = 0.62 * of.height_mm
    card = KRAFT if of.material == "cardboard" else (0.9, 0.9, 0.9)
    made.height = np.full_like(made.height, wall) - np.float32(1.5) * np.clip(1 + inside / 2.5, 0, 1) ** 2
    made.colour = np.broadcast_to(np.asarray(linear(card), np.float32), made.colour.shape).copy()
    made.gloss = np.full_like(made.height, 0.12 if of.material == "cardboard" else 0.5)
    made.alpha = made.covered(inside)
    for number, cell in enumerate(cells(of)):
        recess = made.within(cell.width, cell.depth, 4, x=cell.x, y=cell.y)
        deep = smooth(-recess / 2.5)
        made.height = np.asarray(made.height + deep * (3.0 - made.height), np.float32)
        made.colour = np.asarray(made.colour * (1 - 0.3 * deep[..., None]), np.float32)
        if number not in made.missing:
            _unit(made, cell, 3.0, of.height_mm)


def _unit(made: Body, cell: Cell, floor: float, top: float) -> None:
    """Put a unit into a cell."""
    unit = draw_unit(made.product, made.x - cell.x, made.y - cell.y, cell, made.scale, season=made.season)
    made.height = np.asarray(np.where(unit.share > 0.5, np.maximum(floor + (top - floor) * unit.rise, made.height), made.height))
    made.colour = np.asarray(made.colour + unit.share[..., None] * (unit.colour - made.colour), np.float32)
    made.gloss = np.asarray(made.gloss + unit.share * (np.float32(made.product.gloss) - made.gloss), np.float32)


_makers: dict[str, Callable[[Body], None]] = {
    "box": _box,
    "mailer": _mailer,
    "polybag": _polybag,
    "bottle": _bottle,
    "blister": _blister,
    "book": _book,
    "set": _set,
}
