"""Functions of the standard library whose meaning is written out: each with what is true of it, and what is not."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

PROVED = {
    "the rest after the first separator": (
        """
        def f(s: str) -> str:
            ensures(lambda r: ":" not in r)
            return s.split(":", 1)[0]
        """,
        """
        def f(s: str) -> str:
            ensures(lambda r: ":" not in r)
            return s.split(":", 1)[-1]
        """,
    ),
    "what is behind the last separator": (
        """
        def f(s: str) -> str:
            ensures(lambda r: "/" not in r)
            return s.rsplit("/", 1)[-1]
        """,
        """
        def f(s: str) -> str:
            ensures(lambda r: "/" not in r)
            return s.rsplit("/", 1)[0]
        """,
    ),
    "as many parts as separators, up to a limit": (
        """
        def f(s: str) -> str:
            requires(s.count(",") >= 2)
            ensures(lambda r: True)
            return s.split(",", maxsplit=2)[2]
        """,
        """
        def f(s: str) -> str:
            requires(s.count(",") >= 1)
            ensures(lambda r: True)
            return s.split(",", maxsplit=2)[2]
        """,
    ),
    "in the middle of a line": (
        """
        def f(s: str, w: int) -> str:
            requires(w >= len(s))
            ensures(lambda r: len(r) == w and s in r)
            return s.center(w, "-")
        """,
        """
        def f(s: str, w: int) -> str:
            requires(w > len(s))
            ensures(lambda r: r.startswith(s))
            return s.center(w, "-")
        """,
    ),
    "digits of another base": (
        """
        def f(n: int) -> str:
            requires(n >= 0)
            ensures(lambda r: r.startswith("0x") and len(r) >= 3)
            return hex(n)
        """,
        """
        def f(n: int) -> str:
            ensures(lambda r: r.startswith("0x"))
            return hex(n)
        """,
    ),
    "an angle": (
        """
        def f(x: float) -> float:
            requires(0.0 <= x <= 1e6)
            ensures(lambda r: 0.0 <= r < 360.0)
            return x % 360.0
        """,
        # The remainder of what is a little below zero is rounded up to 360.0.
        """
        def f(x: float) -> float:
            requires(-1.0 <= x <= 1e6)
            ensures(lambda r: 0.0 <= r < 360.0)
            return x % 360.0
        """,
    ),
    "a square": (
        """
        def f(x: float) -> float:
            requires(-1e6 <= x <= 1e6)
            ensures(lambda r: r >= 0.0)
            return x ** 2
        """,
        """
        def f(x: float) -> float:
            requires(-1e6 <= x <= 1e6)
            ensures(lambda r: r >= 0.0)
            return x ** 3
        """,
    ),
    "a root": (
        """
        def f(n: int) -> float:
            requires(0 <= n <= 1000)
            ensures(lambda r: r >= 0.0)
            return n ** 0.5
        """,
        """
        def f(n: int) -> float:
            requires(n <= 1000)
            ensures(lambda r: True)
            return n ** 0.5
        """,
    ),
    "a rounded share": (
        """
        def f(x: float) -> float:
            requires(0.0 <= x <= 1.0)
            ensures(lambda r: 0.0 <= r <= 1.0)
            return round(x, 2)
        """,
        """
        def f(x: float) -> float:
            requires(0.0 < x <= 1.0)
            ensures(lambda r: 0.0 < r <= 1.0)
            return round(x, 2)
        """,
    ),
    "the nearest integer": (
        """
        def f(x: float) -> int:
            requires(0.75 <= x <= 1e6)
            ensures(lambda r: r >= 1)
            return round(x)
        """,
        # What is in the middle is rounded to the even one.
        """
        def f(x: float) -> int:
            requires(0.5 <= x <= 1e6)
            ensures(lambda r: r >= 1)
            return round(x)
        """,
    ),
    "a place to insert at": (
        """
        import bisect
        def f(xs: list[int], x: int) -> bool:
            requires(all(xs[i] <= xs[j] for j in range(len(xs)) for i in range(j)))
            ensures(lambda r: r == (x in xs))
            i = bisect.bisect_left(xs, x)
            return i < len(xs) and xs[i] == x
        """,
        """
        import bisect
        def f(xs: list[int], x: int) -> bool:
            ensures(lambda r: r == (x in xs))
            i = bisect.bisect_left(xs, x)
            return i < len(xs) and xs[i] == x
        """,
    ),
    "each with each": (
        """
        import itertools
        def f(xs: list[int], ys: list[int]) -> list[tuple[int, int]]:
            ensures(lambda r: all(a in xs and b in ys for a, b in r))
            ensures(lambda r: len(r) == len(xs) * len(ys))
            return list(itertools.product(xs, ys))
        """,
        """
        import itertools
        def f(xs: list[int], ys: list[int]) -> list[tuple[int, int]]:
            ensures(lambda r: all(a in ys and b in xs for a, b in r))
            return list(itertools.product(xs, ys))
        """,
    ),
    "each with a later one": (
        """
        from itertools import combinations
        def f(xs: list[int]) -> bool:
            requires(all(x > 0 for x in xs))
            ensures(lambda r: r)
            return all(a + b > 1 for a, b in combinations(xs, 2))
        """,
        """
        from itertools import combinations
        def f(xs: list[int]) -> bool:
            requires(all(x > 0 for x in xs))
            ensures(lambda r: r)
            return all(a != b for a, b in combinations(xs, 2))
        """,
    ),
    "any item": (
        """
        import random
        def f(xs: list[int]) -> int:
            requires(len(xs) > 0)
            ensures(lambda r: r in xs)
            return random.choice(xs)
        """,
        """
        import random
        def f(xs: list[int]) -> bool:
            requires(len(xs) > 0)
            ensures(lambda r: r)
            x = random.choice(xs)
            return random.choice(xs) == x
        """,
    ),
    "the least string": (
        """
        def f(xs: list[str]) -> str:
            requires(len(xs) > 0)
            ensures(lambda r: r in xs and all(r <= x for x in xs))
            return min(xs)
        """,
        """
        def f(xs: list[str]) -> str:
            requires(len(xs) > 0)
            ensures(lambda r: all(r < x for x in xs))
            return min(xs)
        """,
    ),
    "by a float": (
        """
        def f(d: dict[str, float]) -> str:
            requires(len(d) > 0)
            ensures(lambda r: r in d)
            return max(d, key=lambda k: d[k])
        """,
        # Of a NaN nothing is greater, and it is greater than nothing.
        """
        def f(d: dict[str, float]) -> str:
            requires(len(d) > 0)
            ensures(lambda r: all(d[k] <= d[r] for k in d))
            return max(d, key=lambda k: d[k])
        """,
    ),
    "keys beside a set": (
        """
        def f(d: dict[str, int], s: set[str]) -> bool:
            ensures(lambda r: r == all(k in d for k in s))
            return len(s - d.keys()) == 0
        """,
        """
        def f(d: dict[str, int], s: set[str]) -> bool:
            ensures(lambda r: r == any(k in d for k in s))
            return len(s - d.keys()) == 0
        """,
    ),
    "keys that are kept": (
        """
        def f(pairs: list[tuple[str, int]], s: set[str]) -> bool:
            ensures(lambda r: implies(len(pairs) == 0, r == (len(s) == 0)))
            keys = dict(pairs).keys()
            return not (s - keys)
        """,
        # A view shows what the dict holds later.
        """
        def f(d: dict[str, int], s: set[str]) -> bool:
            ensures(lambda r: r == all(k in old(d) for k in s))
            modifies(d)
            keys = d.keys()
            d["a"] = 1
            return len(s - keys) == 0
        """,
    ),
    "floats that begin with nothing": (
        """
        from collections import defaultdict
        def f(k: int) -> float:
            ensures(lambda r: r == 0.0)
            total: dict[int, float] = defaultdict(lambda: 0)
            return total[k]
        """,
        """
        from collections import defaultdict
        def f(k: int) -> float:
            ensures(lambda r: r == 1.0)
            total: dict[int, float] = defaultdict(lambda: 0)
            return total[k]
        """,
    ),
    "a key of a dict that a contract makes": (
        """
        def f(pairs: list[tuple[str, int]], k: str) -> bool:
            ensures(lambda r: r == (k in dict(pairs)))
            return any(name == k for name, _ in pairs)
        """,
        """
        def f(pairs: list[tuple[str, int]], k: str) -> bool:
            ensures(lambda r: r == (k in dict(pairs)))
            return all(name == k for name, _ in pairs)
        """,
    ),
    "a set of letters that a module holds": (
        """
        LETTERS = set("abc")
        def f(s: str) -> bool:
            ensures(lambda r: r == (s in LETTERS))
            return s in LETTERS
        """,
        """
        LETTERS = set("abc")
        def f(s: str) -> bool:
            requires(len(s) == 1)
            ensures(lambda r: r)
            return s in LETTERS
        """,
    ),
    "a member by its text": (
        """
        import enum
        class Color(enum.Enum):
            RED = "r"
            BLUE = "b"
        def f(s: str) -> Color:
            requires(s in ("r", "b"))
            ensures(lambda r: r.value == s)
            return Color(s)
        """,
        """
        import enum
        class Color(enum.Enum):
            RED = "r"
            BLUE = "b"
        def f(s: str) -> Color:
            ensures(lambda r: r.value == s)
            return Color(s)
        """,
    ),
    "a member by a float": (
        """
        import enum
        class Side(enum.Enum):
            LEFT = 0
            RIGHT = 1
        def f(n: int) -> Side:
            requires(0 <= n <= 1)
            ensures(lambda r: r == Side.RIGHT)
            return Side(1.0)
        """,
        """
        import enum
        class Side(enum.Enum):
            LEFT = 0
            RIGHT = 1
        def f(n: int) -> Side:
            ensures(lambda r: True)
            return Side(0.5)
        """,
    ),
}


@pytest.mark.parametrize("name", PROVED)
def test_what_is_true_is_proved(name):
    assert verdicts(PROVED[name][0], guess=True)["f"] == []


@pytest.mark.parametrize("name", PROVED)
def test_what_is_false_is_not_proved(name):
    found = verdicts(PROVED[name][1], guess=True)["f"]
    assert found
    assert not any(text.startswith("unsupported") for _, text in found)


def test_an_exception_of_an_operation_that_may_fail_is_owed():
    text = """
    def power(x: float, n: int) -> float:
        ensures(lambda r: True)
        return x ** n
    def remainder(x: float, y: float) -> float:
        ensures(lambda r: True)
        return x % y
    def nearest(x: float) -> int:
        ensures(lambda r: True)
        return round(x)
    """
    found = verdicts(text)
    assert [kind for kind, _ in found["power"]] == [Kind.DIVISION, Kind.VALUE]
    assert [kind for kind, _ in found["remainder"]] == [Kind.DIVISION]
    assert [kind for kind, _ in found["nearest"]] == [Kind.VALUE, Kind.VALUE]


def test_what_is_no_single_value_is_refused():
    text = """
    import random
    def complex_power(x: float, y: float) -> float:
        requires(x >= 0.0)
        ensures(lambda r: True)
        return x ** y
    def chosen(d: dict[int, int]) -> int:
        requires(len(d) > 0)
        ensures(lambda r: True)
        return random.choice(d)
    def values(d: dict[str, str], s: set[str]) -> set[str]:
        ensures(lambda r: True)
        return d.values() - s
    """
    found = verdicts(text)
    assert found["complex_power"][0][1].startswith("unsupported: `**` of a float with this exponent")
    assert found["chosen"][0][1].startswith("unsupported: `random.choice` of a")
    assert found["values"][0][1].startswith("unsupported: `-` between")


def test_of_equal_keys_of_a_dict_in_a_contract_the_last_one_prevails():
    text = """
    def first(xs: list[tuple[int, int]]) -> int:
        requires(len(xs) > 0)
        ensures(lambda r: r == {k: v for k, v in xs}.get(xs[0][0]))
        return xs[0][1]
    """
    assert Kind.POSTCONDITION in {kind for kind, _ in verdicts(text)["first"]}
