"""A queue that remembers how much it has seen."""
# twin: `self.removed += 1` becomes `self.added += 1`; then `Queue.dequeue` is wrong

from typing import List

from icontract import ensure, invariant, require, snapshot


@invariant(lambda self: self.added - self.removed == len(self.items))
@invariant(lambda self: self.removed >= 0)
class Queue:
    def __init__(self) -> None:
        self.items: List[str] = []
        self.added = 0
        self.removed = 0

    @snapshot(lambda self: len(self.items), name="length")
    @ensure(lambda self, OLD: len(self.items) == OLD.length + 1)
    @ensure(lambda self, item: self.items[-1] == item)
    def enqueue(self, item: str) -> None:
        self.items.append(item)
        self.added += 1

    @require(lambda self: len(self.items) > 0)
    @snapshot(lambda self: self.items[:], name="items")
    @ensure(lambda OLD, result: result == OLD.items[0])
    @ensure(lambda self, OLD: self.items == OLD.items[1:])
    def dequeue(self) -> str:
        self.removed += 1
        return self.items.pop(0)

    @ensure(lambda self, result: result == (self.added == self.removed))
    def empty(self) -> bool:
        return len(self.items) == 0
