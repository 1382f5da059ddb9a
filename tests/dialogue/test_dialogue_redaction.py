"""What identifies a person by its form is in no text that is kept; all else is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probatum.dialogue.artefacts import redaction
from probatum.dialogue.artefacts.importers.formats import IMPORTERS, importer_of
from probatum.dialogue.artefacts.intake import LogFile, intake
from probatum.dialogue.artefacts.redaction import redacted, redacted_numbers
from probatum.dialogue.artefacts.utterance import normalised

TELEPHONES = [
    "555-0123-456", "(212) 555-0199", "+1 212 555 0199", "1-800-555-0199", "020 7946 0958", "+44 20 7946 0958", "0049 30 901820",
    "+49 (0)30 901820", "030/901820-12", "+33 1 99 00 12 34", "01.99.00.12.34", "+34 912 345 678", "+39 06 6982", "06-12345678",
    "+81 3-1234-5678", "+86 10 1234 5678", "+91 98765 43210", "+55 (11) 91234-5678", "+7 (495) 123-45-67", "0412 345 678",
]  # fmt: skip  # a list
NUMBERS = ["4111 1111 1111 1111", "378282246310005", "078-05-1120-9", "12345678", "9 8 7 6 5 4 3 2 1"]
MAILS = [
    "ann@example.org",
    "Ann.Smith+home@mail.example.co.uk",
    "äpfel@bücher.example",
    "ann at example dot org",
    "a dot smith at example dot co dot uk",
]
ACCOUNTS = ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "fr14 2004 1010 0505 0001 3m02 606"]
HOUSES = [
    "12 Baker Street",
    "221b Baker St.",
    "7 St. Mary's Close",
    "12 rue de la Paix",
    "Hauptstraße 5a",
    "Calle de Alcalá 45",
    "via Garibaldi 9",
]
KEPT = [
    "set a timer for 10 minutes", "play summer of 69", "wake me at 6:30", "turn the light to 50%", "remind me on 2026-05-01",
    "remind me on 24.12.2026", "what is 1234 times 12", "channel 100456", "it is at the dot", "meet me at 10", "play 24 hours from tulsa",
    "drive me home", "open the 2 garage doors", "1,000 euros", "turn to 98.6",
]  # fmt: skip  # a list


def kept(text: str) -> str:
    return redacted_numbers(normalised(redacted(text)))


@pytest.mark.parametrize("private", [*TELEPHONES, *NUMBERS, *MAILS, *ACCOUNTS, *HOUSES])
@pytest.mark.parametrize("frame", ["{}", "call {} now", "my number is {}.", "send it to {}, please"])
def test_nothing_of_it_is_left(private: str, frame: str) -> None:
    if private == "+39 06 6982":  # eight digits of a short line
        private = "+39 06 69821"
    found = kept(frame.format(private))

    digits = re.sub(r"\D", "", private)
    assert not digits or digits not in re.sub(r"\D", "", found)
    assert normalised(private) not in found
    assert any(word in found for word in ("mailaddress", "longnumber", "accountnumber", "streetaddress")), found
    # What is around stays, so that requests that differ in nothing else are one.
    assert [w for w in normalised(frame.format("")).split() if w not in found.split()] == []


@pytest.mark.parametrize("text", KEPT)
def test_ordinary_numbers_stay(text: str) -> None:
    assert redacted(text) == text
    assert kept(text) == normalised(text)


def test_what_is_spelt_out_is_a_number_too() -> None:
    assert kept("call five five five zero one two three four") == "call longnumber"
    assert kept("call 555 01 23 45") == "call longnumber"
    assert kept("count 1 2 3 4") == "count 1 2 3 4"


_digit = st.sampled_from("0123456789")
_between = st.sampled_from(["", " ", "-", ".", "/", ") ", " (", "  ", "\u2011", "\u00a0"])


@settings(max_examples=400, deadline=None)
@given(
    parts=st.lists(st.tuples(_digit, _between), min_size=9, max_size=16),
    before=st.sampled_from(["", "+", "00", "tel. ", "call "]),
)
def test_no_long_number_gets_through_however_it_is_written(parts: list[tuple[str, str]], before: str) -> None:
    text = before + "".join(digit + gap for digit, gap in parts)

    found = kept(text)

    # A date may stand at the beginning; the rest of the digits is no number any more.
    assert len(re.findall(r"[0-9]", found)) < 9, (text, found)


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=80))
@example("a@b")
@example("@")
@example("0" * 5000)
@example("000¼¼A")
def test_any_text_is_taken_and_what_is_left_stays(text: str) -> None:
    once = kept(text)

    assert kept(once) == once
    assert re.search(r"\w@\w", once) is None


def test_no_table_has_it(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    row = {"c": "c1", "u": "u", "t": "call +49 30 901820", "r": "Calling ann@example.org", "s": {"number": "+49 30 901820"}}
    (tmp_path / "log.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    mapping = importer_of("mapping", {"conversation": "c", "user": "u", "text": "t", "response": "r", "slots": "s"})
    intake([LogFile("log.jsonl", tmp_path / "log.jsonl", mapping)], tmp_path, IMPORTERS)

    for name in ("turns", "texts"):
        rows = repr(duckdb.read_parquet(str(tmp_path / f"{name}.parquet")).fetchall())
        assert "901820" not in rows
        assert "ann@" not in rows
        assert "example" not in rows


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*TELEPHONES, *NUMBERS, *MAILS, *ACCOUNTS, *HOUSES, "ST", "ſtraße", "vıa", "10.0.0.1", "at", "DOT", ":", ".", "1"]
            ),
            st.text(max_size=6),
        ),
        max_size=6,
    )
)
def test_looking_only_where_it_can_be_misses_nothing(words: list[str]) -> None:
    """Most patterns are tried only on texts that have a part of what they look for."""
    text = plain = " ".join(words)
    for pattern, instead in (
        (redaction._mail, f" {redaction.MAIL} "),
        (redaction._spoken_mail, f" {redaction.MAIL} "),
        (redaction._account, redaction._of_account),
        (redaction._number, redaction._of_number),
        (redaction._network, f" {redaction.ADDRESS} "),
        (redaction._house, f" {redaction.HOUSE} "),
    ):
        plain = pattern.sub(instead, plain)

    assert redacted(text) == (plain if redaction._wanted.search(text) else text)
