"""Items as they come past the stations of a booth, day after day, and the references that were taken before.

An item is drawn without being photographed: a million of them can be counted, and any of them photographed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from probatum.synth.inspection.causes import HANDLING, SHIFTS, Causes, befalls, draw_causes, rates, struck
from probatum.synth.inspection.damage import Damage
from probatum.synth.inspection.parameters import CAPTURE_FAULTS, DECOYS, Parameters, seed_of
from probatum.synth.inspection.products import Product, draw_product, redesigned
from probatum.synth.inspection.raster import generator
from probatum.synth.inspection.rendering import Shot, View, photograph


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A unit that was put on a tray, or a reference; what is known of it, and how to photograph it.

    Attributes
    ----------
    capture_id : str
        Opaque.
    role : str
        `query` or `reference`.
    shot : Shot
        With what really lies there, and what is really wrong.
    claimed : Product or None
        What its barcode says that it is; None where none was read.
    station, shift, vendor, lot, at : str
        `at` is in ISO 8601, UTC.
    day : float
        Counted from the first.
    split : str
    labelled : bool
        Whether its labels are in the manifest.
    """

    capture_id: str
    role: str
    shot: Shot
    claimed: Product | None
    station: str
    shift: str
    vendor: str
    lot: str
    at: str
    day: float
    split: str = ""
    labelled: bool = False

    @property
    def damages(self) -> tuple[Damage, ...]:
        """What is really wrong with it."""
        return self.shot.damages

    @property
    def wrong_product(self) -> bool:
        """Whether its barcode is that of another product."""
        return self.claimed is not None and self.claimed.identifier != self.shot.product.identifier


@dataclass(frozen=True, slots=True)
class Redesign:
    """From which day on a product looks different."""

    day: float
    product: Product


@dataclass
class Booth:
    """A simulated booth.

    Attributes
    ----------
    parameters : Parameters
    products : tuple of Product
        As they look on the first day.
    redesigns : dict of str to Redesign
        By the identifier of the product.
    causes : Causes
    """

    parameters: Parameters
    products: tuple[Product, ...] = field(init=False)
    redesigns: dict[str, Redesign] = field(init=False)
    causes: Causes = field(init=False)

    def __post_init__(self) -> None:
        of = self.parameters
        self.products = tuple(
            draw_product(of.seed, number, kinds=of.kinds, printed=of.misleading.printed, vendors=of.vendors)
            for number in range(of.first_product, of.first_product + of.products)
        )
        self.causes = draw_causes(of, self.products)
        self.redesigns = {}
        for product in self.products:
            rng = generator(seed_of("redesign", of.seed, product.identifier))
            if rng.random() < of.misleading.redesigned:
                way, day = float(rng.random()), float(rng.uniform(0.25, 0.8)) * of.days
                self.redesigns[product.identifier] = Redesign(day, redesigned(product, artwork=way < 0.75, larger=way >= 0.5))
        self._delivered = sum(product.vendor == self.causes.vendor for product in self.products) / len(self.products)

    def photograph(self, item: Item) -> tuple[View, ...]:
        """Return the views of an item."""
        return photograph(item.shot, self.parameters.optics)

    def references(self, products: tuple[Product, ...] | None = None) -> Iterator[Item]:
        """Yield references, taken on the day before the first: some of each product, of which some are damaged.

        Parameters
        ----------
        products : tuple of Product or None
            Those of the first day if not given; others, for example as redesigned, have references of their own.
        """
        of = self.parameters
        for product in self.products if products is None else products:
            name = f"{product.identifier}/{product.version}/{product.width_mm:.3f}"
            rng = generator(seed_of("references", of.seed, name))
            for number in range(int(rng.integers(of.references[0], of.references[1] + 1))):
                dirty = bool(rng.random() < of.misleading.dirty)
                shot = Shot(
                    product=product,
                    seed=seed_of("reference", of.seed, name, number),
                    damages=struck(of, product, HANDLING, "reference", name, number) if dirty else (),
                )
                yield Item(
                    capture_id=_opaque(of.seed, "reference", name, number),
                    role="reference",
                    shot=shot,
                    claimed=product,
                    station="S1",
                    shift="early",
                    vendor=product.vendor,
                    lot="",
                    at=_at(of, -1 + 8 / 24 + number / 1440)[0],
                    day=-1.0,
                )

    def items(self) -> Iterator[Item]:
        """Yield items in the order of their times."""
        times = sorted(generator(seed_of("times", self.parameters.seed)).uniform(0, self.parameters.days, self.parameters.items))
        for number, day in enumerate(times):
            yield self.item(number, float(day))

    def item(self, number: int, day: float) -> Item:
        """Return the item of a number, on a day counted from the first; the same for the same arguments."""
        of, rng = self.parameters, generator(seed_of("item", self.parameters.seed, number))
        claimed = self._design(self.products[int(rng.integers(len(self.products)))], day, rng.random(), rng.random())
        there, other = (self.products[int(rng.integers(len(self.products)))] for _ in range(2))
        wrong = bool(rng.random() < of.misleading.wrong_product) and there.identifier != claimed.identifier
        product = self._design(there, day, rng.random(), rng.random()) if wrong else claimed
        station = int(rng.integers(of.stations))
        at, shift = _at(of, day)
        faults = tuple(name for name in CAPTURE_FAULTS if rng.random() < of.misleading.faults)[:1]
        by = rates(
            of,
            self.causes,
            station=f"S{station + 1}",
            shift=shift,
            vendor=product.vendor,
            day=day,
            delivered=self._delivered,
        )
        shot = Shot(
            product=product,
            seed=seed_of("shot", of.seed, number),
            damages=() if "empty_tray" in faults else befalls(of, product, by, number),
            decoys=self._decoys(product, day, [float(rng.random()) for _ in DECOYS]),
            faults=faults,
            other=other if "two_items" in faults else None,
            station=station + 1,
            gain=self._gain(station, day),
        )
        part = day / of.days
        return Item(
            capture_id=_opaque(of.seed, "item", number),
            role="query",
            shot=shot,
            claimed=None if rng.random() < of.misleading.unread else claimed,
            station=f"S{station + 1}",
            shift=shift,
            vendor=product.vendor,
            lot=f"{product.vendor}-{int(day // 2):03d}",
            at=at,
            day=day,
            split="train" if part < of.split[0] else "calibration" if part < sum(of.split) else "test",
            labelled=bool(rng.random() < of.labelled),
        )

    def _design(self, product: Product, day: float, stock: float, luck: float) -> Product:
        """As a product looks on a day; for a while after a redesign some still look as before."""
        new = self.redesigns.get(product.identifier)
        if new is None or day < new.day:
            return product
        old = self.parameters.misleading.old_stock_days
        left = 1 - (day - new.day) / old if old > 0 else 0.0
        return product if stock < left and luck < 0.8 else new.product

    def _decoys(self, product: Product, day: float, luck: list[float]) -> tuple[str, ...]:
        of = self.parameters
        out = [name for name, drawn in zip(DECOYS, luck, strict=True) if name != "seasonal" and drawn < of.misleading.decoys]
        seasonal = day > 0.9 * of.days and of.misleading.decoys > 0 and product.seed % 10 < 3
        if seasonal and luck[DECOYS.index("seasonal")] < 0.5:
            out.append("seasonal")
        return tuple(out)

    def _gain(self, station: int, day: float) -> float:
        """Light of a station, which lamps lose with time."""
        of = self.parameters
        lost = float(generator(seed_of("drift", of.seed, station)).random()) * of.misleading.drift
        return 1 - lost * max(day, 0.0) / of.days

    def without_damage(self, item: Item) -> Item:
        """Return the same item, in the same pose and light, as it was before it was damaged."""
        return replace(item, shot=replace(item.shot, damages=()))


def _at(parameters: Parameters, day: float) -> tuple[str, str]:
    """Return the time of a day, in ISO 8601, and the shift."""
    at = datetime.fromisoformat(parameters.begins).replace(tzinfo=UTC) + timedelta(days=day)
    shift = SHIFTS[0] if 6 <= at.hour < 14 else SHIFTS[1] if 14 <= at.hour < 22 else SHIFTS[2]
    return at.isoformat(timespec="seconds").replace("+00:00", "Z"), shift


def _opaque(*what: str | int) -> str:
    """Return an identifier that tells nothing."""
    return f"{seed_of('capture', *what):016x}"[:12]
