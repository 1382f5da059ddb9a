"""What a request was meant as, from the one by which its user was understood: intent and slots, put onto the words that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from probatum.dialogue.semantics.sounds import apart

MOST_APART = 0.4  # of sounds; of random pairs of words 3 in 1,000 are nearer than .5
_SPARE = 2  # more, or fewer, words than the value has


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a request.

    Attributes
    ----------
    name, value : str
        The value as it was resolved.
    begin, end : int
        Where its words stand among those of the text; both -1 where nothing there sounds like it: it is known from context.
    """

    name: str
    value: str
    begin: int = -1
    end: int = -1


def projected(slots: Sequence[tuple[str, str]], text: str) -> tuple[Slot, ...]:
    """Return slots with the words of a text that each stands for.

    Parameters
    ----------
    slots : sequence of (name, value)
    text : str
        In normal form.

    Returns
    -------
    tuple of Slot
        In the order of `slots`; no two share a word. Values nearest to some words in sound are placed first, of equally near places
        the longest, then the first.
    """
    words = text.split()
    places = []
    for number, (_, value) in enumerate(slots):
        known = value.casefold().replace("_", " ").replace("/", " ").split()
        if not known:
            continue
        for begin in range(len(words)):
            for end in range(begin + max(1, len(known) - _SPARE), min(len(words), begin + len(known) + _SPARE) + 1):
                distance = apart(" ".join(words[begin:end]), " ".join(known))
                if distance <= MOST_APART:
                    places.append((distance, begin - end, begin, end, number))
    taken: set[int] = set()
    found: dict[int, tuple[int, int]] = {}
    for _, _, begin, end, number in sorted(places):
        if number not in found and taken.isdisjoint(range(begin, end)):
            found[number] = begin, end
            taken.update(range(begin, end))
    return tuple(Slot(name, value, *found.get(number, (-1, -1))) for number, (name, value) in enumerate(slots))


def tags(slots: Sequence[Slot], text: str) -> list[str]:
    """Return a tag for each word of a text: `B-` and a slot where it begins, `I-` where it goes on, `O` elsewhere."""
    found = ["O"] * len(text.split())
    for slot in slots:
        for at in range(max(0, slot.begin), slot.end):
            found[at] = f"{'B' if at == slot.begin else 'I'}-{slot.name}"
    return found
