"""Our verdicts, as `probatum check --select code --format json` says them; the one place that knows that form.

A function's verdict is that of its outcome `code/function`; an obligation's is that of any other outcome of the
system `code`. Outcomes of other systems are about the file: that it could not be read, that nothing was checked. `proved`: cleared as proved. `refuted`: a finding, which a run in CPython has confirmed.
`unsupported` and `undecided`: neither, the first because of a construct outside the language.
"""

import atexit
import compileall
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from _measuring import Measured, run

FUNCTION = "code/function"
VERDICTS = ("proved", "refuted", "undecided", "unsupported")


@dataclass(frozen=True)
class Verdict:
    """One outcome.

    `lines` are the line where it is claimed and those of the clauses that it is about, as far as the report says them;
    `kind` says what is claimed (a name of `probatum.lower.lowered.Kind`, in small letters), and `text` the expression.
    """

    path: str
    line: int
    lines: frozenset[int]
    rule: str
    subject: str
    verdict: str
    message: str
    kind: str = ""
    text: str = ""


@dataclass(frozen=True)
class Checked:
    """What a check said of a file or a folder."""

    used: Measured
    verdicts: tuple[Verdict, ...]
    problem: str  # why there are no verdicts, or ""

    @property
    def functions(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.rule == FUNCTION)

    @property
    def obligations(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.rule != FUNCTION and v.rule.startswith("code/"))

    def of(self, path: str) -> "Checked":
        """Return what was said of one file."""
        return Checked(self.used, tuple(v for v in self.verdicts if v.path == path), self.problem)


def check(
    path: Path,
    *,
    root: Path | None = None,
    limit_s: float = 600,
    options: Sequence[str] = (),
    every_function: bool = False,
) -> Checked:
    """Check a copy of a file, or of a folder, in an empty place, with nothing remembered.

    The store of a check lies beside what it checks, so a checkout is never checked in place. `root`: a folder around
    it that is copied too, because it holds what may be imported; paths are then relative to it, else to the folder
    of a file. `every_function`: also those without a contract.
    """
    around = root or (path if path.is_dir() else path.parent)
    with tempfile.TemporaryDirectory() as name:
        here = Path(name) / "checked"
        if path.is_dir() or root is not None:
            shutil.copytree(around, here, ignore=shutil.ignore_patterns(".git", ".probatum"), symlinks=True)
        else:
            here.mkdir()
            shutil.copyfile(path, here / path.name)
        if every_function:
            (here / "probatum.toml").write_text("[code]\nall-functions = true\n", encoding="utf-8")
        command = [sys.executable, "-m", "probatum", "check", path.relative_to(around), "--select", "code"]
        command += ["--format", "json", "--timeout", str(limit_s), "--no-cache", *options]
        done = run(command, limit_s=limit_s, cwd=here, env={"PYTHONPATH": search_path()})
    return read(done)


@cache
def search_path() -> str:
    """Return the search path of a compiled copy of this checkout: as it is when it is installed, whatever is edited meanwhile."""
    place = Path(tempfile.mkdtemp(prefix="probatum-measured-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    source = Path(__file__).resolve().parents[2] / "src"
    shutil.copytree(source, place / "src", ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(place / "src", quiet=2, workers=1)
    return os.pathsep.join(p for p in (str(place / "src"), os.environ.get("PYTHONPATH", "")) if p)


def read(done: Measured) -> Checked:
    """Take what is compared from a report."""
    if not done.ended:
        return Checked(done, (), "no answer in the time given")
    try:
        report = json.loads(done.output)
    except ValueError:
        return Checked(done, (), (done.error.strip().splitlines() or ["no report"])[-1])
    return Checked(done, tuple(map(_verdict, report["outcomes"])), "")


def _verdict(outcome: dict) -> Verdict:
    place = outcome["location"]
    line = place.get("line") or 0
    related = {item["location"].get("line") or 0 for item in outcome.get("related", ())}
    match outcome["kind"]:
        case "finding":
            verdict = "refuted"
        case "cleared" if outcome.get("strength") == "proved":
            verdict = "proved"
        case "undecided" if outcome.get("why") == "unsupported":
            verdict = "unsupported"
        case _:
            verdict = "undecided"
    message = outcome.get("message") or outcome.get("reason") or ""
    kind, text, *_ = (*outcome.get("anchor", ()), "", "")
    lines = frozenset({line} | related) - {0}
    return Verdict(place["path"], line, lines, outcome["rule"], outcome["subject"], verdict, message, kind, text)


def start_up() -> Measured:
    """Measure a check of a function whose one promise is obvious: what every check pays once, provers included."""
    text = '"""Hardly anything to prove."""\n\nfrom probatum.spec import ensures\n\n\ndef same(x: int) -> int:\n    ensures(lambda r: r == x)\n    return x\n'
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "same.py"
        path.write_text(text, encoding="utf-8")
        return check(path).used
