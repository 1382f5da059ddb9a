"""What takes long to make and is always the same: made once, and kept in a folder under what it is made of."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from probatum.errors import StateError

_DIGEST = 32  # bytes of SHA-256, before the content


def own_folder() -> Path | None:
    """Return the folder of this user for what can be made again, as the XDG Base Directory Specification has it; None without a home.

    It is no folder of a project: what came with someone else's files is never taken for what was made here.
    """
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "probatum" / "inspection"
    except RuntimeError:
        return None


def kept(folder: Path, key: str, make: Callable[[], bytes]) -> bytes:
    """Return what `make` makes, from the folder if it is there and whole.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    key : str
        Everything that decides what is made.
    make : callable

    Raises
    ------
    StateError
        If the folder cannot be written.
    """
    path = folder / hashlib.sha256(key.encode()).hexdigest()
    try:
        raw = path.read_bytes()
    except OSError:
        raw = b""
    if len(raw) > _DIGEST and hashlib.sha256(raw[_DIGEST:]).digest() == raw[:_DIGEST]:
        return raw[_DIGEST:]
    made = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(made).digest() + made)
        Path(name).replace(path)
    except OSError as problem:
        raise StateError(
            f"the folder `{folder}` cannot be written: {(problem.strerror or str(problem)).lower()}",
            help="make it writable, or name another",
        ) from problem
    return made
