"""How long the search for slices takes, and whether it finds the one that was planted.

Corpus: made, seed 0: 1,000,000 rows, 15 features, errors of 40 % where `race` is c and `age` above 60,
15 % elsewhere. No rival is run: sliceline, the nearest, was not installed.

    python bench/fairness/slices.py [ROWS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.model.slices.search import search
from probatum.fairness.semantics.relation import opened
from probatum.source import Data, Source

POLICY = b"""\
decision: {table: t.parquet, label: label, decision: decision}
protected: {race: race, sex: sex}
require:
  - {id: worst, kind: slices, depth: 3, metric: error, at_most_excess: 0.05}
"""


def main() -> None:
    """Make the table, search it, and print the time and what was found."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(0)
    columns = {"sex": rng.choice(["f", "m"], rows), "race": rng.choice(list("abcde"), rows), "age": rng.integers(18, 90, rows)}
    columns |= {"income": rng.normal(size=rows), "region": rng.choice(list("NSWE"), rows)}
    columns |= {f"x{n}": rng.integers(0, 6, rows) for n in range(10)}
    wrong = rng.random(rows) < np.where((columns["race"] == "c") & (columns["age"] > 60), 0.4, 0.15)
    label = rng.integers(0, 2, rows)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "t.parquet"
        pd.DataFrame(columns | {"label": label, "decision": np.where(wrong, 1 - label, label)}).to_parquet(place)
        [policy] = read(Source("policy.yaml", POLICY), {})
        [required] = policy.of_kind(SlicesRequirement)
        wall, cpu = time.perf_counter(), time.process_time()
        with opened(Data("t.parquet", b"", place=str(place))) as relation:
            answer = search(policy, required, relation)
        print(f"{time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} CPU-s: {answer.verdict.value}")
        for one in answer.shown:
            print(f"  {one.text}: at least {one.low:.3f}")


if __name__ == "__main__":
    main()
