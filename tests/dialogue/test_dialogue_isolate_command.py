"""From a log to the stages at which its requests failed, at the command line."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from isolated_logs import write

from probatum.cli import program
from probatum.dialogue.artefacts.stage_table import read_stages
from probatum.errors import UnreadableArtefact, UsageError

pytest.importorskip("duckdb")
pytest.importorskip("hassil")
pytest.importorskip("scipy")


def run(*arguments: str) -> str:
    done = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow  # reads logs, and loads what recognises sentences
def test_requests_of_a_policy_are_isolated_and_shown(tmp_path: Path) -> None:
    write(tmp_path)
    table = tmp_path / "stages.jsonl"
    said = json.loads(run("isolate", str(tmp_path / "dialogue.yaml"), "--json", "--to", str(table)))
    stages = {one["stage"]: one for one in said["stages"]}

    assert stages["recognition"]["turns"] == 12
    assert stages["recognition"]["users"] == 12
    assert stages["understanding"]["turns"] == 12
    assert stages["recognition"]["low"] < 1 / 3 < stages["recognition"]["high"]
    found = read_stages("stages.jsonl", table.read_bytes().splitlines())
    assert (found.pipeline, found.told, len(found.rows)) == ("hassil", ("understanding", "resolution"), said["failed"])
    assert "garbage" not in json.dumps(said)

    row = next(row for row in found.rows if row.stage == "recognition")
    shown = run("replay", "--logs", str(tmp_path / "dialogue.yaml"), "--turn", row.turn)
    assert "open the garbage door" in shown
    assert "failing stage: recognition" in shown


@pytest.mark.slow  # loads what recognises sentences
def test_a_request_is_replayed_from_the_command_line(tmp_path: Path) -> None:
    write(tmp_path)
    own = ("--sentences", str(tmp_path / "sentences.yaml"), "--lists", str(tmp_path / "names.yaml"))
    said = json.loads(
        run(
            "replay",
            "lower the garbage door",
            "--right",
            "open the garage door",
            "--said",
            "lower the garage door",
            "--json",
            *own,
        )
    )

    assert (said["stage"], said["least"], said["independent"]) == ("recognition", "understanding", True)
    assert said["runs"]["right"]["stages"][0]["output"] == "Open"


def test_what_cannot_be_replayed_is_said() -> None:
    def fails(*arguments: str) -> str:
        done = CliRunner().invoke(program, ["dialogue", "replay", *arguments])
        assert done.exit_code == 2
        return done.output

    assert "no assistant is named" in fails("a", "--right", "b")
    assert "nothing is to be replayed" in fails("--hassil")
    assert "one assistant can be called" in fails("a", "--hassil", "--url", "http://a")
    assert "is not NAME=VALUE" in fails("a", "--hassil", "--context", "kitchen")


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"schema": "probatum-dialogue-stages/1"}', b"\xff\xfe", b"nul"])
def test_what_is_no_table_of_stages_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableArtefact, match="no table of stages"):
        read_stages("stages.jsonl", raw.splitlines())


def test_a_log_in_place_of_a_policy_is_to_be_imported_first(tmp_path: Path) -> None:
    (tmp_path / "chat.jsonl").write_text('{"role": "user", "content": "hello"}\n')

    with pytest.raises(UsageError, match=r"chat\.jsonl` is no policy") as problem:
        run("isolate", str(tmp_path / "chat.jsonl"))

    assert "probatum dialogue import" in (problem.value.help or "")


@pytest.mark.parametrize("locale", ["en-GB", "de", "zh-Hant-TW", "en_US"])
def test_a_locale_is_a_language_tag(tmp_path: Path, locale: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"schema": "probatum-turn/1", "conversation": "c", "text": "play jazz", "response": "Playing"}\n')

    assert f"turns by locale: {locale} 1" in run("import", str(log), "--to", str(tmp_path / "conv"), "--locale", locale)


@pytest.mark.parametrize("locale", ["not a locale!!", "e", "en-"])
def test_anything_else_is_none(tmp_path: Path, locale: str) -> None:
    with pytest.raises(UsageError, match="is no locale"):
        run("import", str(tmp_path / "log.jsonl"), "--to", str(tmp_path / "conv"), "--locale", locale)


def test_a_replay_that_nobody_answers_is_no_success() -> None:
    with socket.socket() as taken:  # a port at which nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = CliRunner().invoke(
            program, ["dialogue", "replay", "play jazz", "--right", "play the blues", "--url", f"http://127.0.0.1:{port}"]
        )

    assert done.exit_code == 3, done.output
    assert "nothing was run: the assistant could not be asked" in done.output
