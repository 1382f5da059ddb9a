"""Texts that work and look or sound like one that nobody is known to have said: by vectors of letters and phones.

They are looked for as they were when refused requests were learnt from
(`model.recovery.near`); of many, the index is built when the policy is made. It is
read only if it is what was written, since its reader trusts its bytes.

A file has the SHA-256 of what comes after it, the length of the texts in eight
bytes, the texts, one on each line, and the index. It is read in pieces, beside
requests that are answered: nothing in it is made into a million values of Python.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, overload

from probatum.dialogue.model.recovery import near
from probatum.dialogue.model.recovery.near import CELLS_SEARCHED, faiss_or_told, index_of, indexed, likest
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW = near.FEW
_PIECE = 1 << 20  # bytes read at once: others wait no longer than for one
_MARK = 32  # bytes of a SHA-256
_LENGTH = 8


class Lines(Sequence[str]):
    """Texts that are kept as bytes, one on each line: a tenth of what they would take as values of Python.

    Parameters
    ----------
    raw : bytes
        UTF-8, with a line feed after each text.
    """

    def __init__(self, raw: bytes | bytearray) -> None:
        """Find where they end."""
        import numpy as np

        self._raw = raw
        self._ends = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == ord("\n"))

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        """Return a text, or some."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        place = range(len(self))[at]
        begin = int(self._ends[place - 1]) + 1 if place else 0
        return self._raw[begin : int(self._ends[place])].decode()


@dataclass(slots=True)
class Nearest:
    """Texts, and how they are looked for.

    Attributes
    ----------
    texts : sequence of str
    vectors : float32 of shape (texts, 384) or None
    index : faiss index or None
        One of both is there.
    """

    texts: Sequence[str]
    vectors: NDArray[np.float32] | None
    index: Any

    def __call__(self, text: str) -> tuple[str, ...]:
        """Return at most five texts, the likest first."""
        asked = LetterVectors().sentences([text])
        [places] = indexed(self.index, asked) if self.vectors is None else likest(self.vectors, asked)
        return tuple(other for at in places if (other := self.texts[at]) != text)


def digest_of(texts: Iterable[str]) -> str:
    """Return by what an index tells that it is of some texts, in their order."""
    mark = hashlib.sha256()
    for text in texts:
        mark.update(text.encode() + b"\n")
    return mark.hexdigest()


def compared(texts: Sequence[str]) -> Nearest | None:
    """Return what compares few texts one by one; None for none."""
    return Nearest(texts, LetterVectors().sentences(texts), None) if texts else None


def build(texts: Sequence[str], path: Path) -> None:
    """Write an index of texts, if there are so many that one is needed; otherwise nothing.

    Parameters
    ----------
    texts : sequence of str
        None with a line feed.
    path : Path
        Replaced at once.

    Raises
    ------
    MissingExtra
        If it is needed, and faiss is not installed.
    """
    if len(texts) <= FEW:
        return
    faiss, index = faiss_or_told(), index_of(texts)
    lines = "".join(f"{text}\n" for text in texts).encode()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(bytes(_MARK) + len(lines).to_bytes(_LENGTH, "big") + lines)
            faiss.write_index(index, faiss.PyCallbackIOWriter(file.write))
            file.seek(_MARK)
            mark = _mark(file)
            file.seek(0)
            file.write(mark)
            file.flush()
            Path(file.name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(file.name).unlink()
            raise


def read(digest: str, path: Path) -> Nearest | None:
    """Return what `build` made of the texts of a digest (`digest_of`); None if it is not there, is damaged, or cannot be read here."""
    try:
        faiss = faiss_or_told()
        with path.open("rb") as file:
            written = file.read(_MARK)
            if _mark(file) != written:
                return None
            file.seek(_MARK)
            lines = bytearray(int.from_bytes(file.read(_LENGTH), "big"))
            file.readinto(lines)
            if hashlib.sha256(lines).hexdigest() != digest:
                return None
            index = faiss.read_index(faiss.PyCallbackIOReader(file.read, _PIECE))
    except (OSError, MissingExtra, RuntimeError):  # the last where this faiss is older than the one that wrote it
        return None
    index.nprobe = CELLS_SEARCHED
    return Nearest(Lines(lines), None, index)


def _mark(file: IO[bytes]) -> bytes:
    """Return the digest of the rest of a file, and of how vectors are made."""
    mark = hashlib.sha256(LetterVectors.digest.encode())
    while piece := file.read(_PIECE):
        mark.update(piece)
    return mark.digest()
