"""Vectors of texts without a network: how often groups of letters, and of phones, occur in them.

Each group counts at a place that its checksum says, with a sign that it says too [1]_, so no list of groups is kept.

References
----------
.. [1] Weinberger, Dasgupta, Langford, Smola, Attenberg. "Feature Hashing for Large Scale Multitask Learning." ICML 2009.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.sounds import sounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LETTERS = 256
_PHONES = 128
WIDTH = _LETTERS + _PHONES
_AT_ONCE = 256  # texts, whose counts stay in the processor's cache


class LetterVectors:
    """Vectors of groups of three and four letters, and of three phones.

    Attributes
    ----------
    digest : str
        Of how they are made: what was fitted to one digest fits no other.
    """

    digest = "letters-1"

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector of length one for each text in normal form; of length zero for one without a letter.

        Returns
        -------
        array of shape (n, 384)
        """
        import numpy as np

        out = np.empty((len(texts), WIDTH), dtype=np.float32)
        for begin in range(0, len(texts), _AT_ONCE):
            out[begin : begin + _AT_ONCE] = _counted(texts[begin : begin + _AT_ONCE])
        for columns in (slice(_LETTERS), slice(_LETTERS, None), slice(None)):
            out[:, columns] /= np.maximum(np.linalg.norm(out[:, columns], axis=1, keepdims=True), np.float32(1e-9))
        return out


def _counted(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return how often each place is counted up, less how often it is counted down, of shape (texts, 384)."""
    import numpy as np

    # Places of all texts in one list, counted together: adding to rows one by one takes four times as long.
    places: list[int] = []
    for row, text in enumerate(texts):
        begin = 2 * WIDTH * row
        for word in text.split():
            places += [begin + place for place in _letters(word)]
        phones = sounds(text)
        places += [begin + _phones(phones[at : at + 3]) for at in range(len(phones) - 2)]
    counts = np.bincount(np.array(places, dtype=np.int64), minlength=2 * WIDTH * len(texts)).reshape(len(texts), 2, WIDTH)
    difference: NDArray[np.int64] = counts[:, 0] - counts[:, 1]
    return difference


@lru_cache(100_000)
def _letters(word: str) -> tuple[int, ...]:
    """Return where the groups of a word count: below `WIDTH` for one more, above for one less."""
    marked = f"^{word}$"
    groups = (marked[at : at + size] for size in (3, 4) for at in range(len(marked) - size + 1))
    return tuple(_place(group, _LETTERS) for group in groups)


@lru_cache(100_000)
def _phones(group: str) -> int:
    """Return where three phones count, as above."""
    return _LETTERS + _place(group, _PHONES)


def _place(group: str, width: int) -> int:
    mark = zlib.crc32(group.encode())
    return mark % width + (0 if mark & 0x10000 else WIDTH)
