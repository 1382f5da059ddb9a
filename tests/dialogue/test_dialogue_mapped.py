"""Any log by a mapping: CSV, JSON lines and Parquet give the same turns."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from probatum.dialogue.artefacts.importers import Broken
from probatum.dialogue.artefacts.importers.mapped import Mapped
from probatum.dialogue.artefacts.intake import LogFile, intake
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Stage, Turn

RECORD = {
    "call": {"id": "c1", "user": {"id": 17}},
    "at": "2025-01-01T00:00:00Z",
    "asr": {"nbest": [{"transcript": "play maj and dragons", "confidence": 0.6}, {"transcript": "play imagine dragons"}]},
    "nlu": {"intent": "Play", "score": 0.8, "slots": {"artist": "maj and dragons"}},
    "reply": "I cannot find that",
    "thumb": "down",
    "screen": True,
    "failed": "no_result",
}
MAPPING = {
    "conversation": "call.id",
    "user": "call.user.id",
    "asked_at": "at",
    "text": "asr.nbest.0.transcript",
    "hypotheses": "asr.nbest",
    "intent": "nlu.intent",
    "confidence": "nlu.score",
    "slots": "nlu.slots",
    "response": "reply",
    "feedback": "thumb",
    "context.screen": "screen",
    "error": "failed",
}
TURN = Turn(
    conversation="c1",
    user="17",
    asked_at=1735689600.0,
    text="play maj and dragons",
    hypotheses=(Hypothesis("play maj and dragons", 0.6), Hypothesis("play imagine dragons")),
    intent="Play",
    slots=(("artist", "maj and dragons"),),
    response="I cannot find that",
    stages=(Stage(name="understanding", confidence=0.8, output="Play"), Stage(name="result", ok=False, code="no_result")),
    signals=(Signal(kind="thumbs", value=-1.0, source="person"),),
    context=(("screen", "true"),),
    line=1,
)


def turns(mapping: dict[str, str], *records: Any) -> list[Turn]:
    importer = Mapped(mapping)
    return list(importer.turns([(line, e) for line, record in enumerate(records, 1) for e in importer.events(record)]))


def test_paths_lead_into_records() -> None:
    assert turns(MAPPING, RECORD) == [TURN]


def test_columns_may_hold_json_and_have_dots_in_their_names() -> None:
    flat = {key: json.dumps(value) if isinstance(value, dict) else value for key, value in RECORD.items()} | {"call.id": "c1"}

    assert turns(MAPPING, flat) == [TURN]


def test_messages_row_by_row_become_turns() -> None:
    rows = [
        {"chat": "a", "who": "Customer", "said": "where is my parcel"},
        {"chat": "a", "who": "bot", "said": "Which one?"},
        {"chat": "a", "who": "bot", "said": "I see two."},
        {"chat": "a", "who": "customer", "said": "the red one"},
    ]
    first, second = turns({"conversation": "chat", "role": "who", "text": "said"}, *rows)

    assert (first.text, first.response, first.line) == ("where is my parcel", "Which one?\nI see two.", 1)
    assert (second.text, second.response, second.line) == ("the red one", "", 4)


def test_numbers_of_turns_put_them_in_order() -> None:
    found = turns({"conversation": "c", "turn": "n", "text": "t"}, {"c": 1, "n": "10", "t": "z"}, {"c": 1, "n": "9", "t": "y"})

    assert [turn.text for turn in found] == ["y", "z"]


def test_a_record_without_any_of_the_columns_is_broken() -> None:
    with pytest.raises(Broken, match="none of the columns"):
        list(Mapped({"text": "said"}).events({"other": 1}))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_each_kind_of_file_says_the_same(tmp_path: Path, kind: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = [{"u": f"u{n % 3}", "at": 1700000000 + n, "said": f"lamp {n}", "ok": "up" if n % 2 else ""} for n in range(9)]
    with (tmp_path / "log.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    duckdb.sql(f"copy (from read_json('{tmp_path / 'log.jsonl'}')) to '{tmp_path / 'log.parquet'}'")
    name = f"log.{kind}"
    mapping = Mapped({"user": "u", "asked_at": "at", "text": "said", "feedback": "ok"})
    found = intake([LogFile(name, tmp_path / name, mapping)], tmp_path, [])

    assert found.counts["turns"] == 9
    assert found.counts["conversations"] == 3
    rows_read = duckdb.sql(
        "select position, epoch(asked_at), len(signals) from "  # noqa: S608 - a test's own
        f"read_parquet('{tmp_path / 'turns.parquet'}') order by asked_at"
    ).fetchall()
    assert rows_read == [(n // 3, 1700000000.0 + n, n % 2) for n in range(9)]
