"""LangSmith, Lex and Dialogflow: what their logs say of turns, in each form in which they come."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import service_logs as logs
from test_dialogue_traces import turns as turns_of_runs

from probatum.dialogue.artefacts.importers.dialogflow import Dialogflow
from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.langsmith import LangSmith
from probatum.dialogue.artefacts.importers.lex import Lex
from probatum.dialogue.artefacts.intake import LogFile, intake
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Turn


def turns(importer: Any, records: list[Any]) -> list[Turn]:
    events = sorted(((line, e) for line, r in enumerate(records, 1) for e in importer.events(r)), key=lambda one: one[1].at or 0)
    return list(importer.turns(events))


def test_a_thread_of_runs_is_one_conversation() -> None:
    first, second = turns_of_runs(LangSmith(), logs.LANGSMITH)

    assert (first.conversation, second.conversation) == ("thread-1", "thread-1")
    assert (first.text, first.response, first.user) == (logs.QUESTION, logs.ANSWER, "alice")
    assert (second.text, second.response) == (logs.FOLLOW_UP, logs.SECOND)
    assert [(tool.name, tool.result) for tool in first.tools] == [("get_weather", "4 C")]
    assert first.signals == (Signal(kind="thumbs", value=1.0, source="person"),)
    assert second.signals == (Signal(kind="thumbs", value=-1.0, source="person"),)
    assert second.asked_at == 1777622430.0


def test_runs_inside_of_runs_say_the_same() -> None:
    flat, nested = (turns_of_runs(LangSmith(), records) for records in (logs.LANGSMITH, logs.nested()))

    assert [replace(turn, line=0) for turn in nested] == [replace(turn, line=0) for turn in flat]
    assert [r.text for r in turns_of_runs(LangSmith(), [{"runs": logs.LANGSMITH}])] == [r.text for r in flat]


def test_the_project_of_a_run_is_no_conversation() -> None:
    records = [{name: value for name, value in r.items() if name != "extra"} for r in logs.LANGSMITH]

    assert {turn.conversation for turn in turns_of_runs(LangSmith(), records)} == {"t1", "t2"}


def test_a_run_that_failed_says_so() -> None:
    [turn] = turns_of_runs(LangSmith(), [logs.run("t", "chain", {"input": "hi"}, None, 0, trace_id="t", error="TimeoutError()")])

    assert [(stage.name, stage.ok, stage.code) for stage in turn.stages] == [("result", False, "TimeoutError()")]


@pytest.mark.parametrize("records", [logs.LEX, logs.watched()])
def test_entries_of_lex_are_turns(records: list[Any]) -> None:
    first, second = turns(Lex(), records)

    assert (first.conversation, first.user, second.user) == ("s1", "alice", "alice")
    assert (first.text, first.intent, first.slots) == ("open the garage", "OpenDoor", (("door", "garage door"),))
    assert first.response == "Which one?\nLeft or right?"
    assert first.hypotheses == (Hypothesis("open the garage", 0.8), Hypothesis("open the garbage", 0.3))
    assert [(s.name, s.ok, s.confidence) for s in first.stages] == [("recognition", None, 0.8), ("understanding", True, 0.92)]
    assert [(s.name, s.ok, s.code) for s in second.stages] == [("understanding", False, "missed"), ("result", False, "failed")]
    assert (second.intent, second.channel, second.locale) == ("", "voice", "en-US")
    assert (first.asked_at, second.asked_at) == (1777622400.0, 1777622420.0)


def test_rows_of_dialogflow_are_turns_in_the_order_of_their_positions() -> None:
    first, second = turns(Dialogflow(), logs.CX)

    assert (first.position, first.text, first.user, first.channel) == (0, "open the garage", "alice", "voice")
    assert (first.intent, first.slots, first.response) == ("open.door", (("door", "garage"),), "Which one?")
    assert [(s.name, s.ok) for s in first.stages] == [("recognition", True), ("understanding", True), ("result", False)]
    assert (second.text, second.intent, second.channel) == ("xyzzy", "", "chat")
    assert [(s.name, s.ok, s.confidence) for s in second.stages] == [("understanding", False, 0.2)]
    assert second.signals == (Signal(kind="escalated"), Signal(kind="thumbs", value=-1.0, source="person"))


@pytest.mark.parametrize("records", [logs.LANGSMITH, logs.LEX, logs.CX], ids=["langsmith", "lex", "dialogflow"])
def test_a_file_of_them_is_recognised_and_read(tmp_path: Path, records: list[Any]) -> None:
    pytest.importorskip("duckdb")
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(r) + "\n" for r in records).encode()))

    taken = intake([LogFile("log.jsonl.gz", path)], tmp_path, IMPORTERS)

    assert (taken.counts["turns"], taken.counts["conversations"], taken.logs[0].unread) == (2, 1, 0)


def test_a_step_beside_a_model_is_no_request_of_langsmith() -> None:
    step = logs.run("step", "chain", {"input": "oslo weather today"}, {"output": "4 C"}, 1, trace_id="t", parent_run_id="root")
    asked = logs.run(
        "asked",
        "llm",
        {"messages": [[{"role": "user", "content": "weather?"}]]},
        {"output": "4 C"},
        2,
        trace_id="t",
        parent_run_id="root",
    )
    root = logs.run("root", "chain", {}, {"output": "4 C"}, 0, trace_id="t")

    assert [turn.text for turn in turns_of_runs(LangSmith(), [root, step, asked])] == ["weather?"]
    assert [turn.text for turn in turns_of_runs(LangSmith(), [root, step])] == ["oslo weather today"]
