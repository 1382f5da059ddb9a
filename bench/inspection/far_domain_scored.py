"""Table T10: what is trained on the synthetic booth, told of the far domain, on which nothing was chosen.

Corpus: FOLDER and TRUTH as `far_domain.py` writes them. The damage head, and how channels are weighed, are those of `detection.py`
(parts `train` and `fusion` of the booth); items are scored as there, product by product against their references, and the greater score of
the views counts. Rivals: the head alone, and references alone.

    OMP_NUM_THREADS=1 python bench/inspection/far_domain_scored.py FOLDER TRUTH [--views A,B] [--cache FOLDER]

`--views A` leaves out what the other camera saw, of the far domain alone. `--cache` is that of `detection.py`; without it the
booth is made anew.

Two kinds of thresholds: the lowest that a share of the sound items of the far domain exceed, which is chosen on what it is told of; and
the lowest that 1 % of sound items of the booth exceed, of products of their own, as if somebody calibrated in one place and inspected in another.
Intervals (95 %) are from 2,000 bootstrap draws of whole products, threshold included; of a share in a row of its own they are those of
Clopper and Pearson, and so they are where none or all of some items alarm.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import math
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from detection import DEVELOPMENT, EVERY, FUSION, SYSTEMS, Report, Row, heads, rows, scored, share, spread

from probatum.infer.vision.backbone import open_backbone
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.depth import Depth, open_depth
from probatum.inspection.artefacts.manifest import load
from probatum.inspection.artefacts.picture import Picture, open_picture
from probatum.inspection.semantics.quality import quality
from probatum.inspection.semantics.tray import above_tray
from probatum.stats.budgets import allowed_above
from probatum.synth.inspection.parameters import PRINTED

RATES = (0.1, 0.05, 0.01)
TOLD = 0.05  # at which types and decoys are told
BOOTH = 0.01
FORMS = ("corner", "edge", "face", "hole")
DECOYS = ("sticker", "hand_shadow", "dim")


@dataclass(frozen=True)
class Product:
    identifier: str
    material: str


@dataclass(frozen=True)
class Damage:
    """Its type is the form that it was made in: corner, edge and face are crushed."""

    type: str
    severity: float


@dataclass(frozen=True)
class Item:
    """An item of the far domain, as `detection.py` scores it; `what` is `plain`, `damaged`, `reference` or the name of a decoy."""

    what: str
    printed: str
    product: Product
    rgb: np.ndarray
    mm: np.ndarray
    damage: Damage | None
    digest: str
    flaws: Mapping[str, tuple[str, ...]]  # by view
    bent: Mapping[str, tuple[float, float]]  # by view: see `off_plane`

    @property
    def plain(self) -> bool:
        return self.what == "plain" and not self.printed


@dataclass
class Gate:
    """How many captures, and how many of them the quality gate stops."""

    captures: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    bent: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def count(self, item: Item) -> None:
        what = item.damage.type if item.damage else item.what
        self.captures[what] += 1
        self.stopped[what] += any(item.flaws.values())
        self.kinds.update(f"{kind} {view}" for view, kinds in item.flaws.items() for kind in kinds)
        for view, spreads in item.bent.items():
            self.bent.setdefault(view, []).append(spreads)

    def told(self) -> None:
        n, stopped = sum(self.captures.values()), sum(self.stopped.values())
        alarms = np.arange(n) < stopped
        where = ", ".join(f"{what} {self.stopped[what]} of {count}" for what, count in self.captures.items())
        why = ", ".join(f"{kind}: {count}" for kind, count in self.kinds.most_common()) or "nothing"
        print(f"\nThe quality gate stops {stopped} of {n} captures, {share(alarms)}: {where}; by flaw and view: {why}")
        for view, spreads in self.bent.items():
            depth, inverse = np.median(spreads, axis=0)
            print(
                f"The tray varies in view {view} by {depth:.1f} mm around its plane, by {inverse:.1f} mm around one in inverse depth"
            )


def by_product(folder: Path, truth: Path, views: set[str]) -> Iterator[list[Item]]:
    with (truth / "truth.csv").open(encoding="utf-8", newline="") as text:
        known = {row["capture_id"]: row for row in csv.DictReader(text)}
    grouped: dict[str, list[Capture]] = {}
    for capture in load(folder / "manifest.csv").captures:
        grouped.setdefault(capture.item_identifier, []).append(capture)
    for captures in grouped.values():
        yield [item_of(folder, capture, known[capture.capture_id], views) for capture in captures]


def item_of(folder: Path, capture: Capture, known: Mapping[str, str], views: set[str]) -> Item:
    pictures, depths, flaws, bent = [], [], {}, {}
    for view in sorted(capture.views, key=lambda one: one.view):
        if view.view not in views:
            continue
        picture, depth = open_picture(folder / view.image), open_depth(folder / view.depth, unit=view.depth_unit)
        if not isinstance(picture, Picture) or not isinstance(depth, Depth):
            raise SystemExit(f"`{view.image}` or its depth cannot be read: render the folder again")
        pictures.append(picture)
        depths.append(depth)
        flaws[view.view] = tuple(flaw.kind for flaw in quality(picture, depth=depth, units=view.units).flaws)
        bent[view.view] = off_plane(depth.mm)
    damage = Damage(known["forms"] or known["types"], float(known["severities"])) if known["types"] else None
    what = "reference" if known["role"] == "reference" else "damaged" if damage else known["decoys"] or "plain"
    return Item(
        what,
        known["printed"],
        Product(capture.item_identifier, capture.views[0].item_material),
        np.stack([picture.rgb for picture in pictures]),
        np.stack([depth.mm for depth in depths]),
        damage,
        "".join(one.digest for one in (*pictures, *depths)),
        flaws,
        bent,
    )


def off_plane(mm: np.ndarray) -> tuple[float, float]:
    """Return by how many mm the tray varies around a plane through its depth, and around one through the inverse of depth.

    A plane that a camera with a lens sees aslant is one in inverse depth.
    """
    middle = np.nanmedian(mm)
    return above_tray(mm)[1], above_tray((-(middle**2) / mm).astype(np.float32))[1]


class Far(Report):
    """Rows of the far domain: all that is intact is sound, decoys too."""

    def __init__(self, weighed: Sequence[Row], told: Sequence[Row], printed: Mapping[str, str]) -> None:
        super().__init__(weighed, told)
        self.sound = ~self.bad
        self.what = np.array([one.what for one in told])
        self.kinds = np.array([one.type for one in told])
        self.severity = np.array([one.severity for one in told])
        self.printed = np.array([printed[one.product] for one in told])
        self.plain = np.array([one.plain for one in told])

    def areas(self, scores: np.ndarray, chosen: np.ndarray) -> tuple[float, np.ndarray]:
        """Area under ROC of chosen damaged items against all sound ones, and what it is in each draw of products."""
        bad, sound = scores[chosen][:, None], scores[self.sound][None]
        # What has no score alarms: two such are even.
        wins = (bad > sound) + 0.5 * (bad == sound)
        left, right = self.draws[:, chosen].astype(float), self.draws[:, self.sound].astype(float)
        drawn = ((left @ wins) * right).sum(axis=1) / np.maximum(left.sum(axis=1) * right.sum(axis=1), 1)
        return float(wins.mean()), drawn

    def at_rate(self, scores: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        return scores[chosen] > self.threshold(scores, TOLD)


def table(*head: str) -> None:
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def systems_told(of: Far, systems: Mapping[str, np.ndarray]) -> None:
    n = int(of.sound.sum())
    for rate in RATES:
        allowed = allowed_above(n, budget=rate, confidence=0.95, removed=0.0, family=1)
        certified = "certifies nothing there" if allowed is None else f"would certify it with {allowed} above"
        print(f"- at {rate:.0%}: {math.floor(rate * n)} sound items exceed the threshold; a calibration of that size {certified}")
    table("system", "area under ROC", *(f"recall at {rate:.0%}" for rate in RATES))
    found = {name: [of.areas(own, of.bad), *(of.recall(own, rate) for rate in RATES)] for name, own in systems.items()}
    for name, told in found.items():
        row(name, *(spread(*one) for one in told))
    for name in ("score only", "references only"):
        more = [spread(a[0] - b[0], a[1] - b[1]) for a, b in zip(found["fused"], found[name], strict=True)]
        row(f"fused less {name}", *more)


def damage_told(of: Far, systems: Mapping[str, np.ndarray], booth: Mapping[str, float]) -> None:
    table(
        "damage",
        "items",
        *(f"{name}, area" for name in systems),
        *(f"{name}, {TOLD:.0%}" for name in systems),
        *(f"{name}, threshold of the booth" for name in systems),
    )
    groups = {name: of.kinds == name for name in FORMS}
    for low, high in ((0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1)):
        groups[f"severity {low:.2f} to {high:.2f}"] = of.bad & (of.severity > low) & (of.severity <= high)
    for name, chosen in groups.items():
        if not chosen.any():
            continue
        areas = [spread(*of.areas(own, chosen)) for own in systems.values()]
        here = [share(of.at_rate(own, chosen)) for own in systems.values()]
        there = [share(own[chosen] > booth[system]) for system, own in systems.items()]
        row(name, int(chosen.sum()), *areas, *here, *there)


def decoys_told(of: Far, columns: Mapping[str, np.ndarray]) -> None:
    print(
        f"\nShare of intact items that alarm at the threshold that {TOLD:.0%} of all intact ones exceed, by channel alone and together"
    )
    table("items", "count", *columns)
    for name, chosen in intact(of).items():
        row(name, int(chosen.sum()), *(share(of.at_rate(own, chosen)) for own in columns.values()))
    row("all damaged", int(of.bad.sum()), *(share(of.at_rate(own, of.bad)) for own in columns.values()))


def intact(of: Far) -> dict[str, np.ndarray]:
    """Groups of sound items: with nothing that misleads, with a decoy and nothing printed, and with damage printed and no decoy."""
    groups = {"plain": of.plain}
    groups |= {name: (of.what == name) & (of.printed == "") for name in DECOYS}
    groups |= {name: (of.what == "plain") & (of.printed == name) for name in PRINTED}
    groups["a decoy and printed damage"] = np.isin(of.what, DECOYS) & (of.printed != "")
    return groups


def shift_told(of: Far, home: Report, names: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """What a threshold of the booth does here; `names` has scores here, and of the booth."""
    n = int(home.sound.sum())
    print(
        f"\nThe threshold that {BOOTH:.0%} of {n} sound items of the booth exceed ({math.floor(BOOTH * n)}), in the far domain:"
    )
    table(
        "by",
        "plain that alarm",
        "all intact that alarm",
        "damaged found",
        "of the booth's sound items, above the median plain one",
    )
    for name, (own, booth) in names.items():
        level, levels = home.threshold(booth, BOOTH), home.thresholds(booth, BOOTH)
        cells = []
        for chosen in (of.plain, of.sound, of.bad):
            hits = own[chosen] > level
            # Draws of what never happened say nothing.
            mixed = hits.any() and not hits.all()
            cells.append(spread(*of.share_above(own, chosen, level, levels)) if mixed else share(hits))
        rank = float((booth[home.sound] > np.median(own[of.plain])).mean())
        row(name, *cells, f"{rank:.3f}")
    fused, at_home = names["fused"]
    level = home.threshold(at_home, BOOTH)
    table("intact items", "count", "fused, above the threshold of the booth")
    for name, chosen in intact(of).items():
        row(name, int(chosen.sum()), share(fused[chosen] > level))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--views", default="A,B")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.cache is not None:
        options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        backbone = open_backbone(cache=options.cache or Path(folder))
    head = heads(backbone, options.cache)
    weighed = rows(FUSION, backbone, head, options.cache)
    home = Report(weighed, rows(DEVELOPMENT, backbone, head, options.cache))
    told: list[Row] = []
    gate, printed = Gate(), {}
    for items in by_product(options.folder, options.truth, set(options.views.split(","))):
        name = hashlib.sha256("".join(one.digest for one in items).encode()).hexdigest()[:24]
        told += scored(items, f"far-{name}", backbone, head, options.cache)
        for one in items:
            gate.count(one)
            printed[one.product.identifier] = one.printed
    of = Far(weighed, told, printed)
    counts = ", ".join(f"{name} {count}" for name, count in Counter(one.type or one.what for one in told).items())
    print(
        f"backbone {backbone.digest[:16]}; {len(printed)} products of the far domain, {len(told)} items besides references: {counts}"
    )
    views, lost = Counter(len(one.views) for one in told), sum(not one.views for one in told)
    seen = ", ".join(f"{count} by {many} views" for many, count in sorted(views.items()))
    print(f"scored {seen}; {lost} could not be looked at, and alarm; {time.process_time():.0f} CPU-s")
    gate.told()
    systems = {name: of.system(channels) for name, channels in SYSTEMS.items()}
    at_home = {name: home.system(channels) for name, channels in SYSTEMS.items()}
    print(f"\nT10: {int(of.sound.sum())} sound items, {int(of.bad.sum())} damaged")
    systems_told(of, systems)
    damage_told(of, systems, {name: home.threshold(own, BOOTH) for name, own in at_home.items()})
    columns = {**{name: of.alone(name) for name in EVERY}, **systems}
    decoys_told(of, columns)
    shift_told(of, home, {name: (own, at_home[name] if name in at_home else home.alone(name)) for name, own in columns.items()})
    print(f"\n{time.process_time():.0f} CPU-s")


if __name__ == "__main__":
    main()
