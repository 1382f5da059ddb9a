"""Boogie's own test suite: exact verdicts, positions and CPU time, beside Debian's `boogie`.

    python bench/boogie_suite.py CHECKOUT [--list] [--only PATTERN ...] [--kind KIND ...] [--rival] [--show]

CHECKOUT is a checkout of https://github.com/boogie-org/boogie (measured: commit
bb44ad353). Nothing of it is copied. A file counts if it is run as the suite's
runner runs it: a RUN line `%parallel-boogie [options] "%s" > "%t"`, then
`%diff "%s.expect" "%t"`; what the expectation says is the oracle:

- verification: the closing line (verified, errors) and every error line; what
  stands in front of the file's name in the RUN line changes no verdict;
- static: the position of every error line, and the kind and number of the errors
  (four files have call cycles among functions, which Boogie reports without number);
- houdini: the assignment and the closing line (also from CHECK-L lines in the file);
- more: verification files whose RUN line asks for what is printed besides the
  verdict (`-print`, `-printModel`, `-infer`, ...); the closing line is compared;
- left out: the rest, each with the reason.

Files under `civl`, and files of the concurrency layer elsewhere, are left out.

Ours: all files of a kind in one process, with shared workers; its CPU time includes
its children, and so does that of the rival, which runs file by file as it does for
its users. Unit: seconds of CPU, MiB of peak resident memory.
"""

import argparse
import fnmatch
import json
import os
import platform
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

KINDS = ("verification", "static", "houdini", "more", "left out")
# Options that change neither what is asked nor what is printed besides the verdict.
BENIGN = re.compile(
    r"[-/](proverWarnings:1|proverOpt:O:\S+|lib:base|errorTrace:0|errorLimit:\d+|rlimit:\d+|timeLimit:\d+|typeEncoding:[pam])$"
)
# Options that ask for something else than a verdict of a program: their files are not ours to compare.
SPECIAL = {
    "stratifiedInline": "another verification method: stratified inlining",
    "SOLVER=noop": "the solver is switched off",
    "quiet": "nothing but errors is printed",
    "silent": "nothing is printed",
}
CIVL = re.compile(
    r"\{:(linear|layer|yields|yield|atomic)\w*\b|\b(yield|atomic|both|right|left|async) (procedure|action|call)\b|\byield\s*;|\baction\s"
)
POSITION = re.compile(r"^(\S.*?\.bpl)\((\d+),(\d+)\): ([Ee]rror|Warning)( BP\d+)?: ?(.*)$")
CLOSING = re.compile(r"finished with (\d+) verified, (\d+) errors?(.*)$", re.MULTILINE)
STATIC = re.compile(r"^(\d+) (parse|name resolution|type checking) errors detected in", re.MULTILINE)
ASSIGNMENT = re.compile(r"^(\S+) = (True|False)$", re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """What an output says, of a program or of an expectation."""

    verified: int | None
    errors: int | None
    rest: str  # of the closing line: inconclusive, time outs
    lines: tuple[tuple[int, int], ...]  # positions of the errors, in order
    messages: tuple[str, ...]
    static: tuple[int, str] | None
    assignment: tuple[tuple[str, str], ...]
    text: str

    @property
    def counts(self) -> tuple[int, int] | None:
        return None if self.verified is None else (self.verified, self.errors)


def read_output(text: str) -> Said:
    """Take what is compared from what Boogie, or we, have printed."""
    found = [m for m in map(POSITION.match, text.splitlines()) if m and m[4] != "Warning"]
    closing, static = CLOSING.search(text), STATIC.search(text)
    return Said(
        verified=int(closing[1]) if closing else None,
        errors=int(closing[2]) if closing else None,
        rest=closing[3].strip() if closing else "",
        lines=tuple((int(m[2]), int(m[3])) for m in found),
        messages=tuple(m[6].strip() for m in found),
        static=(int(static[1]), static[2]) if static else None,
        assignment=tuple(sorted(ASSIGNMENT.findall(text))),
        text=text,
    )


@dataclass(frozen=True)
class Case:
    """A file of the suite, and what is expected of it."""

    path: Path
    name: str
    kind: str
    reason: str
    options: tuple[str, ...] = ()
    expected: Said | None = field(default=None, compare=False)


def classify(checkout: Path) -> list[Case]:
    """Return every file of the suite outside `civl` that is run at all, in the order of names."""
    root = checkout / "Test"
    if not root.is_dir():
        raise SystemExit(f"error: `{checkout}` is no checkout of boogie-org/boogie: it has no directory `Test`")
    return [
        case for path in sorted(root.rglob("*.bpl")) if "civl" not in path.relative_to(root).parts for case in _case(root, path)
    ]


def _case(root: Path, path: Path) -> list[Case]:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    runs = [m[1].strip() for m in re.finditer(r"^\s*//\s*RUN:(.*)$", text, re.MULTILINE)]
    if not runs:
        return []  # an input of other tests
    first = re.fullmatch(r'%(?:parallel-)?boogie\s+(.*?)"%s"\s*(.*?)\s*(>\s*"%t"|\|\s*%OutputCheck -d "%s")', runs[0])
    if first is None:
        return [Case(path, name, "left out", f"not run as a file alone: `{runs[0]}`")]
    before, after = ([_plain(o, path) for o in shlex.split(part)] for part in (first[1], first[2]))
    options = (*before, *after)
    if first[3].startswith("|"):
        checks = [m[1] for m in re.finditer(r"^\s*//\s*CHECK(?:-NEXT)?-L:\s*(.*?)\s*$", text, re.MULTILINE)]
        expectation = "\n".join(checks)
        if "Assignment computed" not in expectation:
            return [Case(path, name, "left out", "compared with patterns in the file", options)]
    elif len(runs) == 2 and (diff := re.fullmatch(r'%diff "?([^" ]+)"? "%t"', runs[1])):
        expect = path.with_name(diff[1].replace("%s", path.name))
        if expect.name != f"{path.name}.expect":
            return [Case(path, name, "left out", f"compared with `{expect.name}`, which has no verdict of its own", options)]
        expectation = expect.read_text(encoding="utf-8-sig", errors="replace")
    else:
        return [Case(path, name, "left out", "not compared with one expectation", options)]
    said = read_output(expectation)
    words = {re.split(r"[:=]", o.lstrip("-/"))[0] for o in options}
    for special, reason in SPECIAL.items():
        if any(special in o for o in options):
            return [Case(path, name, "left out", reason, options, said)]
    if CIVL.search(re.sub(r"//.*", "", text)):
        return [Case(path, name, "left out", "uses the concurrency layer", options, said)]
    if said.static:
        kind, reason = ("left out", "optimization is not part of the language") if "optimization/" in name else ("static", "")
        return [Case(path, name, kind, reason, options, said)]
    if said.verified is None and said.lines:
        return [Case(path, name, "static", "no closing line", options, said)]
    if said.verified is None:
        return [Case(path, name, "more", "no closing line: a failure after the type checker", options, said)]
    if "contractInfer" in words:
        return [Case(path, name, "houdini", "", options, said)]
    if "noVerify" in words or not all(BENIGN.match(o) for o in before):
        return [Case(path, name, "more", "the RUN line asks for more than a verdict", options, said)]
    return [Case(path, name, "verification", "", options, said)]


def _plain(word: str, path: Path) -> str:
    """Return a word of a RUN line: another file becomes a path, a file that is written one in the working directory."""
    return str(path.with_name(word)) if word.endswith(".bpl") else word.replace("%t", "out").replace("%T", ".")


# Ours, in one process


def run_ours(cases: list[Case], jobs: int) -> dict[str, object]:
    """Run all cases in one new process; return its outputs by name, its CPU time and its memory."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "asked.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps([[c.name, str(c.path), list(c.options)] for c in cases]), encoding="utf-8")
        began = time.perf_counter()
        done = subprocess.run([sys.executable, __file__, "--inner", str(asked), str(answer), str(jobs)], check=False, cwd=folder)
        if done.returncode != 0:
            raise SystemExit(f"error: our own run ended with status {done.returncode}")
        result: dict[str, object] = json.loads(answer.read_text(encoding="utf-8"))
    result["wall_s"] = time.perf_counter() - began
    return result


def inner(asked: Path, answer: Path, jobs: int) -> int:
    """Verify what is asked; the body of the one process that is measured."""
    from probatum.cli import boogie, boogie_options, boogie_output
    from probatum.errors import UsageError

    outputs, requests = {}, []
    for name, path, words in json.loads(asked.read_text(encoding="utf-8")):
        options, files = boogie_options.separate(["-useBaseNameForFileName", *words])
        settings = boogie_options.Settings()
        try:
            boogie_options.apply(options, settings)
        except UsageError as error:
            outputs[name] = {"text": f"refused: {error.message}", "seconds": 0.0}
            continue
        requests.append((name, boogie.Request((path, *files), settings)))
    with boogie.Session(jobs=jobs) as session:
        for (name, request), one in zip(requests, session.answers([r for _, r in requests]), strict=True):
            outputs[name] = {"text": boogie_output.text(one, request.settings) or one.problem, "seconds": one.seconds}
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "outputs": outputs,
        "cpu_s": own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime,
        "parent_cpu_s": own.ru_utime + own.ru_stime,
        "parent_mib": own.ru_maxrss / 1024,
        "worker_mib": children.ru_maxrss / 1024,
    }
    answer.write_text(json.dumps(result), encoding="utf-8")
    return 0


# The rival, file by file


def run_rival(cases: list[Case], program: str) -> dict[str, object]:
    """Run the rival once per case; return its outputs and the CPU time of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    outputs = {}
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            start = time.perf_counter()
            command = [program, "-useBaseNameForFileName", "-timeLimit:30", *case.options, str(case.path)]
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, errors="replace", timeout=150, check=False, cwd=folder
                )
                text = done.stdout + done.stderr
            except subprocess.TimeoutExpired:
                text = ""
            outputs[case.name] = {"text": text, "seconds": time.perf_counter() - start}
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"outputs": outputs, "cpu_s": cpu, "wall_s": time.perf_counter() - began}


# Comparison


def difference(case: Case, got: Said) -> str:
    """Return "" if the output says exactly what is expected, else what differs."""
    want = case.expected
    if case.kind == "static":
        if got.verified is not None or got.static != want.static:
            return f"expected {want.static}, got {got.static or got.counts}"
        return "" if sorted(got.lines) == sorted(want.lines) else _lines(want, got)
    if want.verified is None:
        ours = [line.strip() for line in got.text.splitlines() if line.strip()]
        theirs = [line.strip() for line in want.text.splitlines() if line.strip()]
        return "" if ours == theirs else f"expected {theirs[:2]}, got {ours[:2]}"
    if (got.counts, got.rest) != (want.counts, want.rest):
        return f"expected {want.counts}{want.rest}, got {got.counts or got.static or 'no verdict'}{got.rest}"
    if case.kind == "houdini" and got.assignment != want.assignment:
        return f"assignment: {sorted(set(got.assignment) ^ set(want.assignment))[:4]} ..."
    if case.kind == "more" and any("print" in o or "rack" in o for o in case.options):
        return ""
    return "" if sorted(got.lines) == sorted(want.lines) else _lines(want, got)


def _lines(want: Said, got: Said) -> str:
    missing = sorted((Counter(want.lines) - Counter(got.lines)).elements())
    excess = sorted((Counter(got.lines) - Counter(want.lines)).elements())
    return f"positions missing {missing[:6]}, in excess {excess[:6]}"


def _comparable(text: str) -> str:
    """Return an output without blanks, and without the source lines that ours shows with static errors."""
    return "".join("".join(line.split()) for line in text.splitlines() if not re.match(r" *\d* \| ", line))


def unsound(case: Case, got: Said) -> bool:
    """Whether fewer errors are reported than expected, with more verified: never to happen."""
    want = case.expected
    if got.verified is None:
        return False
    if want.verified is None:  # a static error, or a failure before any proof
        return got.verified > 0 and want.static is not None
    nothing_found = got.errors == 0 and not got.rest
    return got.verified > want.verified or (want.errors > 0 and nothing_found and got.verified > 0)


def table(cases: list[Case], result: dict[str, object], title: str, *, show: bool, listing: bool) -> int:
    """Print how a run compares; return the number of files said verified in error."""
    outputs = result["outputs"]
    exact, counts, whole, wrong, fewer, differing = Counter(), Counter(), Counter(), [], [], []
    for case in cases:
        got = read_output(outputs[case.name]["text"])
        what = difference(case, got)
        exact[case.kind] += not what
        counts[case.kind] += got.counts == case.expected.counts and got.static == case.expected.static
        whole[case.kind] += _comparable(got.text) == _comparable(case.expected.text)
        if what:
            differing.append((case, what, got))
        if unsound(case, got):
            wrong.append(case.name)
        elif got.errors is not None and got.errors < (case.expected.errors or 0):
            fewer.append(case.name)
    total = Counter(c.kind for c in cases)
    print(f"\n{title}")
    print(f"  {'':14} {'files':>6} {'exact':>6} {'counts':>7} {'whole output':>13}")
    for kind in KINDS:
        if total[kind]:
            print(f"  {kind:14} {total[kind]:6} {exact[kind]:6} {counts[kind]:7} {whole[kind]:13}")
    slowest = sorted(cases, key=lambda c: -outputs[c.name]["seconds"])[:5]
    print(f"  CPU {result['cpu_s']:.1f} s, wall {result['wall_s']:.1f} s", end="")
    if "parent_mib" in result:
        print(
            f"; parent {result['parent_cpu_s']:.1f} s, {result['parent_mib']:.0f} MiB; largest worker {result['worker_mib']:.0f} MiB",
            end="",
        )
    print("\n  slowest: " + ", ".join(f"{c.name} {outputs[c.name]['seconds']:.1f} s" for c in slowest))
    if listing:
        for case, what, got in differing:
            print(f"  differs: {case.kind:12} {case.name} {' '.join(case.options)}\n           {what}")
            if show:
                print("           | " + "\n           | ".join(got.text.splitlines()[:40]))
    if fewer and listing:
        print(f"  fewer errors than expected, to be looked at one by one: {', '.join(fewer)}")
    if wrong and listing:
        print("\n" + "!" * 100)
        print(f"UNSOUND: {len(wrong)} files verify more than they may: {', '.join(wrong)}")
        print("!" * 100)
    elif listing:
        print("  files said verified where an error is expected: 0")
    return len(wrong)


def main() -> int:
    if sys.argv[1:2] == ["--inner"]:
        return inner(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    parser = argparse.ArgumentParser(description="Run Boogie's own suite.")
    parser.add_argument("checkout", type=Path, help="a checkout of boogie-org/boogie")
    parser.add_argument("--list", action="store_true", help="only say which files there are, and of which kind")
    parser.add_argument("--json", action="store_true", help="with --list: as JSON, with paths, options and expectations")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="files below Test, as `test2/*`")
    parser.add_argument("--kind", action="append", default=[], choices=KINDS)
    parser.add_argument("--rival", nargs="?", const="boogie", metavar="PROGRAM", help="run this program too, file by file")
    parser.add_argument("--no-ours", action="store_true")
    parser.add_argument("--show", action="store_true", help="print our output for what differs")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    cases = classify(given.checkout.resolve())
    if given.only:
        cases = [c for c in cases if any(fnmatch.fnmatch(c.name, p) for p in given.only)]
    if given.kind:
        cases = [c for c in cases if c.kind in given.kind]
    if given.list:
        listing(cases, as_json=given.json)
        return 0
    cases = [c for c in cases if c.kind != "left out"]
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; {len(cases)} files")
    wrong = 0
    for kind in KINDS:
        chosen = [c for c in cases if c.kind == kind]
        if chosen and not given.no_ours:
            wrong += table(chosen, run_ours(chosen, given.jobs), f"probatum: {kind}", show=given.show, listing=True)
        if chosen and given.rival:
            table(chosen, run_rival(chosen, given.rival), f"{given.rival}: {kind}", show=False, listing=given.no_ours)
    return 1 if wrong else 0


def listing(cases: list[Case], *, as_json: bool) -> None:
    """Print the cases."""
    if as_json:
        keys = ("verified", "errors", "lines", "messages", "static", "assignment")
        rows = [
            {"path": str(c.path), "name": c.name, "kind": c.kind, "reason": c.reason, "options": c.options}
            | {k: getattr(c.expected, k) for k in keys if c.expected}
            for c in cases
        ]
        print(json.dumps(rows, indent=1))
        return
    for case in cases:
        want = case.expected
        verdict = (want.counts or want.static or "") if want else ""
        print(f"{case.kind:12}  {case.name:56} {verdict!s:28} {' '.join(case.options)} {case.reason}")
    print(", ".join(f"{count} {kind}" for kind, count in Counter(c.kind for c in cases).items()))


if __name__ == "__main__":
    sys.exit(main())
