"""What is proved of floats: which values are floats and no integers, and in which bounds sums and quotients stay."""

import random

import pytest
from verdicts import verdicts

from probatum.lower.floating import is_light

PROVED = {
    "a quotient is a float": """
        def f(x: int, y: int) -> float | None:
            requires(y != 0)
            ensures(lambda r: isinstance(r, float) and not isinstance(r, bool))
            q = x / y
            q += 1
            return q

        def g(x: int) -> float | None:
            ensures(lambda r: isinstance(r, float) == (x > 0))
            return f(x, 2) if x > 0 else None
        """,
    "a float of an integer": """
        def f(n: int) -> float:
            ensures(lambda r: isinstance(r, float))
            return 1 - float(n) if n > 0 else 0.5
        """,
    "a mean of what lies between 0 and 1": """
        def f(xs: list[float], ys: list[float]) -> float:
            requires(xs or ys)
            requires(all(0 <= x <= 1 for x in xs + ys))
            ensures(lambda r: 0 <= r <= 1)
            both = xs + ys + ys
            return sum(both) / len(both)
        """,
    "a mean between other bounds": """
        def f(grades: list[float]) -> float:
            requires(grades and all(g >= -2.5 and 100 >= g for g in grades))
            ensures(lambda r: -2.5 <= r <= 100)
            n = len(grades)
            return sum(grades) / n
        """,
    "items between bounds, and a part of them": """
        def f(xs: list[float]) -> list[float]:
            requires(len(xs) > 0 and all(-1 <= x <= 1 for x in xs))
            ensures(lambda r: all(x <= 1.0 for x in r) and -1 <= xs[0])
            return xs[1:]
        """,
    "a sum of what is not positive": """
        def f(xs: list[float]) -> float:
            requires(len(xs) > 0 and all(x <= 0 for x in xs))
            ensures(lambda r: r <= 0)
            return sum(xs)
        """,
    "a part of a float is no greater": """
        def f(x: float, n: int) -> float:
            requires(x >= 0 and n > 0)
            ensures(lambda r: 0 <= r <= x)
            return x / n
        """,
}

OPEN = {
    "an integer may be given for a float": """
        def f(x: float) -> float:
            ensures(lambda r: isinstance(r, float))
            return x
        """,
    "an integer among floats": """
        def f(x: int, n: int) -> float:
            requires(n != 0)
            ensures(lambda r: isinstance(r, float))
            q = x / n
            if n > 5:
                q = 1
            return q
        """,
    "a bool may be given for a float": """
        def f(x: float) -> bool:
            ensures(lambda r: not r)
            return isinstance(x, bool)
        """,
    "a class says what a quotient is": """
        class Half:
            def __truediv__(self, other: int) -> float:
                return 1

        def f(h: int) -> float:
            ensures(lambda r: isinstance(r, float))
            return h / 2
        """,
    "a method may be overridden": """
        class C:
            def m(self, x: int) -> float:
                ensures(lambda r: isinstance(r, float))
                return x / 2
        """,
    "None is no float": """
        def f(x: int) -> float | None:
            ensures(lambda r: isinstance(r, float))
            return x / 2 if x > 0 else None
        """,
    "a mean of what is rounded may be above the greatest": """
        def f(xs: list[float]) -> float:
            requires(len(xs) > 0)
            ensures(lambda r: r <= max(xs))
            return sum(xs) / len(xs)
        """,
    "a sum of what lies between 0 and 1 may be above 1": """
        def f(xs: list[float]) -> float:
            requires(len(xs) > 0 and all(0 <= x <= 1 for x in xs))
            ensures(lambda r: r <= 1)
            return sum(xs)
        """,
    "a mean below a smaller bound": """
        def f(xs: list[float]) -> float:
            requires(xs and all(-1 <= x <= 100 for x in xs))
            ensures(lambda r: r <= 99)
            return sum(xs) / len(xs)
        """,
    "a mean of numbers that rounding makes greater than each": """
        def f(xs: list[float]) -> float:
            requires(xs and all(x <= 0.1 for x in xs))
            ensures(lambda r: r <= 0.1)
            return sum(xs) / len(xs)
        """,
    "bounds that only some items keep": """
        def f(xs: list[float]) -> float:
            requires(xs and any(0 <= x <= 1 for x in xs))
            ensures(lambda r: 0 <= r)
            return xs[0]
        """,
    "a part of a negative float is greater": """
        def f(x: float, n: int) -> float:
            requires(n > 0)
            ensures(lambda r: r <= x)
            return x / n
        """,
}


def cases(texts):
    """Those with sums take provers long: their floats are compared as bits."""
    return [
        pytest.param(text, id=name, marks=[pytest.mark.slow] if "sum" in text or "x / n" in text else [])
        for name, text in texts.items()
    ]


@pytest.mark.parametrize("text", cases(PROVED))
def test_proved(text):
    assert [one for found in verdicts(text).values() for one in found] == []


@pytest.mark.parametrize("text", cases(OPEN))
def test_not_proved(text):
    assert any(verdicts(text).values())


def test_means_of_floats_lie_between_bounds_of_few_digits():
    r = random.Random(0)
    bounds = [bound for bound in (0.0, 1.0, -2.5, 100.0, -1e5, 0.75, 2.0**-30, 1048575.0) if is_light(bound)]

    for _ in range(2_000):
        bound = r.choice(bounds)
        near = [
            bound,
            bound,
            bound + abs(bound) * r.random() * 2.0 ** -r.randrange(60),
            bound + r.random() * 2.0 ** r.randrange(-9, 99),
        ]
        floats = [r.choice(near) for _ in range(r.choice((1, 2, 3, 7, 50)))]
        assert sum(floats) / len(floats) >= bound
        assert sum(-f for f in floats) / len(floats) <= -bound

    assert len(bounds) == 8


def test_a_mean_may_be_greater_than_each_of_its_numbers_where_they_have_many_digits():
    assert sum([0.1, 0.1, 0.1]) / 3 > 0.1 or not is_light(0.1)
    assert not any(map(is_light, (0.1, 1e300, 1e-300, 1048577.0, float("inf"), float("nan"))))
