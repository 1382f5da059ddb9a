"""Dialogflow CX: interaction logs as they are exported to BigQuery, one turn a row.

Columns are those of its documentation ("Interaction logging export to BigQuery"): `conversation_name`, `turn_position`, `request_time`,
`language_code`, and as JSON `request`, `response`, `conversation_signals`, `bot_answer_feedback`. Names inside of the JSON are read in both spellings,
`queryResult` and `query_result`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event
from probatum.dialogue.artefacts.importers.fields import either, listed, mapping, number, share
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.turn import Signal, Stage, Turn

_missed = frozenset({"NO_MATCH", "NO_INPUT"})
_users = ("user_id", "userId", "user", "enduser_id")


class Dialogflow:
    """Reads rows of the export; see the module."""

    name = "dialogflow-cx"

    def recognises(self, record: Any) -> bool:
        """Whether it is a row of the export."""
        return _is_row(record)

    def events(self, record: Any) -> Iterable[Event]:
        """Return the turn.

        Raises
        ------
        Broken
            If it is no row of the export.
        """
        if not _is_row(record):
            raise Broken("it has no `conversation_name` and `turn_position`, with a request or a response")
        yield Event(
            conversation=str(record["conversation_name"]), kind="turn", at=seconds(record.get("request_time")), payload=record
        )

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each row, in the order of their positions."""
        ordered = sorted(events, key=lambda one: number(one[1].payload.get("turn_position")) or 0.0)
        for position, (line, event) in enumerate(ordered):
            yield _turn(event, position, line)


def _is_row(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("conversation_name"), str)
        and record["conversation_name"] != ""
        and number(record.get("turn_position")) is not None
        and ("request" in record or "response" in record)
    )


def _turn(event: Event, position: int, line: int) -> Turn:
    of = event.payload
    request, response = mapping(of.get("request")), mapping(of.get("response"))
    asked, found = mapping(either(request, "queryInput")), mapping(either(response, "queryResult"))
    text = _said(asked, found)
    match = mapping(found.get("match"))
    intent = mapping(match.get("intent")) or mapping(found.get("intent"))
    kind = str(either(match, "matchType") or "")
    confidence = share(match.get("confidence"))
    if confidence is None:
        confidence = share(either(found, "intentDetectionConfidence"))
    signals = mapping(either(mapping(of.get("conversation_signals")), "turnSignals"))
    lost = kind in _missed or either(signals, "noMatch") is True
    spoken = isinstance(asked.get("audio"), dict) or isinstance(found.get("transcript"), str)
    stages = []
    silent = either(signals, "noUserInput") is True or kind == "NO_INPUT"
    if spoken or silent:
        heard = share(either(found, "speechRecognitionConfidence"))
        stages.append(Stage(name="recognition", ok=not silent, confidence=heard, code="no-input" if silent else "", output=text))
    if (kind or signals or confidence is not None) and not silent:
        name = str(either(intent, "displayName") or "")
        stages.append(
            Stage(name="understanding", ok=not lost, confidence=confidence, code="no-match" if lost else "", output=name)
        )
    hooks = [mapping(one) for one in listed(either(found, "webhookStatuses"))]
    broken = next((one for one in hooks if number(one.get("code"))), None)
    reasons = [str(one) for one in listed(either(signals, "failureReasons"))]
    if hooks or "FAILED_WEBHOOK" in reasons:
        failed = broken is not None or "FAILED_WEBHOOK" in reasons
        stages.append(Stage(name="result", ok=not failed, code="webhook" if failed else ""))
    parameters = mapping(match.get("parameters")) or mapping(found.get("parameters"))
    own = {**mapping(either(mapping(either(request, "queryParams")), "payload")), **mapping(found.get("parameters"))}
    return Turn(
        conversation=event.conversation,
        position=position,
        user=next((str(own[one]) for one in _users if isinstance(own.get(one), str | int) and own[one]), ""),
        asked_at=event.at,
        text=text,
        intent="" if lost else str(either(intent, "displayName") or ""),
        slots=tuple((str(name), as_text(value)) for name, value in parameters.items() if value not in (None, "")),
        response="\n".join(_answers(found)),
        stages=tuple(stages),
        signals=tuple(_signals(signals, mapping(of.get("bot_answer_feedback")))),
        locale=str(of.get("language_code") or found.get("languageCode") or ""),
        channel="phone" if either(signals, "dtmfUsed") is True else "voice" if spoken else "chat",
        line=line,
    )


def _said(asked: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return what was asked: typed, or as it was heard; a key of a telephone, an event and a chosen intent are no words."""
    texts = (mapping(asked.get("text")).get("text"), found.get("text"), found.get("transcript"))
    return next((text for text in texts if isinstance(text, str) and text), "")


def _answers(found: Mapping[str, Any]) -> Iterator[str]:
    for message in listed(either(found, "responseMessages")):
        said = mapping(mapping(message).get("text")).get("text")
        yield from (one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str) and one)


def _signals(signals: Mapping[str, Any], feedback: Mapping[str, Any]) -> Iterator[Signal]:
    if either(signals, "userEscalated") is True or either(signals, "agentEscalated") is True:
        yield Signal(kind="escalated")
    rating = str(feedback.get("rating") or "")
    if rating in ("THUMBS_UP", "THUMBS_DOWN"):
        yield Signal(kind="thumbs", value=1.0 if rating == "THUMBS_UP" else -1.0, source="person")
