"""The classifying assistant learns from examples, where enough of them agree."""

from __future__ import annotations

import pytest

from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.pipelines.classifier import Classifier
from probatum.synth.dialogue.pipelines.lessons import Example, kind_of, learn
from probatum.synth.dialogue.pipelines.retrained import Retrained

pytest.importorskip("rapidfuzz")


def test_other_words_for_something_are_learnt_where_examples_agree() -> None:
    frame = Frame("HassTurnOn", "kitchen lamp")
    twice = [Example("turn on the chicken clamp", frame, 3, 5), Example("switch on the chicken clamp", frame, 3, 5)]

    assert Classifier().parses("turn on the chicken clamp")[0].frame != frame
    assert Retrained(twice).parses("turn on the chicken clamp")[0].frame == frame
    # Of one example, nobody knows whether only one person was misheard.
    assert Retrained(twice[:1]).parses("switch on the chicken clamp")[0].frame != frame


def test_a_phrasing_is_learnt_for_what_most_examples_say() -> None:
    text = "bananas zero the kitchen fan"
    off, on = (Example(text, Frame(f"HassTurn{way}", "kitchen fan"), 3, 5) for way in ("Off", "On"))

    assert Retrained([off, off, on]).parses("bananas zero the study fan")[0].frame == Frame("HassTurnOff", "study fan")
    assert Retrained([off, on, on]).parses("bananas zero the study fan")[0].frame == Frame("HassTurnOn", "study fan")


def test_words_around_two_titles_are_learnt_for_all_others() -> None:
    play = "HassMediaSearchAndPlay"
    two = [
        Example("would you play quiet river now", Frame(play, "quiet river"), 3, 5),
        Example("would you play silver comet now", Frame(play, "silver comet"), 3, 5),
    ]

    assert Retrained(two).parses("would you play winter garden forever now")[0].frame == Frame(play, "winter garden forever")
    # Words around a single title may be a part of it.
    assert not learn(two[:1] * 2).around


def test_words_alone_are_no_name_for_a_title() -> None:
    """A text that is nothing but a title must not teach that all texts are."""
    play = "HassMediaSearchAndPlay"
    bare = [Example("quiet river", Frame(play, "quiet river"), 0, 2), Example("silver comet", Frame(play, "silver comet"), 0, 2)]

    assert Retrained(bare).parses("turn on the kitchen lamp")[0].frame == Frame("HassTurnOn", "kitchen lamp")


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (Frame("HassTurnOn", "kitchen lamp"), "on"),
        (Frame("HassTurnOn", "garage door"), "open"),
        (Frame("HassTurnOn", "kitchen/light"), "area on"),
        (Frame("HassClimateSetTemperature", "study/climate", "20"), "heat"),
        (Frame("HassClimateSetTemperature", "study heater", "20"), "heat"),
        (Frame("HassMediaSearchAndPlay", "velvet thunder"), "play"),
        (Frame("HassMediaSearchAndPlay", "velvet thunder", "movie"), "film"),
        (Frame("HassSetVolumeRelative", "", "down"), "quieter"),
        (Frame("HassNevermind"), ""),
    ],
)
def test_a_frame_is_of_the_kind_that_says_most_of_it(frame: Frame, kind: str) -> None:
    assert kind_of(frame) == kind
