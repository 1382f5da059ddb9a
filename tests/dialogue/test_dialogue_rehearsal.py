"""A policy acts on simulated traffic from the command line: what it changes is run both ways, and nothing of the service changes."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import main, program
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.teaching.preference import Preference
from probatum.dialogue.service.serving.personal import Personal

pytest.importorskip("duckdb")
pytest.importorskip("rapidfuzz")
pytest.importorskip("scipy")
WORLD = ("simulate", "--users", "20", "--days", "8", "--assistant", "classifier", "--format", "json")


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow  # simulates three times, imports and learns
def test_what_a_user_taught_is_rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(*WORLD, "--end-day", "6", "--out", "first/log.jsonl")
    run("import", "first/log.jsonl", "--to", "conv")
    run("rewrites", "compile", "conv")
    run(*WORLD, "--first-day", "6", "--out", "plain/log.jsonl")
    failed = [
        (turn, truth)
        for turn, truth in zip(lines(Path("plain/log.jsonl")), lines(Path("plain.truth.jsonl"))[1:], strict=True)
        if truth["outcome"] == "bad" and truth.get("best") and normalised(truth["best"]) != normalised(turn["text"])
    ]
    key = bytes.fromhex(Path("conv.key").read_text().strip())
    with closing(Personal(Path("rewrites/people.db"))) as people:
        for turn, truth in failed:
            known = Preference(kind="alias", phrase=normalised(turn["text"]), means=normalised(truth["best"]), created=0.0)
            people.teach(str(pseudonym(turn["user"], key, "user")), known)

    said = json.loads(run(*WORLD, "--first-day", "6", "--out", "b/log.jsonl", "--policy", "rewrites", "--key", "conv.key"))
    made = list(zip(lines(Path("b/log.jsonl")), lines(Path("b.truth.jsonl"))[1:], strict=True))
    done = [truth for turn, truth in made if turn.get("rewritten")]
    assert said["rewritten"] == len(done) >= 1
    assert said["wins"] == sum(one["outcome"] == "good" and one["without"] == "bad" for one in done) >= 1
    assert said["losses"] == sum(one["outcome"] == "bad" and one["without"] == "good" for one in done)
    assert {turn["policy"] for turn, _ in made} == {said["policy"]}

    # Without the key nobody is known.
    unknown = json.loads(run(*WORLD, "--first-day", "6", "--out", "c/log.jsonl", "--policy", "rewrites"))
    assert unknown["rewritten"] == 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--policy", "."), "has no policy that can be served: no policy is named"),
        (("--first-day", "8"), "days from 8 and before 8 are no part of 8 days"),
        (("--end-day", "9"), "days from 0 and before 9 are no part of 8 days"),
    ],
)
def test_what_cannot_be_rehearsed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["dialogue", *WORLD, "--out", "made/log.jsonl", *asked]) == 2
    assert told in capsys.readouterr().err
    assert not Path("made").exists()
