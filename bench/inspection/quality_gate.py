"""How often the quality gate stops captures of the synthetic booth, good ones and bad ones of each kind.

Corpus: made by `probatum.synth.inspection`, products 0 to 20 of seed 0; usual pictures from seeds 5000 to 5109, captures that are
counted from seed 900 on, none of which was looked at while limits were set (others of these products were). A capture is stopped if a view of it has a flaw; the share has
a Clopper-Pearson interval at 95 %. No rival: no other system here says what is wrong with a capture.

    OMP_NUM_THREADS=1 python bench/inspection/quality_gate.py [--captures 42]
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

from probatum.inspection.artefacts.depth import Depth
from probatum.inspection.artefacts.picture import Picture
from probatum.inspection.semantics.quality import Usual, quality, sharpness
from probatum.inspection.semantics.rough_item import rough_item
from probatum.stats.bounds import clopper_pearson
from probatum.synth.inspection.parameters import CAPTURE_FAULTS
from probatum.synth.inspection.products import draw_product
from probatum.synth.inspection.rendering import Shot, photograph

PRODUCTS = [draw_product(0, number) for number in range(21)]


def known() -> dict[str, Usual]:
    values: dict[str, list[float]] = {}
    for n in range(110):
        for view in photograph(Shot(product=PRODUCTS[n % len(PRODUCTS)], seed=5000 + n)):
            values.setdefault(view.camera, []).append(sharpness(view.rgb, rough_item(view.rgb)))
    return {camera: Usual(tuple(sorted(own))) for camera, own in values.items()}


def flaws(shot: Shot, usual: dict[str, Usual], *, with_depth: bool) -> set[str]:
    found: set[str] = set()
    for view in photograph(shot):
        mm = np.where(view.depth > 0, view.depth, np.nan).astype(np.float32)
        depth = Depth(mm, "", "mm") if with_depth else None
        found |= {flaw.kind for flaw in quality(Picture(view.rgb, ""), depth=depth, usual=usual[view.camera]).flaws}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=42)
    captures = parser.parse_args().captures
    usual = known()
    for with_depth in (True, False):
        print(f"| {'with depth' if with_depth else 'colours alone'} | stopped | 95 % | for |")
        print("| --- | --- | --- | --- |")
        for fault in ("", *CAPTURE_FAULTS):
            kinds: Counter[str] = Counter()
            stopped = 0
            for n in range(captures):
                other = PRODUCTS[(n + 5) % len(PRODUCTS)] if fault == "two_items" else None
                shot = Shot(product=PRODUCTS[n % len(PRODUCTS)], seed=900 + n, faults=(fault,) if fault else (), other=other)
                own = flaws(shot, usual, with_depth=with_depth)
                kinds.update(own)
                stopped += bool(own)
            bound = clopper_pearson(stopped, captures)
            reasons = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
            print(
                f"| {fault or 'good'} | {stopped} of {captures} | {bound.low:.2f} to {bound.high:.2f} | {reasons} |", flush=True
            )


if __name__ == "__main__":
    main()
