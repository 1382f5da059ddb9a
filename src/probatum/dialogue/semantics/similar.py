"""Whether one request is a second try of another, as far as their words tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_WORDS = 0.5  # share of the words of the shorter that are in the other
LEAST_LETTERS = 0.7  # normalised similarity of the letters (longest common subsequence)


def similar(request: str, later: str) -> bool:
    """Whether two requests, in normal form, share half of their words, or most of their letters."""
    from rapidfuzz.distance import Indel

    words, others = set(request.split()), set(later.split())
    shared = len(words & others) / max(1, min(len(words), len(others)))
    # One word in common is little where there are few.
    if shared >= LEAST_WORDS and min(len(words), len(others)) > 1:
        return True
    return bool(Indel.normalized_similarity(request, later) >= LEAST_LETTERS)


def similar_pairs(pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Return `similar` of many pairs, in a fraction of the time."""
    import numpy as np
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cpdist

    many, shared = _words(pairs)
    fewer = many.min(axis=1)
    found = (fewer > 1) & (shared >= LEAST_WORDS * fewer)
    left = np.flatnonzero(~found).tolist()
    # In double precision, in which a pair alone is compared: some are exactly as alike as they must be.
    alike = cpdist(
        [pairs[n][0] for n in left],
        [pairs[n][1] for n in left],
        scorer=Indel.normalized_similarity,
        score_cutoff=LEAST_LETTERS,
        dtype=np.float64,
    )
    found[left] = alike >= LEAST_LETTERS
    said: list[bool] = found.tolist()
    return said


def _words(pairs: Sequence[tuple[str, str]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many different words each of both has, shape (pairs, 2), and how many are in both, shape (pairs,)."""
    import numpy as np
    from scipy.sparse import csr_array

    texts = {text: n for n, text in enumerate(dict.fromkeys(chain.from_iterable(pairs)))}
    at = np.fromiter(map(texts.__getitem__, chain.from_iterable(pairs)), dtype=np.int64, count=2 * len(pairs)).reshape(-1, 2)
    words = [set(text.split()) for text in texts]
    many = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    numbers = {word: n for n, word in enumerate(dict.fromkeys(chain.from_iterable(words)))}
    which = np.fromiter(map(numbers.__getitem__, chain.from_iterable(words)), dtype=np.int64, count=int(many.sum()))
    begins = np.concatenate([[0], np.cumsum(many)])
    has = csr_array((np.ones(len(which), dtype=np.int64), which, begins), shape=(len(texts), max(1, len(numbers))))
    shared = np.asarray(has[at[:, 0]].multiply(has[at[:, 1]]).sum(axis=1)).ravel()
    return many[at], shared
