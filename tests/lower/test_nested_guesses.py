"""Loops within each other, sorting and what is built item by item are proved without invariants, and nothing false with them."""

import ast

import pytest
from verdicts import verdicts

from probatum.lower.nested import Quantified

GUESSED = {
    "a flag of pairs": """
        def f(xs: list[int]) -> bool:
            ensures(lambda r: r == exists(range(len(xs)), lambda a: exists(range(len(xs)), lambda b: a != b and xs[a] == xs[b])))
            found = False
            i = 0
            while i < len(xs):
                j = 0
                while j < len(xs):
                    if i != j and xs[i] == xs[j]:
                        found = True
                    j = j + 1
                i = i + 1
            return found
        """,
    "an accumulator that is not returned": """
        @pure
        def total(xs: list[int], n: int) -> int:
            requires(0 <= n and n <= len(xs))
            decreases(n)
            return 0 if n == 0 else total(xs, n - 1) + xs[n - 1]

        def f(xs: list[int], most: int) -> bool:
            ensures(lambda r: r == (total(xs, len(xs)) <= most))
            s = 0
            i = 0
            while i < len(xs):
                s = s + xs[i]
                i = i + 1
            return s <= most
        """,
    "what is built": """
        def f(n: int) -> bool:
            requires(n > 4)
            ensures(lambda r: r)
            squares: list[int] = []
            i = 0
            while i < n:
                squares.append(i * 2 + 1)
                i = i + 1
            return squares[3] == 7
        """,
    "a copy that is changed in steps": """
        def f(xs: list[int]) -> list[int]:
            ensures(lambda r: len(r) == len(xs) and forall(range(len(xs)), lambda k: implies(k % 2 == 1, r[k] == xs[k])))
            ys = list(xs)
            i = 0
            while i + 1 < len(ys):
                ys[i] = 0
                i = i + 2
            return ys
        """,
}
WRONG = {
    "a flag of pairs": ("i != j and xs[i]", "i < j - 1 and xs[i]"),
    "an accumulator that is not returned": ("s + xs[i]", "s - xs[i]"),
    "what is built": ("i * 2 + 1", "i * 2 + 2"),
    "a copy that is changed in steps": ("ys[i] = 0", "ys[i + 1] = 0"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GUESSED)
def test_are_proved(name: str) -> None:
    assert verdicts(GUESSED[name])["f"]
    assert verdicts(GUESSED[name], guess=True)["f"] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_and_nothing_false(name: str) -> None:
    right, wrong = WRONG[name]
    assert right in GUESSED[name]
    assert verdicts(GUESSED[name].replace(right, wrong), guess=True)["f"]


def _of(text: str) -> Quantified:
    found = Quantified.of(ast.parse(text, mode="eval").body)
    assert found is not None
    return found


def test_quantifiers_of_one_kind_are_taken_together() -> None:
    claim = _of("all(all(xs[a] < xs[b] for b in range(a, 9)) for a in range(9))")
    assert [name for name, _ in claim.bound] == ["a", "b"]
    assert ast.unparse(claim.at(ast.Name("i")).where(ast.Constant(True))) == (
        "__forall__(range(i, 9), lambda b: __implies__(True, xs[i] < xs[b]))"
    )


def test_several_domains_are_several_quantifiers() -> None:
    claim = _of("__forall__(range(8), range(9), lambda a, b: xs[a] < xs[b])")
    assert [(name, ast.unparse(domain)) for name, domain in claim.bound] == [("a", "range(8)"), ("b", "range(9)")]


def test_conditions_of_generators_restrict_what_is_claimed() -> None:
    some = _of("any(xs[a] > 0 for a in range(9) if a != 3)")
    assert ast.unparse(some.where(ast.Name("c"))) == "__exists__(range(9), lambda a: c and (a != 3 and xs[a] > 0))"


def test_quantifiers_of_another_kind_end_them() -> None:
    claim = _of("__forall__(int, lambda a: any(xs[a] == b for b in range(3)))")
    assert [name for name, _ in claim.bound] == ["a"]


def test_what_goes_over_other_things_than_numbers_is_left_alone() -> None:
    assert Quantified.of(ast.parse("all(x > 0 for x in xs)", mode="eval").body) is None
