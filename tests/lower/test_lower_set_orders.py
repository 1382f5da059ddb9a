"""Orders of sets: each set has one until it changes, and equal sets may have different ones."""

import pytest
from verdicts import runs_into, verdicts

PROVED = {
    "one set has one order": """
        def f(s: set[int]) -> bool:
            ensures(lambda r: r)
            return list(s) == list(s)
    """,
    "what a function returns is what its contract says of the set": """
        def f(s: set[int]) -> list[int]:
            ensures(lambda r: r == list(s))
            return [x for x in s]
    """,
    "members come in some order": """
        def f(s: set[int], t: set[int]) -> list[int]:
            ensures(lambda r: set(r) == s | t and len(r) == len(s) + len(t))
            return list(s) + list(t)
    """,
    "a sum does not depend on the order": """
        def f(s: set[int], t: set[int]) -> bool:
            requires(s == t)
            ensures(lambda r: r)
            return sum(s) == sum(t) and sorted(s) == sorted(t) and sum(list(t)) == sum(s)
    """,
}
# What is wrong, and the call that breaks it.
WRONG = {
    "equal sets in one order": (
        """
        def f(s: set[int], t: set[int]) -> None:
            requires(s == t)
            assert list(s) == list(t)
        """,
        "f({0, 8}, {8, 0})",
    ),
    "sets that were written in another order": (
        """
        def f() -> None:
            assert list({0, 8}) == list({8, 0})
        """,
        "f()",
    ),
    "frozen sets": (
        """
        def f(s: frozenset[int], t: frozenset[int]) -> None:
            requires(s == t)
            assert tuple(s) == tuple(t)
        """,
        "f(frozenset({0, 8}), frozenset({8, 0}))",
    ),
    "a set that is made anew under the same name": (
        """
        def f() -> None:
            s = {0, 8}
            a = list(s)
            s = {8, 0}
            assert list(s) == a
        """,
        "f()",
    ),
    "a set that lost members and got them back": (
        """
        def f(s: set[int]) -> None:
            requires(1 in s and 3 in s)
            a = list(s)
            s.remove(3)
            s.remove(1)
            s.add(3)
            s.add(1)
            assert list(s) == a
        """,
        "f({3, 1, 8})",
    ),
    "the first member": (
        """
        def f(s: set[int], t: set[int]) -> None:
            requires(s == t and len(s) > 0)
            assert next(iter(s)) == next(iter(t))
        """,
        "f({0, 8}, {8, 0})",
    ),
    "a pure function of two sets": (
        """
        @pure
        def listed(s: set[int]) -> list[int]:
            return list(s)

        def f(s: set[int], t: set[int]) -> None:
            requires(s == t)
            assert listed(s) == listed(t)
        """,
        "f({0, 8}, {8, 0})",
    ),
    "the order of equal keys": (
        """
        def f(s: set[int], t: set[int]) -> None:
            requires(s == t)
            assert sorted(s, key=lambda x: x % 8) == sorted(t, key=lambda x: x % 8)
        """,
        "f({0, 8}, {8, 0})",
    ),
}


@pytest.mark.parametrize("text", PROVED.values(), ids=PROVED)
def test_orders_that_are_certain_are_proved(text):
    assert verdicts(text)["f"] == []


@pytest.mark.parametrize(("text", "call"), WRONG.values(), ids=WRONG)
def test_orders_that_are_open_are_not_proved(text, call):
    runs_into(text, call, AssertionError)
    assert verdicts(text)["f"] != []
