"""Numbers of a dialogue: vectors of words and answers, how near they are to their neighbours, and what else is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.dialogues import FEATURES, Said
from probatum.dialogue.semantics.rephrase_features import Vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAR = 5  # products of neighbouring vectors


@dataclass(frozen=True, slots=True)
class Inputs:
    """Of a session of n turns.

    Attributes
    ----------
    texts, answers : arrays of shape (n, width)
    seen, known : arrays of shape (n, len(FEATURES))
        Values, 0 where not known; and 1 where known.
    """

    texts: NDArray[np.float32]
    answers: NDArray[np.float32]
    seen: NDArray[np.float32]
    known: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.texts)

    def part(self, begin: int, end: int) -> Inputs:
        """Return some of the turns."""
        return Inputs(self.texts[begin:end], self.answers[begin:end], self.seen[begin:end], self.known[begin:end])


def inputs(sessions: Sequence[Sequence[Said]], vectors: Vectors) -> list[Inputs]:
    """Return the numbers of sessions; every text is made a vector once."""
    import numpy as np

    places = {
        text: place
        for place, text in enumerate(
            dict.fromkeys(text for session in sessions for one in session for text in (one.text, one.answer))
        )
    }
    known = vectors.sentences(list(places))
    known = np.where(np.array([bool(text) for text in places])[:, None], known, np.float32(0)) if places else known
    found = []
    for session in sessions:
        seen = np.array([one.seen for one in session], dtype=np.float32).reshape(-1, len(FEATURES))  # None is not a number
        there = np.isfinite(seen)
        found.append(
            Inputs(
                known[[places[one.text] for one in session]],
                known[[places[one.answer] for one in session]],
                np.where(there, seen, 0).astype(np.float32),
                there.astype(np.float32),
            )
        )
    return found


def near(texts: NDArray[np.float32], answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how near words and answers of turns are to those of their neighbours.

    Parameters
    ----------
    texts, answers : arrays of shape (..., n, width)

    Returns
    -------
    array of shape (..., n, NEAR)
        Words and words before, words and answer before, words and answer, words and words after, answer and words after;
        0 where there is none.
    """
    import numpy as np

    out = np.zeros((*texts.shape[:-1], NEAR), dtype=np.float32)
    before = np.einsum("...w,...w->...", texts[..., 1:, :], texts[..., :-1, :])
    after = np.einsum("...w,...w->...", texts[..., 1:, :], answers[..., :-1, :])
    out[..., 1:, 0], out[..., :-1, 3] = before, before
    out[..., 1:, 1], out[..., :-1, 4] = after, after
    out[..., 2] = np.einsum("...w,...w->...", texts, answers)
    return out
