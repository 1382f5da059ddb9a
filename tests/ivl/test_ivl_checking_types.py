"""Types: what fits, what does not, and what is found out where nothing is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivl_checks import checked, expressions, nodes, told

from probatum.ivl.checking import check
from probatum.ivl.checking.inference import Unknown
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.parser import parse
from probatum.ivl.types import BOOL, INT, REAL, Bits, Constructed, Float, Map, Type

REFUSED = {
    "axiom": ("¦axiom 1;", ["axioms must be of type bool"]),
    "assertion": ("procedure P() { ¦assert 1; }", ["an asserted expression must be of type bool (got: int)"]),
    "assumption": ("procedure P() { ¦assume 1.0; }", ["an assumed expression must be of type bool (got: real)"]),
    "precondition": ("procedure P(); ¦requires 1;", ["preconditions must be of type bool"]),
    "postcondition": ("procedure P(); ¦ensures 1;", ["postconditions must be of type bool"]),
    "where": ("var ¦x: int where x;", ["where clauses must be of type bool"]),
    "invariant": (
        "procedure P() { while (*) ¦invariant 1; free ¦invariant 2; { } }",
        [
            "an asserted expression must be of type bool (got: int)",
            "an assumed expression must be of type bool (got: int)",
        ],
    ),
    "negation": ("axiom ¦!1;", ["invalid argument type (int) to unary operator !"]),
    "minus": ("axiom ¦-true == 1;", ["invalid argument type (bool) to unary operator -"]),
    "sum": ("axiom 1 ¦+ true == 1;", ["invalid argument types (int and bool) to binary operator +"]),
    "mixed numbers": ("axiom 1 ¦+ 1.0 == 2.0;", ["invalid argument types (int and real) to binary operator +"]),
    "division of reals by div": ("axiom 1.0 ¦div 2.0 == 0.5;", ["invalid argument types (real and real) to binary operator div"]),
    "power of integers": ("axiom 2 ¦** 3 == 8.0;", ["invalid argument types (int and int) to binary operator **"]),
    "connective": ("axiom 1 ¦&& true;", ["invalid argument types (int and bool) to binary operator &&"]),
    "explies": ("axiom 1 ¦<== true;", ["invalid argument types (bool and int) to binary operator ==>"]),
    "equality": ("axiom 1 ¦== true;", ["invalid argument types (int and bool) to binary operator =="]),
    "one mistake, one message": (
        "axiom (1 ¦+ true) * 2 == 3 && true;",
        ["invalid argument types (int and bool) to binary operator +"],
    ),
    "two mistakes, two messages": (
        "axiom (1 ¦+ true) + (2 ¦&& true);",
        [
            "invalid argument types (int and bool) to binary operator +",
            "invalid argument types (int and bool) to binary operator &&",
        ],
    ),
    "floats of other formats": (
        "procedure P(x: float24e8, y: float53e11) { assert x ¦< y; }",
        ["invalid argument types (float24e8 and float53e11) to binary operator <"],
    ),
    "rounding modes have no order": ("axiom RNE ¦< RTZ;", ["invalid argument types (rmode and rmode) to binary operator <"]),
    "condition": ("axiom ¦if 1 then true else false;", ["the first argument to if-then-else should be bool, not int"]),
    "branches": ("axiom ¦if true then 1 else false;", ["branches of if-then-else have incompatible types int and bool"]),
    "conversion": ("axiom ¦real(1.0) == 1.0;", ["argument type real does not match expected type int"]),
    "ascription": ("axiom (1 ¦: bool);", ["int cannot be coerced to bool"]),
    "mistakes of explies, its right side first": (
        "axiom (1 ¦+ true) <== (2 ¦- false);",
        [
            "invalid argument types (int and bool) to binary operator -",
            "invalid argument types (int and bool) to binary operator +",
        ],
    ),
    # Bit-vectors
    "concatenation": ("axiom (1bv8 ¦++ 1) == 1bv9;", ["++ operands need to be bitvectors (got bv8, int)"]),
    "widths": ("axiom 1bv8 ¦== 1bv9;", ["invalid argument types (bv8 and bv9) to binary operator =="]),
    "extraction": ("axiom 1bv8¦[9:0] == 0bv9;", ["extract operand must be a bitvector of at least 9 bits (got bv8)"]),
    "extraction, turned round": ("axiom 1bv8¦[0:3] == 0bv3;", ["start index in extract must be no bigger than the end index"]),
    # Applications
    "number of arguments": (
        "function f(x: int): bool; axiom ¦f(1, 2);",
        ["wrong number of arguments to function: f (2 instead of 1)"],
    ),
    "type of an argument": (
        "function f(x: int, y: bool): bool; axiom f(1, ¦2);",
        ["invalid type for argument 1 in application of f: int (expected: bool)"],
    ),
    "type of an argument, by the names of the source": (
        "type S a = [a]bool; function f(x: S int): bool; axiom f(¦2);",
        ["invalid type for argument 0 in application of f: int (expected: S int)"],
    ),
    "one type variable, two types": (
        "function same<a>(x: a, y: a): bool; axiom same(1, ¦true);",
        ["invalid type for argument 1 in application of same: bool (expected: a)"],
    ),
    "call": (
        "procedure Q(x: int) returns (y: bool); procedure P() { var z: int; call ¦z := Q(¦true); }",
        [
            "invalid type for argument 0 in call to Q: bool (expected: int)",
            "invalid type for out-parameter 0 in call to Q: int (expected: bool)",
        ],
    ),
    # Maps
    "indexes": ("const m: [int]int; axiom m¦[1, 2] == 0;", ["wrong number of arguments in map select: 2 instead of 1"]),
    "index": ("const m: [int]int; axiom m[¦true] == 0;", ["invalid type for argument 0 in map select: bool (expected: int)"]),
    "no map": ("const c: int; axiom ¦c[0] == 0;", ["map select applied to a non-map: c"]),
    "value stored": (
        "const m: [int]int; axiom m[0 := ¦true] == m;",
        ["right-hand side in map store with wrong type: bool (expected: int)"],
    ),
    "target": (
        "procedure P() { var m: [int]bool; m¦[0] := 1; }",
        ["mismatched types in assignment command (cannot assign int to bool)"],
    ),
    "index of a target": (
        "procedure P() { var m: [int]bool; m[¦true] := true; }",
        ["invalid type for argument 0 in map assignment: bool (expected: int)"],
    ),
    "polymorphic map": (
        "type T _; const m: <a>[T a]a; const t: T int; axiom m[t] ¦== true;",
        ["invalid argument types (int and bool) to binary operator =="],
    ),
    "polymorphic maps that differ": (
        "procedure P(m: <a>[a]a, n: <b>[b]int) { assert m ¦== n; }",
        ["invalid argument types (<a>[a]a and <b>[b]int) to binary operator =="],
    ),
    # Datatypes
    "field of no datatype": (
        "const c: int; axiom c->¦f == 1;",
        ["field-access must be applied to a datatype, int is not a datatype"],
    ),
    "unknown field": (
        "datatype D { C(x: int) } const c: D; axiom c->¦y == 1;",
        ["datatype D does not have a field with name y"],
    ),
    "unknown constructor": (
        "datatype D { C(x: int) } const c: D; axiom c is ¦E;",
        ["datatype D does not have a constructor with name E"],
    ),
    "field update": (
        "datatype D { C(x: int) } const c: D; axiom c->(¦x := true) == c;",
        ["right-hand side in field update with wrong type: bool (expected: int)"],
    ),
    "one field, two types": (
        "datatype D { C(x: int), E(¦x: bool) }",
        ["type mismatch between field x and identically-named field in constructor C"],
    ),
    "unpacking twice into one": (
        "datatype D { C(x: int, y: int) } procedure P(d: D) { var a: int; C(a, a) ¦:= d; }",
        ["variable a is assigned more than once in unpack command"],
    ),
    "unpacking a function": (
        "function f(x: int): int; procedure P() { var a: int; f(a) ¦:= 1; }",
        ["left side of unpack command must be a constructor application"],
    ),
    # Binders
    "body of a quantifier": ("axiom (¦forall x: int :: x);", ["quantifier body must be of type bool"]),
    "type variable of a lambda": (
        "axiom (¦lambda<a> x: int :: x) == (lambda x: int :: x);",
        ["the type variable a does not occur in types of the lambda parameters"],
    ),
    "type variable in no trigger": (
        "function f(x: int): int; axiom (forall<a> x: int :: ¦{f(x)} f(x) == x);",
        ["trigger does not mention a, which does not occur in variables types either"],
    ),
    # Assignments
    "parameter assigned": ("procedure P(x: int) { x ¦:= 1; }", ["command assigns to an immutable variable: x"]),
    "constant forgotten": ("const c: int; procedure P() { ¦havoc c; }", ["command assigns to an immutable variable: c"]),
    "global not in the frame": (
        "var g: int; procedure P() { g ¦:= 1; }",
        ["command assigns to a global variable that is not in the enclosing procedure's modifies clause: g"],
    ),
    "callee's frame": (
        "var g: int; procedure Q(); modifies g; procedure P() { ¦call Q(); }",
        ["command assigns to a global variable that is not in the enclosing procedure's modifies clause: g"],
    ),
    "frame of constants": ("const c: int; procedure ¦P(); modifies c;", ["modifies list contains constant: c"]),
    # Guards
    "guard": (
        "procedure P() { var x: int; if (¦x ¦== true) { } }",
        [
            "invalid argument types (int and bool) to binary operator ==",
            "invalid argument types (int and bool) to binary operator !=",
        ],
    ),
    # Bodies
    "body of an inlined function": (
        "function {:inline} f(x: int): bool { ¦x }",
        ["function body with invalid type: int (expected: bool)"],
    ),
    "body that stands for an axiom": (
        "function ¦f(x: int): bool { x }",
        ["invalid argument types (bool and int) to binary operator =="],
    ),
    "inlining in a circle": (
        "function {:inline} ¦f(x: int): int { g(x) } function {:inline} g(x: int): int { f(x) }",
        ["Call cycle detected among functions: f, g"],
    ),
    "inlining without body": ("function {:inline} ¦f(x: int): int;", ["Function with :inline attribute must have a body"]),
    "inlining sometimes": (
        "function {:inline 1} ¦f(x: int): int { x }",
        ["Parameter to :inline attribute on a function must be Boolean"],
    ),
    # Implementations
    "other number of parameters": (
        "procedure P(x: int); implementation ¦P() { }",
        ["mismatched number of in-parameters in procedure implementation: P"],
    ),
    "other type of a parameter": (
        "procedure P(x: int); implementation ¦P(y: bool) { }",
        ["mismatched type of in-parameter in implementation P: x (named y in implementation)"],
    ),
    "other type parameters": (
        "procedure P<a>(x: a); implementation ¦P(x: int) { }",
        ["mismatched number of type parameters in procedure implementation: P"],
    ),
    # Measures
    "measure of a real": (
        "procedure P() { while (*) measure ¦1.0; { } }",
        ["a measure expression must be of type int or bool (got: real)"],
    ),
    "measure outside": (
        "procedure P() { var n: int; ¦measure n; while (*) { } }",
        ["Measure command must not occur outside a loop head"],
    ),
    "two measures of a loop": (
        "procedure P() { var n: int; ¦while (*) measure n; measure n; { } }",
        ["Loop head may contain at most one measure command in a sequential procedure"],
    ),
    "measure after an assignment": (
        "procedure P() { var n: int; goto A; A: n := 1; ¦measure n; goto A, B; B: return; }",
        ["Assignment must come after the measure command in loop head"],
    ),
    "two measures of a procedure": (
        "procedure P(n: int); measure n; ¦measure n;",
        ["Sequential procedure may contain at most one measure command"],
    ),
    "recursion between measures of other lengths": (
        "procedure P(n: int) measure n; { ¦call Q(n); } procedure Q(n: int) measure n, n; { ¦call P(n); }",
        ["Expected number of measure expressions on callee and caller to be same"] * 2,
    ),
    # Attributes
    "minimised text": (
        'procedure P() { assume ¦{:minimize "x"} true; }',
        ["attributes :minimize and :maximize accept only one argument of type int, real or bv"],
    ),
    "assumption variable of a number": (
        "procedure P() { var {:assumption} ¦a: int; }",
        ["assumption variable must be of type 'bool'"],
    ),
}

ACCEPTED = {
    "numbers": "axiom 1 + 2 * 3 - 4 div 5 mod 6 == 7 && 1 / 2 == 0.5 && 1.0 / 2 < 3.0 ** 2.0 && -1 < 0 && -1.0 < 0.0;",
    "conversions": "axiom real(1) == 1.0 && int(1.5) == 1;",
    "floats": "procedure P(x: float24e8) { assert x + x * x - x / x <= x && x != 0NaN24e8; }",
    "strings and rounding modes": 'const s: string; const r: rmode; axiom s == "a" && r == RNE;',
    "bits": "procedure P(x: bv8) { assert (x ++ x)[12:4] == x && x[4:0] ++ x[8:4] == x; }",
    "same type variable on both sides": "procedure P<a>(x: a, y: a) { assert x == y; }",
    "types that may be one": "type T _; procedure P<a>(x: T a, y: T int) { assert x == y; }",
    "maps": "const m: [int, bool]real; axiom m[1, true := 2.0][1, true] == 2.0 && m == m;",
    "map without indexes": "const m: []int; axiom m[] == 1 && m[ := 2][] == 2;",
    "polymorphic maps": (
        "type F _; type R; type H = <a>[R, F a]a; var h: H; const r: R; const f: F int; const g: F bool;"
        "procedure P() modifies h; { h[r, f] := 1; h[r, g] := h[r, f] == 1; h := h[r, f := 2]; }"
    ),
    "polymorphic maps, other names": "const m: <a, b>[a, b]a; const n: <c, d>[c, d]c; axiom m == n;",
    "datatypes": (
        "datatype L<a> { Nil(), Cons(head: a, tail: L a) } const l: L int;"
        "axiom Cons(1, l)->head == 1 && l is Nil && l->tail->(head := 2) == Cons(2, Nil());"
    ),
    "field of several constructors": "datatype D { A(x: int), B(x: int, y: bool) } const d: D; axiom d->x == 1 ==> d->y;",
    "fields as targets": ("datatype D { A(m: [int]E) } datatype E { B(x: int) }procedure P() { var d: D; d->m[3]->x := 1; }"),
    "unpacking": "datatype D { A(x: int, y: bool) } procedure P(d: D) { var a: int; var b: bool; A(a, b) := d; }",
    "lambda": "axiom (lambda x: int, y: bool :: if y then x else 0)[1, true] == 1;",
    "polymorphic lambda": "const m: <a>[a]a; axiom (lambda<a> x: a :: x) == m;",
    "let": "axiom (var x, y := 1, true; y ==> x == 1);",
    "polymorphic procedure": "procedure Id<a>(x: a) returns (y: a); procedure P() { var b: bool; call b := Id(true); }",
    "implementation with other names": "procedure P<a, b>(x: a, y: b); implementation P<c, d>(u: d, v: c) { }",
    "quantified types": "function f<a>(x: a): int; axiom (forall<a> x: a :: {f(x)} f(x) > 0);",
    "ascription decides": "function any<a>(): a; axiom (any(): int) == 1;",
    "body at some types only": "function f<a>(x: a): a { 1 }",
    "measures": "procedure P(n: int) measure n; { var i: int; while (i > 0) measure i, n; { i := i - 1; } call P(n - 1); }",
    "where": "procedure P(n: int where n > 0) returns (m: int where m > n) { var l: int where l == n; }",
    "globals in a code expression": "var g: int; axiom true; procedure P() modifies g; { g := 1; assert |{ A: return g == 1; }|; }",
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_types_that_do_not_fit_are_told_with_their_place(case: tuple[str, list[str]]) -> None:
    """Users and editors jump to the place, so it must be exact."""
    text, messages = case

    expected, found, said = told(text)

    assert found == expected
    assert said == messages


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_fits_gets_types_in_which_nothing_is_unknown(text: str) -> None:
    """Later phases rely on the types of all expressions."""
    program, errors = checked(text)

    assert errors == []
    untyped = [one for one in expressions(program) if one.type is None or not is_known(one.type)]
    assert untyped == []
    arguments = [type_ for one in nodes(program) for type_ in getattr(one, "type_args", ())]
    assert all(map(is_known, arguments))


def is_known(type_: Type | Unknown) -> bool:
    """Whether nothing in a type is unknown."""
    if isinstance(type_, Unknown):
        return False
    if isinstance(type_, Constructed):
        return all(map(is_known, type_.arguments))
    return not isinstance(type_, Map) or all(map(is_known, (*type_.domain, type_.range)))


def types_of(text: str, kind: type) -> list[Type | None]:
    """Return the types of all expressions of a kind."""
    program, errors = checked(text)
    assert [error for error in errors if error.kind == "error"] == []
    return [one.type for one in expressions(program) if isinstance(one, kind)]


def test_types_of_literals() -> None:
    """A float's format stands in its literal."""
    text = "axiom 1 == 1 && 1.0 == 1.0 && 7bv9 == 7bv9 && 0x1.0e5f24e8 == 0NaN24e8 && RNE == RNE;"

    found = types_of(text, tree.Literal)

    assert {type_ for type_ in found if type_ not in (INT, REAL)} == {
        Bits(9),
        Float(24, 8),
        *types_of("axiom RNE == RNE;", tree.Literal),
    }


def test_type_arguments_are_in_the_order_of_occurrence() -> None:
    """So they pair with the type variables of the declaration, which are in that order too."""
    program, _ = checked("function f<a, b>(x: b, y: a): bool; axiom f(1, true);")

    [application] = [one for one in expressions(program) if isinstance(one, tree.Application)]
    assert isinstance(application.decl, tree.Function)
    assert [variable.name for variable in application.decl.type_variables] == ["b", "a"]
    assert application.type_args == (INT, BOOL)


def test_type_arguments_of_constructors_are_those_of_the_datatype() -> None:
    """Whatever the order of the fields."""
    program, _ = checked("datatype P<a, b> { C(x: b, y: a) } axiom C(1, true) == C(2, false);")

    applications = [one for one in expressions(program) if isinstance(one, tree.Application)]
    assert {one.type_args for one in applications} == {(BOOL, INT)}
    assert {one.type for one in applications} == {Constructed("P", (BOOL, INT))}


def test_type_arguments_of_maps_and_calls() -> None:
    """What a polymorphic map or procedure stands for at each place."""
    program, _ = checked(
        "type F _; procedure Q<a>(x: a); procedure P(m: <a>[F a]a, f: F int) { assert m[f] == 1; call Q(m[f]); }"
    )

    found = [one.type_args for one in nodes(program) if isinstance(one, tree.Select | tree.Call)]
    assert found == [(INT,)] * 3


def test_what_nothing_decides_is_chosen_with_a_warning() -> None:
    """As Boogie does; the choice is the same each time."""
    program, found = checked("function any<a>(): a;\nprocedure P() { assert any() == any(); }")

    assert [(w.kind, w.position.column, w.message) for w in found] == [
        ("warning", 24, "type parameter a is ambiguous, instantiating to int")
    ]
    applications = [one for one in expressions(program) if isinstance(one, tree.Application)]
    assert {one.type_args for one in applications} == {(INT,)}


def test_unknown_widths_are_made_as_small_as_possible() -> None:
    """The sum of two widths is known, one of them is not."""
    program, found = checked("function any<a>(): a; axiom any() ++ 1bv3 == 0bv8;")

    assert [w.message for w in found] == ["type parameter a is ambiguous, instantiating to bv5"]
    [application] = [one for one in expressions(program) if isinstance(one, tree.Application)]
    assert application.type == Bits(5)


def test_modifies_clauses_can_be_inferred() -> None:
    """What a body changes, itself or by calls, in circles too."""
    text = "var g, h: int; procedure P() { g := 1; call Q(); } procedure Q() { havoc h; call P(); }"
    program, _ = parse(text, "case.bpl")

    errors = check(program, modifies=False)

    assert errors == []
    procedures = [one for one in program.declarations if isinstance(one, tree.Procedure)]
    assert [{identifier.name for identifier in one.modifies} for one in procedures] == [{"g", "h"}, {"g", "h"}]


@pytest.mark.parametrize(
    "formula",
    [" && ".join(["x == x"] * 2000), "!" * 5_000 + "true", "if true then true else " * 2000 + "true"],
    ids=["conjunction", "negations", "conditionals"],
)
def test_depth_is_no_obstacle(formula: str) -> None:
    """Tools write formulas that no person would."""
    program, errors = checked(f"procedure P(x: int) {{ assert {formula}; }}")

    assert errors == []
    assert all(one.type is not None for one in expressions(program))


@pytest.mark.parametrize(
    "text",
    [
        "type P _ _; function p<a>(x: a): P a a; axiom " + "p(" * 60 + "1" + ")" * 60 + " == p(1);",
        "type P _ _; const m: <a>[a]P a a; axiom " + "m[" * 60 + "1" + "]" * 60 + " == m[1];",
        "datatype D<a> { C(f: D [a]a), N() } const d: D int; axiom d" + "->f" * 60 + " == d;",
    ],
    ids=["function", "map", "field"],
)
def test_a_type_that_doubles_at_each_step_is_refused(text: str) -> None:
    """It would have more parts than the memory holds."""
    _, errors = checked(text)

    assert [error.message for error in errors] == ["unsupported: type with over 20000 parts"]


def test_maps_may_have_many_type_parameters() -> None:
    """More than anyone writes, and none is lost."""
    names = [f"a{n}" for n in range(70)]
    indexes = ", ".join(str(n) if n % 2 else "true" for n in range(70))

    program, errors = checked(f"const m: <{', '.join(names)}>[{', '.join(names)}]a1; axiom m[{indexes}] == 1;")

    assert errors == []
    [select] = [one for one in expressions(program) if isinstance(one, tree.Select)]
    assert select.type_args == (BOOL, INT) * 35


def _typed(depth: int) -> st.SearchStrategy[tuple[str, str]]:
    leaves = st.sampled_from([("int", "1"), ("int", "i"), ("bool", "true"), ("bool", "b"), ("real", "0.5"), ("bv8", "v")])
    if depth == 0:
        return leaves
    below = _typed(depth - 1)

    def of(type_: str) -> st.SearchStrategy[str]:
        return below.filter(lambda pair: pair[0] == type_).map(lambda pair: pair[1])

    def binary(type_: str, operators: list[str], result: str) -> st.SearchStrategy[tuple[str, str]]:
        parts = st.tuples(of(type_), st.sampled_from(operators), of(type_))
        return parts.map(lambda one: (result, f"({one[0]} {one[1]} {one[2]})"))

    equal = below.map(lambda pair: ("bool", f"({pair[1]} == {pair[1]})"))
    stored = st.tuples(of("int"), of("int")).map(lambda one: ("int", f"m[{one[0]} := {one[1]}][{one[0]}]"))
    same = below.map(lambda pair: (pair[0], f"id({pair[1]})"))
    either = st.tuples(of("bool"), below).map(lambda one: (one[1][0], f"(if {one[0]} then {one[1][1]} else {one[1][1]})"))
    bound = of("bool").map(lambda one: ("bool", f"!(forall i: int :: {one})"))
    named = st.tuples(below, below).map(lambda one: (one[1][0], f"(var n := {one[0][1]}; {one[1][1]})"))
    boxed = below.map(lambda pair: (pair[0], f"Box({pair[1]})->it"))
    return st.one_of(
        leaves, binary("int", ["+", "*", "div"], "int"), binary("bool", ["&&", "==>"], "bool"),
        binary("real", ["<", ">="], "bool"), equal, stored, same, either, bound, named, boxed,
    )  # fmt: skip


_SETTING = (
    "datatype Box<a> { Box(it: a) } function id<a>(x: a): a;procedure P(i: int, b: bool, v: bv8, m: [int]int) { assert E == E; }"
)


@settings(max_examples=30, deadline=None)
@given(_typed(2))
def test_expressions_have_the_types_they_were_made_with(one: tuple[str, str]) -> None:
    """Whatever is put together by the rules is accepted, and its type is what the rules say."""
    type_, text = one

    program, errors = checked(_SETTING.replace("E == E", f"{text} == {text}"))

    assert errors == []
    [equality] = [c.expression for c in nodes(program) if isinstance(c, tree.Assert)]
    assert isinstance(equality, tree.Binary)
    assert str(equality.left.type) == type_
    assert all(node.type is not None and is_known(node.type) for node in expressions(program))


@settings(max_examples=30, deadline=None)
@given(_typed(1), _typed(1))
def test_expressions_of_two_types_are_not_equal(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Comparing them is refused exactly if their types differ, at the operator."""
    text = _SETTING.replace("E == E", f"{one[1]} == {other[1]}")

    _, errors = checked(text)

    if one[0] == other[0]:
        assert errors == []
    else:
        [error] = errors
        assert error.message == f"invalid argument types ({one[0]} and {other[0]}) to binary operator =="
        assert text[error.position.column - 1 :].startswith("==")
