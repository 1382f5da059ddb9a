"""Turns as probatum writes them: what is written is read, and a bad line costs itself."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.importers import Broken
from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.turns import SCHEMA, Turns, as_record
from probatum.dialogue.artefacts.intake import LogFile, intake
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Stage, ToolCall, Turn
from probatum.runner.tables import Tables

TEXT = st.text(max_size=6)
NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32)
MAYBE = st.none() | NUMBER
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
FLAG = st.none() | st.booleans()
TURNS = st.builds(
    Turn,
    conversation=st.text(min_size=1, max_size=4),
    position=st.integers(0, 9),
    user=TEXT,
    device=TEXT,
    household=TEXT,
    asked_at=MAYBE,
    answered_at=MAYBE,
    text=TEXT,
    hypotheses=st.lists(st.builds(Hypothesis, TEXT, MAYBE), max_size=2).map(tuple),
    rewritten=TEXT,
    rewrite=TEXT,
    policy=TEXT,
    arm=TEXT,
    propensity=MAYBE,
    domain=TEXT,
    intent=TEXT,
    slots=PAIRS,
    response=TEXT,
    interrupted_ms=MAYBE,
    stages=st.lists(st.builds(Stage, name=TEXT, ok=FLAG, confidence=MAYBE, code=TEXT, output=TEXT), max_size=2).map(tuple),
    tools=st.lists(st.builds(ToolCall, name=TEXT, arguments=TEXT, result=TEXT, ok=FLAG, error=TEXT), max_size=2).map(tuple),
    signals=st.lists(st.builds(Signal, kind=TEXT, value=NUMBER, source=st.sampled_from(["log", "person"])), max_size=2).map(
        tuple
    ),
    context=PAIRS,
    locale=TEXT,
    channel=TEXT,
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
FIELDS = [*as_record(Turn(conversation="c", text="t")), "stages", "hypotheses", "signals", "tools", "slots", "asked_at", "user"]


@given(TURNS)
def test_what_is_written_is_read(turn):
    [event] = Turns().events(json.loads(json.dumps(as_record(turn))))

    assert list(Turns().turns([(0, event)])) == [turn]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_whatever_stands_in_a_line_it_is_read_or_said_to_be_broken(fields):
    record = {"schema": SCHEMA, "conversation": "c", **fields}
    events = []
    with suppress(Broken):
        events = list(Turns().events(record))

    assert all(isinstance(turn, Turn) for event in events for turn in Turns().turns([(1, event)]))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"text": "hello"}, "does not say that it is a turn"),
        ({"schema": "probatum-turn/9", "conversation": "c"}, "`probatum-turn/1` is read"),
        ({"schema": SCHEMA}, "no conversation"),
        ({"schema": SCHEMA, "conversation": "c", "position": -1}, "no number from 0"),
        ({"schema": SCHEMA, "conversation": "c", "text": 7}, "`text` is no text"),
        ({"schema": SCHEMA, "conversation": "c", "asked_at": "noon"}, "`asked_at` is no number"),
        ({"schema": SCHEMA, "conversation": "c", "stages": [{"name": "wake", "ok": "yes"}]}, "neither true nor false"),
        ({"schema": SCHEMA, "conversation": "c", "stages": "wake"}, "no list of objects"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(record, reason):
    with pytest.raises(Broken, match=reason):
        list(Turns().events(record))


def test_a_log_of_turns_is_recognised_and_a_bad_line_costs_itself(tmp_path):
    pytest.importorskip("duckdb")
    turns = [Turn(conversation="c", position=1, text="two"), Turn(conversation="c", position=0, text="one")]
    lines = [json.dumps(as_record(turn)) for turn in turns]
    bad = json.dumps({"schema": SCHEMA, "conversation": "c", "text": 7})
    (tmp_path / "log.jsonl").write_text("\n".join([lines[0], bad, lines[1]]) + "\n")

    taken = intake([LogFile("log.jsonl", tmp_path / "log.jsonl")], tmp_path, IMPORTERS)

    assert (taken.logs[0].format, taken.logs[0].unread, taken.counts["turns"]) == ("turns", 1, 2)
    with Tables(tmp_path) as tables:
        query = "select normalised from read_parquet($turns) t join read_parquet($texts) x using (text_id) order by position"
        rows = tables.sql(query, turns=tmp_path / "turns.parquet", texts=tmp_path / "texts.parquet")
    assert [row["normalised"] for row in rows] == ["1", "2"]
