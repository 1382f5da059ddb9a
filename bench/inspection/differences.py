"""How well items of the synthetic booth that are damaged are told from good ones by comparing them with references, by channel.

Corpus: made by `probatum.synth.inspection`, 14 products for each seed, three to five references of each, two views of each item, about half
of the items damaged once; broken sets from booths of sets and blister packs alone. What is fixed in `probatum.inspection.semantics` was
chosen on seeds 1 to 3, 11, 21 to 23 and 31 to 36. The score of an item is the greatest of its views. Recall is at the threshold that one in a hundred good
items without a decoy exceeds in the same run, with a Clopper-Pearson interval at 95 %; that threshold is chosen on the same items, so that
nothing is promised of others. Rivals: the distance of embeddings, and of features of stride 16 at the same place, to the nearest reference.
Machine: CPU seconds of one thread; the seconds that it takes to add ten million numbers stand beside them.

    OMP_NUM_THREADS=1 python bench/inspection/differences.py [--seeds 4,5] [--items 110] [--sets 12,13,14] [--set-items 60] [--cache FOLDER] [--dirty]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from probatum.infer.vision.backbone import Backbone, open_backbone
from probatum.inspection.semantics.compared import CHANNELS, Compared, Pristine, compared, pristine
from probatum.inspection.semantics.looked import Looked, View, look, look_at_references
from probatum.stats.bounds import clopper_pearson
from probatum.synth.inspection.damage import Damage
from probatum.synth.inspection.parameters import DAMAGES, DECOYS, KINDS, Damaging, Misleading, Parameters
from probatum.synth.inspection.rendering import View as Photograph
from probatum.synth.inspection.stream import Booth, Item

T = TypeVar("T")
FALSE_ALARMS = 0.01
RIVALS = ("embedding", "nearest")
_spent: dict[str, list[float]] = defaultdict(list)


@dataclass
class Judged:
    """An item and its scores, by channel and rival."""

    item: Item
    scores: dict[str, float]
    units: list[tuple[int, int]] = field(default_factory=list)

    @property
    def types(self) -> set[str]:
        return {damage.type for damage in self.item.damages}

    @property
    def plain(self) -> bool:
        """Whether it is good, and nothing on it misleads."""
        return not self.item.damages and not self.item.shot.decoys


def booth(seed: int, items: int, *, kinds: tuple[str, ...] = KINDS, products: int = 14, dirty: float = 0.0) -> Booth:
    return Booth(
        Parameters(
            seed=seed,
            products=products,
            items=items,
            kinds=kinds,
            damaging=Damaging(prevalence=0.55, bursts=0, again=0.0, by_cause=0.0),
            misleading=Misleading(faults=0, wrong_product=0, unread=0, redesigned=0, decoys=0.06, dirty=dirty),
        )
    )


def view(of: Photograph) -> View:
    return View(of.rgb, np.where(of.depth > 0, of.depth, np.nan).astype(np.float32))


def timed(what: str, run: Callable[[], T]) -> T:
    begun = time.process_time()
    out = run()
    _spent[what].append(time.process_time() - begun)
    return out


def galleries(made: Booth, backbone: Backbone) -> dict[str, list[Pristine]]:
    """Return references of each product, for each camera."""
    views: dict[str, list[tuple[Photograph, ...]]] = defaultdict(list)
    for item in made.references():
        views[item.shot.product.identifier].append(made.photograph(item))
    return {
        product: [
            pristine([one for one in look_at_references(backbone, [view(v) for v in of]) if isinstance(one, Looked)])
            for of in zip(*all_of, strict=True)
        ]
        for product, all_of in views.items()
    }


def judged(
    made: Booth, known: Sequence[dict[str, list[Pristine]]], backbone: Backbone, *, only: str = ""
) -> Iterator[tuple[Judged, ...]]:
    """Yield items with their scores against each of some galleries; all damage becomes `only` that type, if it is given."""
    for item in made.items():
        if only and item.damages:
            damages = tuple(Damage(type=only, severity=one.severity, seed=one.seed) for one in item.damages)
            item = replace(item, shot=replace(item.shot, damages=damages))  # noqa: PLW2901 # the same item, damaged otherwise
        views = [view(photograph) for photograph in made.photograph(item)]
        yield tuple(one_judged(item, views, gallery[item.shot.product.identifier], backbone) for gallery in known)


def one_judged(item: Item, views: list[View], known: list[Pristine], backbone: Backbone) -> Judged:
    scores: dict[str, list[float]] = defaultdict(list)
    units = []
    for own, references in zip(views, known, strict=True):
        looked = timed("look", lambda own=own, to=references: look(backbone, own.rgb, mm=own.mm, like=to.references))
        if not isinstance(looked, Looked):
            continue
        found: Compared = timed("compared", lambda looked=looked, to=references: compared(looked, to))
        for channel, score in found.scores.items():
            scores[channel].append(score)
        if found.units:
            units.append(found.units)
        scores["embedding"].append(min(far(looked.embedding, one.embedding) for one in references.references))
        scores["nearest"].append(nearest(looked, references))
    return Judged(item, {name: max(values) for name, values in scores.items()}, units)


def far(one: np.ndarray, other: np.ndarray) -> float:
    """Return one less the cosine of two embeddings."""
    return 1 - float(one @ other) / float(np.linalg.norm(one) * np.linalg.norm(other))


def nearest(looked: Looked, references: Pristine) -> float:
    """Return the largest distance at the same place, of the reference for which it is least."""
    seen = looked.stride16 / np.maximum(np.linalg.norm(looked.stride16, axis=0), 1e-6)
    apart = 1 - (seen[None] * references.features).sum(axis=1)
    return float(apart[:, references.item].max(axis=1).min())


def auroc(bad: np.ndarray, good: np.ndarray) -> float:
    return float(((bad[:, None] > good).mean() + (bad[:, None] >= good).mean()) / 2) if len(bad) and len(good) else float("nan")


def values(items: list[Judged], name: str) -> np.ndarray:
    return np.array([one.scores.get(name, -np.inf) for one in items])


def threshold(good: np.ndarray) -> float:
    return float(np.sort(good)[::-1][int(FALSE_ALARMS * len(good))])


def share(hits: int, of: int) -> str:
    if not of:
        return ""
    bound = clopper_pearson(hits, of)
    return f"{hits / of:.2f} ({bound.low:.2f}-{bound.high:.2f})"


def by_type(items: list[Judged]) -> None:
    good = [one for one in items if one.plain]
    names = (*CHANNELS, *RIVALS)
    print(
        f"\n{len(good)} good items without a decoy, {sum(bool(one.types) for one in items)} damaged ones: area under the curve, recall"
    )
    print(f"| damage | n | {' | '.join(names)} |\n|---{'|---' * (1 + len(names))}|")
    for name in (*DAMAGES, "all"):
        bad = [one for one in items if one.types and (name == "all" or name in one.types)]
        cells = []
        for channel in names:
            at, own = values(good, channel), values(bad, channel)
            cells.append(f"{auroc(own, at):.3f}, {share(int((own > threshold(at)).sum()), len(own))}")
        print(f"| {name} | {len(bad)} | {' | '.join(cells)} |", flush=True)


def misled(items: list[Judged]) -> None:
    good = [one for one in items if one.plain]
    print(f"\nfalse alarms at those thresholds\n| good items | n | {' | '.join(CHANNELS)} |\n|---{'|---' * (1 + len(CHANNELS))}|")
    some = {name: [one for one in items if not one.types and name in one.item.shot.decoys] for name in DECOYS}
    some["damage is printed on it"] = [one for one in good if one.item.shot.product.printed]
    for name, own in some.items():
        cells = [share(int((values(own, channel) > threshold(values(good, channel))).sum()), len(own)) for channel in CHANNELS]
        print(f"| {name} | {len(own)} | {' | '.join(cells)} |", flush=True)


def broken(items: list[Judged]) -> None:
    good = [one for one in items if one.plain]
    bad = [one for one in items if "missing_unit" in one.types]
    at, own = values(good, "pieces"), values(bad, "pieces")
    exact = [one for one in (*good, *bad) if one.units]
    right = sum(max(one.units, key=lambda units: units[1]) == (one.item.shot.product.units, gone(one.item)) for one in exact)
    print(f"\nbroken sets: {len(good)} good items, {len(bad)} with units missing")
    print(f"`pieces`: area {auroc(own, at):.3f}, recall {share(int((own > threshold(at)).sum()), len(bad))}")
    print(f"units and how many are missing are counted right in {share(right, len(exact))} of {len(exact)}", flush=True)


def gone(item: Item) -> int:
    """Return how many units are missing, as the booth has it."""
    return sum(max(1, round(one.severity * 0.6 * item.shot.product.units)) for one in item.damages if one.type == "missing_unit")


def contaminated(clean: list[Judged], dirty: list[Judged]) -> None:
    """Print areas with either gallery, and what is lost, with intervals at 95 % by a bootstrap of products."""
    print("\na fifth of references damaged, the same items\n| score | clean | dirty | lost |\n|---|---|---|---|")
    bad = np.array([bool(one.types) for one in clean])
    good = np.array([one.plain for one in clean])
    products: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(clean):
        products[one.item.shot.product.identifier].append(at)
    rng = np.random.default_rng(0)
    drawn = [np.concatenate([products[name] for name in rng.choice(sorted(products), len(products))]) for _ in range(500)]
    for name in ("appearance", "relief", "pieces", *RIVALS):
        scores = [values(items, name) for items in (clean, dirty)]
        found = [auroc(own[bad], own[good]) for own in scores]
        areas = np.array([[auroc(own[at][bad[at]], own[at][good[at]]) for own in scores] for at in drawn])
        cells = [_told(value, some) for value, some in zip(found, areas.T, strict=True)]
        print(f"| {name} | {' | '.join(cells)} | {_told(found[0] - found[1], areas[:, 0] - areas[:, 1])} |", flush=True)


def _told(value: float, drawn: np.ndarray) -> str:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{value:.4f} ({low:.4f} to {high:.4f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="4,5")
    parser.add_argument("--items", type=int, default=110)
    parser.add_argument("--sets", default="12,13,14")
    parser.add_argument("--set-items", type=int, default=60)
    parser.add_argument("--dirty", action="store_true", help="only what damaged references cost")
    parser.add_argument("--cache", type=Path)
    told = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        backbone = open_backbone(cache=told.cache or Path(folder))
    clean: list[Judged] = []
    dirty: list[Judged] = []
    for seed in map(int, told.seeds.split(",")):
        made = booth(seed, told.items)
        known = [galleries(one, backbone) for one in (made, booth(seed, told.items, dirty=0.2))]
        for good, bad in judged(made, known, backbone):
            clean.append(good)
            dirty.append(bad)
        print(f"seed {seed}: {made.parameters.digest}", flush=True)
    if told.dirty:
        contaminated(clean, dirty)
        return
    sets: list[Judged] = []
    for seed in map(int, told.sets.split(",")):
        made = booth(seed, told.set_items, kinds=("set", "blister"), products=6)
        sets += (one for [one] in judged(made, [galleries(made, backbone)], backbone, only="missing_unit"))
        print(f"sets of seed {seed}: {made.parameters.digest}", flush=True)
    by_type(clean)
    misled(clean)
    broken(sets)
    contaminated(clean, dirty)
    numbers = np.arange(10_000_000, dtype=np.float64)
    pure = min(_clock(numbers.sum) for _ in range(3))
    print(
        "\nCPU-ms a view, median: "
        + ", ".join(f"`{name}` {1000 * float(np.median(times)):.1f}" for name, times in _spent.items())
    )
    print(f"ten million numbers added in {pure:.4f} CPU-s")


def _clock(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
