"""CrossHair's own examples: bugs that are planted, and code that is right; ours and CrossHair in one run.

    python bench/code/crosshair.py CHECKOUT [--tools ours crosshair] [--environments FOLDER] [--show]

CHECKOUT is a checkout of https://github.com/pschanely/CrossHair (measured: commit
9a8e3a6ba, whose `crosshair/examples` hold 8 files with bugs and 9 without, in
three syntaxes). Nothing of it is copied. The oracle for a file with bugs is the
golden `.out` beside it: the lines on which CrossHair reports. CrossHair runs as
its own test of these files runs it, without options (`--report_all` only makes it say what it could not decide).

Ours: a bug is found if a run refutes the function that its line is in; of the code
that is right nothing may be refuted, and the annotated functions are counted by
verdict (also methods of classes with invariants). Each file is a cold start.
Unit: seconds of CPU of the tool and all that it started, MiB of peak memory.
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

import _ours
import _rivals
from _annotated import contracts, positions


def golden(path: Path) -> list[int]:
    """Return the lines on which bugs are planted."""
    out = path.with_suffix(".out")
    return [int(n) for n in re.findall(r":(\d+):", out.read_text(encoding="utf-8"))] if out.exists() else []


def inside(spans: dict[str, tuple[int, int]], line: int) -> str:
    """Return the innermost function around a line, decorators included."""
    around = [(last - first, name) for name, (first, last) in spans.items() if first <= line <= last]
    return min(around)[1] if around else ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare on CrossHair's own examples.")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--tools", nargs="+", choices=("ours", "crosshair"), default=["ours", "crosshair"])
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "probatum-rivals")
    parser.add_argument("--limit", type=float, default=300, help="seconds of wall time for each file")
    parser.add_argument("--show", action="store_true", help="say of each function what was said of it")
    given = parser.parse_args()
    examples = given.checkout.resolve() / "crosshair" / "examples"
    if not examples.is_dir():
        raise SystemExit(
            f"error: `{given.checkout}` is no checkout of pschanely/CrossHair: it has no folder `crosshair/examples`"
        )
    files = [p for p in sorted(examples.glob("*/*/*.py")) if p.stem != "__init__"]
    crosshair = _rivals.CrossHair(given.environments) if "crosshair" in given.tools else None
    spent: Counter = Counter()
    ours: Counter = Counter()
    theirs: Counter = Counter()
    bugs = false_alarms = 0
    for path in files:
        name, lines = path.relative_to(examples).as_posix(), golden(path)
        bugs += len(lines)
        buggy = "bugs_detected" in path.parts
        spans, annotated = positions(path), contracts(path)
        if "ours" in given.tools:
            said = _ours.check(path, limit_s=given.limit)
            spent["ours"] += said.used.cpu_s
            verdicts = {f.subject: f.verdict for f in said.functions}
            by_name = {own: next((v for s, v in verdicts.items() if s == own or s.endswith(f".{own}")), "") for own in annotated}
            refuted = {inside(spans, o.line) for o in said.obligations if o.verdict == "refuted"}
            # What a method inherits stands elsewhere: the outcome of the method says that it breaks it.
            broken = [s for s, verdict in verdicts.items() if verdict == "refuted"]
            refuted |= {name for name in spans if any(s == name or s.endswith(f".{name}") for s in broken)}
            if buggy:
                found = [line for line in lines if inside(spans, line) in refuted]
                ours["found"] += len(found)
                note = f"{len(found)} of {len(lines)} bugs found"
            else:
                false_alarms += len(refuted)
                ours.update(verdict or "silent" for verdict in by_name.values())
                note = ", ".join(f"{n} {v or 'silent'}" for v, n in Counter(by_name.values()).items())
            print(
                f"{name:45s} ours       {note:30s} {said.used.cpu_s:6.2f} s {said.used.mib:5.0f} MiB  {said.problem}", flush=True
            )
            if given.show:
                for outcome in said.verdicts:
                    print(f"      {outcome.line}: {outcome.subject}: {outcome.verdict}: {outcome.message}")
        if crosshair:
            used, answer, errors = crosshair.check(path, limit_s=given.limit)
            spent["crosshair"] += used.cpu_s
            if buggy:
                theirs["found"] += len({line for line, _ in errors} & set(lines))
            else:
                theirs[answer] += 1
            note = f"{len({line for line, _ in errors} & set(lines))} of {len(lines)} bugs found" if buggy else answer
            print(f"{name:45s} crosshair  {note:30s} {used.cpu_s:6.2f} s {used.mib:5.0f} MiB", flush=True)
    if "ours" in given.tools:
        right = {v: n for v, n in ours.items() if v != "found"}
        print(
            f"ours: {ours['found']} of {bugs} bugs, {false_alarms} functions refuted that are right; of those that are right: {right}"
        )
        print(f"   {spent['ours']:.1f} s CPU")
    if crosshair:
        print(
            f"{crosshair.name}: {theirs['found']} of {bugs} bugs; files that are right: { {v: n for v, n in theirs.items() if v != 'found'} }"
        )
        print(f"   {spent['crosshair']:.1f} s CPU")
    return 0 if "ours" not in given.tools or (ours["found"] == bugs and not false_alarms) else 1


if __name__ == "__main__":
    sys.exit(main())
