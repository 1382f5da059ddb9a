"""A stack of at most so many items."""
# twin: `if len(self.items) == self.capacity:` becomes `if len(self.items) > self.capacity:`; then `BoundedStack.push` is wrong

from probatum.spec import class_invariant, ensures, modifies, old, pure, raises, requires


@class_invariant(lambda self: 0 <= len(self.items) <= self.capacity)
class BoundedStack:
    def __init__(self, capacity: int) -> None:
        requires(capacity > 0)
        ensures(len(self.items) == 0)
        self.capacity = capacity
        self.items: list[int] = []

    @pure
    def is_empty(self) -> bool:
        ensures(lambda r: r == (len(self.items) == 0))
        return not self.items

    def push(self, item: int) -> None:
        modifies(self.items)
        raises(OverflowError, when=len(self.items) == self.capacity)
        ensures(self.items == old(self.items) + [item])
        if len(self.items) == self.capacity:
            raise OverflowError("the stack is full")
        self.items.append(item)

    def pop(self) -> int:
        requires(not self.is_empty())
        modifies(self.items)
        ensures(lambda r: r == old(self.items)[-1])
        ensures(self.items == old(self.items)[:-1])
        return self.items.pop()

    def peek(self) -> int:
        requires(len(self.items) > 0)
        ensures(lambda r: r == self.items[-1])
        return self.items[-1]
