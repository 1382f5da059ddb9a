"""How fast and how large is the search of a million references, and what does it miss?

References: vectors of 128 dimensions around 20,000 centres, by seed; queries are others around the same centres. Truth: the exact search.

    python bench/inspection/search.py [--references 1000000] [--noise 0.07]

CPU milliseconds on one core of a query at a time; megabytes of the index as it would be written.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from probatum.inspection.semantics.search import EXACT, Parted, search

SEED = 20261122
WIDTH = 128
QUERIES = 200
CENTRES = 20_000


def around(centres: np.ndarray, n: int, noise: float, random: np.random.Generator) -> np.ndarray:
    found = np.empty((n, WIDTH), dtype=np.float32)
    for at in range(0, n, 50_000):
        part = found[at : at + 50_000]
        part[:] = centres[random.integers(0, len(centres), size=len(part))]
        part += noise * random.standard_normal(size=part.shape, dtype=np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return found


def milliseconds(made: object, queries: np.ndarray) -> tuple[float, np.ndarray]:
    started = time.process_time()
    where = np.concatenate([made.nearest(queries[at : at + 1], 1)[1] for at in range(len(queries))])  # type: ignore[attr-defined] # either
    return 1e3 * (time.process_time() - started) / len(queries), where[:, 0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--references", type=int, default=1_000_000)
    parser.add_argument(
        "--noise", type=float, default=0.07, help="standard deviation of each coordinate around a centre of length one"
    )
    told = parser.parse_args()
    import faiss

    faiss.omp_set_num_threads(1)
    random = np.random.default_rng(SEED)
    centres = random.standard_normal(size=(CENTRES, WIDTH), dtype=np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    references, queries = around(centres, told.references, told.noise, random), around(centres, QUERIES, told.noise, random)

    few, _ = milliseconds(search(references[:EXACT]), queries[:20])
    print(f"exact, {min(EXACT, told.references):,}: {few:.2f} ms a query, {references[:EXACT].nbytes / 1e6:.0f} MB")
    everything = search(references, exact_up_to=told.references)
    slow, _ = milliseconds(everything, queries[:5])
    best, wanted = everything.nearest(queries, 1)
    print(
        f"exact, {told.references:,}: {slow:.1f} ms a query, {references.nbytes / 1e6:.0f} MB; the nearest has a cosine of {best.mean():.2f}"
    )
    started = time.process_time()
    made = search(references)
    assert isinstance(made, Parted), "as many references as this are searched exactly"  # noqa: S101 - says what to ask for
    built = time.process_time() - started
    fast, where = milliseconds(made, queries)
    found = np.mean(where == wanted[:, 0])
    print(
        f"in parts, {told.references:,}: {fast:.2f} ms a query, {made.size / 1e6:.0f} MB, made in {built:.0f} CPU-s, nearest found {found:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
