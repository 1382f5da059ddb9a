"""How often bounds of losses over few skewed clusters fail: Student's, and those that borrow from all clusters.

Corpus: made, seed 0: 6 to 40 clusters of a slice among 60 or 120, equal or exponential in size, whose losses vary in four ways
with a known mean; 1,000 runs of each. Rival: Student's bounds with the same standard error and degrees of freedom.

    python bench/fairness/few_clusters.py [RUNS]
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from probatum.fairness.model.slices.ratio import high, low, products, spread

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
LOSSES: dict[str, Draw] = {
    "gamma, shape 5": lambda rng, n: rng.gamma(5.0, 0.2, n),
    "lognormal, 1": lambda rng, n: rng.lognormal(-0.5, 1.0, n),
    "ten, one time in ten": lambda rng, n: np.where(rng.random(n) < 0.1, 10.0, 0.0),
    "skewed to the other side": lambda rng, n: (1.6 - np.minimum(1.6, rng.exponential(0.6, n))) / (1 + 0.6 * np.exp(-8 / 3)),
}
SIZES: tuple[Draw, ...] = (lambda _, n: np.full(n, 100.0), lambda rng, n: rng.exponential(100.0, n))
MANY = ((6, 60), (10, 60), (20, 60), (40, 120))


def main() -> None:
    """Print how often each bound fails at 5 %, the worst of both sides and all sizes."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = np.random.default_rng(0)
    for name, losses in LOSSES.items():
        worst = [0.0, 0.0]
        wide = []
        for sizes, (inside, every) in itertools.product(SIZES, MANY):
            member = np.arange(every) < inside
            truth = 0.15 * (1 - inside / every)
            failed = np.zeros((2, 2))
            for _ in range(runs):
                words = sizes(rng, every)
                edits = words * np.where(member, 0.35, 0.2) * losses(rng, every)
                parts = np.stack([edits * member, words * member, edits, words])
                sums = dict(zip("abAB", map(float, parts.sum(axis=1)), strict=True))
                moments = products(parts)
                own = spread(sums, moments, clusters=inside, every=every)
                if not own.freedom:
                    continue
                excess = sums["a"] / sums["b"] - sums["A"] / sums["B"]
                # Student's: without what is borrowed, and without skewness.
                worth = own.freedom + 1
                u = np.array([1, -sums["a"] / sums["b"]]) @ parts[:2] / sums["b"]
                v = np.array([1, -sums["A"] / sums["B"]]) @ parts[2:] / sums["B"]
                error = float(np.sqrt(((u - v) ** 2).sum() * every / (every - 1) * worth / (worth - 1)))
                reach = -float(stdtrit(own.freedom, 0.05)) * error
                ends = high(excess, own, 0.05)
                failed[0] += [excess - reach > truth, excess + reach < truth]
                failed[1] += [low(excess, own, 0.05) > truth, ends < truth]
                if reach > 0:
                    wide.append((ends - excess) / reach)
            worst = [max(a, b) for a, b in zip(worst, failed.max(axis=1) / runs, strict=True)]
        print(f"{name}: Student's {worst[0]:.1%}, borrowing {worst[1]:.1%}; wider above by {np.median(wide):.2f} in the median")


if __name__ == "__main__":
    main()
