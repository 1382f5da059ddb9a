"""What code puts in the place of definitions: another value is returned then, and what the definition says is not proved."""

import textwrap

import pytest
from verdicts import HEADER, open_claims, verdicts

from probatum.python.reading import read_program

# What is done, the program, what `f()` returns by its text alone, and what it returns.
REPLACED = {
    "a method, through a loop over classes": (
        """
        class C:
            def g(self) -> int:
                return 1

        for kind in (C,):
            kind.g = lambda self: 3

        def f() -> int:
            return C().g()
        """,
        1,
        3,
    ),
    "a method, by `setattr`": (
        """
        class C:
            def g(self) -> int:
                return 1

        setattr(C, "g", lambda self: 3)

        def f() -> int:
            return C().g()
        """,
        1,
        3,
    ),
    "a method, by `setattr` with a computed name": (
        """
        class C:
            def g(self) -> int:
                return 1

        for name in ["g"]:
            setattr(C, name, lambda self: 3)

        def f() -> int:
            return C().g()
        """,
        1,
        3,
    ),
    "an attribute of a derived class, by the class above": (
        """
        class B:
            def __init_subclass__(cls) -> None:
                cls.z = 5

        class C(B):
            z = 1

        def f() -> int:
            return C.z
        """,
        1,
        5,
    ),
    "an attribute of a class, by what is in it": (
        """
        class Named:
            def __set_name__(self, owner: type, name: str) -> None:
                owner.z = 5

        class C:
            z = 1
            n = Named()

        def f() -> int:
            return C.z
        """,
        1,
        5,
    ),
    "a method that Python calls by itself": (
        """
        class C:
            def __init__(self, x: int) -> None:
                self.x = x

        C.__eq__ = lambda a, b: True

        def f() -> bool:
            a = C(1)
            b = C(2)
            return a == b
        """,
        False,
        True,
    ),
    "the class of an object": (
        """
        class C:
            def who(self) -> int:
                return 1

            def become(self) -> None:
                self.__class__ = D

        class D(C):
            def who(self) -> int:
                return 2

        def f() -> int:
            c = C()
            c.become()
            return c.who()
        """,
        1,
        2,
    ),
    "the defaults of a function": (
        """
        def g(x: int = 1) -> int:
            return x

        g.__defaults__ = (7,)

        def f() -> int:
            return g()
        """,
        1,
        7,
    ),
    "the code of a function": (
        """
        def g() -> int:
            return 1

        def h() -> int:
            return 2

        g.__code__ = h.__code__

        def f() -> int:
            return g()
        """,
        1,
        2,
    ),
    "a constant, in `globals()`": (
        """
        K = 3
        globals()["K"] = 4

        def f() -> int:
            return K
        """,
        3,
        4,
    ),
    "a constant, by `globals().update`": (
        """
        K = 3
        globals().update(K=4)

        def f() -> int:
            return K
        """,
        3,
        4,
    ),
    "a function, in `globals()`": (
        """
        def g() -> int:
            return 1

        globals()["g"] = lambda: 5

        def f() -> int:
            return g()
        """,
        1,
        5,
    ),
    "a constant, by `exec`": (
        """
        K = 1
        exec("K = 2")

        def f() -> int:
            return K
        """,
        1,
        2,
    ),
    "a function, by `exec`": (
        """
        def g() -> int:
            return 1

        exec("def g(): return 9")

        def f() -> int:
            return g()
        """,
        1,
        9,
    ),
    "a function, by a star after it": (
        """
        def sqrt(x: int) -> int:
            return 1

        from math import *

        def f() -> int:
            return int(sqrt(4))
        """,
        1,
        2,
    ),
    "what a function returned before": (
        """
        from functools import lru_cache

        count = 0

        @lru_cache
        def g(x: int) -> int:
            global count
            count += 1
            return count

        def f() -> int:
            a = g(1)
            b = g(1)
            return b - a
        """,
        1,
        0,
    ),
    "what a function returned before, for a number that is equal": (
        """
        from functools import cache
        from math import copysign

        @cache
        def g(x: float) -> float:
            return copysign(1.0, x)

        def f() -> float:
            a = g(0.0)
            b = g(-0.0)
            return b
        """,
        -1.0,
        1.0,
    ),
}


@pytest.mark.parametrize(("text", "written", "returned"), REPLACED.values(), ids=REPLACED.keys())
def test_what_takes_the_place_of_a_definition_is_not_taken_for_it(text, written, returned) -> None:
    text = textwrap.dedent(text)
    names: dict[str, object] = {"__name__": "m"}
    exec(compile(text, "m", "exec"), names)  # noqa: S102 - texts of this test
    assert names["f"]() == returned
    head, _, body = text.rpartition("def f()")
    said = body.replace(":\n", f":\n    ensures(lambda r: r == {written!r})\n", 1)
    program = read_program({"m.py": HEADER + head + "def f()" + said})
    assert open_claims(program, program.modules["m"].functions["f"])


def test_what_is_as_it_is_written_is_proved() -> None:
    text = """
    from math import *
    from functools import cache

    K = 3
    assert globals()["K"] == 3 and "K" in globals() and vars().get("K") == 3

    class Node:
        def __init__(self, value: int) -> None:
            self.value = value
            self.next = 0

    class Tree:
        def value(self) -> int:
            return 1

        def next(self) -> int:
            return 2

    @cache
    def twice(x: int) -> int:
        return 2 * x

    def sqrt(x: int) -> int:
        return 1

    def of_constant() -> int:
        ensures(lambda r: r == 3)
        return K

    def of_instance(n: Node, t: Tree) -> int:
        ensures(lambda r: r == 3)
        n.value = 2
        n.next = 5
        return n.value + t.value()

    def of_cache() -> int:
        ensures(lambda r: r == 4)
        return twice(2)

    def of_own() -> int:
        ensures(lambda r: r == 1)
        return sqrt(5)
    """
    assert {name: found for name, found in verdicts(text).items() if name.startswith("of_")} == {
        "of_constant": [], "of_instance": [], "of_cache": [], "of_own": [],
    }  # fmt: skip


def test_methods_that_python_calls_take_their_defaults() -> None:
    text = """
    class C:
        def __init__(self) -> None:
            self.x = 1

        def __str__(self, short: bool = False) -> str:
            return "a" if short else "b"

        def __len__(self, k: int) -> int:
            return k

        def __exit__(self, *args: object) -> bool:
            return True

        def __enter__(self) -> "C":
            return self

        def lost():
            return 1

    def f(c: C) -> str:
        ensures(lambda r: r == "b")
        return str(c)

    def swallowed(c: C) -> int:
        ensures(lambda r: r == 2)
        with c:
            raise ValueError
        return 2

    def lacking(c: C) -> int:
        return len(c)

    def lost(c: C) -> int:
        return c.lost()
    """
    found = verdicts(text)
    assert found["f"] == found["swallowed"] == []
    assert "another number of arguments" in found["lacking"][0][1]
    assert "without a parameter for its instance" in found["lost"][0][1]
