"""Faults of real surfaces: magnetic tiles, from pristine ones alone and with a few labelled or outlined faults, against anomalib's PatchCore.

Corpus: 1,344 photos of magnetic tiles, 392 of them with faults of five kinds, of the repository `abin24/Magnetic-tile-defect-datasets.`
(Huang, Qiu, Yuan. "Surface defect saliency of magnetic tile." The Visual Computer, 2020). No licence is stated, so it is not here.

    git clone https://github.com/abin24/Magnetic-tile-defect-datasets. tiles
    OMP_NUM_THREADS=1 python bench/inspection/tiles.py tiles [--report] [--coreset] [--cache FOLDER] [--seed N]

A photo is of the development half if the SHA-256 of its file is even. All was chosen on that half; `--report` makes the bank of all its pristine
photos and scores the other half, once. Without it, the pristine photos of the development half are divided again, by seeded draw.

Photos are not independent: a tile was photographed up to six times, in other light, so the same tile, and the same fault, is in both
halves. "By tile" leaves that out: tiles are found by looks (`pieces`) and divided in three, and photos are scored by banks, and
heads, of which no photo is of a tile of that third. That is what a new tile gets.

Rival: `PatchcoreModel` of anomalib, if it is installed, as it is; strides 8 and 16 of the same network at 224 x 224, a bank of 0.2 %,
chosen by its own code with `--coreset` only, which takes many minutes, and else by the same rule with that of probatum. Its features are made by ONNX Runtime, up to where it needs them, which is faster than with PyTorch. 95 % intervals by
bootstrap of photos ("by tile": of tiles), pairs of systems on the same draws. CPU milliseconds of one thread, from file to score.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import patchcore_peer
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from probatum.infer.vision.backbone import open_backbone
from probatum.inspection.artefacts.picture import Picture, open_picture
from probatum.inspection.fit.bank import Made, bank
from probatum.inspection.fit.known_faults import Faulty, known_faults
from probatum.inspection.fit.linear_head import linear_head
from probatum.inspection.semantics.bank import Unusual, unusual
from probatum.inspection.semantics.known_faults import alike
from probatum.inspection.semantics.linear_head import pooled
from probatum.inspection.semantics.surface import Sizes, patches

KINDS = ("Blowhole", "Break", "Crack", "Fray", "Uneven")
FEW = (10, 50, 150)
DRAWS = 10
THIRDS = 3
SHARE = 0.002
RESAMPLES = 2000


@dataclass
class Photos:
    path: list[Path]
    kind: np.ndarray
    report: np.ndarray
    piece: np.ndarray

    @property
    def faulty(self) -> np.ndarray:
        return self.kind != "Free"


@dataclass
class Scores:
    """Scores of photos of the half that is tested, one row for each draw of labels, and CPU seconds a photo."""

    title: str
    values: np.ndarray
    seconds: float
    fit: float


def photos(folder: Path) -> Photos:
    path = sorted(folder.glob("MT_*/Imgs/*.jpg"))
    kind = np.array([one.parent.parent.name.removeprefix("MT_") for one in path])
    report = np.array([hashlib.sha256(one.read_bytes()).digest()[-1] % 2 == 1 for one in path])
    return Photos(path, kind, report, pieces(path))


def pieces(path: list[Path]) -> np.ndarray:
    """Number the tiles: photos are of one tile if they are of one size and look alike, or are near in number and look somewhat alike."""
    seen = [cv2.imread(str(one), cv2.IMREAD_GRAYSCALE) for one in path]
    sides = np.log([one.shape for one in seen])
    small = []
    for one in seen:
        thumb = cv2.resize(one, (48, 48), interpolation=cv2.INTER_AREA).astype(np.float32)
        around = cv2.GaussianBlur(thumb, (0, 0), 6)
        contrast = ((thumb - around) / (around + 20)).ravel()
        contrast -= contrast.mean()
        small.append(contrast / np.linalg.norm(contrast))
    alike = np.array(small) @ np.array(small).T
    number = np.array([int(match[1]) if (match := re.search(r"num_(\d+)", one.name)) else -(10**6) for one in path])
    sized = (np.abs(sides[:, None] - sides) < 0.06).all(axis=2)
    near = np.abs(number[:, None] - number) <= 60
    return connected_components(sized & ((alike > 0.93) | ((alike > 0.7) & near)))[1]


def auroc(faulty: np.ndarray, scores: np.ndarray) -> float:
    rank = rankdata(scores)
    n = int(faulty.sum())
    return float((rank[faulty].sum() - n * (n + 1) / 2) / n / (len(faulty) - n))


def draws(faulty: np.ndarray, unit: np.ndarray, seed: int) -> list[np.ndarray]:
    """Bootstrap of units: indices of photos."""
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(unit == one) for one in np.unique(unit)]
    made = []
    while len(made) < RESAMPLES:
        chosen = np.concatenate([members[at] for at in random.integers(len(members), size=len(members))])
        if 0 < faulty[chosen].sum() < len(chosen):
            made.append(chosen)
    return made


def interval(values: np.ndarray) -> str:
    low, high = np.quantile(values, [0.025, 0.975])
    return f"[{low:.3f}, {high:.3f}]"


def table(found: list[Scores], kind: np.ndarray, unit: np.ndarray, seed: int) -> None:
    faulty = kind != "Free"
    resampled = draws(faulty, unit, seed)
    print(
        f"\n| system | AUROC | {' | '.join(kind.lower() for kind in KINDS)} | ms a photo | fit, s |\n|{'---|' * (len(KINDS) + 4)}"
    )
    over: dict[str, np.ndarray] = {}
    for one in found:
        # Of each resample one draw of labels, in turn: the interval is over both.
        over[one.title] = np.array([auroc(faulty[at], one.values[n % len(one.values), at]) for n, at in enumerate(resampled)])
        mean = float(np.mean([auroc(faulty, row) for row in one.values]))
        each = []
        for name in KINDS:
            of = (kind == name) | ~faulty
            each.append(f"{np.mean([auroc(faulty[of], row[of]) for row in one.values]):.3f}")
        print(
            f"| {one.title} | {mean:.3f} {interval(over[one.title])} | {' | '.join(each)} | {1e3 * one.seconds:.1f} | {one.fit:.1f} |",
            flush=True,
        )
    print("\n| difference of AUROC | |\n|---|---|")
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            apart = over[other.title] - over[one.title]
            print(f"| {other.title} less {one.title} | {apart.mean():+.3f} {interval(apart)} |")


def rgb(path: Path) -> np.ndarray:
    picture = open_picture(path)
    assert isinstance(picture, Picture), picture  # noqa: S101 - the corpus is whole
    return picture.rgb


class Ours:
    """What is seen in each photo, once, and banks and heads made of some of them."""

    def __init__(self, data: Photos, cache: Path, seed: int) -> None:
        self.data, self.seed = data, seed
        self.network = open_backbone("embedded:lite0-inner", cache=cache)
        self.looks: dict[int, tuple[np.ndarray, ...]] = {}
        self.seconds: dict[int, float] = {}

    def look(self, at: int) -> tuple[np.ndarray, ...]:
        if at not in self.looks:
            started = time.process_time()
            self.looks[at] = patches(self.network, rgb(self.data.path[at]), Sizes())
            self.seconds[at] = time.process_time() - started
        return self.looks[at]

    def outline(self, at: int) -> np.ndarray:
        found = cv2.imread(str(self.data.path[at].with_suffix(".png")), cv2.IMREAD_GRAYSCALE)
        assert found is not None  # noqa: S101 - the corpus is whole
        return np.asarray(found > 127)

    def run(self, pristine: np.ndarray, labels: np.ndarray, tested: np.ndarray) -> list[Scores]:
        """Scores of `tested`, from a bank of `pristine` alone, and with some of `labels` as labelled faults, and with outlines of them."""
        seen = [self.look(at) for at in pristine]
        started = time.process_time()
        made = bank(seen, backbone=self.network.digest, seed=self.seed)
        fit = time.process_time() - started
        looks = [self.look(at) for at in tested]
        started = time.process_time()
        found = [unusual(made.bank, one) for one in looks]
        spent = (time.process_time() - started) / len(tested) + np.mean([self.seconds[at] for at in tested])
        all_ = [Scores("pristine alone", np.array([[one.score for one in found]]), float(spent), fit)]
        for outlined in (False, True):
            for few in (few for few in FEW if few <= len(labels)):
                random = np.random.default_rng([self.seed, few])
                rows, taken, more = [], [], []
                for _ in range(DRAWS):
                    drawn = labels[random.choice(len(labels), few, replace=False)]
                    row, *seconds = self.taught(made, seen, drawn, list(zip(looks, found, strict=True)), outlined=outlined)
                    rows.append(row)
                    taken.append(seconds[0])
                    more.append(seconds[1])
                title = f"{few} {'outlined' if outlined else 'labelled'} faults"
                all_.append(Scores(title, np.array(rows), float(spent + np.mean(more)), fit + float(np.mean(taken))))
        return all_

    def taught(
        self,
        made: Made,
        seen: list[tuple[np.ndarray, ...]],
        faults: np.ndarray,
        tested: list[tuple[tuple[np.ndarray, ...], Unusual]],
        *,
        outlined: bool,
    ) -> tuple[list[float], float, float]:
        """Scores of what is tested by a head that knows faults, CPU seconds that it took to teach, and that a photo takes longer."""
        started = time.process_time()
        bad = [self.look(at) for at in faults]
        none: list[tuple[float, ...]] = [()] * max(len(seen), len(bad))
        good_alike, bad_alike, known = none[: len(seen)], none[: len(bad)], None
        if outlined:
            learnt = known_faults(made, seen, [Faulty(one, self.outline(at)) for one, at in zip(bad, faults, strict=True)])
            known, good_alike, bad_alike = learnt.faults, list(learnt.pristine), list(learnt.faulty)
        head = linear_head(
            np.array([pooled(*one) for one in zip(seen, made.pristine, good_alike, strict=True)]),
            np.array([pooled(one, unusual(made.bank, one), say) for one, say in zip(bad, bad_alike, strict=True)]),
            scores=2 + len(bad_alike[0]),
            backbone=self.network.digest,
        )
        fit, started = time.process_time() - started, time.process_time()
        row = [head.logit(pooled(one, told, () if known is None else alike(known, one, told))) for one, told in tested]
        return row, fit, (time.process_time() - started) / len(tested)


def rival(data: Photos, cache: Path, *, coreset: bool) -> Callable[[np.ndarray, np.ndarray], Scores] | None:
    network = open_backbone("embedded:lite0-inner", cache=cache)
    kept: dict[bytes, Any] = {}
    if patchcore_peer.patchcore(network, kept) is None:
        return None
    spent: list[float] = []  # of the first run: later ones have features that are kept

    def square(at: int) -> np.ndarray:
        seen = rgb(data.path[at])
        return cv2.resize(seen, (224, 224), interpolation=cv2.INTER_AREA if min(seen.shape[:2]) > 224 else cv2.INTER_LINEAR)

    def run(pristine: np.ndarray, tested: np.ndarray) -> Scores:
        model = patchcore_peer.patchcore(network, kept)
        started = time.process_time()
        patchcore_peer.trained(model, [square(at) for at in pristine], SHARE, own=coreset)
        fit, score = time.process_time() - started, patchcore_peer.scorer(model)
        started = time.process_time()
        values = [score(square(at)) for at in tested]
        spent.append((time.process_time() - started) / len(tested))
        return Scores("anomalib PatchCore", np.array([values]), spent[0], fit)

    return run


def merged(parts: list[list[Scores]], places: list[np.ndarray], n: int) -> list[Scores]:
    """Scores of thirds, put together: photos of one third were scored by one bank."""
    made = []
    for rows in zip(*parts, strict=True):
        values = np.empty((len(rows[0].values), n))
        for one, at in zip(rows, places, strict=True):
            values[:, at] = one.values
        made.append(
            Scores(
                rows[0].title, values, float(np.mean([one.seconds for one in rows])), float(np.mean([one.fit for one in rows]))
            )
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--report", action="store_true", help="score the half that nothing was chosen on")
    parser.add_argument("--coreset", action="store_true", help="let anomalib choose its bank itself")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "probatum-networks"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    data = photos(options.data)
    learnt = ~data.report
    tested = np.flatnonzero(data.report if options.report else learnt)
    if not options.report:  # half of the pristine photos are for the bank, and half of the faults may be labelled
        half = np.random.default_rng(options.seed).random(len(data.kind)) < 0.5
        learnt, tested = learnt & half, np.flatnonzero(learnt & ~half)
    pristine, labels = np.flatnonzero(learnt & ~data.faulty), np.flatnonzero(learnt & data.faulty)
    kind, piece = data.kind[tested], data.piece[tested]
    shared = np.isin(piece, data.piece[learnt]).mean()
    print(
        f"{len(pristine)} pristine photos learnt from, {len(labels)} faults to draw labels from; {len(tested)} tested,", end=" "
    )
    print(f"{int((kind != 'Free').sum())} of them faulty; of {shared:.0%} of these another photo is among those learnt from")
    ours, theirs = Ours(data, options.cache, options.seed), rival(data, options.cache, coreset=options.coreset)
    print("\n## By photo")
    both = [theirs(pristine, tested)] if theirs else []
    table([*both, *ours.run(pristine, labels, tested)], kind, np.arange(len(tested)), options.seed)
    print("\n## By tile")
    third = np.random.default_rng(options.seed).permutation(data.piece.max() + 1)[data.piece] % THIRDS
    parts, places = [], []
    for one in range(THIRDS):
        good, bad = pristine[third[pristine] != one], labels[third[labels] != one]
        at = np.flatnonzero(third[tested] == one)
        places.append(at)
        parts.append([*([theirs(good, tested[at])] if theirs else []), *ours.run(good, bad, tested[at])])
    few = min(len(part) for part in parts)
    table(merged([part[:few] for part in parts], places, len(tested)), kind, piece, options.seed)


if __name__ == "__main__":
    main()
