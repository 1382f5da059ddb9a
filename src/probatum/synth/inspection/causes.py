"""Why goods are damaged, how often, and what follows of it: handling anywhere, one station, one shift, one vendor, and bad deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.synth.inspection.crushing import FORMS
from probatum.synth.inspection.damage import APPLIES, Damage
from probatum.synth.inspection.parameters import Parameters, seed_of
from probatum.synth.inspection.products import Product
from probatum.synth.inspection.raster import generator

SHIFTS = ("early", "late", "night")
HANDLING = "handling"
# What each sort of cause does, as weights.
_does: dict[str, dict[str, float]] = {
    HANDLING: {
        "crush": 4,
        "superficial": 3,
        "tear": 2,
        "hole": 1.5,
        "opened": 1.5,
        "deconstruction": 1,
        "spill": 1,
        "missing_unit": 1,
    },
    "station": {"crush": 4, "tear": 3, "hole": 3, "opened": 1},
    "shift": {"superficial": 3, "deconstruction": 2, "opened": 2, "crush": 1},
    "vendor": {"missing_unit": 4, "opened": 3, "spill": 3, "superficial": 1, "crush": 1},
    "burst": {"spill": 4, "opened": 3, "missing_unit": 3, "crush": 2},
}


@dataclass(frozen=True, slots=True)
class Burst:
    """Days on which a vendor delivers damaged goods, from and to, counted from the first."""

    vendor: str
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Causes:
    """Who damages more than others, and when: part of the truth."""

    station: str
    shift: str
    vendor: str
    bursts: tuple[Burst, ...]


def draw_causes(parameters: Parameters, products: Sequence[Product]) -> Causes:
    """Return who damages more than others; vendors are of those that deliver something."""
    rng = generator(seed_of("causes", parameters.seed))
    vendors = sorted({product.vendor for product in products})
    bursts = []
    for _ in range(parameters.damaging.bursts):
        begins = float(rng.uniform(0.1, 0.85)) * parameters.days
        bursts.append(Burst(str(rng.choice(vendors)), begins, begins + parameters.damaging.burst_days))
    return Causes(
        station=f"S{1 + int(rng.integers(parameters.stations))}",
        shift=str(rng.choice(SHIFTS)),
        vendor=str(rng.choice(vendors)),
        bursts=tuple(bursts),
    )


def rates(
    parameters: Parameters, causes: Causes, *, station: str, shift: str, vendor: str, day: float, delivered: float
) -> dict[str, float]:
    """Return how often each cause damages an item, by the name of the cause.

    Parameters
    ----------
    parameters : Parameters
    causes : Causes
    station, shift, vendor : str
        Where the item is, when, and whose it is.
    day : float
        Counted from the first.
    delivered : float
        Share of items that are of the vendor that damages more.
    """
    of = parameters.damaging
    extra = of.prevalence * of.by_cause / 3
    out = {HANDLING: of.prevalence * (1 - of.by_cause)}
    if station == causes.station:
        out[f"station {station}"] = extra * parameters.stations
    if shift == causes.shift:
        out[f"shift {shift}"] = extra * len(SHIFTS)
    if vendor == causes.vendor:
        out[f"vendor {vendor}"] = extra / max(delivered, 1e-9)
    if any(burst.vendor == vendor and burst.begins <= day < burst.ends for burst in causes.bursts):
        out[f"burst {vendor}"] = of.burst_rate
    return out


def befalls(parameters: Parameters, product: Product, by: dict[str, float], *seed: str | int) -> tuple[Damage, ...]:
    """Return what happens to an item, given how often each cause damages one; mostly nothing.

    Causes compete: at most one of them damages an item, each as often as its rate says, as long as they do not exceed 1 together.
    """
    rng = generator(seed_of("befalls", parameters.seed, *seed))
    total = sum(by.values())
    luck = float(rng.random()) * max(1.0, total)
    if luck >= total:
        return ()
    names = list(by)
    at = 0
    while luck >= by[names[at]] and at + 1 < len(names):
        luck -= by[names[at]]
        at += 1
    return struck(parameters, product, names[at], *seed)


def struck(parameters: Parameters, product: Product, cause: str, *seed: str | int) -> tuple[Damage, ...]:
    """Return the damage that a cause does to an item: one type, or two."""
    rng = generator(seed_of("struck", parameters.seed, *seed))
    weights = _does[cause.split(" ", 1)[0]]
    types = [name for name in APPLIES[product.kind] if name in weights] or list(APPLIES[product.kind])
    share = [weights.get(name, 1.0) for name in types]
    chosen = rng.choice(len(types), size=min(len(types), 2), replace=False, p=[one / sum(share) for one in share])
    many = 2 if rng.random() < parameters.damaging.again else 1
    forms = {"crush": FORMS.get(product.kind, ("",)), "spill": ("beside", "both"), "superficial": ("scratch", "stain")}
    return tuple(
        Damage(
            type=types[int(which)],
            severity=min(1.0, max(0.05, float(rng.beta(*parameters.damaging.severity)))),
            seed=int(rng.integers(2**31)),
            form=str(rng.choice(forms.get(types[int(which)], ("",)))),
            cause=cause,
        )
        for which in chosen[:many]
    )
