"""Deletion is what an import without the user would have given, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from probatum.cli import main
from probatum.dialogue.artefacts.forgetting import forget
from probatum.dialogue.artefacts.importers.formats import IMPORTERS, importer_of
from probatum.dialogue.artefacts.importers.mapped import Mapped
from probatum.dialogue.artefacts.importers.notation import Notation
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs, read_manifest
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.errors import UnreadableArtefact, UsageError

pytest.importorskip("duckdb")
KEY = bytes(range(32))
FIELDS = ("conversation", "user", "asked_at", "text", "response")


def taken(folder: Path, rows: Iterable[dict[str, Any]]) -> dict[str, list[tuple[Any, ...]]]:
    """Import rows, and return the tables; see `tables`."""
    log = folder.with_suffix(".jsonl")
    log.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows))
    mapping = importer_of("mapping", {name: name for name in FIELDS})
    import_logs([LogFile("log.jsonl", log, mapping)], folder, IMPORTERS, key=KEY)
    return tables(folder)


def tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables, without numbers of lines."""
    import duckdb

    stored = read_manifest(folder)
    assert stored is not None
    found = {}
    for name in ("turns", "texts", "quarantine", "unknown"):
        whole = duckdb.read_parquet(str(stored.folder / f"{name}.parquet"))
        kept = whole.project(", ".join(f'"{column}"' for column in whole.columns if column != "line"))
        found[name] = sorted(kept.fetchall(), key=repr)
    return found


def turn(conversation: str, user: str, at: float, text: str, response: str = "Done") -> dict[str, Any]:
    return dict(zip(FIELDS, (conversation, user, at, text, response), strict=True))


LOG = [
    turn("c1", "ann", 10.0, "Turn on the lamp!"),
    turn("c1", "bob", 20.0, "play grandma's song", "Here is grandma's song"),
    turn("c1", "ann", 30.0, "turn it off"),
    turn("c2", "bob", 40.0, "turn on the lamp"),
    turn("c3", "ann", 50.0, "call dr strange", "Calling Dr Strange"),
]


@pytest.mark.parametrize("user", ["ann", "bob", "nobody"])
def test_deletion_equals_an_import_without_the_user(tmp_path: Path, user: str) -> None:
    taken(tmp_path / "all", LOG)
    gone = forget(tmp_path / "all", user, key=KEY)

    assert tables(tmp_path / "all") == taken(tmp_path / "without", [row for row in LOG if row["user"] != user])
    assert gone.turns == sum(row["user"] == user for row in LOG)
    one, other = read_manifest(tmp_path / "all"), read_manifest(tmp_path / "without")
    assert one is not None
    assert other is not None
    for name in ("turns", "conversations", "texts"):
        assert one.intake.counts[name] == other.intake.counts[name]
    assert (gone.before == gone.after) == (user == "nobody")


def tracker(sender: str, *more: dict[str, Any]) -> dict[str, Any]:
    return {"sender_id": sender, "events": [{"event": "user", "text": f"hello from {sender}", "timestamp": 10.0}, *more]}


def dumped(folder: Path, trackers: Iterable[dict[str, Any]]) -> dict[str, list[tuple[Any, ...]]]:
    """Import trackers of Rasa, and return the tables."""
    log = folder.with_suffix(".jsonl")
    log.write_text("".join(json.dumps(one) + "\n" for one in trackers))
    import_logs([LogFile("log.jsonl", log)], folder, IMPORTERS, key=KEY)
    return tables(folder)


def test_events_of_unknown_kind_go_with_the_user_and_name_nobody(tmp_path: Path) -> None:
    odd = {"event": "made_up", "timestamp": 11.0}
    trackers = [
        tracker("ann", odd),
        tracker("ann2", odd),  # is somebody else
        tracker("bob", odd, {"event": "handed_over", "to": "ann", "timestamp": 12.0}),
    ]
    before = dumped(tmp_path / "all", trackers)
    gone = forget(tmp_path / "all", "ann", key=KEY)

    assert tables(tmp_path / "all") == dumped(tmp_path / "without", [trackers[1], tracker("bob", odd)])
    assert gone.unknown == 2
    assert {row[0] for row in before["unknown"]} == {pseudonym(name, KEY, "conversation") for name in ("ann", "ann2", "bob")}


def test_events_of_no_conversation_stay_with_everybody_else(tmp_path: Path) -> None:
    """In SQL, nothing is `not in` a list, and nothing is in it, where it is null."""
    before = dumped(tmp_path / "all", [tracker("ann"), {"event": "made_up", "timestamp": 11.0, "sender_id": ""}])
    forget(tmp_path / "all", "ann", key=KEY)

    assert len(before["unknown"]) == 1
    assert before["unknown"] == tables(tmp_path / "all")["unknown"]


@pytest.mark.parametrize("nobody", ["", "anonymous", "null"])
def test_nobody_cannot_be_forgotten(tmp_path: Path, nobody: str) -> None:
    """Otherwise all turns would go of which no user is known."""
    rows = [*LOG, turn("c4", "anonymous", 60.0, "hello"), '{"broken\n']
    before = taken(tmp_path / "all", rows)
    with pytest.raises(UsageError, match="names nobody"):
        forget(tmp_path / "all", nobody, key=KEY)
    assert tables(tmp_path / "all") == before


def test_no_word_that_only_one_user_said_stays_on_disk(tmp_path: Path) -> None:
    taken(tmp_path / "all", LOG)
    forget(tmp_path / "all", "ann", key=KEY)

    kept = tables(tmp_path / "all")
    assert "strange" not in repr(kept)
    assert (pseudonym("ann", KEY, "user") or "?") not in repr(kept)
    assert [path.name for path in (tmp_path / "all").iterdir() if path.is_dir()] == [read_manifest(tmp_path / "all").folder.name]  # type: ignore[union-attr]  # it is there


def test_an_unread_line_that_names_the_user_is_gone(tmp_path: Path) -> None:
    taken(tmp_path / "all", [*LOG, '{"user": "ann", "text": \n', '{"user": "bob"\n'])  # type: ignore[list-item]  # lines
    gone = forget(tmp_path / "all", "ann", key=KEY)

    assert gone.quarantine == 1
    [(_, _, start)] = tables(tmp_path / "all")["quarantine"]
    assert "bob" in start


def test_an_unread_line_whose_reason_names_the_user_is_gone(tmp_path: Path) -> None:
    """A role can be a name, where a column was mistaken, and stand behind the beginning that is kept of a line."""
    log = tmp_path / "log.jsonl"
    rows = [{"text": 300 * "x", "role": who} for who in ("user", "ann", "annette")]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    mapping = Mapped({"text": "text", "role": "role"}, Notation({"user": "user", "bot": "assistant"}))
    import_logs([LogFile("log.jsonl", log, mapping)], tmp_path / "all", IMPORTERS, key=KEY)

    gone = forget(tmp_path / "all", "ann", key=KEY)

    assert gone.quarantine == 1
    assert [reason for _, reason, _ in tables(tmp_path / "all")["quarantine"]] == ["its role `annette` is none of `roles`"]


def test_another_key_or_folder_changes_nothing(tmp_path: Path) -> None:
    before = taken(tmp_path / "all", LOG)

    with pytest.raises(UnreadableArtefact, match="another key"):
        forget(tmp_path / "all", "ann", key=bytes(32))
    with pytest.raises(UnreadableArtefact, match="holds no conversations"):
        forget(tmp_path, "ann", key=KEY)
    assert tables(tmp_path / "all") == before


@pytest.mark.slow  # learns from a log several times
def test_a_rewrite_that_had_enough_users_only_with_one_is_retired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    day, start = 86400.0, 1_767_225_600.0
    rows = []
    for user in range(20):
        at = start + user * day
        own = {"user": f"u{user}", "device": f"d{user}", "household": f"h{user}"}
        for step, (text, response) in enumerate(
            [("open the garbage door", "Sorry, I didn't understand that"), ("open the garage door", "Done")]
        ):
            rows.append({"conversation": f"{user} {step}", **own, "asked_at": at + 9 * step, "text": text, "response": response})
        rows.append(
            {"conversation": f"{user} 2", **own, "asked_at": at + 9000, "text": "open the garage door", "response": "Done"}
        )
    Path("log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("map.json").write_text(json.dumps({name: name for name in (*FIELDS, "device", "household")}))
    for command in (
        ["import", "log.jsonl", "--to", "conv", "--mapping", "map.json"],
        ["rewrites", "propose", "conv"],
        ["rewrites", "compile", "conv"],
    ):
        assert main(["dialogue", *command]) == 0
    before = sorted(path.name for path in Path("rewrites/policies").glob("*.policy"))
    capsys.readouterr()

    assert main(["dialogue", "forget", "u7", "--conversations", "conv", "--receipt", "receipt.json"]) == 0
    said = capsys.readouterr().out
    assert "3 turns" in said
    assert "the service knew the user, and does no longer" in said
    receipt = json.loads(Path("receipt.json").read_text())
    [retired] = receipt["retired"]
    assert retired in said
    assert "u7" not in Path("receipt.json").read_text().replace(retired, "")
    [policy] = Path("rewrites/policies").glob("*.policy")
    assert [policy.name] != before
    assert receipt["policies"][1] == policy.stem
    assert main(["dialogue", "forget", "u7", "--conversations", "conv", "--key", "none.key"]) == 2
    assert "is not there, and without it nobody can tell" in capsys.readouterr().err
