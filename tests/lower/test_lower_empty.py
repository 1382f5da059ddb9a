"""Collections that are certainly empty, whose items have no type, beside others."""

import pytest
from verdicts import verdicts

FACTS = (
    "xs: list[int] = [8]\n    xs += [][1:2]\n    xs += list(reversed([]))\n    assert xs == [8]",
    "assert {1, 2} ^ set([]) == {1, 2}",
    "assert set([]) | {3} == {3}",
    "assert {1} - set([]) == {1}",
    "s = {1, 2} & set([])\n    assert 1 not in s",
    "assert set([]) < {3}",
    "xs: list[int] = [1, 2, 3]\n    xs[:2] = [][-2:2]\n    assert xs == [3]",
    "assert not {3} <= set([])",
    "assert set([]) >= set([])",
)
WRONG = (
    "xs: list[int] = [8]\n    xs += [][1:2]\n    assert xs == []",
    "assert {1, 2} ^ set([]) == {1}",
    "assert {1, 2} & set([]) == {1}",
    "assert set([]) < set([])",
    "xs: list[int] = [1, 2, 3]\n    xs[:2] = [][-2:2]\n    assert xs == [1, 2, 3]",
)


def open_claims(body):
    return verdicts(f"def f() -> None:\n    {body}\n")["f"]


@pytest.mark.parametrize("body", FACTS)
def test_what_holds_beside_an_empty_collection_is_proved(body):
    assert open_claims(body) == []


@pytest.mark.parametrize("body", WRONG)
def test_what_a_run_breaks_beside_an_empty_collection_is_not_proved(body):
    assert open_claims(body) != []


def test_sets_of_different_things_are_not_put_together():
    [(_, reason)] = open_claims('s = {1} | {"a"}\n    assert len(s) == 2')

    assert reason == "unsupported: `|` between a `set[int]` and a `set[str]` is not supported"


def test_what_is_new_and_of_no_type_yet_is_empty() -> None:
    text = """
    from collections import Counter, deque

    def f() -> int:
        ensures(lambda r: r == 0)
        a = set()
        b = deque()
        c = Counter()
        d = frozenset()
        e = list()
        g = dict()
        return len(a) + len(b) + len(c) + len(d) + len(e) + len(g) + len(set()) + len(deque())

    def later(x: int) -> int:
        ensures(lambda r: r == 2)
        a = set()
        b = deque()
        a.add(x)
        b.append(x)
        return len(a) + len(b)

    def wrong() -> int:
        ensures(lambda r: r == 1)
        return len(set())

    def none(x: int) -> bool:
        ensures(lambda r: not r)
        return x in set()
    """
    found = verdicts(text)
    assert found["f"] == found["later"] == found["none"] == []
    assert found["wrong"] != []
