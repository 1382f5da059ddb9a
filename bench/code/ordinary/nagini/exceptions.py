"""Exceptions."""
# twin: `if amount > available:` becomes `if amount > available + 1:`; then `take` is wrong

from nagini_contracts.contracts import *


class Empty(Exception):
    pass


def take(available: int, amount: int) -> int:
    Requires(available >= 0 and amount >= 0)
    Ensures(Result() >= 0 and Result() == available - amount)
    Exsures(Empty, amount > available)
    if amount > available:
        raise Empty()
    return available - amount


def take_or_zero(available: int, amount: int) -> int:
    Requires(available >= 0 and amount >= 0)
    Ensures(Result() >= 0)
    try:
        return take(available, amount)
    except Empty:
        return 0
