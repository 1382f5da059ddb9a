"""Vectors of texts that were asked for before.

A vector tells much of what its text says: a file of them is as private as the texts are.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = 100_000  # vectors in memory: 150 MB at a width of 384


class _Vectors(Protocol):
    @property
    def digest(self) -> str: ...

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class CachedVectors:
    """Vectors of another maker, each made once as long as it is among the last `most` that were asked for.

    Parameters
    ----------
    maker
        What makes vectors that do not yet stand here.
    path : Path, optional
        A file to begin with, and for `save`. One that is not there, is damaged, or has vectors of another
        maker, is no beginning.
    most : int
    """

    def __init__(self, maker: _Vectors, path: Path | None = None, *, most: int = _MOST) -> None:
        self._maker = maker
        self._path = path
        self._most = most
        self._known: dict[bytes, NDArray[np.float32]] = {} if path is None else _read(path, maker.digest)

    @property
    def digest(self) -> str:
        """That of the maker."""
        return self._maker.digest

    def __len__(self) -> int:
        return len(self._known)

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector for each text, as the maker does."""
        import numpy as np

        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        made = dict(zip(new, self._maker.sentences(list(new.values())), strict=True)) if new else {}
        found = [made[key] if key in made else self._known[key] for key in keys]
        self._known |= made
        for key in list(self._known)[: max(0, len(self._known) - self._most)]:
            del self._known[key]
        return np.stack(found) if found else self._maker.sentences([])

    def save(self) -> None:
        """Replace the file by all vectors that stand here; nothing, without a path."""
        import numpy as np

        if self._path is None or not self._known:
            return
        keys = np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, 16)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        with os.fdopen(handle, "wb") as file:
            np.savez(file, digest=np.array(self.digest), keys=keys, vectors=np.stack(list(self._known.values())))
        Path(name).replace(self._path)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _read(path: Path, digest: str) -> dict[bytes, NDArray[np.float32]]:
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
            if str(held["digest"]) != digest:
                return {}
            keys, vectors = held["keys"], held["vectors"].astype(np.float32)
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile):
        return {}
    if keys.shape != (len(vectors), 16) or keys.dtype != np.uint8:
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}
