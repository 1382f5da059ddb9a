"""Bounds that are guessed for loops: only what is proved is used."""

import pytest

from probatum import ivl

COUNT = """
procedure count(n: int) returns (i: int)
{
  i := 0;
  while (i < 200) { i := i + 1; }
  assert i == 200;
}
"""


def errors(text: str, *, intervals: bool) -> list[int]:
    result = ivl.verify(text, ivl.Options(intervals=intervals), file="x.bpl")
    assert result.static == ()
    return [o.label.position.line for body in result.bodies for o in body.reported]


def test_a_bound_that_a_loop_keeps_needs_not_be_written() -> None:
    assert errors(COUNT, intervals=False) == [6]
    assert errors(COUNT, intervals=True) == []


def test_a_guess_is_no_claim() -> None:
    result = ivl.verify(COUNT, ivl.Options(intervals=True))
    assert [o.label.position.line for o in result.bodies[0].outcomes] == [6]


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        ("x := 1; while (*) { x := x + 1; }", "x <= 1"),
        ("x := 1; while (*) { x := -x; }", "x == 1"),
        ("x := 10; while (*) { havoc x; }", "x >= 10"),
        ("x := 0; while (x < 5) { x := x + 2; }", "x == 5"),
        ("x := 7; while (*) { x := x mod 3; }", "x <= 6"),
    ],
)
def test_nothing_false_is_proved(body: str, claim: str) -> None:
    text = f"procedure p() {{\n var x: int;\n {body}\n assert {claim};\n}}"
    assert errors(text, intervals=True) == [4]


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        ("x := 3; while (*) { x := x * 2; }", "x >= 3"),
        ("x := 7; while (*) { x := x mod 3; }", "0 <= x && x <= 7"),
        ("assume 2 <= x && x <= 10 && x != 10; while (*) { x := x; }", "x <= 9"),
        ("x := if b then 1 else 2; while (*) { x := x + 1; while (*) { x := x + 1; } }", "1 <= x"),
        ("b := true; x := if b then 5 else 0; while (*) { x := x + 1; }", "5 <= x"),
    ],
)
def test_bounds_follow_arithmetic_conditions_and_nesting(body: str, claim: str) -> None:
    text = f"procedure p() {{\n var x: int, b: bool;\n {body}\n assert {claim};\n}}"
    assert errors(text, intervals=True) == []
