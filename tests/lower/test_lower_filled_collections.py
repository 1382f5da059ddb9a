"""Dicts and rows that loops fill: counting, grouping, tables; and what is false of them is not proved."""

import pytest
from verdicts import verdicts

pytestmark = pytest.mark.slow  # solvers are asked about whole loops

COUNT = """
    def count(xs: list[int]) -> dict[int, int]:
        ensures(lambda r: forall(r, lambda k: r[k] == xs.count(k){}))
        c: dict[int, int] = {{}}
        for i in range(len(xs)):
            invariant(forall(c, lambda k: c[k] == xs[:i].count(k)))
            invariant(forall(range(i), lambda j: xs[j] in c))
            c[xs[i]] = c.get(xs[i], 0) + 1
        return c
    """
GROUP = """
    def group(xs: list[int]) -> dict[int, list[int]]:
        ensures(lambda r: forall(r, lambda k: forall(r[k], lambda v: v % 3 == k)))
        g: dict[int, list[int]] = {{}}
        {}
        for x in xs:
            if x % 3 not in g:
                g[x % 3] = {}
            g[x % 3].append(x)
        return g
    """
TURNED = """
    def turned(a: list[list[int]], n: int, m: int) -> list[list[int]]:
        requires(n >= 0, m >= 0, len(a) == n, forall(range(n), lambda i: len(a[i]) == m))
        ensures(lambda r: forall(range(m), lambda j: forall(range(n), lambda i: r[j][i] == a[i][j])))
        r = {}
        for i in range(n):
            invariant(len(r) == m, forall(range(m), lambda q: len(r[q]) == n))
            invariant(forall(range(m), lambda q: forall(range(i), lambda p: r[q][p] == a[p][q])))
            for j in range(m):
                invariant(len(r) == m, forall(range(m), lambda q: len(r[q]) == n))
                invariant(forall(range(m), lambda q: forall(range(i), lambda p: r[q][p] == a[p][q])))
                invariant(forall(range(j), lambda q: r[q][i] == a[i][q]))
                r[j][i] = a[i][j]
        return r
    """


def test_a_dict_of_counts_is_proved_with_what_a_loop_has_counted():
    assert verdicts(COUNT.format(""))["count"] == []
    assert verdicts(COUNT.format(" + 1"))["count"] != []


def test_counts_are_guessed():
    text = """
        def count(xs: list[int]) -> dict[int, int]:
            ensures(lambda r: forall(r, lambda k: r[k] == xs.count(k)))
            c: dict[int, int] = {}
            for x in xs:
                if x in c:
                    c[x] += 1
                else:
                    c[x] = 1
            return c
        """

    assert verdicts(text, guess=True)["count"] == []
    assert verdicts(text.replace("c[x] = 1", "c[x] = 2"), guess=True)["count"] != []


def test_lists_in_a_dict_are_each_another_one():
    assert verdicts(GROUP.format("", "[]"), guess=True)["group"] == []


def test_one_list_under_several_keys_is_no_group():
    assert verdicts(GROUP.format("one: list[int] = []", "one"), guess=True)["group"] != []


def test_rows_of_a_parameter_are_lists_in_conditions_too():
    assert verdicts(TURNED.format("[[0] * n for _ in range(m)]"))["turned"] == []
    assert verdicts(TURNED.format("[[0] * n] * m"))["turned"] != []


def test_rows_that_may_be_missing_may_be_missing():
    text = """
        def first(a: list[list[int] | None]) -> int:
            requires(forall(range(len(a)), lambda i: len(a[i]) > 0))
            return len(a)
        """

    assert verdicts(text)["first"] != []
