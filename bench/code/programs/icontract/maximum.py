"""The maximum of a list."""

import icontract


@icontract.require(lambda xs: len(xs) > 0)
@icontract.ensure(lambda xs, result: result in xs)
@icontract.ensure(lambda xs, result: all(x <= result for x in xs))
def maximum(xs: list[int]) -> int:
    best = xs[0]
    i = 1
    while i < len(xs):
        if xs[i] > best:
            best = xs[i]
        i += 1
    return best
