"""Nobody is forgotten while something is made of the conversations, which would bring them back; nor is anything made meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_dialogue_forgetting_interrupted import KEY, USER, write_log

import probatum
from probatum.cli import main
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.unfinished import alone, unchanged
from probatum.dialogue.service.serving.policies import Policies
from probatum.errors import StateError

pytest.importorskip("duckdb")
pytest.importorskip("scipy")

COMPILE = ("rewrites", "compile", "conv", "--users", "6", "--households", "1")
FORGET = ("forget", USER, "--conversations", "conv", "--users", "6", "--households", "1")
PATIENCE_S = 120
# Runs a command of `probatum dialogue`, and waits where it calls a function of a module until it may go on.
_HELD = f"""
import importlib, sys, time
from pathlib import Path
from probatum.cli import main

module, name, *words = sys.argv[1:]
owner = importlib.import_module(module)
real = getattr(owner, name)

def held(*arguments, **named):
    Path("reached").touch()
    until = time.monotonic() + {PATIENCE_S}
    while not Path("go").exists():
        if time.monotonic() > until:
            sys.exit(99)
        time.sleep(0.01)
    return real(*arguments, **named)

setattr(owner, name, held)
sys.exit(main(["dialogue", *words]))
"""


@contextmanager
def held(function: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command in another process, which waits at a function as long as the context lasts and then ends well."""
    module, _, name = function.rpartition(".")
    environment = {**os.environ, "PYTHONPATH": str(Path(probatum.__file__).parents[1])}
    process = subprocess.Popen([sys.executable, "-c", _HELD, module, name, *words], env=environment, text=True)
    try:
        until = time.monotonic() + PATIENCE_S
        while not Path("reached").exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        yield process
        Path("go").touch()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()
        Path("reached").unlink(missing_ok=True)
        Path("go").unlink(missing_ok=True)


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with imported conversations, which is the current one."""
    monkeypatch.chdir(tmp_path)
    write_log(Path("log.jsonl"))
    Path("conv.key").write_text(KEY.hex())
    assert main(["dialogue", "import", "log.jsonl", "--to", "conv"]) == 0
    capsys.readouterr()
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that is refused, and return what it says."""
    capsys.readouterr()
    status = main(["dialogue", *words])
    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    return told.err


@pytest.mark.slow  # learns from a log, in two processes
def test_a_user_is_not_forgotten_while_a_policy_is_compiled(imported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with held("probatum.dialogue.service.compiling.policy_of", *COMPILE):
        said = refused(capsys, *FORGET)
        assert (
            said == "error: `conv` is being read for what is made of it by another process\n  help: wait until that has ended\n"
        )

    people = json.dumps(known(imported))
    assert (pseudonym(USER, KEY, "user") or "?") in people
    assert main(["dialogue", *FORGET]) == 0
    assert (pseudonym(USER, KEY, "user") or "?") not in json.dumps(known(imported))
    assert Policies(imported / "rewrites/policies").policy is not None


@pytest.mark.slow  # learns from a log, in two processes
def test_nothing_is_made_of_conversations_while_a_user_is_forgotten(imported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dialogue", *COMPILE]) == 0
    with held("probatum.dialogue.service.forgetting.put_in_place", *FORGET):
        for words in (
            COMPILE,
            ("rewrites", "propose", "conv"),
            ("label", "rephrases", "conv", "--detector", "letters"),
            ("label", "fit", "conv", "--to", "model"),
            ("label", "turns", "conv", "--model", "model", "--to", "labels"),
            ("label", "ask", "conv", "--model", "model", "--to", "turns"),
            ("label", "export", "labels", "conv"),
            ("isolate", "conv", "--to", "stages"),
            ("audit", "sample", "9", "conv"),
            ("audit", "import", "conv", "plan", "sheet"),
            ("monitor", "conv"),
            ("evaluate", "rewrites", "conv"),
        ):
            said = refused(capsys, *words)
            assert said.endswith("error: `conv` is being changed by another process\n  help: wait until that has ended\n"), words
    assert (pseudonym(USER, KEY, "user") or "?") not in json.dumps(known(imported))
    assert main(["dialogue", *COMPILE]) == 0


def known(folder: Path) -> list[str]:
    """Return of whom a service knows anything."""
    import sqlite3

    with sqlite3.connect(folder / "rewrites/people.db") as people:
        return [str(user) for (user,) in people.execute("select user from people")]


def test_several_may_make_something_at_once(imported: Path) -> None:
    own = imported / "conv"
    with unchanged(own), unchanged(own), pytest.raises(StateError, match="is being read for what is made of it"), alone(own):
        pass
    with alone(own), pytest.raises(StateError, match="is being changed"), unchanged(own):
        pass


def test_a_folder_that_holds_no_conversations_is_left_as_it_is(tmp_path: Path) -> None:
    with unchanged(tmp_path), unchanged(tmp_path / "none"):
        pass

    assert list(tmp_path.iterdir()) == []
