"""A user's module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from probatum import spec
from probatum.spec import (
    Nat,
    Positive,
    Range,
    UInt8,
    UInt32,
    assume,
    check,
    class_invariant,
    contract,
    decreases,
    ensures,
    exists,
    forall,
    fresh,
    ghost,
    implies,
    invariant,
    lemma,
    modifies,
    multiset,
    old,
    opaque,
    pure,
    raises,
    reads,
    requires,
    result,
    reveal,
    trusted,
)

Digit = Annotated[int, Range(0, 9)]


@pure
def total(xs: Sequence[int]) -> int:
    requires(len(xs) >= 0)
    return sum(xs)


@contract
def bsearch(a: list[int], key: int) -> int:
    requires(forall(range(len(a)), lambda i: forall(range(i, len(a)), lambda j: a[i] <= a[j])))
    requires(forall(range(len(a)), range(len(a)), lambda i, j: implies(i <= j, a[i] <= a[j])))
    ensures(lambda r: implies(r >= 0, a[r] == key))
    ensures(lambda r: implies(r < 0, key not in a), result() < len(a))
    decreases(len(a))
    lo, hi = 0, len(a)
    while lo < hi:
        invariant(0 <= lo <= hi <= len(a), key not in a[:lo], key not in a[hi:])
        decreases(hi - lo)
        mid = (lo + hi) // 2
        if a[mid] < key:
            lo = mid + 1
        elif a[mid] > key:
            hi = mid
        else:
            check(a[mid] == key, "found")
            return mid
    return -1


@class_invariant(lambda self: self.count >= 0)
@dataclass
class Counter:
    count: int = 0

    def add(self, by: Positive) -> Nat:
        modifies(self)
        ensures(lambda r: r == old(self.count) + by)
        self.count += by
        return self.count

    @property
    def half(self) -> int:
        ensures(lambda r: r * 2 <= self.count)
        return self.count // 2

    @staticmethod
    def parse(text: str) -> UInt8:
        raises(ValueError, when=not text.isdigit(), ensures=lambda e: len(e.args) > 0)
        requires(len(text) < 3)
        return int(text)


@lemma
def sums(xs: list[int]) -> None:
    ensures(total(xs) == sum(xs))
    reveal(total)


@opaque
@trusted
def seal(data: bytes, key: UInt32) -> bytes:
    ensures(lambda r: len(r) == len(data) and fresh(r))
    reads(data)
    return data


def sort(xs: list[int]) -> list[int]:
    ensures(lambda r: multiset(r) == multiset(old(xs)))
    ensures(lambda r: exists(range(len(r) + 1), lambda i: i == len(r)))
    before = ghost(len(xs))
    with ghost():
        check(before >= 0)
    assume(before >= 0)
    return sorted(xs)


def digit(d: Digit) -> Digit | None:
    with spec.mode("requires"):
        return (d + 1) % 10
