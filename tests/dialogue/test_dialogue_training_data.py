"""Labels as training data."""

from __future__ import annotations

import csv
import io
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from plain_turns import stored

from probatum.dialogue.artefacts.policy import Privacy
from probatum.dialogue.model.projection import Slot
from probatum.dialogue.service.training_data import Trained, examples, home_assistant, jsonl, rasa, read_labels, table
from probatum.errors import UnreadableArtefact

KEPT = [
    Trained("open the garbage door", "Open", (Slot("name", "garage door", 2, 4),), 0.9, 30),
    Trained("=lamp [on]", "On: 1", (Slot("name", "lamp"),), 0.8, 30),
]


def test_each_format_has_the_texts_with_their_slots() -> None:
    spoken = yaml.safe_load(rasa(KEPT))["nlu"]
    assert [one["intent"] for one in spoken] == ["On: 1", "Open"]
    assert spoken[1]["examples"] == '- open the [garbage door]{"entity": "name", "value": "garage door"}\n'
    assert json.loads(jsonl(KEPT).splitlines()[0])["tags"] == ["O", "O", "B-name", "I-name"]
    rows = list(csv.DictReader(io.StringIO(table(KEPT))))
    assert (rows[0]["text"], json.loads(rows[0]["slots"])) == ("open the garbage door", {"name": "garage door"})
    assert rows[1]["text"] == "'=lamp [on]"
    own = yaml.safe_load(home_assistant(KEPT))["intents"]["Open"]["data"]
    assert own == [{"sentences": ["open the garbage door"], "slots": {"name": "garage door"}}]


def test_without_examples_the_files_are_still_ones() -> None:
    assert yaml.safe_load(rasa([])) == {"version": "3.1", "nlu": []}
    assert yaml.safe_load(home_assistant([])) == {"language": "en", "intents": {}}


def test_what_few_say_and_what_was_not_released_stays_out(tmp_path) -> None:
    """25 users say the same, and one of them something else."""
    own = [{"conversation": f"c{n}", "user": f"u{n}", "household": f"h{n}", "text": "lamp on"} for n in range(25)]
    with stored(tmp_path, [*own, {"conversation": "x", "user": "u0", "household": "h0", "text": "call ann"}]) as conversations:
        query = "select t.turn_id, x.normalised from {turns} t join {texts} x using (text_id) order by t.line"
        *turns, private = [row["turn_id"] for row in conversations.sql(query)]

        def label(turn: str, value: str, *, released: bool = True) -> dict[str, object]:
            slots = [{"name": "name", "value": value}]
            return {"turn": turn, "task": "meaning", "value": "On", "p": 0.9, "released": released, "slots": slots}

        rows = [*(label(turn, "lamp") for turn in turns[:24]), label(turns[24], "grandma's lamp"), label(private, "ann")]
        rows += [label("gone", "lamp"), label(turns[0], "fan", released=False)]
        found = examples(conversations, rows, Privacy(users=20, households=5))

    assert [(one.text, one.slots[0].value) for one in found.kept] == [("lamp on", "lamp")]
    assert (found.private, found.gone) == (2, 1)


def test_slots_without_an_intent_are_for_formats_that_can_do_without(tmp_path) -> None:
    """Of one text the meaning is known as well, of the other the slots alone."""
    turns = [
        {"conversation": f"{text} {n}", "user": f"u{n}", "text": text} for text in ("lamp on", "lamp blue") for n in range(3)
    ]
    with stored(tmp_path, turns) as conversations:
        query = "select t.turn_id as turn, x.normalised as text from {turns} t join {texts} x using (text_id)"
        rows = [
            {"turn": row["turn"], "task": "slots", "value": "name", "p": 0.8, "released": True, "slots": [{"name": "name", "value": "lamp", "begin": 0, "end": 1}]}
            for row in conversations.sql(query)
        ]  # fmt: skip  # one list
        known = next(row["turn"] for row in conversations.sql(query) if row["text"] == "lamp on")
        meant = {"turn": known, "task": "meaning", "value": "On", "p": 0.9, "released": True, "slots": []}
        kept = examples(conversations, [*rows, meant], Privacy(users=1, households=1)).kept
        few = examples(conversations, rows, Privacy(users=4, households=1))

    assert [(one.intent, one.text) for one in kept] == [("", "lamp blue"), ("On", "lamp on")]
    first = json.loads(jsonl(kept).splitlines()[0])
    assert (first["intent"], first["slots"], first["tags"]) == (None, {"name": "lamp"}, ["B-name", "O"])
    assert next(csv.DictReader(io.StringIO(table(kept))))["intent"] == ""
    assert [one["intent"] for one in yaml.safe_load(rasa(kept))["nlu"]] == ["On"]
    assert list(yaml.safe_load(home_assistant(kept))["intents"]) == ["On"]
    assert (few.kept, few.private) == ([], 6)


@pytest.mark.parametrize("raw", [b"", b"{}\n", b'{"schema": "probatum-dialogue-labels/1"}\n[]', b'{"schema": "probatum-dialogue-labels/1"}\n{"turn": "a", "task": "meaning", "value": "On", "slots": [1]}'])  # fmt: skip  # files
def test_what_is_no_table_of_labels_is_refused(raw) -> None:
    with pytest.raises(UnreadableArtefact):
        read_labels(raw, "x")


@given(st.binary(max_size=100))
def test_no_bytes_do_more_to_a_table_of_labels_than_be_refused(raw) -> None:
    labels: list[dict[str, object]] = []
    refused = ""
    try:
        _, labels = read_labels(b'{"schema": "probatum-dialogue-labels/1"}\n' + raw, "x")
    except UnreadableArtefact as problem:
        refused = problem.message
    assert not refused or "`x`" in refused
    assert all(isinstance(one["turn"], str) for one in labels)
