"""Recursion through operators, subscripts, `with` and conversions must end, too; what they change is seen."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

NEVER_ENDING = {
    "with": "def __enter__(self) -> 'A':\n        ensures(False)\n        with self:\n            pass\n        return self",
    "+": "def __add__(self, other: 'A') -> 'A':\n        ensures(False)\n        return self + other",
    "+ of what a list holds": "def __add__(self, others: list['A']) -> 'A':\n        ensures(False)\n        return others[0] + others",
    "+ of a local variable": "def __add__(self, other: 'A') -> 'A':\n        ensures(False)\n        x = other\n        return x + other",
    "+=": "def __iadd__(self, n: int) -> 'A':\n        ensures(False)\n        self += n\n        return self",
    "-": "def __neg__(self) -> 'A':\n        ensures(False)\n        return -self",
    "len": "def __len__(self) -> int:\n        ensures(False)\n        return len(self)",
    "not": "def __bool__(self) -> bool:\n        ensures(False)\n        return not not self",
    "a condition": "def __bool__(self) -> bool:\n        ensures(False)\n        if self:\n            return True\n        return False",
    "an item": "def __getitem__(self, k: int) -> int:\n        ensures(False)\n        return self[k]",
    "an assignment to an item": "def __setitem__(self, k: int, v: int) -> None:\n        ensures(False)\n        self[k] = v",
    "a call of the instance": "def __call__(self, k: int) -> int:\n        ensures(False)\n        return self(k)",
    "text": "def __str__(self) -> str:\n        ensures(False)\n        return f'{self}'",
}


@pytest.mark.parametrize("name", NEVER_ENDING)
def test_recursion_that_no_call_shows_is_not_taken_to_end(name: str):
    found = verdicts(
        f"""
class A:
    def __init__(self) -> None:
        self.x = 0

    {NEVER_ENDING[name]}

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        ensures(True)
"""
    )

    method = next(n for n in found if n not in ("A.__init__", "A.__exit__"))
    assert [k for k, t in found[method] if k in (Kind.TERMINATION, Kind.TYPE)], found


def test_recursion_through_an_operator_and_a_function_is_not_taken_to_end():
    found = verdicts(
        """
        class A:
            def __init__(self) -> None:
                self.x = 0

            def __mul__(self, other: "A") -> "A":
                return product(self, other)

        def product(a: A, b: A) -> A:
            ensures(False)
            return a * b
        """
    )

    assert found["product"]


def test_an_operator_on_parts_is_no_recursion():
    found = verdicts(
        """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class Vector:
            x: int
            y: int

            def __add__(self, other: "Vector") -> "Vector":
                ensures(lambda r: r.x == self.x + other.x)
                return Vector(self.x + other.x, self.y + other.y)

            def __neg__(self) -> "Vector":
                ensures(lambda r: r.x == -self.x)
                return Vector(-self.x, -self.y)

            def __sub__(self, other: "Vector") -> "Vector":
                ensures(lambda r: r.x == self.x - other.x)
                return self + (-other)

        @dataclass(frozen=True)
        class Pair:
            a: Vector
            b: Vector

            def __add__(self, other: "Pair") -> "Pair":
                ensures(lambda r: r.a.x == self.a.x + other.a.x)
                return Pair(self.a + other.a, self.b + other.b)

        class Bag:
            def __init__(self) -> None:
                self.items: list[int] = []

            @pure
            def __len__(self) -> int:
                ensures(lambda r: r == len(self.items))
                n = len(self.items)
                return n

            @pure
            def __contains__(self, k: int) -> bool:
                ensures(lambda r: r == (k in self.items))
                return k in self.items

            def __eq__(self, other: object) -> bool:
                ensures(lambda r: r == (isinstance(other, Bag) and self.items == other.items))
                return isinstance(other, Bag) and self.items == other.items
        """
    )

    assert not any(found.values()), found


NESTING = """
class Nesting:
    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> "Nesting":
        self.depth += 1
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.depth -= 1


def nested(nesting: Nesting) -> int:
    ensures(lambda r: r == {seen})
    ensures(nesting.depth == old(nesting.depth))
    with nesting:
        with nesting as inner:
            return inner.depth
"""


def test_what_a_context_manager_changes_may_change():
    assert verdicts(NESTING.format(seen="old(nesting.depth) + 2"))["nested"] == []


def test_what_a_context_manager_changes_does_change():
    assert verdicts(NESTING.format(seen="old(nesting.depth)"))["nested"]
