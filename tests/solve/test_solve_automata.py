"""Emptiness of glob products is exact: it agrees with trying all short words."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.solve import automata
from probatum.solve.automata import find_word, flat, literal, segmented

patterns = st.text(alphabet="ab:*?", max_size=6)


def oracle(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def segment_oracle(pattern: str, parts: int) -> re.Pattern[str]:
    segments = pattern.split(":", parts - 1)
    inner = ["".join({"*": "[^:]*", "?": "[^:]"}.get(c, re.escape(c)) for c in segment) for segment in segments[:-1]]
    last = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in segments[-1])
    return re.compile(":".join([*inner, last]), re.DOTALL)


@given(patterns, st.text(alphabet="abc:", max_size=8))
def test_matching_agrees_with_regular_expressions(pattern: str, word: str) -> None:
    assert flat(pattern).matches(word) == bool(oracle(pattern).fullmatch(word))


@given(patterns, st.text(alphabet="abc:", max_size=8))
def test_wildcards_of_inner_segments_stop_at_colons(pattern: str, word: str) -> None:
    compiled = segmented(tuple(pattern.split(":", 2)))

    assert compiled.matches(word) == bool(segment_oracle(pattern, 3).fullmatch(word))


WORDS = ["".join(w) for n in range(6) for w in itertools.product("ab:x", repeat=n)]


@settings(max_examples=300, deadline=None)
@given(st.lists(patterns, min_size=1, max_size=2), st.lists(patterns, max_size=3), st.booleans(), st.booleans())
def test_a_word_is_found_exactly_when_there_is_one(
    required: list[str], forbidden: list[str], segment_yes: bool, segment_no: bool
) -> None:
    yes = [segmented(tuple(p.split(":", 1))) if segment_yes else flat(p) for p in required]
    no = [segmented(tuple(p.split(":", 1))) if segment_no else flat(p) for p in forbidden]

    word = find_word(yes, no)

    if word is not None:
        assert all(p.matches(word) for p in yes)
        assert not any(p.matches(word) for p in no)
    else:
        # `x` occurs in no pattern and stands for all other characters, so these words are a fair sample.
        assert not any(all(p.matches(w) for p in yes) and not any(p.matches(w) for p in no) for w in WORDS)


def test_a_shortest_word_is_returned() -> None:
    assert find_word([flat("a*b")], [flat("ab"), flat("a?b")]) in {"axxb", "abbb", "aabb"} | {
        f"a{x}{y}b" for x in "axbz" for y in "axbz"
    }


def test_letters_fold_only_where_asked() -> None:
    assert literal("Get", fold=True).matches("gET")
    assert not literal("Get").matches("gET")


def test_stars_in_a_literal_mean_themselves() -> None:
    assert literal("a*").matches("a*")
    assert not literal("a*").matches("ab")


def test_a_product_that_grows_too_large_is_refused_rather_than_guessed() -> None:
    with pytest.raises(automata.TooLarge):
        find_word([flat("*a???????b*"), flat("*b???????a*")], [flat("*c??????d*")], limit=50)


def test_characters_are_never_exhausted() -> None:
    """All readable characters forbidden one by one still leave a word."""
    every = [literal(c) for c in automata._READABLE]

    word = find_word([flat("?")], every)

    assert word is not None
    assert word not in automata._READABLE
