"""What this machine has, and what follows where it has not."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from probatum.engine.state import DIRECTORY, is_tracked
from probatum.engine.systems import SystemEntry, systems
from probatum.errors import ProbatumError
from probatum.project import base_of
from probatum.project.config import read_configuration
from probatum.project.system import DiskSystem


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What was looked at.
    ok : bool
        Whether it is as it should be.
    detail : str
        What was seen: a version, a path, a limit.
    consequence : str
        What does not work without it, and what to do; "" when `ok`.
    """

    name: str
    ok: bool
    detail: str
    consequence: str = ""


def doctor(root: Path) -> tuple[Probe, ...]:
    """Look at everything a check may need, running nothing of the project.

    Raises
    ------
    UsageError
        If there is nothing at `root`.
    """
    base = base_of(root)
    return (*_python(), *_libraries(), *_children(), *_git(base), *_configuration(base), *_state(base))


def _python() -> Iterator[Probe]:
    detail = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Probe("python", sys.version_info >= (3, 11), detail, "" if sys.version_info >= (3, 11) else "3.11 or newer is needed")


_optional = (
    # distribution, module, extra, what does not work without it
    ("duckdb", "duckdb", "tables", "tables cannot be read"),
    ("ray", "ray", "ray", "work cannot be spread over a cluster"),
)


def _libraries() -> Iterator[Probe]:
    entries = systems()
    wanted = [
        (name, {"z3-solver": "z3"}.get(name, name), needing[0].extra, f"some questions of {_named(needing)} stay undecided")
        for name in dict.fromkeys(name for entry in entries for name in entry.distributions)
        if (needing := [entry for entry in entries if name in entry.distributions])
    ]
    for distribution, module, extra, consequence in dict.fromkeys((*wanted, *_optional)):
        version = _version(distribution)
        if version is not None and importlib.util.find_spec(module) is not None:
            yield Probe(distribution, True, version)
        else:
            yield Probe(distribution, False, "not installed", f"{consequence}: `pip install 'probatum[{extra}]'`")


def _named(entries: Sequence[SystemEntry]) -> str:
    return " and ".join(f"`{entry.name}`" for entry in entries)


def _version(distribution: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _children() -> Iterator[Probe]:
    """Start a child, and one that asks for more memory than it may have."""
    from probatum.runner import Done, OutOfMemory, runner_for

    try:
        with runner_for("local", 1) as runner:
            [answer] = runner.map("math:factorial", [5], timeout_s=30)
            [greedy] = runner.map("builtins:bytearray", [2**31], timeout_s=30, memory_bytes=2**29)
    except ProbatumError as error:
        yield Probe("child processes", False, error.message, f"nothing can be checked: {error.help}")
        return
    works = isinstance(answer, Done) and answer.value == 120
    yield Probe(
        "child processes", works, "start and answer" if works else "do not answer", "" if works else "nothing can be checked"
    )
    limited = isinstance(greedy, OutOfMemory)
    yield Probe(
        "memory limit",
        limited,
        "is kept" if limited else "is not kept by this system",
        "" if limited else "a rule that needs much memory can slow down the whole machine",
    )


def _git(base: Path) -> Iterator[Probe]:
    place = shutil.which("git")
    if place is None:
        yield Probe("git", False, "not found", "`--changed-since` and `git:` references do not work: install git")
        return
    system = DiskSystem(base)
    version = system.git("--version").out.decode("utf-8", "replace").strip().removeprefix("git version ")
    work_tree = system.git("rev-parse", "--is-inside-work-tree").status == 0
    yield Probe("git", True, version + (", in a work tree" if work_tree else ", not in a work tree"))


def _configuration(base: Path) -> Iterator[Probe]:
    try:
        configuration = read_configuration(DiskSystem(base))
    except ProbatumError as error:
        where = f"{error.location}: " if error.location is not None else ""
        yield Probe("configuration", False, where + error.message, f"nothing is checked: {error.help}")
    else:
        yield Probe("configuration", True, configuration.path or "none, so the defaults hold")


def _state(base: Path) -> Iterator[Probe]:
    """Open the state directory if there is one, and see whether one could be made if not."""
    from probatum.store import State

    directory = base / DIRECTORY
    slower = "every check does all work again"
    if is_tracked(DiskSystem(base), base):
        yield Probe(
            "state directory", False, f"`{DIRECTORY}` is under version control", f"{slower}: remove it from the repository"
        )
        return
    if not directory.exists():
        possible = os.access(base, os.W_OK)
        detail = "none yet; the first check makes it" if possible else f"`{base.name}` cannot be written to"
        yield Probe("state directory", possible, detail, "" if possible else slower)
        return
    try:
        with State.open(directory) as state:
            runs = len(state.runs())
            notes = "; ".join(state.notes)
    except ProbatumError as error:
        yield Probe("state directory", False, error.message, f"{slower}: {error.help}")
    else:
        yield Probe("state directory", not notes, notes or f"`{DIRECTORY}` remembers {runs:,} checks", slower if notes else "")
