"""Look for a number."""
# twin: `while i < len(l):` becomes `while i < len(l) - 1:`; then `find` is wrong

from typing import List

from nagini_contracts.contracts import *


def find(l: List[int], key: int) -> int:
    Requires(Acc(list_pred(l)))
    Ensures(Acc(list_pred(l)))
    Ensures(-1 <= Result() and Result() < len(l))
    Ensures(Implies(Result() >= 0, l[Result()] == key))
    Ensures(Implies(Result() == -1, Forall(int, lambda k: (Implies(0 <= k and k < len(l), l[k] != key), [[l[k]]]))))
    i = 0
    while i < len(l):
        Invariant(Acc(list_pred(l)))
        Invariant(0 <= i and i <= len(l))
        Invariant(Forall(int, lambda k: (Implies(0 <= k and k < i, l[k] != key), [[l[k]]])))
        if l[i] == key:
            return i
        i += 1
    return -1
