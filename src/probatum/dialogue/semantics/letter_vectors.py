"""Vectors of texts without a network: how often groups of letters, and of phones, occur in them.

Each group counts at a place that its checksum says, with a sign that it says too [1]_, so no list of groups is kept.

References
----------
.. [1] Weinberger, Dasgupta, Langford, Smola, Attenberg. "Feature Hashing for Large Scale Multitask Learning." ICML 2009.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.sounds import sounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LETTERS = 256
_PHONES = 128
WIDTH = _LETTERS + _PHONES


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

        out = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, text in zip(out, texts, strict=True):
            for group in _groups(text):
                mark = zlib.crc32(group.encode())
                row[mark % _LETTERS] += 1 if mark & 0x10000 else -1
            phones = sounds(text)
            for at in range(len(phones) - 2):
                mark = zlib.crc32(phones[at : at + 3].encode())
                row[_LETTERS + mark % _PHONES] += 1 if mark & 0x10000 else -1
        for columns in (slice(_LETTERS), slice(_LETTERS, None), slice(None)):
            out[:, columns] /= np.maximum(np.linalg.norm(out[:, columns], axis=1, keepdims=True), np.float32(1e-9))
        return out


def _groups(text: str) -> Iterator[str]:
    for word in text.split():
        marked = f"^{word}$"
        for size in (3, 4):
            yield from (marked[at : at + size] for at in range(len(marked) - size + 1))
