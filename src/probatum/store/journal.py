"""A file that only grows: one JSON object on each line, each with the digest of all before it.

A line is written and made durable at once, or it is not there: what a crash left
of a last line is told, and dropped by the next one. A line that was changed later does
not have the digest that it had, and neither have all after it. Who may write the
file could make all digests anew: keep the last one elsewhere, if that matters.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError, StateError
from probatum.source import digest_of

_FIRST = "0" * 64


class DamagedJournal(ProbatumError):
    """A journal is not what was written."""


@dataclass(slots=True)
class Journal:
    """Entries in the order in which they were made.

    Parameters
    ----------
    path : Path
        A file that need not exist; its directory is made.

    Attributes
    ----------
    entries : list of dict
    digest : str
        Of all of them.
    cut_off : int
        Bytes of a last line that was never written to its end, when the file was read.

    Raises
    ------
    DamagedJournal
        If an entry was altered, removed or put between others, with its line.
    """

    path: Path
    entries: list[dict[str, Any]] = field(default_factory=list, init=False)
    digest: str = field(default=_FIRST, init=False)
    cut_off: int = field(default=0, init=False)
    _size: int = field(default=0, init=False)
    _file: tuple[int, int] = field(default=(0, 0), init=False)

    def __post_init__(self) -> None:
        """Read what is there."""
        self.refresh()

    def refresh(self) -> None:
        """Read what others have written, and that nothing was altered."""
        self.entries, self.digest, self._size = [], _FIRST, 0
        self.catch_up()

    def catch_up(self) -> None:
        """Read what stands behind the entries that are known."""
        try:
            with self.path.open("rb") as file:
                about = os.fstat(file.fileno())
                known = (about.st_dev, about.st_ino)
                if self._size and (known != self._file or about.st_size < self._size):  # another file took its place
                    self.entries, self.digest, self._size = [], _FIRST, 0
                file.seek(self._size)
                raw, self._file = file.read(), known
        except FileNotFoundError:
            self.entries, self.digest, self._size, raw = [], _FIRST, 0, b""
        except OSError as error:
            raise StateError(
                f"`{self.path}` cannot be read: {(error.strerror or str(error)).lower()}", help="make it readable"
            ) from None
        *lines, rest = raw.split(b"\n")
        self.cut_off = len(rest)
        for line in lines:
            number = len(self.entries) + 1
            entry = _entry(line)
            if entry is None or entry.pop("digest", None) != digest_of({"before": self.digest, **entry}):
                raise DamagedJournal(
                    f"line {number} of `{self.path}` is not what was written there",
                    help=f"restore the file from a copy; its first {number - 1} lines are sound",
                )
            self.digest = digest_of({"before": self.digest, **entry})
            self.entries.append(entry)
            self._size += len(line) + 1

    def append(self, entry: Mapping[str, Any], *, check: Callable[[], None] = lambda: None) -> None:
        """Write an entry, durably.

        Parameters
        ----------
        entry : mapping
            JSON.
        check : callable
            Called when nobody else can write, after what others wrote was read; may raise, and then nothing is written.

        Raises
        ------
        StateError
            If it cannot be written; then it is not there.
        """
        with self._alone():
            self.catch_up()
            check()
            line = _line(entry, self.digest)
            try:
                # Not opened for appending: what a crash left after the last whole line is overwritten.
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
                try:
                    os.ftruncate(handle, self._size)
                    os.pwrite(handle, line, self._size)
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError as error:
                raise _unwritable(self.path, error) from None
            self.catch_up()

    def rewrite(self, change: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]) -> int:
        """Write the journal as if entries had been made otherwise, or for None never; return how many were left out.

        The file is replaced at once: it is the old one or the new one, whatever happens.
        """
        with self._alone():
            self.refresh()
            kept = [changed for entry in self.entries if (changed := change(entry)) is not None]
            gone = len(self.entries) - len(kept)
            digest, lines = _FIRST, []
            for entry in kept:
                lines.append(_line(entry, digest))
                digest = digest_of({"before": digest, **entry})
            temporary = ""
            try:
                handle, temporary = tempfile.mkstemp(prefix=".new-", dir=self.path.parent)
                with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                    file.write(b"".join(lines))
                    file.flush()
                    os.fsync(handle)
                Path(temporary).replace(self.path)
            except OSError as error:
                with contextlib.suppress(OSError):
                    Path(temporary).unlink()
                raise _unwritable(self.path, error) from None
            self.refresh()
        return gone

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing; the lock is a file of its own, because the journal may be replaced."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _line(entry: Mapping[str, Any], before: str) -> bytes:
    whole = {**entry, "digest": digest_of({"before": before, **entry})}
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode() + b"\n"


def _unwritable(path: Path, error: OSError) -> StateError:
    return StateError(
        f"`{path}` cannot be written: {(error.strerror or str(error)).lower()}", help="make room, or make the directory writable"
    )
