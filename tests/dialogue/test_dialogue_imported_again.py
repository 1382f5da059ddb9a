"""A log that is imported again and read in another way: it takes its own place, or is refused, and never counts twice."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_dialogue_store import KEY, chat, log, rows, taken

from probatum.dialogue.artefacts.importers.formats import IMPORTERS, NAMED
from probatum.dialogue.artefacts.importers.mapped import Mapped
from probatum.dialogue.artefacts.store import import_logs, read_manifest
from probatum.dialogue.semantics.conversations import stored
from probatum.errors import ProbatumError

pytest.importorskip("duckdb")


def unread(folder: Path) -> list[tuple[str, int]]:
    with stored(folder) as conversations:
        return [(row["source"], row["line"]) for row in conversations.sql("select source, line from {quarantine} order by all")]


def test_a_log_of_which_nothing_could_be_read_gives_way_to_itself(tmp_path: Path) -> None:
    good = log(tmp_path, "a.jsonl", chat("c1", ("lamp", 100.0)), 7)
    rows_of = log(tmp_path, "b.jsonl", {"said": "lamp on", "who": "ann"}, {"other": 1})
    taken(tmp_path / "to", good)
    wrong = replace(rows_of, importer=Mapped({"text": "utterance"}))
    right = replace(rows_of, importer=Mapped({"text": "said", "user": "who"}))
    taken(tmp_path / "to", wrong)
    assert unread(tmp_path / "to") == [("a.jsonl", 2), ("b.jsonl", 1), ("b.jsonl", 2)]

    held = taken(tmp_path / "to", right)

    assert unread(tmp_path / "to") == [("a.jsonl", 2), ("b.jsonl", 2)]
    assert [(read.path, read.records, read.unread, read.events) for read in held.intake.logs] == [
        ("a.jsonl", 2, 1, 1),
        ("b.jsonl", 2, 1, 1),
    ]
    taken(tmp_path / "clean", good, right)
    assert rows(tmp_path / "to") == rows(tmp_path / "clean")
    assert held.intake.counts == read_manifest(tmp_path / "clean").intake.counts  # type: ignore[union-attr]  # it is there
    assert import_logs([right], tmp_path / "to", IMPORTERS, key=KEY)[1] == ["b.jsonl"]


@pytest.mark.parametrize(
    "other", [{"importer": Mapped({"text": "answer"})}, {"importer": Mapped({"text": "said"}), "locale": "de"}]
)
def test_a_log_that_was_read_in_another_way_is_refused_and_nothing_changes(tmp_path: Path, other: dict[str, Any]) -> None:
    """Its turns went together with those of other logs, and cannot be taken out of them."""
    only = log(tmp_path, "a.jsonl", {"said": "lamp on", "answer": "done"})
    taken(tmp_path / "to", replace(only, importer=Mapped({"text": "said"})))
    before = (tmp_path / "to" / "manifest.json").read_bytes()

    with pytest.raises(ProbatumError) as caught:
        taken(tmp_path / "to", replace(only, **other))

    assert "`a.jsonl` was imported into `" in caught.value.message
    assert "read in another way" in caught.value.message
    assert "into another folder" in (caught.value.help or "")
    assert (tmp_path / "to" / "manifest.json").read_bytes() == before


def test_a_format_that_is_named_later_or_no_more_is_no_other_way_to_read(tmp_path: Path) -> None:
    only = log(tmp_path, "a.jsonl", chat("c1", ("lamp", 100.0)))
    named = replace(only, importer=NAMED["openai-chat"])
    for number, (first, second) in enumerate([(only, named), (named, only)]):
        taken(tmp_path / str(number), first)

        assert import_logs([second], tmp_path / str(number), IMPORTERS, key=KEY)[1] == ["a.jsonl"]


def test_a_manifest_of_earlier_is_read(tmp_path: Path) -> None:
    taken(tmp_path / "to", log(tmp_path, "a.jsonl", chat("c1", ("lamp", 100.0))))
    said = json.loads((tmp_path / "to" / "manifest.json").read_text())
    del said["contents"]
    (tmp_path / "to" / "manifest.json").write_text(json.dumps(said))

    held = taken(tmp_path / "to", log(tmp_path, "b.jsonl", chat("c2", ("lamp", 100.0))))

    assert (len(held.digests), len(held.contents)) == (2, 1)
