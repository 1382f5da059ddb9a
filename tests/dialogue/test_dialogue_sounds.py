"""What sounds alike is near, what is another word is far, and no text breaks it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.semantics.sounds import apart, sound, sounds


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("garbage door", "garage door"),
        ("play maj and dragons", "play imagine dragons"),
        ("whether today", "weather today"),
        ("right", "write"),
        ("knight", "night"),
        ("set timer for 15 minutes", "set timer for 50 minutes"),
        ("wreck a nice beach", "recognize speech"),
    ],
)
def test_what_recognisers_confuse_is_near(one, other) -> None:
    assert apart(one, other) <= 0.26


def test_other_words_are_far() -> None:
    words = [
        "kitchen",
        "bedroom",
        "lamp",
        "weather",
        "music",
        "alarm",
        "tuesday",
        "meeting",
        "pizza",
        "radio",
        "train",
        "shopping",
        "email",
        "volume",
    ]
    draw = random.Random(0)

    distances = sorted(apart(*draw.sample(words, 2)) for _ in range(200))

    assert distances[100] > 0.6


def test_numbers_sound_as_their_words() -> None:
    assert sound("15") == sound("fifteen")
    assert sound("42") == sound("forty") + sound("two")
    assert sound("105") == sound("one") + sound("zero") + sound("five")


@given(st.text(), st.text())
def test_it_is_a_distance_between_zero_and_one_of_any_texts(one, other) -> None:
    assert apart(one, other) == apart(other, one)
    assert 0 <= apart(one, other) <= 1
    assert apart(one, one) == 0


def test_letters_that_no_rule_knows_stand_for_themselves() -> None:
    assert sounds("привет 日本") == "привет日本"
