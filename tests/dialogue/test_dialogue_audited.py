"""Files of turns that somebody checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.audited import Audited, read_audit
from probatum.errors import UnreadableArtefact


def test_json_lines_and_csv_say_the_same() -> None:
    lines = b'{"schema": "x", "seed": 1}\n{"turn": "a", "outcome": "bad", "begins": true, "chance": 0.5}\n\n{"turn": "b", "intent": "On", "slots": {"name": "lamp"}}\n'
    table = b'turn,outcome,begins,chance,intent,slots\na,bad,yes,0.5,,\nb,,,,On,"{""name"": ""lamp""}"\n'

    expected = {
        "a": Audited("a", outcome="bad", begins=True, chance=0.5),
        "b": Audited("b", intent="On", slots={"name": "lamp"}),
    }
    assert read_audit(lines, "x") == expected
    assert read_audit(table, "x") == expected
    assert read_audit(b"", "x") == {}


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        (b"{", "line 1 of `x` is no JSON"),
        (b'{"turn": "a"}\n[1]', "line 2 of `x` is no object"),
        (b'{"outcome": "bad"}', "names no `turn`"),
        (b'{"turn": "a", "outcome": "fine"}', "has the outcome `fine`, which is none of good, bad, out of capability"),
        (b'{"turn": "a", "chance": 0}', "has the chance `0`"),
        (b'{"turn": "a", "chance": "nan"}', "has the chance `nan`"),
        (b'{"turn": "a", "begins": "perhaps"}', "neither true nor false"),
        (b'{"turn": "a", "intent": "On", "slots": [1, "b"]}', ""),
        (b"\xff\xfe", "is not text in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(raw, wrong) -> None:
    if not wrong:
        assert read_audit(raw, "x")["a"].slots == {}
        return
    with pytest.raises(UnreadableArtefact) as raised:
        read_audit(raw, "x")
    assert wrong in str(raised.value)


@given(st.binary(max_size=200) | st.text('{}[]":,turn0\n ', max_size=80).map(str.encode))
def test_no_bytes_do_more_than_be_refused(raw) -> None:
    found: dict[str, Audited] = {}
    refused = ""
    try:
        found = read_audit(raw, "x")
    except UnreadableArtefact as problem:
        refused = problem.message
    assert not refused or "`x`" in refused
    assert all(isinstance(one, Audited) and one.turn == turn for turn, one in found.items())
