"""Which words of a request are the value of which slot: a softmax over tags of each word, from frozen weights, in NumPy.

A word is seen as itself, by its beginning and end, with its neighbours, and with the answer that came before. Features count at
places that their checksums say [1]_, so no list of words is kept.

References
----------
.. [1] Weinberger, Dasgupta, Langford, Smola, Attenberg. "Feature Hashing for Large Scale Multitask Learning." ICML 2009.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROWS = 1 << 15
OUTSIDE = "O"
_BEFORE = 12  # words of the answer before


@dataclass(frozen=True, slots=True)
class SlotHead:
    """Weights.

    Attributes
    ----------
    tags : tuple of str
        `O`, and `B-` and `I-` of each slot.
    weights : array of shape (ROWS, tags)
    """

    tags: tuple[str, ...]
    weights: NDArray[np.float32]

    def tag(self, text: str, before: str = "") -> list[str]:
        """Return a tag for each word of a text.

        Parameters
        ----------
        text : str
            In normal form.
        before : str
            What was answered to the turn before, in normal form.

        Returns
        -------
        list of str
            The likeliest tags of which each `I-` goes on with a slot that has begun.
        """
        return self.tagged(text, before)[0]

    def tagged(self, text: str, before: str = "") -> tuple[list[str], float]:
        """Return the tags that `tag` does, and the probability of all of them together, among tags that can be.

        Parameters
        ----------
        text, before : str
            As for `tag`.

        Notes
        -----
        O(words x tags^2).
        """
        import numpy as np

        words = text.split()
        if not words:
            return [], 1.0
        after = before.split()
        scores = np.stack([self.weights[places(words, at, after)].sum(axis=0) for at in range(len(words))]).astype(np.float64)
        scores -= np.logaddexp.reduce(scores, axis=1, keepdims=True)
        allowed = _allowed(self.tags)
        best, back = scores[0] + np.where([tag.startswith("I-") for tag in self.tags], -np.inf, 0.0), []
        every = best
        for row in scores[1:]:
            ways = best[:, None] + allowed
            back.append(ways.argmax(axis=0))
            best = ways.max(axis=0) + row
            every = np.logaddexp.reduce(every[:, None] + allowed, axis=0) + row
        path = [int(best.argmax())]
        for step in reversed(back):
            path.append(int(step[path[-1]]))
        share = float(np.exp(best.max() - np.logaddexp.reduce(every)))
        return [self.tags[at] for at in reversed(path)], min(1.0, share)


def places(words: Sequence[str], at: int, before: Sequence[str]) -> list[int]:
    """Return the rows of the features of a word, of `words` and of the answer before."""
    word = words[at]
    shape = "".join("9" if letter.isdecimal() else "a" if letter.isalpha() else letter for letter in word[:6])
    near = [words[at + step] if 0 <= at + step < len(words) else "|" for step in (-2, -1, 1, 2)]
    found = [
        f"w {word}", f"s {shape}", f"b {word[:3]}", f"e {word[-3:]}", f"-2 {near[0]}", f"-1 {near[1]}", f"+1 {near[2]}", f"+2 {near[3]}",
        f"-1,0 {near[1]} {word}", f"0,+1 {word} {near[2]}", f"-2,-1 {near[0]} {near[1]}", f"+1,+2 {near[2]} {near[3]}", "always",
    ]  # fmt: skip  # features of one kind on a line
    return [_place(one) for one in (*found, *(f"a {said}" for said in before[-_BEFORE:]))]


@lru_cache(maxsize=200_000)
def _place(feature: str) -> int:
    return zlib.crc32(feature.encode()) % ROWS


@lru_cache(maxsize=8)
def _allowed(tags: tuple[str, ...]) -> NDArray[np.float64]:
    """Return 0 where a tag may follow another, and minus infinity elsewhere, of shape (tag before, tag)."""
    import numpy as np

    return np.array(
        [[0.0 if new[:2] != "I-" or old[2:] == new[2:] else -np.inf for new in tags] for old in tags], dtype=np.float64
    )


def spans(tags: Sequence[str]) -> set[tuple[str, int, int]]:
    """Return the slots of tagged words, each with the words from `begin` to before `end`: (slot, begin, end)."""
    found: set[tuple[str, int, int]] = set()
    for at, tag in enumerate(tags):
        if tag.startswith("B-"):
            end = at + 1
            while end < len(tags) and tags[end] == f"I-{tag[2:]}":
                end += 1
            found.add((tag[2:], at, end))
    return found
