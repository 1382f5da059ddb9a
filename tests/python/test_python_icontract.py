"""Contracts of icontract, read from the text alone."""

import ast

import pytest
from readings import messages, shown

from probatum.python.program import Function, Place, Syntax
from probatum.python.reading import read_module

IMPORTS = """\
import icontract
from icontract import require, ensure, snapshot, invariant, DBC, DBCMeta, InvariantCheckEvent
from icontract import require as pre

"""


def function(text: str, name: str = "f") -> Function:
    return read_module(IMPORTS + text, "m.py").functions[name]


def test_decorators_are_the_contract_and_any_exception_may_escape():
    one = function('''
@icontract.require(lambda x: x > 0, "positive", error=ValueError)
@icontract.ensure(lambda x, result: result > x)
def f(x: int) -> int:
    """Adds."""
    return x + 1
''')

    assert one.contract.syntax is Syntax.ICONTRACT
    assert shown(one.contract.requires) == ["x > 0"]
    assert shown(one.contract.ensures) == ["__result__ > x"]
    assert one.contract.requires[0].error == "ValueError"
    assert one.contract.any_raise
    assert [ast.unparse(s) for s in one.body] == ["return x + 1"]
    assert one.problems == ()


def test_conditions_are_evaluated_from_the_last_decorator_to_the_first():
    """So the last guards what the first may ask for: `xs[0]` of an empty list is the condition's own error."""
    one = function("""
@require(lambda xs: xs[0] > 0)
@require(lambda xs: len(xs) > 0)
def f(xs: list[int]) -> int:
    return xs[0]
""")

    assert shown(one.contract.requires) == ["len(xs) > 0", "xs[0] > 0"]


def test_a_clause_is_where_the_author_wrote_the_condition_and_keeps_its_text():
    one = function("""
@pre(
    lambda x, y:
        x > 0
        and y > 0  # both
)
def f(x: int, y: int) -> int:
    return x
""")

    [clause] = one.contract.requires
    assert clause.place == Place(8, 9, 9, 18)
    assert clause.text == "x > 0 and y > 0"


def test_snapshots_are_values_at_entry():
    one = function("""
@snapshot(lambda xs: xs[:])
@snapshot(lambda xs, k: xs[k], name="kept")
@ensure(lambda xs, OLD: len(xs) == len(OLD.xs) and OLD.kept in xs)
def f(xs: list[int], k: int) -> None:
    xs.sort()
""")

    assert shown(one.contract.ensures) == ["len(xs) == len(__old__(xs[:])) and __captured__(xs[k]) in xs"]


def test_a_snapshot_that_a_comprehension_would_capture_is_refused():
    one = function("""
@snapshot(lambda xs: xs[:])
@ensure(lambda ys, OLD: all(xs in OLD.xs for xs in ys))
def f(xs: list[int], ys: list[int]) -> None:
    pass
""")

    assert one.contract.ensures == ()
    assert messages(one) == ["the condition hides a name that it uses: `xs` would be captured"]
    assert one.problems[0].unsupported


@pytest.mark.parametrize(
    ("condition", "meaning"),
    [
        ("positive", "positive(x=x)"),
        ("small", "x < 10"),  # a lambda that has a name
        ("unannotated", "x > 3"),
        ("lambda x, limit=7: x < limit", "x < 7"),
        ("lambda: True", "True"),
        ("lambda x: (half := x // 2, half * 2 == x)[1]", "__let__(x // 2, lambda half: half * 2 == x)"),
        ("lambda x: ((a := x), (b := a + 1), a < b)[-1]", "__let__(x, lambda a: __let__(a + 1, lambda b: a < b))"),
    ],
)
def test_conditions_may_be_lambdas_and_functions(condition: str, meaning: str):
    one = function(f"""
def positive(x: int) -> bool:
    return x > 0

def unannotated(x):
    return x > 3

small = lambda x: x < 10

@require({condition})
def f(x: int) -> int:
    return x
""")

    assert shown(one.contract.requires) == [meaning]
    assert one.problems == ()


@pytest.mark.parametrize(
    ("condition", "message", "unsupported"),
    [
        ("lambda y: y > 0", "the condition asks for `y`, which is not passed to it", False),
        (
            "lambda x: x > limit",
            "the condition means the `limit` of the module, and the function has a parameter of that name",
            True,
        ),
        ("lambda _ARGS: len(_ARGS) == 2", "the condition uses `_ARGS`: all positional arguments of the call", True),
        ("lambda _KWARGS: not _KWARGS", "the condition uses `_KWARGS`: all named arguments of the call", True),
        ("elsewhere.check", "the condition `elsewhere.check` is not a function that can be read here", True),
        ("lambda *args: len(args) == 2", "the condition takes `*args` and uses it", True),
        ("lambda x: x.append(1)", "a contract must not change anything: `.append()` does", False),
        ("lambda x, result: result", "the condition asks for `result`, which is not passed to it", False),
    ],
)
def test_what_a_precondition_cannot_mean_is_said(condition: str, message: str, unsupported: bool):
    one = function(f"""
import elsewhere

limit = 3

@require({condition})
def f(x: int, limit: int) -> int:
    return x
""")

    assert message in messages(one)
    assert [p.unsupported for p in one.problems if p.message == message] == [unsupported]


@pytest.mark.parametrize(
    ("postcondition", "message"),
    [
        ("lambda OLD: OLD.gone == 1", "no snapshot is called `gone`"),
        ("lambda OLD: bool(OLD)", "`OLD` is used as a whole"),
        ("lambda result: print(result)", "a contract must not have side effects: `print()` has"),
    ],
)
def test_what_a_postcondition_cannot_mean_is_said(postcondition: str, message: str):
    one = function(f"""
@ensure({postcondition})
def f(x: int) -> int:
    return x
""")

    assert message in messages(one)


@pytest.mark.parametrize(("switch", "counts"), [("False", False), ("True", True), ("icontract.SLOW", True), ("__debug__", True)])
def test_disabled_contracts_do_not_count(switch: str, counts: bool):
    one = function(f"""
@require(lambda x: x > 0, enabled={switch})
def f(x: int) -> int:
    return x
""")

    assert bool(one.contract.requires) == counts
    assert one.problems == ()


def test_a_switch_that_is_known_only_at_run_time_is_refused():
    one = function("""
import os

@require(lambda x: x > 0, enabled="CHECK" in os.environ)
def f(x: int) -> int:
    return x
""")

    assert [p.unsupported for p in one.problems] == [True]


def test_a_contract_may_have_a_name_before_it_is_applied():
    one = function("""
positive = icontract.require(lambda x: x > 0)

@positive
def f(x: int) -> int:
    return x
""")

    assert shown(one.contract.requires) == ["x > 0"]
    assert one.problems == ()


def test_invariants_and_inheritance_of_classes():
    module = read_module(
        IMPORTS
        + """
@invariant(lambda self: self.x > 0)
@invariant(lambda self: self.x < 10, check_on=InvariantCheckEvent.ALL)
class A(DBC):
    def __init__(self) -> None:
        self.x = 1

class B(metaclass=DBCMeta):
    pass

@invariant(lambda self: True)
class C:
    pass

class D:
    pass
""",
        "m.py",
    )

    a, b, c, d = (module.classes[n] for n in "ABCD")
    assert shown(a.invariants) == ["self.x < 10", "self.x > 0"]
    assert a.invariants_at_assignments
    assert (a.inherits, b.inherits, c.inherits, d.inherits) == ("weaken", "weaken", "", "")
    assert not c.invariants_at_assignments
    assert a.problems == b.problems == ()
    assert d.syntax is Syntax.NONE


def test_an_invariant_that_is_not_checked_at_calls_is_refused():
    module = read_module(
        IMPORTS
        + """
@invariant(lambda self: self.x > 0, check_on=InvariantCheckEvent.SETATTR)
class A:
    pass
""",
        "m.py",
    )

    assert module.classes["A"].invariants == ()
    assert messages(module.classes["A"]) == ["an invariant that is checked on `InvariantCheckEvent.SETATTR` and not at calls"]


@pytest.mark.parametrize(("deep", "count"), [(80, 1), (300, 0)])
def test_a_condition_that_is_nested_too_deep_is_one_clear_problem(deep: int, count: int):
    one = function(f"""
@require(lambda x: {"not " * deep}x)
def f(x: bool) -> bool:
    return x
""")

    assert len(one.contract.requires) == count
    assert len(one.problems) == 1 - count
