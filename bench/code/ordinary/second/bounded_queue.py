"""A queue that holds so many items, and a stack with its minimum."""
# twin: `return self.items.pop(0)` becomes `return self.items.pop()`; then `Queue.get` is wrong

from typing import List

import icontract


@icontract.invariant(lambda self: 0 <= len(self.items) <= self.capacity)
class Queue:
    @icontract.require(lambda capacity: capacity > 0)
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.items: List[int] = []

    def is_full(self) -> bool:
        return len(self.items) == self.capacity

    @icontract.require(lambda self: len(self.items) < self.capacity)
    @icontract.snapshot(lambda self: self.items[:], name="before")
    @icontract.ensure(lambda self, item, OLD: self.items == OLD.before + [item])
    def put(self, item: int) -> None:
        self.items.append(item)

    @icontract.require(lambda self: len(self.items) > 0)
    @icontract.snapshot(lambda self: self.items[:], name="before")
    @icontract.ensure(lambda self, result, OLD: result == OLD.before[0] and self.items == OLD.before[1:])
    def get(self) -> int:
        return self.items.pop(0)


class MinStack:
    def __init__(self) -> None:
        self.items: List[int] = []
        self.least: List[int] = []

    @icontract.require(lambda self: len(self.items) == len(self.least))
    @icontract.ensure(lambda self: len(self.items) == len(self.least))
    @icontract.ensure(lambda self, x: self.items[-1] == x and self.least[-1] <= x)
    def push(self, x: int) -> None:
        self.items.append(x)
        if not self.least or x < self.least[-1]:
            self.least.append(x)
        else:
            self.least.append(self.least[-1])
