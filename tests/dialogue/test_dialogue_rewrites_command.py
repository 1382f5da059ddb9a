"""From a log to a policy, at the command line."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import main, program
from probatum.dialogue.service.serving.policies import Policies

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
PAIRS = [("open the garbage door", "open the garage door"), ("turn on the leaving room light", "turn on the living room light")]
DAY, START = 86400.0, 1_767_225_600.0  # 2026-01-01


def log(path: Path, users: int) -> None:
    """Write a log in which two requests are misheard, and said again."""
    rng = random.Random(1)
    with path.open("w") as file:
        for user in range(users):
            at = START
            for _ in range(12):
                at += rng.random() * 4 * DAY
                heard, meant = rng.choice(PAIRS)
                said = [(heard, "Sorry, I didn't understand that"), (meant, "Done")] if rng.random() < 0.5 else [(meant, "Done")]
                for step, (text, response) in enumerate(said):
                    own = {
                        "conversation": f"{user} {at} {step}",
                        "user": f"u{user}",
                        "device": f"d{user}",
                        "household": f"h{user}",
                    }
                    times = {"asked_at": at + 9 * step, "answered_at": at + 9 * step + 1}
                    file.write(json.dumps({**own, **times, "text": text, "response": response}) + "\n")


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.mark.slow  # imports a log and learns from it three times
def test_a_log_becomes_a_policy_that_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    log(Path("log.jsonl"), 60)
    fields = ("conversation", "user", "device", "household", "asked_at", "answered_at", "text", "response")
    Path("map.json").write_text(json.dumps({name: name for name in fields}))
    run("import", "log.jsonl", "--to", "conv", "--mapping", "map.json")

    found: dict[str, Any] = json.loads(run("rewrites", "propose", "conv", "--until", "2026-01-20", "--json"))
    assert sorted((one["source"], one["target"]) for one in found["entered"]) == sorted(PAIRS)
    assert json.loads(run("rewrites", "propose", "conv", "--until", "2026-01-20", "--json"))["entered"] == []

    shown = json.loads(run("monitor", "conv", "--json"))
    assert {step["to"] for step in shown["steps"]} == {"canary"}
    assert "is now canary" in run("monitor", "conv", "--apply")
    assert [row["state"] for row in json.loads(run("rewrites", "show", "--json"))] == ["canary", "canary"]

    said = run("rewrites", "compile", "conv")
    assert "2 rewrites, habits of 60 users" in said
    policy = Policies(tmp_path / "rewrites" / "policies").policy
    assert policy is not None
    assert [link.target for link in policy.links(PAIRS[0][0])] == [PAIRS[0][1]]

    name = found["entered"][0]["rewrite"]
    run("rewrites", "block", name, "--by", "a person", "--reason", "a test")
    assert [entry["to"] for entry in json.loads(run("rewrites", "show", name))][-1] == "blocked"
    assert run("rewrites", "export", "--state", "canary").count("\n") == 2
    assert "1 rewrites, habits" in run("rewrites", "compile", "conv")


def test_a_date_and_a_format_that_are_none_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, wrong in (
        (["rewrites", "propose", str(tmp_path), "--until", "soon"], "`soon` is not a date"),
        (["rewrites", "export", "--service", str(tmp_path), "--format", "xml"], "there is no `xml`; home-assistant:"),
        (["rewrites", "show", "--service", str(tmp_path), "nothing"], "there is no rewrite `nothing`"),
        (["monitor", str(tmp_path), "--service", str(tmp_path)], "nothing was imported into"),
        (["monitor", str(tmp_path), "--service", str(tmp_path), "--until", "soon"], "`soon` is not a date"),
    ):
        assert main(["dialogue", *arguments]) == 2
        assert wrong in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["rewrites", "show"],
        ["rewrites", "export"],
        ["rewrites", "block", "x", "--by", "me", "--reason", "y"],
        ["monitor", "conversations"],
        ["forget", "ann", "--conversations", "conversations"],
        ["audit", "sample", "10", "conversations"],
        ["teach", "list", "--user", "ann", "--key", __file__],
    ],
)
def test_a_service_that_is_not_there_is_none_that_knows_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(["dialogue", *words, "--service", str(tmp_path / "mistyped")]) == 2
    assert "mistyped" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
