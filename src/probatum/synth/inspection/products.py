"""Products: values that can be photographed any number of times, drawn from a seed."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from probatum.synth.inspection.parameters import KINDS, PRINTED, seed_of
from probatum.synth.inspection.raster import generator

if TYPE_CHECKING:
    import numpy as np

Colour: TypeAlias = tuple[float, float, float]

FAMILIES = ("stripes", "blocks", "shapes", "waves", "emblem", "words", "dots", "photo")
KRAFT: Colour = (0.72, 0.56, 0.38)

# For each kind: width, depth and height in mm, each from and to; gloss; how much it wrinkles; units; names of Kaputt's materials.
_kinds: dict[str, tuple[tuple[tuple[int, int], ...], tuple[float, float], float, tuple[int, ...], tuple[str, ...]]] = {
    "box": (((120, 240), (90, 170), (30, 95)), (0.05, 0.35), 0.15, (1,), ("cardboard",)),
    "mailer": (((170, 250), (120, 170), (10, 24)), (0.03, 0.2), 0.7, (1,), ("paper", "plastic_bubble_wrap")),
    "polybag": (((150, 240), (110, 170), (12, 34)), (0.45, 0.75), 1.0, (1,), ("plastic_loose_bag",)),
    "bottle": (((150, 230), (55, 85), (55, 85)), (0.55, 0.85), 0.05, (1,), ("plastic_hard",)),
    "blister": (((110, 160), (150, 200), (14, 24)), (0.6, 0.9), 0.1, (1, 2, 3), ("plastic_hard",)),
    "book": (((130, 200), (170, 240), (12, 42)), (0.08, 0.5), 0.1, (1,), ("book_paper", "book_other", "book_plastic_tight_wrap")),
    "set": (((150, 230), (110, 170), (26, 42)), (0.2, 0.6), 0.1, (3, 4, 6, 8), ("plastic_tight_wrap", "cardboard")),
}
_consonants, _vowels = "bcdfghklmnprstvz", "aeiou"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What is the same each time that a product is photographed.

    Attributes
    ----------
    identifier : str
        Opaque.
    seed : int
        Of its artwork, and of how its units look.
    kind : str
        One of `KINDS`.
    width_mm, depth_mm, height_mm : float
    family : str
        Of the artwork, one of `FAMILIES`.
    palette : tuple of four colours
        sRGB, from 0 to 1: ground, two for the artwork, and one for words.
    brand : str
    material : str
        One of Kaputt's names.
    gloss, wrinkle : float
        From 0 to 1.
    units : int
    contents : str
        `liquid`, `powder` or `solid`.
    content : colour
    barcode : str
        Thirteen digits, the last one checks the others (EAN-13).
    vendor : str
    printed : str
        One of `PRINTED`, or nothing.
    version : int
        Of the artwork, from 1.
    """

    identifier: str
    seed: int
    kind: str
    width_mm: float
    depth_mm: float
    height_mm: float
    family: str
    palette: tuple[Colour, Colour, Colour, Colour]
    brand: str
    material: str
    gloss: float
    wrinkle: float
    units: int
    contents: str
    content: Colour
    barcode: str
    vendor: str = ""
    printed: str = ""
    version: int = 1


def draw_product(
    seed: int, number: int, *, kinds: tuple[str, ...] = KINDS, printed: float | str = 0.0, vendors: int = 5
) -> Product:
    """Return a product; the same one for the same arguments.

    Parameters
    ----------
    seed, number : int
    kinds : tuple of str
        Its kind is the one at `number`, counted around.
    printed : float or str
        Chance that something like damage is printed on it (units of sets are too small for it), or what is.
    vendors : int
    """
    own = seed_of("product", seed, number)
    rng = generator(own)
    kind = kinds[number % len(kinds)]
    sizes, gloss, wrinkle, units, materials = _kinds[kind]
    width, depth, height = (float(rng.uniform(*size)) for size in sizes)
    if kind == "bottle":
        height = depth  # it is round
    decoy = str(rng.choice(PRINTED))
    lucky = float(rng.random())
    contents = {"bottle": "liquid", "book": "solid", "set": "solid", "blister": "solid"}.get(kind, "")
    return Product(
        identifier=f"P{own % 16**8:08x}",
        seed=own,
        kind=kind,
        width_mm=width,
        depth_mm=depth,
        height_mm=height,
        family=str(rng.choice(FAMILIES)),
        palette=_palette(rng, kind),
        brand=_brand(rng),
        material=str(rng.choice(materials)),
        gloss=float(rng.uniform(*gloss)),
        wrinkle=wrinkle * float(rng.uniform(0.7, 1.3)),
        units=int(rng.choice(units)),
        contents=contents or str(rng.choice(["powder", "solid", "solid", "liquid"])),
        content=_colour(float(rng.random()), float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.35, 0.9))),
        barcode=_barcode(rng),
        vendor=f"V{1 + int(rng.integers(vendors))}",
        printed=printed if isinstance(printed, str) else decoy if lucky < printed and kind != "set" else "",
    )


def redesigned(product: Product, *, artwork: bool = True, larger: bool = False) -> Product:
    """Return the next version of a product: with other artwork, or 10 % larger along each side, or both."""
    rng = generator(product.seed, product.version, 77)
    by = 1.1 if larger else 1.0
    other = replace(
        product,
        version=product.version + 1,
        width_mm=product.width_mm * by,
        depth_mm=product.depth_mm * by,
        height_mm=product.height_mm * by,
    )
    if not artwork:
        # The artwork is drawn from the seed and the version: only the size may change here.
        return replace(other, version=product.version)
    families = [family for family in FAMILIES if family != product.family]
    return replace(other, family=str(rng.choice(families)), palette=_palette(rng, product.kind))


def _colour(hue: float, saturation: float, value: float) -> Colour:
    return colorsys.hsv_to_rgb(hue % 1.0, saturation, value)


def _palette(rng: np.random.Generator, kind: str) -> tuple[Colour, Colour, Colour, Colour]:
    """Colours that are told apart: light or dark ground, two hues, and words that stand out."""
    hue = float(rng.random())
    other = hue + float(rng.choice([0.08, 0.33, 0.5, 0.58]))
    way = float(rng.random())
    if kind in ("box", "mailer") and way < 0.4:
        return KRAFT, _colour(hue, 0.6, 0.4), _colour(hue, 0.3, 0.9), (0.16, 0.12, 0.1)
    if way < 0.62:
        ground = _colour(hue, float(rng.uniform(0.02, 0.2)), float(rng.uniform(0.85, 0.97)))
        return ground, _colour(hue, 0.75, 0.75), _colour(other, 0.7, 0.85), _colour(other, 0.6, 0.2)
    if way < 0.85:
        ground = _colour(hue, float(rng.uniform(0.55, 0.85)), float(rng.uniform(0.45, 0.85)))
        return ground, _colour(other, 0.65, 0.9), _colour(hue, 0.25, 0.95), (0.97, 0.96, 0.93)
    return _colour(hue, 0.35, 0.18), _colour(other, 0.8, 0.85), _colour(hue, 0.5, 0.6), (0.95, 0.93, 0.85)


def _brand(rng: np.random.Generator) -> str:
    syllables = [str(rng.choice(list(_consonants))) + str(rng.choice(list(_vowels))) for _ in range(int(rng.integers(2, 4)))]
    return "".join(syllables).upper() + str(rng.choice(["", "", "X", "N", "L"]))


def _barcode(rng: np.random.Generator) -> str:
    digits = [2, *(int(digit) for digit in rng.integers(0, 10, 11))]  # numbers that begin with 2 are for use inside of a house
    return "".join(map(str, digits)) + str(-sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10)
