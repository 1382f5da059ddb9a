"""What one run of a program does."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivl_random import BITS, Writer

from probatum.ivl import compile_text
from probatum.ivl.execution import (
    Interpretation,
    RandomChoices,
    RecordedChoices,
    Run,
    Undetermined,
    default,
    from_json,
    random_value,
    run,
    to_json,
)
from probatum.ivl.execution.evaluation import Frame, evaluate
from probatum.ivl.execution.running import shapes_of
from probatum.ivl.execution.values import Element, NoValue, Table
from probatum.ivl.syntax import tree
from probatum.ivl.types import BOOL, INT, REAL, STRING, Bits, Constructed, Float, Map


def compiled(text: str) -> tree.Program:
    program, errors = compile_text(text, "t.bpl")
    assert program is not None, errors
    return program


def implementation(program: tree.Program, name: str = "P") -> tree.Implementation:
    return next(d for d in program.declarations if isinstance(d, tree.Implementation) and d.name == name)


def ran(text: str, *record, name: str = "P", **how) -> Run:
    """Run `P` with choices from a record in which numbers are values, not ways."""
    program = compiled(text)
    choices = [{"int": str(one)} if isinstance(one, int) and not isinstance(one, bool) else one for one in record]
    return run(program, implementation(program, name), RecordedChoices(choices), **how)


def value(expression: str, type_: str = "int", head: str = ""):
    program = compiled(f"{head}\nprocedure P() {{ var x: {type_}; x := {expression}; }}")
    body = implementation(program).body.segments[0].commands[0]
    return evaluate(body.values[0], Frame({}, {}, Interpretation(), shapes_of(program)))


# Expressions


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(-7) div 2", -4),
        ("(-7) mod 2", 1),
        ("7 div (-2)", -3),
        ("7 mod (-2)", 1),
        ("(-7) div (-2)", 4),
        ("2 + 3 * 4 - 1", 13),
        ("int(-1.5)", -2),
        ("if 1 < 2 then 3 else 4", 3),
        ("(var a, b := 1, 2; a - b)", -1),
        ("(lambda i: int :: i * 2)[21]", 42),
        ("(lambda i: int :: i * 2)[1 := 7][1]", 7),
        ("(lambda i: int :: i * 2)[1 := 7][2]", 4),
        ("f(f(3))", 9),
        ("C(4)->x", 4),
        ("C(4)->(x := 5)->x", 5),
        ("size(5)", 5),
        ("id(6)", 6),
        ("Pair(1, true)->first", 1),
    ],
)
def test_integers(expression: str, expected: int) -> None:
    head = """
    datatype D { C(x: int), E() }
    datatype Pair<a, b> { Pair(first: a, second: b) }
    function f(x: int): int { x + 3 }
    function size(n: int): int { if n <= 0 then 0 else 1 + size(n - 1) }
    function id<a>(x: a): a { x }
    """
    assert value(expression, head=head) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "3 / 2 == 1.5",
        "real(2) / 4.0 == 0.5",
        "(1 == 2 ==> x0) && (1 == 2 <== false)",
        "(true <==> true) && !(true <==> false)",
        "false ==> 1 div 0 == 3",
        "true || 1 div 0 == 3",
        "1 div 0 == 3 || true",
        "!(1 div 0 == 3 && false)",
        "C(1) != E() && C(1) == C(1) && C(1) is C && !(E() is C)",
        "2bv4 ++ 3bv4 == 35bv8 && 35bv8[8:4] == 2bv4",
        "not(1bv8) == 254bv8 && neg(1bv8) == 255bv8 && wide(255bv8) == 65535bv16",
        "Div(7bv8, 0bv8) == 255bv8 && Rem(7bv8, 0bv8) == 7bv8 && sdiv(249bv8, 2bv8) == 253bv8 && ashr(128bv8, 1bv8) == 192bv8",
        "SignedBelow(255bv8, 0bv8) && !Below(255bv8, 0bv8) && Left(1bv8, 9bv8) == 0bv8",
        "(forall i: int :: 0 <= i && i < 5 ==> i * i < 17)",
        "!(forall i: int :: 0 <= i && i < 5 ==> i * i < 16)",
        "(exists i: int :: 0 <= i && i < 5 && i * i == 16)",
        "!(exists i: int :: 0 <= i && i < 4 && i * i == 16)",
        "(forall b: bool, c: bool :: (b && c) == (c && b))",
        "(forall v: bv3 :: v == v) && (exists v: bv3 :: v == 7bv3)",
        "(forall i, j: int :: 0 <= i && i < 3 && j == 2 ==> i + j < 5)",
        "(exists d: D :: d == E())",
        '"a" == "a" && "a" != "b"',
        "M[1 := 2][1 := 3] == M[1 := 3] && M[1 := 2] != M[1 := 3]",
    ],
)
def test_what_holds(expression: str) -> None:
    head = """
    datatype D { C(x: int), E() }
    function {:bvbuiltin "bvnot"} not(x: bv8): bv8;
    function {:bvbuiltin "bvneg"} neg(x: bv8): bv8;
    function {:bvbuiltin "sign_extend 8"} wide(x: bv8): bv16;
    function {:bvbuiltin "bvsdiv"} sdiv(x: bv8, y: bv8): bv8;
    function {:bvbuiltin "bvashr"} ashr(x: bv8, y: bv8): bv8;
    const M: [int]int;
    const x0: bool;
    """
    program = compiled(f"{BITS}{head}\nprocedure P() {{ assert {expression}; }}")
    known = Interpretation({"M": Table(0), "x0": True})

    ended = run(program, implementation(program), RecordedChoices([]), interpretation=known).ended

    assert ended.how == "returned", ended


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("1 div 0 == 0", "by zero"),
        ("1.0 / 0.0 == 0.0", "by zero"),
        ("2.0 ** 2.0 == 4.0", "not executed"),
        ("f(1) == 1", "function `f` has no body"),
        ("c == 1", "constant `c` has no value"),
        ("(forall i: int :: i == i)", "infinitely many"),
        ("(forall i: int :: 0 <= i && i < 100000 ==> i >= 0)", "infinitely many"),
        ("E()->x == 1", "not defined"),
        ("(forall<a> y: a :: y == y)", "over types"),
        ("0x1.0e0f24e8 == 0x1.0e0f24e8", "floats"),
        ("|{ a: return true; }|", "code expressions"),
        ("(lambda i: int :: i) == (lambda i: int :: i + 0)", "lambdas"),
        ("endless(1) == 1", "nested too deeply"),
    ],
)
def test_what_cannot_be_determined_is_never_guessed(expression: str, why: str) -> None:
    head = """
    datatype D { C(x: int), E() }
    const c: int;
    function f(x: int): int;
    function endless(x: int): int { endless(x + 1) + 1 }
    """
    ended = ran(f"{head}\nprocedure P() {{ assert {expression}; }}").ended

    assert ended.how == "undetermined"
    assert why in ended.what
    assert ended.position.line > 0


def test_a_sample_may_refute_what_ranges_over_infinitely_many() -> None:
    assert ran("procedure P() { assert (forall i: int :: i > 0); }").ended.how == "violated"
    assert ran("procedure P() { assert (exists i: int :: i > 2); }").ended.how == "returned"


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ("a[true := 1][false := 1]", "(if true then b[true := 1] else b)[false := 1]", True),
        ("a[true := 1]", "a[true := 2]", False),
    ],
)
def test_maps_over_few_indexes_are_compared_at_all_of_them(left: str, right: str, equal: bool) -> None:
    program = compiled(f"procedure P(a: [bool]int, b: [bool]int) {{ assert ({left} == {right}) == {str(equal).lower()}; }}")
    start = RecordedChoices([to_json(Table(0)), to_json(Table(5))])

    assert run(program, implementation(program), start).ended.how == "returned"


def test_maps_that_differ_nowhere_listed_differ_if_there_are_infinitely_many_indexes() -> None:
    program = compiled("procedure P(a: [int]int, b: [int]int) { assert a != b; }")

    assert run(program, implementation(program), RecordedChoices([to_json(Table(0)), to_json(Table(5))])).ended.how == "returned"


def test_maps_as_indexes_are_not_told_apart() -> None:
    program = compiled("procedure P(m: [[bool]int]int, a: [bool]int, b: [bool]int) { assert m[a := 1][b] == 0; }")
    start = RecordedChoices([to_json(Table(0)), to_json(Table(0)), to_json(Table(5))])

    assert run(program, implementation(program), start).ended.how == "undetermined"


# Statements


def test_loops_go_round_and_check_their_invariants() -> None:
    text = """
    procedure P(n: int) {
      var i: int;
      i := 0;
      while (i < n) invariant i <= 3; { i := i + 1; }
      assert i == n;
    }"""
    assert ran(text, 3, 0).ended.how == "returned"
    ended = ran(text, 4, 0).ended
    assert (ended.how, ended.what, ended.position.line) == ("violated", "invariant", 5)


def test_a_free_invariant_is_assumed() -> None:
    assert ran("procedure P() { while (true) free invariant false; { } }").ended.how == "stuck"


def test_a_loop_without_end_is_exhausted() -> None:
    assert ran("procedure P() { while (true) { } }", steps=50).ended.how == "exhausted"


@pytest.mark.parametrize(("way", "line"), [(0, 4), (1, 5)])
def test_a_jump_goes_where_the_record_says(way: int, line: int) -> None:
    text = """procedure P() {
      var x: int;
      goto a, b;
      a: assert false; return;
      b: assert false; return;
    }"""
    program = compiled(text)

    ended = run(program, implementation(program), RecordedChoices([{"int": "0"}, way])).ended

    assert (ended.how, ended.position.line) == ("violated", line)


def test_break_leaves_the_loop_or_the_statement_with_that_label() -> None:
    text = """
    procedure P() {
      var x: int;
      x := 0;
      outer: while (true) {
        while (true) { x := x + 1; break; }
        x := x + 10;
        inner: if (x > 20) { break outer; }
        here: if (true) { if (x < 100) { break here; } x := 1000; }
      }
      assert x == 22;
    }"""
    assert ran(text, 0).ended.how == "returned"


def test_an_assignment_takes_all_values_before_it_changes_anything() -> None:
    text = """
    procedure P(a: int, b: int, m: [int]int) {
      var x: int, y: int, n: [int]int;
      x, y, n := a, b, m;
      x, y := y, x;
      n[x], x := x, 9;
      assert x == 9 && y == a && n[b] == b;
    }"""
    assert ran(text, 1, 2, to_json(Table(0)), 0, 0, to_json(Table(0))).ended.how == "returned"


def test_fields_are_assigned_and_unpacked() -> None:
    text = """
    datatype D { A(x: int, d: D), N() }
    procedure P() {
      var d: D, e: D, i: int;
      d := A(1, A(2, N()));
      d->d->x := 7;
      A(i, e) := d;
      assert i == 1 && e == A(7, N());
      A(i, e) := N();
    }"""
    nothing = {"constructor": "N", "fields": []}
    ended = ran(text, nothing, nothing, 0).ended
    assert (ended.how, ended.position.line) == ("violated", 9)


def test_a_field_that_is_not_there_has_no_value() -> None:
    text = "datatype D { A(x: int), N() } procedure P() { var d: D; d := N(); d->x := 1; }"
    assert ran(text, {"constructor": "N", "fields": []}).ended.how == "undetermined"


def test_havoc_chooses_and_keeps_to_where() -> None:
    text = "procedure P() { var x: int where x > 3; x := 0; havoc x; assert x == 5; }"
    assert ran(text, 4, 5).ended.how == "returned"
    assert ran(text, 4, 6).ended.how == "violated"
    assert ran(text, 4, 3).ended.how == "stuck"
    assert ran(text, 2).ended.how == "stuck"


def test_old_is_the_value_at_entry_and_only_of_globals() -> None:
    text = """
    var g: int;
    procedure P(x: int) modifies g; ensures g == old(g) + 1; {
      var y: int;
      g := g + 1; y := g;
      assert old(g) + 1 == g && old(y + g) == y + g - 1;
      g := g + x;
    }"""
    assert ran(text, 5, 0, 0).ended.how == "returned"
    ended = ran(text, 5, 1, 0).ended
    assert (ended.how, ended.what, ended.related.line) == ("violated", "postcondition", 3)


# Calls

CALLS = """
var g: int;
procedure Q(x: int) returns (y: int)
  requires x > 0;
  modifies g;
  ensures y > x && g > old(g);
{
  g := g + 1;
  y := x + 1;
}
procedure P(x: int) modifies g; {
  var y: int;
  call y := Q(x);
  assert y == x + 1;
}
"""


def test_a_call_does_whatever_its_contract_allows() -> None:
    assert ran(CALLS, 0, 3, 0, 1, 4).ended.how == "returned"
    assert ran(CALLS, 0, 3, 0, 1, 5).ended.how == "violated"
    assert ran(CALLS, 0, 3, 0, 1, 3).ended.how == "stuck"
    assert ran(CALLS, 0, 3, 0, 0, 4).ended.how == "stuck"
    ended = ran(CALLS, 0, -1, 0).ended
    assert (ended.how, ended.what, ended.position.line, ended.related.line) == ("violated", "precondition", 13, 4)


def test_a_call_runs_the_body_if_that_is_asked_for() -> None:
    assert ran(CALLS, 0, 3, 0, 0, follow_calls=True).ended.how == "returned"


def test_an_inlined_body_runs_in_place_of_a_contract_and_only_so_deep() -> None:
    text = """
    procedure {:inline 2} Q(n: int) returns (y: int) {
      if (n == 0) { y := 0; return; }
      call y := Q(n - 1);
      y := y + 1;
    }
    procedure P(n: int) { var y: int; call y := Q(n); assert y == n; }
    """
    assert ran(text, 1, 0, 0, 0).ended.how == "returned"
    assert ran(text, 2, 0, 0, 0).ended.how == "stuck"


def test_calls_nested_too_deeply_exhaust() -> None:
    text = "procedure Q() { call Q(); } procedure P() { call Q(); }"
    assert ran(text, follow_calls=True).ended.how == "exhausted"


def test_what_a_body_assumes_and_its_caller_need_not_show_is_assumed() -> None:
    text = """
    procedure Q(x: int) returns (y: int where y > 0) free requires x > 0; free ensures y == x; { y := x; }
    procedure P(x: int) { var y: int; call y := Q(x); assert y > 0; }
    """
    assert ran(text, 1, 0, 1, follow_calls=True).ended.how == "returned"
    assert ran(text, 0, 0, 1, follow_calls=True).ended.how == "stuck"


def test_type_parameters_stand_for_a_type_of_which_nothing_is_known() -> None:
    text = """
    procedure Same<t>(x: t) returns (y: t) ensures x == y; { y := x; }
    procedure P<a>(x: a, z: a) { var y: a; var i: int; call y := Same(x); assert x == y; call i := Same(3); assert i == 3; assert x == z; }
    """
    one, two = to_json(Element("a", 1)), to_json(Element("a", 2))
    assert ran(text, one, one, one, 0, one, 3).ended.how == "returned"
    assert ran(text, one, two, one, 0, one, 3).ended.how == "violated"
    assert ran(text, one, two, one, 0, one, {"int": "3"}, follow_calls=True).ended.how == "violated"


def test_preconditions_of_the_start_are_assumed() -> None:
    assert ran("procedure P(x: int) requires x > 0; { assert x > 0; }", 0).ended.how == "stuck"


# Records


@pytest.mark.parametrize("record", [(), ("x",), ({"int": "five"},), ({"list": []},)])
def test_a_record_that_does_not_fit_is_undetermined(record: tuple) -> None:
    assert ran("procedure P(x: int) { assert x == x; }", *record).ended.how == "undetermined"


@pytest.mark.parametrize("way", [2, -1, True, "0", None])
def test_a_way_that_is_not_there_is_undetermined(way: object) -> None:
    program = compiled("procedure P() { if (*) { assert true; } }")

    assert run(program, implementation(program), RecordedChoices([way])).ended.how == "undetermined"


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), follow=st.booleans())
def test_the_record_of_a_run_gives_the_same_run(seed: int, follow: bool) -> None:
    program = compiled(Writer(seed).wild_program())
    main = implementation(program, "Main")
    chosen = RandomChoices(random.Random(seed))

    first = run(program, main, chosen, follow_calls=follow, steps=300)
    recorded = RecordedChoices(chosen.made)
    second = run(program, main, recorded, follow_calls=follow, steps=300)

    assert (first.ended, first.path, first.state, first.used) == (second.ended, second.path, second.state, second.used)
    assert recorded.used == len(chosen.made)


TYPES = [
    BOOL,
    INT,
    REAL,
    STRING,
    Bits(8),
    Map(0, (INT,), BOOL),
    Map(0, (INT, BOOL), Map(0, (BOOL,), INT)),
    Constructed("T"),
    Constructed("List"),
    Constructed("Pair", (INT, Constructed("List"))),
]
SHAPES = shapes_of(compiled("datatype List { Cons(h: int, t: List), Nil() } datatype Pair<a, b> { P(x: a, y: b) } type T;"))


@given(st.sampled_from(TYPES), st.integers(0, 10_000))
def test_values_survive_json(type_, seed: int) -> None:
    value = random_value(type_, SHAPES, random.Random(seed))

    assert from_json(to_json(value)) == value


def test_plain_values() -> None:
    assert default(Constructed("Pair", (INT, BOOL)), SHAPES).constructor == "P"
    with pytest.raises(NoValue, match="float"):
        default(Float(24, 8), SHAPES)
    with pytest.raises(NoValue):
        from_json({"int": 3})


def test_undetermined_says_what_and_where() -> None:
    program = compiled("const c: int; procedure P() { var x: int; x := c; }")
    assign = implementation(program).body.segments[0].commands[0]

    with pytest.raises(Undetermined, match="constant `c` has no value") as caught:
        evaluate(assign.values[0], Frame({}, {}, Interpretation(), {}))

    assert caught.value.position.line == 1
