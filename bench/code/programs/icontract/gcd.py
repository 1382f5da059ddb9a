"""The greatest common divisor by a loop, against its recursive definition."""

import icontract


def gcd_of(a: int, b: int) -> int:
    return a if b == 0 else gcd_of(b, a % b)


@icontract.require(lambda a, b: a >= 0 and b >= 0)
@icontract.ensure(lambda a, b, result: result == gcd_of(a, b))
def gcd(a: int, b: int) -> int:
    x, y = a, b
    while y != 0:
        x, y = y, x % y
    return x
