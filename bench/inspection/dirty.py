"""Table T8: what references that are damaged themselves cost what is fused, and what they cost plain distances to the nearest reference.

Items are those of the report of `detection.py`, of the synthetic booth, with its head and its weights of channels, which know clean references.
Each of the three references of a product is, with a probability of 0.1 or 0.2, one of its damaged units; those are then no items, in either
gallery. Rivals on the same items: `embedding`, the cosine distance of whole views to the nearest reference, and `nearest`, that of the most
different place to the same place of the reference for which that is least.

    OMP_NUM_THREADS=1 python bench/inspection/dirty.py [--cache FOLDER] [--times 0.5]

`--cache` is that of `detection.py`. `--times` takes that share of the seeds of the report. Areas under the curve and recall at 1 % of sound
items, with 95 % intervals by 2,000 bootstrap draws of whole products, threshold included; what is lost is of the same items and draws.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from detection import FUSION, REPORT, RIVAL_SYSTEMS, SYSTEMS, Report, Row, heads, rows, scored, spread
from detection_items import Made, by_product

from probatum.infer.vision.backbone import open_backbone
from probatum.synth.inspection.parameters import seed_of
from probatum.synth.inspection.raster import generator

SHARES = (0.1, 0.2)


def dirtied(items: Sequence[Made], share: float) -> tuple[list[Made], list[Made]]:
    """Items of a product with clean references, and the same items with references of which some are damaged."""
    references = [one for one in items if one.what == "reference"]
    damaged = [one for one in items if one.what == "damaged"]
    luck = generator(seed_of("dirty", items[0].shot.seed, str(share))).random(len(references))
    swapped = [at for at, drawn in enumerate(luck) if drawn < share][: len(damaged)]
    # From the end, so that a damaged reference of a smaller share is one of a larger share, too.
    taken = damaged[: len(swapped)]
    rest = [one for one in items if one.what != "reference" and not any(one is other for other in taken)]
    bad = dict(zip(swapped, taken, strict=True))
    dirty = [replace(bad[at], what="reference") if at in bad else one for at, one in enumerate(references)]
    return [*references, *rest], [*dirty, *rest]


def areas(of: Report, scores: np.ndarray) -> tuple[float, np.ndarray]:
    """Area under the curve, and what it is in each draw of products."""
    order = np.argsort(scores[of.sound], kind="stable")
    sound, bad = scores[of.sound][order], scores[of.bad]
    counts, weights = of.draws[:, of.sound][:, order].astype(np.float64), of.draws[:, of.bad].astype(np.float64)
    before = np.concatenate([np.zeros((len(counts), 1)), counts.cumsum(axis=1)], axis=1)
    low, high = (np.searchsorted(sound, bad, side=side) for side in ("left", "right"))
    wins = (before[:, low] + before[:, high]) / 2
    drawn = (wins * weights).sum(axis=1) / (np.maximum(weights.sum(axis=1), 1) * np.maximum(before[:, -1], 1))
    return of.area(scores), drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--times", type=float, default=0.5)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    part = replace(REPORT, seeds=REPORT.seeds[: max(1, round(options.times * len(REPORT.seeds)))])
    part = replace(part, decoys=round(part.decoys * len(part.seeds) / len(REPORT.seeds)))
    with tempfile.TemporaryDirectory() as folder:
        backbone = open_backbone(cache=options.cache or Path(folder))
    trained = heads(backbone, options.cache)
    weighed = rows(FUSION, backbone, trained, options.cache)
    for share in SHARES:
        pairs: tuple[list[Row], list[Row]] = ([], [])
        swapped = 0
        for items in by_product(part, options.cache):
            if items[0].product.printed and len(items) < 10:
                continue  # made for a decoy: nothing of it is damaged
            both = dirtied(items, share)
            changed = [a is not b for a, b in zip(*both, strict=True)]
            swapped += sum(changed)
            name = f"{share if any(changed) else 0}-{items[0].shot.seed}-{len(items)}"
            told = scored(both[0], f"clean-{name}", backbone, trained, options.cache)
            pairs[0].extend(told)
            pairs[1].extend(scored(both[1], f"dirty-{name}", backbone, trained, options.cache) if any(changed) else told)
        clean, dirty = (Report(weighed, told) for told in pairs)
        print(
            f"\n{share:.0%} of references damaged ({swapped} of them): {int(clean.sound.sum())} sound, {int(clean.bad.sum())} damaged items"
        )
        print("\n| score | area, clean | dirty | lost | recall at 1 %, clean | dirty | lost |\n|---|---|---|---|---|---|---|")
        for name, channels in (RIVAL_SYSTEMS | SYSTEMS).items():
            found = [of.system(channels) for of in (clean, dirty)]
            cells = []
            for values in (
                [areas(of, one) for of, one in zip((clean, dirty), found, strict=True)],
                [clean.recall(found[0], 0.01), dirty.recall(found[1], 0.01)],
            ):
                (a, drawn), (b, other) = values
                cells += [spread(a, drawn), spread(b, other), spread(a - b, drawn - other)]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print(f"\n{time.process_time():.0f} CPU-s")


if __name__ == "__main__":
    main()
