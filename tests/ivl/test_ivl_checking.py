"""Names: what is declared, where it holds, and what is said of the rest."""

from __future__ import annotations

import pytest
from ivl_checks import checked, expressions, told

from probatum.ivl.checking import check
from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.parser import parse
from probatum.ivl.syntax.tree import Position

REFUSED = {
    "unknown variable": ("axiom ¦who > 0;", ["undeclared identifier: who"]),
    "unknown function": ("axiom ¦f(1) > 0;", ["use of undeclared function: f"]),
    "unknown procedure": ("procedure P() { ¦call Q(); }", ["call to undeclared procedure: Q"]),
    "unknown type": (
        "const c: ¦Cat;",
        ['undeclared type: Cat (replacing with "bool" to continue resolving)'],
    ),
    "unknown name in attribute": ("axiom {:use ¦it} true;", ["undeclared identifier: it"]),
    "unknown hidden function": ("procedure P() { hide ¦f; }", ["use of undeclared function: f"]),
    "two variables": ("var a: int;\nvar ¦a: bool;", ["more than one declaration of variable name: a"]),
    "two constants": ("const a: int;\n¦const a: int;", ["more than one declaration of variable name: a"]),
    "two functions": ("function f(): int;\nfunction ¦f(): int;", ["more than one declaration of function name: f"]),
    "constructor like a function": (
        "datatype D { f() }\nfunction ¦f(): int;",
        ["more than one declaration of function name: f"],
    ),
    "two procedures": ("procedure P();\nprocedure ¦P();", ["more than one declaration of procedure name: P"]),
    "two types": ("type T;\ntype ¦T _;", ["more than one declaration of type name: T"]),
    "type like bits": ("type ¦bv7;", ["type name: bv7 is registered for bitvectors"]),
    "two axioms of one name": (
        'axiom {:name "n"} true;\naxiom {:name "n"¦} true;',
        ["more than one declaration of axiom name: n"],
    ),
    "local like parameter": (
        "procedure P(x: int) { var ¦x: int; }",
        ["more than one declaration of variable name: x"],
    ),
    "two labels": (
        "procedure P() { A: goto B; B: return; ¦A: return; }",
        ["more than one declaration of block name: A"],
    ),
    "two bound variables, one quantifier inside the other": (
        "axiom (forall x: int :: (forall ¦x: int :: x == x));",
        ["more than one declaration of variable name: x"],
    ),
    "global in axiom": ("var g: int; axiom ¦g == 0;", ["cannot refer to a global variable in this context: g"]),
    "global in function": (
        "var g: int; function f(): int { ¦g }",
        ["cannot refer to a global variable in this context: g"],
    ),
    "global in pure procedure": (
        "var g: int; pure procedure P() { assert ¦g == 0; }",
        ["cannot refer to a global variable in this context: g"],
    ),
    "old in precondition": (
        "var g: int; procedure P(); requires ¦old(g) == 0;",
        ["old expressions allowed only in two-state contexts"],
    ),
    "result in precondition": (
        "procedure P() returns (r: int); requires ¦r == 0;",
        ["undeclared identifier: r"],
    ),
    "variable outside its let": (
        "axiom (var x := 1; x == 1) && ¦x == 1;",
        ["undeclared identifier: x"],
    ),
    "let variable in its own value": ("axiom (var x := ¦x; x == 1);", ["undeclared identifier: x"]),
    "let of other length": (
        "axiom (¦var x, y := 1; x == 1);",
        ["number of left-hand sides does not match number of right-hand sides"],
    ),
    "assignment of other length": (
        "procedure P() { var x, y: int; x, y ¦:= 1; }",
        ["number of left-hand sides does not match number of right-hand sides"],
    ),
    "variable assigned twice at once": (
        "procedure P() { var m: [int]int; m[0], m¦[1] := 1, 2; }",
        ["variable m is assigned more than once in parallel assignment"],
    ),
    "variable gets two results": (
        "procedure Q() returns (a: int, b: int); procedure P() { var x: int; ¦call x, x := Q(); }",
        ["left-hand side of call command contains variable twice: x"],
    ),
    "too few arguments of a call": (
        "procedure Q(a: int); procedure P() { ¦call Q(); }",
        ["wrong number of arguments in call to Q: 0"],
    ),
    "too many results of a call": (
        "procedure Q(); procedure P() { var x: int; ¦call x := Q(); }",
        ["wrong number of result variables in call to Q: 1"],
    ),
    "pure calls impure": (
        "procedure Q(); pure procedure P() { ¦call Q(); }",
        ["pure procedure may only call a pure procedure"],
    ),
    "pure modifies": (
        "var g: int; pure procedure ¦P(); modifies g;",
        ["unnecessary modifies clause for pure procedure"],
    ),
    "body without procedure": (
        "implementation ¦P() { }",
        ["implementation given for undeclared procedure: P"],
    ),
    "two statements of one id": (
        'procedure P() { assert {:id "a"} true; ¦assume {:id "a"} true; }',
        ["more than one statement with same id: a"],
    ),
    "guard: both ways out know it": (
        "procedure P() { while (¦¦who) { } }",
        ["undeclared identifier: who", "undeclared identifier: who"],
    ),
    "procedure and body copy its parameters": (
        "procedure P(x: ¦¦Cat) { }",
        ['undeclared type: Cat (replacing with "bool" to continue resolving)'] * 2,
    ),
    "jump out of a code expression": (
        "procedure P() { assert |{ A: ¦goto B; }|; B: return; }",
        ["goto to unknown block: B"],
    ),
    # Types
    "arity of a type": ("type T _; const c: ¦T;", ["type constructor received wrong number of arguments: T"]),
    "arity of a synonym": (
        "type S a = [a]a; const c: ¦S int int;",
        ["type synonym received wrong number of arguments: S"],
    ),
    "synonyms in a circle": (
        "type ¦A = B; type ¦B = [int]A; type C = int;",
        [
            f'type synonym could not be resolved because of cycles: {n} (replacing body with "bool" to continue resolving)'
            for n in "AB"
        ],
    ),
    "type variable with arguments": (
        "function f<a>(x: ¦a int, y: a): int;",
        ["type variables must not be applied to arguments: a"],
    ),
    "type variable declared twice": (
        "function f<a>(x: <¦a>[a]int, y: a): int;",
        ["more than one declaration of type variable: a"],
    ),
    "type variable like a type": (
        "type a; function f<¦a>(x: int): int;",
        ["name is already reserved for type constructor: a"],
    ),
    "unused type variable": (
        "function ¦f<a>(x: int): int;",
        ["type variable must occur in function arguments: a"],
    ),
    "unused type variable of a map": (
        "const c: ¦<a>[int]int;",
        ["type variable must occur in map arguments: a"],
    ),
    "unused type variable of a procedure": (
        "procedure ¦P<a>(x: int);",
        ["type variable must occur in procedure arguments: a"],
    ),
    "bits with arguments": ("const c: ¦bv8 int;", ["bitvector types must not be applied to arguments: bv8"]),
    # Triggers
    "trigger without the variable": (
        "function f(x: int): int; axiom (forall x, y: int :: ¦{f(x)} f(x) == y);",
        ["trigger must mention all quantified variables, but does not mention: y"],
    ),
    "trigger of a variable": (
        "axiom (forall x: int :: {¦x} x == x);",
        ["a matching pattern must be more than just a variable by itself: x"],
    ),
    "trigger with equality": (
        "function f(x: int): int; axiom (forall x: int :: {f(x) ¦== 1} true);",
        ["equality is not allowed in triggers"],
    ),
    "trigger with comparison": (
        "function f(x: int): int; axiom (forall x: int :: {f(x) ¦< 1} true);",
        ["arithmetic comparisons are not allowed in triggers"],
    ),
    "trigger with connectives": (
        "function f(x: int): bool; axiom (forall x: int :: {¦!f(x)} {f(x) ¦&& f(x)} true);",
        ["boolean operators are not allowed in triggers"] * 2,
    ),
    "quantifier in a trigger": (
        "function f(b: bool, x: int): bool; axiom (forall x: int :: {f((¦forall y: int :: true), x)} true);",
        ["quantifiers are not allowed in triggers"],
    ),
    # Assumption variables
    "assumption variable with condition": (
        "procedure P() { var {:assumption} ¦a: bool where true; }",
        ["assumption variable may not be declared with a where clause"],
    ),
    "assumption variable that grows": (
        "procedure P() { var {:assumption} a: bool; a ¦:= true; }",
        ['RHS of assignment to assumption variable a must match expression "a && <boolean expression>"'],
    ),
    "assumption variable assigned twice": (
        "procedure P() { var {:assumption} a: bool; a := a && true; a ¦:= a && true; }",
        ["assumption variable may not be assigned to more than once"],
    ),
    # Attributes
    "nothing to minimise": (
        "procedure P() { assume ¦{:minimize} true; }",
        ["attributes :minimize and :maximize accept only one argument"],
    ),
}

ACCEPTED = {
    "all name spaces apart": "type x; var x: int; function x(y: int): int; procedure x(); axiom (forall x: int :: x == x);",
    "parameter hides global": "var g: int; procedure P(g: bool) { assert g; }",
    "bound variable hides parameter": "procedure P(x: bool) { assert (exists x: int :: x > 0); }",
    "quantifier of the other kind may use the name": "axiom (forall x: int :: (exists x: int :: x == x));",
    "quantifier with trigger is one of its own": (
        "function f(x: int): int; axiom (forall x: int :: (forall x: int :: {f(x)} f(x) == x));"
    ),
    "old where two states are": "var g: int; procedure P() modifies g; ensures g == old(g) + 1; { g := old(g) + 1; }",
    "old in attributes": "var g: int; procedure P(); requires {:a old(g)} true;",
    "where of results sees parameters": "procedure P(a: int) returns (b: int where b > a);",
    "use before declaration": "axiom c > f(c); const c: int; function f(x: int): int;",
    "synonym before declaration": "type A = B int; type B a = [a]int; const c: A; axiom c[0] == 0;",
    "break leaves a labelled statement": "procedure P() { A: if (*) { break A; } B: while (*) { break B; } }",
    "jump into a branch": "procedure P() { goto A; if (*) { A: assert true; } }",
    "several files may name blocks alike": "procedure P() { A: return; } procedure Q() { A: return; }",
    "hide and reveal": "function f(): int { 1 } procedure P() { push; hide *; reveal f; assert f() == 1; pop; }",
    "code expression": "procedure P(x: int) { assert |{ var y: int; A: y := x; goto B, C; B: return y == x; C: return true; }|; }",
    "body without names of its parameters": "function f(int, bool): int; axiom f(1, true) == 2;",
    "unnamed parameters in a body": "function {:inline} f(int): int { 1 }",
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_names_that_are_wrong_are_told_with_their_place(case: tuple[str, list[str]]) -> None:
    """Users and editors jump to the place, so it must be exact."""
    text, messages = case

    expected, found, said = told(text)

    assert found == expected
    assert said == messages


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_names_that_are_right_are_bound(text: str) -> None:
    """After a check without errors every name has its declaration."""
    program, errors = checked(text)

    assert errors == []
    unbound = [one.name for one in expressions(program) if isinstance(one, tree.Identifier) and one.decl is None]
    assert [name for name in unbound if name != "f"] == []


def test_errors_of_names_hide_those_of_types() -> None:
    """Types of unknown things would only be guesses."""
    _, errors = checked("axiom 1; axiom who;")

    assert [(error.phase, error.message) for error in errors] == [("resolution", "undeclared identifier: who")]


def test_extern_declarations_give_way() -> None:
    """A declaration marked extern stands for one of its name elsewhere and leaves the program."""
    text = (
        "var {:extern} g: bool; var g: int; function {:extern} f(): bool; function f(): int;"
        "procedure {:extern} P(x: int); procedure P(); procedure Q() { call P(); assert g == f(); }"
        "type T; type {:extern} T; const {:extern} c: bool; const c: int; axiom c == 1;"
    )

    program, errors = checked(text)

    assert errors == []
    kinds = [type(one).__name__ for one in program.declarations]
    assert (kinds.count("Function"), kinds.count("Procedure"), kinds.count("TypeConstructor")) == (1, 2, 1)
    names = [v.name for one in program.declarations if isinstance(one, tree.Globals) for v in one.variables]
    assert names == ["g"]


def test_datatypes_without_values_are_refused() -> None:
    """A constructor that needs a value first cannot make the first one."""
    _, errors = checked("datatype D { C(d: D) } datatype E { F(d: D), G(e: [int]E) } datatype L { N(), K(l: L) }")

    [error] = errors
    assert error.message == "Datatype declarations are not well-founded: D, E"
    assert error.position == tree.NOWHERE


def test_concurrency_is_refused_by_name_and_alone() -> None:
    """Half of a concurrent program must not be judged as if it were all."""
    text = "yield procedure {:layer 1} Y(); procedure Q();procedure P() { call Q() | Q(); async call Q(); assert who; }"

    _, errors = checked(text)

    assert [error.message for error in errors] == [
        "unsupported: yield procedure Y",
        "unsupported: parallel call",
        "unsupported: async call",
    ]


def test_errors_of_the_parser_take_their_place_among_the_others() -> None:
    """The parser finds some errors that belong to this phase."""
    program, errors = parse("axiom who;\naxiom too;", "case.bpl")
    early = StaticError(Position("case.bpl", 1, 20), "found while parsing", "resolution")

    found = check(program, [*errors, early])

    assert [error.position.line for error in found] == [1, 1, 2]
    assert found[1].message == "found while parsing"


def test_a_small_text_cannot_make_a_huge_type() -> None:
    """Each synonym doubles the one before."""
    doubling = "".join(f"type T{n + 1} = [T{n}]T{n};" for n in range(40))

    _, errors = checked(f"type T0 = int; {doubling}")

    assert errors[0].message == "unsupported: type synonym `T14` stands for a type with over 20000 parts"


def test_a_near_name_is_offered() -> None:
    """Most unknown names are slips."""
    _, errors = checked("const counter: int; axiom countre > 0 && zzz > 0;")

    assert [error.hint for error in errors] == ["`counter` is declared", ""]
