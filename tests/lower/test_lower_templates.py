"""Invariants of usual forms are guessed where nobody wrote any, and prove nothing that is false."""

import pytest
from verdicts import verdicts

GUESSED = {
    "what is left to do": """
        @pure
        def ones(n: int) -> int:
            requires(n >= 0)
            decreases(n)
            return 0 if n == 0 else n % 2 + ones(n // 2)

        def f(n: int) -> int:
            requires(n >= 0)
            ensures(lambda r: r == ones(n))
            m = n
            r = 0
            while m > 0:
                r = r + m % 2
                m = m // 2
            return r
        """,
    "a variable of the function with the name of a bound one": """
        def f(xs: list[int]) -> int:
            requires(len(xs) > 0)
            ensures(lambda r: forall(range(len(xs)), lambda i: xs[i] <= r))
            best = xs[0]
            i = 1
            while i < len(xs):
                if xs[i] > best:
                    best = xs[i]
                i = i + 1
            return best
        """,
    "a limit that is also a number": """
        def f(k: int) -> bool:
            requires(k >= 2)
            ensures(lambda r: implies(r, forall(range(2, k), lambda i: k % i != 0)))
            i = 2
            good = True
            while i < k:
                if k % i == 0:
                    good = False
                i = i + 1
            return good
        """,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GUESSED)
def test_invariants_that_nobody_wrote(name: str) -> None:
    assert verdicts(GUESSED[name])["f"]
    assert verdicts(GUESSED[name], guess=True)["f"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("what is left to do", "r + m % 2", "r + m % 3"),
        ("a variable of the function with the name of a bound one", "xs[i] > best", "xs[i] < best"),
        ("a limit that is also a number", "i = 2\n", "i = 3\n"),
    ],
)
def test_guesses_prove_nothing_false(name: str, right: str, wrong: str) -> None:
    text = GUESSED[name]
    assert right in text
    assert verdicts(text.replace(right, wrong), guess=True)["f"]
