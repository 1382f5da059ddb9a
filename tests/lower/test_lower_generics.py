"""Type variables with bounds, classes with several of them, and calls that say what they stand for."""

from verdicts import verdicts

from probatum.lower.lowered import Kind

HEAD = """
    from typing import Generic, TypeVar
    T = TypeVar("T")
    V = TypeVar("V", bound=int)
    class Shape:
        def __init__(self, side: int) -> None:
            ensures(self.side == side)
            self.side = side
        def area(self) -> int:
            ensures(result() == self.side * 2)
            return self.side * 2
    class Square(Shape): pass
    S = TypeVar("S", bound=Shape)
"""


def test_value_of_a_variable_is_used_as_its_bound():
    found = verdicts(
        HEAD
        + """
    def two(v: V) -> int:
        ensures(result() == 2 + v)
        return 2 + v
    def wrong(v: V) -> int:
        ensures(result() == 3 + v)
        return 2 + v
    def of_bool() -> int:
        ensures(result() == 3)
        return two(True)
    def same(v: V, w: V) -> bool:
        ensures(result() == (v == w))
        return not (v < w or w < v)
    def area(s: S) -> int:
        ensures(result() == s.side * 2)
        return s.area()
    def among(v: V, vs: list[V]) -> bool:
        requires(len(vs) == 1 and vs[0] == v)
        ensures(result())
        return v in vs
    """
    )
    assert [found[name] for name in ("two", "of_bool", "same", "area")] == [[]] * 4
    assert [k for k, _ in found["wrong"]] == [Kind.POSTCONDITION]
    assert "type variable" in found["among"][0][1]  # `True` and `1` are equal, and two values


def test_result_is_of_what_the_arguments_are():
    found = verdicts(
        HEAD
        + """
    def bigger(s: S, t: S) -> S:
        ensures(result().side >= s.side and (result() is s or result() is t))
        return s if s.side > t.side else t
    def right(a: Square, b: Square) -> Square:
        ensures(result().side >= a.side)
        return bigger(a, b)
    def wrong(a: Square, b: Square) -> Square:
        ensures(result().side > a.side)
        return bigger(a, b)
    def first(v: V, xs: list[T]) -> tuple[T, V]:
        requires(len(xs) > 0)
        ensures(result()[1] == v)
        return xs[0], v
    def caller(s: Shape) -> int:
        ensures(result() == 1)
        return first(True, [s])[1]
    """
    )
    assert found["bigger"] == found["right"] == found["first"] == found["caller"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.POSTCONDITION]


def test_class_of_several_variables():
    found = verdicts(
        HEAD
        + """
    class Pair(Generic[T, V]):
        def __init__(self, first: T, second: V) -> None:
            ensures(self.first is first and self.second == second)
            self.first = first
            self.second = second
        def get(self) -> T:
            ensures(result() is self.first)
            return self.first
        def more(self) -> int:
            ensures(result() == self.second + 1)
            return self.second + 1
        def fresh(self) -> list[T]:
            ensures(len(result()) == 0)
            found: list[T] = []
            return found
    def right(s: Shape) -> int:
        ensures(result() == s.side + 6)
        p = Pair(s, 5)
        return p.get().side + p.more()
    def wrong(s: Shape) -> int:
        ensures(result() == s.side + 5)
        p = Pair(s, 5)
        return p.get().side + p.more()
    """
    )
    assert [k for k, _ in found.pop("wrong")] == [Kind.POSTCONDITION]
    assert all(claims == [] for claims in found.values())


def test_frozen_dataclass_of_a_variable():
    found = verdicts("""
        from dataclasses import dataclass
        from typing import Generic, TypeVar
        T = TypeVar("T")
        @dataclass(frozen=True)
        class Outcome(Generic[T]):
            ok: bool
            data: T | None = None
        def made() -> None:
            one = Outcome(True, "data")
            check(one.data == "data")
            check(one == Outcome(True, "data"))
        def wrong() -> None:
            one = Outcome(True, "data")
            check(one == Outcome(True, "date"))
        def use(one: Outcome[int]) -> int:
            requires(one.data is not None)
            ensures(result() == one.data)
            return one.data
        def missing(one: Outcome[int]) -> int:
            requires(one.ok)
            return one.data
        """)
    assert found["made"] == found["use"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.ASSERTION]
    assert [k for k, _ in found["missing"]] == [Kind.NONE]


def test_variable_stands_for_all_that_is_passed_for_it():
    found = verdicts(
        HEAD
        + """
    def pick(a: T, b: T, c: bool) -> T:
        ensures(implies(c, result() is a))
        return a if c else b
    def right(a: Square, b: Shape) -> Shape:
        ensures(result() is a)
        return pick(a, b, True)
    def wrong(a: Square, b: Shape) -> Shape:
        ensures(result() is a)
        return pick(a, b, False)
    """
    )
    assert found["pick"] == found["right"] == []
    assert [k for k, _ in found["wrong"]] == [Kind.POSTCONDITION]
