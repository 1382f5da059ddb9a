"""`probatum check --watch`: check again whenever a file changes.

Times and sizes of files are compared a few times a second: that needs nothing
installed, works on every file system, and costs less than a check.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import click

from probatum.cli import complain
from probatum.errors import ProbatumError

Look: TypeAlias = Callable[[], Mapping[str, tuple[int, int]]]

_POLL_S = 0.3  # between two looks: shorter than anyone's patience, longer than a look takes
_also = ("probatum.toml", "pyproject.toml", "baseline.json", "suppressions.toml")


def look_at(base: Path, suffixes: tuple[str, ...], ignored: Iterable[Path] = ()) -> dict[str, tuple[int, int]]:
    """Return time and size of every file that a check may read.

    Parameters
    ----------
    suffixes : tuple of str
        Of the files that systems claim, in lower case.
    ignored : iterable of Path
        Files and directories that a check writes itself.
    """
    from probatum.project.discover import skipped_names

    left_out = {str(path) for path in ignored}
    seen: dict[str, tuple[int, int]] = {}
    waiting = [str(base)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue  # it went away, or cannot be read; the check itself says so
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in skipped_names and entry.path not in left_out:
                        waiting.append(entry.path)
                elif (entry.name.lower().endswith(suffixes) or entry.name in _also) and entry.path not in left_out:
                    found = entry.stat()
                    seen[entry.path] = (found.st_mtime_ns, found.st_size)
            except OSError:
                continue  # it went away since it was listed
    return seen


def changes(look: Look, wait: Callable[[], None]) -> Iterator[tuple[str, ...]]:
    """Yield what changed since the last look, as soon as two looks in a row agree; at first nothing.

    What is seen before the caller goes on is the state that was checked: a
    change while a check runs is a change after it.
    """
    known = look()
    yield ()
    while True:
        wait()
        now = look()
        if now == known:
            continue
        while True:  # an editor may write several files, or one in several parts
            wait()
            settled, now = now, look()
            if settled == now:
                break
        changed = tuple(sorted(path for path in {*known, *now} if known.get(path) != now.get(path)))
        known = now
        if changed:
            yield changed


def watch(run: Callable[[], int], look: Look, base: Path, *, wait: Callable[[], None] | None = None) -> int:
    """Run a check, and again after every change, until interrupted; return the status of the last one."""
    status = 0
    try:
        for changed in changes(look, wait or (lambda: time.sleep(_POLL_S))):
            if changed:
                _begin(changed, base)
            try:
                status = run()
            except ProbatumError as error:  # a configuration may be wrong while someone writes it
                where = f"{error.location}: " if error.location is not None else ""
                complain(f"error: {where}{error.message}", error.help)
                status = 2
            click.echo("watching for changes; Ctrl-C ends it", err=True)
    except KeyboardInterrupt:
        click.echo("", err=True)
    return status


def _begin(changed: tuple[str, ...], base: Path) -> None:
    from probatum.report.quoting import plain

    names = [Path(os.path.relpath(path, base)).as_posix() for path in changed]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    click.clear()  # does nothing where there is no terminal
    click.echo(f"changed: {plain(', '.join(names[:3]))}{more}", err=True)
