"""What `stage_signs.Seen` shows of a turn as numbers, for trees. They mean the same for any assistant, and hold none of its words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.replayed import misheard
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.dialogue.semantics.sounds import apart
from probatum.dialogue.semantics.stage_signs import Seen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ABSENT = -99.0  # of what is not shown; all that is shown is more
# How usual each part is; see `stage_counts`.
USUAL = (
    "text",
    "meaning",
    "slots",
    "intent",
    "kinds",
    "value",
    "word",
    "spoken",
    "pair",
    "pairs",
    "heard",
    "heard pairs",
    "next",
)
_OWN = (
    "understood", "slots", "slot words", "longest slot", "answered",
    *(f"{stage} {what}" for stage in STAGES for what in ("ok", "sure")), "least sure", "failed stages", "stages",
)  # fmt: skip  # a list of names
_HEARD = (
    "hypotheses", "entropy", "margin", "words", "nearest", "others", "meanings", "other intent", "other slots", "other kinds",
    "others alike", "others of the intent", "others understood",
)  # fmt: skip  # as above
_NEXT = ("since", "sound", "again", "misheard", "same intent", "same slots", "next understood", "next heard", "next nearest")
NAMES = (*_OWN, *_HEARD, *SIGNALS, *_NEXT, *(f"usual {name}" for name in USUAL), "rather heard")


def numbers(seen: Sequence[Seen]) -> NDArray[np.float32]:
    """Return a row of `NAMES` for each turn."""
    import numpy as np

    rows = [
        [*_own(one), *_heard(one), *(float(one.signals.get(name, -1)) for name in SIGNALS), *_next(one), *_usual(one)]
        for one in seen
    ]
    found = np.array(rows, dtype=np.float32).reshape(len(seen), len(NAMES))
    return np.where(np.isnan(found), np.float32(ABSENT), found)


def _own(seen: Seen) -> Iterator[float]:
    values = [value for _, value in seen.slots]
    yield float(bool(seen.intent))
    yield float(len(seen.slots))
    yield float(len(" ".join(values).split()))
    yield float(max(map(len, values), default=0))
    yield float(seen.answered) if seen.signals else math.nan
    sure = {stage.name: stage.confidence for stage in reversed(seen.stages)}
    failed = {stage.name: stage.ok is False or bool(stage.code) for stage in reversed(seen.stages)}
    for name in STAGES:
        yield float(not failed[name]) if name in failed else math.nan
        yield _or_none(sure.get(name))
    yield min((value for value in sure.values() if value is not None), default=math.nan)
    yield float(sum(failed.values()))
    yield float(len(failed))


def _heard(seen: Seen) -> Iterator[float]:
    scores = sorted((score for _, score in seen.hypotheses if score is not None), reverse=True)
    weights = [math.exp(max(-50.0, score - scores[0])) for score in scores]
    parts = [weight / sum(weights) for weight in weights]
    nearest = next((other for other, _ in seen.hypotheses if other != seen.text), None)
    yield float(len(seen.hypotheses))
    yield -sum(p * math.log(p) for p in parts if p > 0) if parts else math.nan
    yield parts[0] - parts[1] if len(parts) > 1 else math.nan
    yield math.nan if seen.text is None else float(len(seen.text.split()))
    yield math.nan if not seen.text or nearest is None else apart(seen.text, nearest)
    yield float(len(seen.others))
    yield float(len(set(seen.others)))
    if not seen.others:
        yield from [math.nan] * 6
        return
    intent, slots = seen.others[0]
    many = len(seen.others)
    yield float(intent == seen.intent)
    yield float(sorted(slots) == sorted(seen.slots))
    yield float(sorted(name for name, _ in slots) == sorted(name for name, _ in seen.slots))
    yield sum(other == (seen.intent, seen.slots) for other in seen.others) / many
    yield sum(other == seen.intent for other, _ in seen.others) / many
    yield sum(bool(other) for other, _ in seen.others) / many


def _next(seen: Seen) -> Iterator[float]:
    after = seen.next
    if after is None:
        yield from [math.nan] * len(_NEXT)
        return
    yield _or_none(after.since_s)
    if seen.text is None:
        yield from [math.nan] * 3
    else:
        yield apart(seen.text, after.text)
        yield float(seen.text == after.text)
        yield float(misheard(seen.text, after.text))
    yield float(seen.intent == after.intent)
    yield float(seen.slots == after.slots)
    yield float(bool(after.intent))
    rest = [text for text, _ in seen.hypotheses if text != seen.text]
    yield math.nan if seen.text is None else float(after.text in rest)
    yield min((apart(text, after.text) for text in rest), default=math.nan)


def _usual(seen: Seen) -> Iterator[float]:
    own = {name: math.log1p(many) for name, many in seen.usual.items()}
    yield from (own.get(name, math.nan) for name in USUAL)
    yield own["heard"] - own["text"] if "heard" in own and "text" in own else math.nan


def _or_none(value: float | None) -> float:
    return math.nan if value is None else value
