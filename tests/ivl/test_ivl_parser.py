"""From text to tree: what nodes there are, where they are, and what is said of texts that are wrong."""

import random
from fractions import Fraction
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivl_checks import nodes

from probatum.ivl.syntax import tree, walk
from probatum.ivl.syntax.compare import difference
from probatum.ivl.syntax.parser import parse
from probatum.ivl.syntax.printer import expression as printed_expression
from probatum.ivl.syntax.tokens import tokenise

T = TypeVar("T")


def program(text: str) -> tree.Program:
    answer, errors = parse(text, "f")
    assert errors == []
    return answer


def errors(text: str) -> list[tuple[int, int, str]]:
    return [(e.position.line, e.position.column, e.message) for e in parse(text, "f")[1]]


def expression(text: str) -> tree.Expression:
    [axiom] = program(f"axiom {text};").declarations
    assert isinstance(axiom, tree.Axiom)
    return axiom.expression


def column(node: tree.Expression) -> int:
    """The column of a node in the text that was given to `expression`."""
    return node.position.column - len("axiom ")


def statements(text: str) -> tree.Statements:
    [_, implementation] = program(f"procedure P() {{ {text} }}").declarations
    assert isinstance(implementation, tree.Implementation)
    return implementation.body


def command(text: str, kind: type[T]) -> T:
    [segment] = statements(text).segments
    [answer] = segment.commands
    assert isinstance(answer, kind)
    return answer


# Expressions


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("a <==> b <==> c", "(a <==> b) <==> c"),
        ("a ==> b ==> c", "a ==> (b ==> c)"),
        ("a <== b <== c", "(a <== b) <== c"),
        ("a && b && c ==> d || e", "((a && b) && c) ==> (d || e)"),
        ("a == b && c < d", "(a == b) && (c < d)"),
        ("a + b - c ++ d * e", "((a + b) - c) ++ (d * e)"),
        ("a div b mod c / d * e", "(((a div b) mod c) / d) * e"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("a * b ** c", "a * (b ** c)"),
        ("-a ** !b", "(-a) ** (!b)"),
        ("- - !a", "-(-(!a))"),
        ("-a is C", "(-a) is C"),
        ("a is C == b", "(a is C) == b"),
        ("-a[i]->f", "-((a[i])->f)"),
        ("a[i][j]", "(a[i])[j]"),
        ("if a then b else c + d", "if a then b else (c + d)"),
        ("if a then b else if c then d else e", "if a then b else (if c then d else e)"),
        ("a + if b then c else d + e", "a + (if b then c else (d + e))"),
        ("x : int + y", "(x : int) + y"),
        ("x : int < y", "(x : int) < y"),
    ],
)
def test_operators_bind_as_the_grammar_says(text: str, same_as: str) -> None:
    assert difference(expression(text), expression(same_as)) is None


@pytest.mark.parametrize("text", ["a && b || c", "a || b && c", "a < b < c", "a == b != c", "a <== b ==> c"])
def test_some_operators_need_parentheses(text: str) -> None:
    [(line, _, message)] = errors(f"axiom {text};")
    assert (line, message) == (1, '";" expected')


def test_mixing_the_implications_is_named() -> None:
    assert errors("axiom a ==> b <== c;") == [(1, 15, "illegal mixture of ==> and <==, use parentheses to disambiguate")]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("a + b", 3), ("a ==> b", 3), ("!a", 1), ("f(x)", 1), ("m[i]", 2), ("m[i := v]", 2), ("b[8:0]", 2),
        ("(forall x: int :: p)", 2), ("(lambda x: int :: p)", 2), ("(var x := 1; x)", 2), ("if a then b else c", 1),
        ("old(x)", 1), ("int(x)", 1), ("x : int", 3), ("x->f", 2), ("x->(f := 1)", 7), ("x is C", 3), ("(x)", 2),
        ("|{ A: return true; }|", 1), ("12", 1),
    ],
)  # fmt: skip
def test_a_node_is_where_its_operator_is(text: str, at: int) -> None:
    assert column(expression(text)) == at


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("true", "BOOL", True), ("12", "INT", 12), ("1.50", "REAL", Fraction(3, 2)), ("2e-2", "REAL", Fraction(1, 50)),
        ("1.5e1", "REAL", Fraction(15)), ("5bv8", "BITS", (5, 8)), ("0x1.8e0f24e8", "FLOAT", "0x1.8e0f24e8"),
        ('"ab"', "STRING", "ab"), ("RNE", "ROUNDING", "RNE"), ("roundTowardZero", "ROUNDING", "RTZ"),
    ],
)  # fmt: skip
def test_literals_have_exact_values(text: str, kind: str, value: object) -> None:
    literal = expression(text)
    assert isinstance(literal, tree.Literal)
    assert (literal.kind.name, literal.value, literal.text) == (kind, value, text)


@pytest.mark.parametrize(
    "text", ["1" * 4001, "1e4001", "1bv9999999999", "0x1.0e99f24e8", "0x1.00000001e0f24e8", "0x0.1e-99f24e8", "0NaN1e8"]
)
def test_literals_that_have_no_value_are_errors(text: str) -> None:
    [(_, _, message)] = errors(f"axiom {text} == x;")
    assert message.startswith(("number has more than", "incorrectly formatted"))


def test_a_float_below_the_smallest_normal_may_be_rounded_but_not_to_zero() -> None:
    expression("0x0.8e-31f24e8")
    expression("0x1.1e-37f24e8")
    assert errors("axiom 0x0.1e-38f24e8 == x;") == [(1, 7, "incorrectly formatted floating point")]


def test_bounds_stand_only_in_brackets() -> None:
    assert errors("axiom x[(2:1)];") == [(1, 12, "parentheses around bitvector bounds are not allowed")]
    assert errors("axiom x[a:1];") == [(1, 11, "arguments of extract need to be integer literals")]
    assert errors("axiom x[2:1, 3];") == [(1, 14, "bitvectors only have one dimension")]
    found = parse("axiom x[-2:1];", "f")[1]
    assert [(str(e.position), e.message, e.phase) for e in found] == [
        ("f(1,11)", "bitvector bounds in illegal position", "resolution")
    ]


def test_a_quantifier_has_parameters_attributes_and_triggers() -> None:
    node = expression('(forall<a> {:q} x, y: T a :: {:w 1, "s"} {f(x), g(y)} {:nopats h(x)} p)')
    assert isinstance(node, tree.Quantifier)
    assert [name.text for name in node.parameters] == ["a"]
    assert [(v.name, v.attributes[0].key, v.kind) for v in node.bound] == [(n, "q", tree.VariableKind.BOUND) for n in "xy"]
    assert [type(value) for value in node.attributes[0].values] == [tree.Literal, str]
    assert [(len(one.expressions), one.positive) for one in node.triggers] == [(2, True), (1, False)]


# Errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("axiom x", [(2, 1, '";" expected')]),
        ("axiom ;", [(1, 7, "invalid UnaryExpression")]),
        ("axiom (;", [(1, 8, "invalid AtomExpression")]),
        ("axiom -;", [(1, 8, "invalid UnaryExpression")]),
        ("axiom x->3;", [(1, 10, "invalid ArrayExpression")]),
        ("axiom x:+;", [(1, 9, "invalid CoercionExpression")]),
        ("axiom (forall :: p);", [(1, 15, "invalid QuantifierBody")]),
        ("axiom (forall x: int p);", [(1, 22, "invalid QSep"), (1, 23, '")" expected')][:1]),
        ("axiom (lambda x: int :: {x} x);", [(1, 29, "triggers not allowed in lambda expressions")]),
        ("const c: int", [(2, 1, "invalid Consts")]),
        ("const c int;", [(1, 9, '":" expected')]),
        ("type;", [(1, 5, "invalid Ident")]),
        ("var x: ;", [(1, 8, "invalid Type")]),
        ("x", [(1, 1, "EOF expected")]),
        ("function f(int) int;", [(1, 17, "invalid Function")]),
        ("function f(x, int: int): int;", [(1, 18, "expected identifier before ':'"), (1, 15, "expecting an identifier as parameter name")][:1]),
        ("function f(x: int, y): int;", [(1, 20, "the type of the last parameter is unspecified")]),
        ("function {:inline} {:define} f(): int { 1 }", [(1, 43, "function cannot have both :inline and :define attributes")]),
        ("function {:define} f<a>(x: a): int { 1 }", [(1, 40, "function with :define attribute has to be monomorphic")]),
        ("datatype D { A(), A() }", [(1, 21, "constructor name A used more than once in datatype")]),
        ("procedure {f} P();", [(1, 13, "only attributes, not triggers, allowed here")]),
        ("procedure P(x: int) requires", [(2, 1, "invalid UnaryExpression")]),
        ("procedure P() free modifies x;", [(1, 20, "invalid SpecPrePost")]),
        ("procedure P() { if (*) else }", [(1, 24, '"{" expected')]),
        ("procedure P() { x y; }", [(1, 19, "invalid LabelOrAssign")]),
        ("procedure P() { call x; }", [(1, 23, "invalid CallParams")]),
        ("procedure P() { while () { } }", [(1, 24, "invalid Guard")]),
        ("implementation P(x: int where x > 0) { }", [(1, 35, "where clause not allowed on the 'implementation' copies of formals")]),
        ("axiom (forall x: int where x > 0 :: p);", [(1, 32, "where clause not allowed on bound variables")]),
        ("yield axiom true;", [(1, 7, "invalid BoogiePL")]),
        ("pure axiom true;", [(1, 6, "invalid BoogiePL")]),
    ],
)  # fmt: skip
def test_an_error_is_where_the_text_goes_wrong(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert errors(text)[: len(expected)] == expected


def test_the_next_error_is_reported_too_unless_it_is_near() -> None:
    assert errors("var x: ;\nconst c: ;\nvar y: int;") == [(1, 8, "invalid Type"), (2, 10, "invalid Type")]
    assert errors("procedure P() { x := ; y := 2 + ; }") == [
        (1, 22, "invalid UnaryExpression"),
        (1, 33, "invalid UnaryExpression"),
    ]


def test_a_hint_says_what_was_found() -> None:
    hints = [parse(text, "f")[1][0].hint for text in ("axiom x", "var var: int;", "axiom &;", 'axiom "x')]
    assert hints[0] == "the text ends here"
    assert "`\\var`" in hints[1]
    assert "`&`" in hints[2]
    assert "does not end" in hints[3]


def test_errors_of_pragmas_come_where_they_are() -> None:
    text = "#one\nvar x: ;\n#two\nvar y: ;\n#three\n"
    assert [m for _, _, m in errors(text)] == [
        "Unrecognized pragma: #one", "invalid Type", "Unrecognized pragma: #two", "invalid Type", "Unrecognized pragma: #three",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("goto A;", "goto label 'A' is undefined"),
        ("break;", "break statement is not inside a loop"),
        ("if (*) { break; }", "break statement is not inside a loop"),
        ("A: while (*) { break B; }", "break label 'B' must designate an enclosing statement"),
        ("A: x := 1; while (*) { break A; }", "break label 'A' must designate an enclosing statement"),
        ("A: while (*) { } while (*) { break A; }", "break label 'A' must designate an enclosing statement"),
    ],
)
def test_jumps_must_lead_somewhere(body: str, message: str) -> None:
    [(_, _, found)] = errors(f"procedure P() {{ {body} }}")
    assert found == f"Error: {message}"


@pytest.mark.parametrize(
    ("body", "labels"),
    [
        ("A: if (*) { break A; }", ["A"]),
        ("A: while (*) { if (*) { break; } else if (*) { break A; } }", ["", "A"]),
        ("goto B, C; B: goto C; C:", ["B", "C", "C"]),
    ],
)
def test_jumps_that_lead_somewhere_are_taken(body: str, labels: list[str]) -> None:
    found = list(nodes(program(f"procedure P() {{ {body} }}")))
    breaks = [one.label or "" for one in found if isinstance(one, tree.Break)]
    ways = [label.text for one in found if isinstance(one, tree.Goto) for label in one.labels]
    assert sorted(breaks + ways) == labels


# Declarations and statements


def test_names_before_a_type_share_it() -> None:
    [function] = program("function f(x, y: int, z: T a): bool;").declarations
    assert isinstance(function, tree.Function)
    assert [(v.name, v.written.name) for v in function.arguments if isinstance(v.written, tree.TypeName)] == [
        ("x", "int"), ("y", "int"), ("z", "T"),
    ]  # fmt: skip
    [function] = program("function f(int, T): bool;").declarations
    assert isinstance(function, tree.Function)
    assert [v.name for v in function.arguments] == ["", ""]


def test_type_arguments_go_on_as_long_as_they_can() -> None:
    [synonym] = program("type S a = T a (U a) [int]bool;").declarations
    assert isinstance(synonym, tree.TypeSynonym)
    assert isinstance(synonym.body, tree.TypeName)
    assert [type(one) for one in synonym.body.arguments] == [tree.TypeName, tree.TypeName, tree.TypeMap]
    assert [parameter.text for parameter in synonym.parameters] == ["a"]


def test_a_type_that_would_be_taken_for_a_basic_one_is_refused() -> None:
    assert errors("type \\int; var x: \\int, y: T \\real;") == [
        (1, 19, "a type with the name of the basic type int is not supported"),
        (1, 30, "a type with the name of the basic type real is not supported"),
    ]


def test_a_procedure_with_a_body_is_two_declarations_with_their_own_parts() -> None:
    text = "procedure {:a x} P<t>({:b 1} x: t where x == x) returns (r: int) requires x == x; { r := 1; }"
    procedure, implementation = program(text).declarations
    assert isinstance(procedure, tree.Procedure)
    assert isinstance(implementation, tree.Implementation)
    assert (procedure.ins[0].where is None, implementation.ins[0].where) == (False, None)
    assert procedure.position == implementation.position == ("f", 1, 18)
    assert procedure.attributes[0].values[0] is not implementation.attributes[0].values[0]
    assert procedure.ins[0] is not implementation.ins[0]
    assert procedure.outs[0] is not implementation.outs[0]
    assert implementation.ins[0].attributes[0].key == "b"


def test_segments_end_at_jumps_and_structured_statements() -> None:
    body = statements("x := 1; A: y := 2; if (*) { } z := 3; goto A; B: C: return;")
    assert [(s.label, len(s.commands), type(s.structured).__name__, type(s.transfer).__name__) for s in body.segments] == [
        (None, 1, "NoneType", "NoneType"), ("A", 1, "If", "NoneType"), (None, 1, "NoneType", "Goto"),
        ("B", 0, "NoneType", "NoneType"), ("C", 0, "NoneType", "Return"),
    ]  # fmt: skip
    assert body.segments[0].position == ("f", 1, 19)


def test_an_empty_body_has_one_segment_at_its_brace() -> None:
    body = statements("")
    assert [s.position for s in body.segments] == [body.end] == [("f", 1, 18)]


def test_commands_stand_where_they_say() -> None:
    assert command("x, m[i]->f := 1, 2;", tree.Assign).position.column == 17 + len("x, m[i]->f ")
    assert command("C(x, y) := e;", tree.Unpack).position.column == 17 + len("C(x, y) ")
    call = command("async call x, y := Q(1, z);", tree.Call)
    assert (call.position.column, call.asynchronous, call.callee, len(call.results), len(call.arguments)) == (23, True, "Q", 2, 2)
    assert command("free call Q();", tree.Call).free
    assert command("hide f;", tree.HideReveal).name is not None
    assert command("reveal *;", tree.HideReveal).name is None
    assert command("push;", tree.Scope).push
    assert [
        len(step.indexes) for step in command("m[i, j][] := 1;", tree.Assign).targets[0].steps if isinstance(step, tree.IndexStep)
    ] == [2, 0]


def test_a_loop_has_invariants_and_measures() -> None:
    [segment] = statements("while (x < 1) invariant a; free invariant {:b} c; measure d, e; { }").segments
    loop = segment.structured
    assert isinstance(loop, tree.While)
    assert [(i.free, len(i.attributes)) for i in loop.invariants] == [(False, 0), (True, 1)]
    assert [len(m.expressions) for m in loop.measures] == [2]


def test_the_concurrency_layer_is_kept_by_name() -> None:
    text = """
    yield invariant Y(x: int); preserves x > 0;
    yield left procedure P(x: int) returns (y: int); refines A; requires call Y(1); ensures x > 0; modifies g;
    yield procedure {:layer 1} Q() refines atomic action {:layer 1} _ { g := 1; } preserves call Y(2); { async call P(1); call P(1) | Q(); }
    pure action B(x: int) { assert x > 0; }
    both action A(); modifies g; asserts g > 0; requires call Y(3);
    invariant Z();
    """
    kept = [(d.word, d.name) for d in program(text).declarations if isinstance(d, tree.Concurrent)]
    assert kept == [
        ("yield invariant", "Y"), ("yield procedure", "P"), ("yield procedure", "Q"), ("action", "B"), ("action", "A"), ("yield invariant", "Z"),
    ]  # fmt: skip


def test_calls_of_the_concurrency_layer_in_loops_are_not_lost() -> None:
    [segment] = statements("while (*) invariant call Y(1); { }").segments
    assert isinstance(segment.structured, tree.While)
    assert [type(one) for one in segment.commands] == [tree.ParallelCall]
    assert errors("procedure P() { async call A() | B(); }") == [(1, 23, "parallel call not allowed")]


# Large and hostile texts


@pytest.mark.parametrize("text", ["(", "f(", "m[", "old(", "if ", "(forall x: int :: ", "|{ A: assert ", "-(", "{:a "])
def test_nesting_beyond_the_limit_is_one_error(text: str) -> None:
    found = errors("axiom " + text * 1200)
    assert [m for _, _, m in found].count(f"nesting is deeper than {walk.MAXIMUM_NESTING} levels") == (text != "{:a ")


@pytest.mark.parametrize(("opening", "closing"), [("if (*) {", "}"), ("while (*) {", "}"), ("if (*) {} else { ", "}")])
def test_statements_may_nest_as_deep_as_the_limit_and_no_deeper(opening: str, closing: str) -> None:
    deep = walk.MAXIMUM_NESTING - 1
    statements(opening * deep + closing * deep)
    [(_, _, message)] = errors("procedure P() {" + opening * 1200 + closing * 1200 + "}")
    assert message.startswith("nesting is deeper")


@pytest.mark.parametrize("text", ["[", "<a>[", "("])
def test_types_have_the_same_limit(text: str) -> None:
    [(_, _, message)] = errors("var x: " + text * 1200)[-1:]
    assert message.startswith("nesting is deeper")


@pytest.mark.parametrize(
    "text",
    [
        " && ".join(["a"] * 1200), " ==> ".join(["a"] * 1200), " <== ".join(["a"] * 1200), " + ".join(["a"] * 1200),
        " ** ".join(["a"] * 1200), "!" * 1200 + "a", "-" * 1200 + "a", "m" + "[a]" * 1200, "m" + "[a := b]" * 1200,
        "x" + "->f" * 1200, "if a then b else " * 1200 + "c", "a" + " : int" * 1200,
    ],
)  # fmt: skip
def test_chains_have_no_limit(text: str) -> None:
    node = expression(text)
    assert sum(1 for _ in walk.postorder(node)) >= 1200
    assert difference(expression(printed_expression(node)), node) is None


def test_a_long_chain_of_else_if_is_one_statement() -> None:
    [segment] = statements("if (a) { } else " * 1200 + "{ }").segments
    part: object = segment.structured
    count = 0
    while isinstance(part, tree.If):
        part, count = part.otherwise, count + 1
    assert count == 1200


def test_walking_goes_from_the_parts_to_the_whole() -> None:
    names = [
        n.name if isinstance(n, tree.Identifier) else type(n).__name__
        for n in walk.postorder(expression("m[a := b] == (if c then d else e)"))
    ]
    assert names == ["m", "a", "b", "Store", "c", "d", "e", "IfThenElse", "Binary"]


SAMPLE = """
type T a; type S = [int]bool; datatype D<a> { C(x: a), N() }
const {:k "v"} unique c, d: int uses { axiom c < d; } var g: [int]int where g[0] == 0;
function {:inline} f<a>(x: a, y: int): int { y + 1 } function h(int, bool) returns (r: real);
axiom (forall x: int, y: T int :: {:q 3} {h(x, true)} x >= 0 && !(x == 1) ==> h(x, false) == 1.5e2);
procedure P(n: int) returns (r: bv8) requires n > 0; modifies g; ensures r[8:4] ++ r[4:0] == 5bv8; free ensures true;
{ var i: int, b: bool; i := 0; L: while (i < n) invariant 0 <= i; { i, g[i] := i + 1, if b then 1 else 2; if (*) { break L; } else if (b) { goto L; } }
  havoc b; call r := P(i div 2); assert {:msg "m"} (var z := (lambda x: int :: x)[3]; old(g)[z] == z) || g is C; return; }
"""


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_damaged_text_is_parsed_or_refused_but_never_breaks_the_parser(seed: int) -> None:
    chance = random.Random(seed)
    tokens = tokenise(SAMPLE, "f").texts[:-1]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(tokens))
        match chance.randrange(5):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, chance.choice(tokens))
            case 2:
                tokens[at] = chance.choice(tokens)
            case 3:
                tokens[at] = tokens[at][: len(tokens[at]) // 2]
            case _:
                tokens.insert(at, chance.choice(["\0", '"', "/*", "*/", "\n#x\n", "é", "((((", "|{", "}|", "1e9999", "∀"]))
    _, found = parse(" ".join(tokens), "f")
    assert all(error.position.line > 0 and error.message for error in found)


def test_the_sample_is_right() -> None:
    assert errors(SAMPLE) == []
