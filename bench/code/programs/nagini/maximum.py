"""The maximum of a list."""

from typing import List

from nagini_contracts.contracts import Acc, Ensures, Forall, Implies, Invariant, Requires, Result, list_pred
from nagini_contracts.obligations import MustTerminate


def maximum(xs: List[int]) -> int:
    Requires(MustTerminate(2))
    Requires(Acc(list_pred(xs), 1 / 2))
    Requires(len(xs) > 0)
    Ensures(Acc(list_pred(xs), 1 / 2))
    Ensures(Result() in xs)
    Ensures(Forall(int, lambda i: (Implies(0 <= i and i < len(xs), xs[i] <= Result()), [[xs[i]]])))
    best = xs[0]
    i = 1
    while i < len(xs):
        Invariant(Acc(list_pred(xs), 1 / 2))
        Invariant(MustTerminate(len(xs) - i))
        Invariant(1 <= i and i <= len(xs))
        Invariant(best in xs)
        Invariant(Forall(int, lambda k: (Implies(0 <= k and k < i, xs[k] <= best), [[xs[k]]])))
        if xs[i] > best:
            best = xs[i]
        i += 1
    return best
