"""Functions that look for something in a loop, or gather it, mean the same in contracts as with `any`, `sum` and comprehensions."""

import ast
import itertools

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind
from probatum.lower.searching import without_loops

FUNCTIONS = """
    def is_sorted(xs: list[int]) -> bool:
        for i in range(len(xs) - 1):
            if xs[i] > xs[i + 1]:
                return False
        return True
    def has(xs: list[int], x: int) -> bool:
        for y in xs:
            if y == x:
                return True
        else:
            return False
    def distinct(xs: list[int]) -> bool:
        for i in range(len(xs)):
            for j in range(i):
                if xs[i] != xs[j]:
                    continue
                return False
        return True
    def small(xs: list[int]) -> bool:
        found = True
        for x in xs:
            if x > 9:
                found = False
                break
        return found
    def positive(xs: list[int]) -> list[int]:
        ys = []
        for x in xs:
            if x > 0:
                ys.append(x)
        return ys
    def too_far(xs: list[int]) -> bool:
        for i in range(len(xs)):
            if xs[i] > xs[i + 1]:
                return False
        return True
    def count(xs: list[int], x: int) -> int:
        n = 0
        for y in xs:
            if y == x:
                n += 1
        return n
    def last_one(xs: list[int]) -> int:
        for x in xs:
            if x > 3:
                return 1
        return x
"""


def test_a_loop_that_looks_for_something_is_known_to_contracts() -> None:
    found = verdicts(
        FUNCTIONS
        + """
    def second(xs: list[int]) -> int:
        requires(is_sorted(xs) and len(xs) > 1)
        ensures(result() <= xs[1])
        return xs[0]
    def smaller(xs: list[int]) -> int:
        requires(is_sorted(xs) and len(xs) > 1)
        ensures(result() < xs[1])
        return xs[0]
    def at(xs: list[int], x: int) -> int:
        ensures(implies(has(xs, x), result() >= 0))
        for i in range(len(xs)):
            invariant(forall(range(i), lambda j: xs[j] != x))
            if xs[i] == x:
                return i
        return -1
    def not_at(xs: list[int], x: int) -> int:
        ensures(implies(has(xs, x), result() < 0))
        for i in range(len(xs)):
            if xs[i] == x:
                return i
        return -1
    def differ(xs: list[int]) -> None:
        requires(distinct(xs) and len(xs) > 2)
        check(xs[0] != xs[2])
    def agree(xs: list[int]) -> None:
        requires(distinct(xs) and len(xs) > 2)
        check(xs[0] == xs[2])
    def digit(xs: list[int]) -> None:
        requires(small(xs) and len(xs) > 0)
        check(xs[0] <= 9)
        check(xs[0] < 9)
    def kept(xs: list[int]) -> None:
        requires(len(positive(xs)) > 0)
        check(positive(xs)[0] > 0)
        check(positive(xs)[0] > 1)
    """
    )
    assert (found["second"], found["at"], found["differ"]) == ([], [], [])
    assert [k for k, _ in found["smaller"]] == [Kind.POSTCONDITION]
    assert [k for k, _ in found["not_at"]] == [Kind.POSTCONDITION]
    assert found["agree"] == [(Kind.ASSERTION, "xs[0] == xs[2]")]
    assert found["digit"] == [(Kind.ASSERTION, "xs[0] < 9")]
    assert found["kept"] == [(Kind.ASSERTION, "positive(xs)[0] > 1")]


def test_what_such_a_loop_may_raise_is_an_obligation_of_the_contract() -> None:
    found = verdicts(
        FUNCTIONS
        + """
    def f(xs: list[int]) -> None:
        requires(len(xs) > 2)
        check(too_far(xs) or True)
    def g(xs: list[int]) -> None:
        requires(len(xs) == 0)
        check(too_far(xs))
    """
    )
    assert [k for k, _ in found["f"]] == [Kind.DEFINED]
    assert found["g"] == []


def test_a_loop_whose_variable_is_used_behind_it_is_none_of_these() -> None:
    found = verdicts(
        FUNCTIONS
        + """
    def f(xs: list[int]) -> None:
        requires(last_one(xs) == 1)
    """
    )
    assert "unsupported" in found["f"][0][1]


def test_where_any_means_something_else_no_loop_becomes_a_call_of_it() -> None:
    found = verdicts(
        FUNCTIONS
        + """
    def any(x: object) -> bool:
        return False
    def f(xs: list[int]) -> None:
        requires(has(xs, 1))
        check(False)
    """
    )
    assert found["f"] != []


def test_a_function_that_may_raise_undeclared_promises_nothing_where_it_does() -> None:
    found = verdicts(
        """
    from icontract import ensure, require
    @ensure(lambda x, result: result * result == x)
    def root(x: int) -> int:
        return 1 // (1 if x == 4 else 0) * 2
    @require(lambda x: x == 3 or root(2) == 2)
    @ensure(lambda x, result: result == 5)
    def wrong(x: int) -> int:
        return 4
    @require(lambda x: x == 4)
    @ensure(lambda x: root(x) == 2)
    def right(x: int) -> int:
        return 4
    """
    )
    assert found["root"] == []
    assert found["right"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.POSTCONDITION]


@pytest.mark.parametrize("name", ["is_sorted", "has", "distinct", "small", "positive", "count"])
def test_in_cpython_the_expression_computes_what_the_loop_does(name: str) -> None:
    tree = ast.parse("if True:\n" + FUNCTIONS)
    [definitions] = tree.body
    node = next(s for s in definitions.body if s.name == name)
    shorter = without_loops(node.body)
    assert shorter is not None
    plain, changed = {}, {}
    exec(compile(ast.fix_missing_locations(ast.Module([node], [])), "loop", "exec"), plain)  # noqa: S102 - the text above
    other = ast.FunctionDef(name, node.args, shorter, [], node.returns)
    module = ast.fix_missing_locations(ast.Module([ast.copy_location(other, node)], []))
    exec(compile(module, "expression", "exec"), changed)  # noqa: S102 - the text above
    for n in range(4):
        for xs in itertools.product([-1, 0, 3, 12], repeat=n):
            arguments = (list(xs), 3) if name in ("has", "count") else (list(xs),)
            assert plain[name](*arguments) == changed[name](*arguments)
