"""What a picture of the synthetic booth costs, and how much of each type of damage shows in colours and in depth.

Corpus: made on the spot, from seeds that stand in the table. Machine and load: CPU seconds of one thread; the seconds that it takes to add
ten million numbers stand beside them. Rival: none.

    python bench/inspection/booth.py [--pictures 60] [--sizes 256,512] [--evidence 12] [--sheet FILE.png]

Evidence is measured without noise, against the same item without the damage or the print: the share of items whose colours change by more
than 20 of 255 somewhere, and whose depth changes by more than 2 mm somewhere, in the view from above.
With --sheet, one picture of each kind with each damage is written, with the outline of its mask.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from probatum.synth.inspection.damage import APPLIES, Damage
from probatum.synth.inspection.parameters import CAMERAS, DAMAGES, KINDS, PRINTED, Optics
from probatum.synth.inspection.products import draw_product
from probatum.synth.inspection.raster import png
from probatum.synth.inspection.rendering import Shot, photograph

SEED = 2026


def reference_s() -> float:
    """CPU seconds for adding ten million numbers, the best of three."""
    numbers = np.arange(10_000_000, dtype=np.float64)
    return min(_timed(lambda: float(numbers.sum())) for _ in range(3))


def _timed(run) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def speed(size: int, pictures: int) -> None:
    """Print CPU seconds for each picture of each kind, without and with damage."""
    optics = Optics(size=size)
    each = max(1, pictures // (2 * len(KINDS)))
    for kind in KINDS:
        found = []
        for damaged in (False, True):
            shots = []
            for number in range(each + 1):
                product = draw_product(SEED, KINDS.index(kind))
                types = APPLIES[kind]
                damages = (Damage(type=types[number % len(types)], severity=0.6, seed=number),) if damaged else ()
                shots.append(Shot(product=product, seed=number, damages=damages))
            photograph(shots[0], optics)  # artwork and tray are drawn once
            found.append(_timed(lambda shots=shots: [photograph(shot, optics) for shot in shots[1:]]) / each / len(CAMERAS))
        print(f"| {size} | {kind} | {found[0]:.3f} | {found[1]:.3f} |", flush=True)


def evidence(items: int) -> None:
    """Print in how many items damage and print show in colours, and in depth."""
    optics = Optics(size=256, noise=0.0, jitter=0.0, cameras=CAMERAS[:1])
    for name in (*DAMAGES, *PRINTED):
        kinds = [kind for kind in KINDS if (kind != "set" and name in PRINTED) or name in APPLIES[kind]]
        seen, deep = 0, 0
        for number in range(items):
            kind = KINDS.index(kinds[number % len(kinds)])
            product = draw_product(SEED, kind + len(KINDS) * (1 + number))
            shot = Shot(product=product, seed=number)
            if name in PRINTED:
                other = replace(shot, product=replace(product, printed=name))
            else:
                other = replace(shot, damages=(Damage(type=name, severity=0.15 + 0.7 * number / items, seed=number),))
            [before], [after] = photograph(shot, optics), photograph(other, optics)
            seen += bool(np.abs(before.rgb.astype(int) - after.rgb.astype(int)).max() > 20)
            deep += bool(np.abs(before.depth - after.depth).max() > 2)
        print(f"| {name} | {seen} of {items} | {deep} of {items} |", flush=True)


def sheet(path: Path) -> None:
    """Write one picture of each kind with each damage."""
    rows = []
    for kind in KINDS:
        cells = []
        for number, name in enumerate(DAMAGES):
            product = draw_product(SEED, KINDS.index(kind) + len(KINDS) * number)
            damages = (Damage(type=name, severity=0.7, seed=number),) if name in APPLIES[kind] else ()
            view = photograph(Shot(product=product, seed=number, damages=damages))[0]
            picture = view.rgb.copy()
            for mask in view.damage:
                outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
                cv2.drawContours(picture, outlines, -1, (255, 0, 0), 1)
            cells.append(picture)
        rows.append(np.hstack(cells))
    path.write_bytes(png(np.vstack(rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--sizes", default="256,512")
    parser.add_argument("--evidence", type=int, default=12)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.sheet:
        sheet(options.sheet)
    print(f"ten million numbers added in {reference_s():.4f} CPU-s; seed {SEED}\n")
    print("| size | kind | CPU-s a picture | with damage |\n|---|---|---|---|")
    for size in options.sizes.split(","):
        speed(int(size), options.pictures)
    print(f"ten million numbers added in {reference_s():.4f} CPU-s\n")
    print("| what | shows in colours | shows in depth |\n|---|---|---|")
    evidence(options.evidence)


if __name__ == "__main__":
    main()
