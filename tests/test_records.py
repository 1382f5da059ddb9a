"""Classes of values are what `dataclasses` would have made of them."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from probatum import records

MAKERS = (records.dataclass, dataclasses.dataclass)


@records.dataclass(frozen=True, slots=True)
class Point:
    """A place in the plane."""

    x: int
    y: int = 0
    tags: list[str] = dataclasses.field(default_factory=list, compare=False, repr=False)


def made(maker: Any, **options: bool) -> Any:
    """Return one class made with these options: with defaults, a factory, a class variable and a derived value."""

    class Value:
        """A value."""

        shared: ClassVar[int] = 1
        first: int
        second: str = "b"
        third: list[int] = dataclasses.field(default_factory=list, compare=False)
        total: int = dataclasses.field(init=False, default=0, repr=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "total", self.first + 1)

    return maker(**options)(Value)


OPTIONS = [
    {},
    {"frozen": True},
    {"frozen": True, "slots": True},
    {"slots": True},
    {"frozen": True, "slots": True, "kw_only": True},
    {"frozen": True, "slots": True, "order": True},
    {"slots": True, "eq": False},
    {"frozen": True, "eq": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_value_is_made_shown_and_compared_as_dataclasses_would(options: dict[str, bool]) -> None:
    def seen(maker: Any) -> list[object]:
        kind = made(maker, **options)
        one, same, other = kind(first=1), kind(first=1, third=[2]), kind(first=1, second="c")
        found: list[object] = [repr(v).replace(kind.__qualname__, "") for v in (one, same, other)]
        found += [one == one, one == same, one == other, one == 1, one.total, one.third is kind(first=1).third]  # noqa: PLR0124 - equality is what is looked at
        found += [kind.__match_args__, hasattr(one, "__dict__"), kind.__doc__, dataclasses.asdict(other)]
        found += [
            [(f.name, f.init, f.kw_only, f.compare) for f in dataclasses.fields(kind)],
            dataclasses.replace(one, first=5).total,
        ]
        found += [list(inspect.signature(kind).parameters), kind.__init__.__annotations__]
        for act in (lambda: hash(one) == hash(same), lambda: one < other, lambda: one >= other, lambda: kind(1, "c", [3]).second):
            found.append(outcome(act))
        for act in (lambda: setattr(one, "first", 2), lambda: delattr(one, "first"), lambda: setattr(one, "new", 1)):
            found.append(bool(outcome(act)[0]))
        return found

    ours, theirs = map(seen, MAKERS)

    assert ours == theirs


def outcome(act: Callable[[], object]) -> tuple[str, object]:
    """Return the kind of what is raised, or what is returned."""
    try:
        return "", act()
    except (TypeError, AttributeError) as error:
        return type(error).__name__, None


def test_values_are_copied_and_pickled() -> None:
    one = Point(1, tags=["a"])

    assert pickle.loads(pickle.dumps(one)) == one == copy.deepcopy(one) == copy.copy(one)  # noqa: S301 - our own bytes
    assert copy.deepcopy(one).tags == ["a"]


def test_methods_that_are_written_stay() -> None:
    @records.dataclass(frozen=True)
    class Odd:
        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Odd) and (self.value - other.value) % 2 == 0

        def __hash__(self) -> int:
            return self.value % 2

        def __repr__(self) -> str:
            return "odd"

    assert (Odd(1) == Odd(3), hash(Odd(3)), repr(Odd(1))) == (True, 1, "odd")


@pytest.mark.parametrize("of_base", MAKERS)
@pytest.mark.parametrize("of_derived", MAKERS)
@pytest.mark.parametrize("frozen", [True, False])
def test_one_kind_of_class_inherits_from_the_other(of_base: Any, of_derived: Any, frozen: bool) -> None:
    @of_base(frozen=frozen, slots=True)
    class Base:
        x: int

    @of_derived(frozen=frozen, slots=True)
    class Derived(Base):
        y: int = 2

    assert [f.name for f in dataclasses.fields(Derived)] == ["x", "y"]
    assert (Derived(1) == Derived(1, 2), Derived(1) == Base(1)) == (True, False)
    assert outcome(lambda: setattr(Derived(1), "x", 3))[0] == ("FrozenInstanceError" if frozen else "")


def test_a_value_that_holds_itself_is_shown() -> None:
    @records.dataclass()
    class Node:
        inner: object = None

    one = Node()
    one.inner = one

    assert repr(one).endswith("Node(inner=...)")
