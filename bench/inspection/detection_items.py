"""Items of the synthetic booth for `detection.py`: drawn by seed, photographed, and kept on disk if asked for.

Three parts share neither a generator seed nor a product: `train` for the head, `fusion` for how channels are weighed, `report` for what
is told. In each, sound items come as they do in the booth, with decoys on 3 % of them each and with damage printed on 12 % of products;
besides, there are items made for a decoy each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from probatum.synth.inspection.damage import APPLIES, Damage
from probatum.synth.inspection.parameters import DECOYS, PRINTED, Misleading, Optics, seed_of
from probatum.synth.inspection.products import Product, draw_product
from probatum.synth.inspection.raster import generator
from probatum.synth.inspection.rendering import Shot, photograph

SEVERITY = (1.6, 1.6)  # of a Beta distribution, as in the booth
_STEP_MM = 0.1  # in which depth is kept


@dataclass(frozen=True)
class Part:
    """How much is drawn: of each seed so many products, and of each product so many items."""

    name: str
    seeds: tuple[int, ...]
    products: int
    sound: int
    damaged: int
    references: int
    decoys: int = 0  # items for each decoy, over all seeds


class Named(Protocol):
    """A product."""

    @property
    def identifier(self) -> str: ...
    @property
    def material(self) -> str: ...


class Known(Protocol):
    """Damage, as it is known."""

    @property
    def type(self) -> str: ...
    @property
    def severity(self) -> float: ...


class Shown(Protocol):
    """What is scored of an item, wherever it is from: see `Made`."""

    @property
    def what(self) -> str: ...
    @property
    def product(self) -> Named: ...
    @property
    def rgb(self) -> np.ndarray: ...
    @property
    def mm(self) -> np.ndarray: ...
    @property
    def plain(self) -> bool: ...
    @property
    def damage(self) -> Known | None: ...


@dataclass(frozen=True)
class Made:
    """An item: what is known of it, and its views.

    Attributes
    ----------
    what : str
        `sound`, `damaged`, `reference`, or the name of a decoy that it was made for.
    rgb : array of shape (views, n, n, 3), uint8
    mm : array of shape (views, n, n), float32
        NaN where the sensor has none.
    masks : array of shape (views, n, n), bool
        Where it shows something else than it would without damage.
    """

    what: str
    product: Product
    shot: Shot
    rgb: np.ndarray
    mm: np.ndarray
    masks: np.ndarray

    @property
    def plain(self) -> bool:
        """Whether nothing on it misleads."""
        return not self.shot.decoys and not self.product.printed

    @property
    def damage(self) -> Damage | None:
        return self.shot.damages[0] if self.shot.damages else None


def by_product(part: Part, cache: Path | None = None) -> Iterator[list[Made]]:
    """Yield the items of one product after the other, references first."""
    for seed in part.seeds:
        for number, product in _products(part, seed):
            yield _kept(part, seed, number, product, cache)


def _products(part: Part, seed: int) -> Iterator[tuple[int, Product]]:
    for number in range(part.products):
        yield number, draw_product(seed, number, printed=Misleading().printed)
    each = -(-part.decoys // len(part.seeds))
    for at, name in enumerate(PRINTED):
        for k in range(each):
            number = 1000 + 100 * at + k  # numbers count kinds around, of which the last is a set, without print of this sort
            yield number, draw_product(seed, number - (number % 7 == 6), printed=name)


def _kept(part: Part, seed: int, number: int, product: Product, cache: Path | None) -> list[Made]:
    shots = list(_shots(part, seed, number, product))
    path = None if cache is None else cache / f"{part.name}-{seed}-{number}-{len(shots)}.npz"
    if path is not None and path.exists():
        with np.load(path) as found:
            rgb, depth, masks = found["rgb"], found["depth"], np.unpackbits(found["masks"], axis=-1).astype(bool)
    else:
        views = [photograph(shot, Optics()) for _, shot in shots]
        rgb = np.stack([np.stack([view.rgb for view in item]) for item in views])
        depth = np.stack([np.stack([view.depth for view in item]) for item in views])
        depth = np.round(depth / _STEP_MM).astype(np.uint16)
        masks = np.stack(
            [np.stack([np.any(view.damage, axis=0) if view.damage else view.item & False for view in item]) for item in views]
        )
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(path, rgb=rgb, depth=depth, masks=np.packbits(masks, axis=-1))
    mm = np.where(depth > 0, depth * np.float32(_STEP_MM), np.float32(np.nan)).astype(np.float32)
    return [Made(what, product, shot, rgb[at], mm[at], masks[at]) for at, (what, shot) in enumerate(shots)]


def _shots(part: Part, seed: int, number: int, product: Product) -> Iterator[tuple[str, Shot]]:
    def shot(*key: str | int, **more: object) -> Shot:
        own = seed_of("detection", part.name, seed, number, *key)
        return Shot(product=product, seed=own, station=1 + own % 3, gain=float(generator(own, 1).uniform(0.9, 1.0)), **more)

    for k in range(part.references):
        yield "reference", shot("reference", k)
    if number >= 1000:
        yield product.printed, shot("printed", 0)
        return
    for k in range(part.sound):
        luck = generator(seed_of("decoys", part.name, seed, number, k)).random(len(DECOYS))
        decoys = tuple(name for name, drawn in zip(DECOYS, luck, strict=True) if drawn < Misleading().decoys)
        yield "sound", shot("sound", k, decoys=decoys)
    for k in range(part.damaged):
        own = seed_of("damage", part.name, seed, number, k)
        rng = generator(own)
        kind = str(rng.choice(APPLIES[product.kind]))
        damage = Damage(type=kind, severity=float(np.clip(rng.beta(*SEVERITY), 0.05, 1.0)), seed=own)
        yield "damaged", shot("damaged", k, damages=(damage,))
    if part.decoys:
        # One item for each decoy in as many products as it takes, of those without print.
        each = -(-part.decoys // len(part.seeds))
        for k, name in enumerate(DECOYS):
            if not product.printed and (number + 3 * k) % part.products < each:
                yield name, shot("decoy", k, decoys=(name,))
