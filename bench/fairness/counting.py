"""How long counting takes, and bounds for all groups: 10 million rows, 60 groups, every rate of a confusion matrix.

Corpus: rows drawn here by DuckDB with a fixed seed (6 races, 2 sexes, 5 regions; labels at .4; decisions right for 80 %),
written as Parquet with texts for groups. Rival: fairlearn's MetricFrame with selection rate, false positive rate, false
negative rate, accuracy and precision, on the first rows, because at 10 million it needs minutes and gigabytes.

    python bench/fairness/counting.py [--rows 10000000] [--rival-rows 100000]

Each part runs in a process of its own; CPU seconds of user and system with the interpreter and all imports, and the peak
of resident memory. Machine and load belong beside the numbers.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

POLICY = """\
decision: {table: rows.parquet, label: y, decision: d}
protected: {race: race, sex: sex, region: region}
require:
  - {id: all, metric: [selection_rate, tpr, fpr, tnr, fnr, ppv, npv, fdr, for, accuracy, error_rate],
     over: race*sex*region, at_most: 0.05}
"""


def make(folder: Path, rows: int) -> None:
    """Write the table."""
    import duckdb

    (folder / "fairness.yaml").write_text(POLICY)
    with duckdb.connect() as database:
        database.sql("set threads = 1")
        database.sql(
            "copy (select 'race' || (h % 6) as race, 'sex' || (h // 6 % 2) as sex, 'region' || (h // 12 % 5) as region, "  # noqa: S608 - a number and a folder of our own
            "cast(h // 60 % 1000 < 400 as int) as y, cast((h // 60 % 1000 < 400) = (h // 60000 % 1000 < 800) as int) as d "
            f"from (select hash(i + 20261122) as h from range({rows}) t(i))) to '{folder / 'rows.parquet'}' (format parquet)"
        )


def ours(folder: Path, runs: int) -> dict[str, object]:
    """Count, bound every gap, and draw replicates if asked."""
    from probatum.fairness.artefacts import read
    from probatum.fairness.artefacts.requirements.group import GroupRequirement, family
    from probatum.fairness.model.gaps import judge
    from probatum.fairness.semantics.decisions import count
    from probatum.fairness.semantics.metrics import RATES
    from probatum.fairness.semantics.relation import opened
    from probatum.fairness.semantics.samples import strata
    from probatum.source import Data, Source

    [policy] = read(Source("fairness.yaml", (folder / "fairness.yaml").read_bytes()), {})
    [required] = policy.of_kind(GroupRequirement)
    found: dict[str, object] = {}
    with opened(Data("rows.parquet", b"", place=str(folder / "rows.parquet"))) as relation:
        cube = count(policy, relation).cube
        found["after counting"] = round(cpu(), 2)
        for metric in required.metrics:
            parts = strata(policy, relation, cube, RATES[metric], over=required.over[0])
            gap = judge(parts, required.compare, required.bound, alpha=policy.alpha, family=family(required))
            found[metric] = f"{gap.verdict.value}: {gap.low:.4f} to {gap.high:.4f}"
        found["after bounds"] = round(cpu(), 2)
    if runs:
        from probatum.fairness.model.replicates import replicates

        drawn = replicates(cube, required.over[0], [RATES[m] for m in required.metrics], runs=runs, seed=1)
        found["replicates"] = {name: list(values.shape) for name, values in drawn.items()}["fpr"]
        found["after replicates"] = round(cpu(), 2)
    return found


def rival(folder: Path, rows: int) -> dict[str, object]:
    """Compute five metrics of each group with fairlearn."""
    import pandas as pd
    from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
    from sklearn.metrics import accuracy_score, precision_score

    table = pd.read_parquet(folder / "rows.parquet").head(rows)
    frame = MetricFrame(
        metrics={
            "selection_rate": selection_rate,
            "fpr": false_positive_rate,
            "fnr": false_negative_rate,
            "accuracy": accuracy_score,
            "precision": precision_score,
        },
        y_true=table["y"],
        y_pred=table["d"],
        sensitive_features=table[["race", "sex", "region"]],
    )
    return {"rows": rows, "fpr difference": float(frame.difference()["fpr"])}


def cpu() -> float:
    """Return CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Make the table, and run each part in its own process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rival-rows", type=int, default=100_000)
    parser.add_argument("--part", choices=["ours", "replicates", "rival"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.part:
        begun = time.perf_counter()
        match options.part:
            case "ours":
                found = ours(options.folder, 0)
            case "replicates":
                found = ours(options.folder, 1_000)
            case _:
                found = rival(options.folder, options.rival_rows)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            json.dumps(
                {
                    "part": options.part,
                    "cpu_s": round(cpu(), 2),
                    "wall_s": round(time.perf_counter() - begun, 2),
                    "peak_mib": round(peak),
                }
                | found
            )
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.rows)
        for part in ("ours", "replicates", "rival"):
            subprocess.run(
                [sys.executable, __file__, "--part", part, "--folder", folder, "--rival-rows", str(options.rival_rows)],
                check=True,
            )


if __name__ == "__main__":
    main()
