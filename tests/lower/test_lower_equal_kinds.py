"""Values of one kind that are equal to values of another, and parts of tuples that are equal because they are one object."""

import pytest
from verdicts import runs_into, verdicts

PROVED = {
    "bytes and a bytearray": """
        def f(b: bytearray, c: bytes) -> None:
            requires(b == c)
            assert bytes(b) == c and len(b) == len(c)
    """,
    "a bytearray made of bytes": """
        def f(c: bytes) -> None:
            b = bytearray(c)
            assert b == c and c == b
            b.append(0)
            assert b != c
    """,
    "places in a tuple": """
        def f(x: int) -> None:
            requires(x == 1 or x == 2)
            assert (1, 2).index(x) == x - 1
            assert (1, 2, 1).count(x) == 3 - x
    """,
    "a tuple some times": """
        def f(n: int) -> None:
            requires(n == 2)
            assert (1, 2) * n == (1, 2, 1, 2)
    """,
    "floats of tuples that are no NaN": """
        def f(x: float, y: float) -> None:
            requires(x < y)
            assert (x, 1) < (y, 0) and (x, 1) <= (x, 1) and y in (0.5, y)
    """,
    "what is written of either": """
        def f(x: int | bool) -> str:
            ensures(lambda r: implies(not isinstance(x, bool) and x == 1, r == "1"))
            return str(x)
    """,
    "a set without what another has": """
        def f(x: int) -> None:
            v = set() - set(range(x))
            assert len(v) == 0 and len(set()) == 0
            w = frozenset([1])
            assert (frozenset() | w) == w
    """,
}
# What is wrong, and the call that breaks it.
WRONG = {
    "a bytearray is no bytes": (
        """
        def f(b: bytearray, c: bytes) -> None:
            assert b != c
        """,
        'f(bytearray(b"a"), b"a")',
    ),
    "bytes of a bytearray": (
        """
        def f(b: bytearray) -> None:
            assert bytes(b) != b
        """,
        "f(bytearray())",
    ),
    "one of two": (
        """
        def f(x: bytes | bytearray) -> None:
            assert implies(isinstance(x, bytearray), x != b"a")
        """,
        'f(bytearray(b"a"))',
    ),
    "within tuples": (
        """
        def f(x: tuple[bytes, int], y: tuple[bytearray, int]) -> None:
            assert x != y
        """,
        'f((b"", 1), (bytearray(), 1))',
    ),
    "among items": (
        """
        def f(x: tuple[bytes, bytes], y: bytearray) -> None:
            assert y not in x
        """,
        'f((b"", b"a"), bytearray())',
    ),
    "NaN in a tuple": (
        """
        def f(x: float) -> None:
            assert implies(x != x, x not in (x, 1.0))
        """,
        'f(float("nan"))',
    ),
    "NaN counted": (
        """
        def f(x: float) -> None:
            assert implies(x != x, (x, x).count(x) == 0)
        """,
        'f(float("nan"))',
    ),
    "NaN before what decides": (
        """
        def f(x: float) -> None:
            assert implies(x != x, not (x, 1) < (x, 2))
        """,
        'f(float("nan"))',
    ),
    "a tuple with NaN and itself": (
        """
        def f(x: float) -> None:
            t = (x, 1)
            assert implies(x != x, not t <= t)
        """,
        'f(float("nan"))',
    ),
    "an int that may be a bool by its type": (
        """
        def f(x: int | bool) -> int:
            if isinstance(x, bool):
                assert False
            return 1
        """,
        "f(True)",
    ),
    "items that may be bools": (
        """
        def f(xs: list[int | bool]) -> None:
            requires(len(xs) > 0)
            assert not isinstance(xs[0], bool)
        """,
        "f([True])",
    ),
    "what is written of a bool": (
        """
        def f(x: int | bool) -> None:
            requires(x == 1)
            assert str(x) == "1"
        """,
        "f(True)",
    ),
}


@pytest.mark.parametrize("text", PROVED.values(), ids=PROVED)
def test_what_is_equal_is_proved(text):
    assert verdicts(text)["f"] == []


@pytest.mark.parametrize(("text", "call"), WRONG.values(), ids=WRONG)
def test_what_is_equal_after_all_is_not_proved_to_differ(text, call):
    runs_into(text, call, AssertionError)
    assert verdicts(text)["f"] != []


def test_what_holds_objects_with_a_rule_of_their_own_is_not_compared_without_it() -> None:
    text = """
    from dataclasses import dataclass

    class Even:
        def __init__(self, v: int) -> None:
            self.v = v

        def __eq__(self, other: object) -> bool:
            return True

    @dataclass
    class Pair:
        e: Even

    def tuples() -> bool:
        ensures(lambda r: not r)
        a = Even(1)
        b = Even(3)
        return (a, 1) == (b, 1)

    def fields() -> bool:
        ensures(lambda r: not r)
        a = Pair(Even(1))
        b = Pair(Even(3))
        return a == b

    def optional(a: Even | None, b: Even) -> bool:
        ensures(lambda r: not r)
        return a == b and a is not b

    def itself() -> bool:
        ensures(lambda r: r)
        a = Even(1)
        b = Even(3)
        return a == b
    """
    found = verdicts(text)
    assert [name for name in ("tuples", "fields", "optional", "itself") if not found[name]] == ["itself"]
