"""Five small programs, and each with one mistake: ours, Nagini and CrossHair in one run.

    python bench/code/programs.py [--tools ours nagini crosshair] [--only NAME ...] [--environments FOLDER] [--write FOLDER]

`programs/native`, `programs/nagini` and `programs/icontract` hold the same five
programs, with contracts in three syntaxes: for us, for Nagini and for CrossHair.
The twin of a program differs in one edit (`TWINS`), the same in all three; that
of `gcd` computes no wrong value, it does not end.

Every program is a file, and every answer a cold start of the tool. Unit: seconds
of CPU of the tool and all that it started, and MiB of peak resident memory of its
largest process. Ours also without what every start costs (a check of a function
that returns its argument, and promises that). CrossHair gets `--seconds` for each
condition, as it is used. `--write` leaves all files in a folder and runs nothing.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import _ours
import _rivals

HERE = Path(__file__).resolve().parent
# The mistake of each twin: what stands in the program exactly once, and what stands there in the twin.
TWINS = {
    "gcd": ("x % y", "x - y"),  # never ends, for most arguments
    "maximum": ("while i < len(xs):", "while i < len(xs) - 1:"),  # the last item is not looked at
    "search": ("high = middle\n", "high = middle - 1\n"),  # an item is skipped
    "sorting": ("while j > 0 and", "while j > 1 and"),  # the first item stays where it is
    "packets": ("    at = 0\n", "    at = 1\n"),  # the first byte is lost
}
SYNTAXES = {"ours": "native", "nagini": "nagini", "crosshair": "icontract"}


@dataclass(frozen=True)
class Row:
    program: str
    twin: bool
    tool: str
    answer: str
    good: bool  # it is the answer that the file deserves
    cpu_s: float
    wall_s: float
    mib: float
    detail: str


def texts(syntax: str) -> dict[tuple[str, bool], str]:
    """Return the text of every program and twin in a syntax."""
    found = {}
    for name, (right, wrong) in TWINS.items():
        text = (HERE / "programs" / syntax / f"{name}.py").read_text(encoding="utf-8")
        if text.count(right) != 1:
            raise SystemExit(
                f"error: `{right}` stands {text.count(right)} times in {syntax}/{name}.py, and the twin needs it once"
            )
        found[name, False], found[name, True] = text, text.replace(right, wrong)
    return found


def write(folder: Path, syntax: str) -> dict[tuple[str, bool], Path]:
    """Write programs and twins, each under a name that is a module's."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for (name, twin), text in texts(syntax).items():
        path = folder / f"{name}{'_twin' if twin else ''}.py"
        path.write_text(text, encoding="utf-8")
        paths[name, twin] = path
    return paths


def by_ours(name: str, twin: bool, path: Path, base_cpu_s: float) -> Row:
    done = _ours.check(path)
    verdicts = {f.subject.rpartition(":")[2]: f.verdict for f in done.functions}
    if done.problem:
        answer = done.problem
    elif "refuted" in verdicts.values() or any(o.verdict == "refuted" for o in done.obligations):
        answer = "refuted"
    elif verdicts and set(verdicts.values()) == {"proved"}:
        answer = "proved"
    else:
        answer = ", ".join(f"{v} {k}" for k, v in verdicts.items() if v != "proved") or "nothing said"
    found = [f"{o.line}: {o.message}" for o in done.obligations if o.verdict != "proved"]
    over = max(0.0, done.used.cpu_s - base_cpu_s)
    detail = f"{over:.2f} s after start-up, {len(verdicts)} functions; " + "; ".join(found)
    good = answer == ("refuted" if twin else "proved")
    return Row(name, twin, "ours", answer, good, done.used.cpu_s, done.used.wall_s, done.used.mib, detail)


def by_nagini(nagini: _rivals.Nagini, name: str, twin: bool, path: Path, limit_s: float) -> Row:
    used, answer, lines = nagini.verify(path, limit_s=limit_s)
    good = answer == ("not proved" if twin else "proved")
    detail = f"errors at lines {lines}" if lines else (used.output + used.error).strip()[-200:].replace("\n", " | ")
    return Row(name, twin, nagini.name, answer, good, used.cpu_s, used.wall_s, used.mib, detail if answer != "proved" else "")


def by_crosshair(crosshair: _rivals.CrossHair, name: str, twin: bool, path: Path, *, seconds: float, limit_s: float) -> Row:
    used, answer, errors = crosshair.check(
        path, limit_s=limit_s, options=("--analysis_kind=icontract", f"--per_condition_timeout={seconds}")
    )
    good = answer == ("bug found" if twin else "confirmed")
    detail = "; ".join(f"{line}: {message}" for line, message in errors)
    return Row(name, twin, crosshair.name, answer, good, used.cpu_s, used.wall_s, used.mib, detail)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare ours, Nagini and CrossHair on five programs.")
    parser.add_argument("--tools", nargs="+", choices=list(SYNTAXES), default=list(SYNTAXES))
    parser.add_argument("--only", nargs="+", choices=list(TWINS), default=list(TWINS))
    parser.add_argument("--environments", type=Path, default=Path(tempfile.gettempdir()) / "probatum-rivals")
    parser.add_argument("--seconds", type=float, default=30, help="what CrossHair gets for each condition")
    parser.add_argument("--limit", type=float, default=600, help="seconds of wall time for each answer")
    parser.add_argument("--json", type=Path, help="write the rows there, too")
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    if given.write:
        for syntax in SYNTAXES.values():
            write(given.write / syntax, syntax)
        return 0
    rows: list[Row] = []

    def show(row: Row) -> None:
        rows.append(row)
        title = f"{row.program}{', twin' if row.twin else ''}"
        mark = "" if row.good else "  <-"
        print(
            f"{title:15s} {row.tool:23s} {row.answer:14s} {row.cpu_s:7.2f} s  {row.wall_s:7.1f} s wall  {row.mib:5.0f} MiB{mark}  {row.detail}",
            flush=True,
        )
        if given.json:
            given.json.write_text(json.dumps([asdict(r) for r in rows], indent=1), encoding="utf-8")

    with tempfile.TemporaryDirectory() as scratch:
        paths = {tool: write(Path(scratch) / syntax, syntax) for tool, syntax in SYNTAXES.items() if tool in given.tools}
        base = _ours.start_up().cpu_s if "ours" in given.tools else 0.0
        if base:
            print(f"ours, start-up: {base:.2f} s")
        nagini = _rivals.Nagini(given.environments) if "nagini" in given.tools else None
        crosshair = _rivals.CrossHair(given.environments) if "crosshair" in given.tools else None
        for key in ((name, twin) for name in given.only for twin in (False, True)):
            if "ours" in given.tools:
                show(by_ours(*key, paths["ours"][key], base))
            if crosshair:
                show(by_crosshair(crosshair, *key, paths["crosshair"][key], seconds=given.seconds, limit_s=4 * given.seconds))
            if nagini:
                show(by_nagini(nagini, *key, paths["nagini"][key], given.limit))
    for tool in dict.fromkeys(r.tool for r in rows):
        own = [r for r in rows if r.tool == tool]
        right = [sum(r.good for r in own if r.twin is twin) for twin in (False, True)]
        print(
            f"{tool}: {right[0]} of {len(given.only)} proved, {right[1]} of {len(given.only)} twins exposed; {sum(r.cpu_s for r in own):.1f} s CPU"
        )
    return 0 if all(r.good for r in rows if r.tool == "ours") else 1


if __name__ == "__main__":
    sys.exit(main())
