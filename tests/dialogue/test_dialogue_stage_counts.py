"""How usual the parts of a request are in its log: of other turns, and never less than none."""

from __future__ import annotations

import pytest

from probatum.dialogue.semantics.stage_counts import Counts

LAMP = (("name", "lamp"),)


def counts() -> Counts:
    texts = [("lamp on", 5), ("damp on", 1), ("play jazz", 3), ("", 2)]
    return Counts(texts, [("on", LAMP, 5), ("on", (("name", "damp"),), 1), ("play", (("name", "jazz"),), 3), ("", (), 2)])


def test_what_was_misheard_is_rare_and_what_was_meant_is_usual() -> None:
    found = counts().usual("damp on", "on", (("name", "damp"),), hypotheses=["damp on", "lamp on", "camp on"], after="lamp on")

    assert {name: found[name] for name in ("text", "spoken", "pair", "meaning", "value", "word")} == dict.fromkeys(
        ("text", "spoken", "pair", "meaning", "value", "word"), 0.0
    )
    assert (found["heard"], found["intent"], found["kinds"]) == (5.0, 5.0, 5.0)
    assert found["next"] == 4.0  # the turn after it is no other one
    assert found["pairs"] == pytest.approx(6 ** (1 / 3) - 1)  # of three pairs two are said nowhere else, and one in five turns


def test_a_turn_does_not_count_itself() -> None:
    found = counts().usual("lamp on", "on", LAMP)

    assert (found["text"], found["meaning"], found["value"], found["intent"]) == (4.0, 4.0, 4.0, 5.0)
    assert "heard" not in found
    assert "next" not in found


def test_where_nothing_was_heard_or_understood_there_is_little_to_count() -> None:
    found = counts().usual("", "", ())

    assert found == {"text": 1.0, "slots": 1.0}
