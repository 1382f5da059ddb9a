"""Amazon Lex V2: conversation logs, as CloudWatch has them: entries by themselves, events with a `message`, rows of a query.

Fields are those of its documentation ("Viewing text logs in Amazon CloudWatch Logs"): `sessionId`, `inputTranscript`,
`rawInputTranscript`, `transcriptions`, `interpretations` with `nluConfidence`, `messages`, `missedUtterance`, `timestamp`. A log does not say who
asked: the user is an attribute of the request or the session that many set, and otherwise nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Event, some
from probatum.dialogue.artefacts.importers.fields import listed, mapping, share
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.spans import parsed
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Stage, Turn

_FALLBACKS = ("fallbackintent", "amazon.fallbackintent")
_users = ("userId", "user_id", "x-amz-lex:user-id", "CustomerNumber", "phoneNumber", "x-amz-lex:connect-customer-id")
_modes = {"speech": "voice", "dtmf": "phone", "text": "chat"}


class Lex:
    """Reads entries of conversation logs; see the module."""

    name = "lex"

    def recognises(self, record: Any) -> bool:
        """Whether it is an entry of such a log."""
        return any(True for _ in _entries(record))

    def events(self, record: Any) -> Iterable[Event]:
        """Return the entries.

        Raises
        ------
        Broken
            If there are none.
        """
        entries = (
            Event(conversation=str(entry["sessionId"]), kind="utterance", at=at, payload=entry) for entry, at in _entries(record)
        )
        return some(entries, "it is no entry of a conversation log")

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each entry."""
        for position, (line, event) in enumerate(events):
            yield _turn(event.payload, event, position, line)


def _entries(record: Any, at: float | None = None, depth: int = 3) -> Iterator[tuple[Mapping[str, Any], float | None]]:
    """Yield (entry, its time), out of events and rows of CloudWatch too."""
    record = parsed(record)
    if not isinstance(record, dict) or not depth:
        return
    if isinstance(record.get("sessionId"), str) and record["sessionId"] and _is_entry(record):
        yield record, seconds(record.get("timestamp")) or at
        return
    later = next((time for name in ("timestamp", "@timestamp", "ingestionTime") if (time := seconds(record.get(name)))), at)
    for name in ("message", "@message"):
        if isinstance(record.get(name), str | dict):
            yield from _entries(record[name], later, depth - 1)
            return
    for name in ("events", "logEvents"):
        inner = record.get(name)
        for one in inner if isinstance(inner, list) else ():
            yield from _entries(one, later, depth - 1)


def _is_entry(of: Mapping[str, Any]) -> bool:
    return "inputTranscript" in of and (
        "interpretations" in of or "missedUtterance" in of or "transcriptions" in of or "messageVersion" in of
    )


def _turn(of: Mapping[str, Any], event: Event, position: int, line: int) -> Turn:
    state = mapping(of.get("sessionState"))
    meant = [one for one in listed(of.get("interpretations")) if isinstance(one, dict)]
    first = meant[0] if meant else {}
    intent = mapping(first.get("intent")) or mapping(state.get("intent"))
    name = str(intent.get("name") or "")
    confidence = _sure(first.get("nluConfidence"))
    missed = of.get("missedUtterance")
    lost = missed is True or str(missed).lower() == "true" or name.lower() in _FALLBACKS
    heard = [one for one in listed(of.get("transcriptions")) if isinstance(one, dict)]
    text = _text(of.get("inputTranscript")) or _text(of.get("rawInputTranscript"))
    hypotheses = [
        Hypothesis(_text(one.get("transcription")), _sure(one.get("transcriptionConfidence")))
        for one in heard
        if _text(one.get("transcription"))
    ]
    stages = []
    if heard:
        sure = next((h.score for h in hypotheses if h.text == text), hypotheses[0].score if hypotheses else None)
        stages.append(Stage(name="recognition", ok=None if text else False, confidence=sure, output=text))
    known = missed is not None or bool(meant)
    if known:
        stages.append(Stage(name="understanding", ok=not lost, confidence=confidence, code="missed" if lost else "", output=name))
    outcome = str(intent.get("state") or "")
    if outcome in ("Failed", "Fulfilled"):
        stages.append(Stage(name="result", ok=outcome == "Fulfilled", code="" if outcome == "Fulfilled" else "failed"))
    attributes = {**mapping(state.get("sessionAttributes")), **mapping(of.get("requestAttributes"))}
    bot = mapping(of.get("bot"))
    mode = str(of.get("inputMode") or "").lower()
    answers = [_text(one.get("content")) for one in listed(of.get("messages")) if isinstance(one, dict)]
    return Turn(
        conversation=event.conversation,
        position=position,
        user=next((str(attributes[one]) for one in _users if isinstance(attributes.get(one), str | int) and attributes[one]), ""),
        asked_at=event.at,
        text=text,
        hypotheses=tuple(hypotheses),
        intent="" if lost else name,
        slots=tuple(_slots(intent.get("slots"))),
        response="\n".join(answer for answer in answers if answer),
        stages=tuple(stages),
        signals=tuple(_signals(first)),
        locale=_text(bot.get("localeId")).replace("_", "-"),
        channel=_modes.get(mode, mode),
        line=line,
    )


def _slots(slots: Any) -> Iterator[tuple[str, str]]:
    for name, slot in mapping(slots).items():
        value = mapping(mapping(slot).get("value"))
        said = value.get("interpretedValue", value.get("originalValue"))
        if isinstance(said, str | int | float) and said != "":
            yield str(name), as_text(said)


def _signals(interpretation: Mapping[str, Any]) -> Iterator[Signal]:
    felt = str(mapping(interpretation.get("sentimentResponse")).get("sentiment") or "").upper()
    if felt in ("POSITIVE", "NEGATIVE"):
        yield Signal(kind="score.sentiment", value=1.0 if felt == "POSITIVE" else -1.0, source="judge")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _sure(confidence: Any) -> float | None:
    """Return a confidence from 0 to 1: a number, or an object with a `score`."""
    return share(mapping(confidence).get("score", confidence))
