"""Pseudonyms and numbers of texts."""

from __future__ import annotations

from probatum.dialogue.artefacts.tables import pseudonym, text_number


def test_a_pseudonym_depends_on_the_key_the_kind_and_the_identifier() -> None:
    given = [("ann", b"k", "user"), ("ann", b"l", "user"), ("ann", b"k", "device"), ("bob", b"k", "user")]
    found = {pseudonym(*one) for one in given}
    assert len(found) == len(given)
    assert pseudonym(*given[0]) == pseudonym(*given[0])
    assert pseudonym("", b"k", "user") is None


def test_texts_have_other_numbers_under_another_key() -> None:
    assert text_number("lights on", b"k") == text_number("lights on", b"k")
    assert text_number("lights on", b"k") != text_number("lights on", b"l")
    assert 0 <= text_number("", b"") < 2**64
