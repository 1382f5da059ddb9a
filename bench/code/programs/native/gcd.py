"""The greatest common divisor by a loop, against its recursive definition."""

from probatum.spec import decreases, ensures, invariant, pure, requires


@pure
def gcd_of(a: int, b: int) -> int:
    requires(a >= 0, b >= 0)
    decreases(b)
    return a if b == 0 else gcd_of(b, a % b)


def gcd(a: int, b: int) -> int:
    requires(a >= 0, b >= 0)
    ensures(lambda r: r == gcd_of(a, b))
    x, y = a, b
    while y != 0:
        invariant(x >= 0, y >= 0, gcd_of(x, y) == gcd_of(a, b))
        decreases(y)
        x, y = y, x % y
    return x
