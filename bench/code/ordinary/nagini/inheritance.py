"""A base class and one that overrides."""
# twin: `return self.base + self.base` becomes `return self.base // 2`; then `Manager.pay` is wrong

from nagini_contracts.contracts import *


class Employee:
    def __init__(self, base: int) -> None:
        Requires(base >= 0)
        Ensures(Acc(self.base) and self.base == base)
        self.base = base

    def pay(self) -> int:
        Requires(Acc(self.base) and self.base >= 0)
        Ensures(Acc(self.base) and self.base == Old(self.base))
        Ensures(Result() >= self.base)
        return self.base


class Manager(Employee):
    def __init__(self, base: int, bonus: int) -> None:
        Requires(base >= 0 and bonus >= 0)
        Ensures(Acc(self.base) and self.base == base)
        super().__init__(base)
        self.bonus = abs(bonus)

    def pay(self) -> int:
        Requires(Acc(self.base) and self.base >= 0)
        Ensures(Acc(self.base) and self.base == Old(self.base))
        Ensures(Result() >= self.base)
        return self.base + self.base
