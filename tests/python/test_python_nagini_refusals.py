"""What Nagini refuses of a module as a whole: ghost values that leak, and declarations that mean nothing."""

import pytest
from readings import messages

from probatum.python.program import Module
from probatum.python.reading import read_module

HEAD = """\
from nagini_contracts.contracts import *
from nagini_contracts.adt import ADT
from typing import Generic, List, NamedTuple, Optional, Tuple, TypeVar, Union
"""

GHOSTS = """\
T = TypeVar("T")
GCounts = List[int]
MarkGhost(GCounts)

@Ghost
class Log:
    def __init__(self) -> None:
        self.entries = 0

    def add(self) -> None:
        self.entries = self.entries + 1

class Cell:
    def __init__(self) -> None:
        self.v = 0
        self.seen: GInt = 0

    def bump(self) -> None:
        self.v = self.v + 1

class Box(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value

GCell = Cell
MarkGhost(GCell)

@Ghost
@Pure
def twice(n: int) -> int:
    return 2 * n

@Pure
def succ(n: int) -> int:
    return n + 1

def both(n: int) -> Tuple[int, GInt]:
    return n, n

def runs(n: int) -> int:
    return n

"""


def read(text: str) -> Module:
    return read_module(HEAD + text, "m.py")


def said(module: Module) -> list[tuple[int, str]]:
    """Every mistake in it, with its line."""
    everything = [*module.problems, *(p for f in module.every_function() for p in f.problems)]
    return sorted({(p.place.line, p.message) for p in everything if not p.unsupported})


LEAKS = [
    ("gi: GInt, n: int", "None", "n = gi"),
    ("gi: GInt", "None", "i = gi + 1"),
    ("gi: GInt, n: int", "None", "n += gi"),
    ("gi: GInt, l: List[int]", "None", "x = l[gi]"),
    ("gi: GInt, l: List[int]", "None", "l[0] = gi"),
    ("s: PSeq[int]", "None", "i = len(s)"),
    ("s: PSeq[int]", "int", "return s[0]"),
    ("p: GCounts", "None", "a, b = p"),
    ("gi: GInt", "int", "return gi"),
    ("gi: GInt", "Tuple[int, GInt]", "return gi, 1"),
    ("gi: GInt", "None", "i = twice(1)"),
    ("gi: GInt", "int", "return succ(gi)"),
    ("gi: GInt", "None", "runs(gi)"),
    ("n: int", "None", "a, b = both(n)"),
    ("n: int", "None", "t = both(n)"),
    ("n: int, gi: GInt", "None", "n, gi = n + 1, gi + 1"),
    ("c: Cell, gi: GInt", "None", "c.v = gi"),
    ("c: Cell", "None", "c.v = c.seen"),
    ("g: GCell", "None", "g.bump()"),
    ("gi: GInt", "None", "assert gi == 0"),
    ("n: int", "None", "Assert(runs(n) == n)"),
    ("n: int, gi: GInt", "None", "if gi > 0: n = 1"),
    ("n: int, gi: GInt", "None", "if gi > 0: raise ValueError()"),
    ("n: int, gi: GInt", "int", "if gi > 0: return 1"),
    ("l: List[int], gi: GInt", "None", "for gi in l: pass"),
    ("n: int", "None", "Box(n)"),
]


@pytest.mark.parametrize(("parameters", "returns", "line"), LEAKS)
def test_ghost_values_do_not_reach_what_runs(parameters: str, returns: str, line: str):
    text = f"{GHOSTS}def f({parameters}) -> {returns}:\n    {line}\n"
    module = read(text)
    at = (HEAD + text).count("\n")

    assert [where for where, _ in said(module)] == [at]
    assert any(not p.unsupported for p in module.functions["f"].problems)


@pytest.mark.parametrize(
    ("parameters", "returns", "line"),
    [
        ("gi: GInt, n: int", "None", "gi = n"),
        ("gi: GInt, n: int", "None", "gi += n"),
        ("l: List[int]", "GInt", "s = ToSeq(l); return len(s)"),
        ("s: PSeq[int]", "PSeq[int]", "t = s + s; return t.drop(1)"),
        ("p: GCounts, a: GInt, b: GInt", "None", "a, b = p"),
        ("n: int, gi: GInt", "int", "r, gi = both(n); return r"),
        ("n: int, gi: GInt", "GInt", "return succ(gi) + twice(n)"),
        ("n: int", "int", "m = runs(n); return m"),
        ("n: int", "None", "log = Log(); log.add(); Assert(log.entries == twice(n))"),
        ("c: Cell, n: int", "None", "c.seen = n; c.v = n; c.bump()"),
        ("c: Optional[Cell], l: List[int]", "None", "a, b = l[0], l[1]; assert a == b"),
        ("n: int, gi: GInt", "None", "if gi > 0: gi = 1"),
        ("g: Optional[GInt], h: Union[int, str]", "Tuple[GInt, GInt]", "return 1, 2"),
        ("n: int", "None", "b = Box(n)"),
    ],
)
def test_what_is_ghost_may_use_everything_and_what_runs_what_is_regular(parameters: str, returns: str, line: str):
    assert said(read(f"{GHOSTS}def f({parameters}) -> {returns}:\n    {line}\n")) == []


DECLARED = [
    ("def f() -> Union[Optional[GStr], int]:\n    pass\n", "a union of ghost and regular types"),
    ("def f(*args: GInt) -> None:\n    pass\n", "`*args` of a ghost type"),
    (
        "def f() -> Tuple[GInt, int]:\n    pass\n",
        "a result that is ghost in part must be a tuple of two, the second of them ghost",
    ),
    ("MarkGhost(int)\n", "`MarkGhost` takes an alias of a type"),
    ("G = List[int]\nMarkGhost(G)\nMarkGhost(G)\n", "`G` is marked as ghost already"),
    (
        "class A:\n    pass\n\n@Ghost\nclass B(A):\n    pass\n",
        "`B` derives from a class of which one is ghost and the other is not",
    ),
    ("@Ghost\ndef f(n: int) -> None:\n    assert n\n", "an `assert` in ghost code, which does not run"),
    (
        "@Ghost\ndef f() -> None:\n    try:\n        pass\n    except ValueError:\n        pass\n",
        "exceptions are not handled in ghost code",
    ),
    (
        (
            "class A:\n    def m(self) -> None:\n        pass\n\nclass B:\n    @Ghost\n    def m(self) -> None:\n        pass\n\n"
            "def f(u: Union[A, B]) -> None:\n    u.m()\n"
        ),
        "`m` is ghost in one of the classes of `u`, and not in another",
    ),
    ("class D(ADT):\n    pass\n", "the data type `D` has no constructors"),
    ("class D(ADT):\n    def m(self) -> None:\n        pass\n", "the data type `D` has a body"),
    ("class D(ADT, NamedTuple('D', [])):\n    pass\n", "a constructor of `ADT` itself"),
    (
        "class D(ADT):\n    pass\n\nclass C(D):\n    pass\n",
        "the constructor `C` must derive from its data type and a `NamedTuple`, and nothing else",
    ),
    (
        "class D(ADT):\n    pass\n\nclass C(D, NamedTuple('X', [])):\n    pass\n",
        "the `NamedTuple` of the constructor `C` has another name",
    ),
    (
        "class D(ADT):\n    pass\n\nclass C(D, NamedTuple('C', [])):\n    x = 1\n",
        "the constructor `C` of a data type has a body",
    ),
    (
        "class D(ADT):\n    pass\n\nclass C(D, NamedTuple('C', [])):\n    pass\n\nclass E(C):\n    pass\n",
        "a class that derives from a constructor of a data type",
    ),
    (
        "@Inline\ndef f(n: int) -> int:\n    Requires(n > 0)\n    return n\n",
        "a contract of a function that is inlined: `Requires`",
    ),
    ("@Pure\n@Inline\ndef f() -> int:\n    return 1\n", "`@Pure` and `@Inline` on one function"),
    ("@Pure\ndef f() -> None:\n    return\n", "a pure function that returns nothing"),
    ("@Pure\ndef f() -> int:\n    return 1\n    return 2\n", "a pure function with statements that are never reached"),
    ("class A:\n    Row = List[int]\n", "an alias of a type within a class"),
]


@pytest.mark.parametrize(("text", "message"), DECLARED)
def test_declarations_that_mean_nothing_are_mistakes(text: str, message: str):
    assert message in [m for _, m in said(read(text))]


def above(first: str, second: str) -> str:
    """A class with a method, and one below it that overrides the method."""
    return f"class A:\n{first}\n        return n\n\nclass B(A):\n{second}\n        return n\n"


PLAIN = "    def m(self, n: int) -> int:"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (above(PLAIN, f"    @Pure\n{PLAIN}"), "`m` is pure, unlike the method that it overrides"),
        (above(f"    @Pure\n{PLAIN}", f"    @Pure\n{PLAIN}"), "`m` overrides a pure method, whose body says what it returns"),
        (above(f"    @Inline\n{PLAIN}", PLAIN), "`m` overrides a method, and one of the two is inlined"),
        (
            above(PLAIN, "    def m(self, n: int = 1) -> int:"),
            "`m` has not the parameters with defaults of the method that it overrides",
        ),
    ],
)
def test_overrides_of_another_kind_are_mistakes_of_the_method(text: str, message: str):
    assert message in messages(read(text).classes["B"].methods["m"])


def test_data_types_aliases_and_overrides_as_they_should_be_are_none():
    tree = """
class Tree(ADT):
    pass

class Leaf(Tree, NamedTuple('Leaf', [('elem', int)])):
    pass

class Node(Tree, NamedTuple('Node', [('left', Tree), ('right', Tree)])):
    pass

Row = List[int]

@Inline
def i(n: int) -> int:
    return n

@Pure
def p(n: int) -> int:
    if n > 0:
        return n
    return 0
"""
    assert said(read(tree + above(PLAIN, PLAIN))) == []


def test_mistakes_of_functions_without_a_body_of_their_own_are_said_of_the_module():
    module = read("@Inline\ndef f(n: int) -> int:\n    Requires(n > 0)\n    return n\n")

    assert "a contract of a function that is inlined: `Requires`" in messages(module)


def test_ghosts_are_nagini_s_alone():
    module = read_module("def f(gi: 'GInt') -> int:\n    i = gi\n    return i\n", "m.py")

    assert said(module) == []
