"""What is printed on a product: artwork, words, a barcode, and sometimes a picture of damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from probatum.synth.inspection import shapes
from probatum.synth.inspection.barcodes import bars
from probatum.synth.inspection.products import KRAFT, Colour, Product
from probatum.synth.inspection.raster import (
    Picture,
    ellipse,
    generator,
    line,
    mixed,
    polygon,
    resized,
    text,
    text_width,
    waves,
)

_FINER = 2  # drawn at so many times the pixels, then averaged


@dataclass
class Sheet:
    """Something to print on; points and lengths are fractions of its shorter side, from the middle."""

    colours: Picture

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.colours.shape[0], self.colours.shape[1]

    @property
    def unit(self) -> float:
        """Pixels of the shorter side."""
        return float(min(self.shape))

    @property
    def half(self) -> tuple[float, float]:
        """Half of its width and height, in its unit."""
        return self.shape[1] / self.unit / 2, self.shape[0] / self.unit / 2

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point."""
        return self.shape[1] / 2 + x * self.unit, self.shape[0] / 2 + y * self.unit

    def lay(self, share: Picture, colour: Colour) -> None:
        """Print a colour over what is there."""
        self.colours = mixed(self.colours, colour, share)

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """Print a polygon."""
        self.lay(polygon(self.shape, [self.at(x, y) for x, y in points]), colour)

    def rectangle(self, x: float, y: float, width: float, height: float, colour: Colour, *, turned: float = 0.0) -> None:
        """Print a rectangle about a point."""
        c, s = np.cos(turned), np.sin(turned)
        corners = [(-width / 2, -height / 2), (width / 2, -height / 2), (width / 2, height / 2), (-width / 2, height / 2)]
        self.polygon([(x + c * u - s * v, y + s * u + c * v) for u, v in corners], colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour, *, flat: float = 1.0) -> None:
        """Print a disc, or an ellipse."""
        self.lay(ellipse(self.shape, self.at(x, y), (radius * self.unit, radius * flat * self.unit)), colour)

    def words(self, said: str, x: float, y: float, height: float, colour: Colour, *, heavy: bool = False) -> None:
        """Print words whose middle is at a point, smaller if they would not fit."""
        room = 0.92 * self.shape[1]
        pixels = height * self.unit
        width = text_width(said, pixels, heavy=heavy)
        if width > room:
            pixels, width = pixels * room / width, room
        left, base = self.at(x, y)
        left = min(max(left - width / 2, 0.03 * self.shape[1]), 0.97 * self.shape[1] - width)
        self.lay(text(self.shape, said, (left, base + pixels / 2), pixels, heavy=heavy), colour)


@lru_cache(maxsize=256)
def artwork(product: Product, rows: int, columns: int, season: bool = False) -> Picture:
    """Return what is printed on a product, (rows, columns, 3), as linear light; do not change it."""
    rng = generator(product.seed, product.version, 1)
    ground = np.broadcast_to(np.asarray(product.palette[0], np.float32), (rows * _FINER, columns * _FINER, 3))
    sheet = Sheet(ground.copy())
    if product.palette[0] == KRAFT:
        _parcel(sheet, rng, product)
    else:
        _families[product.family](sheet, rng, product)
        _front(sheet, rng, product)
    if product.printed:
        _printed_damage(sheet, rng, product)
    if season:
        _season(sheet, generator(product.seed, 5), product)
    shrunken = resized(sheet.colours, (rows, columns), smaller=True)
    return np.asarray(np.clip(shrunken, 0.015, 0.97) ** np.float32(2.2), dtype=np.float32)


def _front(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    """Brand, small print and barcode, where the artwork leaves them legible."""
    half = sheet.half
    y = float(rng.uniform(-0.32, -0.12)) * 2 * half[1]
    height = float(rng.uniform(0.12, 0.2))
    if product.family in ("photo", "shapes", "dots", "words"):
        sheet.rectangle(0, y, 2 * half[0], 1.7 * height, product.palette[0])
    sheet.words(product.brand, float(rng.uniform(-0.1, 0.1)), y, height, product.palette[3], heavy=True)
    x = float(rng.uniform(-0.6, 0.1)) * half[0]
    for row in range(int(rng.integers(2, 5))):
        _small_print(
            sheet, rng, x, y + 0.75 * height + 0.05 * (row + 1), length=float(rng.uniform(0.25, 0.5)), colour=product.palette[3]
        )
    _barcode(sheet, product.barcode, half[0] - 0.26, half[1] - 0.16, width=0.36, height=0.18)


def _small_print(sheet: Sheet, rng: np.random.Generator, x: float, y: float, *, length: float, colour: Colour) -> None:
    """Marks like a line of text that is too small to read."""
    at = x
    while at < x + length:
        width = float(rng.uniform(0.02, 0.09))
        sheet.rectangle(at + width / 2, y, width, 0.018, colour)
        at += width + 0.018


def _barcode(sheet: Sheet, digits: str, x: float, y: float, *, width: float, height: float) -> None:
    sheet.rectangle(x, y, width + 0.06, height + 0.05, (0.97, 0.97, 0.97))
    code = bars(digits)
    module = width / len(code)
    share = np.zeros(sheet.shape, np.float32)
    top, low = (round(sheet.at(x, y + way * height / 2)[1]) for way in (-1, 1))
    edges = [sheet.at(x - width / 2 + place * module, 0)[0] for place in range(len(code) + 1)]
    for place, bar in enumerate(code):
        if bar == "1":
            share[max(top, 0) : max(low, 0), round(edges[place]) : max(round(edges[place + 1]), round(edges[place]) + 1)] = 1
    sheet.lay(share, (0.05, 0.05, 0.05))


def _parcel(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    """A brown box or envelope: a mark, arrows, and a label with an address."""
    half, ink = sheet.half, product.palette[1]
    x = float(rng.uniform(-0.5, -0.3)) * 2 * half[0] * 0.6
    sheet.disc(x, -half[1] * 0.45, 0.13, ink)
    sheet.disc(x, -half[1] * 0.45, 0.085, product.palette[0])
    sheet.words(product.brand, x + 0.05, half[1] * 0.02 - 0.12, 0.1, ink, heavy=True)
    for step in (0.0, 0.11):  # this side up
        at = -half[0] * 0.86 + step
        sheet.rectangle(at, half[1] * 0.72, 0.022, 0.12, ink)
        sheet.polygon(
            [(at - 0.045, half[1] * 0.72 - 0.05), (at + 0.045, half[1] * 0.72 - 0.05), (at, half[1] * 0.72 - 0.12)], ink
        )
    lx, ly = float(rng.uniform(0.3, 0.42)) * half[0], float(rng.uniform(-0.1, 0.25)) * half[1]
    sheet.rectangle(lx, ly, 0.62, 0.5, (0.95, 0.95, 0.93))
    for row in range(4):
        _small_print(sheet, rng, lx - 0.27, ly - 0.2 + 0.05 * row, length=float(rng.uniform(0.2, 0.42)), colour=(0.1, 0.1, 0.1))
    _barcode(sheet, product.barcode, lx, ly + 0.11, width=0.46, height=0.17)


def _stripes(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    turned, many = float(rng.uniform(-0.9, 0.9)), int(rng.integers(3, 9))
    step = 1.6 / many
    for number in range(-many, many + 1):
        shift = number * step
        colour = product.palette[1 + number % 2]
        sheet.rectangle(-np.sin(turned) * shift, np.cos(turned) * shift, 6.0, step * 0.45, colour, turned=turned)
    sheet.rectangle(0, -0.2 * 2 * sheet.half[1], 4.0, 0.34, product.palette[0])


def _blocks(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    for number in range(int(rng.integers(4, 8))):
        x, y = (float(rng.uniform(-1, 1)) * side for side in sheet.half)
        sheet.rectangle(x, y, float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.15, 0.6)), product.palette[1 + number % 2])


def _shapes(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    for number in range(int(rng.integers(6, 13))):
        x, y = (float(rng.uniform(-1, 1)) * side for side in sheet.half)
        size, colour = float(rng.uniform(0.06, 0.24)), product.palette[1 + number % 2]
        match int(rng.integers(3)):
            case 0:
                sheet.disc(x, y, size, colour)
            case 1:
                sheet.disc(x, y, size, colour)
                sheet.disc(x, y, size * 0.6, product.palette[0])
            case _:
                turned = float(rng.uniform(0, 6.3))
                angles = [turned + 2.09 * k for k in range(3)]
                sheet.polygon([(x + size * np.cos(a), y + size * np.sin(a)) for a in angles], colour)


def _waves(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    half = sheet.half
    x = np.linspace(-half[0], half[0], 60)
    for number in range(3):
        level = half[1] * (0.05 + 0.35 * number)
        y = level + float(rng.uniform(0.05, 0.14)) * np.sin(float(rng.uniform(2, 5)) * x + float(rng.uniform(0, 6)))
        points = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        sheet.polygon([(-half[0], half[1]), *points, (half[0], half[1])], product.palette[1 + number % 2])


def _emblem(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    x, y = float(rng.uniform(-0.2, 0.2)), 0.12 * 2 * sheet.half[1]
    size, tips = float(rng.uniform(0.2, 0.32)), int(rng.integers(5, 13))
    sheet.disc(x, y, size, product.palette[1])
    sheet.disc(x, y, size * 0.86, product.palette[0])
    angles = np.arange(2 * tips) * np.pi / tips
    radii = np.where(np.arange(2 * tips) % 2, 0.35, 0.78) * size
    sheet.polygon([(x + r * np.cos(a), y + r * np.sin(a)) for r, a in zip(radii, angles, strict=True)], product.palette[2])
    for side in (-1, 1):
        sheet.rectangle(0, side * (sheet.half[1] - 0.04), 4.0, 0.05, product.palette[1])


def _words(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    for row in range(7):
        y = sheet.half[1] * (-0.9 + 0.3 * row)
        _small_print(sheet, rng, -sheet.half[0] * 0.9, y, length=1.8 * sheet.half[0], colour=product.palette[1 + row % 2])
    sheet.rectangle(0, 0.15, 1.2 * sheet.half[0], 0.3, product.palette[1])
    sheet.words(product.brand[:3] * 2, 0, 0.15, 0.2, product.palette[0], heavy=True)


def _dots(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    step, size = float(rng.uniform(0.1, 0.18)), float(rng.uniform(0.25, 0.42))
    for row in range(-int(sheet.half[1] / step) - 1, int(sheet.half[1] / step) + 2):
        for column in range(-int(sheet.half[0] / step) - 1, int(sheet.half[0] / step) + 2):
            fade = 0.4 + 0.6 * (column * step / sheet.half[0] / 2 + 0.5)
            sheet.disc((column + 0.5 * (row % 2)) * step, row * step, size * step * fade, product.palette[1 + (row % 3 == 0)])


def _photo(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    """A blurred picture of something round on a table."""
    far = waves(rng, sheet.shape, 0.35 * sheet.unit)
    sheet.lay(np.clip(0.5 + 0.35 * far, 0, 1).astype(np.float32), product.palette[1])
    sheet.rectangle(0, sheet.half[1], 4.0, 0.8 * sheet.half[1], product.palette[2])
    for _ in range(int(rng.integers(2, 5))):
        x, size = float(rng.uniform(-0.6, 0.6)) * sheet.half[0], float(rng.uniform(0.1, 0.22))
        hue = float(rng.uniform(0.3, 0.9))
        sheet.disc(x + 0.03, sheet.half[1] * 0.55 + size * 0.7, size, (0.12, 0.1, 0.1), flat=0.35)
        sheet.disc(x, sheet.half[1] * 0.5, size, (hue, float(rng.uniform(0.1, 0.8)), 0.25))
        sheet.disc(x - 0.35 * size, sheet.half[1] * 0.5 - 0.35 * size, size * 0.25, (0.98, 0.98, 0.95))


_families: dict[str, Callable[[Sheet, np.random.Generator, Product], None]] = {
    "stripes": _stripes,
    "blocks": _blocks,
    "shapes": _shapes,
    "waves": _waves,
    "emblem": _emblem,
    "words": _words,
    "dots": _dots,
    "photo": _photo,
}


def _printed_damage(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    """A picture of damage, with shading and all: what only depth or a reference tells from the real thing."""
    x, y = (float(rng.uniform(-0.35, 0.35)) * side for side in sheet.half)
    y += 0.1
    at, unit = sheet.at(x, y), sheet.unit
    if product.printed == "printed_crack":
        sheet.rectangle(x, y, 0.62, 0.5, (0.07, 0.08, 0.1))
        for path, width in shapes.cracks(rng, at, 0.3 * unit):
            sheet.lay(line(sheet.shape, path, width * 0.016 * unit) * np.float32(0.9), (0.9, 0.93, 0.95))
    elif product.printed == "printed_spill":
        for blob in shapes.splash(rng, at, 0.27 * unit):
            inner = at + (blob - at) * 0.8 - 0.012 * unit
            sheet.lay(polygon(sheet.shape, blob + 0.015 * unit) * np.float32(0.5), (0.05, 0.05, 0.05))
            sheet.lay(polygon(sheet.shape, blob), product.content)
            sheet.lay(polygon(sheet.shape, inner) * np.float32(0.35), (0.95, 0.95, 0.95))
    else:
        outline = shapes.blob(rng, at, 0.17 * unit, rough=0.22, ragged=0.05)
        sheet.lay(polygon(sheet.shape, np.asarray(at) + (outline - at) * 1.25), (0.93, 0.9, 0.85))
        sheet.lay(polygon(sheet.shape, outline), (0.1, 0.08, 0.07))
        sheet.lay(polygon(sheet.shape, np.asarray(at) + (outline - at) * 0.75 + 0.02 * unit), (0.04, 0.03, 0.03))


def _season(sheet: Sheet, rng: np.random.Generator, product: Product) -> None:
    """A band of snow crystals along an edge, as goods have it before a holiday."""
    y = -sheet.half[1] + 0.13
    sheet.rectangle(0, y, 4.0, 0.26, (0.75, 0.08, 0.12))
    for number in range(int(2 * sheet.half[0] / 0.24)):
        x = -sheet.half[0] + 0.12 + 0.24 * number
        size = float(rng.uniform(0.05, 0.085))
        for turn in range(3):
            sheet.rectangle(x, y, 2 * size, 0.018, (0.97, 0.97, 0.97), turned=turn * np.pi / 3)
    sheet.words("HOLIDAY EDITION", 0, y + 0.2, 0.08, product.palette[3])
