"""What logs tell of slots: with which a request was executed that went well, or that was then said again and went well.

The words that a value stands for are those that sound like it. None of it is the truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from probatum.dialogue.fit.log_targets import meant
from probatum.dialogue.fit.slot_head import Tagged
from probatum.dialogue.fit.slot_head import fit as fit_head
from probatum.dialogue.model.outcome import Outcome
from probatum.dialogue.model.projection import Slot, projected, tags
from probatum.dialogue.semantics.dialogues import Said
from probatum.dialogue.semantics.slot_reader import MOST_WORDS, SlotReader

_FEWEST = 5  # turns with a slot that a model learns
_MOST_SLOTS = 100


@dataclass(frozen=True, slots=True)
class Lesson:
    """A request in normal form, the answer before it, and those of its slots that its words say."""

    text: str
    before: str
    slots: tuple[Slot, ...]


def fit(sessions: Sequence[Sequence[Said]], outcome: Outcome, *, seed: int) -> SlotReader | None:
    """Fit what reads slots; None where the logs have none, or too few.

    Parameters
    ----------
    sessions : sequence of sequences of Said
    outcome : Outcome
        What signals say of how turns went.
    seed : int
    """
    every = lessons(sessions, outcome)
    counts = Counter(name for one in every for name in {slot.name for slot in one.slots})
    known = {name for name, many in counts.most_common(_MOST_SLOTS) if many >= _FEWEST}
    if not known:
        return None
    learnt = [replace(one, slots=tuple(slot for slot in one.slots if slot.name in known)) for one in every]
    head = fit_head([Tagged(one.text, tags(one.slots, one.text), one.before) for one in learnt], seed=seed)
    return SlotReader(head, *_values(learnt))


def lessons(sessions: Sequence[Sequence[Said]], outcome: Outcome) -> list[Lesson]:
    """Return what logs tell of the slots of requests. A slot that no word sounds like is left out: nothing is learnt of it here."""
    placed = lru_cache(maxsize=100_000)(projected)
    found = []
    for session in sessions:
        for at, (one, other) in enumerate(zip(session, meant(session, outcome), strict=True)):
            if other is None or not other.intent or not 0 < len(one.text.split()) <= MOST_WORDS:
                continue
            slots = placed(tuple((name, value) for name, value in other.slots if value), one.text)
            own = tuple(slot for slot in slots if slot.begin >= 0)
            found.append(Lesson(one.text, session[at - 1].answer if at else "", own))
    return found


def _values(learnt: Sequence[Lesson]) -> tuple[dict[str, dict[str, tuple[str, float]]], dict[str, float]]:
    """Return what words of slots were resolved to, with its share, and how often words of a slot are the value themselves.

    A share is that of the turns, and of one more that the words say by themselves: what was seen once is not certain.
    """
    counts: dict[str, dict[str, Counter[str]]] = {}
    for one in learnt:
        words = one.text.split()
        for slot in one.slots:
            counts.setdefault(slot.name, {}).setdefault(" ".join(words[slot.begin : slot.end]), Counter())[slot.value] += 1
    values: dict[str, dict[str, tuple[str, float]]] = {}
    verbatim: dict[str, float] = {}
    for name, own in sorted(counts.items()):
        same = sum(_commonest(seen).casefold() == words for words, seen in own.items())
        verbatim[name] = (same + 1) / (len(own) + 2)
        values[name] = {words: _resolved(words, seen, verbatim[name]) for words, seen in sorted(own.items())}
    return values, verbatim


def _resolved(words: str, seen: Mapping[str, int], verbatim: float) -> tuple[str, float]:
    value = _commonest(seen)
    by_itself = verbatim if value.casefold() == words else 0.0
    return value, (seen[value] + by_itself) / (sum(seen.values()) + 1)


def _commonest(seen: Mapping[str, int]) -> str:
    return min(seen, key=lambda value: (-seen[value], value))
