"""How often intervals of what was passed though it is faulty miss the truth, and how wide they are, where audits are drawn by coins.

Corpus: 20,000 things made here, of which some are faulty, each drawn for an audit by a coin of its own with a floor of one in a
hundred. Worlds differ in where faulty things hide: at the floor, where the score sees them, or anywhere. Seed 20261122.

Rival: `stats.surveys.share`, Hajek's estimate with the interval of Korn and Graubard, which holds for large samples and needs no
independence of draws. Unit: shares of 500 audits; ends in faulty things.

    python bench/inspection/audits.py [--audits 500]
"""

from __future__ import annotations

import argparse

import numpy as np

from probatum.stats.audits import missed_rate
from probatum.stats.surveys import Drawn, share

POPULATION, FLOOR = 20_000, 0.01
# How many things are drawn with which probability, and how many of them are faulty.
WORLDS: dict[str, dict[float, tuple[int, int]]] = {
    "none": {0.01: (19_600, 0), 0.5: (400, 0)},
    "a few, at the floor": {0.01: (19_600, 40), 0.5: (400, 0)},
    "many, at the floor": {0.01: (19_600, 600), 0.5: (400, 0)},
    "where the score is high": {0.01: (19_600, 0), 0.5: (400, 100)},
    "mostly where it is high": {0.01: (19_600, 20), 0.5: (400, 100)},
    "three in four at the floor": {0.01: (19_600, 300), 0.5: (400, 100)},
    "anywhere": {0.01: (18_000, 60), 0.05: (1500, 60), 0.3: (400, 60), 1.0: (100, 60)},
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--audits", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print(
        "| faulty things | truth | ours: too low, too high | middle lower, upper end | share: too low, too high | middle lower, upper end |"
    )
    print("|---|---|---|---|---|---|")
    for world, classes in WORLDS.items():
        truth = sum(faulty for _, faulty in classes.values())
        ends: list[tuple[float, float, float, float]] = []
        for _ in range(options.audits):
            found: list[float] = []
            drawn: list[Drawn] = []
            for p, (many, faulty) in classes.items():
                hits, misses = int(rng.binomial(faulty, p)), int(rng.binomial(many - faulty, p))
                found += [p] * hits
                drawn += [Drawn(f"{p} {k}", p, hit=k < hits) for k in range(hits + misses)]
            ours, theirs = missed_rate(found, population=POPULATION, least=FLOOR), share(drawn)
            ends.append((ours.low or 0.0, ours.high or 0.0, theirs.low, theirs.high))
        table = POPULATION * np.array(ends)
        # Ends are rounded outwards, by less than a millionth of a thing.
        wrong = [np.mean(table[:, at] > truth + 1e-6) if at % 2 == 0 else np.mean(table[:, at] < truth - 1e-6) for at in range(4)]
        middle = np.median(table, axis=0)
        print(f"| {world} | {truth} |", end="")
        for at in (0, 2):
            # An upper end below the truth is too low; a lower end above it too high.
            print(f" {wrong[at + 1]:.3f}, {wrong[at]:.3f} | {middle[at]:.0f}, {middle[at + 1]:.0f} |", end="")
        print(flush=True)


if __name__ == "__main__":
    main()
