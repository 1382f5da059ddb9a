"""The normal form of utterances."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.utterance import normalised

_pieces = st.sampled_from(
    [
        "one",
        "twenty",
        "👍🏽",
        "\u200d",
        "\u00ad",
        "\u200b",
        "?",
        "\x00",
        "five",
        "İ",
        "ß",
        "ﬁ",
        "'",
        "’",
        "_",
        "uh",
        "3",
        ".",
        ",",
        " ",
        "é",
        "%",
        "²",
        "ǰ",
        "\u0345",
        "हि",
    ]
)


@pytest.mark.parametrize(
    ("said", "normal"),
    [
        ("Turn the garage-door on, please!", "turn the garage door on please"),
        ("play “Don’t stop”", "play don't stop"),
        ("um, set a timer for twenty-five minutes", "set a timer for 25 minutes"),
        ("at 7:30 a.m.", "at 7:30 a m"),
        ("dim it to 50%.", "dim it to 50%"),
        ("Uh", "uh"),  # all there is
        ("twenty five five", "25 5"),
        ("बत्ती जलाओ।", "बत्ती जलाओ"),
        ("… ?!", "... ?!"),  # all there is, again
        ("👍🏽", "👍🏽"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("Hi! 👍", "hi"),
        ("\u200b \x00", ""),
        ("gar\u00adage\u200f", "garage"),
        ("e\u0301", "é"),
        ("مرحبا، كيف الحال؟", "مرحبا كيف الحال"),
    ],
)
def test_what_differs_in_writing_only_is_the_same(said: str, normal: str) -> None:
    assert normalised(said) == normal


@given(st.one_of(st.text(max_size=12), st.lists(_pieces, max_size=8).map("".join)))
def test_a_normal_form_is_its_own(said: str) -> None:
    once = normalised(said)
    assert normalised(once) == once


@given(st.text(st.characters(max_codepoint=127), max_size=12) | st.text("a1 '.,:%_-", max_size=12))
def test_plain_letters_are_read_as_all_others(said: str) -> None:
    assume(any(map(str.isalnum, said)))  # signs, too, are kept where nothing else is
    assume(not {"h", "m", "r"} & set(said.lower()))  # as fillers have, which are kept where nothing else is
    assert normalised(said + " é").removesuffix("é").rstrip() == normalised(said)
