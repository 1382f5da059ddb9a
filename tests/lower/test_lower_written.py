"""What is written in f-strings and by `print` runs what classes say of it: claims that CPython breaks there are not proved."""

import textwrap

import pytest
from verdicts import HEADER, verdicts

CLASSES = """
from dataclasses import dataclass

class Raising:
    def __repr__(self) -> str:
        raise ValueError

class Counting:
    def __init__(self) -> None:
        self.n = 0

    def __str__(self) -> str:
        self.n += 1
        return "a"

class Wrong:
    def __str__(self) -> int:
        return 5

class Own:
    def __init__(self) -> None:
        self.n = 0

    def __format__(self, spec: str) -> str:
        self.n += 1
        return spec

@dataclass
class Holder:
    held: Raising

class Short:
    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

class Truth:
    def __bool__(self) -> int:
        return 1
"""
# The body of a function, and how a call of it ends.
TRAPS = {
    "an f-string of what raises": ("x = f'{Raising()}'", ValueError),
    "an f-string of a list of what raises": ("x = f'{[Raising()]}'", ValueError),
    "an f-string of a dataclass that holds what raises": ("x = f'{Holder(Raising())}'", ValueError),
    "what is printed raises": ("print((1, Raising()))", ValueError),
    "an f-string changes what it writes": ("c = Counting()\nx = f'{c}'\nassert c.n == 0", AssertionError),
    "`print` changes what it writes": ("c = Counting()\nprint(c)\nassert c.n == 0", AssertionError),
    "a class has formats of its own": ("c = Own()\nx = f'{c:5}'\nassert c.n == 0", AssertionError),
    "a text that is none": ("x = f'{Wrong()}'", TypeError),
    "`format` writes what raises": ("x = '{}'.format(Raising())", ValueError),
    "a format of strings for an integer": ("x = f'{3:s}'", ValueError),
    "a format of integers for a string": ("x = f'{\"a\":d}'", ValueError),
    "a format of floats with a precision for an integer": ("x = f'{5:10.2}'", ValueError),
    "a precision that an int in the place of a float has not": (
        "def g(x: float) -> str:\n    return f'{x:.2}'\ny = g(1)",
        ValueError,
    ),
    "a format for a list": ("x = f'{[1]:5}'", TypeError),
    "a format for None": ("x = f'{None:5}'", TypeError),
    "a separator that is no text": ("print(1, sep=1)", TypeError),
    "a length that is negative": ("x = len(Short(-1))", ValueError),
    "a length that is negative, as a truth": ("x = 1 if Short(-1) else 2", ValueError),
    "a truth that is no bool": ("x = 1 if Truth() else 2", TypeError),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_claim_about_texts_and_truths_that_a_run_breaks_is_not_proved(trap: str) -> None:
    body, exception = TRAPS[trap]
    text = CLASSES + "\ndef f() -> None:\n" + textwrap.indent(body, "    ")
    names: dict[str, object] = {"__name__": "builtins"}
    exec(compile(HEADER + text, "m", "exec"), names)  # noqa: S102 - texts of this file
    with pytest.raises(exception):
        eval("f()", names)  # noqa: S307 - texts of this file
    assert verdicts(text)["f"]


def test_what_only_returns_a_text_is_written() -> None:
    text = """
        from dataclasses import dataclass
        from enum import Enum

        class Colour(Enum):
            RED = 1

        @dataclass
        class Point:
            x: int
            y: float

        class Named:
            def __init__(self, name: str) -> None:
                self.name = name

            def __str__(self) -> str:
                return f"<{self.name}>"

        class Joined:
            def __init__(self, name: str) -> None:
                self.name = name

            def __repr__(self) -> str:
                return "<" + self.name + ">"

        def f(named: Named, joined: Joined, points: list[Point], n: int, x: float) -> None:
            text = f"{named} {joined} {points} {n:>10,} {n:08d} {x:.2f} {n!r:>5} {Colour.RED} {None}"
            print(named, joined, Colour.RED, points, sep=", ", end="")
        """
    assert verdicts(text)["f"] == []


def test_a_length_that_a_contract_bounds_is_one() -> None:
    text = """
        class Stack:
            def __init__(self) -> None:
                self.items: list[int] = []

            def __len__(self) -> int:
                return len(self.items)

        def f(s: Stack) -> int:
            ensures(lambda r: r >= 0)
            return len(s) if s else 0
        """
    assert verdicts(text)["f"] == []
