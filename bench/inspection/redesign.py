"""Tables T5 and T8 (part): how soon a redesign is found, how often wrongly, what becomes of the budget, and which dirty references are found.

    python bench/inspection/redesign.py streams
    python bench/inspection/redesign.py booth
    python bench/inspection/redesign.py dirty

`streams`: 1,000 products whose units are never drawn, but are vectors of 24 numbers. What a product looks like is a point, and a unit lies about 3 off
it, in any direction; all of that times 0.6 to 1.6 for the whole product, and one product in three has heavier tails (Student's t with 5 degrees). The
score of a unit is its mean distance to the two nearest of four references, over the median of what is usual for the product: the least of the versions
that are valid. Of the products, 5 % are redesigned: their point moves by 3 to 9, one in four shows it in depth, too, and for two days up to 80 % of units are
old stock. Another 5 % are hit by damage, half of them at one of three stations, half of them for six days in which lots are bad: six in ten units there are 4 to 9
off, each in a direction of its own, seven in ten show it in depth, and eight in ten have the mark of damage. Anywhere else one unit in a hundred is damaged so.
There are 30 days, about 4 units of a product each day, and 40 units from before, one in a hundred of them damaged, too, which nobody knows.

`booth`: the same with pictures of the synthetic booth from above: 8 products for each seed, all watched together, 5 units of each in two days, of which those of
the first 5 days are what is usual; 40 % of products are redesigned, with other print, 10 % larger, or both, and one vendor delivers damaged goods for 6 days.

`dirty`: 3 to 5 references each of 12 products of the same booth for each seed, of which 0 and 20 % are damaged, and 8 units each that came past, 1 % of them damaged.

Looks every two hours; a version is confirmed a day after it was proposed. A delay counts all units of a product, old stock too, from the first of the
new design on; redesigned products with fewer than 20 such units are left out. A redesign that was not found counts as later than any number.

Seeds 1 to 20 were for development; those reported begin with 100; `streams` with 200, for what its first report on 100 to 102 said of false alarms
made more units be proposed as references; `dirty` with 200, for on 100 and 101 what lies beside references, which are on another tray, was compared, too. Intervals are of 95 %, by Clopper and Pearson. CPU seconds on one core.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from probatum.infer.vision.backbone import open_backbone
from probatum.inspection.artefacts.gallery import Reference
from probatum.inspection.artefacts.gallery_changes import Author, begun, confirmed, with_proposal
from probatum.inspection.fit.renewal import renewal
from probatum.inspection.model.contamination import LeftOut, contamination, left_out
from probatum.inspection.model.drift import Scored, Watches
from probatum.inspection.model.redesign import DamageWave, Redesign, weigh
from probatum.inspection.model.trial import Trial
from probatum.inspection.semantics.looked import View
from probatum.stats.bounds import clopper_pearson
from probatum.stats.neyman_pearson import threshold_within
from probatum.synth.inspection.parameters import CAMERAS, Damaging, Misleading, Optics, Parameters
from probatum.synth.inspection.stream import Booth, Item

REPORT = range(200, 203)
BOOTHS = range(100, 102)
DIRTY = range(200, 202)
SLIGHT = 4.5  # a redesign by less is hardly seen, and hardly alarms
END = datetime.max.replace(tzinfo=UTC)
BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
ALPHA = 0.1  # largest share of products named wrongly
DIM, DAYS, A_DAY, BEFORE, REFERENCES, STATIONS = 24, 30, 4.0, 40, 4, 3


@dataclass
class Product:
    """One product of the model: where it is, and what happens to it."""

    name: str
    centre: np.ndarray
    spread: float
    heavy: bool
    fate: str = ""  # "", "redesign", "station", "lot"
    day: float = 1e9
    moved: np.ndarray = field(default_factory=lambda: np.zeros(DIM))
    shape: bool = False


@dataclass
class World:
    """All that was drawn of one seed."""

    products: dict[str, Product]
    vectors: dict[str, np.ndarray]
    relief: dict[str, float]
    new: set[str]  # units of the new design
    damaged: set[str]
    usual: dict[str, list[Scored]]
    stream: list[Scored]
    references: dict[str, list[str]]
    scale: dict[str, float]


def drawn(seed: int, *, products: int) -> World:
    rng = np.random.default_rng(seed)
    world = World({}, {}, {}, set(), set(), {}, [], {}, {})
    for number in range(products):
        own = Product(f"P{number:04d}", rng.normal(size=DIM) * 20, float(rng.uniform(0.6, 1.6)), bool(rng.random() < 1 / 3))
        luck = rng.random()
        if luck < 0.1:
            own.day = float(rng.uniform(0.25, 0.8)) * DAYS
            own.fate = "redesign" if luck < 0.05 else "station" if luck < 0.075 else "lot"
            own.moved, own.shape = own.spread * off(rng, 3.0, 9.0), bool(rng.random() < 0.25)
        world.products[own.name] = own
        world.references[own.name] = [unit(world, rng, own, -1.0, f"{own.name}-r{k}").capture_id for k in range(REFERENCES)]
        times = np.sort(rng.uniform(0, DAYS, rng.poisson(A_DAY * DAYS)))
        before = [unit(world, rng, own, -1.0, f"{own.name}-b{k}") for k in range(BEFORE)]
        raw = [distance(world, one.capture_id, world.references[own.name]) for one in before]
        world.scale[own.name] = float(np.median(raw))
        world.usual[own.name] = [scored(world, one, world.references[own.name]) for one in before]
        later = [unit(world, rng, own, float(day), f"{own.name}-{k}") for k, day in enumerate(times)]
        world.stream += [scored(world, one, world.references[own.name]) for one in later]
    world.stream.sort(key=lambda one: (one.at, one.capture_id))
    return world


def off(rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    way = rng.normal(size=DIM)
    return way / np.linalg.norm(way) * rng.uniform(low, high)


def unit(world: World, rng: np.random.Generator, own: Product, day: float, name: str) -> Scored:
    noise = rng.standard_t(5, DIM) * np.sqrt(3 / 5) if own.heavy else rng.normal(size=DIM)
    at, relief, mark = own.centre + own.spread * noise / np.sqrt(DIM) * 3, abs(rng.normal()), rng.normal()
    station, lot = f"S{1 + rng.integers(STATIONS)}", f"L{int(day // 2)}"
    if own.fate == "redesign" and day >= own.day:
        left = 1 - (day - own.day) / 2
        if not (left > 0 and rng.random() < left * 0.8):
            at, relief = at + own.moved, relief + 4 * own.shape
            world.new.add(name)
    there = (own.fate == "station" and station == "S1") or (own.fate == "lot" and day < own.day + 6)
    if rng.random() < (0.6 if day >= own.day and there else 0.01):
        at, relief = at + own.spread * off(rng, 4.0, 9.0), relief + (4 if rng.random() < 0.7 else 0)
        mark += 4 if rng.random() < 0.8 else 0
        world.damaged.add(name)
    world.vectors[name], world.relief[name] = at, float(relief)
    return Scored(
        capture_id=name,
        product=own.name,
        score=0.0,
        at=BEGINS + timedelta(days=day),
        station=station,
        lot=lot,
        relief=float(relief),
        damage=float(mark),
    )


def distance(world: World, name: str, references: Sequence[str]) -> float:
    far = np.linalg.norm(np.array([world.vectors[one] for one in references]) - world.vectors[name], axis=1)
    return float(np.sort(far)[:2].mean()) / world.scale.get(name.partition("-")[0], 1.0)


def scored(world: World, one: Scored, references: Sequence[str]) -> Scored:
    return replace(one, score=distance(world, one.capture_id, references))


@dataclass
class Seen:
    """What came past, and the truth about it: of vectors or of pictures."""

    stream: list[Scored]
    usual: dict[str, list[Scored]]
    references: dict[str, list[str]]
    fates: dict[str, str]
    new: set[str]
    damaged: set[str]
    score: Callable[[str, Sequence[str]], float]
    slight: set[str] = field(default_factory=set)  # products


@dataclass
class Course:
    """What was found of one world, and when: by product."""

    named: dict[str, datetime] = field(default_factory=dict)
    said: dict[str, Redesign | DamageWave] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)


def watched(seen: Seen, *, every: timedelta) -> Course:
    """Let a stream come past, look at it every so often, and weigh what was named until it is clear."""
    watches, found, waiting = Watches(seen.usual, alpha=ALPHA), Course(), {}
    at = BEGINS + every
    for one in [*seen.stream, None]:
        while one is None or one.at >= at:
            for watch in watches.look():
                found.named[watch.product], waiting[watch.product] = at, (watch, -1)
            for product, (watch, known) in list(waiting.items()):
                if len(watch.units) == known:
                    continue
                said = weigh(watch, lambda name, own: {"score": seen.score(name, own)})
                waiting[product] = (watch, len(watch.units))
                if isinstance(said, Redesign | DamageWave):
                    found.said[product], found.at[product] = said, at
                    del waiting[product]
            if one is None:
                return found
            at += every
        watches.add(one)
    return found


@dataclass
class Tally:
    """Counts over all seeds."""

    counts: dict[str, int] = field(default_factory=dict)
    delays: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def late(self, name: str, delay: float) -> None:
        self.delays.setdefault(name, []).append(delay)

    def share(self, hits: str, trials: str) -> str:
        k, n = self.counts.get(hits, 0), self.counts.get(trials, 0)
        if not n:
            return "none"
        bound = clopper_pearson(k, n)
        return f"{k} of {n}: {k / n:.4f} [{bound.low:.4f}, {bound.high:.4f}]"

    def within(self, name: str, limit: int) -> str:
        delays = self.delays.get(name, [])
        k, n = sum(delay <= limit for delay in delays), len(delays)
        if not n:
            return "none"
        bound = clopper_pearson(k, n)
        quantiles = ", ".join(f"{one:.0f}" for one in np.quantile(delays, [0.5, 0.9], method="inverted_cdf"))
        return f"{k} of {n}: {k / n:.3f} [{bound.low:.3f}, {bound.high:.3f}]; median and 90 %: {quantiles}"


def account(tally: Tally, found: Course, seen: Seen, *, least: int) -> None:
    """Add what was found of one world: delays count all units of a product from the first of the new design on."""
    own: dict[str, list[Scored]] = {}
    for one in seen.stream:
        own.setdefault(one.product, []).append(one)
    for product, fate in seen.fates.items():
        tally.add(f"fate {fate or 'nothing'}")
        said = found.said.get(product)
        if product in found.named:
            tally.add("named")
            tally.add(f"named {fate or 'nothing'}")
        if said is not None:
            tally.add(type(said).__name__)
            tally.add(f"{type(said).__name__} {fate or 'nothing'}")
        if fate != "redesign":
            continue
        units = own.get(product, [])
        first = next((one.at for one in units if one.capture_id in seen.new), None)
        since = [one for one in units if first is not None and one.at >= first]
        if len(since) < least:
            continue  # whether it would have been found in time cannot be known
        for name, when in (("named", found.named.get(product)), ("proposed", found.at.get(product))):
            right = when is not None and (name == "named" or isinstance(said, Redesign)) and first is not None
            tally.late(
                name + " slightly" * (product in seen.slight),
                sum(one.at < when for one in since) if right and when is not None else np.inf,
            )


def tell(tally: Tally) -> None:
    print("\n| | |\n|---|---|")
    for title, value in (
        ("redesigned products named within 20 units", tally.within("named", 20)),
        ("and proposed as redesigned within 20 units", tally.within("proposed", 20)),
        ("redesigned by less than 4.5, named within 20 units", tally.within("named slightly", 20)),
        ("and proposed", tally.within("proposed slightly", 20)),
        ("of the products named, nothing had changed", f"{tally.share('named nothing', 'named')}, nominal {ALPHA:g}"),
        ("of the redesigns proposed, there was none", tally.share("wrong", "Redesign")),
        ("redesigns said to be damage", tally.share("DamageWave redesign", "fate redesign")),
        ("waves of damage at a station named", tally.share("named station", "fate station")),
        ("waves of damage of a lot named", tally.share("named lot", "fate lot")),
        ("of the waves named, said to be one", tally.share("waves", "named waves")),
    ):
        if not value.startswith("none"):
            print(f"| {title} | {value} |")


def finish(tally: Tally) -> None:
    for total, parts in (
        ("wrong", ("Redesign nothing", "Redesign station", "Redesign lot")),
        ("waves", ("DamageWave station", "DamageWave lot")),
        ("named waves", ("named station", "named lot")),
    ):
        tally.counts[total] = sum(tally.counts.get(part, 0) for part in parts)


def alarms(tally: Tally, found: Course, seen: Seen, *, budget: float) -> None:
    """Count false alarms at one threshold for all products, before a redesign, until a person confirmed the version a day after it was proposed, and after."""
    sound = {name: [one.score for one in usual if one.capture_id not in seen.damaged] for name, usual in seen.usual.items()}
    threshold = threshold_within([score for own in sound.values() for score in own], budget=budget).value
    person = Author(by="bench", at=BEGINS, why="first references")
    names = [
        (name, [Reference(capture_id=one, files={f"{one}.png": "0" * 64}) for one in own])
        for name, own in seen.references.items()
    ]
    gallery = begun(names, person, manifest="manifest.csv")
    for name, said in sorted(found.said.items()):
        if isinstance(said, Redesign) and seen.fates[name] == "redesign":
            person = Author(by="bench", at=found.at[name] + timedelta(days=1), why=said.why)
            units = [Reference(capture_id=one, files={f"{one}.png": "0" * 64}) for one in said.references]
            gallery = with_proposal(gallery, name, units, person, manifest="manifest.csv", valid_from=person.at)
            gallery = confirmed(gallery, name, 2, person)
    first = {}
    for one in seen.stream:
        if one.capture_id in seen.new:
            first.setdefault(one.product, one.at)
    fresh: dict[str, list[float]] = {}
    for one in seen.stream:
        fate = seen.fates[one.product]
        if one.capture_id in seen.damaged or fate not in ("", "redesign"):
            continue
        versions = gallery.at(one.product, one.at)
        own = [[reference.capture_id for reference in version.references] for version in versions]
        score = min(seen.score(one.capture_id, references) for references in own) if len(own) > 1 else one.score
        when = (
            "never" if not fate else "after" if len(own) > 1 else "since" if first.get(one.product, END) <= one.at else "before"
        )
        tally.add(f"sound {when}")
        tally.add(f"alarms {when}", int(score > threshold))
        if len(own) > 1:
            fresh.setdefault(one.product, []).append(score)
    for name in gallery.products:
        if len(gallery.of(name)) > 1:
            outcome = renewal(sound, name, fresh.get(name, []), threshold=threshold, budget=budget).outcome
            tally.add(f"renewal {outcome}")


def tell_alarms(tally: Tally, budget: float) -> None:
    print(f"\n| false alarms at a budget of {budget:g} | |\n|---|---|")
    for title, when in (
        ("products never redesigned or hit by a wave", "never"),
        ("redesigned products, before", "before"),
        ("from the first unit of the new design until a person confirmed the version", "since"),
        ("after that", "after"),
    ):
        print(f"| {title} | {tally.share(f'alarms {when}', f'sound {when}')} |")
    outcomes = [f"{name} {tally.counts.get(f'renewal {name}', 0)}" for name in ("holds", "renewed", "without", "refused")]
    print(f"| calibration after the version | {', '.join(outcomes)} |")


def streams(seeds: range) -> None:
    tally, started = Tally(), time.process_time()
    for seed in seeds:
        world = drawn(seed, products=1000)
        seen = Seen(
            stream=world.stream,
            usual=world.usual,
            references=world.references,
            fates={name: own.fate for name, own in world.products.items()},
            new=world.new,
            damaged=world.damaged,
            score=lambda name, references, world=world: distance(world, name, references),
            slight={name for name, own in world.products.items() if np.linalg.norm(own.moved) < SLIGHT * own.spread},
        )
        found = watched(seen, every=timedelta(hours=2))
        account(tally, found, seen, least=20)
        alarms(tally, found, seen, budget=0.01)
    finish(tally)
    tell(tally)
    tell_alarms(tally, 0.01)
    print(f"\n{len(seeds)} seeds of 1,000 products, {time.process_time() - started:.0f} CPU s")


def pictured(seed: int, dirty: float, products: int, items: int, *, redesigned: float, prevalence: float) -> Booth:
    return Booth(
        Parameters(
            seed=seed,
            products=products,
            items=items,
            days=20,
            optics=Optics(cameras=(CAMERAS[0],)),
            damaging=Damaging(prevalence=prevalence, bursts=1, burst_days=6.0, burst_rate=0.6),
            misleading=Misleading(redesigned=redesigned, faults=0.0, wrong_product=0.0, unread=0.0, dirty=dirty),
        )
    )


def views(of: Booth, item: Item) -> dict[str, View]:
    shot = of.photograph(item)[0]
    return {shot.camera: View(shot.rgb, np.where(shot.depth > 0, shot.depth, np.nan).astype(np.float32))}


def one_score(channels: Mapping[str, float]) -> float:
    """Both channels of the item itself are logarithms then; what lies beside it says nothing of how it looks."""
    return max(channels.get("appearance", -np.inf), float(np.log(channels.get("relief", 0.0) + 0.02)) - 1.0)


def booth(cache: Path, seeds: range) -> None:
    backbone, started = open_backbone(cache=cache), time.process_time()
    pictures: dict[str, dict[str, View]] = {}
    trial = Trial(backbone, pictures.__getitem__, one_score)
    seen = Seen(
        stream=[], usual={}, references={}, fates={}, new=set(), damaged=set(), score=lambda name, own: trial(name, own)["score"]
    )
    for seed in seeds:
        own = pictured(seed, 0.0, 8, 8 * 50, redesigned=0.4, prevalence=0.01)
        burst = own.causes.bursts[0].vendor
        for product in own.products:
            redesign = product.identifier in own.redesigns
            seen.fates[product.identifier] = "redesign" if redesign else "lot" if product.vendor == burst else ""
            seen.usual[product.identifier] = []
        for reference in own.references():
            pictures[reference.capture_id] = views(own, reference)
            seen.references.setdefault(reference.shot.product.identifier, []).append(reference.capture_id)
        for item in own.items():
            product = item.shot.product
            pictures[item.capture_id] = views(own, item)
            channels = trial(item.capture_id, seen.references[product.identifier])
            one = Scored(
                capture_id=item.capture_id,
                product=product.identifier,
                score=channels["score"],
                at=datetime.fromisoformat(item.at),
                station=f"{seed}/{item.station}",
                lot=item.lot,
                relief=channels.get("relief"),
            )
            if item.damages:
                seen.damaged.add(one.capture_id)
            if product.identifier in own.redesigns and product == own.redesigns[product.identifier].product:
                seen.new.add(one.capture_id)
            if item.day < 5:
                seen.usual[product.identifier].append(one)
            else:
                seen.stream.append(one)
    seen.stream.sort(key=lambda one: (one.at, one.capture_id))
    photographed = time.process_time() - started
    found, tally = watched(seen, every=timedelta(hours=2)), Tally()
    account(tally, found, seen, least=20)
    alarms(tally, found, seen, budget=0.02)
    finish(tally)
    tell(tally)
    tell_alarms(tally, 0.02)
    for name, said in sorted(found.said.items()):
        print(f"- {name}, {seen.fates[name] or 'nothing'}: {type(said).__name__}, {said.why}")
    print(
        f"\n{len(seen.fates)} products, {len(pictures)} pictures in {photographed:.0f} CPU s, all in {time.process_time() - started:.0f}"
    )


def dirty(cache: Path, seeds: range) -> None:
    backbone, started = open_backbone(cache=cache), time.process_time()
    print(
        "\n| damaged references | of the damaged, proposed for removal | of those with a severity of at least 0.4 | of the proposed, undamaged | damaged among the strangest, as many as are damaged |\n|---|---|---|---|---|"
    )
    for share in (0.0, 0.2):
        tally = Tally()
        for seed in seeds:
            own = pictured(seed, share, 12, 12 * 16, redesigned=0.0, prevalence=0.01)
            pictures: dict[str, dict[str, View]] = {}
            references: dict[str, list[Item]] = {}
            units: dict[str, list[str]] = {product.identifier: [] for product in own.products}
            for item in (*own.references(), *own.items()):
                name = item.shot.product.identifier
                if item.role == "reference":
                    references.setdefault(name, []).append(item)
                elif len(units[name]) < 8:
                    units[name].append(item.capture_id)
                else:
                    continue
                pictures[item.capture_id] = views(own, item)
            trial = Trial(backbone, pictures.__getitem__, one_score)
            cases: list[LeftOut] = []
            for name, some in references.items():
                found = left_out(
                    name,
                    [item.capture_id for item in some],
                    units[name],
                    lambda unit, others, trial=trial: only(trial(unit, others)),
                )
                if not isinstance(found, str):
                    cases += found
            named = {suspect.capture_id for suspect in contamination(cases, rate=ALPHA).suspects}
            strangest = [suspect.capture_id for suspect in contamination(cases, rate=0.999).suspects]
            bad = {item.capture_id for some in references.values() for item in some if item.damages}
            tally.add("first", len(bad))
            tally.add("first bad", len(bad & set(strangest[: len(bad)])))
            for item in (item for some in references.values() for item in some):
                severity = max((damage.severity for damage in item.damages), default=0.0)
                for sort, true in (("damaged", severity > 0), ("severe", severity >= 0.4)):
                    tally.add(sort, int(true))
                    tally.add(f"{sort} named", int(true and item.capture_id in named))
                tally.add("named", int(item.capture_id in named))
                tally.add("named wrongly", int(not item.damages and item.capture_id in named))
        row = [
            tally.share(*names)
            for names in (
                ("damaged named", "damaged"),
                ("severe named", "severe"),
                ("named wrongly", "named"),
                ("first bad", "first"),
            )
        ]
        print(f"| {share:.0%} | {' | '.join(row)} |", flush=True)
    print(
        f"\n{len(seeds)} booths of 12 products, {time.process_time() - started:.0f} CPU s; nominal share of undamaged among the proposed: {ALPHA:g}"
    )


def only(channels: Mapping[str, float]) -> dict[str, float]:
    return {name: channels[name] for name in ("appearance", "relief") if name in channels}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("part", choices=("streams", "booth", "dirty"))
    parser.add_argument("--cache", type=Path, help="folder for the converted network")
    parser.add_argument("--seeds", type=int, nargs=2, help="first and last, for development")
    given = parser.parse_args()
    seeds = None if given.seeds is None else range(given.seeds[0], given.seeds[1] + 1)
    if given.part == "streams":
        streams(seeds or REPORT)
        return
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        {"booth": booth, "dirty": dirty}[given.part](
            given.cache or Path(folder), seeds or (BOOTHS if given.part == "booth" else DIRTY)
        )


if __name__ == "__main__":
    main()
