"""What is proved of functions written for Nagini: permissions, what is given back, and values that only contracts have.

Each fact stands twice: as functions of which everything is proved, and as functions that break it.
"""

import textwrap

import pytest
from verdicts import open_claims

from probatum.lower.lowered import Kind
from probatum.python.reading import read_program

HEAD = """\
from nagini_contracts.contracts import *
from nagini_contracts.obligations import MustTerminate
from typing import Generic, List, Dict, Optional, Set, Tuple, TypeVar, cast

T = TypeVar("T")

class C:
    def __init__(self, f: int) -> None:
        Ensures(Acc(self.f) and self.f == f)
        self.f = f

class Box:
    def __init__(self, c: C) -> None:
        Ensures(Acc(self.c) and self.c is c)
        self.c = c

"""

PROVED = {
    "reading takes a permission": """
        def f(x: C) -> int:
            Requires(Acc(x.f, 1/2))
            Ensures(Acc(x.f, 1/2) and Result() == x.f)
            return x.f
        """,
    "changing takes all of it": """
        def f(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f) and x.f == Old(x.f) + 1)
            x.f += 1
        """,
    "a new object may be changed, and given away": """
        def f() -> C:
            Ensures(Acc(Result().f) and Result().f == 2)
            x = C(1)
            x.f = 2
            return x
        """,
    "permissions to two objects tell them apart": """
        def f(x: C, y: C) -> None:
            Requires(Acc(x.f) and Acc(y.f))
            Ensures(Acc(x.f) and Acc(y.f) and x.f == 1 and y.f == 2)
            x.f = 1
            y.f = 2
        """,
    "what a callee is not given stays as it is": """
        def g(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            x.f = 7

        def f(x: C, y: C) -> None:
            Requires(Acc(x.f) and Acc(y.f) and y.f == 3)
            Ensures(Acc(x.f) and Acc(y.f) and y.f == 3)
            g(x)
        """,
    "items of a list are a place of their own": """
        class D:
            def __init__(self) -> None:
                Ensures(Acc(self.xs) and list_pred(self.xs) and len(self.xs) == 0)
                self.xs: List[int] = []

        def f(d: D) -> None:
            Requires(Acc(d.xs) and list_pred(d.xs))
            Ensures(Acc(d.xs) and list_pred(d.xs) and len(d.xs) == Old(len(d.xs)) + 1)
            d.xs.append(1)
        """,
    "a permission under a condition": """
        def f(b: bool, x: C) -> None:
            Requires(Implies(b, Acc(x.f)))
            Ensures(Implies(b, Acc(x.f) and x.f == 1))
            if b:
                x.f = 1
        """,
    "a permission to each item": """
        def f(xs: List[C]) -> None:
            Requires(Acc(list_pred(xs), 1/2) and Forall(xs, lambda x: Acc(x.f)) and len(xs) > 2)
            Ensures(Acc(list_pred(xs), 1/2) and Forall(xs, lambda x: Acc(x.f)) and xs[1].f == 5)
            xs[1].f = 5
        """,
    "a loop has what its invariants name": """
        def f(x: C, y: C) -> None:
            Requires(Acc(x.f) and Acc(y.f) and y.f == 3)
            Ensures(Acc(x.f) and Acc(y.f) and y.f == 3)
            i = 0
            while i < 3:
                Invariant(Acc(x.f))
                x.f += 1
                i += 1
        """,
    "a chain of objects that stays the same object": """
        def f(b: Box) -> None:
            Requires(Acc(b.c) and Acc(b.c.f))
            Ensures(Acc(b.c) and Acc(b.c.f) and b.c.f == 9)
            b.c.f = 9
        """,
    "pure functions read what they were given": """
        @Pure
        def g(x: C) -> int:
            Requires(Acc(x.f))
            return x.f + 1

        def f(x: C) -> int:
            Requires(Acc(x.f))
            Ensures(Acc(x.f) and Result() == x.f + 1)
            return g(x)
        """,
    "what holds after an exception": """
        class E(Exception):
            pass

        def g(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            Exsures(E, Acc(x.f) and x.f == 4)
            x.f = 4
            raise E()

        def f(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            try:
                g(x)
            except E:
                Assert(x.f == 4)
        """,
    "an object with a permission is not None": """
        def f(x: Optional[C]) -> int:
            Requires(Acc(x.f))
            return x.f
        """,
    "mathematical sequences": """
        def f() -> None:
            s = PSeq(1, 2, 3)
            Assert(s.take(2) == PSeq(1, 2) and s.drop(2)[0] == 3 and s.update(0, 5)[0] == 5 and 2 in s)
            Assert(ToSeq([1, 2]) + PSeq(3) == s)
        """,
    "mathematical sets": """
        def f() -> None:
            s = PSet(1, 2) + PSet(3)
            Assert(3 in s and 4 not in s and 1 not in s - PSet(1))
        """,
    "what a loop has seen": """
        def f(xs: List[int]) -> int:
            Requires(Acc(list_pred(xs), 1/2))
            Ensures(Acc(list_pred(xs), 1/2) and Result() == len(xs))
            n = 0
            for x in xs:
                Invariant(n == len(Previous(x)))
                n += 1
            return n
        """,
    "sets and dicts by a rule": """
        def f(xs: List[int]) -> None:
            Requires(Acc(list_pred(xs)) and len(xs) == 2 and xs[0] % 2 == xs[1] % 2)
            d = {x % 2: x for x in xs}
            assert d[xs[1] % 2] == xs[1]
            s = {x + 1 for x in xs if x > 3}
            assert 0 not in s
        """,
    "opaque functions are known where they are revealed": """
        @Pure
        @Opaque
        def g(n: int) -> int:
            return n + 1

        def f() -> None:
            a = Reveal(g(2))
            Assert(a == 3)
        """,
    "any number of arguments": """
        def g(first: int, *rest: int, **named: bool) -> int:
            Requires(len(rest) == 2 and "k" in named)
            Ensures(Result() == rest[1])
            return rest[1]

        def f(t: Tuple[int, int]) -> int:
            Ensures(Result() == t[1])
            return g(0, *t, k=True)
        """,
    "what is one object is equal": """
        def f(a: Tuple[int, int], b: Tuple[int, int]) -> None:
            if a is b:
                Assert(a == b)
            Assert(a is a)
        """,
    "a type variable stands for an object": """
        class G(Generic[T]):
            def __init__(self, v: T) -> None:
                Ensures(Acc(self.v) and self.v is v)
                self.v = v
        """,
    "a cast of what is known": """
        def f(o: object) -> int:
            Requires(isinstance(o, C) and Acc(cast(C, o).f))
            return cast(C, o).f
        """,
    "obligations to terminate": """
        def g(n: int) -> int:
            Requires(MustTerminate(n + 1) and n >= 0)
            if n == 0:
                return 0
            return g(n - 1)
        """,
}

BROKEN = {
    "reading without a permission": (
        Kind.FRAME,
        """
        def f(x: C) -> int:
            return x.f
        """,
    ),
    "changing what may be read": (
        Kind.FRAME,
        """
        def f(x: C) -> None:
            Requires(Acc(x.f, 1/2))
            Ensures(Acc(x.f, 1/2))
            x.f = 1
        """,
    ),
    "changing what a callee kept": (
        Kind.FRAME,
        """
        def g(x: C) -> None:
            Requires(Acc(x.f))

        def f(x: C) -> None:
            Requires(Acc(x.f))
            g(x)
            x.f = 1
        """,
    ),
    "giving back what was kept": (
        Kind.FRAME,
        """
        def g(x: C) -> None:
            Requires(Acc(x.f))

        def f(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            g(x)
        """,
    ),
    "calling what needs more": (
        Kind.FRAME,
        """
        def g(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))

        def f(x: C) -> None:
            Requires(Acc(x.f, 1/2))
            Ensures(Acc(x.f, 1/2))
            g(x)
        """,
    ),
    "a loop without what it changes": (
        Kind.FRAME,
        """
        def f(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            i = 0
            while i < 3:
                x.f += 1
                i += 1
        """,
    ),
    "a loop that changes what it names": (
        Kind.POSTCONDITION,
        """
        def f(x: C) -> None:
            Requires(Acc(x.f) and x.f == 0)
            Ensures(Acc(x.f) and x.f == 0)
            i = 0
            while i < 3:
                Invariant(Acc(x.f))
                x.f += 1
                i += 1
        """,
    ),
    "an invariant without the permission it needs": (
        Kind.ENTRY,
        """
        def f(x: C) -> None:
            i = 0
            while i < 3:
                Invariant(Acc(x.f))
                i += 1
        """,
    ),
    "a contract that looks at what it was not given": (
        Kind.DEFINED,
        """
        def f(x: C) -> None:
            Requires(x.f > 0)
        """,
    ),
    "a postcondition that looks at what it keeps": (
        Kind.DEFINED,
        """
        def f(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(x.f == Old(x.f))
        """,
    ),
    "what a callee may change": (
        Kind.ASSERTION,
        """
        def g(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            x.f = 7

        def f(x: C) -> None:
            Requires(Acc(x.f) and x.f == 3)
            Ensures(Acc(x.f))
            g(x)
            Assert(x.f == 3)
        """,
    ),
    "what a callee may change of each item": (
        Kind.ASSERTION,
        """
        def g(xs: List[C]) -> None:
            Requires(Acc(list_pred(xs), 1/2) and Forall(xs, lambda x: Acc(x.f)))
            Ensures(Acc(list_pred(xs), 1/2) and Forall(xs, lambda x: Acc(x.f)))

        def f(xs: List[C]) -> None:
            Requires(Acc(list_pred(xs), 1/2) and Forall(xs, lambda x: Acc(x.f)) and len(xs) > 1 and xs[0].f == 3)
            g(xs)
            Assert(xs[0].f == 3)
        """,
    ),
    "a permission under a condition that may not hold": (
        Kind.FRAME,
        """
        def f(b: bool, x: C) -> None:
            Requires(Implies(b, Acc(x.f)))
            x.f = 1
        """,
    ),
    "a pure function that looks at too much": (
        Kind.FRAME,
        """
        @Pure
        def g(x: C) -> int:
            return x.f
        """,
    ),
    "a constructor that gives no field": (
        Kind.FRAME,
        """
        class D:
            def __init__(self) -> None:
                self.f = 1

        def f() -> int:
            return D().f
        """,
    ),
    "a constructor above that assigns again": (
        Kind.ASSERTION,
        """
        class D(C):
            def __init__(self) -> None:
                Ensures(Acc(self.f))
                self.f = 1
                super().__init__(2)
                Assert(self.f == 1)
        """,
    ),
    "nothing is contradicted by what a constructor gives": (
        Kind.ASSERTION,
        """
        class G(Generic[T]):
            def __init__(self, v: T) -> None:
                Ensures(Acc(self.v))
                self.v = v

        def f() -> None:
            g = G(True)
            c = C(1)
            Assert(False)
        """,
    ),
    "what an exception leaves": (
        Kind.RAISES,
        """
        class E(Exception):
            pass

        def g(x: C) -> None:
            Requires(Acc(x.f))
            Ensures(Acc(x.f))
            Exsures(E, Acc(x.f) and x.f == 4)
            x.f = 5
            raise E()
        """,
    ),
    "sequences that differ": (
        Kind.ASSERTION,
        """
        def f() -> None:
            Assert(PSeq(1, 2).take(1) == PSeq(2))
        """,
    ),
    "what a loop has not seen": (
        Kind.MAINTAINED,
        """
        def f(xs: List[int]) -> None:
            Requires(Acc(list_pred(xs), 1/2))
            n = 0
            for x in xs:
                Invariant(n == len(Previous(x)))
                n += 2
        """,
    ),
    "the earlier of equal keys": (
        Kind.ASSERTION,
        """
        def f(xs: List[int]) -> None:
            Requires(Acc(list_pred(xs)) and len(xs) == 2 and xs[0] % 2 == xs[1] % 2)
            d = {x % 2: x for x in xs}
            assert d[xs[0] % 2] == xs[0]
        """,
    ),
    "opaque functions are not known": (
        Kind.ASSERTION,
        """
        @Pure
        @Opaque
        def g(n: int) -> int:
            return n + 1

        def f() -> None:
            a = Reveal(g(2))
            Assert(g(3) == 4)
        """,
    ),
    "arguments in their order": (
        Kind.PRECONDITION,
        """
        def g(first: int, *rest: int) -> None:
            Requires(len(rest) == 2 and rest[0] == 1)

        def f() -> None:
            g(1, 2, 1)
        """,
    ),
    "equal values need not be one object": (
        Kind.ASSERTION,
        """
        def f(a: int, b: int) -> None:
            if a == b:
                Assert(a is b)
        """,
    ),
    "equal values may be one object": (
        Kind.ASSERTION,
        """
        def f(a: int, b: int) -> None:
            if a == b:
                Assert(a is not b)
        """,
    ),
    "a cast of what is not known": (
        Kind.TYPE,
        """
        def f(o: object) -> C:
            return cast(C, o)
        """,
    ),
    "a measure that does not decrease": (
        Kind.TERMINATION,
        """
        def g(n: int) -> int:
            Requires(MustTerminate(2))
            return g(n - 1)
        """,
    ),
    "calling what may never return": (
        Kind.TERMINATION,
        """
        def g() -> None:
            while True:
                pass

        def f() -> None:
            Requires(MustTerminate(1))
            g()
        """,
    ),
}

REFUSED = {
    "callers of what could not be read": """
        @AllLow
        def g(x: C) -> None:
            x.f = 1

        def f(x: C) -> None:
            g(x)
        """,
    "`is` and `==` of one type variable": """
        def f(a: T, b: T) -> bool:
            Ensures(Implies(Result(), a is b))
            return a == b
        """,
    "collections as they were": """
        def f(xs: List[int]) -> None:
            Requires(Acc(list_pred(xs)))
            Ensures(Acc(list_pred(xs)) and xs is Old(xs))
        """,
}


def found(text: str):
    program = read_program({"m.py": HEAD + textwrap.dedent(text)})
    module = program.modules["m"]
    own = [f for f in module.every_function() if f.place.line > HEAD.count("\n")]
    return [claim for f in own for claim in open_claims(program, f)]


@pytest.mark.parametrize("name", PROVED)
def test_it_is_proved(name: str):
    assert found(PROVED[name]) == []


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_not_proved(name: str):
    kind, text = BROKEN[name]
    assert kind in {k for k, _ in found(text)}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(name: str):
    assert any(text.startswith("unsupported: ") for _, text in found(REFUSED[name]))


def test_definitions_that_come_too_late_are_mistakes_of_the_module():
    text = "def f(a: A) -> int:\n    return 1\n\nclass A:\n    pass\n\nclass B(A):\n    pass\n\ndef g(b: 'Z') -> int:\n    return 1\n"
    module = read_program({"m.py": text}).modules["m"]
    assert [(p.message, p.unsupported) for p in module.problems] == [("`A` is used before it is defined", False)]


def test_code_of_a_module_is_there_to_be_checked():
    module = read_program({"m.py": HEAD + "N = 1\nassert N == 1\n"}).modules["m"]
    assert module.problems == ()
    assert module.code is not None
    assert module.code.qualified == "m"
