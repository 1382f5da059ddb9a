"""Constructs of annotated code that others wrote: what is proved of them, and the twin of each that must not be."""

import pytest
from verdicts import verdicts

PROVED = {
    "a quotient of integers is a float between 0 and 1": """
        def f(a: int, b: int) -> float:
            requires(0 <= a <= b and b > 0)
            ensures(lambda r: 0 <= r <= 1)
            return a / b
        """,
    "small integers become floats exactly": """
        def f(i: int) -> bool:
            requires(abs(i) < 1000)
            ensures(lambda r: r)
            return float(i) == i
        """,
    "a float is not below and above an integer": """
        def f(x: float, i: int) -> bool:
            ensures(lambda r: r)
            return not (x < i and x > i) and not (x == i and x < i)
        """,
    "lists of floats without NaN equal themselves": """
        def f(a: list[float]) -> bool:
            requires(all(x == x for x in a))
            ensures(lambda r: r)
            return a == a[:]
        """,
    "lists of anything equal their parts, since `==` looks at identity first": """
        from typing import TypeVar
        T = TypeVar("T")

        def f(a: list[T]) -> list[T]:
            ensures(lambda r: r[:len(a)] == a and r[-len(a):] == a)
            return a + a
        """,
    "the largest float": """
        def f(xs: list[float]) -> float:
            requires(len(xs) > 0 and all(x == x for x in xs))
            ensures(lambda r: all(x <= r for x in xs) and any(x == r for x in xs))
            return max(xs)
        """,
    "the sum of the same floats": """
        def f(xs: list[float]) -> bool:
            requires(len(xs) > 0 and sum(xs) == sum(xs))
            ensures(lambda r: r)
            return sum(xs + []) == sum(xs)
        """,
    "the absolute value of a float": """
        def f(x: float) -> float:
            requires(x == x)
            ensures(lambda r: r >= 0 and (r == x or r == -x))
            return abs(x)
        """,
    "a float that is not zero divides": """
        def f(x: float) -> float:
            requires(x != 0)
            return 1.0 / x
        """,
    "an `elif True` without an `else`": """
        @pure
        def f(n: int) -> int:
            requires(n >= 0)
            if n == 0:
                return 0
            elif True:
                return f(n - 1) + 2

        def g() -> int:
            ensures(lambda r: r == f(1))
            return 2
        """,
    "a tuple is a sequence": """
        from typing import Sequence

        def f(n: int) -> Sequence[int]:
            ensures(lambda r: len(r) == 2 and r[0] == n)
            return (n, 2)

        def g(xs: Sequence[int]) -> int:
            ensures(lambda r: r == sum(xs))
            return sum(xs)

        def h(n: int) -> int:
            ensures(lambda r: r == n + 2)
            return g((n, 2))
        """,
    "a sequence that is a list equals a list": """
        from typing import Sequence

        def f(xs: Sequence[int]) -> bool:
            requires(isinstance(xs, list) and len(xs) == 1 and xs[0] == 1)
            ensures(lambda r: r)
            return xs == [1]
        """,
    "lists in a list are none that is created later": """
        def f(rows: list[list[int]]) -> list[int]:
            ensures(lambda r: True)
            kept: list[int] = []
            for row in rows:
                for item in row:
                    kept.append(item)
            return kept
        """,
    "what a comprehension calls on its own variable": """
        def f(lines: list[str]) -> list[int]:
            requires(all("," in line for line in lines))
            ensures(lambda r: len(r) == len(lines) and all(i >= 0 for i in r))
            return [line.index(",") for line in lines]
        """,
    "the sum without the last item": """
        def f(xs: list[int]) -> int:
            requires(len(xs) > 0)
            modifies(xs)
            ensures(lambda r: sum(xs) + r == sum(old(xs)))
            return xs.pop()
        """,
    "recursion over the rest of a tuple": """
        def f(xs: tuple[int, ...]) -> int:
            requires(len(xs) > 0)
            ensures(lambda r: all(r <= x for x in xs))
            if len(xs) == 1:
                return xs[0]
            return min(xs[0], f(xs[1:]))
        """,
}

NOT_PROVED = {
    "a sequence may be a tuple, which equals no list": """
        from typing import Sequence

        def f(xs: Sequence[int]) -> bool:
            requires(len(xs) == 1 and xs[0] == 1)
            ensures(lambda r: r)
            return xs == [1]
        """,
    "nor does a part of it": """
        from typing import Sequence

        def f(xs: Sequence[int]) -> bool:
            ensures(lambda r: r)
            return xs[:] == list(xs)
        """,
    "a part of a sequence may be a list": """
        from typing import Sequence

        def f(xs: Sequence[int]) -> bool:
            ensures(lambda r: not r)
            return isinstance(xs[:], list)
        """,
    "a range equals no tuple": """
        def f(xs: tuple[int, ...]) -> bool:
            requires(len(xs) == 1 and xs[0] == 0)
            ensures(lambda r: r)
            return range(1) == xs
        """,
    "a list in a list may be the one that grows": """
        def f(rows: list[list[int]], kept: list[int]) -> None:
            modifies(kept)
            for row in rows:
                for item in row:
                    kept.append(item)
        """,
    "recursion over the same tuple": """
        def f(xs: tuple[int, ...]) -> int:
            requires(len(xs) > 0)
            return f(xs[0:])
        """,
    "a quotient of integers needs a divisor": """
        def f(a: int, b: int) -> float:
            requires(0 <= a <= b)
            return a / b
        """,
    "large integers become other numbers": """
        def f(i: int) -> bool:
            ensures(lambda r: r)
            return float(i) == i
        """,
    "NaN is below and above nothing": """
        def f(x: float, i: int) -> bool:
            ensures(lambda r: r)
            return x < i or x == i or x > i
        """,
    "NaN is not equal to itself": """
        def f(x: float) -> bool:
            ensures(lambda r: r)
            return x == x
        """,
    "nor unequal in a tuple, where it may be one object": """
        def f(x: float) -> bool:
            ensures(lambda r: r)
            return (x, 1) != (x, 1) or x == x
        """,
    "nor equal in a list, where it may be two": """
        def f(x: float, y: float) -> bool:
            requires(y > 0)
            ensures(lambda r: r)
            return [x / y] == [x / y]
        """,
    "two lists of anything may differ": """
        from typing import TypeVar
        T = TypeVar("T")

        def f(a: list[T], b: list[T]) -> bool:
            requires(len(a) == len(b))
            ensures(lambda r: r)
            return a == b
        """,
    "with a NaN the largest float is not": """
        def f(xs: list[float]) -> float:
            requires(len(xs) > 0)
            ensures(lambda r: all(x <= r for x in xs))
            return max(xs)
        """,
    "the sum of no floats is no float": """
        def f(xs: list[float]) -> float:
            return sum(xs)
        """,
    "minus zero is zero": """
        def f(x: float) -> float:
            requires(x >= 0 or x < 0)
            return 1.0 / -x
        """,
    "the quotient 0 / -1 is -0.0, by which nothing is divided": """
        def f(a: int, b: int) -> float:
            requires(b < 0 and a <= 0)
            return 1.0 / (a / b)
        """,
}


@pytest.mark.parametrize("name", PROVED)
def test_is_proved(name):
    assert {function: found for function, found in verdicts(PROVED[name]).items() if found} == {}


@pytest.mark.parametrize("name", NOT_PROVED)
def test_is_not_proved(name):
    assert any(found for found in verdicts(NOT_PROVED[name]).values())
