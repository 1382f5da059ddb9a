"""Gauss."""
# twin: `total += i` becomes `total += i - 1`; then `sum_upto` is wrong

from nagini_contracts.contracts import *


@Pure
def triangle(n: int) -> int:
    Requires(n >= 0)
    Decreases(n)
    if n == 0:
        return 0
    return n + triangle(n - 1)


def sum_upto(n: int) -> int:
    Requires(n >= 0)
    Ensures(Result() == triangle(n))
    total = 0
    i = 0
    while i < n:
        Invariant(0 <= i and i <= n)
        Invariant(total == triangle(i))
        i += 1
        total += i
    return total
