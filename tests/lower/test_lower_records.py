"""Named tuples, dataclasses in order, and what `isinstance` answers of values."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

HEAD = """
    from collections import namedtuple
    from dataclasses import dataclass, replace
    from enum import Enum, IntEnum, StrEnum
    from typing import NamedTuple, Protocol, runtime_checkable
    class P(NamedTuple):
        x: int
        y: int = 3
    Q = NamedTuple("Q", [("a", int), ("b", str)])
    R = namedtuple("R", "u v", defaults=[7])
    class Tree: pass
    class Leaf(Tree, NamedTuple("Leaf", [("elem", int)])): pass
    class Node(Tree, NamedTuple("Node", [("left", Tree), ("right", Tree)])): pass
    @dataclass(frozen=True)
    class Base:
        a: int
    @dataclass(frozen=True)
    class Derived(Base):
        b: int
    @dataclass(order=True)
    class O:
        a: int
        b: int
    class E(IntEnum):
        A = 1
        B = 2
    class S(StrEnum):
        A = "a"
    @runtime_checkable
    class Sized(Protocol):
        def size(self) -> int: ...
    class Some:
        def size(self) -> int:
            return 1
"""


def claims(statements: str, parameters: str = "") -> list:
    lines = "".join(f"        {line}\n" for line in statements.split("\n"))
    found = verdicts(HEAD + f"    def f({parameters}) -> None:\n        requires(True)\n{lines}")["f"]
    return [text if text.startswith("unsupported") else kind for kind, text in found]


@pytest.mark.parametrize(
    ("statements", "parameters"),
    [
        ("p = P(1)\ncheck(p.y == 3 and p[0] == 1 and len(p) == 2 and p[-1] == 3)", ""),
        ("a, b = P(1)\ncheck(a == 1 and b == 3)", ""),
        ("p = P(y=2, x=1)\ncheck(p == P(1, 2) and p == (1, 2) and p < P(2, 0) and P(1, 1) <= p)", ""),
        ("q = P(1, 2)._replace(x=5)\ncheck(q.x == 5 and q.y == 2)", ""),
        ("q = Q(1, 'z')\ncheck(q.a == 1 and q.b == 'z' and q[1] == 'z')", ""),
        ("r = R(1)\ncheck(r.u == 1 and r.v == 7)", ""),
        ("n = Node(Leaf(5), Leaf(6))\nassert isinstance(n.left, Leaf)\ncheck(n.left.elem == 5)", ""),
        ("check(type(Leaf(1)) is Leaf and type(t) is not Leaf or isinstance(t, Leaf))", "t: Tree"),
        ("check(l == m or l.elem != m.elem)", "l: Leaf, m: Leaf"),
        ("d = Derived(1, 2)\ncheck(d == Derived(1, 2) and d.a == 1 and isinstance(d, Base))", ""),
        ("o = O(1, 2)\np = O(1, 3)\ncheck(o < p and p >= o and not p < o)", ""),
        ("n = replace(o, b=7)\ncheck(n.a == o.a and n.b == 7 and n is not o)", "o: O"),
        ("check(isinstance(p, tuple) and isinstance(q, tuple) and isinstance(p, P))", "p: P, q: tuple[int, str]"),
        ("check(isinstance(e, int) and isinstance(s, str) and isinstance(e, E))", "e: E, s: S"),
        ("check(s == 'a' and s.value == 'a' and e.value == e)", "s: S, e: E"),
        ("if 0 <= i < 3:\n    check(t[i] != 34 or i == 0 or i == 2)", "t: tuple[int, bool, int], i: int"),
    ],
)
def test_right(statements, parameters):
    assert claims(statements, parameters) == []


@pytest.mark.parametrize(
    ("statements", "parameters"),
    [
        ("p = P(1)\ncheck(p.y == 4)", ""),
        ("p = P(1, 2)\ncheck(p != (1, 2))", ""),
        ("check(P(1, 2) < P(1, 2))", ""),
        ("q = P(1, 2)._replace(x=5)\ncheck(q.x == 1)", ""),
        ("r = R(1)\ncheck(r.v == 1)", ""),
        ("n = Node(Leaf(5), Leaf(6))\nassert isinstance(n.left, Leaf)\ncheck(n.left.elem == 6)", ""),
        ("check(type(t) is Leaf)", "t: Tree"),
        ("check(l == m)", "l: Leaf, m: Leaf"),
        ("d = Derived(1, 2)\ncheck(d == Derived(1, 3))", ""),
        ("check(o < p or p < o)", "o: O, p: O"),
        ("n = replace(o, b=7)\ncheck(n.b == o.b)", "o: O"),
        ("if 0 <= i < 3:\n    check(t[i] != 34 or i == 0)", "t: tuple[int, bool, int], i: int"),
        ("check(not isinstance(p, tuple))", "p: P"),
        ("check(not isinstance(p, tuple))", "p: tuple[int, str]"),
        ("check(not isinstance(e, int))", "e: E"),
        ("check(not isinstance(s, str))", "s: S"),
    ],
)
def test_wrong(statements, parameters):
    assert claims(statements, parameters) == [Kind.ASSERTION]


@pytest.mark.parametrize(
    ("statements", "parameters"),
    [
        ("check(not isinstance(n, E))", "n: int"),
        ("check(not isinstance(n, S))", "n: str"),
        ("check(not isinstance(n, P))", "n: tuple[int, int]"),
        ("check(isinstance(n, E))", "n: object"),
        ("check(not isinstance(n, Sized))", "n: Some"),
    ],
)
def test_what_the_declared_type_does_not_tell(statements, parameters):
    assert claims(statements, parameters)[0].startswith("unsupported: whether a")


def test_record_that_a_contract_mentions_is_no_object():
    assert claims("d = Derived(1, 2)\ncheck(d is Derived(1, 2))")[0].startswith("unsupported")


def test_equality_of_a_frozen_dataclass_by_its_own_rule():
    found = verdicts("""
        from dataclasses import dataclass
        @dataclass(frozen=True)
        class A:
            data: int
            note: str
            def __eq__(self, other: object) -> bool:
                if not isinstance(other, A):
                    return False
                return self.data == other.data
        def right() -> None:
            check(A(1, "x") == A(1, "y"))
            check(A(1, "x") != A(2, "x"))
        def wrong() -> None:
            check(A(1, "x") != A(1, "y"))
        """)
    assert found["right"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.ASSERTION]


def test_items_that_are_picked_for_a_narrower_list_are_shown_to_fit() -> None:
    text = """
    class A:
        pass

    class B(A):
        pass

    class Plan:
        def __init__(self, xs: list[A]) -> None:
            self.xs = xs

        def picked(self) -> list[B]:
            return [x for x in self.xs if isinstance(x, B)]

        def some(self) -> bool:
            ensures(lambda r: not (r and len(self.xs) == 0))
            return len(self.picked()) > 0

        def wrong(self) -> bool:
            ensures(lambda r: r)
            return len(self.picked()) > 0
    """
    found = verdicts(text)
    assert found["Plan.some"] == []
    assert found["Plan.wrong"] != []


def test_a_field_of_many_types_needs_no_other_use_of_them() -> None:
    text = """
    from typing import NamedTuple

    class Span(NamedTuple):
        start: int
        style: int | str | list[int]

    class Text:
        def __init__(self, spans: list[Span]) -> None:
            self.spans = spans

        def added(self, other: "Text") -> int:
            ensures(lambda r: r == len(old(self.spans)) + len(other.spans) or self is other)
            modifies(self.spans)
            self.spans.extend(other.spans)
            return len(self.spans)

        def wrong(self, other: "Text") -> int:
            ensures(lambda r: r == len(old(self.spans)))
            modifies(self.spans)
            self.spans.extend(other.spans)
            return len(self.spans)
    """
    found = verdicts(text)
    assert not any("unsupported" in why for _, why in found["Text.added"])
    assert found["Text.wrong"] != []
