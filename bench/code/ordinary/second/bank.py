"""A bank: accounts that overdraw up to a limit, and a history of movements."""
# twin: `if self.balance + self.limit < amount:` becomes `if self.balance < amount - self.limit - 1:`; then `Account.pay` is wrong

from probatum.spec import class_invariant, ensures, modifies, old, raises, requires


class Refused(Exception):
    """There is not enough on the account."""


@class_invariant(lambda self: self.limit >= 0 and self.balance >= -self.limit)
class Account:
    def __init__(self, limit: int) -> None:
        requires(limit >= 0)
        ensures(self.balance == 0 and self.limit == limit and self.history == [])
        self.balance: int = 0
        self.limit: int = limit
        self.history: list[int] = []

    def receive(self, amount: int) -> None:
        requires(amount > 0)
        modifies(self, self.history)
        ensures(self.balance == old(self.balance) + amount)
        ensures(len(self.history) == old(len(self.history)) + 1)
        self.balance += amount
        self.history.append(amount)

    def pay(self, amount: int) -> None:
        requires(amount > 0)
        modifies(self, self.history)
        raises(Refused, when=amount > self.balance + self.limit)
        ensures(self.balance == old(self.balance) - amount)
        ensures(self.history[-1] == -amount)
        if self.balance + self.limit < amount:
            raise Refused
        self.balance -= amount
        self.history.append(-amount)


def total_of(amounts: list[int]) -> int:
    requires(all(a >= 0 for a in amounts))
    ensures(lambda r: r == sum(amounts) and r >= 0)
    total = 0
    for a in amounts:
        total += a
    return total


def largest_payment(history: list[int]) -> int:
    """The largest amount that was paid out, or 0."""
    ensures(lambda r: r >= 0)
    ensures(lambda r: all(-h <= r for h in history))
    best = 0
    for h in history:
        if -h > best:
            best = -h
    return best
