"""Binary search in a sorted list."""

from typing import List

from nagini_contracts.contracts import Acc, Ensures, Forall, Implies, Invariant, Requires, Result, list_pred
from nagini_contracts.obligations import MustTerminate


def search(xs: List[int], key: int) -> int:
    Requires(MustTerminate(2))
    Requires(Acc(list_pred(xs), 1 / 2))
    Requires(
        Forall(
            int,
            lambda i: (Forall(int, lambda j: (Implies(0 <= i and i < j and j < len(xs), xs[i] <= xs[j]), [[xs[j]]])), [[xs[i]]]),
        )
    )
    Ensures(Acc(list_pred(xs), 1 / 2))
    Ensures(Implies(Result() >= 0, Result() < len(xs) and xs[Result()] == key))
    Ensures(Implies(Result() < 0, Forall(int, lambda i: (Implies(0 <= i and i < len(xs), xs[i] != key), [[xs[i]]]))))
    low = 0
    high = len(xs)
    while low < high:
        Invariant(Acc(list_pred(xs), 1 / 2))
        Invariant(
            Forall(
                int,
                lambda i: (
                    Forall(int, lambda j: (Implies(0 <= i and i < j and j < len(xs), xs[i] <= xs[j]), [[xs[j]]])),
                    [[xs[i]]],
                ),
            )
        )
        Invariant(MustTerminate(high - low))
        Invariant(0 <= low and low <= high and high <= len(xs))
        Invariant(Forall(int, lambda i: (Implies(0 <= i and i < low, xs[i] != key), [[xs[i]]])))
        Invariant(Forall(int, lambda i: (Implies(high <= i and i < len(xs), xs[i] != key), [[xs[i]]])))
        middle = (low + high) // 2
        if xs[middle] == key:
            return middle
        if xs[middle] < key:
            low = middle + 1
        else:
            high = middle
    return -1
