"""Findings about conversations, by themselves: what `check` says, less what is not asked for."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from test_dialogue_request_fails import log

from probatum.cli import main

pytest.importorskip("duckdb")
POLICY = "logs: [chat.jsonl]\nrequire:\n- {id: often, kind: request-fails, at_most: 0.3}\n"


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    main(["dialogue", "findings", *arguments])
    return capsys.readouterr().out


@pytest.mark.slow  # checks a log some times
def test_findings_are_those_of_check_and_each_can_be_checked_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("site").mkdir()
    Path("site/dialogue.yaml").write_text(POLICY)
    Path("site/chat.jsonl").write_bytes(log(30))
    assert main(["dialogue", "findings", "site"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [cell for cell in lines[1].split("  ") if cell][:3] == ["1", "request-fails", "30"]
    assert lines[2].startswith("1 finding")

    words = shlex.split(lines[3].replace(";", " ; "))[1:]
    one, other = words[: words.index(">")], words[words.index(";") + 1 :]
    Path("finding.json").write_text(listed(capsys, *one[3:]))
    assert main(other[1:]) == 0
    assert "1 confirmed, 0 refuted" in capsys.readouterr().out

    main(["check", "site", "--select", "dialogue/request-fails", "--format", "json"])
    whole = json.loads(capsys.readouterr().out)
    assert json.loads(listed(capsys, "site", "--rule", "request-fails", "--format", "json"))["outcomes"] == whole["outcomes"]
    for arguments, many in (
        (["--user-count", "30"], 1),
        (["--user-count", "31"], 0),
        (["--stage", "recognition"], 0),
        (["--only", "x"], 0),
    ):
        found = json.loads(listed(capsys, "site", *arguments, "--format", "json"))
        assert sum(one["kind"] == "finding" for one in found["outcomes"]) == many
    assert json.loads(listed(capsys, "site", "--format", "sarif"))["version"] == "2.1.0"


def test_a_rule_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dialogue", "findings", str(tmp_path), "--rule", "request-fail"]) == 2
    assert "there is no rule `dialogue/request-fail` about conversations; there are" in capsys.readouterr().err


def test_reasons_of_what_is_undecided_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("site").mkdir()
    Path("site/dialogue.yaml").write_text(POLICY)
    Path("site/chat.jsonl").write_bytes(log(1))
    outcomes = json.loads(listed(capsys, "site", "--format", "json"))["outcomes"]
    reasons = {one["reason"] for one in outcomes if one["kind"] == "undecided"}
    told = [line for line in listed(capsys, "site").splitlines() if line.startswith("undecided")]
    assert reasons
    assert len(told) >= len(reasons)
    assert all(any(line.endswith(reason) for line in told) for reason in reasons)
    assert not any("write a policy" in line for line in told)


def test_a_folder_of_imported_conversations_needs_a_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chat.jsonl").write_bytes(log(1))
    assert main(["dialogue", "import", "chat.jsonl", "--to", "conv"]) == 0
    capsys.readouterr()
    assert main(["dialogue", "findings", "conv"]) == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "0 findings, 1 undecided"
    assert "nothing to check" in lines[1]
    assert lines[2] == "write a policy, `dialogue.yaml` beside `conv`, with the line `logs: [conv]`, and name its folder here"

    Path("dialogue.yaml").write_text("logs: [conv]\n")
    assert "write a policy" not in listed(capsys, ".")
