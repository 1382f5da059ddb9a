"""A bank account that cannot be overdrawn."""
# twin: `self.balance -= amount` becomes `self.balance -= amount + 1`; then `Account.withdraw` is wrong

from probatum.spec import class_invariant, ensures, modifies, old, raises, requires


class InsufficientFunds(Exception):
    """The balance is smaller than what was asked for."""


@class_invariant(lambda self: self.balance >= 0)
class Account:
    def __init__(self, owner: str, balance: int = 0) -> None:
        requires(balance >= 0)
        ensures(self.owner == owner and self.balance == balance)
        self.owner = owner
        self.balance = balance

    def deposit(self, amount: int) -> None:
        requires(amount > 0)
        modifies(self)
        ensures(self.balance == old(self.balance) + amount)
        self.balance += amount

    def withdraw(self, amount: int) -> int:
        requires(amount > 0)
        modifies(self)
        raises(InsufficientFunds, when=amount > self.balance, ensures=lambda e: self.balance == old(self.balance))
        ensures(lambda left: left == old(self.balance) - amount)
        if amount > self.balance:
            raise InsufficientFunds(f"{self.owner} has only {self.balance}")
        self.balance -= amount
        return self.balance


def transfer(source: Account, target: Account, amount: int) -> bool:
    requires(amount > 0, source is not target)
    modifies(source, target)
    ensures(source.balance + target.balance == old(source.balance + target.balance))
    ensures(lambda done: done == (old(source.balance) >= amount))
    try:
        source.withdraw(amount)
    except InsufficientFunds:
        return False
    else:
        target.deposit(amount)
        return True
