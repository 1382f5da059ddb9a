"""What strangers wrote is made harmless, and nothing else about it changes."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from probatum.report.quoting import harmless, plain, shorten
from probatum.report.words import flatten


@given(st.text(st.characters(codec=None)))
def test_plain_text_has_no_character_that_acts(text: str) -> None:
    shown = plain(text)

    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    shown.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_plain_leaves_ordinary_text_alone(text: str) -> None:
    assert plain(text) == text


def test_a_name_that_reverses_its_end_is_seen_through() -> None:
    assert plain("invoice\u202egnp.exe") == "invoice\\u202egnp.exe"


def test_line_breaks_survive_where_lines_are_meant() -> None:
    assert harmless({"a\x1b": ["one\ntwo\tthree\x07"]}) == {"a\\x1b": ["one\ntwo\tthree\\x07"]}


@given(st.text(), st.integers(5, 50))
def test_shortened_text_fits_and_keeps_both_ends(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert len(short) <= limit
    assert short == text or (text.startswith(short[0]) and text.endswith(short[-1]))


def test_leaves_of_a_case_are_named_by_their_path_and_empty_parts_are_left_out() -> None:
    case = {
        "principal": {"account": None, "kind": "anonymous"},
        "tags": [],
        "context": {"aws:SecureTransport": [True]},
        "n": [{"a": 1.5}],
    }

    assert list(flatten(case)) == [("principal.kind", "anonymous"), ("context.aws:SecureTransport", "true"), ("n[0].a", "1.5")]
