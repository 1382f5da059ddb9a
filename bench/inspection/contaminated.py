"""Table T8 (part): which damaged references a check proposes for removal where there are so many that they are compared among themselves.

Corpus: the synthetic booth, for each seed 40 products of all kinds with three to five references, seen from above, of which 0, 10 or 20 % are damaged: the same
pictures but for the damage, and those damaged at 10 % are so at 20 %, too. Each reference is left out and scored against the others of its product by
`semantics/left_out.py`, as `inspection/gallery-contaminated` does, and `model/odd_references.py` names those that are odd, with a share of wrong ones of a tenth.
Galleries: each seed by itself, and all of them as one. Intervals, 95 %: Clopper and Pearson's for counts; shares wrong at a nominal rate are means
over 1,000 galleries of products drawn with replacement, with how much these differ.

Rival, on the same scores: what is more than three times the median absolute deviation above the median.

Seeds 400 and 401, which nothing had been chosen on. CPU seconds of one thread. With --cache, what was scored is kept there, and a run that was stopped goes on.

    OMP_NUM_THREADS=1 python bench/inspection/contaminated.py [--seeds 400 401] [--products 40] [--cache FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from probatum.inspection.model.contamination import LeftOut
from probatum.inspection.model.odd_references import CHANNEL, odd
from probatum.inspection.semantics.left_out import left_out
from probatum.inspection.service.goods import goods_at
from probatum.stats.bounds import clopper_pearson
from probatum.synth.inspection.parameters import CAMERAS, Misleading, Optics, Parameters
from probatum.synth.inspection.stream import Booth
from probatum.synth.inspection.writing import write

POLICY = "schema: probatum-inspection-policy/1\ncaptures: manifest.csv\nbackbone: embedded:lite0\n"
SHARES = (0.0, 0.1, 0.2)
RATE, SEVERE, DRAWS = 0.1, 0.4, 1000


@dataclass(frozen=True)
class Reference:
    """A reference that was left out, and the truth about it."""

    product: str
    name: str
    score: float
    severity: float  # 0 without damage

    @property
    def damaged(self) -> bool:
        return self.severity > 0


def scored(seed: int, share: float, products: int, kept: Path) -> list[Reference]:
    """Return the references of a booth, each with its score against the others of its product: as kept, or made now."""
    path = kept / f"{seed}-{share:g}-{products}.json"
    if path.exists():
        return [Reference(**one) for one in json.loads(path.read_text(encoding="utf-8"))]
    booth = Booth(
        Parameters(
            seed=seed,
            products=products,
            items=2,
            optics=Optics(cameras=(CAMERAS[0],)),
            misleading=Misleading(dirty=share, redesigned=0.0),
        )
    )
    severity = {one.capture_id: max((d.severity for d in one.damages), default=0.0) for one in booth.references()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "booth"
        write(booth, folder, Path(temporary) / "truth", items=booth.references())
        (folder / "inspection.yaml").write_text(POLICY, encoding="utf-8")
        with goods_at(folder / "inspection.yaml") as goods:
            found = [
                Reference(product, one.capture_id, one.scores[CHANNEL], severity[one.capture_id])
                for product in goods.references.products
                for one in left_out(goods, product, ())
                if CHANNEL in one.scores
            ]
        shutil.rmtree(Path(os.environ["XDG_CACHE_HOME"]) / "probatum" / "looks", ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
    return found


def ours(references: Sequence[Reference]) -> list[Reference]:
    cases = [
        LeftOut(product=one.product, capture_id=str(at), scores={CHANNEL: one.score}, units=())
        for at, one in enumerate(references)
    ]
    return [references[int(case.capture_id)] for case in odd(cases, rate=RATE).named]


def rival(references: Sequence[Reference]) -> list[Reference]:
    scores = np.array([one.score for one in references])
    middle = np.median(scores)
    cut = middle + 3 * 1.4826 * np.median(np.abs(scores - middle))
    return [one for one in references if one.score > cut]


Names = Callable[[Sequence[Reference]], list[Reference]]


def share(hits: int, trials: int) -> str:
    if not trials:
        return "none"
    bound = clopper_pearson(hits, trials)
    return f"{hits} of {trials}: {hits / trials:.2f} [{bound.low or 0:.2f}, {1 if bound.high is None else bound.high:.2f}]"


def drawn(references: Sequence[Reference], names: Names) -> str:
    """Return the mean share of wrong ones among the named, over galleries of as many products, drawn with replacement."""
    groups: dict[str, list[Reference]] = {}
    for one in references:
        groups.setdefault(one.product, []).append(one)
    some, rng, wrong = list(groups.values()), np.random.default_rng(1), []
    for _ in range(DRAWS):
        named = names([one for at in rng.integers(0, len(some), len(some)) for one in some[at]])
        wrong.append(sum(not one.damaged for one in named) / max(1, len(named)))
    low, high = np.quantile(wrong, [0.025, 0.975])
    return f"{np.mean(wrong):.3f} [{low:.3f}, {high:.3f}]"


def row(of: str, portion: float, galleries: Sequence[Sequence[Reference]], names: Names, by: str) -> None:
    named = [names(one) for one in galleries]
    everything, proposed = [one for some in galleries for one in some], [one for some in named for one in some]
    found, severe = [one for one in proposed if one.damaged], [one for one in everything if one.severity >= SEVERE]
    wrong = np.mean([sum(not one.damaged for one in some) / max(1, len(some)) for some in named])
    again = drawn(everything, names) if len(galleries) == 1 else "-"
    print(
        f"| {portion:.0%} | {of} | {by} | {share(len(found), sum(one.damaged for one in everything))} |"
        f" {share(sum(one.severity >= SEVERE for one in proposed), len(severe))} |"
        f" {share(len(proposed) - len(found), len(proposed))} | {wrong:.3f} | {again} |",
        flush=True,
    )


def order(references: Sequence[Reference]) -> str:
    """Return the area under the curve, and how many damaged ones are among the strangest, as many as are damaged."""
    scores, bad = np.array([one.score for one in references]), np.array([one.damaged for one in references])
    if not bad.any():
        return "none is damaged"
    pairs = scores[bad][:, None] - scores[~bad][None]
    first = np.argsort(-scores)[: bad.sum()]
    return f"{((pairs > 0) + (pairs == 0) / 2).mean():.3f}; {share(int(bad[first].sum()), int(bad.sum()))}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs=2, default=(400, 401), help="first and last")
    parser.add_argument("--products", type=int, default=40)
    parser.add_argument("--cache", type=Path)
    told = parser.parse_args()
    cv2.setNumThreads(1)
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as temporary:
        kept = told.cache or Path(temporary)
        os.environ["XDG_CACHE_HOME"] = str(Path(temporary) / "kept")
        seeds = range(told.seeds[0], told.seeds[1] + 1)
        found = {part: [scored(seed, part, told.products, kept) for seed in seeds] for part in SHARES}
    print(
        "| damaged | galleries | by | of the damaged, proposed | of those with a severity of at least .4 | of the proposed, sound | the same, mean of galleries | galleries drawn again |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for part, each in found.items():
        together = [one for some in each for one in some]
        sizes = sorted(len(one) for one in each)
        for names, by in ((ours, "ours"), (rival, "three deviations")):
            row(f"{len(each)} of {sizes[0]} to {sizes[-1]}", part, each, names, by)
            row(f"1 of {len(together)}", part, [together], names, by)
    for part, each in found.items():
        print(
            f"{part:.0%}: area under the curve, and damaged among the strangest: {order([one for some in each for one in some])}"
        )
    print(f"{time.process_time() - begun:.0f} CPU-s")


if __name__ == "__main__":
    main()
