"""How often bounds of a mean miss it, for skewed values: Student's against those of `kind: measure`.

Corpus: simulated values whose mean is known (log-normal, zero-inflated, exponential; and ratios of sums over few
clusters of unequal sizes). Seed 1. Rival: Student's interval, and, for clusters, Student's over linearised clusters.
Unit: share of samples, in percent, in which an interval at 95 % is stated and misses; beside it, the share in which none
is stated because values are too skewed.

    python bench/fairness/skewed_means.py
"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import t as student

from probatum.fairness.model.measures import interval, standard_error
from probatum.fairness.semantics.measures import Sums

RUNS = 4_000
KINDS = {
    "exponential": (lambda rng, n: rng.exponential(1, n), 1.0),
    "log-normal, sigma 1": (lambda rng, n: rng.lognormal(0, 1, n), math.exp(0.5)),
    "log-normal, sigma 1.5": (lambda rng, n: rng.lognormal(0, 1.5, n), math.exp(1.125)),
    "log-normal, sigma 2": (lambda rng, n: rng.lognormal(0, 2, n), math.exp(2)),
    "90 % zeros": (lambda rng, n: (rng.random(n) < 0.1) * rng.exponential(1, n), 0.1),
    "97 % zeros": (lambda rng, n: (rng.random(n) < 0.03) * rng.lognormal(0, 1, n), 0.03 * math.exp(0.5)),
}


def sums(top: np.ndarray, bottom: np.ndarray) -> Sums:
    e = top - top.sum() / bottom.sum() * bottom
    return Sums(units=len(e), top=top.sum(), bottom=bottom.sum(), squares=(e**2).sum(), cubes=(e**3).sum(), counts=False)


def main() -> None:
    rng = np.random.default_rng(1)
    print(f"{'values':24}{'n':>6}{'Student':>9}{'ours':>7}{'none':>7}{'width':>7}")
    for name, n in [(name, n) for name in (*KINDS, "clusters") for n in (30, 60, 200, 1_000)]:
        missed, silent, width = [0, 0], 0, []
        for _ in range(RUNS):
            if name == "clusters":
                bottom = rng.geometric(0.1, n).astype(float)
                top, mean = rng.binomial(bottom.astype(int), rng.beta(0.5, 4.5, n)).astype(float), 0.1
            else:
                make, mean = KINDS[name]
                top, bottom = make(rng, n), np.ones(n)
            own = sums(top, bottom)
            reach = student.isf(0.025, n - 1) * standard_error(own)
            missed[0] += not abs(own.top / own.bottom - mean) <= reach or own.squares == 0
            low, high = interval(own, alpha=0.05)
            missed[1] += not low <= mean <= high
            silent += math.isinf(low)
            if math.isfinite(low):
                width.append((high - low) / (2 * reach))
        shown = f"{np.median(width):7.2f}" if width else f"{'-':>7}"
        print(f"{name:24}{n:6}{missed[0] / RUNS:9.1%}{missed[1] / RUNS:7.1%}{silent / RUNS:7.1%}{shown}")


if __name__ == "__main__":
    main()
