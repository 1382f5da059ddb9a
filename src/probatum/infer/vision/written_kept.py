"""What was read on pictures, remembered: to read one takes some tenths of a CPU-second, to remember it nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from probatum.errors import StateError
from probatum.infer.vision.kept import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

_MOST = 10_000  # pictures that are remembered in memory


class Reader(Protocol):
    """Reads what is written on a picture; `written.TextReader`, or whatever else can."""

    @property
    def digest(self) -> str:
        """Everything that decides what is read: what was calibrated with one reader means nothing with another."""
        ...

    def words(self, picture: NDArray[np.uint8]) -> Sequence[str]:
        """Return words as they are written, in any order.

        Parameters
        ----------
        picture : array of shape (h, w, 3), uint8
            RGB.
        """
        ...


class KeptWords:
    """A reader that reads each picture once.

    Parameters
    ----------
    reader : Reader
    folder : Path, optional
        Where words are kept from one run to the next, under the digest of the pixels, the reader and the libraries; it is made when something is
        kept in it, and what is damaged there is made anew. Without it they are remembered for as long as this lives.
    """

    def __init__(self, reader: Reader, folder: Path | None = None) -> None:
        self._reader, self._folder = reader, folder
        self._known: dict[str, tuple[str, ...]] = {}

    @property
    def digest(self) -> str:
        """That of the reader."""
        return self._reader.digest

    def words(self, picture: NDArray[np.uint8]) -> tuple[str, ...]:
        """Return the words on a picture, as they were read or are read now."""
        import cv2
        import numpy as np
        import onnxruntime

        pixels = hashlib.sha256(np.ascontiguousarray(picture).tobytes()).hexdigest()
        parts = ["words/1", self.digest, cv2.__version__, np.__version__, onnxruntime.__version__, list(picture.shape), pixels]
        key = json.dumps(parts)
        if key not in self._known:
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]  # the oldest
            self._known[key] = self._read(picture) if self._folder is None else self._from(self._folder, key, picture)
        return self._known[key]

    def _read(self, picture: NDArray[np.uint8]) -> tuple[str, ...]:
        return tuple(self._reader.words(picture))

    def _from(self, folder: Path, key: str, picture: NDArray[np.uint8]) -> tuple[str, ...]:
        made: list[tuple[str, ...]] = []

        def written() -> bytes:
            made.append(self._read(picture))
            return json.dumps(made[0]).encode()

        try:
            raw = kept(folder, key, written)
        except StateError:  # a folder that cannot be written makes this slower, and nothing else
            return made[0]
        try:
            told = json.loads(raw)
        except ValueError:  # whole, and yet none of ours
            told = None
        whole = isinstance(told, list) and all(isinstance(word, str) for word in told)
        return tuple(told) if whole else self._read(picture)
