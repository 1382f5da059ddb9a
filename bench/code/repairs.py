"""How many refuted functions of a project are repaired by one small edit, what is said to be their cause, and what that costs.

    python bench/code/repairs.py [PROJECT]      (default: examples/framing, whose `bugs` are seeded)

A repair counts only if `probatum repair` gives it out: all obligations that it touches are proved, and no finding is new.
CPU seconds are those of this process and of what it started; a check of the project comes first, and is not counted.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from probatum.engine import check
from probatum.engine.options import CheckOptions
from probatum.engine.repairs import repair

ROOT = Path(__file__).resolve().parents[2]


def cpu_s() -> float:
    """Return processor seconds so far, with those of children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> int:
    """Print a line for each finding."""
    project = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "framing"
    options = CheckOptions(select=("code/function",))
    findings = check(project, options).findings
    repaired, spent = 0, []
    for finding in findings:
        before, began = cpu_s(), time.monotonic()
        found = repair(project, options, [finding.fingerprint], write=False)
        spent.append(cpu_s() - before)
        repaired += bool(found.repaired)
        said = found.repaired[0].repair.title if found.repaired else found.failed[0][1]
        place = f"{finding.location.path}:{finding.location.line}"
        print(
            f"{place:36s} {spent[-1]:6.1f} s CPU {time.monotonic() - began:6.1f} s  because {finding.cause}\n    {said}",
            flush=True,
        )
    middle = sorted(spent)[len(spent) // 2] if spent else 0.0
    print(f"{repaired} of {len(findings)} repaired; median {middle:.1f} s CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())
