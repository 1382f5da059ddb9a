"""Dialogflow CX: interaction logs as they are exported to BigQuery, one turn a row.

Columns are those of its documentation ("Interaction logging export to BigQuery"): `conversation_name`, `turn_position`, `request_time`,
`language_code`, and as JSON `request`, `response`, `conversation_signals`, `bot_answer_feedback`. Names inside of the JSON are read in both spellings,
`queryResult` and `query_result`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.spans import parsed
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
        ordered = sorted(events, key=lambda one: _number(one[1].payload.get("turn_position")) or 0.0)
        for position, (line, event) in enumerate(ordered):
            yield _turn(event, position, line)


def _is_row(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("conversation_name"), str)
        and record["conversation_name"] != ""
        and _number(record.get("turn_position")) is not None
        and ("request" in record or "response" in record)
    )


def _turn(event: Event, position: int, line: int) -> Turn:
    of = event.payload
    request, response = _mapping(of.get("request")), _mapping(of.get("response"))
    asked, found = _mapping(_any(request, "queryInput")), _mapping(_any(response, "queryResult"))
    text = _said(asked, found)
    match = _mapping(found.get("match"))
    intent = _mapping(match.get("intent")) or _mapping(found.get("intent"))
    kind = str(_any(match, "matchType") or "")
    confidence = _share(match.get("confidence"))
    if confidence is None:
        confidence = _share(_any(found, "intentDetectionConfidence"))
    signals = _mapping(_any(_mapping(parsed(of.get("conversation_signals"))), "turnSignals"))
    lost = kind in _missed or _any(signals, "noMatch") is True
    spoken = isinstance(asked.get("audio"), dict) or isinstance(found.get("transcript"), str)
    stages = []
    silent = _any(signals, "noUserInput") is True or kind == "NO_INPUT"
    if spoken or silent:
        heard = _share(_any(found, "speechRecognitionConfidence"))
        stages.append(Stage(name="recognition", ok=not silent, confidence=heard, code="no-input" if silent else "", output=text))
    if (kind or signals or confidence is not None) and not silent:
        name = str(_any(intent, "displayName") or "")
        stages.append(
            Stage(name="understanding", ok=not lost, confidence=confidence, code="no-match" if lost else "", output=name)
        )
    hooks = [_mapping(one) for one in _list(_any(found, "webhookStatuses"))]
    broken = next((one for one in hooks if _number(one.get("code"))), None)
    reasons = [str(one) for one in _list(_any(signals, "failureReasons"))]
    if hooks or "FAILED_WEBHOOK" in reasons:
        failed = broken is not None or "FAILED_WEBHOOK" in reasons
        stages.append(Stage(name="result", ok=not failed, code="webhook" if failed else ""))
    parameters = _mapping(match.get("parameters")) or _mapping(found.get("parameters"))
    own = {**_mapping(_any(_mapping(_any(request, "queryParams")), "payload")), **_mapping(found.get("parameters"))}
    return Turn(
        conversation=event.conversation,
        position=position,
        user=next((str(own[one]) for one in _users if isinstance(own.get(one), str | int) and own[one]), ""),
        asked_at=event.at,
        text=text,
        intent="" if lost else str(_any(intent, "displayName") or ""),
        slots=tuple((str(name), as_text(value)) for name, value in parameters.items() if value not in (None, "")),
        response="\n".join(_answers(found)),
        stages=tuple(stages),
        signals=tuple(_signals(signals, _mapping(parsed(of.get("bot_answer_feedback"))))),
        locale=str(of.get("language_code") or found.get("languageCode") or ""),
        channel="phone" if _any(signals, "dtmfUsed") is True else "voice" if spoken else "chat",
        line=line,
    )


def _said(asked: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return what was asked: typed, or as it was heard; a key of a telephone, an event and a chosen intent are no words."""
    texts = (_mapping(asked.get("text")).get("text"), found.get("text"), found.get("transcript"))
    return next((text for text in texts if isinstance(text, str) and text), "")


def _answers(found: Mapping[str, Any]) -> Iterator[str]:
    for message in _list(_any(found, "responseMessages")):
        said = _mapping(_mapping(message).get("text")).get("text")
        yield from (one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str) and one)


def _signals(signals: Mapping[str, Any], feedback: Mapping[str, Any]) -> Iterator[Signal]:
    if _any(signals, "userEscalated") is True or _any(signals, "agentEscalated") is True:
        yield Signal(kind="escalated")
    rating = str(feedback.get("rating") or "")
    if rating in ("THUMBS_UP", "THUMBS_DOWN"):
        yield Signal(kind="thumbs", value=1.0 if rating == "THUMBS_UP" else -1.0, source="person")


def _share(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _any(of: Mapping[str, Any], name: str) -> Any:
    """Return a field in either spelling."""
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    return of.get(name) if of.get(name) is not None else of.get(snake)


def _mapping(value: Any) -> Mapping[str, Any]:
    value = parsed(value)
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
