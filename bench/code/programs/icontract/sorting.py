"""Insertion sort: the result is in order, and has the items that were there."""

import icontract


@icontract.snapshot(lambda xs: xs[:], name="xs")
@icontract.ensure(lambda xs, OLD: all(xs.count(x) == OLD.xs.count(x) for x in xs) and len(xs) == len(OLD.xs))
@icontract.ensure(lambda xs: all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1)))
def sort(xs: list[int]) -> None:
    i = 0
    while i < len(xs):
        j = i
        while j > 0 and xs[j - 1] > xs[j]:
            xs[j - 1], xs[j] = xs[j], xs[j - 1]
            j -= 1
        i += 1
