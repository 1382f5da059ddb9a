"""What is proved of loops without invariants, and that nothing false is."""

import ast

import pytest
from verdicts import HEADER, verdicts

from probatum.lower.forms import Setting, forms
from probatum.lower.trials import decreasing, survivors
from probatum.python.reading import read_program

PROVED = {
    "two indices that meet": """
        def f(xs: list[int], target: int) -> bool:
            ensures(lambda r: implies(len(xs) == 0, not r))
            i, j = 0, len(xs) - 1
            while i < j:
                if xs[i] + xs[j] == target:
                    return True
                if xs[i] + xs[j] < target:
                    i += 1
                else:
                    j -= 1
            return False
        """,
    "the items that are not reached yet": """
        def f(xs: list[int]) -> None:
            modifies(xs)
            ensures(len(xs) == len(old(xs)))
            ensures(forall(range(len(xs)), lambda i: xs[i] == old(xs)[i] + 1))
            for i in range(len(xs)):
                xs[i] += 1
        """,
    "the parts before and behind two limits": """
        def f(xs: list[int], key: int) -> int:
            requires(forall(range(len(xs)), range(len(xs)), lambda i, j: implies(i < j, xs[i] <= xs[j])))
            ensures(lambda r: forall(range(r), lambda i: xs[i] < key))
            ensures(lambda r: forall(range(r, len(xs)), lambda i: xs[i] >= key))
            lo, hi = 0, len(xs)
            while lo < hi:
                mid = (lo + hi) // 2
                if xs[mid] < key:
                    lo = mid + 1
                else:
                    hi = mid
            return lo
        """,
    "what is left to be done": """
        @pure
        def digits(n: int) -> int:
            requires(n >= 0)
            return 0 if n == 0 else n % 10 + digits(n // 10)

        def f(n: int) -> int:
            requires(n >= 0)
            ensures(lambda r: r == digits(n))
            total = 0
            while n > 0:
                total += n % 10
                n //= 10
            return total
        """,
    "a slice": """
        def f(xs: list[int]) -> int:
            requires(len(xs) > 0)
            ensures(lambda r: forall(xs, lambda x: x <= r))
            most = xs[0]
            for x in xs[1:]:
                if x > most:
                    most = x
            return most
        """,
    "variables that step together": """
        def f(xs: list[int]) -> list[int]:
            ensures(lambda r: len(r) == 2 * len(xs))
            out: list[int] = []
            for x in xs:
                out.append(x)
                out.append(0)
            return out
        """,
    "a measure that the condition does not name": """
        def f(n: int) -> int:
            requires(n >= 2)
            ensures(lambda r: n % r == 0)
            d = 2
            while n % d != 0:
                d += 1
            return d
        """,
    "a loop that is entered": """
        def f(n: int, base: int) -> list[int]:
            requires(n > 0, base > 1)
            ensures(lambda r: len(r) > 0)
            out: list[int] = []
            while n > 0:
                out.append(n % base)
                n //= base
            return out
        """,
}

FALSE = {
    "an index that goes too far": (PROVED["two indices that meet"], "len(xs) - 1", "len(xs)"),
    "the last item is left out": (PROVED["the items that are not reached yet"], "for i in range(len(xs))", "for i in range(len(xs) - 1)"),
    "a limit that is too low": (PROVED["the parts before and behind two limits"], "lo, hi = 0, len(xs)", "lo, hi = 0, len(xs) // 2"),
    "a round too few": (PROVED["what is left to be done"], "while n > 0", "while n > 9"),
    "the first items are left out": (PROVED["a slice"], "xs[1:]", "xs[2:]"),
    "one item too many": (PROVED["variables that step together"], "out: list[int] = []", "out = [0]"),
    "a loop without end": (PROVED["a measure that the condition does not name"], "d += 1", "d += 2"),
    "a loop that is not entered": (PROVED["a loop that is entered"], "n > 0, base", "n >= 0, base"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("text", PROVED.values(), ids=PROVED)
def test_loops_without_invariants_are_proved(text: str) -> None:
    assert not any(verdicts(text, guess=True).values())


@pytest.mark.slow
@pytest.mark.parametrize(("text", "old", "new"), FALSE.values(), ids=FALSE)
def test_guesses_prove_nothing_false(text: str, old: str, new: str) -> None:
    assert old in text
    assert verdicts(text.replace(old, new), guess=True)["f"]


def _loop(text: str):
    program = read_program({"m.py": HEADER + text})
    [function] = program.modules["m"].functions.values()
    loop = next(s for s in function.body if isinstance(s, ast.While | ast.For))
    return program, function, loop


def test_a_small_run_refutes_a_guess() -> None:
    program, function, loop = _loop(
        "def f(n: int) -> int:\n    requires(n >= 0)\n    i = 0\n    while i < n:\n        i += 2\n    return i\n"
    )
    guesses = [ast.parse(text, mode="eval").body for text in ("i >= 0", "i <= n", "i <= n + 1", "unheard_of(i)")]

    kept = survivors(program, function, loop, guesses)

    assert [ast.unparse(guess) for guess in kept] == ["i >= 0", "i <= n + 1", "unheard_of(i)"]


def test_a_run_that_cannot_be_interpreted_refutes_nothing() -> None:
    program, function, loop = _loop("def f(x: float) -> float:\n    while x < 9.0:\n        x += 1.0\n    return x\n")
    guess = ast.parse("x < 0.0", mode="eval").body

    assert survivors(program, function, loop, [guess]) == [guess]


def test_a_measure_decreases_in_every_round_of_every_run() -> None:
    program, function, loop = _loop(
        "def f(a: int, b: int) -> int:\n    requires(a > 0, b > 0)\n    while a != b:\n        if a > b:\n"
        "            a -= b\n        else:\n            b -= a\n    return a\n"
    )
    options = [ast.parse(text, mode="eval").body for text in ("b - a", "a", "a + b")]

    found = decreasing(program, function, loop, options)

    assert found is not None
    assert ast.unparse(found) == "a + b"


def test_variables_that_step_together_are_compared_from_where_they_began() -> None:
    _, function, loop = _loop(
        "def f(n: int) -> int:\n    i, j = 1, n\n    while i < j:\n        i += 1\n        j -= 2\n    return i\n"
    )
    types = {"i": "int", "j": "int", "n": "int"}
    setting = Setting(function, loop, types, [], [], ["i", "j"], frozenset({"i", "j"}))

    texts = {ast.unparse(form) for form in forms(setting)}

    assert "j - n == -2 * (i - 1)" in texts
