"""What `stage_signs.Seen` shows of a turn as numbers, for trees: what is not shown is no number. They mean the same for any assistant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.replayed import misheard
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.dialogue.semantics.sounds import apart
from probatum.dialogue.semantics.stage_signs import Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_USUAL = ("text", "meaning", "slots", "intent", "kinds", "value", "word")
_NONE = math.nan


def numbers(seen: Sequence[Seen]) -> NDArray[np.float64]:
    """Return one row for each turn."""
    import numpy as np

    return np.array([_row(one) for one in seen], dtype=np.float64).reshape(len(seen), -1)


def _row(seen: Seen) -> list[float]:
    values = [value for _, value in seen.slots]
    row = [
        float(bool(seen.intent)),
        float(len(seen.slots)),
        float(len(" ".join(values).split())),
        float(max(map(len, values), default=0)),
    ]
    row.append(float(seen.answered) if seen.signals else _NONE)
    for name in STAGES:
        own = next((stage for stage in seen.stages if stage.name == name), None)
        row.append(-1.0 if own is None else float(own.ok is not False and not own.code))
        row.append(_NONE if own is None or own.confidence is None else own.confidence)
    row += _heard(seen)
    row += [float(seen.signals.get(name, -1)) for name in SIGNALS]
    row += [seen.usual.get(name, _NONE) for name in _USUAL]
    return row + _other(seen) + _next(seen)


def _heard(seen: Seen) -> list[float]:
    scores = sorted((score for _, score in seen.hypotheses if score is not None), reverse=True)
    weights = [math.exp(max(-50.0, score - scores[0])) for score in scores]
    parts = [weight / sum(weights) for weight in weights]
    text = seen.text
    nearest = next((other for other, _ in seen.hypotheses if other != text), None)
    return [
        float(len(seen.hypotheses)),
        -sum(p * math.log(p) for p in parts if p > 0) if parts else _NONE,
        parts[0] - parts[1] if len(parts) > 1 else _NONE,
        _NONE if text is None else float(len(text.split())),
        _NONE if not text or nearest is None else apart(text, nearest),
    ]


def _other(seen: Seen) -> list[float]:
    if not seen.others:
        return [_NONE] * 4
    intent, slots = seen.others[0]
    kinds = sorted(name for name, _ in slots) == sorted(name for name, _ in seen.slots)
    alike = sum(other == (seen.intent, seen.slots) for other in seen.others) / len(seen.others)
    return [float(intent == seen.intent), float(sorted(slots) == sorted(seen.slots)), float(kinds), alike]


def _next(seen: Seen) -> list[float]:
    after = seen.next
    if after is None:
        return [_NONE] * 7
    since = _NONE if after.since_s is None else after.since_s
    same = [float(seen.intent == after.intent), float(seen.slots == after.slots), float(bool(after.intent))]
    if seen.text is None:
        return [since, _NONE, _NONE, _NONE, *same]
    return [since, apart(seen.text, after.text), float(seen.text == after.text), float(misheard(seen.text, after.text)), *same]
