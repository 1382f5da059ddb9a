"""Bits."""
# twin: `n >>= 1` becomes `n >>= 2`; then `count_ones` is wrong

import deal


@deal.pre(lambda n: 0 <= n < 256)
@deal.ensure(lambda n, result: 0 <= result <= 8)
@deal.ensure(lambda n, result: result == bin(n).count("1"))
def count_ones(n: int) -> int:
    count = 0
    while n:
        count += n & 1
        n >>= 1
    return count


@deal.pre(lambda n: n > 0)
@deal.ensure(lambda n, result: not result or n & (n - 1) == 0)
def is_power_of_two(n: int) -> bool:
    return n & (n - 1) == 0


@deal.pre(lambda flags, bit: 0 <= flags < 2**32 and 0 <= bit < 32)
@deal.ensure(lambda flags, bit, result: result & (1 << bit) != 0)
@deal.ensure(lambda flags, bit, result: result | flags == result)
def set_flag(flags: int, bit: int) -> int:
    return flags | (1 << bit)
