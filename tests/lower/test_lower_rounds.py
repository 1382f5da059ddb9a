"""What the rounds of a loop have in common is guessed, and proves nothing that is false."""

import pytest
from verdicts import verdicts

# A function, and what of it becomes what in its twin, of which the same may not be proved.
PROGRAMS = {
    "what two places passed that move towards each other": (
        """
        def f(s: str) -> bool:
            ensures(lambda r: r == (s == s[::-1]))
            i, j = 0, len(s) - 1
            while i < j:
                if s[i] != s[j]:
                    return False
                i += 1
                j -= 1
            return True
        """,
        "while i < j:",
        "while i + 2 < j:",
    ),
    "what places of one half passed": (
        """
        def f(xs: list[int]) -> bool:
            ensures(lambda r: r == (xs == xs[::-1]))
            for i in range(len(xs) // 2):
                if xs[i] != xs[len(xs) - 1 - i]:
                    return False
            return True
        """,
        "range(len(xs) // 2)",
        "range(len(xs) // 3)",
    ),
    "merging": (
        """
        @pure
        def ascending(items: list[int]) -> bool:
            return all(items[i] <= items[i + 1] for i in range(len(items) - 1))

        def f(left: list[int], right: list[int]) -> list[int]:
            requires(ascending(left), ascending(right))
            ensures(lambda r: ascending(r))
            result: list[int] = []
            i = j = 0
            while i < len(left) and j < len(right):
                if left[i] <= right[j]:
                    result.append(left[i])
                    i += 1
                else:
                    result.append(right[j])
                    j += 1
            result.extend(left[i:])
            result.extend(right[j:])
            return result
        """,
        "if left[i] <= right[j]:",
        "if left[i] >= right[j]:",
    ),
    "what is about to be appended": (
        """
        def f(text: str) -> list[str]:
            ensures(lambda r: all("," not in w for w in r))
            found: list[str] = []
            word = ""
            for c in text:
                if c == ",":
                    found.append(word)
                    word = ""
                else:
                    word += c
            found.append(word)
            return found
        """,
        'if c == ",":',
        'if c == ";":',
    ),
    "a variable beside the result": (
        """
        def f(n: int) -> int:
            requires(n >= 0)
            ensures(lambda r: r ** 2 <= n < (r + 1) ** 2)
            lo, hi = 0, n + 1
            while hi - lo > 1:
                mid = (lo + hi) // 2
                if mid * mid <= n:
                    lo = mid
                else:
                    hi = mid
            return lo
        """,
        "mid * mid <= n",
        "mid * mid < n",
    ),
    "selection sort": (
        """
        def f(xs: list[int]) -> None:
            modifies(xs)
            ensures(all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1)))
            for i in range(len(xs)):
                smallest = i
                for j in range(i + 1, len(xs)):
                    if xs[j] < xs[smallest]:
                        smallest = j
                xs[i], xs[smallest] = xs[smallest], xs[i]
        """,
        "range(i + 1, len(xs))",
        "range(i + 1, len(xs) - 1)",
    ),
    "what an inner loop appends": (
        """
        def f(rows: list[list[int]]) -> list[int]:
            ensures(lambda r: len(r) == sum(len(row) for row in rows))
            result: list[int] = []
            for row in rows:
                for x in row:
                    result.append(x)
            return result
        """,
        "result.append(x)",
        "result = [*result[:9], x]",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_rounds_have_in_common_is_guessed(name: str) -> None:
    text, old, new = PROGRAMS[name]
    assert text.count(old) == 1
    assert verdicts(text)["f"]
    assert verdicts(text, guess=True)["f"] == []
    assert verdicts(text.replace(old, new), guess=True)["f"]
