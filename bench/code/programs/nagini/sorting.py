"""Insertion sort: the result is in order, and has the items that were there."""

from typing import List

from nagini_contracts.contracts import Acc, Ensures, Forall, Implies, Invariant, Old, Requires, ToMS, ToSeq, list_pred
from nagini_contracts.obligations import MustTerminate


def sort(xs: List[int]) -> None:
    Requires(MustTerminate(2))
    Requires(Acc(list_pred(xs)))
    Ensures(Acc(list_pred(xs)))
    Ensures(ToMS(ToSeq(xs)) == Old(ToMS(ToSeq(xs))))
    Ensures(
        Forall(
            int,
            lambda p: (Forall(int, lambda q: (Implies(0 <= p and p < q and q < len(xs), xs[p] <= xs[q]), [[xs[q]]])), [[xs[p]]]),
        )
    )
    i = 0
    while i < len(xs):
        Invariant(Acc(list_pred(xs)))
        Invariant(0 <= i and i <= len(xs) and len(xs) == Old(len(xs)))
        Invariant(ToMS(ToSeq(xs)) == Old(ToMS(ToSeq(xs))))
        Invariant(
            Forall(
                int,
                lambda p: (Forall(int, lambda q: (Implies(0 <= p and p < q and q < i, xs[p] <= xs[q]), [[xs[q]]])), [[xs[p]]]),
            )
        )
        Invariant(MustTerminate(len(xs) - i))
        j = i
        while j > 0 and xs[j - 1] > xs[j]:
            Invariant(Acc(list_pred(xs)))
            Invariant(0 <= j and j <= i and i < len(xs) and len(xs) == Old(len(xs)))
            Invariant(ToMS(ToSeq(xs)) == Old(ToMS(ToSeq(xs))))
            Invariant(
                Forall(
                    int,
                    lambda p: (
                        Forall(int, lambda q: (Implies(0 <= p and p < q and q <= i and q != j, xs[p] <= xs[q]), [[xs[q]]])),
                        [[xs[p]]],
                    ),
                )
            )
            Invariant(MustTerminate(j))
            former = xs[j - 1]
            xs[j - 1] = xs[j]
            xs[j] = former
            j -= 1
        i += 1
