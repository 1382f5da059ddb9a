"""Home Assistant Assist: runs become turns, with the stage that failed."""

from __future__ import annotations

from typing import Any

import pytest

from probatum.dialogue.artefacts.importers.assist import Assist
from probatum.dialogue.artefacts.turn import Stage, Turn

_T = "2026-05-01T08:00:{:06.3f}+00:00"


def event(kind: str, second: float, **data: Any) -> dict[str, Any]:
    return {"type": kind, "data": data or None, "timestamp": _T.format(second)}


def answer(kind: str, speech: str, **data: Any) -> dict[str, Any]:
    return {
        "intent_output": {
            "response": {
                "speech": {"plain": {"speech": speech, "extra_data": None}},
                "card": {},
                "language": "en",
                "response_type": kind,
                "data": data,
            },
            "conversation_id": "01HXA",
            "continue_conversation": False,
        },
        "processed_locally": True,
    }


def run(second: float, heard: str, output: dict[str, Any], device: str = "kitchen") -> list[dict[str, Any]]:
    return [
        event("run-start", second, pipeline="p1", language="en", conversation_id="01HXA"),
        event("wake_word-start", second + 0.1, entity_id="wake_word.openwakeword", metadata={}, timeout=3),
        event("wake_word-end", second + 0.5, wake_word_output={"wake_word_id": "ok_nabu", "wake_word_phrase": "okay nabu"}),
        event("stt-start", second + 0.6, engine="stt.faster_whisper", metadata={"language": "en"}),
        event("stt-vad-start", second + 0.7, timestamp=700),
        event("stt-end", second + 2.0, stt_output={"text": heard}),
        event("intent-start", second + 2.1, engine="homeassistant", language="en", intent_input=heard, device_id=device),
        event("intent-end", second + 2.4, **output),
        event("tts-start", second + 2.5, engine="tts.piper", language="en", tts_input="..."),
        event("tts-end", second + 3.0, tts_output={"url": "/api/tts_proxy/a.mp3", "mime_type": "audio/mpeg"}),
        event("run-end", second + 3.1),
    ]


DONE = answer(
    "action_done", "Turned on the lights", targets=[], success=[{"name": "Kitchen", "type": "area", "id": "kitchen"}], failed=[]
)
RUN = {"events": run(1, "turn on the lights", DONE)}
WEBSOCKET = [{"id": 7, "type": "result", "success": True, "result": None}] + [
    {"id": 7, "type": "event", "event": one} for one in RUN["events"]
]


def turns(*records: Any) -> list[Turn]:
    grouped: dict[str, list[Any]] = {}
    for line, record in enumerate(records, start=1):
        for one in Assist().events(record):
            grouped.setdefault(one.conversation, []).append((line, one))
    conversations: dict[str, list[Any]] = {}
    for events in grouped.values():
        for (line, one), name in zip(events, Assist().regrouped([e for _, e in events]), strict=True):
            conversations.setdefault(name, []).append((line, one))
    return [turn for events in conversations.values() for turn in Assist().turns(sorted(events, key=lambda e: e[1].at or 0))]


def test_a_run_becomes_a_turn() -> None:
    [turn] = turns(RUN)

    assert turn.text == "turn on the lights"
    assert turn.response == "Turned on the lights"
    assert turn.device == "kitchen"
    assert turn.slots == (("area", "kitchen"),)
    assert turn.asked_at == pytest.approx(1777622403.0)
    assert turn.answered_at == pytest.approx(1777622404.0)
    assert (turn.locale, turn.channel, turn.context) == ("en", "voice", (("processed_locally", "true"),))
    assert turn.stages == (
        Stage(name="wake", ok=True, output="okay nabu"),
        Stage(name="recognition", ok=True, output="turn on the lights"),
        Stage(name="understanding", ok=True),
        Stage(name="result", ok=True, output="action_done"),
    )


def test_messages_of_the_websocket_and_single_events_say_the_same() -> None:
    [whole] = turns(RUN)
    [messages] = turns(*WEBSOCKET)
    [single] = turns(*RUN["events"])

    for turn in (messages, single):
        assert (turn.text, turn.response, turn.stages, turn.device) == (whole.text, whole.response, whole.stages, whole.device)


@pytest.mark.parametrize(
    ("code", "stage"),
    [
        ("no_intent_match", "understanding"),
        ("no_valid_targets", "resolution"),
        ("failed_to_handle", "result"),
        ("something_new", "result"),
    ],
)
def test_an_error_in_the_answer_names_the_stage(code: str, stage: str) -> None:
    [turn] = turns({"events": run(1, "open the garbage door", answer("error", "Sorry", code=code))})

    assert [(s.name, s.code) for s in turn.stages if s.ok is False] == [(stage, code)]


@pytest.mark.parametrize(
    ("code", "stage"),
    [("stt-no-text-recognized", "recognition"), ("stt-stream-failed", "recognition"), ("intent-failed", "understanding")],
)
def test_an_error_of_the_run_names_the_stage(code: str, stage: str) -> None:
    upto = 4 if stage == "recognition" else 7
    events = [*run(1, "lights", DONE)[:upto], event("error", 5, code=code, message="..."), event("run-end", 6)]
    [turn] = turns({"events": events})

    assert [(s.name, s.code) for s in turn.stages if s.ok is False] == [(stage, code)]


def test_a_wake_word_that_nobody_said_is_no_turn() -> None:
    events = run(1, "x", DONE)[:2]

    assert turns({"events": [*events, event("error", 4, code="wake-word-timeout", message="")]}) == []
    assert turns({"events": [*events, event("error", 4, code="duplicate_wake_up_detected", message="")]}) == []


def test_runs_of_one_conversation_are_its_turns() -> None:
    records = [{"events": run(20, "off again", DONE)}, {"events": run(1, "on", DONE)}]

    assert [turn.text for turn in turns(*records)] == ["on", "off again"]


def test_calls_of_tools_by_an_agent_are_kept() -> None:
    calls = {"role": "assistant", "tool_calls": [{"id": "t1", "tool_name": "HassTurnOn", "tool_args": {"name": "lamp"}}]}
    result = {"role": "tool_result", "tool_call_id": "t1", "tool_name": "HassTurnOn", "tool_result": {"error": "no such lamp"}}
    events = run(1, "lamp on", DONE)
    events[7:7] = [event("intent-progress", 3.2, chat_log_delta=calls), event("intent-progress", 3.3, chat_log_delta=result)]
    [turn] = turns({"events": events})

    [call] = turn.tools
    assert (call.name, call.arguments, call.ok, call.error) == ("HassTurnOn", '{"name": "lamp"}', False, "no such lamp")
