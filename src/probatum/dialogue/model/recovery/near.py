"""Texts that work for most and are like others, by vectors of letters and phones: one search for what is learnt and for what is served.

Few texts are compared one by one, which needs nothing but NumPy and is exact. Many are looked for in an index of faiss: cells of
like vectors, of which the nearest are searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 0.6  # cosine of what is offered
MOST = 5
FEW = 20_000  # texts, up to which they are compared one by one
CELLS_SEARCHED = 32
_TRAINED_ON = 40  # vectors for each cell
_BATCH = 50_000


class Near:
    """Texts to compare with, which are made ready when they are first asked for.

    Parameters
    ----------
    texts : iterable of str

    Raises
    ------
    MissingExtra
        When they are asked for, if there are so many that an index is needed, and faiss is not installed.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = sorted(texts)
        self._vectors: NDArray[np.float32] | None = None
        self._index: Any = None
        self._seen: dict[str, tuple[str, ...]] = {}

    def __call__(self, asked: Sequence[str]) -> list[tuple[str, ...]]:
        """Return, for each text, at most five like it, the likest first."""
        new = [text for text in dict.fromkeys(asked) if text not in self._seen]
        if new:
            self._seen.update(
                (text, tuple(self._texts[at] for at in places if self._texts[at] != text))
                for text, places in zip(new, self._places(LetterVectors().sentences(new)), strict=True)
            )
        return [self._seen[text] for text in asked]

    def _places(self, asked: NDArray[np.float32]) -> list[list[int]]:
        if len(self._texts) > FEW:
            if self._index is None:
                self._index = index_of(self._texts)
            return indexed(self._index, asked)
        if self._vectors is None:
            self._vectors = LetterVectors().sentences(self._texts)
        return likest(self._vectors, asked)


def likest(vectors: NDArray[np.float32], asked: NDArray[np.float32]) -> list[list[int]]:
    """Return, for each vector that is asked for, the places of at most five that are like it, the likest first."""
    import numpy as np

    found = []
    # Rounded, so that texts that are as like as each other stand in one order, whether one is asked for or many.
    for likeness in np.round(asked @ vectors.T, 5):
        least = np.partition(likeness, -MOST)[-MOST] if len(likeness) > MOST else -1.0
        best = np.flatnonzero(likeness >= max(least, LEAST))
        found.append(sorted(best.tolist(), key=lambda at: (-float(likeness[at]), at))[:MOST])
    return found


def indexed(index: Any, asked: NDArray[np.float32]) -> list[list[int]]:
    """Return the same by an index."""
    scores, places = index.search(asked, MOST)
    return [
        [int(at) for score, at in zip(*row, strict=True) if at >= 0 and score >= LEAST]
        for row in zip(scores, places, strict=True)
    ]


def index_of(texts: Sequence[str]) -> Any:
    """Return an index of many texts; of the same texts in the same order it is the same.

    Raises
    ------
    MissingExtra
        If faiss is not installed.
    """
    import numpy as np

    faiss = faiss_or_told()
    cells = int(4 * len(texts) ** 0.5)
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(texts), min(len(texts), _TRAINED_ON * cells), replace=False)
    vectors = LetterVectors().sentences([texts[at] for at in sorted(chosen.tolist())])
    index = faiss.index_factory(vectors.shape[1], f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    for first in range(0, len(texts), _BATCH):
        index.add(LetterVectors().sentences(texts[first : first + _BATCH]))
    index.nprobe = CELLS_SEARCHED
    return index


def faiss_or_told() -> Any:
    """Import faiss.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    try:
        import faiss
    except ImportError:
        raise MissingExtra(
            f"more than {FEW:,} texts are looked for in an index, which needs faiss", help="pip install faiss-cpu"
        ) from None
    faiss.omp_set_num_threads(1)  # searches are short, and many at the same time
    return faiss
