"""Rephrases in logs: found over several turns, by what was said and when, and written without texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from plain_turns import stored

from probatum.cli import main, program
from probatum.dialogue.semantics.judged import digits, judged
from probatum.dialogue.semantics.rephrased import rephrased
from probatum.dialogue.semantics.rephrases import detector, same_again
from probatum.dialogue.semantics.sessions import turn_number
from probatum.dialogue.semantics.signals import SIGNALS

pytest.importorskip("duckdb")
SORRY = "Sorry, I couldn't understand that"


def turn(at: float, text: str, response: str = "ok", user: str = "u") -> dict[str, Any]:
    return {
        "conversation": f"{user}{at}", "user": user, "device": "d", "asked_at": at, "text": text, "response": response, "channel": "voice",
    }  # fmt: skip  # the fields that all have, in two lines


LOG = [
    turn(1000, "open the garbage door", SORRY),
    turn(1008, "stop"),
    turn(1015, "open the garage door"),
    turn(1030, "what time is it"),
    turn(5000, "open the garage door"),
    turn(1009, "open the garage door", user="v"),
]


def test_a_second_try_is_found_behind_another_turn_and_not_after_a_silence_or_of_another_user(tmp_path: Path) -> None:
    with stored(tmp_path, LOG) as conversations:
        found = list(rephrased(conversations, detector("letters"), gap_s=300.0, window_s=45.0, at_least=0.5))
        lines = {row["turn_id"]: row["line"] for row in conversations.sql("select turn_id, line from {turns}")}

    assert [(lines[one.turn], lines[one.later]) for one in found] == [(1, 3)]
    assert found[0].probability > 0.5


@pytest.mark.parametrize("name", ["words", "letters"])
def test_signals_say_what_the_detector_says_that_is_asked_for(tmp_path: Path, name: str) -> None:
    pairs = [
        ("open the garbage door", "open the garage door"),
        ("wreck a nice beach", "recognise speech"),
        ("what time is it", "play some jazz"),
        ("call mom", "call tom"),
    ]
    turns = [turn(1000 + 9 * step, text, user=f"u{n}") for n, pair in enumerate(pairs) for step, text in enumerate(pair)]
    with stored(tmp_path, turns) as conversations:
        table = judged(conversations, gap_s=300.0, window_s=45.0, detector=name)
        query = f"select pattern from {table} j join {{turns}} t on j.turn = {turn_number('t.turn_id')} order by line"  # noqa: S608 - a test's own
        signals = [dict(zip(SIGNALS, digits(row["pattern"]), strict=True)) for row in conversations.sql(query)]

    assert [one["rephrased"] == 1 for one in signals[::2]] == same_again(name, pairs)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)


def imported(tmp_path: Path) -> Any:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(one) + "\n" for one in LOG))
    columns = tmp_path / "columns.yaml"
    columns.write_text("".join(f"{name}: {name}\n" for name in LOG[0]))
    return run("import", str(log), "--to", str(tmp_path / "c"), "--locale", "de", "--mapping", str(columns))


def test_labels_name_turns_and_the_model_and_no_text(tmp_path: Path) -> None:
    assert "rephrases are told by `words`" in imported(tmp_path).output

    found = run("label", "rephrases", str(tmp_path / "c"), "--detector", "letters", "--at-least", "0.5")

    first, *labels = [json.loads(line) for line in found.stdout.splitlines()]
    assert found.exit_code == 0
    assert (first["detector"], first["head"], first["rephrases"]) == ("letters", detector("letters").digest, 1)
    assert labels[0].keys() == {"turn", "rephrased_by", "p"}
    assert "garage" not in found.stdout
    assert found.stdout == run("label", "rephrases", str(tmp_path / "c"), "--detector", "letters", "--at-least", "0.5").stdout


def test_labels_that_cannot_be_written_are_told_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(tmp_path)

    status = main(
        ["dialogue", "label", "rephrases", str(tmp_path / "c"), "--detector", "letters", "--to", str(tmp_path / "no" / "l.jsonl")]
    )

    said = capsys.readouterr().err
    assert status == 2
    assert "error: cannot write `" in said
    assert "no such file or directory" in said
    assert "Traceback" not in said
