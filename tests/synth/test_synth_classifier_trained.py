"""The classifying assistant learns from examples, and without any is what it was."""

from __future__ import annotations

import pytest

from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.pipelines.classifier import Classifier, Example

pytest.importorskip("rapidfuzz")


def test_other_words_for_something_are_learnt_where_examples_agree() -> None:
    frame = Frame("HassTurnOn", "kitchen lamp")
    twice = [Example("turn on the chicken clamp", frame, 3, 5), Example("switch on the chicken clamp", frame, 3, 5)]

    assert Classifier().parses("turn on the chicken clamp")[0].frame != frame
    assert Classifier(twice).parses("turn on the chicken clamp")[0].frame == frame
    # Of one example, nobody knows whether only one person was misheard.
    assert Classifier(twice[:1]).parses("switch on the chicken clamp")[0].frame != frame


def test_a_phrasing_is_learnt_for_what_most_examples_say() -> None:
    text = "bananas zero the kitchen fan"
    off, on = (Example(text, Frame(f"HassTurn{way}", "kitchen fan"), 3, 5) for way in ("Off", "On"))

    assert Classifier([off, off, on]).parses("bananas zero the study fan")[0].frame == Frame("HassTurnOff", "study fan")
    assert Classifier([off, on, on]).parses("bananas zero the study fan")[0].frame == Frame("HassTurnOn", "study fan")
