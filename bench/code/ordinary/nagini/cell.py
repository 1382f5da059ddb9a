"""A counter with permissions."""
# twin: `self.value = self.value + by` becomes `self.value = self.value - by`; then `Counter.add` is wrong

from nagini_contracts.contracts import *


class Counter:
    def __init__(self, start: int) -> None:
        Ensures(Acc(self.value) and self.value == start)
        self.value = start

    def add(self, by: int) -> None:
        Requires(Acc(self.value))
        Requires(by >= 0)
        Ensures(Acc(self.value))
        Ensures(self.value == Old(self.value) + by)
        self.value = self.value + by

    @Pure
    def get(self) -> int:
        Requires(Acc(self.value))
        Ensures(Result() == self.value)
        return self.value


def client() -> int:
    Ensures(Result() == 15)
    c = Counter(5)
    c.add(10)
    return c.get()
