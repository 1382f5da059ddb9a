"""What a model makes of a session becomes labels, which those who checked turns, and users, agree with or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from probatum.dialogue.artefacts.audited import Audited
from probatum.dialogue.fit.slot_head import Tagged, fit
from probatum.dialogue.model.labels import Label, check, labels, told
from probatum.dialogue.model.projection import Slot
from probatum.dialogue.semantics.dialogue_network import Judgement
from probatum.dialogue.semantics.dialogues import Said
from probatum.dialogue.semantics.signals import SIGNALS
from probatum.dialogue.semantics.slot_reader import SlotReader

_PLACES = {name: 3**n for n, name in enumerate(SIGNALS)}


def said(turn: str, text: str, intent: str = "", name: str = "", *signs: str) -> Said:
    slots = (("name", name),) if name else ()
    return Said(turn, "ann", text, "", intent, slots, pattern=sum(_PLACES[sign] for sign in signs))


def judgement(good: list[float], begins: list[float]) -> Judgement:
    n = len(good)
    outcome = np.array([(p, 1 - p, 0) for p in good])
    return Judgement(outcome, np.array(begins), np.array(good), np.ones((n, 1)), np.full((n, 7), 1 / 7))


def test_what_failed_was_meant_as_what_was_executed_when_it_was_said_again() -> None:
    session = [
        said("1", "open the garbage door"),
        said("2", "open the garage door", "Open", "garage door"),
        said("3", "what time is it", "Time"),
    ]

    found = {
        one.turn: one for one in labels(session, judgement([0.05, 0.9, 0.9], [1, 0.1, 0.95]), ["Open"]) if one.task == "meaning"
    }

    assert (found["1"].value, found["1"].source, found["1"].of) == ("Open", "rephrase", "2")
    assert found["1"].p == pytest.approx(0.95 * 0.9 * 0.9)
    assert [(slot.value, slot.begin, slot.end) for slot in found["1"].slots] == [("garage door", 2, 4)]
    assert (found["2"].source, found["2"].p) == ("understood", 0.9)
    # The model has not seen the intent: its words tell nothing.
    assert found["3"].p == pytest.approx(0.45)


def test_a_request_that_nobody_understood_and_nobody_said_again_has_no_meaning() -> None:
    found = list(labels([said("1", "blurb")], judgement([0.05], [1]), []))

    assert (found[0].task, found[0].value) == ("outcome", "bad")
    assert "meaning" not in {one.task for one in found}


def test_those_who_checked_decide_about_what_they_say_and_nothing_else() -> None:
    session = [said("1", "lamp on", "On", "Lamp")]
    own = {one.task: one for one in labels(session, judgement([0.9], [1]), ["On"])}

    assert check(own["meaning"], Audited("1", intent="On", slots={"name": "lamp"})).right
    assert not check(own["meaning"], Audited("1", intent="On", slots={"name": "fan"})).right
    assert not check(own["outcome"], Audited("1", outcome="out of capability", chance=0.5)).right
    assert check(own["outcome"], Audited("1", intent="On")) is None


def reader() -> SlotReader:
    """Takes `lamp` for a name, and whatever comes after `in` for a room."""
    head = fit([Tagged("turn on lamp", ("O", "O", "B-name")), Tagged("go to mars", ("O", "O", "O")),
                *(Tagged(f"lamp in {room}", ("B-name", "O", "B-room")) for room in ("hall", "attic", "cellar"))])  # fmt: skip  # one list
    return SlotReader(head, {"name": {"lamp": ("Hall Lamp", 0.9)}}, {"name": 0.5, "room": 0.5})


def test_words_say_slots_where_nothing_was_understood_or_said_again() -> None:
    session = [said("1", "lamp in kitchen"), said("2", "go to mars")]

    found = [one for one in labels(session, judgement([0.1, 0.1], [1, 1]), [], reader()) if one.task == "slots"]

    # What has no slots has no label: it would count as right among those that say something.
    assert [(one.turn, one.value) for one in found] == [("1", "name room")]
    assert [(slot.value, slot.begin, slot.end) for slot in found[0].slots] == [("Hall Lamp", 0, 1), ("kitchen", 2, 3)]
    assert 0 < found[0].p < 0.9 * 0.5
    assert "slots" not in {one.task for one in labels(session, judgement([0.1, 0.1], [1, 1]), [])}


def test_slots_of_a_turn_are_right_all_together_or_wrong() -> None:
    own = Label(turn="1", user="ann", task="slots", value="name room", p=0.5, slots=(Slot("name", "Lamp"), Slot("room", "attic")))

    assert check(own, Audited("1", intent="On", slots={"room": "attic", "name": "lamp"})).right
    assert not check(own, Audited("1", intent="On", slots={"name": "lamp"})).right
    assert not check(own, Audited("1", intent="On", slots={"name": "lamp", "room": "attic", "at": "nine"})).right
    assert not check(replace(own, slots=(*own.slots, Slot("name", "lamp"))), Audited("1", intent="On", slots={"name": "lamp", "room": "attic"})).right  # fmt: skip  # a name twice
    # Without an intent nothing is said of slots; and thumbs say nothing of what was not executed.
    assert check(own, Audited("1", outcome="good")) is None
    assert told(own, said("1", "lamp on", "On", "lamp", "praised")) is None


def test_a_thumb_says_how_it_went_and_not_what_else_was_meant() -> None:
    good, bad, both = (
        said("1", "lamp on", "On", "lamp", "praised"),
        said("1", "lamp on", "On", "lamp", "blamed"),
        said("1", "lamp on", "On", "lamp", "praised", "blamed"),
    )
    own = {one.task: one for one in labels([good], judgement([0.9], [1]), ["On"])}

    assert told(own["meaning"], good).right
    assert not told(own["meaning"], bad).right
    assert not told(own["outcome"], bad).right
    assert told(own["outcome"], both) is None
