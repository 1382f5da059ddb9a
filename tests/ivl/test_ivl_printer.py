"""From tree to text and back: nothing is lost, and there are no parentheses that nobody needs."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.ivl.syntax import tree
from probatum.ivl.syntax.compare import difference
from probatum.ivl.syntax.parser import parse
from probatum.ivl.syntax.printer import expression, printed, type_syntax
from probatum.ivl.syntax.tokens import KEYWORDS
from probatum.ivl.syntax.tree import NOWHERE, LiteralKind, Name, Variable, VariableKind


def parsed(text: str) -> tree.Program:
    program, errors = parse(text, "f")
    assert errors == [], text
    return program


def parsed_expression(text: str) -> tree.Expression:
    [axiom] = parsed(f"axiom {text};").declarations
    assert isinstance(axiom, tree.Axiom)
    return axiom.expression


# Trees of all shapes

names = st.sampled_from(["a", "b", "x.y", "f#1", "$m", "int", "forall", "left", "push", "call"])
integers = st.integers(0, 10**30).map(lambda n: tree.Literal(NOWHERE, LiteralKind.INT, n, str(n)))
literals = st.one_of(
    integers,
    st.booleans().map(lambda b: tree.Literal(NOWHERE, LiteralKind.BOOL, b, "true" if b else "false")),
    st.integers(0, 10**6).map(lambda n: tree.Literal(NOWHERE, LiteralKind.REAL, Fraction(n, 100), f"{n // 100}.{n % 100:02}")),
    st.integers(0, 255).map(lambda n: tree.Literal(NOWHERE, LiteralKind.BITS, (n, 8), f"{n}bv8")),
    st.sampled_from(["0x1.8e0f24e8", "-0x1.8e0f24e8", "0NaN11e5"]).map(lambda t: tree.Literal(NOWHERE, LiteralKind.FLOAT, t, t)),
    st.sampled_from(["RNE", "RTZ"]).map(lambda t: tree.Literal(NOWHERE, LiteralKind.ROUNDING, t, t)),
    st.just(tree.Literal(NOWHERE, LiteralKind.STRING, "s t", '"s t"')),
)
identifiers = names.map(lambda name: tree.Identifier(NOWHERE, name))
parameters = st.lists(names.map(lambda name: Name(NOWHERE, name)), min_size=1, max_size=2)
types = st.recursive(
    names.map(lambda name: tree.TypeName(NOWHERE, name)),
    lambda inner: st.one_of(
        st.builds(
            lambda name, arguments: tree.TypeName(NOWHERE, name, arguments),
            st.sampled_from(["T", "Pair", "left", "free"]),
            st.lists(inner, min_size=1, max_size=2),
        ),
        st.builds(
            lambda bound, domain, range_: tree.TypeMap(NOWHERE, bound, domain, range_),
            st.one_of(st.just([]), parameters),
            st.lists(inner, max_size=2),
            inner,
        ),
    ),
    max_leaves=4,
)


def larger(inner: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Expression]:
    attributes = st.lists(
        st.builds(
            lambda key, values: tree.Attribute(NOWHERE, key, values),
            names,
            st.lists(st.one_of(inner, st.sampled_from(["text", ""])), max_size=2),
        ),
        max_size=1,
    )
    bound = st.builds(
        lambda name, written, some: Variable(NOWHERE, name, written, VariableKind.BOUND, None, some), names, types, attributes
    )
    bare = st.builds(lambda name, some: Variable(NOWHERE, name, None, VariableKind.BOUND, None, some), names, attributes)
    triggers = st.one_of(
        st.builds(lambda some: tree.Trigger(NOWHERE, some), st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda one: tree.Trigger(NOWHERE, [one], positive=False), inner),
    )
    some = st.lists(inner, max_size=2)
    operators = ["<==>", "==>", "<==", "&&", "||", "==", "!=", "<", "<=", ">", ">=", "++", "+", "-", "*", "/", "div", "mod", "**"]
    return st.one_of(
        st.builds(lambda o, a, b: tree.Binary(NOWHERE, o, a, b), st.sampled_from(operators), inner, inner),
        st.builds(lambda o, a: tree.Unary(NOWHERE, o, a), st.sampled_from("!-"), inner),
        st.builds(lambda f, a: tree.Application(NOWHERE, f, a), names, some),
        st.builds(lambda a: tree.Old(NOWHERE, a), inner),
        st.builds(lambda to, a: tree.Conversion(NOWHERE, to, a), st.sampled_from(["int", "real"]), inner),
        st.builds(lambda a, t: tree.Ascription(NOWHERE, a, t), inner, types),
        st.builds(lambda m, i: tree.Select(NOWHERE, m, i), inner, some),
        st.builds(lambda m, i, v: tree.Store(NOWHERE, m, i, v), inner, some, inner),
        st.builds(lambda a, u, v: tree.Extract(NOWHERE, a, u, v), inner, st.integers(0, 64), st.integers(0, 64)),
        st.builds(lambda a, f: tree.Field(NOWHERE, a, f, NOWHERE), inner, names),
        st.builds(lambda a, f, v: tree.FieldUpdate(NOWHERE, a, f, NOWHERE, v), inner, names, inner),
        st.builds(lambda a, c: tree.IsConstructor(NOWHERE, a, c, NOWHERE), inner, names),
        st.builds(lambda c, a, b: tree.IfThenElse(NOWHERE, c, a, b), inner, inner, inner),
        st.builds(
            lambda k, vs, ats, ts, e: tree.Quantifier(NOWHERE, k, [], vs, [a for a in ats if a.key != "nopats"], ts, e),
            st.sampled_from(["forall", "exists"]), st.lists(bound, min_size=1, max_size=2), attributes, st.lists(triggers, max_size=2), inner,
        ),
        st.builds(
            lambda ps, vs, e: tree.Quantifier(NOWHERE, "lambda", ps, vs, [], [], e), parameters, st.lists(bound, max_size=1), inner
        ),
        st.builds(lambda vs, es, ats, e: tree.Let(NOWHERE, vs, es, ats, e), st.lists(bare, min_size=1, max_size=2), st.lists(inner, min_size=1, max_size=2), attributes, inner),
        st.builds(
            lambda c, e: tree.Code(NOWHERE, [], [tree.CodeBlock(NOWHERE, "A", [c], tree.Return(NOWHERE, [], e))]), commands(inner), inner
        ),
    )  # fmt: skip


def commands(inner: st.SearchStrategy[tree.Expression]) -> st.SearchStrategy[tree.Command]:
    steps = st.one_of(
        st.builds(lambda some: tree.IndexStep(NOWHERE, some), st.lists(inner, max_size=2)),
        st.builds(lambda name: tree.FieldStep(NOWHERE, name, NOWHERE), names),
    )
    target = st.builds(tree.Target, identifiers, st.lists(steps, max_size=2))
    call = st.builds(
        lambda name, some, to, free, late: tree.Call(NOWHERE, [], name, NOWHERE, some, to, free, late),
        names, st.lists(inner, max_size=2), st.lists(identifiers, max_size=2), st.booleans(), st.booleans(),
    )  # fmt: skip
    return st.one_of(
        st.builds(lambda e: tree.Assert(NOWHERE, [], e), inner),
        st.builds(lambda e: tree.Assume(NOWHERE, [tree.Attribute(NOWHERE, "k", ["v"])], e), inner),
        st.builds(lambda some: tree.Measure(NOWHERE, [], some), st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda some: tree.Havoc(NOWHERE, some), st.lists(identifiers, min_size=1, max_size=2)),
        st.builds(lambda to, e: tree.Assign(NOWHERE, to, e, []), st.lists(target, min_size=1, max_size=2), st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda name, to, e: tree.Unpack(NOWHERE, name, NOWHERE, to, e, []), names, st.lists(identifiers, min_size=1, max_size=2), inner),
        call,
        st.builds(lambda show, name: tree.HideReveal(NOWHERE, show, name), st.booleans(), st.one_of(st.none(), identifiers)),
        st.builds(lambda push: tree.Scope(NOWHERE, push), st.booleans()),
    )  # fmt: skip


expressions = st.recursive(st.one_of(literals, identifiers), larger, max_leaves=12)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions)
def test_an_expression_comes_back_from_its_text(node: tree.Expression) -> None:
    assert difference(parsed_expression(expression(node)), node) is None


@settings(max_examples=25, deadline=None)
@given(types)
def test_a_type_comes_back_from_its_text(written: tree.TypeSyntax) -> None:
    [synonym] = parsed(f"type S = {type_syntax(written)};").declarations
    assert isinstance(synonym, tree.TypeSynonym)
    assert difference(synonym.body, written) is None


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(commands(expressions), max_size=3))
def test_commands_come_back_from_their_text(some: list[tree.Command]) -> None:
    body = tree.Statements([tree.Segment(NOWHERE, "call", some)], NOWHERE)
    program = tree.Program([tree.Implementation(NOWHERE, "P", [], [], [], [], body, [])])
    assert difference(parsed(printed(program)), program) is None


@pytest.mark.parametrize(
    "text",
    [
        "a <==> b <==> c", "a ==> b ==> c", "(a ==> b) ==> c", "a <== b <== c", "a <== (b <== c)", "a ==> (b <== c)",
        "a && b && c", "a && (b && c)", "(a || b) && c", "a == b && !(c < d)", "(a < b) == c", "a + b - c", "a - (b - c)",
        "a * (b + c)", "(a * b) ** c ** d", "(a ** b) ** c", "-a ** b", "-(a ** b)", "!a && b", "(a && b)[c]", "-a is C", "(a is C)[b]",
        "if a then b else if c then d else e", "(if a then b else c) + d", "f(if a then b else c)", "(a : T) + b", "a : T : int",
        "m[a := b][c]", "m->f->(g := a)[b]", "x[8:4] ++ x[4:0]", "--a", "- 0x1.0e0f24e8", "a - -b",
        "(forall<a> x: T a, y: int :: {:k 1} {f(x), g(y)} {:nopats h(y)} p ==> (exists z: int :: q))",
        "(var x, y := 1, 2; {:k} x + y)", "|{ var x: int; A: x := 1; goto B; B: return x == 1; }|",
    ],
)  # fmt: skip
def test_a_text_without_needless_parentheses_is_printed_as_it_is(text: str) -> None:
    assert expression(parsed_expression(text)) == text


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_name_may_be_spelled_like_any_word(word: str) -> None:
    text = f"procedure P() {{ \\{word}: \\{word} := \\{word}; goto \\{word}; }}"
    program = parsed(text)
    assert difference(parsed(printed(program)), program) is None


PROGRAM = """type {:k} T _0 _1;
type S a b = [a]T b (S a int);
datatype D<a> { C(x: a, {:k} y: int), N() }
const {:k 1} unique c, d: int;
const e: int uses { axiom e > 0; hideable axiom e > 1; }
var {:k} g: [int]int, h: int where h > 0;
function {:inline} f<a>(x: a, y: int) : int { y }
revealed function h(int, {:k} T a) returns (r: real) { 1.5 } uses { axiom true; }
function k() : int;
pure procedure {:k "v"} P<a>({:k} x: a where x == x, n: int) returns (r: int);
  requires n > 0;
  free requires true;
  ensures {:k} r == n;
  modifies g, h;
  measure n, 2;
implementation P<a>(x: a, n: int) returns (r: int)
{
  var {:k} i: int where i > 0;
  i := 0;
 L:
  while (i < n)
    invariant 0 <= i;
    free invariant {:k} true;
    measure n - i;
  {
    if {:k} (*) {
      break L;
    } else if (i == 1) {
      goto L;
    } else {
      call {:k} r, i := P(1, 2);
      async free call P(1, 2);
      call Q() | r := R(3);
    }
    hide *;
    reveal f;
    push;
    pop;
    C(i, r) := {:k} d;
    g[1][2, 3]->f, h := {:k} 1, 2;
  }
  goto {:k} L, M;
 M:
  return {:k};
}
yield procedure Y();
action A() { }
"""


def test_a_program_in_the_form_of_the_printer_is_printed_as_it_is() -> None:
    assert printed(parsed(PROGRAM)) == PROGRAM


def test_calls_in_loops_of_the_concurrency_layer_go_back_to_their_loop() -> None:
    program = parsed("procedure P() { x := 1; while (*) invariant call Y(1); { } }")
    assert "invariant call Y(1);" in printed(program)
    assert difference(parsed(printed(program)), program) is None


def test_a_difference_is_named_with_its_place() -> None:
    left, right = parsed("axiom f(a, b + c);"), parsed("axiom f(a, b - c);")
    assert difference(left, right) == ".declarations[0].expression.arguments[1].operator: '+' and '-'"
    assert difference(parsed("axiom a;"), parsed("axiom 1;")) == ".declarations[0].expression: Identifier and Literal"
    assert difference(parsed("var x: int;"), parsed("var x: int; var y: int;")) == ".declarations: 1 and 2 items"
    assert difference(parsed("procedure P() { goto A; A: }"), parsed("procedure P() { goto B; B: A: }")) is not None
