"""Run lengths of lists of numbers."""
# twin: `while j < len(xs) and xs[j] == xs[i]:` becomes `while j < len(xs) and xs[j] != xs[i]:`; then `first_run` is wrong

from typing import List, Tuple

import deal


@deal.pre(lambda xs: len(xs) > 0)
@deal.ensure(lambda xs, result: 1 <= result <= len(xs))
@deal.ensure(lambda xs, result: all(x == xs[0] for x in xs[:result]))
@deal.ensure(lambda xs, result: result == len(xs) or xs[result] != xs[0])
def first_run(xs: List[int]) -> int:
    i = 0
    j = 1
    while j < len(xs) and xs[j] == xs[i]:
        j += 1
    return j


@deal.ensure(lambda xs, result: all(n > 0 for _, n in result))
@deal.ensure(lambda xs, result: (len(result) == 0) == (len(xs) == 0))
@deal.ensure(lambda xs, result: len(result) <= len(xs))
def encode(xs: List[int]) -> List[Tuple[int, int]]:
    runs: List[Tuple[int, int]] = []
    for x in xs:
        if runs and runs[-1][0] == x:
            runs[-1] = (x, runs[-1][1] + 1)
        else:
            runs.append((x, 1))
    return runs


@deal.pre(lambda runs: all(n >= 0 for _, n in runs))
@deal.ensure(lambda runs, result: len(result) == sum(n for _, n in runs))
def decode(runs: List[Tuple[int, int]]) -> List[int]:
    out: List[int] = []
    for x, n in runs:
        out.extend([x] * n)
    return out


@deal.ensure(lambda xs, result: len(result) <= len(xs))
@deal.ensure(lambda xs, result: all(r in xs for r in result))
@deal.ensure(lambda xs, result: all(result[i] != result[i + 1] for i in range(len(result) - 1)))
def squeeze(xs: List[int]) -> List[int]:
    out: List[int] = []
    for x in xs:
        if not out or out[-1] != x:
            out.append(x)
    return out
