"""How long is it from files of a unit to the decision about it, by stage, and how many pictures a second does the network see?

Corpus: the synthetic booth, seed 7 unless told otherwise, all kinds of goods, two views of each unit, RGB and depth of the size that is told, with a head and a
fusion trained on a part of it and a threshold from another part; whether they are good for anything is not asked here. Units that are
timed are of the third part, each judged as `probatum inspection look` does: files are read, decoded, passed by the quality gate, cut out, seen by the network,
compared with references that were looked at before, scored and decided. CPU seconds of one thread (`time.process_time`); a stage is timed
less what it calls of other stages. Median and 95th percentile of units, each with a 95 % interval from order statistics.

    OMP_NUM_THREADS=1 python bench/inspection/speed.py units [--size 256] [--picture png] [--units 160] [--seed 7] [--cache FOLDER] [--scores FILE]
    OMP_NUM_THREADS=1 python bench/inspection/speed.py pictures [--processes 2]
    OMP_NUM_THREADS=1 python bench/inspection/speed.py start [--products 170] [--size 256] [--cache FOLDER]

all with `--backbones`, of which the first is what others are compared with. With `--scores`, scores are written to a file, or compared with those that stand there: what makes things faster must not change them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy import stats

from probatum.infer.vision.backbone import Backbone, open_backbone
from probatum.inspection.artefacts.model_file import write_model
from probatum.inspection.semantics import judged, looked
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.looks import fitted
from probatum.inspection.semantics.scoring import Trained
from probatum.inspection.service.calibrating import calibrate
from probatum.inspection.service.goods import goods_at
from probatum.inspection.service.inspecting import decide
from probatum.inspection.service.training import train_score
from probatum.synth.inspection.parameters import Damaging, Misleading, Optics, Parameters
from probatum.synth.inspection.stream import Booth
from probatum.synth.inspection.writing import write

POLICY = (
    "schema: probatum-inspection-policy/1\ncaptures: manifest.csv\nbackbone: {}\nbudget: {{false_alarms: 0.2, confidence: 0.9}}\n"
)
STAGES: tuple[tuple[Any, str, str], ...] = (
    (judged, "see", "read and decode"),
    (judged, "item_mask", "read and decode"),
    (judged, "quality", "quality gate"),
    (looked, "cutout", "cut out and lay over"),
    (Backbone, "features", "network"),
    (judged, "compared", "compare"),
    (Trained, "damage", "head"),
    (Trained, "score", "fusion"),
)
REST = "the rest"
CACHE = Path(tempfile.gettempdir()) / "probatum-speed"
TAUGHT, CALIBRATING = 230, 60  # units: enough for a head and a fusion


class Spent:
    """CPU seconds by stage, of one unit after the other."""

    def __init__(self) -> None:
        self._now: dict[str, float] = defaultdict(float)
        self._within: list[float] = []
        self.units: list[dict[str, float]] = []

    def timed(self, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any, **more: Any) -> Any:
            begun = time.process_time()
            self._within.append(0.0)
            try:
                return run(*given, **more)
            finally:
                took = time.process_time() - begun
                self._now[name] += took - self._within.pop()
                if self._within:
                    self._within[-1] += took

        return wrapped

    def unit(self, run: Callable[[], Any]) -> Any:
        """Time a unit, and keep what its stages took."""
        self._now = defaultdict(float)
        found = self.timed(REST, run)()
        self.units.append(dict(self._now))
        return found


@contextmanager
def stages(spent: Spent) -> Iterator[None]:
    """Time stages as long as the context lasts."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in STAGES]
    for owner, name, stage in STAGES:
        setattr(owner, name, spent.timed(stage, getattr(owner, name)))
    yield
    for owner, name, was in before:
        setattr(owner, name, was)


def world(folder: Path, told: argparse.Namespace, backbone: str) -> Path:
    """Write a booth, train and calibrate, unless that was done; return the policy."""
    if not (folder / "manifest.csv").exists():
        parameters = Parameters(
            seed=told.seed,
            products=14,
            references=(3, 3),
            items=TAUGHT + CALIBRATING + told.units,
            split=(TAUGHT / (TAUGHT + CALIBRATING + told.units), CALIBRATING / (TAUGHT + CALIBRATING + told.units)),
            optics=Optics(size=told.size),
            damaging=Damaging(prevalence=0.3, bursts=0),
            misleading=Misleading(faults=0.0, unread=0.0, redesigned=0.0, wrong_product=0.0),
        )
        write(Booth(parameters), folder, folder.with_name(f"{folder.name}.truth"), picture=told.picture)
    policy = folder / "inspection.yaml"
    model = f"model-{judged.VERSION}-{backbone.partition(':')[2]}.bin"  # which stays, so that scores can be compared
    policy.write_text(POLICY.format(backbone), encoding="utf-8")
    if not (folder / model).exists():
        with goods_at(policy) as goods:
            write_model(train_score(goods, split="train", marks={}, seed=told.seed).model, folder / model)
    policy.write_text(POLICY.format(backbone) + f"model: {model}\n", encoding="utf-8")
    with goods_at(policy) as goods:
        done = calibrate(
            goods, split="calibration", identity_split="calibration", unlabelled=False, made=datetime(2026, 1, 1, tzinfo=UTC)
        )
        (folder / "calibration.json").write_text(done.calibration.json(), encoding="utf-8")
    policy.write_text(POLICY.format(backbone) + f"model: {model}\ncalibration: calibration.json\n", encoding="utf-8")
    return policy


def around(values: np.ndarray, at: float) -> str:
    """Return a quantile in milliseconds with a 95 % interval from order statistics."""
    ordered = np.sort(values) * 1e3
    low, high = (int(stats.binom.ppf(p, len(ordered), at)) for p in (0.025, 0.975))
    return f"{np.quantile(ordered, at):.1f} [{ordered[max(low - 1, 0)]:.1f}, {ordered[min(high, len(ordered) - 1)]:.1f}]"


def units(told: argparse.Namespace) -> None:
    """Print what units take, by stage, and how well damaged ones are told; of each network."""
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(told.cache or temporary) / f"booth-{told.seed}-{told.size}-{told.picture}-{told.units}"
        for backbone in told.backbones.split(","):
            with goods_at(world(folder, told, backbone)) as goods:
                spent = Spent()
                decided = _decided(goods, told.units, spent)
                damaged = np.array([bool(unit.defect) for unit in goods.units[: told.units]])
            _table(f"{told.size} x {told.size}, {told.picture}, {backbone}", spent, decided)
            found[backbone] = np.array([[one["score"], one["appearance"]] for one in decided.values()])
            if told.scores:
                _same(told.scores.with_suffix(f".{backbone.partition(':')[2]}.json"), decided)
    _told_apart(found, damaged)


def _table(of: str, spent: Spent, decided: dict[str, Any]) -> None:
    passed = np.array([one["decision"] == "pass" for one in decided.values()])
    print(f"\n{len(passed)} units of two views, {passed.sum()} of them passed, {of}; {_machine()}\n")
    print("| stage | median, CPU-ms | p95 |\n|---|---|---|")
    for name in [*dict.fromkeys(stage for _, _, stage in STAGES), REST]:
        own = np.array([one.get(name, 0.0) for one in spent.units])
        print(f"| {name} | {around(own, 0.5)} | {around(own, 0.95)} |")
    total = np.array([sum(one.values()) for one in spent.units])
    for name, chosen in (("all that pass", passed), ("all that do not", ~passed), ("**all**", passed | True)):
        print(f"| {name} | {around(total[chosen], 0.5)} | {around(total[chosen], 0.95)} |", flush=True)


def _told_apart(found: dict[str, np.ndarray], damaged: np.ndarray) -> None:
    """Print the area under the curve of each network, and what others lose against the first, with intervals by bootstrap of units."""
    random = np.random.default_rng(1)
    draws = [random.integers(0, len(damaged), len(damaged)) for _ in range(1000)]
    print(f"\n| {damaged.sum()} of {len(damaged)} damaged, area under the curve | fused score | appearance |\n|---|---|---|")
    first = None
    for backbone, scores in found.items():
        own = np.array([[_area(scores[drawn, at], damaged[drawn]) for at in range(2)] for drawn in draws])
        own = np.vstack([[_area(scores[:, at], damaged) for at in range(2)], own])
        first = own if first is None else first
        for name, values in ((backbone, own), ("less the first", own - first)):
            low, high = np.quantile(values[1:], [0.025, 0.975], axis=0)
            if values.any():
                print(
                    f"| {name} | " + " | ".join(f"{values[0, at]:.3f} [{low[at]:.3f}, {high[at]:.3f}]" for at in range(2)) + " |"
                )


def _area(scores: np.ndarray, damaged: np.ndarray) -> float:
    """Return the area under the curve; a score that could not be had counts as the highest, for a person looks."""
    ranks = stats.rankdata(np.nan_to_num(scores, nan=np.inf))
    n = damaged.sum()
    return float((ranks[damaged].sum() - n * (n + 1) / 2) / max(n * (len(damaged) - n), 1))


def pictures(told: argparse.Namespace) -> None:
    """Print how many pictures a second networks see in processes at once, and how far what they say is from the first."""
    booth = Booth(Parameters(seed=told.seed, items=16))
    given = [fitted(view.rgb, 224) for item in booth.items() for view in booth.photograph(item)]
    print(f"{told.processes} processes, {len(given)} pictures of 224 x 224 at a time; {_machine()}\n")
    print(
        "| network | layers | pictures a CPU-s, each process | all, a second of the clock | cosine to the first: mean, least |\n|---|---|---|---|---|"
    )
    first = None
    for backbone in told.backbones.split(","):
        said = open_backbone(backbone, cache=CACHE).features(given)
        first = said if first is None else first
        for early in (False, True):
            with multiprocessing.get_context("spawn").Pool(told.processes) as pool:
                rates = pool.starmap(_rate, [(backbone, given, early)] * told.processes)
            alike = _alike(first.stride16, said.stride16) if early else _alike(first.embedding, said.embedding)
            which = "up to stride 16" if early else "all"
            each = ", ".join(f"{rate:.0f}" for rate, _ in rates)
            clock = sum(rate for _, rate in rates)
            print(f"| {backbone} | {which} | {each} | {clock:.0f} | {alike.mean():.4f}, {alike.min():.4f} |", flush=True)


def _rate(backbone: str, given: list[np.ndarray], early: bool) -> tuple[float, float]:
    opened = open_backbone(backbone, cache=CACHE)
    opened.features(given, early=early)
    rates = []
    for _ in range(20):
        cpu, clock = time.process_time(), time.perf_counter()
        opened.features(given, early=early)
        rates.append((len(given) / (time.process_time() - cpu), len(given) / (time.perf_counter() - clock)))
    return float(np.median([rate for rate, _ in rates])), float(np.median([rate for _, rate in rates]))


def start(told: argparse.Namespace) -> None:
    """Print what it takes to make references ready, the first time and again, each in a process of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(told.cache or temporary) / f"gallery-{told.seed}-{told.size}-{told.products}"
        if not (folder / "manifest.csv").exists():
            parameters = Parameters(
                seed=told.seed, products=told.products, references=(3, 3), items=2, optics=Optics(size=told.size)
            )
            booth = Booth(parameters)
            write(booth, folder, folder.with_name(f"{folder.name}.truth"), items=booth.references())
        policy = folder / "inspection.yaml"
        policy.write_text(POLICY.format(told.backbones.split(",")[0]), encoding="utf-8")
        os.environ["XDG_CACHE_HOME"] = str(Path(temporary) / "kept")
        print(f"{told.products} products, {told.size} x {told.size}; {_machine()}\n")
        print("| | references | CPU-s | for each, CPU-ms | MB kept |\n|---|---|---|---|---|")
        for name in ("first", "again"):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                many, took = pool.apply(_ready, (policy,))
            size = sum(path.stat().st_size for path in Path(temporary).rglob("looks/*"))
            print(f"| {name} | {many} | {took:.1f} | {1e3 * took / many:.1f} | {size / 1e6:.0f} |", flush=True)


def _ready(policy: Path) -> tuple[int, float]:
    cv2.setNumThreads(1)
    begun = time.process_time()
    with goods_at(policy) as goods:
        many = sum(len(goods.references.ever(product)) for product in goods.references.products)
    return many, time.process_time() - begun


def _alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    one, other = (values.reshape(len(values), values.shape[1], -1) for values in (one, other))
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / np.maximum(lengths, 1e-9)


def _decided(goods: Goods, many: int, spent: Spent) -> dict[str, Any]:
    chosen = goods.units[:many]
    for _ in decide(goods, goods.units[-20:], goods.media):
        pass  # references are looked at, libraries are loaded
    for unit in chosen:
        for view in unit.views:
            goods.references.group(unit.item_identifier, view.view, unit.at)
    found = {}
    with stages(spent):
        coming = decide(goods, chosen, goods.media)
        for _ in chosen:
            one = spent.unit(lambda: next(coming))
            found[one.unit.capture_id] = {"decision": one.decision, "score": one.verdict.score, **one.verdict.channels}
    return found


def _same(path: Path, decided: dict[str, Any]) -> None:
    if not path.exists():
        path.write_text(json.dumps(decided), encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    other = sum(before[name]["decision"] != one["decision"] for name, one in decided.items())
    print(f"\n{other} of {len(decided)} decisions are others than in `{path.name}`; largest differences:")
    for channel in sorted({key for one in before.values() for key in one} - {"decision"}):
        apart = [abs(before[name].get(channel, np.nan) - one.get(channel, np.nan)) for name, one in decided.items()]
        if not np.isnan(apart).all():
            print(f"  {channel}: {np.nanmax(apart):.2g}, median {np.nanmedian(apart):.2g}")


def _machine() -> str:
    numbers = np.arange(10_000_000, dtype=np.float64)
    took = []
    for _ in range(3):
        begun = time.process_time()
        numbers.sum()
        took.append(time.process_time() - begun)
    return f"ten million numbers added in {min(took):.4f} CPU-s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["units", "pictures", "start"])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--picture", default="png", choices=["png", "jpg"])
    parser.add_argument("--units", type=int, default=160)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--products", type=int, default=170)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--backbones", default="embedded:lite0,embedded:lite0-int8")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--scores", type=Path)
    told = parser.parse_args()
    cv2.setNumThreads(1)
    os.environ["XDG_CACHE_HOME"] = str(CACHE)
    {"units": units, "pictures": pictures, "start": start}[told.what](told)


if __name__ == "__main__":
    main()
