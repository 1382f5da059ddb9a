"""The greatest common divisor by a loop, against its recursive definition."""

from nagini_contracts.contracts import Decreases, Ensures, Invariant, Pure, Requires, Result
from nagini_contracts.obligations import MustTerminate


@Pure
def gcd_of(a: int, b: int) -> int:
    Requires(a >= 0 and b >= 0)
    Decreases(b)
    return a if b == 0 else gcd_of(b, a % b)


def gcd(a: int, b: int) -> int:
    Requires(MustTerminate(2))
    Requires(a >= 0 and b >= 0)
    Ensures(Result() == gcd_of(a, b))
    x = a
    y = b
    while y != 0:
        Invariant(MustTerminate(y))
        Invariant(x >= 0 and y >= 0)
        Invariant(gcd_of(x, y) == gcd_of(a, b))
        rest = x % y  # both at once, as in the other syntaxes, is beyond Nagini 1.2.0
        x = y
        y = rest
    return x
