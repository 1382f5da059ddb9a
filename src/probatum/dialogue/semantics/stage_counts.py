"""How usual in its log is each part of a request: its words, what it was understood as, and what else may have been said.

What a recogniser makes up is rare: of its words, some pair is said nowhere else in the log. What a user really says, others say too.
All counts are of other turns of the same log, so that they need no labels and no words from outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import expm1, log1p
from typing import TypeAlias

Slots: TypeAlias = tuple[tuple[str, str], ...]


class Counts:
    """Counts of a log.

    Parameters
    ----------
    texts : iterable of (str, int)
        In normal form, each once, with the number of turns.
    meanings : iterable of (str, slots, int)
        Intent and slots, with the number of turns; the intent is "" where nothing was understood.
    """

    def __init__(self, texts: Iterable[tuple[str, int]], meanings: Iterable[tuple[str, Slots, int]]) -> None:
        self._of: dict[str, Counter[object]] = {
            name: Counter() for name in ("text", "spoken", "pair", "meaning", "slots", "intent", "kinds", "value", "word")
        }
        for text, many in texts:
            self._of["text"][text] += many
            for word in set(text.split()):
                self._of["spoken"][word] += many
            for pair in set(_pairs(text)):
                self._of["pair"][pair] += many
        for intent, slots, many in meanings:
            for name, parts in _parts(intent, slots).items():
                for part in set(parts):
                    self._of[name][part] += many

    def usual(
        self, text: str, intent: str, slots: Slots, *, hypotheses: Sequence[str] = (), after: str | None = None
    ) -> dict[str, float]:
        """Return in how many other turns each part of a turn occurs; of several parts, that of the rarest.

        Parameters
        ----------
        text, intent, slots
            Of a turn that is counted.
        hypotheses : sequence of str
            Other ways to hear it: `heard` is how often the most usual one of them was said.
        after : str, optional
            What was said next.
        """
        found = {"text": float(self._of["text"][text] - 1)}
        if text:
            found["spoken"] = float(min(self._of["spoken"][word] for word in text.split()) - 1)
            found["pair"] = float(min(self._of["pair"][pair] for pair in _pairs(text)) - 1)
            found["pairs"] = self._mean(text, 1)
        parts = _parts(intent, slots)
        for name in ("meaning", "intent", "kinds") if intent else ():
            found[name] = float(self._of[name][parts[name][0]] - 1)
        for name in ("slots", "value", "word"):
            if parts[name]:
                found[name] = float(min(self._of[name][part] for part in parts[name]) - 1)
        rest = [other for other in hypotheses if other != text]
        if rest:
            found["heard"] = float(max(self._of["text"][other] for other in rest))
            found["heard pairs"] = max(self._mean(other, 0) for other in rest)
        if after is not None:
            found["next"] = float(max(0, self._of["text"][after] - 1))
        return {name: max(0.0, value) for name, value in found.items()}

    def _mean(self, text: str, own: int) -> float:
        # Geometric, of counts and one more: a single pair that nobody says does not hide the others.
        pairs = _pairs(text)
        return expm1(sum(log1p(max(0, self._of["pair"][pair] - own)) for pair in pairs) / len(pairs))


def _parts(intent: str, slots: Slots) -> dict[str, list[object]]:
    return {
        "meaning": [(intent, slots)],
        "slots": [slots],
        "intent": [intent],
        "kinds": [(intent, tuple(name for name, _ in slots))],
        "value": [*slots],
        "word": [word for _, value in slots for word in value.split()],
    }


def _pairs(text: str) -> list[tuple[str, str]]:
    return [*pairwise(["", *text.split(), ""])]
