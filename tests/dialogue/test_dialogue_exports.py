"""Rewrites in the formats of assistants, each read again by what reads it."""

from __future__ import annotations

import json

import pytest

from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.service.exports import FORMATS, Repair, glossary, home_assistant, lex, rasa, tsv

yaml = pytest.importorskip("yaml")
DOOR = Repair(
    identifier="r1",
    source="open the garbage door",
    target="open the garage door",
    meaning=Meaning("cover", "HassTurnOn", (("name", "Garage door"),)),
    users=130,
)
PHRASE = Repair(
    identifier="r2",
    source="make it bright",
    target="turn on the light",
    meaning=Meaning("light", "HassTurnOn", (("domain", "light"),)),
    users=20,
)
UNKNOWN = Repair(identifier="r3", source="play we don't talk", target="play we don't talk about bruno")


def test_a_name_that_was_said_otherwise_is_told_from_another_sentence() -> None:
    assert DOOR.renamed == ("name", "Garage door", "garbage door")
    assert PHRASE.renamed is None
    assert UNKNOWN.renamed is None
    shorter = Repair(
        identifier="r", source="open the door", target="open the garage door", meaning=Meaning("", "X", (("n", "garage door"),))
    )
    assert shorter.renamed == ("n", "garage door", "door")
    gone = Repair(identifier="r", source="open", target="open it", meaning=Meaning("", "X", (("n", "it"),)))
    assert gone.renamed is None


GAPPED = Repair(
    identifier="r4",
    source="fire up *",
    target="turn on *",
    meaning=Meaning("light", "HassTurnOn", (("domain", "light"), ("name", "*"))),
    users=60,
)


def test_a_rewrite_with_a_gap_is_a_sentence_with_a_slot() -> None:
    intents = pytest.importorskip("hassil").Intents
    from hassil.intents import TextSlotList
    from hassil.recognize import recognize_best

    text = home_assistant([GAPPED])
    lists = {"name": TextSlotList.from_tuples([("kitchen lamp", "kitchen lamp", {})], name="name")}
    [found] = [recognize_best("fire up the kitchen lamp", intents.from_dict(yaml.safe_load(text)), slot_lists=lists)]
    assert found is not None
    assert (found.intent.name, found.entities["name"].value, found.entities["domain"].value) == (
        "HassTurnOn",
        "kitchen lamp",
        "light",
    )
    assert json.loads(lex([GAPPED]))["intents"][0]["sampleUtterances"] == [{"utterance": "fire up {name}"}]
    assert "# fire up * -> turn on * (r4): examples have no gaps" in rasa([GAPPED])
    assert "fire up *\tturn on *" in tsv([GAPPED])


def test_a_gap_that_is_no_known_slot_is_a_comment() -> None:
    unknown = Repair(identifier="r5", source="fire up *", target="turn on *", meaning=Meaning("", "HassTurnOn"))

    assert yaml.safe_load(home_assistant([unknown]))["intents"] == {}
    assert "# fire up * -> turn on * (r5): the slot of its gap is not known" in home_assistant([unknown])
    assert json.loads(lex([unknown])) == {"intents": []}


def test_rasa_gets_examples_of_intents_and_synonyms() -> None:
    found = yaml.safe_load(rasa([DOOR, PHRASE, UNKNOWN]))

    assert found["version"] == "3.1"
    synonym, intent = found["nlu"]
    assert (synonym["synonym"], synonym["examples"]) == ("Garage door", "- garbage door\n")
    assert intent["intent"] == "HassTurnOn"
    examples = intent["examples"].splitlines()
    assert examples == ["- make it bright", '- open the [garbage door]{"entity": "name", "value": "Garage door"}']
    assert "# play we don't talk -> play we don't talk about bruno (r3)" in rasa([UNKNOWN])
    assert yaml.safe_load(rasa([UNKNOWN])) == {"version": "3.1", "nlu": []}


def test_home_assistant_gets_sentences_that_hassil_reads_and_understands() -> None:
    text = home_assistant([DOOR, PHRASE, UNKNOWN])
    found = yaml.safe_load(text)

    assert found["intents"] == {"HassTurnOn": {"data": [{"sentences": ["make it bright"], "slots": {"domain": "light"}}]}}
    assert '# alias of the name "Garage door": "garbage door" (r1)' in text
    hassil = pytest.importorskip("hassil")
    understood = hassil.recognize("make it bright", hassil.Intents.from_dict(found))
    assert understood.intent.name == "HassTurnOn"
    assert {e.name: e.value for e in understood.entities_list} == {"domain": "light"}


def test_lex_gets_utterances_with_slots() -> None:
    own = Repair(
        identifier="r", source="book a tabel in Rome for me".lower(), target="x", meaning=Meaning("", "Book", (("city", "Rome"),))
    )

    assert json.loads(lex([own, UNKNOWN])) == {
        "intents": [{"intentName": "Book", "sampleUtterances": [{"utterance": "book a tabel in {city} for me"}]}]
    }


def test_tables_and_glossaries_have_every_pair() -> None:
    assert tsv([DOOR]).splitlines()[1] == "open the garbage door\topen the garage door\tr1\t130"
    assert json.loads(glossary([UNKNOWN]))["entries"] == [
        {"heard": "play we don't talk", "meant": "play we don't talk about bruno", "rewrite": "r3"}
    ]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_nothing_and_what_looks_like_syntax_is_written_safely(name: str) -> None:
    strange = Repair(
        identifier="r", source="a: b # {c} [d]", target="t", meaning=Meaning("", "x: [y]\n- z", (("n: o", 'v"w\nu'),))
    )
    for repairs in ([], [strange]):
        text = FORMATS[name][1](repairs)
        if name in ("glossary", "lex"):
            json.loads(text)
        elif name != "tsv":
            assert yaml.safe_load(text) is not None
