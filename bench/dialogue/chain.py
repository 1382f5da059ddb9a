"""How long a chain of requests takes to solve, for all sources and for each of some.

Corpus: made, seed 0: states whose popularity falls as 1 / rank^0.8, each followed by five others drawn by popularity
(near in rank half of the time, as rephrases are), walks that end after two to three requests. Users of a step are
distributed by Pareto's law with exponent 1; then evenly from 3 to 59, which spreads walks as wide as five steps allow. No rival is run: what is
compared is the accuracy, against a direct sparse solution on a chain of 2,000 states.

    OMP_NUM_THREADS=1 python bench/dialogue/chain.py [STATES] [SOURCES]
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy.sparse import identity
from scipy.sparse.linalg import splu

from probatum.dialogue.model.chain import Chain, build, solve
from probatum.dialogue.model.push import best, reach
from probatum.dialogue.semantics.edges import States, Steps


def made(n: int, seed: int = 0, degree: int = 5, *, even: bool = False) -> Chain:
    """Return a chain of n states."""
    rng = np.random.default_rng(seed)
    popular = np.cumsum(np.arange(1, n + 1) ** -0.8)
    source = np.repeat(np.arange(n), degree)
    far = np.searchsorted(popular, rng.random(n * degree) * popular[-1])
    near = np.clip(source + rng.integers(-50, 51, n * degree), 0, n - 1)
    target = np.where(rng.random(n * degree) < 0.5, far, near)
    pairs = np.unique(np.stack([source, target])[:, source != target], axis=1)
    users = rng.integers(3, 60, pairs.shape[1]) if even else (3 * (1 + rng.pareto(1.0, pairs.shape[1]))).astype(np.int64)
    steps = Steps(
        pairs[0].astype(np.uint64),
        pairs[1].astype(np.uint64),
        users,
        users,
        users * rng.uniform(0.3, 1, len(users)),
        users,
        users,
    )
    out = np.bincount(pairs[0], steps.weight, n)
    ends = out * rng.uniform(0.3, 1.5, n)
    good = rng.random(n)
    whole = np.full(n, 10, dtype=np.int64)
    states = States(np.arange(n, dtype=np.uint64), whole, whole, whole, whole, ends * good, ends * (1 - good), good * 10, whole)
    return build(states, steps)


def measure(chain: Chain, many: int, title: str) -> None:
    """Print what the chain takes."""
    n = len(chain)
    times = []
    for _ in range(5):
        begun = time.process_time()
        found = solve(chain)
        times.append(time.process_time() - begun)
    cost = f"{min(times):.3f} to {max(times):.3f} CPU-s"
    print(f"{title}: {n:,} states, {chain.following.nnz:,} steps: h and turns in {cost}, error {found.error:.1g}")
    sources = np.random.default_rng(1).choice(n, many, replace=False)
    begun = time.process_time()
    groups = list(best(chain, sources))
    took = time.process_time() - begun
    aside = np.concatenate([one.aside for one in groups])
    spread = np.diff(reach(chain, sources[:2000]).visits.indptr)
    print(
        f"  {many:,} sources: {took:.2f} CPU-s, {took / many * 1e6:.0f} s for a million by proportion; "
        f"states reached {np.median(spread):.0f} (p99 {np.percentile(spread, 99):.0f}); "
        f"mass set aside {aside.mean():.4f} (most {aside.max():.4f})"
    )


def main() -> None:
    """Print CPU-seconds and errors."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    for even in (False, True):
        measure(made(n, even=even), many, "even weights" if even else "weights by Pareto's law")
    small = made(2000)
    inverse = splu(identity(2000, format="csc") - small.following.tocsc()).solve(np.eye(2000)) * small.success
    ours = reach(small, np.arange(2000))
    lacking = inverse - ours.success.toarray()
    print(
        f"against a direct solution, 2,000 states: lacks {lacking.min():.1g} to {lacking.max():.1g}, promised {ours.aside.max():.1g}"
    )


if __name__ == "__main__":
    main()
