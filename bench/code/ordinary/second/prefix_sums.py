"""Sums of prefixes, and counts."""
# twin: `sums.append(sums[-1] + x)` becomes `sums.append(sums[0] + x)`; then `prefix_sums` is wrong

from probatum.spec import ensures, requires


def prefix_sums(xs: list[int]) -> list[int]:
    ensures(lambda r: len(r) == len(xs) + 1 and r[0] == 0)
    ensures(lambda r: all(r[i + 1] == r[i] + xs[i] for i in range(len(xs))))
    sums = [0]
    for x in xs:
        sums.append(sums[-1] + x)
    return sums


def range_sum(sums: list[int], i: int, j: int) -> int:
    requires(0 <= i <= j < len(sums))
    ensures(lambda r: r == sums[j] - sums[i])
    return sums[j] - sums[i]


def count_even(xs: list[int]) -> int:
    ensures(lambda r: r == sum(1 for x in xs if x % 2 == 0))
    count = 0
    for x in xs:
        if x % 2 == 0:
            count += 1
    return count


def sum_positive(xs: list[int]) -> int:
    ensures(lambda r: r == sum(x for x in xs if x > 0))
    ensures(lambda r: r >= 0)
    total = 0
    for i in range(len(xs)):
        if xs[i] > 0:
            total += xs[i]
    return total


def evens(xs: list[int]) -> list[int]:
    ensures(lambda r: r == [x for x in xs if x % 2 == 0])
    ensures(lambda r: len(r) == len([x for x in xs if x % 2 == 0]))
    out = []
    for x in xs:
        if x % 2 == 0:
            out.append(x)
    return out


def mean_floor(xs: list[int]) -> int:
    requires(len(xs) > 0)
    ensures(lambda r: r * len(xs) <= sum(xs) < (r + 1) * len(xs))
    return sum(xs) // len(xs)
