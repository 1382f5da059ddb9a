"""Contracts of deal, read from the text alone."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import messages, shown

from probatum.python.contracts.deal import _valid
from probatum.python.program import Function, Syntax
from probatum.python.reading import read_module

IMPORTS = "import deal\nfrom deal import pre as expects\n"


def function(text: str, name: str = "f") -> Function:
    return read_module(IMPORTS + text, "m.py").functions[name]


def raising(one: Function):
    return [(ast.unparse(r.exception), shown(r.ensures), r.exact) for r in one.contract.raises]


def test_decorators_are_the_contract():
    one = function('''
@deal.pre(lambda xs, k: k >= 0, message="not negative", exception=LookupError)
@expects(lambda xs, k: k < len(xs))
@deal.post(lambda r: r > 0)
@deal.ensure(lambda xs, k, result: result in xs)
def f(xs: list[int], k: int) -> int:
    """Gets."""
    return xs[k]
''')

    assert one.contract.syntax is Syntax.DEAL
    assert shown(one.contract.requires) == ["k < len(xs)", "k >= 0"]  # the last decorator applies first
    assert [c.error for c in one.contract.requires] == ["", "LookupError"]
    assert shown(one.contract.ensures) == ["__result__ > 0", "__result__ in xs"]
    assert one.contract.any_raise
    assert [ast.unparse(s) for s in one.body] == ["return xs[k]"]
    assert one.problems == ()


@pytest.mark.parametrize(
    ("condition", "meaning"),
    [
        ("lambda _: _.a > _['b']", "a > b"),
        ("lambda x, y: x > y", "a > b"),  # called with what the caller passed, by position
        ("lambda a, b: a > b", "a > b"),
        ("lambda a, *args, **kwargs: a > 1", "a > 1"),
        ("lambda *args, **kwargs: True", "True"),
        ("ordered", "ordered(x=a, y=b)"),
        ("lambda a, b: deal.implies(a > 0, b > 0)", "__implies__(a > 0, b > 0)"),
    ],
)
def test_validators_get_the_arguments_by_position_or_in_one(condition: str, meaning: str):
    one = function(f"""
def ordered(x: int, y: int) -> bool:
    return x < y

@deal.pre({condition})
def f(a: int, b: int) -> int:
    return a
""")

    [clause] = one.contract.requires
    if condition == "ordered":  # it might return a string, which would be a message
        assert ast.unparse(clause.expression) == f"__let__({meaning}, lambda value: value and (not isinstance(value, str)))"
    else:
        assert ast.unparse(clause.expression) == meaning
    assert one.problems == ()


def test_implies_evaluates_both_sides():
    """In deal it is a plain function: a conclusion that raises, raises even where the test fails."""
    one = function("""
@deal.pre(lambda a, b: deal.implies(b != 0, a / b > 1))
def f(a: int, b: int) -> int:
    return a
""")

    [text] = shown(one.contract.requires)
    assert text == "__let__(b != 0, lambda tested: __let__(a / b > 1, lambda concluded: __implies__(tested, concluded)))"


@pytest.mark.parametrize(
    ("condition", "meaning"),
    [
        ("a > 0 or 'a must be positive'", "a > 0"),
        ("a > 0 or b > 0 or f'{a}'", "a > 0 or b > 0"),
        ("'never' if a > 0 else True", "False if a > 0 else True"),
        ("a > 0 and len(b)", "a > 0 and len(b)"),
        ("a", "__let__(a, lambda value: value and (not isinstance(value, str)))"),
    ],
)
def test_a_string_is_a_failure(condition: str, meaning: str):
    one = function(f"""
@deal.pre(lambda a, b: {condition})
def f(a: int, b: list[int]) -> int:
    return a
""")

    assert shown(one.contract.requires) == [meaning]


_values = st.sampled_from(["0", "1", "''", "'no'", "True", "None", "[]", "[0]", "len('ab')", "1 < 2", "x", "y", "not x"])
_expressions = st.recursive(
    _values,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(_expressions, st.sampled_from([0, 1, "", "s"]), st.sampled_from([0, 1, "", "s"]))
def test_what_is_accepted_is_what_deal_accepts(text: str, x: object, y: object):
    """The library: a string is a message of failure, otherwise what is true is accepted."""
    written = ast.parse(text, mode="eval").body
    names = {"x": x, "y": y, "__let__": lambda value, then: then(value)}
    given_ = eval(text, names)  # noqa: S307 - the expressions above

    read = _valid(written, written)

    accepted = eval(compile(ast.fix_missing_locations(ast.Expression(read)), "read", "eval"), names)  # noqa: S307 - the expression is the one above
    assert bool(accepted) == (bool(given_) and not isinstance(given_, str))


@pytest.mark.parametrize(
    ("decorators", "expected", "any_"),
    [
        (["@deal.raises(ValueError, KeyError)"], [("ValueError", [], True), ("KeyError", [], True)], False),
        (["@deal.safe"], [], False),
        (["@deal.safe()"], [], False),
        (["@deal.pure"], [], False),
        (["@deal.raises()"], [], False),
        (["@deal.raises(ValueError, KeyError)", "@deal.raises(KeyError)"], [("KeyError", [], True)], False),
        (["@deal.reason(ValueError, lambda _: _.x < 0)"], [("ValueError", ["x < 0"], True)], True),
        (["@deal.reason(ValueError, lambda x: x < 0)", "@deal.raises(ValueError)"], [("ValueError", ["x < 0"], True)], False),
        (["@deal.reason(ValueError, lambda x: x < 0)", "@deal.safe"], [], False),
        (["@deal.has('io')"], [], True),
    ],
)
def test_exceptions_are_of_exactly_the_classes_that_are_named(decorators: list[str], expected: object, any_: bool):
    one = function("\n".join(decorators) + "\ndef f(x: int) -> int:\n    return x\n")

    assert raising(one) == expected
    assert one.contract.any_raise == any_
    assert one.problems == ()


def test_chained_contracts_apply_from_the_first_to_the_last_and_may_have_a_name():
    one = function("""
positive = deal.chain(deal.pre(lambda x: x > 0), deal.pre(lambda x: x < 9), deal.safe)

@positive
@deal.example(lambda: f(1) == 1)
def f(x: int) -> int:
    return x
""")

    assert shown(one.contract.requires) == ["x > 0", "x < 9"]
    assert not one.contract.any_raise
    assert one.problems == ()


@pytest.mark.parametrize(
    ("decorator", "message"),
    [
        ("@deal.pre(lambda b, a: a > b)", "the condition of `deal.pre` takes the parameters in another order"),
        ("@deal.pre(lambda a: a > 0)", "the condition of `deal.pre` does not take `b`"),
        ("@deal.pre(lambda a, b, c: a > 0)", "the condition of `deal.pre` asks for `c`"),
        ("@deal.pre(lambda _: _.c > 0)", "the condition asks for `c`, which is not passed to it"),
        ("@deal.pre(lambda _: bool(_))", "`_` is used as a whole"),
        ("@deal.post(lambda _: _ > 0)", "a condition of `deal.post` that is called `_` gets the arguments"),
        ("@deal.pre(lambda a, b=2: a > b)", "`b` has another default value in the condition"),
        ("@deal.pre(lambda *args: len(args) > 1)", "the condition of `deal.pre` takes `*args` and uses it"),
        ("@deal.dispatch", "`deal.dispatch` of deal"),
        ("@deal.pre(schemes.Scheme())", "the condition of `deal.pre` `schemes.Scheme()` is not a function"),
        ("@deal.chain(unknown)", "`unknown` of deal"),
    ],
)
def test_what_cannot_be_read_is_said(decorator: str, message: str):
    one = function(f"""
import schemes

{decorator}
def f(a: int, b: int = 1) -> int:
    return a
""")

    assert any(m.startswith(message) for m in messages(one))


def test_invariants_hold_after_every_assignment_and_are_not_inherited():
    module = read_module(
        IMPORTS
        + """
@deal.inv(lambda _: _.x > 0)
@deal.inv(lambda video: video.x < 10 or "too much")
class A:
    x: int = 1

class B(A):
    @deal.inherit
    @deal.post(lambda r: r > 0)
    def m(self) -> int:
        return 1
""",
        "m.py",
    )

    a, b = module.classes["A"], module.classes["B"]
    assert shown(a.invariants) == ["self.x < 10", "self.x > 0"]
    assert a.invariants_at_assignments
    assert b.invariants == ()
    assert b.methods["m"].contract.inherits == "add"
