"""Policies that name folders of imported logs, and logs that are not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_dialogue_request_fails import log

from probatum.dialogue import artefacts
from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs
from probatum.engine import CheckOptions, check

pytest.importorskip("duckdb")
RULES = "require:\n- {id: often, kind: request-fails, at_most: 0.3}\n"


def imported(folder: Path) -> None:
    log_file = folder / "chat.jsonl"
    log_file.write_bytes(log(30))
    import_logs([LogFile("chat.jsonl", log_file)], folder / "conversations", IMPORTERS, key=bytes(16))
    log_file.unlink()


@pytest.mark.slow  # imports a log and checks it
def test_a_folder_of_imported_logs_is_checked_as_its_logs_are(tmp_path: Path) -> None:
    imported(tmp_path)
    for name in ("conversations", "conversations/", "'conversations'"):
        (tmp_path / "dialogue.yaml").write_text(f"logs: [{name}]\n{RULES}")
        report = check(tmp_path, CheckOptions(select=("dialogue/request-fails",), use_cache=False))
        [finding] = report.findings
        assert finding.message.startswith("`open the garbage door` fails for at least")
        assert not report.defects


@pytest.mark.slow  # imports a log and checks it
def test_a_folder_beside_logs_and_a_log_that_is_not_there_are_told(tmp_path: Path) -> None:
    imported(tmp_path)
    (tmp_path / "chat.jsonl").write_bytes(log(3))
    for logs, wrong in (
        ("[conversations, chat.jsonl]", "`conversations` is a folder of imported logs, and is read alone"),
        ("[{path: conversations, format: rasa}]", "have no format any more"),
        ("[conversation]", "the log `conversation` is not there"),
        ("[../conversations]", "outside the checked directory"),
    ):
        (tmp_path / "dialogue.yaml").write_text(f"logs: {logs}\n{RULES}")
        [undecided] = check(tmp_path, CheckOptions(select=("dialogue/request-fails",), use_cache=False)).undecided
        assert wrong in undecided.reason


def test_a_manifest_that_is_damaged_names_nothing_else() -> None:
    for raw in (b"", b"[", b"[]", b"{}", b'{"tables": 3}', b'{"tables": "../x"}', b'{"tables": ".."}', b"\xff", b"[" * 100_000):
        files = {"dialogue.yaml": b"logs: [held]\n", "held/manifest.json": raw}
        assert artefacts.imports("dialogue.yaml", {}, files.get, files.__contains__) == ((), ("data:held/manifest.json",))
    files["held/manifest.json"] = json.dumps({"tables": "tables-1"}).encode()
    _, needed = artefacts.imports("dialogue.yaml", {}, files.get, files.__contains__)
    assert needed[1:] == tuple(f"data:held/tables-1/{name}.parquet" for name in ("turns", "texts", "unknown", "quarantine"))
