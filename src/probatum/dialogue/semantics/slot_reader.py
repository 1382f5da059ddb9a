"""Which slots a request has, all together, by its words alone: where their values stand, and what those words were resolved to before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from probatum.dialogue.semantics.slot_head import OUTSIDE, ROWS, SlotHead, spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_WORDS = 64  # of a text that is read


class Filled(NamedTuple):
    """A slot of a request: its value stands on the words from `begin` to before `end`."""

    name: str
    value: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class SlotReader:
    """What is known of slots from logs.

    Attributes
    ----------
    head : SlotHead
        Tells which words are the value of which slot.
    values : mapping of slot to mapping of words to (value, share)
        What words were resolved to, and how often it was that.
    verbatim : mapping of slot to share
        How often other words are the value themselves.
    """

    head: SlotHead
    values: Mapping[str, Mapping[str, tuple[str, float]]]
    verbatim: Mapping[str, float]

    def read(self, text: str, before: str = "") -> tuple[tuple[Filled, ...], float]:
        """Return the slots of a request, in the order of their words, and the probability that they are right and all there are.

        Parameters
        ----------
        text : str
            In normal form.
        before : str
            What was answered to the turn before, in normal form.

        Returns
        -------
        tuple of Filled
            None of a text of no words, or of more than `MOST_WORDS`.
        p : float
            As if tags and values were independent, and nothing were known that no word says, as a room.
        """
        words = text.split()
        if not 0 < len(words) <= MOST_WORDS:
            return (), 0.0
        tags, p = self.head.tagged(text, before)
        found = []
        for name, begin, end in sorted(spans(tags), key=lambda span: span[1]):
            value, share = self._value(name, " ".join(words[begin:end]))
            found.append(Filled(name, value, begin, end))
            p *= share
        return tuple(found), p

    def _value(self, name: str, words: str) -> tuple[str, float]:
        return self.values.get(name, {}).get(words) or (words, self.verbatim.get(name, 0.0))

    def said(self) -> str:
        """Return what is no weight, as JSON."""
        own = {"tags": list(self.head.tags), "values": self.values, "verbatim": self.verbatim}
        return json.dumps(own, ensure_ascii=False, sort_keys=True)


def from_said(raw: str, weights: NDArray[np.float32]) -> SlotReader:
    """Return what `said` and weights were written of.

    Raises
    ------
    ValueError, LookupError, TypeError, AttributeError
        If it is not what `said` returns.
    """
    own = json.loads(raw)
    values = {
        str(name): {str(words): (str(value), float(share)) for words, (value, share) in known.items()}
        for name, known in own["values"].items()
    }
    verbatim = {str(name): float(share) for name, share in own["verbatim"].items()}
    shares = [share for known in values.values() for _, share in known.values()]
    if not all(0 <= share <= 1 for share in (*shares, *verbatim.values())):
        raise ValueError("its slots have shares that are none")
    tags = tuple(str(tag) for tag in own["tags"])
    if tags[:1] != (OUTSIDE,) or weights.shape != (ROWS, len(tags)):
        raise ValueError("its slots have other weights than tags")
    return SlotReader(SlotHead(tags, weights), values, verbatim)
