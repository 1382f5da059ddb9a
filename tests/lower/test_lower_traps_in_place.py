"""Claims that CPython breaks where an object is changed in place, a name loses its value, or a class gives an attribute one."""

import textwrap

import pytest
from verdicts import HEADER, verdicts

# What is wrong, the function `f` with the wrong claim, and how a call of it ends.
TRAPS = {
    "a list that is repeated in place is the same list": (
        """
        def f() -> None:
            a = [1]
            b = a
            b *= 2
            assert len(a) == 1
        """,
        AssertionError,
    ),
    "a list that an attribute holds is repeated in place": (
        """
        class C:
            def __init__(self) -> None:
                self.xs = [1]

        def f() -> None:
            c = C()
            xs = c.xs
            c.xs *= 0
            assert len(xs) == 1
        """,
        AssertionError,
    ),
    "a loop that repeats a list in place changes it": (
        """
        def f() -> None:
            a = [1]
            b = a
            for _ in range(1):
                b *= 2
            assert len(a) == 1
        """,
        AssertionError,
    ),
    "a sequence may be a list that `+=` changes": (
        """
        from typing import Sequence

        def extend(xs: Sequence[int]) -> None:
            ensures(len(xs) == old(len(xs)))
            xs += [1]

        def f() -> None:
            xs = [1]
            extend(xs)
            assert len(xs) == 1
        """,
        AssertionError,
    ),
    "nothing is added to None": (
        """
        def f(xs: list[int] | None = None) -> None:
            modifies(xs)
            xs += [1]
        """,
        TypeError,
    ),
    "a name that a function deletes is one of its own": (
        """
        x = 1

        def f() -> None:
            del x
        """,
        UnboundLocalError,
    ),
    "a name is deleted once": (
        """
        def f() -> None:
            x = 1
            del x
            del x
        """,
        UnboundLocalError,
    ),
    "the second round has no value for what the first one deleted": (
        """
        def f() -> None:
            x = 1
            for _ in range(2):
                y = x
                del x
        """,
        UnboundLocalError,
    ),
    "the second round has no value for the name of an exception": (
        """
        def f() -> None:
            x: object = 1
            for _ in range(2):
                y = x
                try:
                    raise ValueError
                except ValueError as x:
                    pass
        """,
        UnboundLocalError,
    ),
    "a class gives an attribute a value of another type": (
        """
        class E:
            pass

        class A:
            x: int = E()

        def f() -> None:
            y = A().x + 1
        """,
        TypeError,
    ),
    "a class gives an attribute what a function returns": (
        """
        def text() -> str:
            return "a"

        class A:
            x: int = text()

        def f() -> None:
            y = A().x + 1
        """,
        TypeError,
    ),
    "a class gives an attribute a descriptor": (
        """
        class D:
            def __init__(self) -> None:
                self.v = 1

            def __get__(self, instance: object, owner: object) -> int:
                return 5

        class A:
            x: D = D()

        def f() -> None:
            a = A()
            assert a.x.v == a.x.v
        """,
        AttributeError,
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_claim_about_places_that_a_run_breaks_is_not_proved(trap: str) -> None:
    text, exception = TRAPS[trap]
    names: dict[str, object] = {"__name__": "m"}
    exec(compile(HEADER + textwrap.dedent(text), "m", "exec"), names)  # noqa: S102 - texts of this file
    with pytest.raises(exception):
        eval("f()", names)  # noqa: S307 - texts of this file
    assert any(verdicts(text).values())


def test_a_list_that_is_repeated_in_place_holds_its_items_as_often() -> None:
    text = """
        def f(xs: list[int]) -> None:
            modifies(xs)
            ensures(len(xs) == 2 * old(len(xs)))
            xs *= 2

        def g() -> None:
            a = [1, 2]
            b = a
            b *= 2
            assert a == [1, 2, 1, 2] and a is b
            b *= -1
            assert a == []

        def h(xs: list[int] | None) -> None:
            modifies(xs)
            if xs is not None:
                xs += [1]
                assert len(xs) > 0
        """
    assert not any(verdicts(text).values())


def test_a_name_that_is_deleted_may_be_bound_again() -> None:
    text = """
        def f(n: int) -> None:
            x = 1
            del x
            for i in range(n):
                x = i
                del x
            x = 2
            assert x == 2
        """
    assert not any(verdicts(text).values())


def test_values_that_classes_give_attributes_are_of_the_declared_types() -> None:
    text = """
        class E:
            pass

        def three() -> int:
            ensures(lambda r: r == 3)
            return 3

        class A:
            e: E = E()
            o: E | None = E()
            k: int = three()
            xs: list[int] = []
            d: dict[str, int] = {"a": 1}
            t: tuple[int, str] = (1, "a")
            s: set[int] = set()
            n: float = -1.0

        def f() -> None:
            a = A()
            assert a.k + 1 > a.k
        """
    assert not any(verdicts(text).values())


def test_a_tuple_is_reversed() -> None:
    text = """
        def f(a: int, b: str) -> None:
            assert (a, b)[::-1] == (b, a)
        """
    assert not any(verdicts(text).values())
