"""Functions within functions stand for their calls, with what is around them when they are called."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

TRUE = {
    "its arguments": """
    def f(n: int) -> int:
        ensures(lambda r: r == 2 * n)
        def double(k: int) -> int:
            return k + k
        return double(n)
    """,
    "what is around it when it is called": """
    def f(n: int, m: int) -> int:
        ensures(lambda r: r == n + m + 1)
        def add(k):
            return k + m
        m = m + 1
        return add(n)
    """,
    "a list around it": """
    def f(x: int) -> list[int]:
        ensures(lambda r: r == [x, 2])
        out: list[int] = []
        def note(y: int) -> None:
            out.append(y)
        note(x)
        note(2)
        return out
    """,
    "another one, whose names are not its own": """
    def f(m: int) -> int:
        ensures(lambda r: r == 5 + m)
        def add(k: int) -> int:
            return k + m
        def call(m: int) -> int:
            return add(m)
        return call(5)
    """,
    "a condition": """
    def f(n: int) -> bool:
        ensures(lambda r: r == (n > 3 and n % 2 == 0))
        def even(i: int) -> bool:
            return i % 2 == 0
        return n > 3 and even(n)
    """,
    "an exception": """
    def f(n: int) -> int:
        raises(ValueError, when=n < 0)
        ensures(lambda r: r == n)
        def look(i: int) -> None:
            if i < 0:
                raise ValueError("negative")
        look(n)
        return n
    """,
}


@pytest.mark.parametrize("name", TRUE)
def test_inner_function_does_what_its_body_says(name: str) -> None:
    assert verdicts(TRUE[name]) == {"f": []}


FALSE = {
    "its arguments": ("k + k", "k + k + 1"),
    "what is around it when it is called": ("m = m + 1", "m = m + 2"),
    "a list around it": ("note(2)", "note(3)"),
    "another one, whose names are not its own": ("r == 5 + m", "r == 10"),
    "a condition": ("n > 3 and even", "n > 4 and even"),
    "an exception": ("        raises(ValueError, when=n < 0)\n", ""),
}


@pytest.mark.parametrize("name", FALSE)
def test_inner_function_does_nothing_else(name: str) -> None:
    right, wrong = FALSE[name]
    assert right in TRUE[name]
    kinds = {kind for kind, _ in verdicts(TRUE[name].replace(right, wrong))["f"]}
    assert kinds & {Kind.POSTCONDITION, Kind.EXCEPTION}


UNSUPPORTED = {
    "that assigns what is outside of it": """
        def inner() -> None:
            nonlocal n
            n += 1
        inner()
        return n
    """,
    "which is defined under a condition": """
        if n > 2:
            def inner() -> int:
                return 1
        else:
            def inner() -> int:
                return 2
        return inner()
    """,
    "which has no contract and is recursive": """
        def inner(k: int) -> int:
            return inner(k)
        return inner(n)
    """,
    "as a value": """
        def inner(k: int) -> int:
            return k
        g = inner
        return n
    """,
    "whose name stands for something else": """
        def abs(k: int) -> int:
            return k
        return abs(n)
    """,
    "before anything is assigned to it": """
        x = inner()
        def inner() -> int:
            return 1
        return x
    """,
    "`later` before anything is assigned to it": """
        def inner() -> int:
            return later
        x = inner()
        later = 1
        return x
    """,
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_more_than_a_body_that_stands_for_calls_is_refused_by_name(name: str) -> None:
    text = f"""
    def f(n: int) -> int:
        ensures(lambda r: r == n)
{UNSUPPORTED[name]}"""
    ((_, message),) = verdicts(text)["f"]
    assert message.startswith("unsupported:")
    assert name in message


def test_what_an_unannotated_function_returns_at_its_end_is_none() -> None:
    text = """
    def f(n: int):
        ensures(lambda r: (r is None) == (n <= 0))
        if n > 0:
            return 1

    def g(n: int):
        ensures(lambda r: r is not None)
        if n > 0:
            return 1

    def h(n: int) -> bool:
        ensures(lambda r: r == (n > 0))
        def positive(k: int):
            if k > 0:
                return 1
        return positive(n) is not None
    """
    found = verdicts(text)
    assert found["f"] == found["h"] == []
    assert found["g"]
