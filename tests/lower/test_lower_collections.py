"""Collections as programs make them: dicts of dicts and of pairs, rows of tables, what is filtered, what is put in when it is asked for."""

import pytest
from verdicts import verdicts

HEADER = "from collections import Counter, defaultdict\n"
PROVED = {
    "a dict of two": """
        def f(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
            ensures(lambda r: all(r[k] == b[k] for k in b) and all(r[k] == a[k] for k in a if k not in b))
            return {**a, **b}
        """,
    "a dict with one more": """
        def f(a: dict[str, int]) -> dict[str, int]:
            ensures(lambda r: r["x"] == 1 and all(k in r for k in a))
            return {**a, "x": 1}
        """,
    "a dict with keywords": """
        def f(d: dict[str, int]) -> dict[str, int]:
            ensures(lambda r: r["a"] == 1 and r["b"] == 2)
            return dict(d, a=1, b=2)
        """,
    "a dict of pairs": """
        def f(keys: list[str], values: list[int]) -> dict[str, int]:
            requires(len(keys) == len(values))
            ensures(lambda r: all(k in r for k in keys))
            return dict(zip(keys, values))
        """,
    "the key of the greatest value": """
        def f(d: dict[str, int]) -> str:
            requires(len(d) > 0)
            ensures(lambda r: r in d and all(d[k] <= d[r] for k in d))
            return max(d, key=d.get)
        """,
    "the first key": """
        def f(d: dict[str, int]) -> str:
            requires(len(d) > 0)
            ensures(lambda r: r in d)
            return next(iter(d))
        """,
    "the first that is found": """
        def f(xs: list[int]) -> int | None:
            ensures(lambda r: implies(r is not None, r > 0))
            return next((x for x in xs if x > 0), None)
        """,
    "a lookup puts in": """
        def f(x: int) -> int:
            ensures(lambda r: r == 1)
            d: defaultdict[int, int] = defaultdict(int)
            y = d[x]
            return len(d) + y
        """,
    "a lookup within a sum": """
        def f(x: int) -> int:
            ensures(lambda r: r == 1)
            d: defaultdict[int, int] = defaultdict(int)
            return len(d) + d[x] + len(d)
        """,
    "a lookup of what is there": """
        def f(d: defaultdict[int, int], x: int) -> int:
            requires(x in d)
            ensures(len(d) == old(len(d)))
            return d[x]
        """,
    "a list that is put in": """
        def f(x: int) -> bool:
            ensures(lambda r: r)
            d = defaultdict(list)
            d[x].append(1)
            d[x] += [2]
            return len(d[x]) == 2
        """,
    "what a dict is beside others": """
        def f(x: int) -> bool:
            ensures(lambda r: r)
            d: defaultdict[int, int] = defaultdict(int)
            return isinstance(d, dict)
        """,
    "rows": """
        def f(n: int, m: int) -> list[list[int]]:
            requires(n >= 0, m >= 0)
            ensures(lambda r: len(r) == n and all(len(row) == m for row in r))
            return [[0] * m for _ in range(n)]
        """,
    "rows that are different lists": """
        def f(n: int) -> list[list[int]]:
            requires(n >= 2)
            ensures(lambda r: r[0][0] == 1 and r[1][0] == 0)
            g = [[0] * n for _ in range(n)]
            g[0][0] = 1
            return g
        """,
    "columns": """
        def f(m: list[list[int]]) -> list[list[int]]:
            requires(len(m) > 0, all(len(row) == len(m[0]) for row in m))
            ensures(lambda r: len(r) == len(m[0]))
            ensures(lambda r: all(r[i][j] == m[j][i] for i in range(len(m[0])) for j in range(len(m))))
            return [[m[j][i] for j in range(len(m))] for i in range(len(m[0]))]
        """,
    "copies of rows": """
        def f(m: list[list[int]]) -> list[list[int]]:
            ensures(lambda r: len(r) == len(m) and all(r[i] is not m[j] for i in range(len(r)) for j in range(len(m))))
            return [row[:] for row in m]
        """,
    "characters that are kept": """
        def f(s: str) -> int:
            ensures(lambda r: 0 <= r <= len(s))
            return len([c for c in s if c in "aeiou"])
        """,
    "keys that are kept": """
        def f(d: dict[str, int]) -> list[str]:
            ensures(lambda r: all(k in d and d[k] > 0 for k in r))
            return [k for k, v in d.items() if v > 0]
        """,
    "items with their places": """
        def f(xs: list[int]) -> dict[int, int]:
            ensures(lambda r: all(r[i] == xs[i] for i in range(len(xs))))
            return {i: x for i, x in enumerate(xs)}
        """,
}
PROVED_WITH_GUESSES = {
    "counts": """
        def f(words: list[str]) -> dict[str, int]:
            ensures(lambda r: all(w in r for w in words) and all(r[w] > 0 for w in r))
            counts = defaultdict(int)
            for w in words:
                counts[w] += 1
            return counts
        """,
    "groups": """
        def f(words: list[str]) -> dict[int, list[str]]:
            ensures(lambda r: all(len(w) in r for w in words))
            groups = defaultdict(list)
            for w in words:
                groups[len(w)].append(w)
            return groups
        """,
    "groups by hand": """
        def f(words: list[str]) -> dict[int, list[str]]:
            ensures(lambda r: all(len(w) in r for w in words))
            groups: dict[int, list[str]] = {}
            for w in words:
                groups.setdefault(len(w), []).append(w)
            return groups
        """,
    "buckets": """
        def f(xs: list[int], n: int) -> list[list[int]]:
            requires(n > 0)
            ensures(lambda r: len(r) == n)
            out = [[] for _ in range(n)]
            for x in xs:
                out[x % n].append(x)
            return out
        """,
}
OPEN = {
    "the last dict prevails": """
        def f(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
            ensures(lambda r: all(r[k] == a[k] for k in a))
            return {**a, **b}
        """,
    "the order of a display": """
        def f(a: dict[str, int]) -> dict[str, int]:
            ensures(lambda r: r["x"] == 1)
            return {"x": 1, **a}
        """,
    "fewer values than keys": """
        def f(keys: list[str], values: list[int]) -> dict[str, int]:
            ensures(lambda r: all(k in r for k in keys))
            return dict(zip(keys, values))
        """,
    "a key that comes twice": """
        def f(keys: list[str], values: list[int]) -> dict[str, int]:
            requires(len(keys) == len(values))
            ensures(lambda r: all(r[keys[i]] == values[i] for i in range(len(keys))))
            return dict(zip(keys, values))
        """,
    "an order of keys that are not there": """
        def f(d: dict[str, int], xs: list[str]) -> str:
            requires(len(xs) > 0)
            return max(xs, key=d.get)
        """,
    "the first of none": """
        def f(d: dict[str, int]) -> str:
            return next(iter(d))
        """,
    "what stands for the first": """
        def f(xs: list[int]) -> int:
            ensures(lambda r: r > 0)
            return next((x for x in xs if x > 0), 0)
        """,
    "a lookup leaves no dict as it was": """
        def f(x: int) -> int:
            ensures(lambda r: r == 0)
            d: defaultdict[int, int] = defaultdict(int)
            y = d[x]
            return len(d) + y
        """,
    "what makes values is not known of a parameter": """
        def f(d: defaultdict[int, int], x: int) -> int:
            return d[x]
        """,
    "a dict grows while something goes over it": """
        def f(x: int) -> None:
            d: defaultdict[int, int] = defaultdict(int)
            d[1] = 1
            for k in d:
                d[k + 1]
        """,
    "a dict under another name": """
        def f(x: int) -> bool:
            ensures(lambda r: False)
            d: defaultdict[int, int] = defaultdict(int)
            e: dict[int, int] = d
            f = [e]
            return f[0] is e
        """,
    "lookups in a loop put in": """
        def f(x: int) -> int:
            ensures(lambda r: r == 0)
            d: defaultdict[int, int] = defaultdict(int)
            for i in range(3):
                d[i]
            return len(d)
        """,
    "a missing key may raise nothing": """
        def f(d: dict[int, int], x: int) -> int:
            ensures(lambda r: implies(x not in old(d), r == 7))
            try:
                return d[x]
            except KeyError:
                return 7
        """,
    "rows of another length": """
        def f(n: int, m: int) -> list[list[int]]:
            requires(n >= 0, m >= 0)
            ensures(lambda r: len(r) == n and all(len(row) == n for row in r))
            return [[0] * m for _ in range(n)]
        """,
    "one row many times": """
        def f(n: int) -> list[list[int]]:
            requires(n >= 2)
            ensures(lambda r: r[0][0] == 1 and r[1][0] == 0)
            g = [[0] * n] * n
            g[0][0] = 1
            return g
        """,
    "copies are other lists": """
        def f(m: list[list[int]]) -> list[list[int]]:
            requires(len(m) > 0)
            ensures(lambda r: r[0] is m[0])
            return [row[:] for row in m]
        """,
    "values that are not kept": """
        def f(d: dict[str, int]) -> list[str]:
            ensures(lambda r: all(d[k] > 1 for k in r))
            return [k for k, v in d.items() if v > 0]
        """,
    "counters that are put together": """
        def f(a: Counter[str], b: Counter[str]) -> int:
            requires("x" in a and "x" in b)
            ensures(lambda r: r == b["x"])
            return (a | b)["x"]
        """,
    "a counter that is updated": """
        def f(a: Counter[str], b: Counter[str]) -> None:
            requires("x" in b)
            modifies(a)
            ensures(a["x"] == b["x"])
            a.update(b)
        """,
    "counters of no items": """
        def f(a: Counter[str], b: Counter[str]) -> None:
            requires(a == b)
            ensures(len(a) == len(b))
        """,
}
CHANGED = """
        def f(words: list[str], first: list[str]) -> None:
            modifies()
            groups: dict[int, list[str]] = {0: first}
            for w in words:
                groups.setdefault(len(w), []).append(w)
        """


def open_claims(text, *, guess=False):
    return verdicts(text.replace("\n        ", "\n").replace("\ndef", f"\n{HEADER}\ndef", 1), guess=guess)["f"]


@pytest.mark.parametrize("name", PROVED)
def test_what_holds_of_collections_is_proved(name):
    assert open_claims(PROVED[name]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVED_WITH_GUESSES)
def test_what_loops_put_together_is_proved(name):
    assert open_claims(PROVED_WITH_GUESSES[name], guess=True) == []


@pytest.mark.parametrize("name", OPEN)
def test_what_a_run_breaks_of_collections_is_not_proved(name):
    assert open_claims(OPEN[name]) != []


@pytest.mark.slow
def test_items_that_a_caller_sees_are_not_guessed_to_be_new():
    assert open_claims(CHANGED, guess=True) != []
