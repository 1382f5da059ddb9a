"""Slots of a request that was understood, on the words of one that was not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.model.projection import Slot, projected, tags

words = st.lists(st.sampled_from(["turn", "on", "the", "leaving", "room", "light", "kitchen"]), max_size=8).map(" ".join)


def test_a_misheard_name_is_found_by_its_sound() -> None:
    found = projected((("name", "garage door"),), "open the garbage door")

    assert found == (Slot("name", "garage door", 2, 4),)
    assert tags(found, "open the garbage door") == ["O", "O", "B-name", "I-name"]


def test_what_was_not_said_is_known_from_context() -> None:
    assert projected((("name", "kitchen lamp"), ("value", "movie")), "make it dark") == (
        Slot("name", "kitchen lamp"),
        Slot("value", "movie"),
    )


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), words), max_size=4), words)
def test_no_word_belongs_to_two_slots_and_none_is_outside(slots, text) -> None:
    found = projected(slots, text)

    assert [(one.name, one.value) for one in found] == slots
    places = [at for one in found for at in range(one.begin, one.end)]
    assert len(set(places)) == len(places)
    assert all(0 <= at < len(text.split()) for at in places)
    assert len(tags(found, text)) == len(text.split())
