"""Typical claims about Python's values are proved with the prelude, and their wrong twins are not."""

import re
from pathlib import Path

import pytest

from probatum.ivl import Verdict, verify
from probatum.lower import prelude

FILES = sorted((Path(__file__).parent / "prelude_claims").glob("*.bpl"))
MOST_EFFORT = 2_000_000  # of one claim that holds; two millions are about a second

QUICK = """
procedure slices_join(s: Seq int, i: int)
requires 0 <= i && i <= Seq_len(s);
{
  assert Seq_equal(Seq_concat(Seq_take(s, i), Seq_drop(s, i)), s);
}

procedure wrong_slices_join(s: Seq int, i: int)
{
  assert Seq_equal(Seq_concat(Seq_take(s, i), Seq_drop(s, i)), s);
}
"""


def judged(text):
    """The bodies of a program of claims, each with what its name promises."""
    result = verify(prelude.text(prelude.needed_by(text)) + text)
    assert not result.static, result.static[0]
    assert len(result.bodies) == len(re.findall(r"^procedure ", text, re.MULTILINE))
    return {body.name: body for body in result.bodies}


def test_slices_join_where_they_meet():
    assert {name: body.verified for name, body in judged(QUICK).items()} == {"slices_join": True, "wrong_slices_join": False}


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_claims_that_hold_are_proved_and_no_others(path):
    bodies = judged(path.read_text(encoding="utf-8"))
    assert [name for name, body in bodies.items() if body.verified is name.startswith("wrong_")] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_claims_that_hold_need_little_work(path):
    bodies = judged(path.read_text(encoding="utf-8"))
    outcomes = [outcome for body in bodies.values() for outcome in body.outcomes]
    proved = [outcome for outcome in outcomes if outcome.verdict is Verdict.PROVED]
    assert [str(one.label.position) for one in proved if one.effort > MOST_EFFORT] == []
