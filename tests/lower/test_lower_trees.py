"""Recursion over frozen values ends, because they hold only what was there before them."""

import textwrap

import pytest
from verdicts import program_of, verdicts

from probatum.lower.lowered import Kind
from probatum.lower.lowering import lower

CLASSES = """
    from __future__ import annotations
    from dataclasses import dataclass
    from typing import NamedTuple, Protocol

    @dataclass(frozen=True)
    class Node:
        value: int
        next: Node | None

    class Cell(NamedTuple):
        head: int
        tail: Cell | None

    @dataclass(frozen=True)
    class Leaf:
        pass

    @dataclass(frozen=True)
    class Tree:
        left: Tree | Leaf
        value: int
        right: Tree | Leaf

    @dataclass(frozen=True)
    class Rose:
        children: tuple[Rose, ...]

    @dataclass(frozen=True)
    class Listed:
        children: list[Listed]

    class Expr:
        pass

    @dataclass(frozen=True)
    class Neg(Expr):
        inner: Expr

    class Changing(Expr):
        def __init__(self, inner: Expr) -> None:
            self.inner = inner
"""

ENDING = {
    "an optional part": """
    def f(n: Node | None) -> int:
        ensures(lambda r: r >= 0)
        return 0 if n is None else 1 + f(n.next)
    """,
    "a named tuple": """
    def f(c: Cell | None) -> int:
        ensures(lambda r: r >= 0)
        return 0 if c is None else 1 + f(c.tail)
    """,
    "one of several classes": """
    def f(t: Tree | Leaf) -> Tree | Leaf:
        ensures(lambda r: True)
        match t:
            case Tree(left, value, right):
                return Tree(f(right), value, f(left))
        return t
    """,
    "many parts": """
    def f(t: Rose) -> int:
        ensures(lambda r: True)
        total = 1
        for child in t.children:
            total += f(child)
        return total
    """,
    "objects of classes that are derived from one": """
    def f(e: Expr) -> int:
        ensures(lambda r: r >= 0)
        return 1 + f(e.inner) if isinstance(e, Neg) else 0
    """,
    "one of two arguments": """
    def f(a: Node | None, b: Node | None) -> Node | None:
        ensures(lambda r: True)
        if a is None:
            return b
        if b is None:
            return a
        return Node(a.value, f(a.next, b)) if a.value < b.value else Node(b.value, f(a, b.next))
    """,
    "an argument that grows": """
    def f(a: Node | None, done: Node | None) -> Node | None:
        ensures(lambda r: True)
        return done if a is None else f(a.next, Node(a.value, done))
    """,
    "a loop": """
    def f(n: Node | None) -> int:
        ensures(lambda r: True)
        last = 0
        while n is not None:
            last = n.value
            n = n.next
        return last
    """,
    "two functions": """
    def f(n: Node | None) -> bool:
        ensures(lambda r: True)
        return n is None or g(n.next)

    def g(n: Node | None) -> bool:
        ensures(lambda r: True)
        return n is not None and f(n.next)
    """,
}


@pytest.mark.parametrize("name", ENDING)
def test_recursion_into_frozen_parts_ends(name: str) -> None:
    assert verdicts(CLASSES + ENDING[name])["f"] == []


UNENDING = {
    "the same": """
    def f(n: Node | None) -> int:
        ensures(lambda r: r >= 0)
        m = n
        return 0 if n is None else 1 + f(m)
    """,
    "a new one": """
    def f(n: Node | None) -> int:
        ensures(lambda r: r >= 0)
        if n is None:
            return 0
        m = Node(n.value, n.next)
        return 1 + f(m)
    """,
    "what a list holds, which may be what holds the list": """
    def f(t: Listed) -> int:
        ensures(lambda r: r >= 1)
        total = 1
        for child in t.children:
            total += f(child)
        return total
    """,
    "a part that can be assigned": """
    def f(e: Expr) -> int:
        ensures(lambda r: r >= 0)
        return 1 + f(e.inner) if isinstance(e, Changing) else 0
    """,
    "a loop that comes back": """
    def f(n: Node | None) -> int:
        ensures(lambda r: True)
        last = 0
        while n is not None:
            last = n.value
            n = Node(0, n) if last == 1 else n.next
        return last
    """,
}


@pytest.mark.parametrize("name", UNENDING)
def test_recursion_that_may_come_back_is_not_proved_to_end(name: str) -> None:
    assert Kind.TERMINATION in {kind for kind, _ in verdicts(CLASSES + UNENDING[name])["f"]}


def test_what_a_constructor_may_put_into_itself_is_not_taken_to_end() -> None:
    text = """
    class Ring(Node):
        def __init__(self) -> None:
            super().__init__(1, self)

    def f(n: Node | None) -> int:
        ensures(lambda r: r >= 0)
        return 0 if n is None else 1 + f(n.next)
    """
    assert verdicts(CLASSES + text)["f"]


METHODS = """
    class Shape:
        def area(self) -> int:
            ensures(lambda r: r >= 0)
            return 0

    {decorator}
    class Framed(Shape):
        {fields}

        def area(self) -> int:
            return self.inner.area()
"""


def test_a_method_called_on_a_frozen_part_ends_if_it_is_the_one_that_overrides() -> None:
    text = METHODS.format(decorator="@dataclass(frozen=True)", fields="inner: Shape")
    assert verdicts(CLASSES + text)["Framed.area"] == []


def test_a_method_called_on_a_part_that_can_be_the_whole_is_not_proved_to_end() -> None:
    """The call is of a method that does not recur, but may run the one that overrides it, on the same object."""
    text = METHODS.format(decorator="@dataclass", fields="inner: Shape")
    assert Kind.TERMINATION in {kind for kind, _ in verdicts(CLASSES + text)["Framed.area"]}


def test_a_method_that_fits_the_protocol_it_calls_is_not_proved_to_end() -> None:
    text = """
    class HasArea(Protocol):
        def area(self) -> int:
            ensures(lambda r: r >= 0)
            ...

    class Framed:
        def __init__(self, inner: HasArea) -> None:
            self.inner = inner

        def area(self) -> int:
            ensures(lambda r: r >= 0)
            return self.inner.area()
    """
    assert Kind.TERMINATION in {kind for kind, _ in verdicts(CLASSES + text)["Framed.area"]}


def test_a_call_of_super_runs_no_method_that_overrides() -> None:
    text = """
    @dataclass(frozen=True)
    class Twice(Expr2):
        inner: Expr2

        def size(self) -> int:
            return super().size() + self.inner.size()
    """
    base = """
    class Expr2:
        def size(self) -> int:
            ensures(lambda r: r >= 0)
            return 0
    """
    assert verdicts(CLASSES + base + text)["Twice.size"] == []


def test_the_depth_of_values_is_as_the_axioms_say() -> None:
    """In CPython: a part is less deep than a frozen whole, and what can change counts as 0."""
    space: dict[str, object] = {"__name__": __name__}
    exec(textwrap.dedent(CLASSES), space)  # noqa: S102 - the classes of this test
    node, tree, leaf, rose, neg, changing = (space[n] for n in ("Node", "Tree", "Leaf", "Rose", "Neg", "Changing"))

    def depth(value: object) -> int:
        if isinstance(value, tuple):
            return 1 + max(map(depth, value), default=0)
        if isinstance(value, node | tree | leaf | rose | neg):
            return 1 + max(map(depth, vars(value).values()), default=0)
        return 0

    loop = changing(leaf())
    loop.inner = neg(loop)
    for whole in (
        node(1, node(2, None)),
        tree(leaf(), 1, tree(leaf(), 2, leaf())),
        rose((rose(()), rose((rose(()),)))),
        neg(loop),
    ):
        assert all(0 <= depth(part) < depth(whole) for part in vars(whole).values())
    assert depth(loop) == 0


def test_axioms_of_depth_are_written_only_where_it_is_asked_for() -> None:
    text = (
        CLASSES
        + ENDING["an optional part"]
        + "\n    def g(n: Node) -> int:\n        ensures(lambda r: True)\n        return n.value\n"
    )
    program = program_of(text)
    texts = {f.name: lower(program, f).text for f in program.modules["m"].every_function() if f.name in ("f", "g")}
    assert "depth'" in texts["f"]
    assert "depth'" not in texts["g"]
