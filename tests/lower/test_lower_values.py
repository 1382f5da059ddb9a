"""Values: what is proved of unpacking, deciding operands and classes of numbers, and what a run breaks and is not proved."""

import pytest
from verdicts import runs_into, verdicts

# What holds, and the program that says it.
FACTS = {
    "an operator of a `lambda` is a method only where its parameter is an object": """
        class Counting:
            def __init__(self) -> None:
                self.n = 0

            def __neg__(self) -> int:
                modifies(self.n)
                ensures(True)
                self.n += 1
                return 1

        def f(xs: list[int]) -> list[int]:
            ensures(lambda r: forall(range(1, len(r)), lambda i: r[i - 1] >= r[i]))
            return sorted(xs, key=lambda x: -x)
        """,
    "a member of an IntEnum in a variable for integers": """
        from enum import IntEnum

        class Color(IntEnum):
            RED = 1
            BLUE = 2

        def f(c: bool) -> int:
            x: int = Color.BLUE
            y = Color.RED
            if c:
                y = x + y
            assert y == (3 if c else 1) and str(x) == "2"
            return y
        """,
    "empty collections beside other values": """
        def f(xs: list[int]) -> None:
            i, found, seen = 0, [], {}
            found.append(3)
            seen["a"] = 2
            assert i + len(found) + seen["a"] == 3
        """,
    "`*` takes what the other targets leave": """
        def f(xs: list[int]) -> int:
            requires(len(xs) >= 2)
            first, *rest, last = xs
            assert len(rest) == len(xs) - 2
            assert len(rest) == 0 or rest[0] == xs[1]
            assert last == xs[-1]
            rest.append(3)
            return first
        """,
    "`*` makes a list of items of a tuple": """
        def f(t: tuple[int, str, str]) -> list[str]:
            ensures(lambda r: len(r) == 2 and r[1] == t[2])
            a, *b = t
            return b
        """,
    "a string is read before its name is assigned": """
        def f(s: str) -> str:
            requires(len(s) == 2)
            ensures(lambda r: r == s[1])
            a = s
            a, b = a
            return b
        """,
    "nested targets of a comprehension": """
        def f(xs: list[tuple[int, tuple[int, int]]]) -> list[int]:
            ensures(lambda r: len(r) == len(xs) and forall(range(len(xs)), lambda i: r[i] == xs[i][1][0]))
            return [b for a, (b, c) in xs]
        """,
    "lists that are unpacked by a comprehension": """
        def f(xs: list[list[int]]) -> list[int]:
            requires(forall(range(len(xs)), lambda i: len(xs[i]) == 2))
            ensures(lambda r: forall(range(len(xs)), lambda i: r[i] == xs[i][0] + xs[i][1]))
            return [a + b for a, b in xs]
        """,
    "a loop over a tuple of several types, and over none": """
        def f() -> int:
            ensures(lambda r: r >= 0)
            n = 0
            for x in (1, "a", None):
                invariant(n >= 0)
                if isinstance(x, int):
                    n += 1
            for y in ():
                n -= 1
                assert False
            return n
        """,
    "a loop whose target has a `*`": """
        def f(xs: list[tuple[int, int, int]]) -> int:
            requires(forall(range(len(xs)), lambda i: xs[i][1] > 0))
            ensures(lambda r: r >= 0)
            n = 0
            for a, *b in xs:
                invariant(n >= 0)
                n += b[0]
            return n
        """,
    "operands that decide, with calls": """
        class Count:
            def __init__(self) -> None:
                ensures(lambda: self.n == 0)
                self.n: int = 0

            def next(self) -> int:
                modifies(self.n)
                ensures(lambda r: r == old(self.n) and self.n == old(self.n) + 1)
                self.n += 1
                return self.n - 1

        def f() -> None:
            c = Count()
            a = c.next() or c.next()
            assert a == 1 and c.n == 2
            b = c.next() or c.next()
            assert b == 2 and c.n == 3
            d = "" and c.next()
            assert d == "" and c.n == 3
            e = [1] and c.next()
            assert e == 3
        """,
    "a comprehension that compares, where some class has a rule for that": """
        class Odd:
            def __eq__(self, other: object) -> bool:
                print("compared")
                return True

        def f(xs: list[int]) -> list[bool]:
            ensures(lambda r: len(r) == len(xs) and forall(range(len(xs)), lambda i: r[i] == (xs[i] == 3)))
            return [x == 3 for x in xs]
        """,
    "an `int` that is not small is no bool": """
        def f(x: int) -> int:
            requires(x > 1)
            ensures(lambda r: r == 0)
            if isinstance(x, bool):
                return 1
            return 0
        """,
    "a parameter is of one class throughout": """
        def f(x: int) -> int:
            ensures(lambda r: implies(not isinstance(x, bool), r == 0))
            match x:
                case True:
                    return 1
                case False:
                    return 2
                case _:
                    return 0
        """,
    "numbers that are computed are no bools": """
        def f(x: int) -> int:
            requires(not isinstance(x, bool))
            return x

        def g(x: int) -> None:
            f(3)
            f(x + 1)
            y = 4
            f(y)
            z: object = x + 1
            assert isinstance(z, int) and not isinstance(z, bool)
        """,
    "what is equal stays equal in a union": """
        def f(x: int, y: int) -> None:
            requires(x == y)
            a: int | str = x
            b: int | str = y
            assert a == b
        """,
    "a frozen value in an object": """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class P:
            x: int

            @pure
            def __eq__(self, other: object) -> bool:
                if not isinstance(other, P):
                    return False
                return self.x == other.x

        @dataclass(frozen=True)
        class Q:
            y: int

        def f(a: int) -> None:
            p = P(a)
            q = P(a)
            assert p == q
            o: object = q
            assert isinstance(o, P) and o.x == a
            assert not isinstance(o, Q) and not isinstance(o, int)

        def g(o: object) -> int:
            ensures(lambda r: implies(isinstance(o, Q), r == o.y))
            if isinstance(o, Q):
                return o.y
            return 0
        """,
    "tuples and members of enumerations in an object": """
        from enum import Enum

        class Shade(Enum):
            LIGHT = 1
            DARK = 2

        def f(s: Shade) -> None:
            o: object = (1, "a")
            assert isinstance(o, tuple) and not isinstance(o, Shade)
            q: object = s
            assert isinstance(q, Shade)
            assert q is Shade.DARK or q is Shade.LIGHT
        """,
    "what counts as true": """
        def f(b: object) -> int:
            ensures(lambda r: implies(b is None, r == 1))
            ensures(lambda r: implies(isinstance(b, int), r == (2 if b != 0 else 1)))
            return 2 if b else 1

        def g(xs: list[int] | int) -> bool:
            ensures(lambda r: implies(isinstance(xs, int), r == (xs != 0)))
            if xs:
                return True
            return False

        def h() -> None:
            o = object()
            p = object()
            assert o and o is not None and o is not p
        """,
    "the class of an object": """
        class M:
            def __init__(self, n: int) -> None:
                ensures(lambda: self.n == n)
                self.n = n

            def same(self, other: object) -> bool:
                if type(self) is not type(other):
                    return False
                assert isinstance(other, M)
                return self.n == other.n

        class N(M):
            pass

        def f(m: M) -> bool:
            ensures(lambda r: implies(r, not isinstance(m, N)))
            return type(m) is M

        def g() -> None:
            m = M(3)
            assert type(m) is M and type(m) == M and type(m) != N
            e = ...
            assert e is Ellipsis and e == ...
        """,
    "constants that derived classes define anew": """
        class A:
            LIMIT = 23
            TWICE = LIMIT * 2

        class B(A):
            LIMIT = 12

        def f(a: A) -> int:
            ensures(lambda r: implies(type(a) is A, r == 23))
            ensures(lambda r: implies(type(a) is B, r == 12))
            return a.LIMIT

        def g() -> None:
            b = B()
            assert b.LIMIT == 12 and A.TWICE == 46
            assert f(A()) == 23
        """,
    "`str` of an instance": """
        class S:
            def __str__(self) -> str:
                ensures(lambda r: r == "s")
                return "s"

        class R:
            pass

        def f() -> None:
            assert str(S()) == "s"
            x = str(R())
            assert len(x) >= 0
        """,
    "sizes of sets": """
        def f() -> None:
            a = {1, 2, 3}
            b = {4}
            assert len(a | b) == 4
            assert len((a | b) - a) == 1
            assert len(a & b) == 0
        """,
    "a bytearray turned round": """
        def f() -> None:
            b = bytearray([2, 3, 4])
            b.reverse()
            assert len(b) == 3 and b[0] == 4
        """,
    "an attribute holds the object that was put there": """
        class P:
            def __init__(self, x: int, y: tuple[int, int]) -> None:
                ensures(lambda: self.x is x and self.y is y)
                self.x = x
                self.y = y

        def f(p: P, n: int, b: bool) -> None:
            modifies(p)
            p.x = n
            assert p.x is n
            if b:
                p.x = n
            assert p.x is n
        """,
    "an assert that mentions no parameter is a claim": """
        def g(x: int) -> int:
            ensures(lambda r: r == x + 1)
            return x + 1

        def f() -> None:
            assert g(1) == 2
        """,
}

# What is wrong, the program, the call that breaks it, and how.
TRAPS = {
    "too few values for `*`": (
        """
        def f(xs: list[int]) -> int:
            first, *rest = xs
            return first
        """,
        "f([])",
        ValueError,
    ),
    "what `*` takes does not begin with the first item": (
        """
        def f(xs: list[int]) -> None:
            requires(len(xs) > 3)
            first, *rest = xs
            assert rest[0] == xs[0]
        """,
        "f([1, 2, 3, 4])",
        AssertionError,
    ),
    "what `*` takes is a new list": (
        """
        def f(xs: list[int]) -> None:
            requires(len(xs) == 1)
            *rest, = xs
            rest.append(2)
            assert len(xs) == 2
        """,
        "f([1])",
        AssertionError,
    ),
    "a comprehension that unpacks lists of any size": (
        """
        def f(xs: list[list[int]]) -> list[int]:
            return [a + b for a, b in xs]
        """,
        "f([[1]])",
        ValueError,
    ),
    "a loop that unpacks lists of any size": (
        """
        def f(xs: list[list[int]]) -> int:
            n = 0
            for a, *b in xs:
                n += a
            return n
        """,
        "f([[]])",
        ValueError,
    ),
    "the operand that decides is not the last one": (
        """
        def g(x: int) -> int:
            ensures(lambda r: r == x)
            print(x)
            return x

        def f() -> None:
            a = g(3) or g(4)
            assert a == 4
        """,
        "f()",
        AssertionError,
    ),
    "a bool is an int": (
        """
        def f(x: int) -> None:
            assert not isinstance(x, bool)
        """,
        "f(True)",
        AssertionError,
    ),
    "a bool is an int in an object, too": (
        """
        def f(x: int) -> None:
            y: object = x
            assert not isinstance(y, bool)
        """,
        "f(True)",
        AssertionError,
    ),
    "an `int` that equals 1 may be `True`": (
        """
        def f(x: int) -> int:
            requires(x == 1)
            ensures(lambda r: r == 0)
            match x:
                case True:
                    return 1
                case _:
                    return 0
        """,
        "check(f(True) == 0)",
        AssertionError,
    ),
    "equal numbers may be of two classes": (
        """
        def f(x: int, y: int) -> None:
            requires(x == y)
            a: object = x
            b: object = y
            assert isinstance(a, bool) == isinstance(b, bool)
        """,
        "f(1, True)",
        AssertionError,
    ),
    "items of a list of integers may be bools": (
        """
        def f(xs: list[int]) -> None:
            for x in xs:
                assert not isinstance(x, bool)
        """,
        "f([True])",
        AssertionError,
    ),
    "a member of an IntEnum is an int": (
        """
        from enum import IntEnum

        class Color(IntEnum):
            RED = 1

        def f(x: int) -> None:
            assert not isinstance(x, Color)
        """,
        "f(Color.RED)",
        AssertionError,
    ),
    "a member of an IntEnum may compute otherwise": (
        """
        from enum import IntEnum

        class Color(IntEnum):
            RED = 1

            def __add__(self, other: int) -> int:
                return 7

        def f() -> None:
            assert Color.RED + 1 == 2
        """,
        "f()",
        AssertionError,
    ),
    "a member of an IntEnum may have a text of its own": (
        """
        from enum import IntEnum

        class Color(IntEnum):
            RED = 1

            def __str__(self) -> str:
                return "red"

        def f() -> None:
            x: int = Color.RED
            assert str(x) == "1"
        """,
        "f()",
        AssertionError,
    ),
    "a member of an IntEnum shows its name": (
        """
        from enum import IntEnum

        class Color(IntEnum):
            RED = 1

        def f() -> None:
            x: int = Color.RED
            assert repr(x) == "1"
        """,
        "f()",
        AssertionError,
    ),
    "an empty list beside others is another one each time": (
        """
        def f() -> None:
            i, found, seen = 0, [], []
            found.append(3)
            assert len(seen) == 1
        """,
        "f()",
        AssertionError,
    ),
    "a variable with letters beyond ASCII forgets that, too": (
        """
        def f(x: int) -> None:
            é = 2
            i = 0
            while i < 2:
                decreases(2 - i)
                assert not isinstance(é, bool)
                é = x
                i += 1
        """,
        "f(True)",
        AssertionError,
    ),
    "a local variable forgets of which class its number was": (
        """
        def f(x: int) -> None:
            y = 1
            y = x
            assert not isinstance(y, bool)
        """,
        "f(True)",
        AssertionError,
    ),
    "an object may count as false": (
        """
        def f(b: object) -> None:
            requires(b is not None)
            assert b
        """,
        "f([])",
        AssertionError,
    ),
    "an object may change what it counts as": (
        """
        def f(xs: list[int]) -> None:
            requires(len(xs) == 0)
            o: object = xs
            a = bool(o)
            xs.append(1)
            b = bool(o)
            assert a == b
        """,
        "f([])",
        AssertionError,
    ),
    "an object that equals a string is none": (
        """
        class Same:
            def __eq__(self, other: object) -> bool:
                return True

        def f(x: object) -> None:
            requires(x == "a")
            assert isinstance(x, str)
        """,
        "f(Same())",
        AssertionError,
    ),
    "a parameter may be of a derived class": (
        """
        class M:
            pass

        class N(M):
            pass

        def f(m: M) -> None:
            assert type(m) is M
        """,
        "f(N())",
        AssertionError,
    ),
    "a derived class defines a constant anew": (
        """
        class A:
            LIMIT = 23

            def limit(self) -> int:
                return self.LIMIT

        class B(A):
            LIMIT = 12

        def f(a: A) -> None:
            assert a.LIMIT == 23
        """,
        "f(B())",
        AssertionError,
    ),
    "frozen values with other fields": (
        """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class P:
            x: int

        def f(x: int, y: int) -> None:
            a: object = P(x)
            b: object = P(y)
            assert a == b
        """,
        "f(1, 2)",
        AssertionError,
    ),
    "two sets of two": (
        """
        def f(a: set[int], b: set[int]) -> None:
            requires(len(a) == 2 and len(b) == 2)
            assert len(a | b) == 4
        """,
        "f({1, 2}, {2, 3})",
        AssertionError,
    ),
    "an attribute holds an equal object": (
        """
        class P:
            def __init__(self, x: int) -> None:
                ensures(lambda: self.x == x)
                self.x = x

        def f(p: P, n: int, b: bool) -> None:
            modifies(p)
            p.x = n
            if b:
                p.x = n + 0
            assert b or p.x is n
            p.x = n
            i = 0
            while i < 2:
                invariant(p.x == n and 0 <= i)
                assert p.x is n
                p.x = n - 1 + 1
                i += 1
        """,
        "f(P(1), 10**9, True)",
        AssertionError,
    ),
    "a number among instances": (
        """
        class P:
            pass

        def f(xs: list[P]) -> None:
            assert 3 in xs
        """,
        "f([P()])",
        AssertionError,
    ),
    "a number among instances that equal everything": (
        """
        class P:
            def __eq__(self, other: object) -> bool:
                ensures(lambda r: r)
                return True

        def f(xs: list[P]) -> None:
            assert 3 not in xs
        """,
        "f([P()])",
        AssertionError,
    ),
    "another name of the same object": (
        """
        class P:
            def __init__(self, x: int) -> None:
                ensures(lambda: self.x == x)
                self.x = x

        def f(p: P, q: P, n: int) -> None:
            modifies(p, q)
            p.x = n
            q.x = n - 1 + 1
            assert p.x is n
        """,
        "(lambda p: f(p, p, 10**9))(P(1))",
        AssertionError,
    ),
    "the text of an instance": (
        """
        class R:
            pass

        def f() -> None:
            assert str(R()) == "r"
        """,
        "f()",
        AssertionError,
    ),
}

HALF = """
        def half(x: int) -> int:
            requires(x >= 0)
            ensures(lambda r: 2 * r <= x and r >= 0)
            n = 0
            while 2 * (n + 1) <= x:
                invariant(n >= 0 and 2 * n <= x)
                decreases(x - n)
                n += 1
            return n

        class Count:
            def __init__(self) -> None:
                ensures(lambda: self.n == 0)
                self.n: int = 0

            def next(self) -> int:
                modifies(self.n)
                ensures(lambda r: r == old(self.n) and self.n == old(self.n) + 1)
                self.n += 1
                return self.n - 1
        """

# What holds of comprehensions that call these functions.
CALLED = {
    "a call by contract for every item": """
        def f(xs: list[int]) -> list[int]:
            requires(forall(range(len(xs)), lambda i: xs[i] >= 0))
            ensures(lambda r: len(r) == len(xs))
            ensures(lambda r: forall(range(len(xs)), lambda i: 4 * r[i] <= xs[i]))
            return [half(half(x)) for x in xs]
        """,
    "a condition before the call": """
        def f(xs: list[int]) -> list[int]:
            return [half(x) for x in xs if x >= 0]
        """,
    "calls that make a set and a dict": """
        def f(xs: list[int]) -> set[int]:
            requires(forall(range(len(xs)), lambda i: xs[i] >= 0))
            ensures(lambda r: forall(r, lambda x: x >= 0))
            return {half(x) for x in xs}

        def g(xs: list[int]) -> dict[int, int]:
            ensures(lambda r: forall(r, lambda k: 2 * r[k] <= k))
            return {x: half(x) for x in xs if x >= 0}
        """,
    "calls that all items must satisfy": """
        def f(xs: list[int]) -> bool:
            requires(all(x >= 0 for x in xs))
            ensures(lambda r: r)
            return all(half(x) >= 0 for x in xs)
        """,
    "calls that change something, and several collections": """
        def f(c: Count, xs: list[int]) -> list[int]:
            modifies(c)
            return [c.next() for x in xs if x > 0]

        def g(xs: list[list[int]]) -> list[int]:
            return [y for x in xs for y in x]

        def h(c: Count, xs: list[int]) -> dict[int, int]:
            modifies(c)
            return {x: c.next() for x in xs}
        """,
    "the target of a comprehension is its own": """
        def f(c: Count, xs: list[int]) -> None:
            modifies(c)
            x = 5
            ys = [c.next() for x in xs]
            assert x == 5
        """,
    "a function without contract that divides": """
        def g(x: int) -> int:
            requires(x != 0)
            return 10 // x

        def f(xs: list[int]) -> list[int]:
            return [g(x) for x in xs if x > 0]
        """,
}

# What is wrong of them, the program, the call that breaks it, and how.
CALLED_WRONGLY = {
    "an item that the callee does not take": (
        """
        def f(xs: list[int]) -> list[int]:
            ys = [half(x) for x in xs]
            check(all(x >= 0 for x in xs))
            return ys
        """,
        "f([-1])",
        AssertionError,
    ),
    "the contract says less": (
        """
        def f(xs: list[int]) -> None:
            requires(forall(range(len(xs)), lambda i: xs[i] >= 0))
            ys = [half(x) for x in xs]
            assert all(2 * ys[i] == xs[i] for i in range(len(xs)))
        """,
        "f([1])",
        AssertionError,
    ),
    "calls change something": (
        """
        def f(c: Count, xs: list[int]) -> None:
            requires(c.n == 0)
            modifies(c)
            ys = [c.next() for x in xs]
            assert c.n == 0
        """,
        "f(Count(), [1])",
        AssertionError,
    ),
    "what a condition says of one item is not known of the next": (
        """
        def f(c: Count, xs: list[int | None]) -> list[int]:
            modifies(c)
            return [x + c.next() for x in xs]
        """,
        "f(Count(), [1, None])",
        TypeError,
    ),
    "two calls may return two values": (
        """
        import random

        def some(x: int) -> int:
            ensures(lambda r: r > 0)
            print(x)
            return next(seen)

        seen = iter(range(1, 9))

        def f() -> None:
            ys = [some(x) for x in range(2)]
            zs = [some(x) for x in range(2)]
            assert ys == zs
        """,
        "f()",
        AssertionError,
    ),
    "a function without contract that divides by zero": (
        """
        def g(x: int) -> int:
            return 10 // x

        def f(xs: list[int]) -> list[int]:
            return [g(x) for x in xs if x >= 0]
        """,
        "f([0])",
        ZeroDivisionError,
    ),
}


@pytest.mark.parametrize("fact", FACTS)
def test_what_holds_of_values_is_proved(fact: str) -> None:
    assert not any(verdicts(FACTS[fact]).values())


@pytest.mark.parametrize("fact", CALLED)
def test_what_holds_of_comprehensions_with_calls_is_proved(fact: str) -> None:
    assert not any(verdicts(HALF + CALLED[fact]).values())


@pytest.mark.parametrize("trap", CALLED_WRONGLY)
def test_what_a_run_breaks_of_comprehensions_with_calls_is_not_proved(trap: str) -> None:
    text, call, exception = CALLED_WRONGLY[trap]
    runs_into(HALF + text, call, exception)
    assert any(found for name, found in verdicts(HALF + text, flawed=True).items() if name in ("f", "g"))


@pytest.mark.parametrize("trap", TRAPS)
def test_what_a_run_breaks_of_values_is_not_proved(trap: str) -> None:
    text, call, exception = TRAPS[trap]
    runs_into(text, call, exception)
    assert any(verdicts(text, flawed=True).values())
