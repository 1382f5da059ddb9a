"""`post[x]` of a docstring: whatever `x` leads to may change, and nothing else; `__old__.x` is what it held."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

BOX = '''
class Box:
    def __init__(self, n: int) -> None:
        self.n = n
        self.items: list[int] = []

    def add(self, k: int) -> None:
        """
        post[self]: self.items[-1] == k
        post[self]: len(self.items) == len(__old__.self.items) + 1
        """
        self.items.append(k)
        self.n += 1


def swap(xs: list[int], i: int, j: int) -> None:
    """
    pre: 0 <= i < len(xs) and 0 <= j < len(xs)
    post[xs]: xs[i] == __old__.xs[j] and xs[j] == __old__.xs[i]
    post[xs]: len(xs) == len(__old__.xs)
    """
    xs[i], xs[j] = xs[j], xs[i]
'''


def test_what_a_parameter_leads_to_may_change():
    found = verdicts(
        BOX
        + '''
def use(b: Box, c: Box) -> int:
    """
    pre: b is not c
    post[b]: __return__ == __old__.c.n
    """
    b.add(1)
    return c.n
'''
    )

    assert found["swap"] == []
    assert found["Box.add"] == []
    assert found["use"] == []


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        ("b: Box, c: list[int]", "    c.append(1)"),
        ("b: Box, c: list[int]", "    swap(c, 0, 0)"),
        ("b: Box, c: Box", "    c.items.append(1)"),
        ("b: Box, c: Box", "    c.add(1)"),
    ],
)
def test_nothing_else_may_change(signature: str, body: str):
    found = verdicts(f'{BOX}\ndef use({signature}) -> None:\n    """\n    post[b]: True\n    """\n{body}\n')

    assert Kind.FRAME in {kind for kind, _ in found["use"]}


@pytest.mark.parametrize(
    ("claim", "body"),
    [
        ("xs[0] == __old__.xs[0]", "xs[0] += 1"),
        ("len(xs) == len(__old__.xs)", "xs.append(1)"),
    ],
)
def test_what_was_there_is_not_what_is_there(claim: str, body: str):
    found = verdicts(
        f'def f(xs: list[int]) -> None:\n    """\n    pre: len(xs) > 0\n    post[xs]: {claim}\n    """\n    {body}\n'
    )

    assert Kind.POSTCONDITION in {kind for kind, _ in found["f"]}


def test_callers_know_no_more_of_it():
    found = verdicts(
        BOX
        + '''
def forgets(b: Box) -> int:
    """
    post[b]: __return__ == __old__.b.n
    """
    b.add(1)
    return b.n


def shares(b: Box, c: list[int]) -> int:
    """
    pre: len(c) == 3
    post[b]: __return__ == 3
    """
    b.add(1)
    return len(c)
'''
    )

    assert found["forgets"]
    assert found["shares"]


def test_a_place_that_cannot_be_named_is_not_supported():
    found = verdicts(
        '''
class Link:
    def __init__(self, rest: "Link") -> None:
        self.rest = rest


def f(one: Link) -> None:
    """
    post[one]: True
    """
    one.rest = one
'''
    )

    assert found["f"] == [(Kind.TYPE, "unsupported: that whatever a `Link` leads to may change is not supported")]
