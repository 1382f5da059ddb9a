"""What conditions are made of beyond Python: quantifiers, multisets, sequences."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from itertools import chain

from .progress import NotExecutable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .progress import Test

_SAMPLE = (
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    4,
    5,
    7,
    8,
    10,
    16,
    31,
    32,
    63,
    64,
    100,
    127,
    128,
    255,
    256,
    -10,
    -128,
    1000,
    2**31,
    -(2**31),
    2**64,
)


def forall(domain: Any, test: Test) -> bool:
    """Whether all members pass; about all integers no run can say that they do."""
    members, complete = _members(domain)
    if not all(test(one) for one in members):
        return False
    if not complete:
        raise NotExecutable("it speaks of all members of a type")
    return True


def exists(domain: Any, test: Test) -> bool:
    """Whether some member passes; about all integers no run can say that none does."""
    members, complete = _members(domain)
    if any(test(one) for one in members):
        return True
    if not complete:
        raise NotExecutable("it speaks of all members of a type")
    return False


def _members(domain: Any) -> tuple[Iterable[Any], bool]:
    if domain is bool:
        return (False, True), True
    if isinstance(domain, type):
        if issubclass(domain, Enum):
            return list(domain), True
        return (_SAMPLE if domain is int else ()), False
    return domain, True


class Multiset:
    """How often each item occurs, whether or not items can be hashed."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Multiset):
            return NotImplemented
        if len(self.items) != len(other.items):
            return False
        try:
            return Counter(self.items) == Counter(other.items)
        except TypeError:
            rest = list(other.items)
            for item in self.items:
                if item not in rest:
                    return False
                rest.remove(item)
            return True

    __hash__ = None  # type: ignore[assignment]  # holds anything, so it has none

    def __getitem__(self, item: object) -> int:
        return self.items.count(item)

    def __sub__(self, other: Multiset) -> Multiset:
        left = list(self.items)
        for item in other.items:
            if item in left:
                left.remove(item)
        return Multiset(left)

    def num(self, item: object) -> int:
        """How often an item occurs."""
        return self.items.count(item)

    def __add__(self, other: Multiset) -> Multiset:
        return Multiset(chain(self.items, other.items))

    def __contains__(self, item: object) -> bool:
        return item in self.items

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"multiset({self.items!r})"


def implies(given: Any, then: Any) -> bool:
    """Whether the second holds if the first does; outside of contracts both have been evaluated."""
    return bool(then) if given else True


class Set_(frozenset):  # type: ignore[type-arg]  # noqa: N801 - at run time there are no types here; the name is taken
    """A mathematical set."""

    __slots__ = ()

    def __add__(self, other: Iterable[Any]) -> Set_:
        return Set_(self.union(other))

    def __sub__(self, other: object) -> Set_:
        return Set_(super().__sub__(other))  # type: ignore[operator]  # of a set, or not at all


class Sequence_(tuple):  # type: ignore[type-arg]  # noqa: N801 - at run time there are no types here; the name is taken
    """A mathematical sequence."""

    __slots__ = ()

    def take(self, count: int) -> Sequence_:
        """Return the first items."""
        return Sequence_(self[:count])

    def drop(self, count: int) -> Sequence_:
        """Return all but the first items."""
        return Sequence_(self[count:])

    def update(self, index: int, item: object) -> Sequence_:
        """Return the sequence with another item at an index."""
        return Sequence_((*self[:index], item, *self[index + 1 :]))

    def __add__(self, other: tuple[Any, ...]) -> Sequence_:
        return Sequence_(tuple.__add__(self, other))


def separate(*objects: object) -> bool:
    """Whether no two of these are the same object."""
    return len({id(o) for o in objects}) == len(objects)


def seen(target: object) -> Any:
    """What a loop has been through is not kept."""
    del target
    raise NotExecutable("it speaks of earlier rounds of the loop")


def same(value: Any) -> Any:
    """Return the value."""
    return value


def let(value: Any, test: Test) -> Any:
    """Return the body of a `let` for its value."""
    return test(value)
