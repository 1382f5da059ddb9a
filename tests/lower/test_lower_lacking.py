"""Attributes that an instance may lack, and iterators and views that a local variable keeps."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

CONNECTION = """
    class Connection:
        def __init__(self, port: int) -> None:
            ensures(self.port == port)
            self.port = port
        def open(self, handle: int) -> None:
            modifies(self)
            ensures(hasattr(self, "handle") and self.handle == handle)
            self.handle = handle
        def close(self) -> None:
            requires(hasattr(self, "handle"))
            modifies(self)
            ensures(not hasattr(self, "handle"))
            del self.handle
        def forget(self) -> None:
            modifies(self)
            del self.handle
        def value(self) -> int:
            requires(hasattr(self, "handle"))
            ensures(result() == self.handle)
            return self.handle
        def peek(self) -> int:
            return self.handle
    def opened() -> int:
        ensures(result() == 5)
        c = Connection(3)
        c.open(5)
        return c.value()
    def closed() -> int:
        c = Connection(3)
        c.open(5)
        c.close()
        return c.value()
    def never_opened() -> int:
        return Connection(3).value()
    def caught() -> int:
        ensures(result() == 1)
        c = Connection(3)
        c.open(5)
        c.close()
        try:
            return c.handle
        except AttributeError:
            return 1
"""


def test_an_attribute_is_there_only_between_its_assignment_and_its_deletion():
    found = verdicts(CONNECTION)
    right = ["Connection.__init__", "Connection.open", "Connection.close", "Connection.value", "opened", "caught"]
    assert [found[f] for f in right] == [[]] * len(right)
    missing = (Kind.ATTRIBUTE, "`self.handle` must be there")
    assert found["Connection.forget"] == found["Connection.peek"] == [missing]
    unmet = [(Kind.PRECONDITION, 'hasattr(self, "handle")')]
    assert found["closed"] == found["never_opened"] == unmet


MIXED = """
    class Resetting:
        def reset(self) -> None:
            modifies(self)
            self.count = 0
        def read(self) -> int:
            return self.count
    class Counter(Resetting):
        def __init__(self) -> None:
            self.count = 3
        def get(self) -> int:
            ensures(result() == self.count)
            return self.count
"""


def test_what_the_constructor_of_a_derived_class_assigns_is_there():
    found = verdicts(MIXED)
    assert found["Resetting.reset"] == found["Counter.get"] == []
    assert [kind for kind, _ in found["Resetting.read"]] == [Kind.ATTRIBUTE]


ABOVE = """
    class Base:
        def __init__(self) -> None:
            ensures(not hasattr(self, "late"))
            self.own = 1
        def put(self) -> None:
            modifies(self)
            self.late = 2
    class Early(Base):
        def __init__(self) -> None:
            self.late: int = 3
            super().__init__()
"""


def test_a_constructor_takes_for_granted_only_what_its_callers_show():
    found = verdicts(ABOVE)
    assert found["Base.__init__"] == found["Base.put"] == []
    assert (Kind.ATTRIBUTE, "before its constructor runs, an instance must not have `late`") in found["Early.__init__"]


def test_an_attribute_that_may_be_none_is_not_told_from_one_that_is_missing():
    found = verdicts("""
        class A:
            def __init__(self) -> None:
                self.n = 1
            def put(self, x: int | None) -> None:
                modifies(self)
                self.late = x
        """)
    assert "unsupported: the attribute `late` of a `A` is not supported" in [text for _, text in found["A.put"]]


KEPT = """
    def counted(xs: list[int]) -> int:
        ensures(result() == len(xs))
        pairs = enumerate(xs)
        n = 0
        for i, x in pairs:
            invariant(n == i)
            n += 1
        return n
    def counted_from_one(xs: list[int]) -> int:
        ensures(result() == len(xs))
        pairs = enumerate(xs, 1)
        n = 0
        for i, x in pairs:
            invariant(n == i)
            n += 1
        return n
    def appended(xs: list[int]) -> int:
        ensures(result() == len(xs) and len(xs) == old(len(xs)) + 1)
        pairs = enumerate(xs)
        xs.append(1)
        n = 0
        for i, x in pairs:
            invariant(n == i)
            n += 1
        return n
    def rebound(xs: list[int]) -> int:
        ensures(result() == len(xs))
        pairs = enumerate(xs)
        xs = []
        n = 0
        for i, x in pairs:
            invariant(n == i)
            n += 1
        return n
    def shown(d: dict[int, int]) -> bool:
        ensures(result())
        keys = d.keys()
        d[7] = 1
        return 7 in keys
    def stale(d: dict[int, int]) -> bool:
        requires(7 not in d)
        ensures(not result())
        keys = d.keys()
        d[7] = 1
        return 7 in keys
    def other(xs: list[int]) -> bool:
        ensures(result())
        pairs = enumerate(xs)
        return xs is not pairs
"""


def test_what_is_kept_goes_over_what_its_arguments_were_and_hold_now():
    found = verdicts(KEPT)
    right = ["counted", "appended", "rebound", "shown", "other"]
    assert [found[f] for f in right] == [[]] * len(right)
    assert {kind for kind, _ in found["counted_from_one"]} == {Kind.ENTRY}
    assert found["stale"] == [(Kind.POSTCONDITION, "not result()")]


USED_UP = {
    "twice": """
    def f(xs: list[int]) -> int:
        pairs = enumerate(xs)
        return len(list(pairs)) + len(list(pairs))
""",
    "in a loop": """
    def f(xs: list[int]) -> int:
        pairs = enumerate(xs)
        n = 0
        for k in range(3):
            for i, x in pairs:
                n += 1
        return n
""",
    "sometimes made anew": """
    def f(xs: list[int], c: bool) -> int:
        n = 0
        for k in range(3):
            if c:
                pairs = enumerate(xs)
            for i, x in pairs:
                n += 1
        return n
""",
    "in a function inside": """
    def f(xs: list[int]) -> int:
        pairs = (x for x in xs)
        def g() -> int:
            return len(list(pairs))
        return g() + g()
""",
    "over a set": """
    def f(xs: set[int]) -> int:
        n = 0
        numbered = enumerate(xs)
        xs.add(1)
        for i, x in numbered:
            n += 1
        return n
""",
    "by another name": """
    def f(d: dict[int, int]) -> int:
        keys = d.keys()
        others = keys
        return len(others)
""",
}


@pytest.mark.parametrize("text", USED_UP.values(), ids=USED_UP)
def test_an_iterator_that_may_be_used_up_is_refused(text: str):
    ((_, why),) = verdicts(text)["f"]
    assert why.startswith("unsupported: ")
    assert "kept for later" in why or "`enumerate`" in why
