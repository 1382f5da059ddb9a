"""Questions about lists."""
# twin: `return sum(1 for x in xs if x > limit)` becomes `return sum(x for x in xs if x > limit)`; then `count_above` is wrong

import deal


@deal.ensure(lambda xs, limit, result: 0 <= result <= len(xs))
@deal.ensure(lambda xs, limit, result: (result == 0) == all(x <= limit for x in xs))
def count_above(xs: list[int], limit: int) -> int:
    return sum(1 for x in xs if x > limit)


@deal.ensure(lambda xs, result: result == any(x < 0 for x in xs))
def has_negative(xs: list[int]) -> bool:
    for x in xs:
        if x < 0:
            return True
    return False


@deal.ensure(lambda xs, result: result == (len(set(xs)) == len(xs)))
def all_different(xs: list[int]) -> bool:
    seen: set[int] = set()
    for x in xs:
        if x in seen:
            return False
        seen.add(x)
    return True


@deal.pre(lambda xs: len(xs) > 0)
@deal.ensure(lambda xs, result: result in xs and all(result >= x for x in xs))
def longest(xs: list[int]) -> int:
    return max(xs)
