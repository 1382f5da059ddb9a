"""Programs with small defects planted in them, through ours and through Debian's `boogie`, body by body.

    python bench/boogie_differential.py CHECKOUT [--programs N] [--seed S] [--keep DIR] [--only PATTERN ...]
    python bench/boogie_differential.py FILE.bpl ...

CHECKOUT is a checkout of https://github.com/boogie-org/boogie (measured: commit
bb44ad353). Its verification files that the rival reads, and that both judge alike,
are changed: an operator for another, a number by one, a clause or assumption left out, a
truth value turned, a negation. One program has up to three such changes in different lines.
Named files are compared as they are.

Both see the program with the options of its RUN line; the rival, an older version, would
infer intervals by default, and is told not to. For each body the verdict is
compared (verified, errors, neither), and where both report errors, their lines.
Listed: where we verify and the rival reports an error (`VERIFIES MORE`: each is to be
explained: a proof that the rival's triggers do not find is no defect), where we do not verify what it verifies, and where the lines differ. Exit
status 1 if there is one of the first kind, or a program on which we end with an exception.
"""

import argparse
import fnmatch
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from boogie_suite import classify

LIMIT = 10  # seconds for a body of either side, by the clock

SWAPS = {
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
    "+": ("-",),
    "-": ("+",),
    "&&": ("||",),
    "||": ("&&",),
    "==>": ("<==>", "&&"),
    "<==>": ("==>",),
    "true": ("false",),
    "false": ("true",),
    "forall": ("exists",),
    "exists": ("forall",),
    "old": ("",),
}
TOKEN = re.compile(
    r"(?P<skip>//[^\n]*|/\*.*?\*/|\{\s*:[^{}]*\}|\"[^\"\n]*\"|[A-Za-z_$#'~^.?`][\w$#'~^.?`]*|\d+bv\d+|\d+\.[\d.e]+|0x\S+)"
    r"|(?P<number>\d+)"
    r"|(?P<symbol><==>|==>|<==|<=|>=|==|!=|&&|\|\||::|:=|\+\+|->|[-+<>])",
    re.DOTALL,
)
CLAUSE = re.compile(
    r"^[ \t]*(?:free )?\s*(assume|invariant|requires|ensures|havoc|assert)\b[^;{}]*;", re.MULTILINE
)  # on a line of its own, without a quantifier's trigger


def mutations(text: str) -> list[tuple[int, int, str]]:
    """Return what may be changed in a text: from, to, and what stands there instead."""
    found = []
    for match in TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup == "number":
            found += [(match.start(), match.end(), str(int(token) + 1))]
            found += [(match.start(), match.end(), str(int(token) - 1))] if int(token) else []
        elif token in SWAPS:
            found += [(match.start(), match.end(), new) for new in SWAPS[token]]
    for match in CLAUSE.finditer(text):
        # As many lines as before, so that positions can be compared.
        found.append((match.start(), match.end(), "\n" * match.group().count("\n")))
        keyword = match[1]
        if keyword in ("assume", "invariant", "requires", "ensures", "assert") and "{" not in match.group():
            inside = text.index(keyword, match.start()) + len(keyword)
            found.append((inside, match.end() - 1, f" !({text[inside : match.end() - 1].strip()})"))
    return found


def mutants(text: str, choices: random.Random) -> Iterator[tuple[str, int]]:
    """Yield changed texts without end, each with the number of its changes; nothing if there is nothing to change."""
    possible = mutations(text)
    while possible:
        chosen: list[tuple[int, int, str]] = []
        for start, end, new in choices.sample(possible, min(len(possible), choices.choice((1, 2, 3)))):
            if all(end <= s or e <= start for s, e, _ in chosen):
                chosen.append((start, end, new))
        changed = text
        for start, end, new in sorted(chosen, reverse=True):
            changed = changed[:start] + new + changed[end:]
        yield changed, len(chosen)


@dataclass(slots=True)
class Judged:
    """What one side says of a program: why it did not verify, or its bodies with the lines of their errors."""

    refused: str = ""
    bodies: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    text: str = ""

    def add(self, name: str, verdict: str, lines: list[int]) -> None:
        while name in self.bodies:  # several implementations of one procedure
            name += "'"
        self.bodies[name] = verdict, sorted(lines)


def rival(program: str, path: Path, options: tuple[str, ...]) -> Judged:
    """Let the rival judge a program."""
    command = [program, "-trace", "-noinfer", f"-timeLimit:{LIMIT}", *options, str(path)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=120, check=False, cwd=path.parent
        )
    except subprocess.TimeoutExpired:
        return Judged("no answer in 120 s")
    text = done.stdout + done.stderr
    if "finished with" not in text or "Prover error: line" in _proper(text):
        return Judged(_proper(text).strip().splitlines()[-1] if text.strip() else "nothing said", text=text)
    result = Judged(text=text)
    for name, said in re.findall(r"^Verifying (\S+) \.\.\.$(.*?)(?=^Verifying |\Z)", text, re.MULTILINE | re.DOTALL):
        verdict = re.search(r"\[\S+ s, \d+ proof obligations?\]  (\w+)", said)
        lines = [int(n) for n in re.findall(r"^\S.*?\.bpl\((\d+),\d+\): Error", said, re.MULTILINE)]
        word = verdict[1] if verdict else "?"
        result.add(name, {"errors": "error", "error": "error", "verified": "verified"}.get(word, "neither"), lines)
    return result


def _proper(text: str) -> str:
    """Return an output without the one complaint that Debian's pair of packages always makes."""
    return re.sub(r"Prover error: .*'model_compress'\nLegal parameters are:\n(?:  .*\n)*", "", text)


def ours(session, path: Path, options: tuple[str, ...]) -> Judged:
    """Judge a program."""
    from probatum.cli import boogie, boogie_options, boogie_output
    from probatum.errors import UsageError
    from probatum.ivl.verification import reported_at

    settings = boogie_options.Settings()
    try:
        boogie_options.apply(boogie_options.separate([f"-timeLimit:{LIMIT}", *options])[0], settings)
    except UsageError as error:
        return Judged(error.message)
    (answer,) = session.answers([boogie.Request((str(path),), settings)])
    text = boogie_output.text(answer, settings)
    if answer.problem:
        return Judged(f"DEFECT {answer.problem}" if answer.defect else answer.problem, text=text)
    if answer.verification is None or any(e.kind == "error" for e in answer.verification.static) or not answer.complete:
        return Judged(text.splitlines()[0] if text else "nothing said", text=text)
    result = Judged(text=text)
    for body in answer.verification.bodies:
        lines = [reported_at(outcome).line for outcome in body.reported]
        verdict = "verified" if body.verified else "error" if lines and not body.note else "neither"
        result.add(body.name, verdict, lines)
    return result


@dataclass(slots=True)
class Report:
    """What was compared, and what differs."""

    programs: int = 0
    changes: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[str] = field(default_factory=list)
    bad: int = 0

    def compare(self, name: str, mine: Judged, theirs: Judged) -> bool:
        """Take in one program; return whether something differs."""
        if mine.refused or theirs.refused:
            both = mine.refused and theirs.refused
            kind = "refused by both" if both else "refused by us" if mine.refused else "refused by the rival"
            self.counts[kind] += 1
            defect = mine.refused.startswith("DEFECT")
            self.bad += defect
            if not both or defect:
                self.rows.append(f"{name}: {kind}: {mine.refused or theirs.refused}")
            return not both or defect
        different = False
        for body in mine.bodies.keys() | theirs.bodies.keys():
            one, two = mine.bodies.get(body, ("missing", [])), theirs.bodies.get(body, ("missing", []))
            if "neither" in (one[0], two[0]):
                kind = "one of them gives up"
            elif one[0] != two[0]:
                kind = "VERIFIES MORE" if one[0] != "error" else "verifies less"
            elif set(one[1]) != set(two[1]):
                kind = "other lines"
            else:
                kind = "the same verdict and lines"
            self.counts[kind] += 1
            if one != two and set(one[1]) | {one[0]} != set(two[1]) | {two[0]}:
                self.bad += kind == "VERIFIES MORE"
                self.rows.append(f"{name}: {body}: {kind}: ours {one[0]} {one[1]}, rival {two[0]} {two[1]}")
                different = True
        return different


def corpus(named: list[Path], patterns: list[str]) -> list[tuple[str, Path, tuple[str, ...]]]:
    """Return the files to work on, with their options."""
    found = []
    for path in named:
        if path.is_dir():
            found += [
                (case.name, case.path, tuple(o for o in case.options if not re.match("[-/]timeLimit", o)))
                for case in classify(path)
                if case.kind == "verification" and (not patterns or any(fnmatch.fnmatch(case.name, p) for p in patterns))
            ]
        else:
            found.append((path.name, path, ()))
    return found


def main() -> int:
    from probatum.cli.boogie import Session

    parser = argparse.ArgumentParser(description="Compare verdicts on changed programs.")
    parser.add_argument("sources", type=Path, nargs="+", metavar="CHECKOUT-OR-FILE")
    parser.add_argument("--programs", type=int, default=300, help="how many changed programs are compared")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where programs that are judged differently are left")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="files below Test, as `test2/*`")
    parser.add_argument("--rival", default="boogie")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    choices = random.Random(given.seed)  # which changes are made is no secret
    report = Report()
    with tempfile.TemporaryDirectory() as name, Session(jobs=given.jobs) as session:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        usable = []
        unchanged = Report()
        for label, path, options in corpus([p.resolve() for p in given.sources], given.only):
            theirs = rival(given.rival, path, options)
            if theirs.refused and len(given.sources) == 1 and given.sources[0].is_dir():
                continue
            if not unchanged.compare(label, ours(session, path, options), theirs):
                usable.append((label, path, options))
        print(f"unchanged: {dict(unchanged.counts)}; usable: {len(usable)}", *unchanged.rows, sep="\n   ", flush=True)
        if not any(p.is_dir() for p in given.sources):
            return 1 if unchanged.bad else 0
        endless = {label: mutants(path.read_text(encoding="utf-8-sig"), choices) for label, path, _ in usable}
        seen = set()
        barren = 0
        while report.programs < given.programs and barren < 10 * given.programs:
            label, path, options = choices.choice(usable)
            text, changes = next(endless[label], ("", 0))
            if not changes or text in seen:
                barren += 1
                continue
            seen.add(text)
            target = folder / f"{report.programs:04}_{label.replace('/', '_')}"
            target.write_text(text, encoding="utf-8")
            mine, theirs = ours(session, target, options), rival(given.rival, target, options)
            if report.compare(target.name, mine, theirs):
                print("   " + report.rows[-1], flush=True)
            else:
                target.unlink()
            if mine.refused and theirs.refused:
                barren += 1
                continue
            report.programs += 1
            report.changes += changes
    print(f"{report.programs} changed programs with {report.changes} changes: {dict(report.counts)}")
    print(*report.rows, sep="\n")
    return 1 if report.bad else 0


if __name__ == "__main__":
    sys.exit(main())
