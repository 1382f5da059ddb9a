"""Lists of lists are equal if they have as many items, and each is equal to the one in its place, in the state that is meant."""

import pytest
from verdicts import verdicts

PROVED = {
    "itself": "def itself(m: list[list[int]]) -> list[list[int]]:\n    ensures(lambda r: r == m)\n    return m\n",
    "looked_up": """
    def looked_up(m: list[list[int]], n: list[list[int]]) -> int:
        requires(m == n and len(m) == 2 and len(m[1]) >= 1)
        ensures(lambda r: r == 0)
        return m[1][0] - n[1][0]
    """,
    "made": """
    def made() -> bool:
        ensures(lambda r: r)
        m, n = [[1, 2], [3]], [[1, 2]]
        n.append([3])
        return m == n
    """,
    "unlike": "def unlike() -> bool:\n    ensures(lambda r: not r)\n    return [[1, 2], [3]] == [[1, 2], [4]]\n",
    "changed": """
    def changed(m: list[list[int]]) -> None:
        modifies(m[0])
        requires(len(m) == 2 and m[0] is not m[1])
        ensures(m != old(m))
        m[0].append(1)
    """,
    "copied": """
    def copied(m: list[list[int]]) -> None:
        ensures(m == old(m))
        k = [row[:] for row in m]
        if k:
            k[0].append(1)
    """,
    "deeper": """
    def deeper(m: list[list[list[int]]], n: list[list[list[int]]]) -> bool:
        ensures(lambda r: implies(r and len(m) > 0 and len(m[0]) > 0, n[0][0] == m[0][0]))
        return m == n
    """,
}
WRONG = {
    "alike": "def alike() -> bool:\n    ensures(lambda r: r)\n    return [[1, 2], [3]] == [[1, 2], [4]]\n",
    "shorter": "def shorter() -> bool:\n    ensures(lambda r: r)\n    return [[1]] == [[1], [1]]\n",
    "kept": """
    def kept(m: list[list[int]]) -> None:
        modifies(m[0])
        requires(len(m) == 2 and m[0] is not m[1])
        ensures(m == old(m))
        m[0].append(1)
    """,
    "fewer": """
    def fewer(m: list[list[int]]) -> None:
        modifies(m)
        requires(len(m) == 2)
        ensures(m == old(m))
        m.pop()
    """,
    "one": """
    def one(m: list[list[int]], n: list[list[int]]) -> bool:
        ensures(lambda r: implies(r, m is n))
        return m == n
    """,
    "nan": """
    def nan(m: list[list[float]]) -> bool:
        ensures(lambda r: r)
        return m == [row[:] for row in m] and m == [[x + 0.0 for x in row] for row in m]
    """,
}


@pytest.mark.parametrize("name", PROVED)
def test_what_follows_from_equal_rows_is_proved(name: str) -> None:
    assert verdicts(PROVED[name])[name] == []


@pytest.mark.parametrize("name", WRONG)
def test_what_rows_do_not_say_is_not_proved(name: str) -> None:
    assert verdicts(WRONG[name])[name] != []
