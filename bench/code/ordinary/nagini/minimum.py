"""The smallest number."""
# twin: `if xs[i] < smallest:` becomes `if xs[i] > smallest:`; then `minimum` is wrong

from typing import List

from nagini_contracts.contracts import *


def minimum(xs: List[int]) -> int:
    Requires(Acc(list_pred(xs), 1 / 2))
    Requires(len(xs) > 0)
    Ensures(Acc(list_pred(xs), 1 / 2))
    Ensures(Forall(int, lambda k: Implies(0 <= k and k < len(xs), Result() <= xs[k])))
    Ensures(Exists(int, lambda k: 0 <= k and k < len(xs) and xs[k] == Result()))
    smallest = xs[0]
    for i in range(1, len(xs)):
        Invariant(Acc(list_pred(xs), 1 / 2))
        Invariant(Forall(int, lambda k: Implies(0 <= k and k < i, smallest <= xs[k])))
        Invariant(Exists(int, lambda k: 0 <= k and k < len(xs) and xs[k] == smallest))
        if xs[i] < smallest:
            smallest = xs[i]
    return smallest
