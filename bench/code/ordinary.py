"""Seventy ordinary files with contracts, ten in each syntax and ten more in all of them, and each with one mistake.

    python bench/code/ordinary.py [--only PATTERN] [--apart] [--details]

`ordinary/SYNTAX/NAME.py` is written as people write exercises, accounts, queues,
parsers, calendars and matrices. All its functions keep their contracts. Its
comment `# twin:` says which text becomes which in the twin, and which function is
wrong then: that one should be refuted, and may not be proved.

Of the files of a syntax, by name, every second is held out: nobody looked at what
was said of it while the prover was worked on. They are counted apart. Of the ten
more (`second/`) none is: they were written before anyone knew what was proved of
them, and then the prover was worked on with them.

Unit: functions; seconds of CPU of the tool and all that it started. Two checks,
of all files and of all twins; `--apart`: a check for each file, and its CPU.
"""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import _ours

HERE = Path(__file__).resolve().parent / "ordinary"
LOOKED_AT = ("second",)  # folders of which no file is held out
HEAD = re.compile(r"^# twin: `(.*)` becomes `(.*)`; then `([\w.]+)` is wrong$", re.MULTILINE)


@dataclass(frozen=True)
class Program:
    name: str  # syntax/name
    text: str
    twin: str
    wrong: str  # the function that is wrong in the twin
    held_out: bool


def programs(only: str = "") -> list[Program]:
    """Read the files; what a twin changes must stand in its file once."""
    found = []
    for folder in sorted(p for p in HERE.iterdir() if p.is_dir()):
        for place, path in enumerate(sorted(folder.glob("*.py"))):
            text = path.read_text(encoding="utf-8")
            head = HEAD.search(text)
            if head is None:
                raise SystemExit(f"error: `{path.name}` does not say what its twin is")
            body = text.replace(head[0], "# one of seventy")
            if body.count(head[1]) != 1:
                raise SystemExit(f"error: `{head[1]}` stands {body.count(head[1])} times in `{path.name}`, and must once")
            name = f"{folder.name}/{path.stem}"
            if re.search(only, name):
                found.append(
                    Program(name, body, body.replace(head[1], head[2]), head[3], place % 2 == 1 and folder.name not in LOOKED_AT)
                )
    return found


def checked(chosen: Iterable[Program], *, twins: bool) -> tuple[dict[str, dict[str, str]], float]:
    """Return the verdicts on functions, by program and name, and the CPU of the check."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ordinary"
        for one in chosen:
            path = root / f"{one.name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one.twin if twins else one.text, encoding="utf-8")
        done = _ours.check(root, limit_s=1800)
    if done.problem:
        raise SystemExit(f"error: {done.problem}")
    found: dict[str, dict[str, str]] = {}
    for verdict in done.functions:
        own = found.setdefault(verdict.path.removesuffix(".py"), {})
        own[verdict.subject.rpartition(":")[2].partition(f"{Path(verdict.path).stem}.")[2]] = verdict.verdict
    return found, done.used.cpu_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a regular expression for `SYNTAX/NAME`")
    parser.add_argument("--apart", action="store_true", help="check each file by itself, and show its CPU")
    parser.add_argument("--details", action="store_true", help="show what is not proved of files that are not held out")
    options = parser.parse_args()
    chosen = programs(options.only)
    groups = [[p] for p in chosen] if options.apart else [chosen]
    right: dict[str, dict[str, str]] = {}
    wrong: dict[str, dict[str, str]] = {}
    for group in groups:
        found, cpu_s = checked(group, twins=False)
        right |= found
        twins, twin_cpu_s = checked(group, twins=True)
        wrong |= twins
        name = group[0].name if options.apart else f"{len(group)} files"
        print(f"{name}: {cpu_s:.2f} s of CPU, twins {twin_cpu_s:.2f} s", flush=True)
    for held_out in (False, True):
        own = [p for p in chosen if p.held_out is held_out]
        functions = Counter(v for p in own for v in right.get(p.name, {}).values())
        twins_said = Counter(wrong.get(p.name, {}).get(p.wrong, "not checked") for p in own)
        print("held out:" if held_out else "others:")
        print(f"  {sum(functions.values())} functions:", ", ".join(f"{n} {v}" for v, n in functions.most_common()))
        print(f"  {len(own)} twins:", ", ".join(f"{n} {v}" for v, n in twins_said.most_common()))
        for p in own:
            if wrong.get(p.name, {}).get(p.wrong) == "proved":
                print(f"  WRONG: `{p.wrong}` of the twin of {p.name} is proved")
            if any(v == "refuted" for v in right.get(p.name, {}).values()):
                print(f"  to look at: something in {p.name} is refuted")
            if options.details and not held_out:
                print(f"  {p.name}: { {n: v for n, v in right.get(p.name, {}).items() if v != 'proved'} }")


if __name__ == "__main__":
    main()
