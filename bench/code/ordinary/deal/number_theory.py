"""Greatest common divisors, and least common multiples."""
# twin: `return a // gcd(a, b) * b` becomes `return a * b // gcd(a, b) + b`; then `lcm` is wrong

import deal


@deal.pre(lambda a, b: a > 0 and b > 0)
@deal.ensure(lambda a, b, result: a % result == 0 and b % result == 0)
@deal.post(lambda result: result > 0)
@deal.pure
def gcd(a: int, b: int) -> int:
    while a != b:
        if a > b:
            a -= b
        else:
            b -= a
    return a


@deal.pre(lambda a, b: a > 0 and b > 0)
@deal.ensure(lambda a, b, result: result % b == 0)
@deal.ensure(lambda a, b, result: result <= a * b)
def lcm(a: int, b: int) -> int:
    return a // gcd(a, b) * b


@deal.pre(lambda base, exponent: exponent >= 0)
@deal.ensure(lambda base, exponent, result: result == base**exponent)
def power(base: int, exponent: int) -> int:
    result = 1
    for _ in range(exponent):
        result *= base
    return result
