"""Texts that work for most and are like others: compared one by one, by vectors of letters and phones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.letter_vectors import LetterVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 0.6  # cosine of what is offered
MOST = 5
FEW = 20_000  # texts that are compared one by one


class Near:
    """Texts to compare with.

    Parameters
    ----------
    texts : iterable of (text, number)
        With how many say it: of too many, those that most say are kept.
    """

    def __init__(self, texts: Iterable[tuple[str, int]]) -> None:
        most = sorted(texts, key=lambda one: (-one[1], one[0]))[:FEW]
        self._texts = sorted(text for text, _ in most)
        self._vectors = LetterVectors().sentences(self._texts)
        self._seen: dict[str, tuple[str, ...]] = {}

    def __call__(self, asked: Sequence[str]) -> list[tuple[str, ...]]:
        """Return, for each text, at most five like it, the likest first."""
        new = [text for text in dict.fromkeys(asked) if text not in self._seen]
        if new:
            found = likest(self._vectors, LetterVectors().sentences(new))
            self._seen.update(
                (text, tuple(self._texts[at] for at in places if self._texts[at] != text))
                for text, places in zip(new, found, strict=True)
            )
        return [self._seen[text] for text in asked]


def likest(vectors: NDArray[np.float32], asked: NDArray[np.float32]) -> list[list[int]]:
    """Return, for each vector that is asked for, the places of at most five that are like it, the likest first."""
    import numpy as np

    found = []
    for likeness in asked @ vectors.T:
        best = np.argpartition(-likeness, MOST)[:MOST] if len(likeness) > MOST else np.arange(len(likeness))
        order = sorted(best.tolist(), key=lambda at: (-float(likeness[at]), at))
        found.append([at for at in order if likeness[at] >= LEAST])
    return found
