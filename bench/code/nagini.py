"""Nagini's own tests: exactly the errors that they expect, on the lines on which they expect them.

    python bench/code/nagini.py CHECKOUT [--kind verification translation] [--only PATTERN ...] [--show] [--classify]

CHECKOUT is a checkout of https://github.com/marcoeilers/nagini (measured: the
commit that `nagini_files.toml` names). Nothing of it is copied. A comment
`#:: ExpectedOutput(id, labels)` says that the next line has that error; it is
read as Nagini's own runner reads it, but for what documents mistakes of Nagini:

- `MissingOutput` (Nagini does not report it): the error is expected from us all the same;
- `UnexpectedOutput` (Nagini reports it, and should not), and whatever is said of
  one of its two back ends alone: we may report it or not;
- `IgnoreFile`: left out.

Verification: `nagini_files.toml` keeps which files count, and why the others do
not (`--classify` writes it). An error of ours is an obligation that is not
proved, refuted or not; its lines are the place where it is claimed and the
clauses that it is about. A file is

- exact: each expected line has an error, each error has an expected line, and
  every function is decided;
- unsupported: some function is, by the name of a construct;
- incomplete: an error too many that no run confirms, or one too few in a function
  that is not proved;
- WRONG: a function is proved in which an error is expected, and no error is on that
  line; or a run refutes something on a line that expects nothing.

Translation: each file with an expected error (a program that Nagini refuses) must
not be proved: some outcome of it is a finding, undecided or unsupported. Those that are listed as `valid` are Python that
means what it says, and only Nagini does not read it: they may be proved.
Unit: files, each checked from a cold start, all its functions; seconds of CPU, MiB of peak memory of the largest process.
"""

import argparse
import ast
import fnmatch
import io
import re
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import _ours

LIST = Path(__file__).resolve().parent / "nagini_files.toml"
TESTS = Path("tests/functional")
ANNOTATION = re.compile(
    r"(?P<type>[a-zA-Z]+)(\((?P<backend>[a-z]+)\))?"
    r"\((?P<id>[a-zA-Z\.\(\)_\[\]\|<>\-:;\d ?'\"]+)(,(?P<issue>\d+))?(?P<labels>(,[a-zA-Z][a-zA-Z\d_]+)+)?\)"
)
# Names of Nagini whose use takes a file out of the sequential subset without predicates, and why.
NAMES = {
    "Predicate": "predicates",
    "Fold": "predicates",
    "Unfold": "predicates",
    "Unfolding": "predicates",
    "Thread": "threads",
    "Lock": "threads",
    "ThreadPost": "threads",
    "MustRelease": "threads",
    "WaitLevel": "threads",
    "Level": "threads",
    "IOOperation": "I/O obligations",
    "IOExists": "I/O obligations",
    "IOExists1": "I/O obligations",
    "token": "I/O obligations",
    "MustInvoke": "I/O obligations",
}
MODULES = {
    "nagini_contracts.thread": "threads",
    "nagini_contracts.lock": "threads",
    "threading": "threads",
    "nagini_contracts.io_contracts": "I/O obligations",
    "nagini_contracts.io_builtins": "I/O obligations",
}
# Obligations that lie where a contract must hold, and are about a clause of it elsewhere.
CLAUSES = frozenset(
    {"postcondition", "entry", "maintained", "raises", "class_invariant", "override", "defined", "frame", "termination"}
)
CONTRACTS = frozenset({"Requires", "Ensures", "Exsures", "Invariant", "Decreases"})
FOLDERS = {
    "resources": "imported by tests, no test of its own",
    "select": "run with an option that selects functions",
    "float_real": "run with an option that takes floats for real numbers, which Python's are not",
    "float_ieee32": "run with an option that takes floats for 32 bits, which Python's are not",
}


@dataclass(frozen=True)
class Expected:
    """What a file says that is found in it: identifiers of errors by line; `optional` may be found or not.

    `causes` are, for a line, those of the labels of its errors: the other places that have a part in it (an overriding method, or the one that it overrides).
    """

    errors: tuple[tuple[int, str], ...]
    optional: frozenset[int]
    ignored: bool
    causes: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def lines(self) -> set[int]:
        return {line for line, _ in self.errors}


def expected(text: str) -> Expected:
    """Read the annotations of a file."""
    errors: list[tuple[int, str]] = []
    optional: set[int] = set()
    ignored = False
    labels: dict[str, int] = {}
    named: dict[int, list[str]] = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        comment = token.string.strip()
        if token.type != tokenize.COMMENT or not (comment.startswith("#:: ") and comment.endswith(")")):
            continue
        line = token.start[0] + 1
        for part in comment[3:].split("||"):
            found = ANNOTATION.match(part.strip())
            if found is None:
                raise SystemExit(f"error: `{part.strip()}` is no annotation that is known")
            match found["type"], found["backend"]:
                case "ExpectedOutput", None:
                    errors.append((line, found["id"]))
                    named.setdefault(line, []).extend((found["labels"] or "").split(",")[1:])
                case "Label", _:
                    labels[found["id"]] = line
                case "IgnoreFile", None | "silicon":
                    ignored = True
                case (("ExpectedOutput" | "UnexpectedOutput"), _):
                    optional.add(line)
    causes = {line: tuple(labels[n] for n in names) for line, names in named.items() if names}
    return Expected(tuple(errors), frozenset(optional), ignored, causes)


def reason_against(path: Path, relative: Path) -> str:
    """Say why a verification file does not count, or "" if it does."""
    if reason := next((FOLDERS[part] for part in relative.parts[:-1] if part in FOLDERS), ""):
        return reason
    text = path.read_text(encoding="utf-8")
    try:
        if expected(text).ignored:
            return "ignored by Nagini's own runner"
        tree = ast.parse(text)
    except (SyntaxError, tokenize.TokenError):
        return f"not of the Python that this list was made with ({sys.version_info.major}.{sys.version_info.minor})"
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            used |= {reason for module, reason in MODULES.items() if (node.module or "").startswith(module)}
        elif isinstance(node, ast.Import):
            used |= {reason for module, reason in MODULES.items() if any(a.name.startswith(module) for a in node.names)}
        elif isinstance(node, ast.Name) and node.id in NAMES:
            used.add(NAMES[node.id])
    return ", ".join(sorted(used))


def classify(root: Path, commit: str) -> str:
    """Return the text of `nagini_files.toml`."""
    counted, left_out = [], []
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        reason = reason_against(path, relative)
        (left_out if reason else counted).append((relative.as_posix(), reason))
    lines = [
        "# Which files of Nagini's tests/functional/verification count (sequential, without predicates and threads), and why",
        "# the others do not. Written by `python bench/code/nagini.py CHECKOUT --classify`; `explained` and `valid` are written by hand.",
        "",
        f'commit = "{commit}"',
        "",
        f"# {len(counted)} files",
        "counted = [",
        *(f'    "{name}",' for name, _ in counted),
        "]",
        "",
        f"[left_out]  # {len(left_out)} files",
        *(f'"{name}" = "{reason}"' for name, reason in left_out),
        "",
        "[explained]  # files on which we differ on purpose, each read by hand, and why we are right",
        "",
        "[valid]  # files of tests/functional/translation that are Python which we prove rightly, each read by hand, and why Nagini refuses them",
        "",
    ]
    return "\n".join(lines)


@dataclass(frozen=True)
class Judged:
    name: str
    verdict: str  # exact, unsupported, incomplete, WRONG, silent
    notes: tuple[str, ...]


def judge(name: str, text: str, said: _ours.Checked) -> Judged:
    """Compare what we say of a file with what it expects."""
    want = expected(text)
    allowed = want.lines | want.optional
    functions = _functions(text)
    clauses = _clauses(text)
    said = _ours.Checked(said.used, tuple(_with_clause(v, text, functions, clauses) for v in said.verdicts), said.problem)
    open_ = [o for o in said.obligations if o.verdict in ("refuted", "undecided")]
    refused = [v for v in said.verdicts if v.verdict == "unsupported"]
    hit = {line for o in open_ for line in o.lines}
    # A mistake in a contract, or in the order of definitions, is said of the function or the file alone.
    subjects = {o.subject for o in open_}
    hit |= {f.line for f in said.functions if f.verdict == "undecided" and f.subject not in subjects}
    wrong = [
        f"refuted at {o.line}, where nothing is expected: {o.message}"
        for o in open_
        if o.verdict == "refuted" and not o.lines & allowed
    ]
    missing = sorted(want.lines - hit)
    proved = {f.subject for f in said.functions if f.verdict == "proved"}
    for line in missing:
        places = (line, *want.causes.get(line, ()))  # an override is wrong in one of two places
        whole = name.removesuffix(".py").replace("/", ".")  # what is outside of functions goes by the name of the module
        around = [next((n for n, first, last in functions if first <= place <= last), whole) for place in places]
        inside = ", ".join(dict.fromkeys(around))
        if all(n and any(subject == n or subject.endswith(f".{n}") for subject in proved) for n in around):
            wrong.append(f"`{inside}` is proved, and line {line} expects {', '.join(i for n, i in want.errors if n == line)}")
    if wrong:
        return Judged(name, "WRONG", tuple(wrong))
    if refused:
        return Judged(name, "unsupported", tuple(dict.fromkeys(f"{v.line}: {v.message}" for v in refused)))
    extra = [f"{o.line}: {o.message}" for o in open_ if not o.lines & allowed]
    unsure = (f for f in said.functions if f.verdict == "undecided" and f.line not in want.lines)
    undecided = [f"{f.line}: {f.message}" for f in unsure if not open_]
    if not said.verdicts and not functions and want.errors and not said.problem:
        return Judged(name, "unsupported", ("1: a module without functions",))
    if not said.verdicts and (functions or want.errors):
        return Judged(name, "silent", (said.problem or "nothing was said",))
    if missing or extra or undecided:
        return Judged(name, "incomplete", (*(f"no error at {line}" for line in missing), *extra, *undecided))
    return Judged(name, "exact", ())


def _with_clause(said: _ours.Verdict, text: str, functions: list, clauses: list[tuple[int, str]]) -> _ours.Verdict:
    """Add the lines of the clause that an obligation is about: Nagini reports there, and a report says it of findings alone.

    Of equal clauses, those in the function count in which the obligation lies, if there are any. Of an exception that
    escapes Nagini reports the function.
    """
    own = next((name for name, first, last in functions if first <= said.line <= last), "")
    # A function whose body is an expression is ill-formed as a whole, and one that returns nothing breaks its contract.
    whole = said.kind == "exception" or (said.kind == "type" and said.text.startswith("it must return"))
    if whole or (said.kind in ("assertion", "type", "frame") and own.rpartition(".")[2] in _pure(text)):
        return replace(said, lines=said.lines | {first for name, first, _ in functions if name == own} | _heads(text, own))
    if not said.text or said.kind not in CLAUSES:
        return said
    lines = {line for line, clause in clauses if _plain(said.text) in clause}
    around = next(((first, last) for _, first, last in functions if first <= said.line <= last), None)
    if around is not None:
        lines = {line for line in lines if around[0] <= line <= around[1]} or lines
    return replace(said, lines=said.lines | lines)


def _pure(text: str) -> set[str]:
    """Return the names of functions that are declared pure."""
    found = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef))
    return {n.name for n in found if any(isinstance(d, ast.Name) and d.id in ("Pure", "property") for d in n.decorator_list)}


def _heads(text: str, name: str) -> set[int]:
    """Return the lines of `def` of functions that are called so."""
    last = name.rpartition(".")[2]
    return {n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == last}


def _clauses(text: str) -> list[tuple[int, str]]:
    """Return the line and the text of every argument of a contract."""
    return [
        (node.lineno, _plain(" ".join(ast.get_source_segment(text, a) or "" for a in node.args)))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CONTRACTS
    ]


def _plain(text: str) -> str:
    return "".join(text.replace("`", "'").split())


def _functions(text: str) -> list[tuple[str, int, int]]:
    """Return the qualified name and the lines of every function, inner ones first."""
    found = []

    def visit(node: ast.AST, prefix: str) -> None:
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                visit(inner, f"{prefix}{inner.name}.")
                first = min([inner.lineno, *(d.lineno for d in inner.decorator_list)])
                found.append((prefix + inner.name, first, inner.end_lineno or inner.lineno))
            elif isinstance(inner, ast.ClassDef):
                visit(inner, f"{prefix}{inner.name}.")
            else:
                visit(inner, prefix)

    visit(ast.parse(text), "")
    return found


def verification(checkout: Path, only: list[str], limit_s: float) -> Iterator[tuple[Judged, _ours.Checked]]:
    """Check every file that counts, with the folder around it."""
    root = checkout / TESTS / "verification"
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    explained = listed.get("explained", {})
    for name in listed["counted"]:
        if only and not any(fnmatch.fnmatch(name, f"*{p}*") for p in only):
            continue
        said = _ours.check(root / name, root=root, limit_s=limit_s, every_function=True)
        one = judge(name, (root / name).read_text(encoding="utf-8"), said.of(name))
        if one.verdict != "exact" and name in explained:
            one = Judged(name, "explained", (explained[name], *one.notes))
        yield one, said


def translation(checkout: Path, only: list[str], limit_s: float) -> Iterator[tuple[Judged, _ours.Checked]]:
    """Check every file that Nagini refuses."""
    root = checkout / TESTS / "translation"
    valid = tomllib.loads(LIST.read_text(encoding="utf-8")).get("valid", {})
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        try:
            want = expected(path.read_text(encoding="utf-8"))
        except (SyntaxError, tokenize.TokenError):
            want = Expected(((1, "syntax"),), frozenset(), ignored=False)
        if not want.errors or want.ignored or (only and not any(fnmatch.fnmatch(name, f"*{p}*") for p in only)):
            continue
        said = _ours.check(path, root=root, limit_s=limit_s, every_function=True)
        mine = said.of(name)
        against = [v for v in mine.verdicts if v.verdict != "proved"]
        if against:
            at_line = any(v.lines & want.lines for v in against)
            notes = (f"{against[0].line}: {against[0].message}",)
            yield Judged(name, "rejected, at the line" if at_line else "rejected", notes), said
        else:
            if name in valid and not said.problem:
                yield Judged(name, "valid", (valid[name],)), said
                continue
            what = "proved" if mine.functions else said.problem or "nothing was said"
            yield Judged(name, "WRONG" if mine.functions else "silent", (f"{what}, and expects {want.errors[0][1]}",)), said


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare with what Nagini's tests expect.")
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--kind", nargs="+", choices=("verification", "translation"), default=["verification", "translation"])
    parser.add_argument("--only", nargs="+", default=[], metavar="PATTERN")
    parser.add_argument("--limit", type=float, default=300, help="seconds of wall time for each file")
    parser.add_argument("--show", action="store_true", help="say of every file what it is, and why")
    parser.add_argument("--classify", metavar="COMMIT", help="write the list of files that count, for a checkout of this commit")
    given = parser.parse_args()
    checkout = given.checkout.resolve()
    if not (checkout / TESTS).is_dir():
        raise SystemExit(f"error: `{given.checkout}` is no checkout of marcoeilers/nagini: it has no folder `{TESTS}`")
    if given.classify:
        LIST.write_text(classify(checkout / TESTS / "verification", given.classify), encoding="utf-8")
        return 0
    failed = False
    for kind in given.kind:
        judged: list[Judged] = []
        used = []
        for one, said in (verification if kind == "verification" else translation)(checkout, given.only, given.limit):
            judged.append(one)
            used.append(said.used)
            if given.show or one.verdict in ("WRONG", "silent"):
                print(f"   {said.used.cpu_s:5.1f} s {one.verdict} {one.name}: {'; '.join(one.notes)}", flush=True)
        count = Counter(j.verdict for j in judged)
        print(f"{kind}: {len(judged)} files: {', '.join(f'{n} {v}' for v, n in count.most_common())}")
        if used:
            print(f"   {sum(u.cpu_s for u in used):.1f} s CPU, {max(u.mib for u in used):.0f} MiB")
        if kind == "verification":
            reasons = Counter(
                note.split(": ", 1)[1] for j in judged if j.verdict == "unsupported" for note in j.notes if ": " in note
            )
            for reason, number in reasons.most_common(25):
                print(f"   unsupported in {number}: {reason}")
        failed |= bool(count["WRONG"] or count["silent"])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
