"""A head of slots learns which words are values, and never says what no tagging can be."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.fit.slot_head import Tagged, fit
from probatum.dialogue.model.projection import Slot, tags
from probatum.dialogue.semantics.slot_head import OUTSIDE, ROWS, SlotHead, places, spans

TAGS = (OUTSIDE, "B-city", "I-city", "B-day", "I-day")


def lessons() -> list[Tagged]:
    cities = ("paris", "new york", "rome", "los angeles", "berlin", "san jose")
    return [
        Tagged(f"fly to {city} on {day}", ("O", "O", "B-city", *["I-city"] * city.count(" "), "O", "B-day"))
        for city in cities
        for day in ("monday", "friday", "sunday")
    ]


def test_values_that_were_never_seen_are_found_by_the_words_around_them() -> None:
    head = fit(lessons())

    assert head.tag("fly to oslo on tuesday") == ["O", "O", "B-city", "O", "B-day"]
    assert spans(head.tag("fly to new york on friday")) == {("city", 2, 4), ("day", 5, 6)}
    assert head.tag("") == []


def test_the_answer_before_tells_slots_apart_that_look_alike() -> None:
    asked = {"from": "where do you start", "to": "where do you go"}
    examples = [
        Tagged(city, (f"B-{slot}",), said) for slot, said in asked.items() for city in ("paris", "rome", "berlin", "oslo")
    ]

    head = fit(examples)

    assert head.tag("madrid", asked["from"]) == ["B-from"]
    assert head.tag("madrid", asked["to"]) == ["B-to"]


def test_the_same_seed_fits_the_same_head() -> None:
    assert np.array_equal(fit(lessons(), seed=3).weights, fit(lessons(), seed=3).weights)


@given(st.integers(0, 10_000), st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8))
def test_whatever_the_weights_are_a_slot_goes_on_only_where_it_has_begun(seed: int, words: list[str]) -> None:
    weights = np.random.default_rng(seed).normal(size=(ROWS, len(TAGS))).astype(np.float32)

    found = SlotHead(TAGS, weights).tag(" ".join(words))

    assert len(found) == len(words)
    for old, new in zip([OUTSIDE, *found], found, strict=False):
        assert not new.startswith("I-") or old[2:] == new[2:]


@given(st.integers(0, 10_000), st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4))
def test_the_probability_of_tags_is_their_share_of_all_that_can_be(seed: int, words: list[str]) -> None:
    head = SlotHead(TAGS, np.random.default_rng(seed).normal(size=(ROWS, len(TAGS))).astype(np.float32))
    own = np.stack([head.weights[places(words, at, [])].sum(axis=0) for at in range(len(words))]).astype(np.float64)
    weight = {}
    for path in product(range(len(TAGS)), repeat=len(words)):
        names = [OUTSIDE, *(TAGS[at] for at in path)]
        if all(not new.startswith("I-") or old[2:] == new[2:] for old, new in pairwise(names)):
            weight[tuple(names[1:])] = np.prod([np.exp(row[at]) / np.exp(row).sum() for row, at in zip(own, path, strict=True)])

    found, p = head.tagged(" ".join(words))

    assert tuple(found) == max(weight, key=lambda path: weight[path])
    assert p == pytest.approx(weight[tuple(found)] / sum(weight.values()))


def test_spans_are_what_tags_were_made_of() -> None:
    slots = (Slot("thing", "garage door", 2, 4), Slot("value", "ten", 4, 5))

    assert spans(tags(slots, "open the garage door ten")) == {("thing", 2, 4), ("value", 4, 5)}
    # What goes on without a beginning is no slot.
    assert spans(["I-thing", "O"]) == set()


def test_examples_that_say_nothing_of_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="no word has a slot"):
        fit([Tagged("hello there", ("O", "O"))])
    with pytest.raises(ValueError, match="another number of words"):
        fit([Tagged("hello there", ("O",))])
