"""Claims that CPython breaks where a value is known on one way through an expression, or in one place of a module, and not on all."""

import textwrap

import pytest
from verdicts import runs_into, verdicts

OPTIONAL = """
        class Box:
            def __init__(self, v: int | None) -> None:
                self.v: int | None = v

            def reset(self) -> bool:
                modifies(self.v)
                self.v = None
                return True

        def nothing(n: int) -> int | None:
            ensures(lambda r: r is None)
            return None

        def there(n: int) -> bool:
            ensures(lambda r: r == (n == 1))
            return n == 1
        """

TRAPS = {
    "what a second operand of `and` does is done behind it": """
        def f(b: Box, c: bool) -> None:
            modifies(b.v)
            if b.v is not None:
                done = c and b.reset()
                assert b.v is not None
        """,
    "what a second operand of `or` does is done behind it": """
        def f(b: Box, c: bool) -> None:
            modifies(b.v)
            if b.v is not None:
                done = (not c) or b.reset()
                assert b.v is not None
        """,
    "a name that an operand binds has another value behind it": """
        def f(b: Box, c: bool) -> None:
            x: int | None = 1
            if x is not None:
                done = c and (x := nothing(1)) is None
                assert x is not None
        """,
    "a number that an operand binds may be a bool": """
        def f(b: Box, c: bool) -> None:
            x: int = 1
            done = there(1) and (x := c)
            assert not isinstance(x, bool)
        """,
    "what a first operand does is done behind the others": """
        def f(b: Box, c: bool) -> None:
            modifies(b.v)
            if b.v is not None:
                done = (c and b.reset()) or False
                assert b.v is not None
        """,
    "what gives the items of a comprehension is done behind it": """
        def items(b: Box) -> list[int]:
            modifies(b.v)
            b.v = None
            return [1]

        def f(b: Box, c: bool) -> None:
            modifies(b.v)
            if b.v is not None:
                done = [x + 1 for x in items(b)]
                assert b.v is not None
        """,
    "what gives the items for `any` is done behind it": """
        def items(b: Box) -> list[int]:
            modifies(b.v)
            b.v = None
            return [1]

        def f(b: Box, c: bool) -> None:
            modifies(b.v)
            if b.v is not None:
                done = any(x == 1 for x in items(b))
                assert b.v is not None
        """,
    "what a branch of a choice does is done behind it": """
        def f(b: Box, c: bool) -> None:
            modifies(b.v)
            if b.v is not None:
                done = b.reset() if c else True
                assert b.v is not None
        """,
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_only_some_ways_through_an_expression_keep_is_not_known_behind_it(trap: str) -> None:
    text = textwrap.dedent(OPTIONAL) + textwrap.dedent(TRAPS[trap])
    runs_into(text, "f(Box(1), True)", AssertionError)
    assert verdicts(text)["f"]


def test_what_every_way_through_an_expression_keeps_is_known_behind_it() -> None:
    text = (
        textwrap.dedent(OPTIONAL)
        + """
def f(x: int | None, c: bool) -> None:
    if x is not None:
        done = c and there(1)
        more = there(2) if c else there(3)
        assert x is not None
        assert x + 1 > x
"""
    )
    assert verdicts(text)["f"] == []


def test_what_one_method_of_several_does_to_a_name_is_known_as_little_behind_the_call() -> None:
    text = textwrap.dedent(OPTIONAL) + textwrap.dedent("""
        class A:
            def m(self, n: int | None) -> int:
                return 1

        class B:
            def m(self, n: int | None) -> int:
                return 2

        def f(u: A | B) -> None:
            x: int | None = 1
            if x is not None:
                u.m(x := nothing(1))
                assert x is not None
        """)
    assert verdicts(text)["f"]


# Text of numbers

WRITTEN = {
    "a variable": "x: int = c\n    assert str(x) == '1'",
    "a literal": "x: int = True\n    assert str(x) == '1'",
    "an f-string": "x: int = c\n    assert f'{x}' == '1'",
    "an item": "xs: list[int] = [c]\n    assert str(xs[0]) == '1'",
    "a key": "d: dict[int, int] = {c: 5}\n    for k in d:\n        assert str(k) != 'True'",
    "the greater of two": "x = max(c, 0)\n    assert str(x) == '1'",
    "a choice": "x = 1 if not c else True\n    assert str(x) == '1'",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_bool_that_a_function_takes_for_an_integer_is_written_as_a_bool(name: str) -> None:
    text = f"def f(c: bool) -> None:\n    requires(c)\n    {WRITTEN[name]}\n"
    runs_into(text, "f(True)", AssertionError)
    assert verdicts(text)["f"]


def test_what_arithmetic_makes_of_bools_is_written_as_a_number() -> None:
    text = """
        def f(c: bool, d: bool) -> None:
            n: int = c
            m = n + d
            assert implies(m == 2, str(m) == str(1 + 1))
            assert str(len([c])) == str(1)
            k = int(c)
            assert implies(c, str(k) == str(1))
        """
    assert verdicts(text)["f"] == []


def test_an_integer_of_a_bool_is_another_object() -> None:
    text = """
        def f(n: int) -> None:
            assert int(n) is n
        """
    assert verdicts(text)["f"]


# Modules


def test_one_list_with_two_names_is_one_list() -> None:
    text = """
        a = b = [1]
        c = [1]

        def same() -> None:
            assert a is not b

        def other() -> None:
            assert a is not c
        """
    found = verdicts(text)
    assert found["same"]
    assert found["other"] == []


@pytest.mark.parametrize("value", ["[0] * 3", "[1] + [2]", "[i for i in range(3)]", "'a b'.split()"])
def test_a_list_that_a_name_shares_is_not_made_anew_wherever_it_is_mentioned(value: str) -> None:
    text = f"""
        shared = {value}

        class C:
            own = {value}

        def of_module() -> None:
            xs = shared
            xs.pop()
            assert len(shared) == len({value})

        def pop(xs: list[int]) -> None:
            requires(len(xs) > 0)
            modifies(xs)
            xs.pop()

        def of_class() -> None:
            pop(C.own)
            assert len(C.own) == len({value})
        """
    found = verdicts(text)
    assert found["of_module"]
    assert found["of_class"]


def test_a_list_that_nothing_changes_is_what_was_written() -> None:
    text = """
        squares = [i * i for i in range(4)]

        class C:
            zeros = [0] * 3

        def f() -> None:
            assert squares[2] == 4 and len(squares) == 4
            assert len(C.zeros) == 3
        """
    assert verdicts(text)["f"] == []


def test_a_name_that_a_block_binds_which_may_be_left_early_may_have_no_value() -> None:
    text = """
        from contextlib import suppress

        with suppress(ValueError):
            number = int("a")

        def f() -> None:
            assert number == number
        """
    assert verdicts(text)["f"]


def test_a_variable_that_an_inner_function_assigns_may_hold_an_integer() -> None:
    text = """
        def outer(n: int) -> float:
            x = 1.5

            def inner() -> None:
                nonlocal x
                x = n

            inner()
            return x

        def f() -> None:
            assert isinstance(outer(3), float)
        """
    assert verdicts(text)["f"]
