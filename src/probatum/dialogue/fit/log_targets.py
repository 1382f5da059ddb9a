"""What a log tells of its turns by itself: weak targets, to which a dialogue model is fitted.

None of them is the truth. Where a log leaves something open, nothing is said, and what the model makes of such turns
it takes from those about which the log is clear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from probatum.dialogue.fit.dialogue_examples import Example, unknown
from probatum.dialogue.model.outcome import Outcome
from probatum.dialogue.semantics.dialogue_inputs import Inputs
from probatum.dialogue.semantics.dialogue_network import FAILING
from probatum.dialogue.semantics.dialogues import FEATURES, Said
from probatum.dialogue.semantics.judged import digits
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.dialogue.semantics.sounds import apart

_WELL = 0.8  # probability from which a turn is taken for one that went well, or badly
_MISHEARD = 0.34  # how far words that were misheard are apart in sound: a quarter of real confusions are nearer
_FEWEST = 5  # turns of an intent that a model learns
_MOST_INTENTS = 200


def intents_of(sessions: Sequence[Sequence[Said]]) -> tuple[str, ...]:
    """Return the intents that a model can learn from some logs, by name."""
    counts = Counter(one.intent for session in sessions for one in session if one.intent)
    return tuple(sorted(name for name, many in counts.most_common(_MOST_INTENTS) if many >= _FEWEST))


def targets(session: Sequence[Said], seen: Inputs, outcome: Outcome, intents: Mapping[str, int]) -> Example:
    """Return a session with what its log tells of it.

    Parameters
    ----------
    session : sequence of Said
    seen : Inputs
        Of the same turns.
    outcome : Outcome
        What signals say of how turns went.
    intents : mapping of intent to its place
    """
    cannot = [one.seen[FEATURES.index("cannot")] == 1 for one in session]
    bad = [outcome.probability(one.pattern) for one in session]
    again = _again(session)
    begins = np.array([_begins(at, again, bad, session) for at in range(len(session))], dtype=np.float32)
    ends = _ends(again)
    tells = _tells(bad, ends)
    found = unknown(seen, session[0].user)
    intent = found.intent.copy()
    failing = found.failing.copy()
    for at, one in enumerate(session):
        tell = tells[at]
        if tell is not None:
            last = session[tell]
            intent[at] = intents.get(last.intent, -1)
            failing[at] = FAILING.index("correct" if tell == at else _failing(one, last))
        elif bad[at] >= _WELL and not one.text:
            failing[at] = FAILING.index("wake")
    return replace(
        found,
        outcome=np.array([(0, 0, 1) if no else (1 - p, p, 0) for no, p in zip(cannot, bad, strict=True)], dtype=np.float32),
        begins=begins,
        success=np.array([0 if cannot[ends[at]] else 1 - bad[ends[at]] for at in range(len(session))], dtype=np.float32),
        intent=intent,
        failing=failing,
    )


def meant(session: Sequence[Said], outcome: Outcome) -> list[Said | None]:
    """Return of each turn the one that tells what was meant by it: itself if it went well, or the last by which it was said again, if
    that did; None where neither did.
    """
    bad = [outcome.probability(one.pattern) for one in session]
    return [None if tell is None else session[tell] for tell in _tells(bad, _ends(_again(session)))]


def _again(session: Sequence[Said]) -> list[bool]:
    """Return of each turn whether it says the one before again."""
    codes = [dict(zip(SIGNALS, digits(one.pattern), strict=True)) for one in session]
    return [False, *(code["repeated"] == 1 or code["rephrased"] == 1 for code in codes[:-1])]


def _tells(bad: Sequence[float], ends: Sequence[int]) -> list[int | None]:
    found: list[int | None] = []
    for at, p in enumerate(bad):
        again = p >= _WELL and ends[at] > at and bad[ends[at]] <= 1 - _WELL
        found.append(at if p <= 1 - _WELL else ends[at] if again else None)
    return found


def _begins(at: int, again: Sequence[bool], bad: Sequence[float], session: Sequence[Said]) -> float:
    if not at:
        return np.nan
    if again[at]:
        return 0.0
    # After a failure, other words may be for the same: the log does not say.
    return np.nan if bad[at - 1] > 1 - _WELL and session[at].text else 1.0


def _ends(again: Sequence[bool]) -> list[int]:
    """Return for each turn the last that says it again."""
    found = list(range(len(again)))
    for at in range(len(again) - 2, -1, -1):
        if again[at + 1]:
            found[at] = found[at + 1]
    return found


def _failing(one: Said, last: Said) -> str:
    """Return the stage at which a request failed that was understood when it was said again."""
    if one.intent == last.intent and one.slots == last.slots:
        return "result"
    if one.text == last.text:
        return "understanding"
    if one.intent and one.intent == last.intent:
        return "resolution"
    return "recognition" if apart(one.text, last.text) <= _MISHEARD else "unknown"
