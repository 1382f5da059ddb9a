"""Programs with wrong claims that a careless reading of Python would prove: each is run, breaks, and is not proved."""

import pytest
from verdicts import program_of, runs_into, verdicts

from probatum.lower.lowering import lower

COUNTER = """
        class C:
            n: int

            def __init__(self) -> None:
                ensures(lambda: self.n == 0)
                self.n = 0

            def bump(self) -> int:
                modifies(self.n)
                ensures(lambda r: r == 10 and self.n == old(self.n) + 1)
                self.n += 1
                return 10

            def __len__(self) -> int:
                modifies(self.n)
                ensures(lambda r: r == 5 and self.n == old(self.n) + 1)
                self.n += 1
                return 5
"""
# What is wrong, the program, the call that breaks it, and how.
TRAPS = {
    "a parameter of a `lambda` that is called like a name of which more is known": (
        """
        def f(x: int | None, ys: list[int | None]) -> list[int]:
            ensures(lambda r: len(r) == len(ys))
            if x is not None:
                return list(map(lambda x: x + 1, ys))
            return [1 for y in ys]
        """,
        "f(1, [None])",
        TypeError,
    ),
    "a parameter of `key` that is called like an object of which more is known": (
        """
        class C:
            def __init__(self, v: int | None) -> None:
                self.v = v

        def f(c: C, cs: list[C]) -> list[C]:
            ensures(lambda r: len(r) == len(cs))
            if c.v is not None:
                return sorted(cs, key=lambda c: c.v + 1)
            return cs
        """,
        "f(C(1), [C(None)])",
        TypeError,
    ),
    "the target of an augmented assignment is evaluated before the value": (
        COUNTER
        + """
        def f() -> None:
            xs = [1, 2]
            c = C()
            xs[c.n] += c.bump()
            assert xs[1] == 12
        """,
        "f()",
        AssertionError,
    ),
    "an index that the value of an augmented assignment moves": (
        """
        def f() -> None:
            xs = [1, 2]
            i = 0
            xs[i] += (i := 1)
            assert xs[0] == 1
        """,
        "f()",
        AssertionError,
    ),
    "a list in a tuple is changed, and then assigned to the tuple": (
        """
        def f() -> None:
            t = ([1], 2)
            t[0] += [5]
        """,
        "f()",
        TypeError,
    ),
    "a list in a frozen instance is changed, and then assigned to its field": (
        """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class D:
            xs: list[int]

        def f(d: D) -> None:
            modifies(d.xs)
            d.xs += [5]
        """,
        "f(D([1]))",
        AttributeError,
    ),
    "a receiver is evaluated before the arguments": (
        """
        class B:
            v: int

            def __init__(self, v: int) -> None:
                ensures(lambda: self.v == v)
                self.v = v

            def get(self, x: int) -> int:
                ensures(lambda r: r == self.v)
                return self.v

        class A:
            b: B
            other: B

            def __init__(self, b: B, other: B) -> None:
                ensures(lambda: self.b is b and self.other is other)
                self.b = b
                self.other = other

            def swap(self) -> int:
                modifies(self.b)
                ensures(lambda r: self.b is self.other and r == 1)
                self.b = self.other
                return 1

        def f() -> None:
            a = A(B(1), B(2))
            assert a.b.get(a.swap()) == 2
        """,
        "f()",
        AssertionError,
    ),
    "a function of the module is called like one that is built in": (
        """
        def sum(xs: list[int]) -> int:
            modifies(xs)
            ensures(lambda r: len(xs) == 0 and r == 0)
            xs.clear()
            return 0

        def f() -> None:
            xs = [1]
            assert len(xs) + sum(xs) == 0
        """,
        "f()",
        AssertionError,
    ),
    "what a condition said of a path, before the middle of it was assigned": (
        """
        class B:
            y: int | None

            def __init__(self, y: int | None) -> None:
                self.y = y

        class A:
            x: B

            def __init__(self, x: B) -> None:
                self.x = x

        def f(a: A, b: B) -> int:
            modifies(a.x)
            if a.x.y is not None:
                a.x = b
                return a.x.y + 1
            return 0
        """,
        "f(A(B(1)), B(None))",
        TypeError,
    ),
    "what the first half of a condition said, before the second half changed it": (
        """
        class A:
            v: int | None

            def __init__(self, v: int | None) -> None:
                self.v = v

            def reset(self) -> bool:
                modifies(self.v)
                ensures(lambda r: r and self.v is None)
                self.v = None
                return True

        def f(a: A) -> int:
            modifies(a.v)
            if a.v is not None and a.reset():
                return a.v + 1
            return 0
        """,
        "f(A(1))",
        TypeError,
    ),
    "what a condition said of a variable that a `try` assigns": (
        """
        def f(x: int | None) -> int:
            if x is None:
                return 0
            try:
                x = None
            except ValueError:
                pass
            return x + 1
        """,
        "f(1)",
        TypeError,
    ),
    "what the end of a `try` knows, where an exception left it before": (
        """
        def f(x: int | None, d: dict[str, int]) -> int:
            raises(KeyError)
            y = 0
            try:
                v = d["a"]
                x = v
            finally:
                y = x + 1
            return y
        """,
        "f(None, {})",
        TypeError,
    ),
    "what a pattern says of an item, before the index was assigned": (
        """
        class B:
            y: int | str

            def __init__(self, y: int | str) -> None:
                self.y = y

        def f(a: list[B], i: int) -> int:
            requires(0 <= i < len(a) - 1)
            match a[i].y:
                case int():
                    i = i + 1
                    return a[i].y + 1
                case _:
                    return 0
        """,
        "f([B(1), B('x')], 0)",
        TypeError,
    ),
    "a pattern with `|` binds a name in several places": (
        """
        def f(t: tuple[int, int]) -> None:
            match t:
                case (1, y) | (y, 2):
                    assert y == t[0]
                case _:
                    pass
        """,
        "f((1, 7))",
        AssertionError,
    ),
    "`raise` raises again what its `except` caught": (
        """
        def f() -> int:
            raises(KeyError)
            try:
                raise ValueError("a")
            except ValueError:
                try:
                    raise KeyError("b")
                except KeyError:
                    pass
                raise
        """,
        "f()",
        ValueError,
    ),
    "the name of a caught exception has no value later": (
        """
        def f() -> int:
            try:
                raise ValueError("a")
            except ValueError as e:
                pass
            if e is not None:
                return 1
            return 2
        """,
        "f()",
        UnboundLocalError,
    ),
    "the name of a caught exception has no value behind a `break`": (
        """
        def f() -> int:
            for i in range(3):
                try:
                    raise ValueError("a")
                except ValueError as e:
                    break
            else:
                return 0
            if e is not None:
                return 1
            return 2
        """,
        "f()",
        UnboundLocalError,
    ),
    "the default of a parameter is one list for all calls": (
        """
        def g(x: int, xs: list[int] = [0] * 0) -> int:
            modifies(xs)
            ensures(lambda r: r == old(len(xs)) + 1 and len(xs) == old(len(xs)) + 1)
            xs.append(x)
            return len(xs)

        def f() -> None:
            a = g(1)
            assert g(1) == a
        """,
        "f()",
        AssertionError,
    ),
    "each value of a dict display is evaluated before the next key": (
        """
        class C:
            n: int

            def __init__(self) -> None:
                ensures(lambda: self.n == 0)
                self.n = 0

            def bump(self) -> int:
                modifies(self.n)
                ensures(lambda r: r == self.n and self.n == old(self.n) + 1)
                self.n += 1
                return self.n

        def f() -> None:
            c = C()
            d = {c.bump(): c.bump(), c.bump(): c.bump()}
            assert d[1] == 3
        """,
        "f()",
        AssertionError,
    ),
    "a function without a contract returns the list that it was given": (
        """
        def g(xs: list[int]) -> list[int]:
            return xs

        def f() -> None:
            a = [1]
            b = g(a)
            b.append(2)
            assert len(a) == 1
        """,
        "f()",
        AssertionError,
    ),
    "a pure function returns the list that it was given": (
        """
        @pure
        def g(xs: list[int]) -> list[int]:
            return xs

        def f() -> None:
            a = [1]
            b = g(a)
            b.append(2)
            assert len(a) == 1
        """,
        "f()",
        AssertionError,
    ),
    "a pure function that need not end has no value to reason from": (
        """
        @pure
        def g(x: int) -> int:
            decreases(None)
            return g(x) + 1

        def f(x: int) -> None:
            y = g(x)
            assert y == 0
        """,
        "f(1)",
        RecursionError,
    ),
    "a dict that grows while a loop goes over it": (
        """
        def f(d: dict[int, int]) -> None:
            requires(len(d) > 0)
            modifies(d)
            for k in d:
                d[k + 1] = 0
        """,
        "f({1: 2})",
        RuntimeError,
    ),
    "a set that grows while a loop goes over it": (
        """
        def f(d: set[int]) -> None:
            requires(len(d) > 0)
            modifies(d)
            for k in d:
                d.add(k + 1)
        """,
        "f({1})",
        RuntimeError,
    ),
    "a deque that changes while a loop goes over it": (
        """
        from collections import deque

        def f() -> None:
            d = deque([1, 2])
            for k in d:
                d.append(k)
                d.popleft()
        """,
        "f()",
        RuntimeError,
    ),
    "the values of a dict are those of the moment": (
        """
        def f() -> None:
            d = {1: 1, 2: 2}
            for k, v in d.items():
                invariant(1 in d, 2 in d, len(d) == 2)
                if k == 1:
                    d[2] = 5
                if k == 2:
                    assert v == 2
        """,
        "f()",
        AssertionError,
    ),
    "a list that is gone over backwards gets shorter": (
        """
        def f() -> None:
            xs = [1, 2, 3, 4]
            k = 0
            for x in reversed(xs):
                invariant(k >= 0, len(xs) == 4 - k)
                xs.pop()
                k += 1
                assert x != 3
        """,
        "f()",
        AssertionError,
    ),
    "an iterator is used up": (
        """
        def f() -> None:
            pairs = zip([1], [2])
            assert len(list(pairs)) == 1
            assert len(list(pairs)) == 1
        """,
        "f()",
        AssertionError,
    ),
    "an iterator goes on with what was added": (
        """
        def f() -> None:
            xs = [5]
            found = map(abs, xs)
            xs.append(2)
            assert len(list(found)) == 1
        """,
        "f()",
        AssertionError,
    ),
    "an item that a method with effects gives comes after what stands before it": (
        """
        class C:
            n: int

            def __init__(self) -> None:
                ensures(lambda: self.n == 0)
                self.n = 0

            def __getitem__(self, i: int) -> int:
                modifies(self.n)
                ensures(lambda r: r == i and self.n == old(self.n) + 1)
                self.n += 1
                return i

        def f() -> None:
            c = C()
            assert c.n + c[0] == 1
        """,
        "f()",
        AssertionError,
    ),
    "a length that a method with effects gives comes after what stands before it": (
        COUNTER
        + """
        def f() -> None:
            c = C()
            assert c.n + len(c) == 6
        """,
        "f()",
        AssertionError,
    ),
    "a pure function that calls itself in its contract": (
        """
        @pure
        def f(x: int) -> int:
            decreases(x)
            check(f(x) == f(x))
            return f(x) + 1
        """,
        "f(1)",
        RecursionError,
    ),
    "a function that is defined in one of two ways": (
        """
        if True:
            def g(x: int) -> int:
                ensures(lambda r: r == x)
                return x
        else:
            def g(x: int) -> int:
                ensures(lambda r: r == 1)
                return 1

        def f() -> None:
            assert g(5) == 1
        """,
        "f()",
        AssertionError,
    ),
    "a name of the module that is like one that is built in": (
        """
        def abs(x: int) -> int:
            return x

        abs = lambda x: x

        def f() -> None:
            assert abs(-1) == 1
        """,
        "f()",
        AssertionError,
    ),
    "a name that is local, because it is assigned later": (
        """
        K = 1

        def f() -> int:
            y = K
            K = 2
            return y
        """,
        "f()",
        UnboundLocalError,
    ),
    "a constant of a class that the module assigns again": (
        """
        class C:
            N = 1

        C.N = 2

        def f() -> None:
            assert C.N == 1
        """,
        "f()",
        AssertionError,
    ),
    "a method that the module replaces": (
        """
        class C:
            def m(self) -> int:
                ensures(lambda r: r == 1)
                return 1

        C.m = lambda self: 2

        def f() -> None:
            assert C().m() == 1
        """,
        "f()",
        AssertionError,
    ),
    "True is given for an integer": (
        """
        def f(x: int) -> None:
            assert not isinstance(x, bool)
        """,
        "f(True)",
        AssertionError,
    ),
    "an integer is given for a float": (
        """
        def f(x: float) -> None:
            assert isinstance(x, float)
        """,
        "f(1)",
        AssertionError,
    ),
    "an integer is not rounded where a float is expected": (
        """
        def f() -> None:
            x: float = 9007199254740993
            assert x == 9007199254740992.0
        """,
        "f()",
        AssertionError,
    ),
    "True is in a list with 1": (
        """
        def f() -> None:
            xs: list[int | str] = [1]
            assert True not in xs
        """,
        "f()",
        AssertionError,
    ),
    "NaN is not equal to itself": (
        """
        def f(x: float) -> None:
            assert x == x
        """,
        "f(float('nan'))",
        AssertionError,
    ),
    "the two zeros are equal": (
        """
        def f() -> None:
            assert (0.0, 1) != (-0.0, 1)
        """,
        "f()",
        AssertionError,
    ),
    "lists are counted by what they hold": (
        """
        def f() -> None:
            xs = [[1]]
            assert xs.count([1]) == 0
        """,
        "f()",
        AssertionError,
    ),
    "the two zeros are found as one": (
        """
        def f() -> None:
            xs = [0.0]
            assert xs.count(-0.0) == 0
        """,
        "f()",
        AssertionError,
    ),
    "True is counted with 1": (
        """
        def f() -> None:
            xs: list[int | str] = [1]
            assert xs.count(True) == 0
        """,
        "f()",
        AssertionError,
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_claim_that_a_run_breaks_is_not_proved(trap: str) -> None:
    text, call, exception = TRAPS[trap]
    runs_into(text, call, exception)
    assert any(open_claims for open_claims in verdicts(text, flawed=True).values())


def test_a_proof_rests_on_functions_that_call_one_another_and_may_not_end() -> None:
    text = """
        @pure
        def a(x: int) -> int:
            return b(x) + 1

        @pure
        def b(x: int) -> int:
            return a(x)

        def f(x: int) -> None:
            ensures(False)
            y = a(x)
        """
    program = program_of(text)
    lowered = lower(program, program.modules["m"].functions["f"])
    assert set(lowered.rests_on) == {"m.a", "m.b"}
