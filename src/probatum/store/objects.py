"""Content-addressed objects: what is large, under the digest of itself.

A file is written beside its place, made durable, and renamed: under its name is
all of it or nothing. It is read back only if it still has its digest.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from probatum.errors import StateError
from probatum.source import digest

_abandoned_s = 3600.0  # a temporary file this old belongs to a process that is dead


@dataclass(frozen=True, slots=True)
class Objects:
    """A directory ``objects/ab/abcdef...`` of immutable files."""

    root: Path

    def put(self, content: bytes) -> str:
        """Keep bytes; return their digest.

        Raises
        ------
        StateError
            If they cannot be written: no space, no permission.
        """
        name = digest(content)
        place = self._place(name)
        if place.exists():
            return name
        temporary = ""
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix="new-", dir=place.parent)
            with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.write(content)
                file.flush()
                os.fsync(handle)
            os.replace(temporary, place)  # noqa: PTH105 - `temporary` is a plain string
        except OSError as error:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108 - `temporary` is a plain string
            raise StateError(
                f"evidence cannot be kept in `{self.root}`: {(error.strerror or str(error)).lower()}",
                help="make room, or make the directory writable",
            ) from None
        return name

    def get(self, name: str) -> bytes | None:
        """Bytes of that digest; None if they are not there, or are no longer what they were.

        What is damaged is removed, so that it can be made again.
        """
        place = self._place(name)
        try:
            content = place.read_bytes()
        except OSError:
            return None
        if digest(content) == name:
            return content
        with contextlib.suppress(OSError):
            place.unlink()
        return None

    def sweep(self, keep: set[str]) -> tuple[int, int, int]:
        """Remove what is not to be kept; return how many were removed, their bytes, and how many stay."""
        removed = freed = kept = 0
        for place in self._files():
            temporary = place.name.startswith("new-")
            try:
                status = place.stat()
                if place.name in keep or (temporary and time.time() - status.st_mtime < _abandoned_s):
                    kept += not temporary
                    continue
                place.unlink()
            except OSError:  # another process was faster, or it is not ours to remove
                continue
            removed += 1
            freed += status.st_size
        return removed, freed, kept

    def _files(self) -> Iterator[Path]:
        if self.root.is_dir():
            for folder in sorted(self.root.iterdir()):
                if folder.is_dir() and not folder.is_symlink():
                    yield from sorted(folder.iterdir())

    def _place(self, name: str) -> Path:
        return self.root / name[:2] / name
