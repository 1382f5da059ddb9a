"""Code that other people have annotated: per function proved, refuted, undecided or unsupported; with and without invariants.

    python bench/code/corpora.py CHECKOUTS [--only PATTERN ...] [--count] [--without-invariants] [--show] [--json FILE]

CHECKOUTS is a folder of checkouts of the repositories in `corpora.toml`, each called
`owner+name` and at the commit that is named there. Nothing of them is copied.

Each file with an annotated function is checked on its own, from a cold start, with
the folder around it for its imports. A function counts if it carries a contract
(see `_annotated.py`); those within the language are all that are not unsupported.
With `--without-invariants` also a second time, after every invariant was taken out
of the loops of a file: what is counted are functions that were proved with them, and
had some. Every refuted function is listed with its input: to be read by hand.

Unit: functions; seconds of CPU of a file (median, and divided by its functions),
MiB of peak memory of the largest process.
"""

import argparse
import fnmatch
import json
import shutil
import statistics
import sys
import tempfile
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import _ours
from _annotated import contracts, positions, summed, without_invariants

LIST = Path(__file__).resolve().parent / "corpora.toml"


@dataclass(frozen=True)
class Row:
    repository: str
    path: str
    function: str
    syntax: str
    verdict: str
    message: str
    cpu_s: float  # of the file, divided by its functions
    mib: float
    bare: str = ""  # the verdict without invariants, if the function had some and was proved with them


def folder_of(repository: str, checkouts: Path) -> Path:
    return checkouts / "+".join(repository.rstrip("/").split("/")[-2:])


def check_file(path: Path, root: Path) -> tuple[dict[str, _ours.Verdict], _ours.Checked]:
    """Return the verdict of each annotated function of a file."""
    said = _ours.check(path, root=root, limit_s=900)
    own = {}
    for name in contracts(path):
        own[name] = next(
            (f for f in said.functions if f.subject == name or f.subject.endswith(f".{name}")), None
        ) or _ours.Verdict(
            path.name, 0, frozenset(), "", name, "silent", said.problem or next((v.message for v in said.verdicts), "")
        )
    return own, said


def rows_of(repository: str, path: Path, folder: Path, root: Path, *, bare: bool) -> list[Row]:
    own, said = check_file(path, root)
    syntaxes = contracts(path)
    again: dict[str, str] = {}
    if bare:
        text, number = without_invariants(path.read_text(encoding="utf-8"))
        with_invariants = _with_loops(path)
        if number and any(own[n].verdict == "proved" for n in own if n in with_invariants):
            with tempfile.TemporaryDirectory() as name:
                copy = Path(name) / "root"
                shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".git"), symlinks=True)
                target = copy / path.relative_to(root)
                target.write_text(text, encoding="utf-8")
                second, _ = check_file(target, copy)
            again = {n: second[n].verdict for n in with_invariants if n in second and own[n].verdict == "proved"}
    cpu_s = said.used.cpu_s / max(1, len(own))
    relative = path.relative_to(folder).as_posix()
    return [
        Row(repository, relative, n, syntaxes[n], v.verdict, f"{v.line}: {v.message}", cpu_s, said.used.mib, again.get(n, ""))
        for n, v in own.items()
    ]


def _with_loops(path: Path) -> set[str]:
    """Return the functions that have an invariant in one of their loops."""
    text = path.read_text(encoding="utf-8")
    bare = without_invariants(text)[0].splitlines()
    changed = {n for n, (line, other) in enumerate(zip(text.splitlines(), bare, strict=True), 1) if line != other}
    return {name for name, (first, last) in positions(path).items() if any(first <= n <= last for n in changed)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Check code that other people have annotated.")
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", nargs="+", default=[], metavar="PATTERN", help="of the names of repositories or files")
    parser.add_argument("--count", action="store_true", help="count annotated functions, and check nothing")
    parser.add_argument("--without-invariants", action="store_true")
    parser.add_argument("--show", action="store_true", help="list every function that is not proved")
    parser.add_argument("--json", type=Path, help="write a row for each function there")
    given = parser.parse_args()
    rows: list[Row] = []
    files = 0
    file_cpu: list[float] = []
    for corpus in tomllib.loads(LIST.read_text(encoding="utf-8"))["corpus"]:
        folder = folder_of(corpus["repository"], given.checkouts.resolve())
        if not folder.is_dir():
            print(f"{corpus['repository']}: no checkout `{folder.name}` there")
            continue
        number, found = summed(folder, tuple(corpus["files"]))
        print(
            f"{corpus['repository']} at {corpus['commit'][:9]}: {len(found)} files, {', '.join(f'{n} {s}' for s, n in number.items())}"
        )
        if given.count:
            continue
        root = folder / corpus["root"]
        own: list[Row] = []
        for path in found:
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            if given.only and not any(fnmatch.fnmatch(name, f"*{p}*") for p in given.only):
                continue
            made = rows_of(corpus["repository"], path, folder, root, bare=given.without_invariants)
            own += made
            files += 1
            file_cpu.append(sum(r.cpu_s for r in made))
            verdicts = ", ".join(f"{r.function} {r.verdict}{f' (without: {r.bare})' if r.bare else ''}" for r in made)
            print(f"   {path.name}: {verdicts}; {file_cpu[-1]:.1f} s CPU", flush=True)
            if given.json:
                given.json.write_text(json.dumps([asdict(r) for r in rows + own], indent=1), encoding="utf-8")
        rows += own
        _say(own)
        for row in own:
            if row.verdict == "refuted" or (given.show and row.verdict != "proved"):
                print(f"   {row.verdict} {row.path} {row.function}: {row.message}")
    if rows:
        print(f"all: {files} files")
        _say(rows)
        print(f"   CPU of a file: median {statistics.median(file_cpu):.2f} s")
        reasons = Counter(
            r.message.partition(": ")[2].partition(" is not handled: ")[2] for r in rows if r.verdict == "unsupported"
        )
        for reason, n in reasons.most_common(25):
            print(f"   {n} unsupported: {reason}")
    return 0


def _say(rows: list[Row]) -> None:
    count = Counter(r.verdict for r in rows)
    within = sum(n for verdict, n in count.items() if verdict not in ("unsupported", "silent"))
    if not rows:
        return
    share = f"{count['proved'] / within:.0%} of the {within} within the language" if within else "none within the language"
    print(f"   {len(rows)} functions: {', '.join(f'{n} {v}' for v, n in count.most_common())}; proved: {share}")
    used = sorted(r.cpu_s for r in rows if r.verdict not in ("unsupported", "silent"))
    if used:
        late = used[min(len(used) - 1, int(0.95 * len(used)))]
        print(
            f"   CPU for a function within: median {statistics.median(used):.2f} s, 95 % {late:.2f} s; {max(r.mib for r in rows):.0f} MiB"
        )
    bare = Counter(r.bare for r in rows if r.bare)
    if bare:
        print(
            f"   without their invariants, of {sum(bare.values())} that were proved: {', '.join(f'{n} {v}' for v, n in bare.most_common())}"
        )


if __name__ == "__main__":
    sys.exit(main())
