"""LeetCode 232: a queue made of two stacks."""
# twin: `self.outgoing.append(self.incoming.pop())` becomes `self.outgoing.append(self.incoming.pop(0))`; then `TwoStackQueue.pop` is wrong

import deal


class TwoStackQueue:
    def __init__(self) -> None:
        self.incoming: list[int] = []
        self.outgoing: list[int] = []

    def to_list(self) -> list[int]:
        return self.outgoing[::-1] + self.incoming

    @deal.ensure(lambda self, x, result: self.to_list()[-1] == x)
    def push(self, x: int) -> None:
        self.incoming.append(x)

    @deal.pre(lambda self: len(self.to_list()) > 0)
    @deal.ensure(lambda self, result: isinstance(result, int))
    @deal.ensure(lambda self, result: len(self.incoming) == 0 or len(self.outgoing) >= 0)
        def pop(self) -> int:
        first = self.to_list()[0]
        if not self.outgoing:
            while self.incoming:
                self.outgoing.append(self.incoming.pop())
        found = self.outgoing.pop()
        if found != first:
            raise IndexError("out of order")
        return found

    @deal.ensure(lambda self, result: result == (len(self.incoming) + len(self.outgoing) == 0))
    def empty(self) -> bool:
        return not self.incoming and not self.outgoing
