"""Traces, whoever wrote them: requests become turns, steps become tools and stages, verdicts become signals."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import service_logs as services
import test_dialogue_assist as assist
import test_dialogue_rasa as rasa
import trace_logs as logs
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from probatum.dialogue.artefacts.importers import Broken, Regrouping
from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.langfuse import Langfuse
from probatum.dialogue.artefacts.importers.openinference import OpenInference
from probatum.dialogue.artefacts.importers.otel import OpenTelemetry
from probatum.dialogue.artefacts.importers.spans import messages_of, nested, plain, signal_of
from probatum.dialogue.artefacts.intake import LogFile, intake
from probatum.dialogue.artefacts.turn import Signal, ToolCall, Turn

CHAT = [{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}]
FIXTURES = {
    "opentelemetry": [logs.GEN_AI, logs.OLD_GEN_AI, logs.EVENTS],
    "openinference": [logs.OPENINFERENCE, logs.PHOENIX_ROWS],
    "langfuse": [logs.LANGFUSE],
    "langsmith": [services.LANGSMITH, services.nested()],
    "lex": [services.LEX, services.watched()],
    "dialogflow-cx": [services.CX],
    "rasa": [[rasa.TRACKER], rasa.LINES, rasa.ROWS],
    "assist": [[assist.RUN], assist.WEBSOCKET, assist.RUN["events"]],
    "openai-chat": [CHAT],
}


def _names(value: Any) -> list[str]:
    """Names of all keys in some records."""
    if isinstance(value, dict):
        return sorted({*map(str, value), *(name for inner in value.values() for name in _names(inner))})
    return sorted({name for inner in value for name in _names(inner)}) if isinstance(value, list) else []


def turns(importer: Any, records: list[Any]) -> list[Turn]:
    traces: dict[str, list[Any]] = {}
    for line, record in enumerate(records, start=1):
        for event in importer.events(record):
            if event.kind != "unknown":
                traces.setdefault(event.conversation, []).append((line, event))
    conversations: dict[str, list[Any]] = {}
    for events in traces.values():
        events.sort(key=lambda e: e[1].at or 0)
        for (line, event), name in zip(events, importer.regrouped([e for _, e in events]), strict=True):
            conversations.setdefault(name, []).append((line, event))
    found = []
    for name, events in conversations.items():
        events.sort(key=lambda e: e[1].at or 0)
        named = [
            (line, type(event)(conversation=name, kind=event.kind, at=event.at, payload=event.payload)) for line, event in events
        ]
        found += list(importer.turns(named))
    return found


@pytest.mark.parametrize("name", FIXTURES)
def test_each_format_is_recognised_as_itself_only(name: str) -> None:
    for records in FIXTURES[name]:
        votes = {importer.name: sum(importer.recognises(record) for record in records) for importer in IMPORTERS}
        assert votes[name] == len(records)
        assert {other for other, many in votes.items() if many} == {name}


def test_an_agent_with_a_tool_answers_one_turn() -> None:
    first, second = turns(OpenTelemetry(), logs.GEN_AI)

    assert (first.conversation, first.user, first.text, first.response) == ("conv-1", "alice", logs.QUESTION, logs.ANSWER)
    assert first.tools == (ToolCall(name="get_weather", arguments='{"city": "Oslo"}', result="4 C", ok=True),)
    assert (first.asked_at, first.answered_at) == pytest.approx((logs.START + 0.1, logs.START + 3.3))
    assert [(s.name, s.ok) for s in first.stages] == [("result", True)]
    assert (second.text, second.response) == (logs.FOLLOW_UP, logs.SECOND)
    assert second.signals == (Signal(kind="score.relevance", value=-0.5, source="judge"),)


def test_numbered_and_old_attributes_are_read() -> None:
    first, second = turns(OpenTelemetry(), logs.OLD_GEN_AI)

    assert (first.user, first.text, first.response) == ("alice", logs.QUESTION, logs.ANSWER)
    assert (second.text, second.response) == (logs.FOLLOW_UP, "")
    assert [(s.name, s.ok, s.code) for s in second.stages] == [("result", False, "timeout")]


def test_messages_that_are_logged_one_by_one_are_parts_of_their_span() -> None:
    [turn] = turns(OpenTelemetry(), logs.EVENTS)
    unknown = [e for e in OpenTelemetry().events(logs.EVENTS[0]) if e.kind == "unknown"]

    assert (turn.conversation, turn.text, turn.response) == ("conv-1", logs.QUESTION, logs.ANSWER)
    assert [e.payload["name"] for e in unknown] == ["app.theme.changed"]


def test_openinference_says_the_same() -> None:
    first, second = turns(OpenInference(), logs.OPENINFERENCE)

    assert (first.conversation, first.user, first.text, first.response) == ("conv-1", "alice", logs.QUESTION, logs.ANSWER)
    assert first.tools == (ToolCall(name="get_weather", arguments='{"city": "Oslo"}', result="4 C", ok=True),)
    assert [(s.name, s.ok) for s in first.stages] == [("resolution", True), ("result", True)]
    assert (second.text, second.response) == (logs.FOLLOW_UP, logs.SECOND)
    assert second.signals == (Signal(kind="thumbs", value=-1.0, source="person"),)


def test_rows_of_phoenix_say_the_same() -> None:
    [turn] = turns(OpenInference(), logs.PHOENIX_ROWS)

    assert (turn.conversation, turn.text, turn.response, turn.asked_at) == ("conv-1", logs.QUESTION, logs.ANSWER, logs.START)


def test_langfuse_says_the_same() -> None:
    first, second = turns(Langfuse(), logs.LANGFUSE)

    assert (first.conversation, first.user, first.text, first.response) == ("conv-1", "alice", logs.QUESTION, logs.ANSWER)
    assert first.tools == (ToolCall(name="get_weather", arguments='{"city": "Oslo"}', result="4 C", ok=True),)
    assert first.signals == (Signal(kind="thumbs", value=1.0, source="person"),)
    assert first.answered_at == pytest.approx(logs.START + 3.3)
    assert (second.conversation, second.text) == ("conv-1", logs.FOLLOW_UP)
    assert [(s.name, s.ok, s.code) for s in second.stages] == [("result", False, "rate limit")]
    assert second.signals == (Signal(kind="score.helpfulness", value=-0.5, source="judge"),)


def test_what_stands_in_a_trace_of_langfuse_need_not_name_it() -> None:
    asked = {"type": "GENERATION", "id": "o1", "startTime": logs.START, "input": "any rain?", "output": "None."}
    score = {"id": "s1", "name": "user-feedback", "value": 0, "dataType": "NUMERIC"}
    trace = {"id": "t1", "timestamp": logs.START, "userId": "ann", "sessionId": None, "input": None, "output": None}
    [turn] = turns(Langfuse(), [trace | {"observations": [asked], "scores": [score]}])

    assert (turn.conversation, turn.user, turn.text) == ("t1", "ann", "any rain?")
    assert turn.signals == (Signal(kind="thumbs", value=-1.0, source="person"),)


def test_a_step_that_fails_below_an_answer_is_told_once() -> None:
    asked = {"type": "GENERATION", "id": "o1", "traceId": "t", "startTime": logs.START, "input": "any rain?", "output": "None."}
    step = {"type": "SPAN", "traceId": "t", "startTime": logs.START + 1, "level": "ERROR", "statusMessage": "timeout"}
    outer = {**step, "id": "o2", "parentObservationId": "o1", "name": "forecast"}
    inner = {**step, "id": "o3", "parentObservationId": "o2", "name": "call weather", "startTime": logs.START + 2}
    fine = {**inner, "id": "o4", "name": "cache", "level": "DEFAULT"}
    [turn] = turns(Langfuse(), [asked, outer, inner, fine])

    assert (turn.response, [(s.name, s.ok) for s in turn.stages]) == ("None.", [("result", True)])
    assert turn.tools == (ToolCall(name="call weather", ok=False, error="timeout"),)
    [turn] = turns(Langfuse(), [{**asked, "output": None}, outer])
    assert [(s.name, s.ok, s.code) for s in turn.stages] == [("result", False, "timeout")]
    assert turn.tools == ()


def exported(own: str, kind: str, at: float, given: Any, said: str) -> dict[str, Any]:
    """A row of `observations_v2` as Langfuse exports it to blob storage (its field reference: inputs and outputs are texts)."""
    return {
        "id": own,
        "trace_id": "t",
        "user_id": "ann",
        "session_id": "s",
        "type": kind,
        "parent_observation_id": None,
        "name": own,
        "start_time": f"2025-10-09 08:53:{20 + at:09.6f}",
        "end_time": f"2025-10-09 08:53:{21 + at:09.6f}",
        "level": "DEFAULT",
        "status_message": None,
        "input": given if isinstance(given, str) else json.dumps(given),
        "output": said,
    }


ASKED = exported("answer", "GENERATION", 2, [{"role": "user", "content": logs.QUESTION}], logs.ANSWER)
SEARCH = exported("search", "SPAN", 1, "oslo weather today", "4 C")
AROUND = exported("handle", "SPAN", 0, {"question": "oslo, weather?"}, logs.ANSWER)


@pytest.mark.parametrize(
    "records",
    [
        [SEARCH, ASKED],
        [ASKED, {**SEARCH, "start_time": "2025-10-09 08:53:24.000000"}],
        [SEARCH, {**AROUND, "input": None}, {**ASKED, "parent_observation_id": "handle"}],
        [exported("plan", "CHAIN", 0, {"query": "oslo"}, ""), SEARCH, ASKED],
        [SEARCH, {**ASKED, "input": logs.QUESTION}],
    ],
    ids=["before", "after", "above-which-the-model-is-not", "several", "of-a-text"],
)
def test_a_step_of_langfuse_beside_a_model_is_no_request(records: list[Any]) -> None:
    """It has a text of its own as its input, which nobody but the program said."""
    [turn] = turns(Langfuse(), records)

    assert (turn.conversation, turn.user, turn.text, turn.response) == ("s", "ann", logs.QUESTION, logs.ANSWER)


@pytest.mark.parametrize(
    ("records", "asked"),
    [
        ([AROUND, *({**one, "parent_observation_id": "handle"} for one in (SEARCH, ASKED))], ["oslo, weather?"]),
        ([SEARCH], ["oslo weather today"]),
        ([exported("chat", "SPAN", 0, [{"role": "user", "content": "hello"}], "hi"), ASKED], ["hello", logs.QUESTION]),
        ([SEARCH, AROUND, {**ASKED, "parent_observation_id": "handle"}], ["oslo, weather?", "oslo weather today"]),
    ],
    ids=["around-the-model", "alone", "by-a-message", "where-no-model-is-asked-by-itself"],
)
def test_a_text_that_a_user_may_have_said_stays_a_request(records: list[Any], asked: list[str]) -> None:
    assert [turn.text for turn in turns(Langfuse(), records)] == asked


@pytest.mark.parametrize("above", ["", "b0"], ids=["beside", "below-what-has-no-text"])
def test_a_step_of_openinference_beside_a_model_is_no_request(above: str) -> None:
    def chain(own: str, parent: str, at: float, **given: str) -> dict[str, Any]:
        return logs.span("t", own, parent, at, {"openinference.span.kind": "CHAIN", **given})

    model = {
        "openinference.span.kind": "LLM",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": logs.QUESTION,
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": logs.ANSWER,
    }
    step, asked = chain("b1", above, 1, **{"input.value": "oslo weather today"}), logs.span("t", "b2", above, 2, model)
    outer = [chain("b0", "", 0)] if above else []

    assert [turn.text for turn in turns(OpenInference(), [logs.otlp(*outer, step, asked)])] == [logs.QUESTION]
    assert [turn.text for turn in turns(OpenInference(), [logs.otlp(step)])] == ["oslo weather today"]
    around = chain("b0", "", 0, **{"input.value": "weather?"})
    below = logs.span("t", "b2", "b0", 2, model)
    assert [turn.text for turn in turns(OpenInference(), [logs.otlp(around, below)])] == ["weather?"]


@pytest.mark.parametrize("name", FIXTURES)
def test_every_fixture_is_taken_in_whatever_its_order(tmp_path: Path, name: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    for number, records in enumerate(FIXTURES[name]):
        counted = []
        for order, ordered in enumerate((records, records[::-1])):
            folder = tmp_path / f"{number}-{order}"
            folder.mkdir()
            (folder / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in ordered))
            found = intake([LogFile("log.jsonl", folder / "log.jsonl")], folder, IMPORTERS)
            assert found.logs[0].format == name
            assert found.logs[0].unread == 0
            rows = duckdb.sql(
                "select t.normalised as text, position, user_id, asked_at, len(tools) as tools from "  # noqa: S608 - a test's own
                f"read_parquet('{folder / 'turns.parquet'}') join read_parquet('{folder / 'texts.parquet'}') t using (text_id)"
            )
            counted.append(sorted(rows.fetchall(), key=repr))
        assert counted[0]
        assert counted[0] == counted[1] or name == "openai-chat"


def test_an_agent_loop_of_separate_traces_is_one_turn() -> None:
    call = logs.span("t1", "a", "", 0, {**logs.AGENT, **logs.chat(logs.HISTORY, [logs.CALL])})
    then = logs.span(
        "t2",
        "b",
        "",
        2,
        {**logs.AGENT, **logs.chat([*logs.HISTORY, logs.CALL, logs.RESULT], [logs.text("assistant", logs.ANSWER)])},
    )
    again = logs.span("t3", "c", "", 9, {**logs.AGENT, **logs.chat(logs.HISTORY, [logs.text("assistant", logs.SECOND)])})
    found = turns(OpenTelemetry(), [logs.otlp(call), logs.otlp(then), logs.otlp(again)])

    assert [(t.text, t.response, len(t.tools)) for t in found] == [
        (logs.QUESTION, logs.ANSWER, 1),
        (logs.QUESTION, logs.SECOND, 0),
    ]
    assert found[0].tools[0].result == "4 C"


@pytest.mark.parametrize(
    ("score", "signal"),
    [
        ({"name": "user-feedback", "value": 0}, Signal(kind="thumbs", value=-1.0, source="person")),
        ({"name": "user-feedback", "value": 1}, Signal(kind="thumbs", value=1.0, source="person")),
        ({"name": "stars", "value": 4, "source": "person"}, Signal(kind="score.stars", value=4.0, source="log")),
        ({"name": "judge", "value": "fail"}, Signal(kind="score.judge", value=-1.0, source="judge")),
        ({"name": "tone", "value": "friendly"}, Signal(kind="label.tone=friendly", value=1.0, source="log")),
    ],
)
def test_a_score_is_feedback_only_on_a_scale_that_says_so(score: dict[str, Any], signal: Signal) -> None:
    assert signal_of(score) == signal


@pytest.mark.parametrize(
    "value",
    [
        "hello",
        [{"role": "user", "content": "hello"}],
        '[{"role": "user", "content": [{"type": "text", "text": "hello"}]}]',
        {"messages": [{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]},
        {"input": {"question": "hello"}},
        [{"id": ["langchain", "schema", "messages", "HumanMessage"], "kwargs": {"content": "hello"}}],
        {"messages": [[{"type": "human", "content": "hello"}]]},
        {"role": "user", "content": None, "refusal": "hello"},
        {"role": "user", "content": [{"type": "refusal", "refusal": "hello"}]},
    ],
)
def test_messages_are_read_however_they_are_written(value: Any) -> None:
    assert [(m["role"], m["content"]) for m in messages_of(value, "user")] == [("user", "hello")]


def test_numbered_attributes_become_lists_in_the_order_of_their_numbers() -> None:
    attributes = {f"p.{n}.role": str(n) for n in (10, 2, 0)} | {"p.0.x.y": 1, "p.0.x": 2, "other": 3}

    assert nested(attributes, "p") == [{"role": "0", "x": {"y": 1}}, {"role": "2"}, {"role": "10"}]
    assert plain({"a": 1, "b": 2}, ("text",)) == ""


_SERVICES = services.LANGSMITH + services.LEX + services.CX
_WORDS = (*_names(logs.GEN_AI + logs.OPENINFERENCE + logs.LANGFUSE + _SERVICES + [rasa.TRACKER, assist.RUN]), "gen_ai.choice", "")


def _anything(chance: random.Random, depth: int = 4) -> Any:
    kind = chance.randrange(8 if depth else 5)
    if kind < 5:
        return chance.choice((None, True, -1, 1e300, chance.choice(_WORDS)))
    if kind == 5:
        return [_anything(chance, depth - 1) for _ in range(chance.randrange(3))]
    return {chance.choice(_WORDS): _anything(chance, depth - 1) for _ in range(chance.randrange(5))}


def _changed(chance: random.Random, value: Any) -> Any:
    """Replace one part of a record by anything."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        return {**value, key: _changed(chance, value[key])}
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], _changed(chance, value[at]), *value[at + 1 :]]
    return _anything(chance)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_no_json_stops_an_importer(seed: int) -> None:
    chance = random.Random(seed)
    name = chance.choice(sorted(FIXTURES))
    importer = next(i for i in IMPORTERS if i.name == name)
    records = [_changed(chance, record) if chance.random() < 0.7 else record for record in chance.choice(FIXTURES[name])]
    for other in IMPORTERS:
        for record in records:
            other.recognises(record)
    kept = []
    for record in records:
        try:
            list(importer.events(record))
        except Broken:
            continue
        kept.append(record)
    if isinstance(importer, Regrouping):
        found = turns(importer, kept)
    else:
        found = list(importer.turns([(1, e) for record in kept for e in importer.events(record) if e.kind != "unknown"]))
    assert all(isinstance(turn, Turn) and isinstance(turn.text, str) for turn in found)
