"""Tables T1, T3 and T7: how much damage is found at few false alarms, what decoys do to each channel, and how much few labels give.

Items are made up by the synthetic booth. A head is trained on one part, channels are weighed on another, and everything is told of a
third; they share no generator seed and no product (`detection_items.py`). The first two parts have more decoys than come by chance: units
that people cleared after an alarm. They train the head of all labels, and count as sound where channels are weighed.

    OMP_NUM_THREADS=1 python bench/inspection/detection.py [--cache FOLDER] [--development] [--first 100] [--seeds 20]

`--development` reports on seeds 7 to 10, on which choices were made, as on those that channels are weighed on, instead of 100 to 119, on which none was. With `--cache`, pictures
(12 GB), heads and scores are kept, and a run that was stopped goes on: give another folder when anything they depend on has changed.
`--first` and `--seeds` report on other seeds, or more.

A rate of false alarms is a share of sound items of the report, decoys as rare as in the booth among them; the threshold is the lowest
that no more of them exceed. Intervals (95 %) are from 2,000 bootstrap draws of whole products, threshold included; of a share in a row of
its own they are those of Clopper and Pearson. At a rate of which only some items exceed the threshold (told), bootstrap says too little.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from detection_items import Part, Shown, by_product
from differences import RIVALS, far, nearest

from probatum.infer.vision.backbone import Backbone, open_backbone
from probatum.inspection.artefacts.model_file import read_model, write_model
from probatum.inspection.fit.damage import Example, TooFew, train
from probatum.inspection.fit.fusion import Seen, TooFewSound, fuse_views
from probatum.inspection.semantics.compared import compared, pristine
from probatum.inspection.semantics.damage import KIND, TYPES, Head, excess, head_of, judged
from probatum.inspection.semantics.damage_places import PLACES, places
from probatum.inspection.semantics.fused import Fused, Fusion, fused, reason
from probatum.inspection.semantics.looked import SIDE, Looked, View, look, look_at_references
from probatum.stats.bounds import clopper_pearson
from probatum.stats.budgets import allowed_above
from probatum.synth.inspection.parameters import DECOYS, PRINTED

TRAIN = Part("train", (*range(1, 7), *range(41, 65)), 20, 4, 4, 0, 300)
FUSION = Part("dev2", tuple(range(20, 40)), 15, 12, 3, 3, 100)
DEVELOPMENT = Part("fusion", tuple(range(7, 11)), 20, 8, 3, 3, 40)  # parts are named as they are drawn
REPORT = Part("report", tuple(range(100, 120)), 15, 12, 3, 3, 100)
RATES = (0.01, 0.002, 0.001)
LABELS = (10, 50, 200)  # items with a label, half of them damaged; and all there are
REFERENCES = (1, 2)  # and all there are
SEED = 20261122
DRAWS = 2000
COMPARED = ("appearance", "relief", "residue", "pieces")
SYSTEMS = {
    "score only": ("damage",),
    "references only": COMPARED,
    "fused": ("excess", *COMPARED),
}  # with both, printed holes alarm more and no more is found
EVERY = ("damage", *SYSTEMS["fused"])  # channels
RIVAL_SYSTEMS = {f"{name} alone": (name,) for name in RIVALS}  # plain distances to the nearest reference


@dataclass(frozen=True)
class Row:
    """An item and the channels of its views, by camera; `damage@10` is that of a head from 10 labels, `relief@1` that against one reference."""

    what: str
    plain: bool
    product: str
    material: str
    type: str
    severity: float
    views: Sequence[tuple[str, Mapping[str, float]]]

    @property
    def damaged(self) -> bool:
        return self.what == "damaged"

    def seen(self, channels: Iterable[str], instead: Mapping[str, str]) -> Seen:
        named = {name: instead.get(name, name) for name in channels}
        views = tuple((camera, {name: told[of] for name, of in named.items() if of in told}) for camera, told in self.views)
        return Seen(views, self.damaged, (self.product, self.material))


def said(made: Fusion, one: Seen) -> Fused:
    """Return the score of an item."""
    return fused(made, made.item(one.views), one.groups)


def examples(backbone: Backbone, cache: Path | None) -> tuple[list[Example], list[Example]]:
    """Return items as they come, and items that were made for a decoy: what people cleared after an alarm."""
    found: tuple[list[Example], list[Example]] = ([], [])
    for items in by_product(TRAIN, cache):
        for one in items:
            seen = [look(backbone, rgb, mm=mm) for rgb, mm in zip(one.rgb, one.mm, strict=True)]
            views = [(view, mask) for view, mask in zip(seen, one.masks, strict=True) if isinstance(view, Looked)]
            if not views:
                continue
            damage = one.damage
            found[one.what not in ("sound", "damaged")].append(
                Example(
                    [places(view).astype(np.float16) for view, _ in views],
                    damage is not None,
                    frozenset() if damage is None else frozenset({damage.type}),
                    None if damage is None else damage.severity,
                    None if damage is None else [covered(mask, view) for view, mask in views],
                )
            )
    return found


def covered(mask: np.ndarray, view: Looked) -> np.ndarray:
    laid = cv2.warpAffine(mask.astype(np.float32), view.cutout.matrix, (SIDE, SIDE))
    each = SIDE // PLACES
    return laid.reshape(PLACES, each, PLACES, each).mean(axis=(1, 3)).ravel().astype(np.float16)


def heads(backbone: Backbone, cache: Path | None) -> dict[str, Head]:
    names = [*(f"damage@{count}" for count in LABELS), "damage"]
    kept = {} if cache is None else {name: cache / f"head-{name}" for name in names}
    if kept and all(path.exists() for path in kept.values()):
        return {name: head_of(read_model(path, kind=KIND, backbone=backbone.digest)) for name, path in kept.items()}
    found = taught(backbone, cache)
    for name, path in kept.items():
        write_model(found[name].model(), path)
    return found


def taught(backbone: Backbone, cache: Path | None) -> dict[str, Head]:
    known, cleared = examples(backbone, cache)
    order = np.random.default_rng(SEED).permutation(len(known))
    sides = [[known[at] for at in order if known[at].damaged == bad] for bad in (True, False)]
    found = {}
    for count in (*LABELS, len(known)):
        # There are more cleared ones than would be among few labels.
        chosen = [one for side in sides for one in side[: count // 2]] + (cleared if count == len(known) else [])
        started = time.process_time()
        head = train(chosen, backbone=backbone.digest, seed=SEED)
        assert not isinstance(head, TooFew), head.why  # noqa: S101 - there are more than that
        name = "damage" if count == len(known) else f"damage@{count}"
        found[name] = head
        untold = ", ".join(head.untold) or "none"
        print(
            f"head from {len(chosen)} labels: {time.process_time() - started:.0f} CPU-s; types it cannot tell: {untold}",
            flush=True,
        )
    return found


def rows(part: Part, backbone: Backbone, trained: Mapping[str, Head], cache: Path | None) -> list[Row]:
    found: list[Row] = []
    for at, items in enumerate(by_product(part, cache)):
        found += scored(items, f"{part.name}-{items[0].shot.seed}-{len(items)}", backbone, trained, cache)
        if at % 50 == 0:
            print(f"{part.name}: {len(found)} items, {time.process_time():.0f} CPU-s", flush=True)
    return found


def scored(items: Sequence[Shown], name: str, backbone: Backbone, trained: Mapping[str, Head], cache: Path | None) -> list[Row]:
    """Scores of the items of one product; what was scored is known by its name, and by the heads."""
    digest = "-".join(head.model().digest[:6] for head in trained.values())
    kept = None if cache is None else cache / f"scores-{digest}-{name}.json"
    if kept is not None and kept.exists():
        return [Row(**one) for one in json.loads(kept.read_text())]
    made = of_product(items, backbone, trained)
    if kept is not None:
        kept.write_text(json.dumps([asdict(one) for one in made]))
    return made


def of_product(items: Sequence[Shown], backbone: Backbone, trained: Mapping[str, Head]) -> list[Row]:
    references = [one for one in items if one.what == "reference"]
    cameras = range(len(items[0].rgb))
    good = []
    for camera in cameras:
        seen = look_at_references(backbone, [View(one.rgb[camera], mm=one.mm[camera]) for one in references])
        good.append([one for one in seen if isinstance(one, Looked)])
    ready = [{count: pristine(known[:count]) for count in (*REFERENCES, len(known))} if known else {} for known in good]
    usual = [{name: [judged(head, places(view)) for view in known] for name, head in trained.items()} for known in good]
    everything = [len(known) for known in good]
    found = []
    for one in items:
        if one.what == "reference":
            continue
        views = []
        for camera in cameras:
            if not good[camera]:
                continue  # no reference shows an item there
            seen = look(backbone, one.rgb[camera], mm=one.mm[camera], like=good[camera])
            if not isinstance(seen, Looked):
                continue
            against = {count: compared(seen, known) for count, known in ready[camera].items()}
            marks = {count: "" if count == everything[camera] else f"@{count}" for count in against}
            channels = {
                f"{name}{marks[count]}": score for count, differs in against.items() for name, score in differs.scores.items()
            }
            channels["embedding"] = min(far(seen.embedding, one.embedding) for one in good[camera])
            channels["nearest"] = nearest(seen, ready[camera][everything[camera]])
            told = places(seen)
            for name, head in trained.items():
                judgement = judged(head, told)
                channels[name] = judgement.score
                for count, differs in against.items():
                    if marks[count] and name != "damage":
                        continue  # few labels with few references is no row of a table
                    above = excess(judgement, usual[camera][name][:count], differs.maps.get("relief"))
                    if above is not None:
                        channels[name.replace("damage", "excess") + marks[count]] = above
            views.append((str(camera), {name: float(score) for name, score in channels.items()}))
        damage = one.damage
        found.append(
            Row(
                one.what,
                one.plain,
                one.product.identifier,
                one.product.material,
                "" if damage is None else damage.type,
                0.0 if damage is None else damage.severity,
                views,
            )
        )
    return found


class Report:
    """Rows of the report, scored by systems that were made on another part."""

    def __init__(self, weighed: Sequence[Row], told: Sequence[Row]) -> None:
        self.weighed, self.rows = weighed, told
        self.sound = np.array([one.what == "sound" for one in told])
        self.bad = np.array([one.damaged for one in told])
        names = {name: at for at, name in enumerate(dict.fromkeys(one.product for one in told))}
        product = np.array([names[one.product] for one in told])
        drawn = np.random.default_rng(SEED).integers(0, len(names), (DRAWS, len(names)))
        self.draws = np.stack([np.bincount(draw, minlength=len(names)) for draw in drawn])[:, product].astype(np.int16)

    def system(self, channels: Sequence[str], **instead: str) -> np.ndarray:
        """Scores of all rows; what has none alarms."""
        made = fuse_views([one.seen(channels, instead) for one in self.weighed])
        assert not isinstance(made, TooFewSound), made.why  # noqa: S101 - there are more than that
        scores = [said(made, one.seen(channels, instead)).score for one in self.rows]
        return np.nan_to_num(np.array(scores), nan=math.inf)

    def alone(self, channel: str) -> np.ndarray:
        """Scores of a channel by itself; what lacks it cannot alarm by it."""
        scales = fuse_views([one.seen((channel,), {}) for one in self.weighed])
        return np.array([scales.item(one.seen((channel,), {}).views).get(channel, -math.inf) for one in self.rows])

    def threshold(self, scores: np.ndarray, rate: float) -> float:
        ordered = np.sort(scores[self.sound])[::-1]
        return float(ordered[math.floor(rate * len(ordered))])

    def recall(self, scores: np.ndarray, rate: float) -> tuple[float, np.ndarray]:
        """Share of damaged items found, and what it is in each draw of products."""
        return self.share_above(scores, self.bad, self.threshold(scores, rate), self.thresholds(scores, rate))

    def thresholds(self, scores: np.ndarray, rate: float) -> np.ndarray:
        """The threshold in each draw of products."""
        order = np.argsort(-scores[self.sound], kind="stable")
        sound = scores[self.sound][order]
        many = self.draws[:, self.sound][:, order].cumsum(axis=1, dtype=np.int64)
        at = np.array([int(np.searchsorted(row, math.floor(rate * row[-1]), side="right")) for row in many])
        return sound[np.minimum(at, len(sound) - 1)]

    def share_above(self, scores: np.ndarray, chosen: np.ndarray, level: float, levels: np.ndarray) -> tuple[float, np.ndarray]:
        """Share of chosen items above a threshold, and what it is in each draw above that draw's."""
        own, weights = scores[chosen], self.draws[:, chosen]
        drawn = ((own[None] > levels[:, None]) * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
        return float((own > level).mean()), drawn

    def area(self, scores: np.ndarray) -> float:
        bad, sound = scores[self.bad], np.sort(scores[self.sound])
        left, right = (np.searchsorted(sound, bad, side=side) for side in ("left", "right"))
        return float((left + right).mean() / 2 / len(sound))


def spread(value: float, drawn: np.ndarray) -> str:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def share(hits: np.ndarray) -> str:
    if not len(hits):
        return "none"
    bound = clopper_pearson(int(hits.sum()), len(hits), confidence=0.95)
    return f"{hits.mean():.3f} [{bound.low or 0:.3f}, {1 if bound.high is None else bound.high:.3f}]"


def t1(of: Report, systems: Mapping[str, np.ndarray]) -> None:
    n = int(of.sound.sum())
    print(f"\nT1: {n} sound and {int(of.bad.sum())} damaged items")
    for rate in RATES:
        allowed = allowed_above(n, budget=rate, confidence=0.95, removed=0.0, family=1)
        certified = "certifies nothing there" if allowed is None else f"would certify it with {allowed} above"
        print(f"- at {rate:.1%}: {math.floor(rate * n)} sound items exceed the threshold; a calibration of that size {certified}")
    print(
        "\n| system | area under ROC | "
        + " | ".join(f"recall at {rate:.1%}" for rate in RATES)
        + " |\n|"
        + "---|" * (2 + len(RATES))
    )
    known = {name: [of.recall(scores, rate) for rate in RATES] for name, scores in systems.items()}
    for name, scores in systems.items():
        print(f"| {name} | {of.area(scores):.3f} | " + " | ".join(spread(*one) for one in known[name]) + " |", flush=True)
    for name in ("score only", "references only"):
        more = [spread(a[0] - b[0], a[1] - b[1]) for a, b in zip(known["fused"], known[name], strict=True)]
        print(f"| fused less {name} | | " + " | ".join(more) + " |", flush=True)
    print("\n| damage | items | " + " | ".join(f"{name}, {rate:.1%}" for name in SYSTEMS for rate in (0.01, 0.001)) + " |")
    print("|" + "---|" * (2 + 2 * len(SYSTEMS)))
    kinds = np.array([one.type for one in of.rows])
    severity = np.array([one.severity for one in of.rows])
    groups = {name: kinds == name for name in TYPES}
    for low, high in ((0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1)):
        groups[f"severity {low:.2f} to {high:.2f}"] = of.bad & (severity > low) & (severity <= high)
    for name, chosen in groups.items():
        own = [systems[name] for name in SYSTEMS]
        cells = [share(scores[chosen] > of.threshold(scores, rate)) for scores in own for rate in (0.01, 0.001)]
        print(f"| {name} | {int(chosen.sum())} | " + " | ".join(cells) + " |", flush=True)


def more(of: Report, scores: np.ndarray, chosen: np.ndarray, others: np.ndarray) -> str:
    """By how much more some items alarm than others, at the threshold of 1 %, with an interval over products for that threshold."""
    alarms = scores > of.threshold(scores, 0.01)
    drawn = [
        of.draws[:, who] @ alarms[who].astype(np.int64) / np.maximum(of.draws[:, who].sum(axis=1), 1) for who in (chosen, others)
    ]
    return spread(float(alarms[chosen].mean() - alarms[others].mean()), drawn[0] - drawn[1])


def t3(of: Report, systems: Mapping[str, np.ndarray]) -> None:
    print("\nT3: share of items that alarm at the threshold that 1 % of sound items exceed, by channel alone and together")
    # A channel by its own score: fused, surprise that is no more common in damaged items is cut off. Who lacks it cannot alarm by it.
    alone = {name: of.alone(name) for name in EVERY}
    columns = {**alone, "references only": systems["references only"], "fused": systems["fused"]}
    print("\n| items | count | " + " | ".join(columns) + " |\n|" + "---|" * (2 + len(columns)))
    what = np.array([one.what for one in of.rows])
    plain = of.sound & np.array([one.plain for one in of.rows])
    groups = {"sound, plain": plain, "all decoys": np.isin(what, (*DECOYS, *PRINTED))}
    groups |= {name: what == name for name in (*DECOYS, *PRINTED)}
    for name, chosen in groups.items():
        cells = [share(scores[chosen] > of.threshold(scores, 0.01)) for scores in columns.values()]
        print(f"| {name} | {int(chosen.sum())} | " + " | ".join(cells) + " |", flush=True)
    cells = [more(of, scores, groups["all decoys"], plain) for scores in columns.values()]
    print("| all decoys less plain | | " + " | ".join(cells) + " |", flush=True)
    made = fuse_views([one.seen(SYSTEMS["fused"], {}) for one in of.weighed])
    level = of.threshold(systems["fused"], 0.01)
    why: dict[str, int] = {}
    for one in of.rows:
        if one.damaged:
            told = said(made, one.seen(SYSTEMS["fused"], {}))
            if not told.score <= level:
                by = " and ".join(reason(made, told, level))
                why[by] = why.get(by, 0) + 1
    print(
        "\nReasons of damaged items found at 1 %: "
        + ", ".join(f"{by} {n}" for by, n in sorted(why.items(), key=lambda one: -one[1]))
    )


def t7(of: Report) -> None:
    print(
        "\nT7: of labels and references\n\n| labels | references | system | area under ROC | recall at 1.0% |\n|---|---|---|---|---|"
    )
    everything = "all"
    for labels in (*LABELS, everything):
        instead = {} if labels == everything else {name: f"{name}@{labels}" for name in ("damage", "excess")}
        for system, channels in (("score only", ("damage",)), ("fused", SYSTEMS["fused"])):
            scores = of.system(channels, **instead)
            print(
                f"| {labels} | {everything} | {system} | {of.area(scores):.3f} | {spread(*of.recall(scores, 0.01))} |", flush=True
            )
    for count in REFERENCES:
        instead = {name: f"{name}@{count}" for name in ("excess", *COMPARED)}
        for system, channels in (("references only", COMPARED), ("fused", SYSTEMS["fused"])):
            scores = of.system(channels, **instead)
            print(
                f"| {everything} | {count} | {system} | {of.area(scores):.3f} | {spread(*of.recall(scores, 0.01))} |", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--first", type=int, default=REPORT.seeds[0])
    parser.add_argument("--seeds", type=int, default=len(REPORT.seeds))
    options = parser.parse_args()
    cv2.setNumThreads(1)
    seeds = tuple(range(options.first, options.first + options.seeds))
    each = REPORT.decoys // len(REPORT.seeds)
    part = DEVELOPMENT if options.development else replace(REPORT, seeds=seeds, decoys=each * len(seeds))
    if options.cache is not None:
        options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        backbone = open_backbone(cache=options.cache or Path(folder))
    print(f"backbone {backbone.digest[:16]}, seed {SEED}, report on seeds {part.seeds[0]} to {part.seeds[-1]}", flush=True)
    trained = heads(backbone, options.cache)
    weighed = rows(FUSION, backbone, trained, options.cache)
    of = Report(weighed, rows(part, backbone, trained, options.cache))
    lost = sum(not one.views for one in (*weighed, *of.rows))
    print(
        f"channels weighed on {len(weighed)} items; {lost} items could not be looked at, and alarm; {time.process_time():.0f} CPU-s"
    )
    systems = {name: of.system(channels) for name, channels in (RIVAL_SYSTEMS | SYSTEMS).items()}
    t1(of, systems)
    t3(of, systems)
    t7(of)
    print(f"\n{time.process_time():.0f} CPU-s")


if __name__ == "__main__":
    main()
