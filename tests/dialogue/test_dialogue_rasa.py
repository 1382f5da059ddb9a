"""Rasa: trackers, lines of the event broker and rows of the tracker store give the same turns."""

from __future__ import annotations

import json
from typing import Any

from probatum.dialogue.artefacts.importers.rasa import Rasa
from probatum.dialogue.artefacts.turn import Stage, ToolCall, Turn

_EVENTS: list[dict[str, Any]] = [
    {"event": "action", "timestamp": 1700000000.1, "name": "action_session_start", "policy": None, "confidence": 1.0},
    {"event": "session_started", "timestamp": 1700000000.2},
    {"event": "action", "timestamp": 1700000000.3, "name": "action_listen", "policy": None, "confidence": None},
    {
        "event": "user",
        "timestamp": 1700000001.0,
        "text": "book a table for two in Rome",
        "parse_data": {
            "intent": {"name": "book_table", "confidence": 0.93},
            "entities": [
                {"entity": "number", "start": 17, "end": 20, "value": 2, "extractor": "DucklingEntityExtractor"},
                {"entity": "city", "role": "where", "value": "Rome", "confidence_entity": 0.98},
            ],
            "text": "book a table for two in Rome",
            "intent_ranking": [{"name": "book_table", "confidence": 0.93}, {"name": "cancel", "confidence": 0.03}],
        },
        "input_channel": "rest",
        "message_id": "m1",
        "metadata": {"language": "en-GB"},
    },
    {"event": "user_featurization", "timestamp": 1700000001.1, "use_text_for_featurization": False},
    {"event": "slot", "timestamp": 1700000001.2, "name": "city", "value": "Rome"},
    {"event": "action", "timestamp": 1700000001.3, "name": "action_find_table", "policy": "RulePolicy", "confidence": 1.0},
    {
        "event": "bot",
        "timestamp": 1700000001.4,
        "text": "Which day?",
        "data": {"buttons": [{"title": "today", "payload": "/day"}], "custom": None, "image": None},
        "metadata": {"utter_action": "utter_day"},
    },
    {
        "event": "user",
        "timestamp": 1700000009.0,
        "text": "hmm the one after",
        "parse_data": {"intent": {"name": "nlu_fallback", "confidence": 0.41}, "entities": []},
        "input_channel": "rest",
    },
    {"event": "action", "timestamp": 1700000009.1, "name": "action_default_fallback", "policy": "RulePolicy", "confidence": 0.4},
    {"event": "bot", "timestamp": 1700000009.2, "text": "Sorry, I did not get that.", "data": {}},
    {"event": "rewind", "timestamp": 1700000009.3},
    {
        "event": "user",
        "timestamp": 1700000020.0,
        "text": "a person please",
        "parse_data": {"commands": [{"command": "human handoff"}]},
    },
    {"event": "pause", "timestamp": 1700000020.5},
    {"event": "moon_phase", "timestamp": 1700000021.0, "phase": "full"},
]
TRACKER = {"sender_id": "alice", "slots": {}, "latest_event_time": 1700000021.0, "events": _EVENTS}
LINES = [{"sender_id": "alice", **event} for event in _EVENTS]
ROWS = [
    {"id": n, "sender_id": "alice", "type_name": e["event"], "timestamp": e["timestamp"], "data": json.dumps(e)}
    for n, e in enumerate(_EVENTS)
]


def turns(*records: Any) -> list[Turn]:
    events = [(1, e) for record in records for e in Rasa().events(record) if e.kind != "unknown"]
    return list(Rasa().turns(events))


def test_a_tracker_becomes_turns() -> None:
    first, second, third = turns(TRACKER)

    assert first == Turn(
        conversation="alice",
        user="alice",
        asked_at=1700000001.0,
        answered_at=1700000001.4,
        text="book a table for two in Rome",
        intent="book_table",
        slots=(("number", "2"), ("city.where", "Rome")),
        response="Which day?\ntoday",
        stages=(Stage(name="understanding", ok=True, confidence=0.93, output="book_table"),),
        tools=(ToolCall(name="action_find_table"),),
        locale="en-GB",
        channel="rest",
        line=1,
    )
    assert second.stages == (
        Stage(name="understanding", ok=False, confidence=0.41, code="action_default_fallback", output="nlu_fallback"),
    )
    assert [s.kind for s in second.signals] == ["reverted"]
    assert [s.kind for s in third.signals] == ["escalated"]


def test_lines_and_rows_say_the_same() -> None:
    assert turns(*LINES) == turns(TRACKER) == turns(*ROWS)


def test_what_rasa_does_not_know_is_kept() -> None:
    [unknown] = [e for e in Rasa().events(TRACKER) if e.kind == "unknown"]

    assert unknown.payload["phase"] == "full"
    assert unknown.at == 1700000021.0
