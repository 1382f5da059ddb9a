"""Sums and counts over generators: of a part of a sequence they are a part of what they are of the whole."""

import pytest
from verdicts import verdicts

TEMPLATE = """
    def f(xs: list[int], text: str, rows: list[list[int]], pairs: list[tuple[str, int]], limit: int) -> int:
        requires(forall(pairs, lambda p: p[1] >= 0))
        ensures(lambda r: {claim})
{body}
"""

CLAIMED = {
    "how many there are": ("return sum(1 for x in xs if x > limit)", "0 <= r <= len(xs)", "r < len(xs)"),
    "none of them": (
        "return sum(1 for x in xs if x > limit)",
        "(r == 0) == all(x <= limit for x in xs)",
        "(r == 0) == all(x < limit for x in xs)",
    ),
    "of one item": ("return sum(x * x for x in xs[:1])", "len(xs) != 1 or r == xs[0] * xs[0]", "len(xs) != 1 or r == xs[0]"),
}
COUNTED = {
    "a count": (
        "n = 0\nfor x in xs:\n    if x % 2 == 0:\n        n += 1\nreturn n",
        "r == sum(1 for x in xs if x % 2 == 0)",
        "r == sum(1 for x in xs if x % 2 == 1)",
    ),
    "a count of characters": (
        'n = 0\nfor c in text:\n    if c in "aeiou":\n        n += 1\nreturn n',
        'r == sum(1 for c in text if c in "aeiou")',
        'r == sum(1 for c in text if c in "aeio")',
    ),
    "a count by places": (
        "n = 0\nfor i in range(len(xs)):\n    if xs[i] > 3:\n        n += 1\nreturn n",
        "r == sum(1 for x in xs if x > 3)",
        "r == sum(1 for x in xs if x >= 3)",
    ),
    "squares": (
        "n = 0\nfor x in xs:\n    if x > 0:\n        n += x * x\nreturn n",
        "r == sum(x * x for x in xs if x > 0)",
        "r == sum(x * x for x in xs if x > 1)",
    ),
    "parts of pairs": ("n = 0\nfor _, k in pairs:\n    n += k\nreturn n", "r == sum(k for _, k in pairs)", "r == len(pairs)"),
    "rows": (
        "n = 0\nfor row in rows:\n    for x in row:\n        n += x\nreturn n",
        "r == sum(sum(row) for row in rows)",
        "r == sum(len(row) for row in rows)",
    ),
    "rows by places": (
        "n = 0\nfor i in range(len(rows)):\n    for j in range(len(rows[i])):\n        n += rows[i][j]\nreturn n",
        "r == sum(sum(row) for row in rows)",
        "r == sum(sum(row) for row in rows[1:])",
    ),
    "rounds within rounds": (
        "n = 0\nfor i in range(7):\n    for x in xs:\n        n += 1\nreturn n",
        "r == 7 * len(xs)",
        "r == 6 * len(xs)",
    ),
}


def claimed(body: str, claim: str) -> str:
    return TEMPLATE.format(claim=claim, body="\n".join(f"        {line}" for line in body.splitlines()))


@pytest.mark.parametrize("name", CLAIMED)
def test_what_a_sum_is_follows_from_its_items(name: str) -> None:
    body, right, wrong = CLAIMED[name]
    assert verdicts(claimed(body, right))["f"] == []
    assert verdicts(claimed(body, wrong))["f"]


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTED)
def test_loops_that_count_are_sums(name: str) -> None:
    body, right, wrong = COUNTED[name]
    assert verdicts(claimed(body, right), guess=True)["f"] == []
    assert verdicts(claimed(body, wrong), guess=True)["f"]


@pytest.mark.slow
def test_a_list_in_a_loop_is_what_a_comprehension_makes() -> None:
    text = """
        def f(xs: list[int]) -> list[int]:
            ensures(lambda r: r == [2 * x for x in xs if x > {limit}])
            made = []
            for x in xs:
                if x > 0:
                    twice = 2 * x
                    made.append(2 * x)
            return made
        """
    assert verdicts(text.format(limit=0), guess=True)["f"] == []
    assert verdicts(text.format(limit=1), guess=True)["f"]
