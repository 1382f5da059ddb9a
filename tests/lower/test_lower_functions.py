"""What of functions is proved, and what is not: each fact as a function that shows it."""

import pytest
from verdicts import dead_ends, verdicts

from probatum.lower.lowered import Kind

PROVED = {
    "an index within the list": """
        def f(xs: list[int]) -> int:
            requires(len(xs) > 2)
            return xs[0] + xs[-1] + xs[2] + xs[-3]
        """,
    "floor division and remainder": """
        def f(a: int, b: int) -> int:
            requires(b != 0)
            ensures(lambda r: r == a)
            return (a // b) * b + a % b
        """,
    "the sign of a remainder": """
        def f(a: int, b: int) -> int:
            requires(b < 0)
            ensures(lambda r: b < r <= 0)
            return a % b
        """,
    "short circuits": """
        def f(xs: list[int], i: int) -> bool:
            return 0 <= i < len(xs) and xs[i] > 0
        """,
    "conditional expressions": """
        def f(xs: list[int]) -> int:
            return xs[0] if xs else 0
        """,
    "arguments are evaluated before what they change": """
        def clear(xs: list[int]) -> int:
            modifies(xs)
            ensures(lambda r: r == old(len(xs)) and len(xs) == 0)
            n = len(xs)
            xs.clear()
            return n

        def f(xs: list[int]) -> int:
            ensures(lambda r: r == 2 * old(len(xs)))
            return len(xs) + clear(xs)
        """,
    "two lists may be one": """
        def f(xs: list[int], ys: list[int]) -> None:
            requires(len(xs) > 0 and len(ys) > 0)
            ensures(ys[0] == (5 if xs is ys else old(ys[0])))
            xs[0] = 5
        """,
    "a copy is another list": """
        def f(xs: list[int]) -> list[int]:
            ensures(xs == old(xs))
            ensures(lambda r: r == old(xs) + [1])
            ys = xs[:]
            ys.append(1)
            return ys
        """,
    "old fields of what has changed": """
        class Counter:
            n: int

            def __init__(self) -> None:
                ensures(self.n == 0)
                self.n = 0

            def step(self) -> None:
                modifies(self.n)
                ensures(self.n == old(self).n + 1 and old(self.n) == old(self).n)
                self.n += 1
        """,
    "dicts": """
        def f(d: dict[str, int], k: str) -> int:
            ensures(lambda r: k in d and d[k] == r)
            ensures(lambda r: r == old(d.get(k, 0)) + 1)
            d[k] = d.get(k, 0) + 1
            return d[k]
        """,
    "an exception that is caught": """
        def f(d: dict[str, int], k: str) -> int:
            ensures(lambda r: r == (d[k] if k in d else -1))
            try:
                v = d[k]
            except KeyError:
                return -1
            else:
                return v
            finally:
                check(True)
        """,
    "an exception that is declared": """
        def f(x: int) -> int:
            raises(ValueError, when=x < 0)
            ensures(lambda r: r == x)
            if x < 0:
                raise ValueError(f"{x} is negative")
            return x

        def g(x: int) -> int:
            ensures(lambda r: r == max(x, 0))
            try:
                return f(x)
            except ValueError:
                return 0
        """,
    "None is excluded by conditions": """
        def f(x: int | None, y: int | None) -> int:
            if x is None:
                return 0
            return x + (y if y is not None else 1)
        """,
    "unions by match": """
        def f(x: int | str) -> int:
            ensures(lambda r: r >= 0)
            match x:
                case int():
                    return abs(x)
                case str():
                    return len(x)
        """,
    "comprehensions": """
        def f(n: int) -> list[int]:
            requires(n >= 0)
            ensures(lambda r: len(r) == n and forall(range(n), lambda i: r[i] == i * i))
            return [i * i for i in range(n)]
        """,
    "for over a range": """
        def f(n: int) -> int:
            requires(n >= 0)
            ensures(lambda r: r * 2 == n * (n + 1))
            total = 0
            for i in range(n + 1):
                invariant(total * 2 == i * (i - 1))
                total += i
            return total
        """,
    "else of a loop, and break": """
        def f(xs: list[int]) -> bool:
            ensures(lambda r: r == (0 in xs))
            i = 0
            while i < len(xs):
                invariant(0 <= i <= len(xs), 0 not in xs[:i])
                if xs[i] == 0:
                    found = True
                    break
                i += 1
            else:
                found = False
            return found
        """,
    "recursion": """
        @pure
        def fact(n: int) -> int:
            requires(n >= 0)
            decreases(n)
            ensures(lambda r: r >= 1)
            return 1 if n == 0 else n * fact(n - 1)
        """,
    "a function without contract stands for its body": """
        def half(x: int) -> int:
            if x < 0:
                x = -x
            return x // 2

        def f(x: int) -> int:
            ensures(lambda r: r >= 0)
            return half(x)
        """,
    "bytes": """
        def f(n: UInt16) -> bytes:
            ensures(lambda r: len(r) == 2 and r[0] * 256 + r[1] == n)
            return bytes([n // 256, n % 256])
        """,
    "tuples": """
        def f(a: int, b: int) -> tuple[int, int]:
            ensures(lambda r: r[0] <= r[1] and sum(r) == a + b)
            if a > b:
                a, b = b, a
            return a, b
        """,
    "a lemma": """
        @lemma
        def even(n: int) -> None:
            requires(n >= 0)
            ensures(n * (n + 1) % 2 == 0)
            decreases(n)
            if n > 0:
                even(n - 1)
                check(n * (n + 1) == (n - 1) * n + 2 * n)
        """,
}


@pytest.mark.parametrize("name", PROVED)
def test_proved(name: str) -> None:
    assert {f: claims for f, claims in verdicts(PROVED[name]).items() if claims} == {}


@pytest.mark.parametrize("name", PROVED)
def test_what_is_known_at_the_end_is_no_contradiction(name: str) -> None:
    assert dead_ends(PROVED[name]) == []


OPEN = {
    "an index": ("def f(xs: list[int]) -> int:\n    requires(len(xs) > 2)\n    return xs[3]", [Kind.INDEX]),
    "a negative index": ("def f(xs: list[int]) -> int:\n    requires(len(xs) == 2)\n    return xs[-3]", [Kind.INDEX]),
    "a key": ("def f(d: dict[str, int]) -> int:\n    requires(len(d) > 0)\n    return d['a']", [Kind.KEY]),
    "None": ("def f(x: int | None) -> int:\n    return x + 1", [Kind.NONE]),
    "division": ("def f(a: int) -> int:\n    return 1 // a", [Kind.DIVISION]),
    "unpacking": ("def f(xs: list[int]) -> int:\n    a, b = xs\n    return a + b", [Kind.UNPACKING]),
    "a class": ("def f(x: int | str) -> int:\n    return len(x)", [Kind.TYPE]),
    "a range": ("def f(x: int) -> UInt8:\n    requires(x >= 0)\n    return x", [Kind.RANGE]),
    "a range of items": ("def f(xs: list[int]) -> tuple[UInt8, ...]:\n    return tuple(xs)", [Kind.TYPE]),
    "termination of a loop": ("def f(n: int) -> None:\n    while n != 0:\n        n -= 2", [Kind.TERMINATION]),
    "termination of recursion": ("def f(n: int) -> int:\n    ensures(True)\n    return f(n - 1)", [Kind.TERMINATION]),
    "an exception": ("def f(n: int) -> int:\n    if n == 0:\n        raise KeyError\n    return n", [Kind.EXCEPTION]),
    "an exception of a callee": (
        (
            "def g(n: int) -> int:\n    raises(OSError, when=n < 0)\n    if n < 0:\n        raise OSError\n    return n\n"
            "def f(n: int) -> int:\n    return g(n)"
        ),
        [Kind.EXCEPTION],
    ),
    "an exception that must be raised": ("def f(n: int) -> int:\n    raises(KeyError, when=n == 0)\n    return n", [Kind.RAISES]),
    "a precondition": (
        "def g(n: int) -> int:\n    requires(n > 0)\n    return n\ndef f(n: int) -> int:\n    return g(n)",
        [Kind.PRECONDITION],
    ),
    "an invariant on entry": (
        "def f(n: int) -> None:\n    i = 0\n    while i < n:\n        invariant(i > 0)\n        i += 1",
        [Kind.ENTRY],
    ),
    "an invariant kept": (
        "def f(n: int) -> None:\n    i = 0\n    while i < n:\n        invariant(i == 0)\n        i += 1",
        [Kind.MAINTAINED],
    ),
    "a postcondition": ("def f(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n", [Kind.POSTCONDITION]),
    "a frame": ("def f(xs: list[int]) -> None:\n    modifies()\n    xs.append(1)", [Kind.FRAME]),
    "a local without value": ("def f(n: int) -> int:\n    if n > 0:\n        x = 1\n    return x", [Kind.ATTRIBUTE]),
    "a contract that raises": (
        "def f(xs: list[int]) -> int:\n    ensures(lambda r: xs[0] == r or True)\n    return 0",
        [Kind.DEFINED],
    ),
    "preconditions that contradict each other": (
        "def f(n: int) -> int:\n    requires(n > 1)\n    requires(n < 1)\n    return n",
        [Kind.VACUOUS],
    ),
    "an alias": (
        (
            "def f(xs: list[int], ys: list[int]) -> None:\n    requires(len(xs) == 1 and len(ys) == 1)\n"
            "    ensures(ys[0] == old(ys[0]))\n    xs[0] = 5"
        ),
        [Kind.POSTCONDITION],
    ),
    "the field that old means": (
        (
            "class C:\n    n: int\n    def __init__(self) -> None:\n        self.n = 0\n    def f(self) -> None:\n"
            "        modifies(self.n)\n        ensures(old(self).n == self.n)\n        self.n += 1"
        ),
        [Kind.POSTCONDITION],
    ),
    "order of evaluation": (
        (
            "def g(xs: list[int]) -> int:\n    modifies(xs)\n    ensures(len(xs) == 0)\n    xs.clear()\n    return 0\n"
            "def f(xs: list[int]) -> int:\n    ensures(lambda r: r == 0)\n    return len(xs) + g(xs)"
        ),
        [Kind.POSTCONDITION],
    ),
    "what a loop changes": (
        (
            "def f(xs: list[int], ys: list[int]) -> None:\n    requires(len(xs) == 3)\n    ensures(len(ys) == old(len(ys)))\n"
            "    for i in range(3):\n        ys.append(i)"
        ),
        [Kind.POSTCONDITION],
    ),
    "the last round of a loop": (
        (
            "def f(n: int) -> int:\n    requires(n > 0)\n    ensures(lambda r: r == n)\n    x = 0\n    for i in range(n):\n"
            "        invariant(x == i)\n        x = i\n    return x"
        ),
        [Kind.MAINTAINED],
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_not_proved(name: str) -> None:
    text, kinds = OPEN[name]
    claims = [kind for found in verdicts(text).values() for kind, _ in found]
    assert claims == kinds


GUESSED = {
    "the greatest so far": """
        def f(xs: list[int]) -> int:
            requires(len(xs) > 0)
            ensures(lambda r: forall(xs, lambda x: x <= r))
            best = xs[0]
            for x in xs:
                if x > best:
                    best = x
            return best
        """,
    "the sum so far": """
        def f(xs: list[int]) -> int:
            ensures(lambda r: r == sum(xs))
            total = 0
            for x in xs:
                total += x
            return total
        """,
    "what was filled": """
        def f(n: int) -> list[int]:
            requires(n >= 0)
            ensures(lambda r: len(r) == n and forall(r, lambda x: x == 7))
            out = []
            for i in range(n):
                out.append(7)
            return out
        """,
    "what was not found": """
        def f(xs: list[int], k: int) -> int:
            ensures(lambda r: implies(r >= 0, r < len(xs) and xs[r] == k))
            ensures(lambda r: implies(r < 0, k not in xs))
            for i, x in enumerate(xs):
                if x == k:
                    return i
            return -1
        """,
    "a counter": """
        def f(n: int) -> int:
            requires(n >= 0)
            ensures(lambda r: r == n)
            i = 0
            while i < n:
                i += 1
            return i
        """,
}


@pytest.mark.parametrize("name", GUESSED)
def test_invariants_that_nobody_wrote(name: str) -> None:
    (without,) = verdicts(GUESSED[name]).values()
    (found,) = verdicts(GUESSED[name], guess=True).values()
    assert without
    assert found == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("if x > best", "if x < best"), ("total += x", "total = x"), ("append(7)", "append(8)"), ("i += 1", "i += 2")],
)
def test_guesses_prove_nothing_false(wrong: str, right: str) -> None:
    for text in GUESSED.values():
        if wrong in text:
            (found,) = verdicts(text.replace(wrong, right), guess=True).values()
            assert found


def test_an_exception_of_another_class_than_the_declared_one_is_not_proved_away() -> None:
    text = """
    def wrong(x: int) -> int:
        raises(ValueError)
        if x < 0:
            raise KeyError
        return 1

    def right(x: int) -> int:
        raises(LookupError)
        if x < 0:
            raise KeyError
        return 1
    """
    assert verdicts(text) == {"wrong": [(Kind.EXCEPTION, "`KeyError` must be declared, or never be raised")], "right": []}


def test_only_exceptions_can_be_raised() -> None:
    text = """
    class C:
        pass

    class E(Exception):
        pass

    def wrong(x: C) -> None:
        raises(C)
        raise x

    def none(x: ValueError | None) -> None:
        raises(ValueError)
        raise x

    def number(x: int) -> None:
        raises(Exception)
        raise x

    def cause(x: C) -> None:
        raises(E)
        raise E("a") from x

    def right(x: ValueError | None) -> None:
        raises(E, ValueError)
        if x is not None:
            raise x
        try:
            raise KeyError
        except KeyError as e:
            raise E("a") from e
    """
    found = verdicts(text)
    assert [name for name, claims in found.items() if not claims] == ["right"]


def test_a_constructor_that_loses_its_object_is_not_handled() -> None:
    text = """
    class A:
        def __init__(self, other: "A") -> None:
            self.x = 1
            self = other
            self.y = 2
    """
    [(_, why)] = verdicts(text)["A.__init__"]
    assert why == "unsupported: a constructor in which `self` is assigned is not supported"
