"""Invariants that are guessed for loops: only what is proved is used."""

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


def errors(text: str, *, intervals: bool = False, templates: bool = False) -> list[int]:
    result = ivl.verify(text, ivl.Options(intervals=intervals, templates=templates), file="x.bpl")
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


FILL = """
procedure fill(n: int) returns (a: [int]int)
  requires 0 <= n;
  ensures (forall k: int :: 0 <= k && k < n ==> a[k] == 7);
{
  var i: int;
  i := 0;
  while (i < n) { a[i] := 7; i := i + 1; }
  assert i == n;
}
"""


def test_a_claim_behind_a_loop_says_what_the_loop_keeps() -> None:
    assert errors(FILL) != []
    assert errors(FILL, templates=True) == []


SEARCH = """
procedure find(a: [int]int, n: int, key: int) returns (r: int)
  requires 0 <= n;
  ensures r < n ==> 0 <= r && a[r] == key;
  ensures (forall k: int :: 0 <= k && k < r ==> a[k] != key);
{
  r := 0;
  while (r < n && a[r] != key) { r := r + 1; }
}
"""

COPIES = """
var x: int;
procedure grow(n: int) modifies x; ensures old(x) <= x;
{
  var i: int;
  i := 0;
  while (i < n) { i := i + 1; x := x + i; }
}
"""


@pytest.mark.parametrize("text", [SEARCH, COPIES])
def test_templates_are_filled_with_what_a_body_mentions(text: str) -> None:
    assert errors(text) != []
    assert errors(text, templates=True) == []


@pytest.mark.parametrize(
    "text",
    [
        FILL.replace("a[i] := 7", "a[i] := 8"),
        FILL.replace("i := 0", "i := 1"),
        SEARCH.replace("r := 0", "r := 1"),
        COPIES.replace("x := x + i", "x := x - i"),
    ],
)
def test_no_template_proves_what_is_false(text: str) -> None:
    assert errors(text, intervals=True, templates=True) != []


def test_bodies_of_one_name_have_guesses_of_their_own() -> None:
    loop = "implementation P() { var x: int; x := %d; while (*) { x := x + 1; } assert 1 <= x; }\n"
    assert errors("procedure P();\n" + loop % 0 + loop % 1, intervals=True, templates=True) == [2]
