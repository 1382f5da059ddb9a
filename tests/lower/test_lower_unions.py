"""Attributes and methods of values that are of one of several classes, and classes that no object is of together."""

import pytest
from verdicts import verdicts

from probatum.lower.lowered import Kind

COUNTERS = """
    class A:
        def __init__(self) -> None:
            self.n = 0
        def bump(self) -> int:
            ensures(self.n == old(self.n) + 1 and result() == self.n)
            self.n += 1
            return self.n

    class B:
        def __init__(self) -> None:
            self.n = 0
        def bump(self) -> int:
            ensures(self.n == old(self.n) + 2 and result() == self.n)
            self.n += 2
            return self.n

    class C:
        def __init__(self) -> None:
            self.other = 0
"""


@pytest.mark.parametrize(
    ("body", "open_"),
    [
        ("def f(y: A | B) -> int:\n        ensures(result() == y.n)\n        return y.n", []),
        ("def f(y: A | B) -> int:\n        ensures(result() == y.n + 1)\n        return y.n", [Kind.POSTCONDITION]),
        ("def f(y: A | B) -> None:\n        ensures(y.n == 3)\n        y.n = 3", []),
        ("def f(y: A | B) -> None:\n        ensures(y.n == 4)\n        y.n = 3", [Kind.POSTCONDITION]),
        ("def f(y: A | B) -> int:\n        ensures(result() > old(y.n))\n        return y.bump()", []),
        ("def f(y: A | B) -> int:\n        ensures(result() == old(y.n) + 1)\n        return y.bump()", [Kind.POSTCONDITION]),
        ("def f(y: A | None | B) -> int:\n        requires(y is not None)\n        return y.n", []),
        ("def f(y: A | None | B) -> int:\n        requires(True)\n        return y.n", [Kind.NONE]),
        ("def f(y: A | C) -> int:\n        requires(isinstance(y, A))\n        return y.n", []),
        ("def f(y: A | C) -> int:\n        requires(True)\n        return y.n", [Kind.ATTRIBUTE]),
    ],
)
def test_union_has_the_attributes_of_the_class_that_it_is_of(body, open_):
    assert [kind for kind, _ in verdicts(COUNTERS + "\n    " + body + "\n")["f"]] == open_


def test_object_is_not_of_two_classes_from_which_none_is_derived():
    found = verdicts("""
        class A: pass
        class B: pass
        class D: pass
        class AD(A, D): pass
        def apart(a: A, b: B) -> None:
            check(a is not b)
            check(not isinstance(a, B))
        def joined(a: A, d: D) -> None:
            check(a is not d)
        def tested(a: A) -> None:
            check(not isinstance(a, D))
        """)
    assert found["apart"] == []
    assert [k for k, _ in found["joined"]] == [Kind.ASSERTION]
    assert [k for k, _ in found["tested"]] == [Kind.ASSERTION]


def test_truth_of_a_union_is_by_the_rule_of_the_value():
    found = verdicts("""
        def right(u: list[int] | int) -> int:
            ensures(result() == 0)
            if not u:
                if isinstance(u, int):
                    return u
                return len(u)
            return 0
        def wrong(u: list[int] | int) -> int:
            ensures(result() == 0)
            if u:
                if isinstance(u, int):
                    return u
            return 0
        """)
    assert found["right"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.POSTCONDITION]


def test_none_is_no_instance():
    found = verdicts("""
        class B: pass
        def callee(b: B) -> None:
            requires(True)
        def caller() -> None:
            requires(True)
            callee(None)
        def fine() -> None:
            requires(True)
            callee(B())
        """)
    assert [k for k, _ in found["caller"]] == [Kind.NONE]
    assert found["fine"] == []


def test_another_name_of_a_class_is_the_class():
    found = verdicts("""
        class A:
            def __init__(self, n: int) -> None:
                ensures(self.n == n)
                self.n = n
        C = A
        def f() -> int:
            ensures(result() == 3)
            c = C(3)
            check(isinstance(c, A) and isinstance(c, C))
            return c.n
        def g() -> int:
            ensures(result() == 4)
            return C(3).n
        """)
    assert found["f"] == []
    assert [k for k, _ in found["g"]] == [Kind.POSTCONDITION]


def test_assignment_to_another_class_puts_nothing_in_the_place_of_a_method():
    text = """
        class A:
            def m(self) -> int:
                return 1
        class B:
            def m(self) -> int:
                return 1
        class {name}(A): pass
        def two(self) -> int:
            return 2
        def change() -> None:
            {target}.m = two
        def f(a: A) -> int:
            ensures(result() == 1)
            return a.m()
        """
    assert verdicts(text.format(name="Z", target="B"))["f"] == []
    assert "puts something else" in verdicts(text.format(name="Z", target="Z"))["f"][0][1]


def test_methods_of_parameters_are_those_of_their_classes():
    found = verdicts("""
        class Other:
            def __init__(self, owner: int) -> None:
                self.owner = owner
            def put(self) -> None:
                self.owner = 3
        class Low:
            def __init__(self, low: int) -> None:
                ensures(self.low == low)
                self.low = low
            def put(self) -> None:
                modifies(self.low)
                ensures(self.low == 1)
                self.low = 1
        class Stepped(Low):
            def __init__(self, low: int, step: int) -> None:
                ensures(self.low == low and self.step == step)
                super().__init__(low)
                self.step = step
        def f(x: Low) -> None:
            ensures(x.low == 1)
            x.put()
        def g(x: Low) -> None:
            ensures(x.low == 2)
            x.put()
        """)
    assert [k for k, _ in found.pop("g")] == [Kind.POSTCONDITION]
    assert all(claims == [] for claims in found.values())


def test_property_that_only_computes_stands_in_a_chained_comparison():
    found = verdicts("""
        class A:
            def __init__(self, b: int) -> None:
                ensures(self.b == b)
                self.b = b
            @property
            def twice(self) -> int:
                return self.b * 2
        def right(a: A, n: int) -> bool:
            ensures(result() == (0 < n <= a.twice))
            return 0 < n <= a.twice
        def wrong(a: A, n: int) -> bool:
            ensures(result() == (0 < n <= a.b))
            return 0 < n <= a.twice
        """)
    assert found["right"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.POSTCONDITION]
