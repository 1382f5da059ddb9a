"""A file that cannot be written is refused before the work whose result it is to take."""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from pathlib import Path

import pytest

from probatum.cli import delivery, main
from probatum.errors import UsageError


@pytest.mark.parametrize(
    "command",
    [
        ("label", "rephrases", "conv"),
        ("label", "fit", "conv"),
        ("label", "turns", "conv", "--model", "model"),
        ("label", "ask", "conv", "--model", "model"),
        ("label", "export", "labels.jsonl", "conv"),
        ("isolate", "conv"),
        ("forget", "ann", "--conversations", "conv"),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_the_file_is_looked_at_before_the_log(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing else that these commands name is there either: had they begun with it, they would say so."""
    monkeypatch.chdir(tmp_path)

    status = main(["dialogue", *command, "--receipt" if command[0] == "forget" else "--to", "no/such/file"])

    assert status == 2
    assert capsys.readouterr().err == (
        "error: cannot write `no/such/file`: no such file or directory\n"
        "  help: name a file in a directory that exists and may be written\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/such/file", ".", "old/below", "n" * 300, "null", "new", "old", "link"])
def test_what_is_refused_is_what_cannot_be_put_with_the_same_words(name: str, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("as it was")
    (tmp_path / "link").symlink_to("linked")
    (tmp_path / "null").symlink_to(os.devnull)
    path = tmp_path / name

    looked_at = said_of(lambda: delivery.refuse_unwritable(path))

    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "null", "old"]
    assert (tmp_path / "old").read_text() == "as it was"
    assert looked_at == said_of(lambda: delivery.put(path, "new"))
    assert (looked_at == "") == (name in ("null", "new", "old", "link"))


def test_who_reads_a_pipe_sees_no_end_before_the_result(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        waiting = select.poll()
        waiting.register(reading)

        assert said_of(lambda: delivery.refuse_unwritable(pipe)) == ""

        assert waiting.poll(0) == []
        delivery.put(pipe, "result")
        assert os.read(reading, 100) == b"result"
    finally:
        os.close(reading)


def said_of(done: Callable[[], None]) -> str:
    try:
        done()
    except UsageError as problem:
        return f"{problem.message}; {problem.help}"
    return ""
