"""All ordered pairs of the published managed policies: which policy allows nothing that another does not?

    python bench/access_matrix.py [POLICIES.jsonl] [--output FILE] [--jobs N]

Corpus: `access/managed-policies.jsonl` below the directory that the variable
PROBATUM_DATA names (default: `../shared/data` beside this repository), 1,582
policies, 2,501,142 ordered pairs. Unit: seconds of wall clock and of CPU, of
this process and its children, with as many children as there are processors.
The budget is 180 s of wall clock on two processors, with no pair unknown but by
policy variables.

With --output every pair is written, one JSON object a line: `a`, `b` (names),
`contained`, `stage` (`actions`, `patterns`, `search`), and `reason` if unknown.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from pathlib import Path

from probatum.access.semantics import Settings
from probatum.cli.access_files import collect
from probatum.cli.access_matrix import decide_all, summary, write

BUDGET_S = 180


def data() -> Path:
    """Where the corpora are."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    return Path(os.environ.get("PROBATUM_DATA", beside))


def cpu_s() -> float:
    """CPU of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("policies", nargs="?", type=Path, default=data() / "access" / "managed-policies.jsonl")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--jobs", type=int)
    asked = parser.parse_args()
    began, cpu = time.monotonic(), cpu_s()
    collection = collect([asked.policies], None)
    table = decide_all(collection.documents, Settings(), timeout_s=20, jobs=asked.jobs)
    took, used = time.monotonic() - began, cpu_s() - cpu
    told = summary(table, collection)
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    print(f"{told['policies']:,} policies, {told['pairs']:,} ordered pairs, {len(told['unreadable'])} unreadable")
    print(f"{took:.1f} s wall, {used:.1f} s CPU: {'within' if took <= BUDGET_S else 'OVER'} the budget of {BUDGET_S} s")
    print(f"{told['contained']:,} contained, {told['not_contained']:,} not contained, {told['unknown']:,} unknown")
    for stage, pairs in told["by_stage"].items():
        print(f"{pairs:>12,}  decided by {stage}")
    for pair in told["unknown_pairs"]:
        print(f"unknown: {pair['a']} in {pair['b']}: {pair['reason']}")
    if asked.output:
        write(table, asked.output, every=True)


if __name__ == "__main__":
    main()
