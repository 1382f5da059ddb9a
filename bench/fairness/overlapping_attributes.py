"""What a joint bound over overlapping attributes would gain over dividing alpha by their number.

Corpus: normal errors of 10 cells (2 sexes by 5 races), drawn with the seed below, with equal and with uneven numbers of rows.
Rival: Bonferroni over the three claims (sex, race, sex*race), each with the exact distribution of the largest standardised
difference of its groups, as `probatum.stats.gaps` has it. A joint bound takes the same quantile of each for all three so that
any is exceeded with probability alpha. The gain is in rows: the square of the ratio of critical values, less one.

Command: python bench/fairness/overlapping_attributes.py
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SEED, DRAWS, ALPHA = 1, 200_000, 0.05
SIZES = {
    "equal": np.full((2, 5), 100.0),
    "uneven": np.outer([0.6, 0.4], [0.6, 0.2, 0.12, 0.05, 0.03]) * 1000,
}


def largest(means: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest standardised difference between groups, of each draw: means have the shape (draws, groups)."""
    found = np.zeros(len(means))
    for one in range(means.shape[1]):
        for other in range(one):
            far = np.abs(means[:, one] - means[:, other]) / np.sqrt(1 / sizes[one] + 1 / sizes[other])
            found = np.maximum(found, far)
    return found


def measured(sizes: NDArray[np.float64], rng: np.random.Generator) -> dict[str, float]:
    """Return the gain in rows for each attribute."""
    cells = rng.normal(size=(DRAWS, *sizes.shape)) / np.sqrt(sizes)
    total = cells * sizes
    parts = {
        "sex": largest(total.sum(axis=2) / sizes.sum(axis=1), sizes.sum(axis=1)),
        "race": largest(total.sum(axis=1) / sizes.sum(axis=0), sizes.sum(axis=0)),
        "sex*race": largest(cells.reshape(DRAWS, -1), sizes.reshape(-1)),
    }
    ranks = np.max([np.argsort(np.argsort(own)) / DRAWS for own in parts.values()], axis=0)
    level = float(np.quantile(ranks, 1 - ALPHA))
    return {
        name: float((np.quantile(own, 1 - ALPHA / len(parts)) / np.quantile(own, level)) ** 2 - 1) for name, own in parts.items()
    }


if __name__ == "__main__":
    for name, sizes in SIZES.items():
        gains = measured(sizes, np.random.default_rng(SEED))
        print(name, ", ".join(f"{attribute} {gain:.1%}" for attribute, gain in gains.items()))
