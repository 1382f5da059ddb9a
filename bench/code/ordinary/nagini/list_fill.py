"""Write to a list."""
# twin: `xs[i] = value` becomes `xs[0] = value`; then `fill` is wrong

from typing import List

from nagini_contracts.contracts import *


def fill(xs: List[int], value: int) -> None:
    Requires(Acc(list_pred(xs)))
    Ensures(Acc(list_pred(xs)))
    Ensures(len(xs) == Old(len(xs)))
    Ensures(Forall(int, lambda k: (Implies(0 <= k and k < len(xs), xs[k] == value), [[xs[k]]])))
    i = 0
    while i < len(xs):
        Invariant(Acc(list_pred(xs)))
        Invariant(len(xs) == Old(len(xs)))
        Invariant(0 <= i and i <= len(xs))
        Invariant(Forall(int, lambda k: (Implies(0 <= k and k < i, xs[k] == value), [[xs[k]]])))
        xs[i] = value
        i += 1
