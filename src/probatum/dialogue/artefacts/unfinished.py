"""A user who is being forgotten: who would use what is half without the user is told so, and two never change a folder at once.

While somebody is forgotten a file stands in the folder of the conversations (what is to be done, see `service.forgetting_plan`),
and one in the folder of the service (where the conversations are). They are there before anything is changed, and go last.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probatum.dialogue.artefacts import FORGETTING, MANIFEST
from probatum.errors import StateError, UnreadableArtefact
from probatum.source import Location

_LOCK = ".lock"  # in a folder of conversations


class HalfForgotten(UnreadableArtefact):
    """Forgetting a user was begun and not finished."""


def unfinished(folder: Path) -> HalfForgotten | None:
    """Return that forgetting a user was not finished in a folder of conversations, or of a service; None if it was."""
    place = folder / FORGETTING
    if not place.is_file():
        return None
    try:
        told, whole, _ = place.read_bytes().decode().partition("\n")
    except (OSError, ValueError):
        told, whole = "", "?"
    if not whole:  # interrupted while it was written, which is before anything is changed
        return None
    # A plan is JSON; a service has the name of the folder in which the plan is.
    conversations = Path(os.path.normpath(folder / told)) if told and not told.startswith("{") else folder
    return HalfForgotten(
        f"forgetting a user was interrupted, and `{folder}` is half with and half without that user",
        help=f"finish it with `probatum dialogue forget --resume --conversations {conversations}`",
        location=Location(place.as_posix()),
    )


def refuse_unfinished(folder: Path) -> None:
    """Refuse a folder in which forgetting a user was not finished.

    Raises
    ------
    HalfForgotten
    """
    problem = unfinished(folder)
    if problem is not None:
        raise problem


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others who would change a folder of conversations from it, as long as the context lasts.

    Raises
    ------
    UnreadableArtefact
        If it is not there.
    StateError
        If another process changes it now, or makes something of it, or it cannot be written.
    """
    if not folder.is_dir():
        raise UnreadableArtefact(
            f"`{folder}` holds no conversations",
            help="name the folder of `probatum dialogue import`",
            location=Location(folder.as_posix()),
        )
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise StateError(
            f"`{folder}` cannot be changed: {(problem.strerror or str(problem)).lower()}", help="make it writable"
        ) from None
    try:
        if not _locked(handle, fcntl.LOCK_EX):
            what = "read for what is made of it" if _locked(handle, fcntl.LOCK_SH) else "changed"
            raise StateError(f"`{folder}` is being {what} by another process", help="wait until that has ended")
        yield
    finally:
        os.close(handle)


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Keep a folder of conversations from being changed, as long as the context lasts; several processes may.

    Who makes something of conversations that lasts reads and writes within one such context: between the two nobody could be
    forgotten, whom the result would have brought back. A folder that holds no conversations is left alone, and so is one in which the
    lock can be neither made nor read.

    Raises
    ------
    StateError
        If another process changes it now.
    """
    handle = _opened(folder / _LOCK) if (folder / MANIFEST).is_file() else None
    if handle is None:
        yield
        return
    try:
        if not _locked(handle, fcntl.LOCK_SH):
            raise StateError(f"`{folder}` is being changed by another process", help="wait until that has ended")
        yield
    finally:
        os.close(handle)


def _opened(lock: Path) -> int | None:
    for flags in (os.O_RDWR | os.O_CREAT, os.O_RDONLY):
        try:
            return os.open(lock, flags, 0o600)
        except OSError:
            continue
    return None


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
