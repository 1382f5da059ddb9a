"""The state directory of a project, used so that trouble with it never stops a check.

Without it a check is slower and just as right. So every failure here becomes one
note in the report, and the check goes on without remembering.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from probatum.engine.payload import attached, detached
from probatum.errors import StateError
from probatum.project import base_of
from probatum.project.system import DiskSystem, System
from probatum.store import Garbage, Remembered, Renewed, State

DIRECTORY = ".probatum"
_tidy_every = 25  # checks; what none of them used is not worth its place


class Memory:
    """Results of earlier checks; forgets, but never raises.

    Attributes
    ----------
    notes : tuple of str
        What went wrong, one line each.
    """

    def __init__(self, state: State | None, trouble: str = "") -> None:
        self._state = state
        self._trouble = trouble
        self._run = 0
        with self._careful():
            self._run = state.begin_run({"finished": False}) if state is not None else 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What went wrong."""
        own = tuple(self._state.notes) if self._state is not None else ()
        return own + ((self._trouble,) if self._trouble else ())

    def look_up(self, keys: Iterable[str]) -> dict[str, Remembered]:
        """Return what is known under these keys."""
        with self._careful():
            if self._works():
                known = self._state.look_up(keys)  # type: ignore[union-attr]  # `_works` says so
                return {key: replace(found, value=attached(found.value, found.texts)) for key, found in known.items()}
        return {}

    def put_many(self, items: Iterable[tuple[str, Any]]) -> None:
        """Keep results of packed outcomes, before this returns."""
        rows = [(key, *detached(value)) for key, value in items]
        for _ in range(2):  # a second time if the first found the database damaged and began a new one
            with self._careful():
                if rows and self._works():
                    self._state.put_many(rows)  # type: ignore[union-attr]  # `_works` says so
                return

    def confirm(self, keys: Iterable[str]) -> None:
        """Remember that evidence was confirmed."""
        with self._careful():
            if self._works():
                self._state.confirm(keys)  # type: ignore[union-attr]  # `_works` says so

    def end(self, used: Iterable[str], summary: Mapping[str, Any]) -> None:
        """Record how the check ended."""
        with self._careful():
            if self._works():
                self._state.end_run(self._run, used, {"finished": True, **summary})  # type: ignore[union-attr]  # `_works` says so
                if self._run % _tidy_every == 0:
                    self._state.collect(_tidy_every)  # type: ignore[union-attr]  # `_works` says so

    def close(self) -> None:
        """Close the database."""
        if self._state is not None:
            self._state.close()

    def _works(self) -> bool:
        return self._state is not None and not self._trouble

    @contextlib.contextmanager
    def _careful(self) -> Iterator[None]:
        try:
            yield
        except Renewed:
            pass  # the state has noted it, and is empty now
        except StateError as error:
            self._trouble = _note(error)


def _note(error: StateError) -> str:
    return f"{error.message}; this check remembers nothing: {error.help}"


@contextlib.contextmanager
def remember(base: Path) -> Iterator[Memory]:
    """Open the memory of a project, whatever state it is in."""
    memory = _open(base)
    try:
        yield memory
    finally:
        memory.close()


def _open(base: Path) -> Memory:
    if is_tracked(DiskSystem(base), base):
        return Memory(
            None,
            f"`{DIRECTORY}` is, or may be, under version control, so its results may be anyone's and are not used: remove it from the repository",
        )
    try:
        return Memory(State.open(base / DIRECTORY))
    except StateError as error:
        return Memory(None, _note(error))


def own_secret() -> str:
    """Return what only this user knows: 64 hexadecimal digits, made on first use; "" where nothing can be kept.

    It is part of the name of every result. A directory that came from somewhere
    else may bring a state directory with results in it; without the secret they
    have names that are never asked for.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path("~/.local/state").expanduser()) / "probatum"
    place = folder / "secret"
    try:
        if place.exists():
            return place.read_text(encoding="ascii")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            # Written beside and linked, so that no other process reads half of it.
            handle, name = tempfile.mkstemp(dir=folder)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(os.urandom(32).hex())
            try:
                os.link(name, place)
            finally:
                os.unlink(name)  # noqa: PTH108 - `name` is a plain string
        return place.read_text(encoding="ascii")
    except (OSError, ValueError, RuntimeError):  # no home, nothing writable in it, or not what we wrote
        return ""


def is_tracked(system: System, base: Path) -> bool:
    """Whether the state directory came with the repository: then whoever wrote it may have written results into it."""
    if not (base / DIRECTORY / "state.db").exists() or not any((folder / ".git").exists() for folder in (base, *base.parents)):
        return False
    answer = system.git("ls-files", "--error-unmatch", "--", f"{DIRECTORY}/state.db")
    # 1: git knows that it is not; 127: there is no git to ask. Any other trouble, such as another owner, is suspicious.
    return answer.status not in (1, 127)


def clear_results(folder: Path) -> int:
    """Remove all stored results of the projects that a folder is in, and return how many; they are made again when they are needed.

    Raises
    ------
    StateError
        If a state directory cannot be used.
    """
    gone = 0
    for base in (folder.resolve(), *folder.resolve().parents):
        if (base / DIRECTORY / "state.db").is_file():
            with State.open(base / DIRECTORY) as state:
                try:
                    gone += state.clear().removed_results
                except Renewed:
                    gone += state.clear().removed_results
    return gone


def collect_garbage(root: Path, *, keep_runs: int = 10) -> Garbage:
    """Remove what none of the last `keep_runs` checks needs.

    Raises
    ------
    StateError
        If the state directory cannot be used.
    """
    with State.open(base_of(root) / DIRECTORY) as state:
        try:
            return state.collect(keep_runs)
        except Renewed:
            return state.collect(keep_runs)
