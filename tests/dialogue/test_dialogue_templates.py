"""Texts with gaps: which pairs two texts are instances of, and what becomes of others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.utterance import GAP
from probatum.dialogue.semantics.templates import LONGEST, Templates, filled, instances, is_template, pairs

words = st.sampled_from(["turn", "on", "off", "the", "lamp", "fan", "kitchen", "kitten", "fire", "up"])
texts = st.lists(words, min_size=1, max_size=7).map(" ".join)


def test_what_stays_the_same_is_a_gap() -> None:
    found = pairs("fire up the lamp", "turn on the lamp")

    assert ("fire up *", "turn on *") in found
    assert ("fire up the *", "turn on the *") in found
    assert all(is_template(one) and is_template(other) for one, other in found)


def test_what_differs_may_stand_between_two_gaps() -> None:
    found = pairs("turn on the kitten lamp", "turn on the kitchen lamp")

    assert {("* kitten *", "* kitchen *"), ("* kitten lamp", "* kitchen lamp")} <= found


def test_texts_without_a_word_in_common_have_none() -> None:
    assert pairs("fire up the lamp", "what time is it") == set()
    assert pairs("lamp on", "lamp on") == set()
    assert pairs(" ".join(["so"] * LONGEST + ["on"]), "so on") == set()


@given(texts, texts)
def test_both_texts_are_instances_of_each_pair_with_the_same_in_the_gaps(one: str, other: str) -> None:
    for source, target in pairs(one, other):
        gaps = [gaps for template, gaps in instances(one) if template == source]
        assert other in {filled(target, own) for own in gaps}


@given(st.lists(st.one_of(words, st.just(GAP)), min_size=1, max_size=7).map(" ".join))
def test_an_instance_filled_is_the_text(text: str) -> None:
    for template, gaps in instances(text):
        assert filled(template, gaps) == text
        assert template.split().count(GAP) == len(gaps)
        assert Templates([template]).owner(text) in [one for one in instances(text) if one[0] == template]


def test_the_template_with_most_words_counts() -> None:
    known = Templates(["turn *", "turn on *", "turn * lamp", "* the *", "turn on the lamp"])

    assert known.owner("turn on the lamp") == ("turn * lamp", ("on the",))
    assert known.owner("turn it off") == ("turn *", ("it off",))
    assert known.owner("what time is it") is None
    assert Templates(()).owner("turn on the lamp") is None
    assert len(known) == 4


@given(texts, st.sets(st.tuples(texts, texts), max_size=8))
def test_the_owner_is_the_first_instance_that_there_is(text: str, said: set[tuple[str, str]]) -> None:
    known = {template for pair in said for both in pairs(*pair) for template in both}

    assert Templates(known).owner(text) == next((one for one in instances(text) if one[0] in known), None)
    assert Templates(known).every(text) == list(dict.fromkeys(one for one, _ in instances(text) if one in known))
