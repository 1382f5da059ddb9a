"""Damage: what happens to a product, as a change of its height field. Where it changes, and nowhere else, is the mask.

For the same seed, damage of more severity takes in what less of it did: sizes grow, and chance is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.synth.inspection.bodies import body
from probatum.synth.inspection.crushing import crushed
from probatum.synth.inspection.opening import holed, opened, torn, unpacked
from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import generator
from probatum.synth.inspection.residue import spilt, worn
from probatum.synth.inspection.surface import Surface, changed, padded
from probatum.synth.inspection.units import cells

APPLIES: dict[str, tuple[str, ...]] = {
    "box": ("crush", "tear", "hole", "opened", "deconstruction", "spill", "superficial"),
    "mailer": ("crush", "tear", "hole", "opened", "deconstruction", "spill", "superficial"),
    "polybag": ("tear", "hole", "opened", "deconstruction", "spill", "superficial"),
    "bottle": ("crush", "hole", "opened", "spill", "superficial"),
    "blister": ("crush", "tear", "hole", "opened", "deconstruction", "missing_unit", "superficial"),
    "book": ("crush", "tear", "hole", "deconstruction", "spill", "superficial"),
    "set": ("crush", "tear", "deconstruction", "missing_unit", "spill", "superficial"),
}
_ROOM_MM = {"spill": 100.0, "deconstruction": 80.0, "opened": 80.0}  # of others, what changes lies within the margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What is wrong with an item.

    Attributes
    ----------
    type : str
        One of `DAMAGES`.
    severity : float
        In (0, 1].
    seed : int
    form : str
        Of a crush: `corner`, `edge` or `face`. Of a spill: `beside` or `both`, beside the item and on it. Of superficial damage:
        `scratch` or `stain`. Drawn if empty.
    cause : str
    """

    type: str
    severity: float
    seed: int = 0
    form: str = ""
    cause: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.severity <= 1:
            raise ValueError(f"a severity is in (0, 1], not {self.severity}")


@dataclass(frozen=True, slots=True)
class Damaged:
    """A surface before and after, with the same room around, and where each damage changed it."""

    before: Surface
    after: Surface
    masks: tuple[NDArray[np.bool_], ...]


def on_product(product: Product, damage: Damage) -> bool:
    """Whether the product itself is damaged, and not only what it is packed in."""
    if product.kind in ("book", "bottle"):
        return True
    if damage.type in ("deconstruction", "spill", "missing_unit"):
        return True
    return damage.type in ("hole", "crush") and damage.severity > 0.75


def major(damage: Damage) -> bool:
    """Whether nobody would accept it: it is severe, or something is lost."""
    return damage.severity >= 0.5 or damage.type in ("deconstruction", "missing_unit", "spill")


def missing(product: Product, damages: Sequence[Damage]) -> tuple[int, ...]:
    """Return which units are not where they belong, by number: the more severe, the more, and always the same first."""
    out: list[int] = []
    for damage in damages:
        if damage.type == "missing_unit" or (damage.type == "deconstruction" and product.kind in ("set", "blister")):
            units = len(cells(product))
            order = [int(unit) for unit in generator(damage.seed, 8).permutation(units)]
            out += order[: max(1, round(damage.severity * 0.6 * units))]
    return tuple(dict.fromkeys(out))


def inflicted(
    intact: Surface,
    product: Product,
    damages: Sequence[Damage],
    *,
    seed: int,
    wrinkled: float = 1.0,
    season: bool = False,
    also: Callable[[Surface], Surface] = lambda surface: surface,
) -> Damaged:
    """Return what damage makes of a surface.

    Parameters
    ----------
    intact : Surface
        As `body` made it from the product, `seed`, `wrinkled` and `season`, with `also` applied.
    product : Product
    damages : sequence of Damage
        In the order in which they happened.
    seed, wrinkled, season
        As for `body`.
    also : callable
        What else was done to the surface before: a sticker, for example.

    Raises
    ------
    ValueError
        If damage of such a type cannot happen to such a product.
    """
    for damage in damages:
        if damage.type not in APPLIES[product.kind]:
            raise ValueError(f"`{damage.type}` does not happen to a {product.kind}")
    room = max((_ROOM_MM.get(damage.type, 0.0) for damage in damages), default=0.0)
    before = surface = padded(intact, room) if room else intact
    masks = []
    gone: list[Damage] = []
    for damage in damages:
        rng = generator(damage.seed, 9)
        after = surface
        if units := missing(product, [damage]):
            gone.append(damage)
            after = also(body(product, intact.scale, seed=seed, wrinkled=wrinkled, season=season, missing=missing(product, gone)))
            # What other damage did before stays where it is.
            after = _over(surface, padded(after, room) if room else after, before)
            if damage.type == "deconstruction":
                after = unpacked(after, product, damage.severity, rng, units=len(units))
        elif damage.type == "deconstruction":
            after = unpacked(after, product, damage.severity, rng)
        else:
            after = _struck(after, product, damage, rng)
        masks.append(changed(surface, after))
        surface = after
    return Damaged(before, surface, tuple(masks))


def _struck(surface: Surface, product: Product, damage: Damage, rng: np.random.Generator) -> Surface:
    match damage.type:
        case "crush":
            return crushed(surface, product, damage.severity, rng, damage.form)
        case "tear":
            return torn(surface, product, damage.severity, rng)
        case "hole":
            return holed(surface, product, damage.severity, rng)
        case "opened":
            return opened(surface, product, damage.severity, rng)
        case "spill":
            return spilt(surface, product, damage.severity, rng, damage.form)
        case _:
            return worn(surface, product, damage.severity, rng, damage.form)


def _over(surface: Surface, rebuilt: Surface, before: Surface) -> Surface:
    """Take from a rebuilt surface what differs from the first one, and the rest from what it has become."""
    where = changed(before, rebuilt)
    wide = where[..., None]
    return Surface(
        scale=surface.scale,
        colour=np.where(wide, rebuilt.colour, surface.colour),
        gloss=np.where(where, rebuilt.gloss, surface.gloss),
        height=np.where(where, rebuilt.height, surface.height),
        alpha=np.where(where, rebuilt.alpha, surface.alpha),
        item=np.where(where, rebuilt.item, surface.item),
    )
