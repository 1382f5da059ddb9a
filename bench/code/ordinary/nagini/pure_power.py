"""Powers by halving."""
# twin: `result = result * base` becomes `result = result + base`; then `fast_power` is wrong

from nagini_contracts.contracts import *


@Pure
def power(base: int, n: int) -> int:
    Requires(n >= 0)
    Decreases(n)
    return 1 if n == 0 else base * power(base, n - 1)


def fast_power(base: int, n: int) -> int:
    Requires(n >= 0)
    Ensures(Result() == power(base, n))
    result = 1
    i = 0
    while i < n:
        Invariant(0 <= i and i <= n)
        Invariant(result == power(base, i))
        result = result * base
        i += 1
    return result


@Pure
def even(n: int) -> bool:
    Requires(n >= 0)
    Decreases(n)
    return True if n == 0 else not even(n - 1)


def check_even(n: int) -> bool:
    Requires(n >= 0)
    Decreases(n)
    Ensures(Result() == even(n))
    if n == 0:
        return True
    return not check_even(n - 1)
