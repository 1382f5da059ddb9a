"""A folder of imported logs: each log once, one import after the other as both at once, and nothing half done."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import main, program
from probatum.dialogue.artefacts import store
from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import Stored, import_logs, key_of, read_manifest
from probatum.dialogue.semantics.conversations import stored
from probatum.errors import ProbatumError, UnreadableArtefact

pytest.importorskip("duckdb")
KEY = b"k" * 32


def chat(name: str, *said: tuple[str, float], user: str = "u1") -> dict[str, Any]:
    return {"id": name, "user": user, "messages": [{"role": "user", "content": text, "created_at": at} for text, at in said]}


def log(folder: Path, name: str, *records: Any) -> LogFile:
    (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records))
    return LogFile(name, folder / name)


def taken(folder: Path, *logs: LogFile) -> Stored:
    return import_logs(logs, folder, IMPORTERS, key=KEY)[0]


def rows(folder: Path) -> list[dict[str, Any]]:
    with stored(folder) as conversations:
        return conversations.sql(
            "select turn_id, conversation_id, position, user_id, asked_at, normalised from {turns} join {texts} using (text_id) "
            "order by conversation_id, position"
        )


def test_one_import_after_the_other_is_both_at_once(tmp_path: Path) -> None:
    first = log(tmp_path, "a.jsonl", chat("c1", ("lamp on", 100.0), ("lamp off", 200.0)), chat("c2", ("hello", 50.0)))
    second = log(tmp_path, "b.jsonl", chat("c1", ("lamp off", 200.0), ("before", 150.0)), chat("c3", ("lamp on", 60.0)))
    taken(tmp_path / "one", first)
    held = taken(tmp_path / "one", second)
    taken(tmp_path / "both", first, second)

    assert rows(tmp_path / "one") == rows(tmp_path / "both")
    assert len(rows(tmp_path / "one")) == 5
    assert (held.intake.counts["turns"], held.intake.counts["conversations"], held.intake.counts["texts"]) == (5, 3, 4)
    assert [read.path for read in held.intake.logs] == ["a.jsonl", "b.jsonl"]


def test_what_two_imports_have_is_there_once_where_nothing_has_a_time(tmp_path: Path) -> None:
    said = [
        {"role": role, "content": text}
        for role, text in [("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d"), ("user", "e")]
    ]
    for number, messages in enumerate((said[:4], said)):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(json.dumps({"id": "c", "messages": messages}) + "\n")
        held, _ = import_logs([LogFile(path.name, path)], tmp_path / "held", IMPORTERS, key=b"k" * 16)
    assert (held.intake.counts["turns"], held.intake.counts["duplicates"]) == (3, 2)


def test_a_log_that_is_there_is_not_taken_in_again(tmp_path: Path) -> None:
    only = log(tmp_path, "a.jsonl", chat("c1", ("lamp", 100.0)))
    taken(tmp_path / "to", only)
    before = (tmp_path / "to" / "manifest.json").read_bytes()
    _, there = import_logs([only], tmp_path / "to", IMPORTERS, key=KEY)

    assert there == ["a.jsonl"]
    assert (tmp_path / "to" / "manifest.json").read_bytes() == before


def test_an_import_that_stops_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(tmp_path / "to", log(tmp_path, "a.jsonl", chat("c1", ("lamp", 100.0))))
    before = rows(tmp_path / "to")
    listed = sorted(path.name for path in (tmp_path / "to").iterdir())

    def stop(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(store, "write_manifest", stop)
    with pytest.raises(OSError, match="disk is full"):
        taken(tmp_path / "to", log(tmp_path, "b.jsonl", chat("c2", ("other", 100.0))))

    assert rows(tmp_path / "to") == before
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == listed


def test_another_key_is_refused(tmp_path: Path) -> None:
    only = log(tmp_path, "a.jsonl", chat("c1", ("lamp", 100.0)))
    taken(tmp_path / "to", only)

    with pytest.raises(ProbatumError, match="another key"):
        import_logs([only], tmp_path / "to", IMPORTERS, key=b"x" * 32)


def test_the_key_is_its_owners_alone_and_is_made_once(tmp_path: Path) -> None:
    first = key_of(tmp_path / "key")

    assert len(first) == 32
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert key_of(tmp_path / "key") == first
    (tmp_path / "short").write_text("abcd")
    with pytest.raises(UnreadableArtefact, match="shorter"):
        key_of(tmp_path / "short")
    with pytest.raises(UnreadableArtefact, match=r"cannot be used \(no such file or directory\)"):
        key_of(tmp_path / "no folder" / "key")


@pytest.mark.parametrize("damage", ["{", "[]", '{"schema": "other/9"}', '{"schema": "probatum-dialogue/1", "tables": "../x"}'])
def test_a_damaged_manifest_is_an_error(tmp_path: Path, damage: str) -> None:
    (tmp_path / "manifest.json").write_text(damage)

    with pytest.raises(UnreadableArtefact, match="cannot be read"):
        read_manifest(tmp_path)


def test_no_identifier_of_a_log_is_in_the_folder(tmp_path: Path) -> None:
    taken(tmp_path / "to", log(tmp_path, "a.jsonl", chat("conversation-of-alice", ("lamp", 100.0), user="alice@example.org")))

    for path in (tmp_path / "to").rglob("*"):
        assert path.is_dir() or b"alice" not in path.read_bytes(), path


@pytest.mark.parametrize("as_json", [False, True])
def test_import_says_what_the_logs_can_support(tmp_path: Path, as_json: bool) -> None:
    lines = [
        json.dumps(chat("c1", ("lamp on", 100.0), ("lamp off", 130.0))),
        json.dumps({"id": "c2", "messages": [{"role": "user", "content": "hello"}]}),
        '{"id": "c3", ',
        json.dumps({"id": "c4", "messages": [{"role": "user", "content": "x"}, {"speaker": 1}]}),
    ]
    (tmp_path / "log.jsonl").write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\x00 junk\n")
    arguments = [
        "dialogue",
        "import",
        str(tmp_path / "log.jsonl"),
        "--to",
        str(tmp_path / "to"),
        *(["--json"] if as_json else []),
    ]
    result = CliRunner().invoke(program, arguments)

    assert result.exit_code == 0, result.output
    if as_json:
        said = json.loads(result.output)["coverage"]
        assert (said["turns"], said["no_user"], said["no_time"], said["unread"], said["users"]) == (4, 2, 2, 2, 1)
        assert said["unknown"] == {"unknown": 1}
    else:
        assert "50.0 % of turns (2) have no user: nothing is learnt for or counted by their users" in result.output
        assert "2 records cannot be read, the first is" in result.output
        assert "line 3: it is not JSON" in result.output


def test_a_mapping_file_names_the_columns(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("who,said,when\nu1,lamp on,2025-01-01T00:00:00\nu1,lamp off,2025-01-01T00:00:09\n")
    (tmp_path / "mapping.yaml").write_text("{user: who, text: said, asked_at: when}\n")
    arguments = [
        "dialogue",
        "import",
        str(tmp_path / "log.csv"),
        "--to",
        str(tmp_path / "to"),
        "--mapping",
        str(tmp_path / "mapping.yaml"),
    ]
    result = CliRunner().invoke(program, [*arguments, "--locale", "en"])

    assert result.exit_code == 0, result.output
    assert "2 turns in 1 conversation of 1 user" in result.output
    assert "turns by locale: en 2" in result.output


def test_a_log_of_no_known_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"a": 1}\n{"b": 2}\n')
    result = CliRunner().invoke(program, ["dialogue", "import", str(tmp_path / "log.jsonl"), "--to", str(tmp_path / "to")])

    assert result.exit_code != 0
    assert not (tmp_path / "to" / "manifest.json").exists()


def test_a_folder_of_an_earlier_version_is_read_and_imported_into(tmp_path: Path) -> None:
    import duckdb

    folder = tmp_path / "tables"
    held = taken(folder, log(tmp_path, "a.jsonl", chat("c1", ("lamp on", 100.0))))
    table = held.folder / "turns.parquet"
    duckdb.sql(f"copy (select * exclude (rewrite) from read_parquet('{table}')) to '{table}.old' (format parquet)")  # noqa: S608 - a test's own
    Path(f"{table}.old").replace(table)
    with stored(folder) as conversations:
        assert conversations.sql("select rewrite, normalised from {turns} join {texts} using (text_id)") == [
            {"rewrite": None, "normalised": "lamp on"}
        ]

    taken(folder, log(tmp_path, "b.jsonl", chat("c1", ("lamp off", 200.0)), chat("c2", ("hello", 50.0))))
    assert {row["normalised"] for row in rows(folder)} == {"lamp on", "lamp off", "hello"}
    with stored(folder) as conversations:
        assert {row["rewrite"] for row in conversations.sql("select rewrite from {turns}")} == {None}


def test_a_log_of_which_nothing_can_be_read_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "junk.jsonl").write_bytes(b"\x00\xff" * 500)
    (tmp_path / "log.jsonl").write_text(json.dumps(chat("c1", ("lamp on", 100.0))) + '\n{"broken\n')
    into = ["--to", str(tmp_path / "to")]

    assert main(["dialogue", "import", str(tmp_path / "junk.jsonl"), str(tmp_path / "log.jsonl"), *into]) == 2
    told = capsys.readouterr()
    assert "1 turn in 1 conversation" in told.out
    assert f"nothing of `{tmp_path / 'junk.jsonl'}` could be read" in told.err
    assert (
        main(["dialogue", "import", str(tmp_path / "log.jsonl"), *into]) == 0
    )  # what an earlier import could not read is told once
    capsys.readouterr()


def test_where_nobody_asks_anything_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.csv").write_text("sender,message\nAnn,lamp on\nBot,It is on\n")
    (tmp_path / "map.yaml").write_text("{text: message, role: sender}\n")
    assert (
        main(
            [
                "dialogue",
                "import",
                str(tmp_path / "log.csv"),
                "--to",
                str(tmp_path / "to"),
                "--mapping",
                str(tmp_path / "map.yaml"),
            ]
        )
        == 0
    )

    assert "nobody asks anything in what could be read" in capsys.readouterr().out


@pytest.mark.parametrize(("user", "alone"), [("ann", ""), ("", "2 conversations have one turn")])
def test_single_requests_of_a_session_are_followed_by_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], user: str, alone: str
) -> None:
    rows = [f"c{n},{user},lamp {n},{100 + n}" for n in range(2)]
    (tmp_path / "log.csv").write_text("\n".join(["c,who,said,at", *rows]) + "\n")
    (tmp_path / "map.yaml").write_text("{conversation: c, user: who, text: said, asked_at: at}\n")
    assert (
        main(
            [
                "dialogue",
                "import",
                str(tmp_path / "log.csv"),
                "--to",
                str(tmp_path / "to"),
                "--mapping",
                str(tmp_path / "map.yaml"),
            ]
        )
        == 0
    )

    told = capsys.readouterr().out
    assert alone in told
    assert bool(alone) == ("have one turn" in told)
