"""Loops over items that stand in the text are written round by round, and mean what CPython does."""

import pytest
from verdicts import verdicts

TEMPLATE = """
    from typing import Optional
    PRIMES = (2, 3, 5)
    def f(n: int, x: Optional[int], flag: bool) -> int:
        ensures(lambda r: {claim})
        total = 0
{body}
        return total
"""

# What a function does, what then holds, and what then does not.
LOOPS = {
    "a list": ("for p in [2, 3, 5]:\n    total += p * n", "r == 10 * n", "r == 9 * n"),
    "a tuple of the module": ("for p in PRIMES:\n    total += p", "r == 10", "r == 5"),
    "a range": ("for i in range(1, 8, 3):\n    total += i", "r == 12", "r == 11"),
    "a range downwards": ("for i in range(2, -1, -1):\n    total = 10 * total + i", "r == 210", "r == 12"),
    "characters": ('for c in "aba":\n    if c == "a":\n        total += 1', "r == 2", "r == 3"),
    "the target afterwards": ("for i in range(4):\n    pass\ntotal = i", "r == 3", "r == 4"),
    "break and else": (
        "for p in (7, n):\n    if p == n:\n        total = 1\n        break\nelse:\n    total = 2",
        "r == 1",
        "r == 2",
    ),
    "continue": ("for k in (1, 2, 3):\n    if k == 2:\n        continue\n    total += k", "r == 4", "r == 6"),
    "loops within each other": (
        "for i in (1, 2):\n    for j in (1, 2):\n        if j == i:\n            break\n        total += 10 * i + j",
        "r == 21",
        "r == 33",
    ),
    "pairs": ("for a, b in [(1, 2), (n, 3)]:\n    total += a * b", "r == 2 + 3 * n", "r == 5 * n"),
    "names": ("m = n\nfor k in (m, 1):\n    total += k\n    n = 0", "r == m_(n) + 1", "r == 1"),
}


@pytest.mark.parametrize("name", LOOPS)
def test_rounds_of_listed_items_need_no_invariant(name: str) -> None:
    body, right, wrong = LOOPS[name]
    body = "\n".join(f"        {line}" for line in body.splitlines())

    found = [verdicts(TEMPLATE.format(claim=claim.replace("m_(n)", "old(n)"), body=body))["f"] for claim in (right, wrong)]

    assert found[0] == []
    assert found[1]


@pytest.mark.parametrize("way", ["continue", "break"])
def test_what_one_round_learned_is_not_known_behind_a_jump(way: str) -> None:
    body = (
        f"        for k in (1, 2):\n            if x is None:\n                {way}\n            total += x\n        total += x"
    )
    assert verdicts(TEMPLATE.format(claim="True", body=body))["f"]
    assert verdicts(TEMPLATE.format(claim="True", body=body.rpartition("\n")[0]))["f"] == []


def test_a_variable_that_no_round_may_have_set_is_asked_for() -> None:
    body = (
        "        for k in (1, 2):\n            if flag:\n                found = k\n                break\n        total = found"
    )
    assert verdicts(TEMPLATE.format(claim="True", body=body))["f"]


def test_an_invariant_that_somebody_wrote_is_checked() -> None:
    text = """
        def f() -> int:
            ensures(lambda r: r == 3)
            total = 0
            for k in (1, 2):
                invariant(total == 0)
                total += k
            return total
        """
    assert verdicts(text)["f"]


NEAR = """
    def near(i: int, n: int) -> list[int]:
        requires(0 <= i < n)
        ensures(lambda r: len(r) <= 3)
        ensures(lambda r: i in r)
        found: list[int] = []
        low = max(0, i - 1)
        high = min(n, i + 2)
        for k in range(low, high):
            found.append(k)
        return found
"""


def test_ranges_whose_ends_are_cut_off_have_few_rounds():
    assert verdicts(NEAR) == {"near": []}
    assert verdicts(NEAR.replace("len(r) <= 3", "len(r) <= 2"))["near"]
    assert verdicts(NEAR.replace("i + 2)", "i + 3)"))["near"]
    assert verdicts(NEAR.replace("max(0, i - 1)", "min(0, i - 1)"))["near"]


def test_last_round_of_such_a_range_is_known_and_perhaps_there_is_none():
    text = """
        def last(i: int, n: int) -> int:
            requires(0 <= i < n)
            ensures(lambda r: r == min(n, i + 2) - 1)
            low = max(0, i - 1)
            high = min(n, i + 2)
            for k in range(low, high):
                if k < 0:
                    break
            else:
                return k
            return -1

        def none(i: int, n: int) -> int:
            ensures(lambda r: True)
            low = max(0, i - 1)
            high = min(n, i + 2)
            for k in range(low, high):
                if k < 0:
                    continue
            return k
    """
    found = verdicts(text)
    assert found["last"] == []
    assert found["none"]


def test_items_of_a_display_are_computed_once():
    text = """
        def total(p: list[int]) -> int:
            requires(len(p) > 1)
            ensures(lambda r: r == 3 * old(p[0]))
            modifies(p)
            c = 0
            for x in [p[0] - 1, p[0], p[0] + 1]:
                c += x
                p[0] = c
            return c
    """
    assert verdicts(text) == {"total": []}
    assert verdicts(text.replace("p[0] + 1]", "p[0]]"))["total"]
