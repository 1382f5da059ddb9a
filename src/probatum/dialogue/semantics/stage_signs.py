"""What a log shows of a turn that bears on which stage it failed at, as signs: short texts that are there or not.

Signs of what was said, of what each stage said of itself, of how sure it was, of what users did next, and of how usual the request is;
some of them together; and the assistant's own words: intents, names, letters and sounds. What means the same for any assistant is in
`stage_numbers`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from probatum.dialogue.artefacts.turn import STAGES, Stage
from probatum.dialogue.semantics.replayed import misheard
from probatum.dialogue.semantics.sounds import apart, sounds

_SURE = (0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.97)
_MANY = (1, 2, 3, 5, 9, 20)
_ALIKE = (0.1, 0.25, 0.4, 0.55, 0.75)
_TIMES_S = (3.0, 6.0, 12.0, 25.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The next request of the session.

    Attributes
    ----------
    text, intent : str
    slots : tuple of (name, value)
    since_s : float or None
    """

    text: str
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    since_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a log shows of a turn.

    Attributes
    ----------
    text : str or None
        In normal form; "" for nothing heard, None if the log has no texts.
    intent, slots : str, tuple of (name, value)
        What it was understood as.
    stages : tuple of Stage
    hypotheses : tuple of (str, float or None)
        Other ways to hear it and their scores, best first.
    others : tuple of (intent, slots)
        What other ways to hear it were understood as: of n-best lists, or of another microphone.
    answered : int
        What the answer says; see `phrases.answered`.
    signals : mapping of str to int
        Those of `signals.SIGNALS` that can be seen: 0 or 1.
    next : Next or None
    context : mapping of str to str
    usual : mapping of str to float
        Of the request, of what it was understood as, of its parts: in how many other turns of the log each occurs; see `stage_counts`.
    """

    text: str | None
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()
    stages: tuple[Stage, ...] = ()
    hypotheses: tuple[tuple[str, float | None], ...] = ()
    others: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    answered: int = 0
    signals: Mapping[str, int] = field(default_factory=dict)
    next: Next | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, float] = field(default_factory=dict)


def signs(seen: Seen) -> list[str]:
    """Return the signs of a turn, each once."""
    of_stages = list(_stages(seen))
    plain = [*of_stages, *_heard(seen), *_afterwards(seen), *_usual(seen)]
    found = [*plain, *(f"{one}&{other}" for n, one in enumerate(of_stages) for other in of_stages[n + 1 :])]
    state = f"{bool(seen.intent):d}{bool(seen.slots):d}"
    found += [f"{state}&{one}" for one in plain]
    found += _own(seen)
    found += [f"i={seen.intent}&{one}" for one in plain]
    return list(dict.fromkeys(found))


def _binned(name: str, value: float, edges: tuple[float, ...]) -> str:
    return f"{name}{bisect_right(edges, value)}"


def _stages(seen: Seen) -> Iterator[str]:
    for number, name in enumerate(STAGES):
        own = [stage for stage in seen.stages if stage.name == name]
        if not own:
            yield f"s{number}-"
            continue
        failed = any(stage.ok is False or stage.code for stage in own)
        sure = min((stage.confidence for stage in own if stage.confidence is not None), default=None)
        yield f"s{number}{'!' if failed else '.'}"
        if sure is not None:
            yield _binned(f"s{number}~", sure, _SURE)


def _heard(seen: Seen) -> Iterator[str]:
    yield _binned("slots", len(seen.slots), (1, 2, 3))
    if seen.text is not None:
        yield _binned("words", len(seen.text.split()), (1, 2, 3, 5, 8))
    yield f"answer{seen.answered}"
    scores = [score for _, score in seen.hypotheses if score is not None]
    yield _binned("heard", len(seen.hypotheses), (1, 2, 4))
    if len(scores) > 1:
        high = max(scores)
        weights = [math.exp(max(-50.0, score - high)) for score in scores]
        parts = sorted((weight / sum(weights) for weight in weights), reverse=True)
        yield _binned("entropy", -sum(p * math.log(p) for p in parts if p > 0), (0.2, 0.5, 0.8, 1.1, 1.4))
        yield _binned("margin", parts[0] - parts[1], (0.02, 0.05, 0.1, 0.2, 0.4))
    if seen.text and seen.hypotheses:
        other = next((text for text, _ in seen.hypotheses if text != seen.text), None)
        yield "alone" if other is None else _binned("nearest", apart(seen.text, other), _ALIKE)
    for intent, slots in seen.others[:1]:
        same, alike = intent == seen.intent, sorted(slots) == sorted(seen.slots)
        kinds = sorted(name for name, _ in slots) == sorted(name for name, _ in seen.slots)
        yield f"other{same:d}{alike:d}{kinds:d}"
        yield f"other{same:d}"
    yield "others" if seen.others else "no other"


def _afterwards(seen: Seen) -> Iterator[str]:
    yield from (f"{name}{value}" for name, value in seen.signals.items())
    after = seen.next
    if after is None:
        yield "no next"
        return
    if after.since_s is not None:
        yield _binned("since", after.since_s, _TIMES_S)
    if seen.text is None:
        return
    if after.text == seen.text:
        yield "again"
    else:
        far = apart(seen.text, after.text)
        yield _binned("sound", far, _ALIKE)
        texts = tuple(text for text, _ in seen.hypotheses)
        heard = misheard(seen.text, after.text)
        yield f"misheard{heard:d}"
        if after.text in texts:
            yield "next was heard"
        yield f"next intent{_relation(seen.intent, after.intent)}&{heard:d}"
    relation = _relation(seen.intent, after.intent)
    slots = "?" if not (seen.slots and after.slots) else "=" if seen.slots == after.slots else "/"
    yield f"next intent{relation}"
    yield f"next{relation}{slots}"


def _relation(one: str, other: str) -> str:
    if not one or not other:
        return "?" + "01"[bool(other)]
    return "=" if one == other else "/"


def _usual(seen: Seen) -> Iterator[str]:
    yield from (_binned(f"usual {name}", many, _MANY) for name, many in seen.usual.items())


def _own(seen: Seen) -> Iterator[str]:
    yield f"i={seen.intent}"
    yield from (f"code {stage.name} {stage.code}" for stage in seen.stages if stage.code)
    yield from (f"c={name}={value}" for name, value in seen.context.items())
    yield from (f"both={seen.intent}>{intent}" for intent, _ in seen.others[:1])
    kinds = "|".join(sorted(name for name, _ in seen.slots))
    yield f"k={kinds}"
    yield f"i={seen.intent}&k={kinds}"
    for name, value in seen.slots:
        yield f"v={name}={value}"
        yield from (f"vw={name}={word}" for word in value.split())
        yield f"vn={name}={len(value.split())}"
    spoken = seen.text if seen.text is not None else " ".join(value for _, value in seen.slots)
    yield from (f"w={word}" for word in spoken.split())
    for word in spoken.split():
        marked = f"^{word}$"
        yield from (f"l={marked[at : at + 3]}" for at in range(len(marked) - 2))
    phones = sounds(spoken)
    yield from (f"p={phones[at : at + 3]}" for at in range(len(phones) - 2))
