"""Closed intervals of integers."""
# twin: `low, high = max(a.low, b.low), min(a.high, b.high)` becomes `low, high = max(a.low, b.low), max(a.high, b.high)`; then `intersection` is wrong

from __future__ import annotations

from dataclasses import dataclass

from probatum.spec import class_invariant, ensures, forall, pure


@class_invariant(lambda self: self.low <= self.high)
@dataclass(frozen=True)
class Interval:
    low: int
    high: int

    @pure
    def __contains__(self, x: int) -> bool:
        return self.low <= x <= self.high

    @property
    def length(self) -> int:
        ensures(lambda r: r >= 1)
        return self.high - self.low + 1


def intersection(a: Interval, b: Interval) -> Interval | None:
    ensures(lambda r: r is None or forall(int, lambda x: (x in r) == (x in a and x in b)))
    ensures(lambda r: r is not None or forall(int, lambda x: not (x in a and x in b)))
    low, high = max(a.low, b.low), min(a.high, b.high)
    if low > high:
        return None
    return Interval(low, high)


def hull(a: Interval, b: Interval) -> Interval:
    ensures(lambda r: all(x in r for x in (a.low, a.high, b.low, b.high)))
    return Interval(min(a.low, b.low), max(a.high, b.high))
