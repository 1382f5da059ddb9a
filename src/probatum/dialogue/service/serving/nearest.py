"""Texts that work and look or sound like one that nobody is known to have said: by vectors of letters and phones.

Few texts are compared one by one, which needs nothing but NumPy and is exact.
Many are looked for in an index of faiss, built when the policy is made: cells of
like vectors, of which the nearest are searched. The index is read only if it is
what was written, since its reader trusts its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW = 20_000  # texts, up to which they are compared one by one
LEAST = 0.6  # cosine of what is offered
MOST = 5
_CELLS_SEARCHED = 8
_TRAINED_ON = 40  # vectors for each cell
_BATCH = 50_000


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
        if self.vectors is not None:
            likeness = self.vectors @ asked[0]
            best = likeness.argsort()[::-1][:MOST]
            found = [(float(likeness[at]), int(at)) for at in best]
        else:
            scores, places = self.index.search(asked, MOST)
            found = [(float(score), int(at)) for score, at in zip(scores[0], places[0], strict=True) if at >= 0]
        return tuple(self.texts[at] for score, at in found if score >= LEAST and self.texts[at] != text)


def build(texts: Sequence[str], path: Path) -> None:
    """Write an index of texts, if there are so many that one is needed; otherwise nothing.

    Raises
    ------
    MissingExtra
        If it is needed, and faiss is not installed.
    """
    if len(texts) <= FEW:
        return
    import numpy as np

    faiss = _faiss()
    cells = int(4 * len(texts) ** 0.5)
    vectors = LetterVectors()
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(texts), min(len(texts), _TRAINED_ON * cells), replace=False)
    width = vectors.sentences(["a"]).shape[1]
    index = faiss.index_factory(width, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors.sentences([texts[at] for at in sorted(chosen.tolist())]))
    for first in range(0, len(texts), _BATCH):
        index.add(vectors.sentences(texts[first : first + _BATCH]))
    raw = faiss.serialize_index(index).tobytes()
    path.write_bytes(_mark(texts, raw) + raw)


def read(texts: Sequence[str], path: Path) -> Nearest | None:
    """Return what `build` made of these texts; None if it is not there, is damaged, or cannot be read here.

    Few texts need no file.
    """
    if len(texts) <= FEW:
        return Nearest(texts, LetterVectors().sentences(texts), None) if texts else None
    try:
        raw = path.read_bytes()
        faiss = _faiss()
    except (OSError, MissingExtra):
        return None
    if raw[:32] != _mark(texts, raw[32:]):
        return None
    import numpy as np

    index = faiss.deserialize_index(np.frombuffer(raw[32:], dtype=np.uint8))
    index.nprobe = _CELLS_SEARCHED
    return Nearest(texts, None, index)


def _mark(texts: Sequence[str], raw: bytes) -> bytes:
    mark = hashlib.sha256(LetterVectors.digest.encode())
    for text in texts:
        mark.update(text.encode() + b"\n")
    mark.update(raw)
    return mark.digest()


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise MissingExtra(
            f"more than {FEW:,} texts are looked for in an index, which needs faiss", help="pip install faiss-cpu"
        ) from None
    faiss.omp_set_num_threads(1)  # searches are short, and many at the same time
    return faiss
