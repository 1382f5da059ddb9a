"""Insertion sort: the result is in order, and has the items that were there."""

from probatum.spec import decreases, ensures, forall, implies, invariant, modifies, multiset, old


def sort(xs: list[int]) -> None:
    modifies(xs)
    ensures(lambda: multiset(xs) == old(multiset(xs)))
    ensures(lambda: forall(range(len(xs)), range(len(xs)), lambda p, q: implies(p < q, xs[p] <= xs[q])))
    i = 0
    while i < len(xs):
        invariant(0 <= i <= len(xs), len(xs) == old(len(xs)))
        invariant(multiset(xs) == old(multiset(xs)))
        invariant(forall(range(i), range(i), lambda p, q: implies(p < q, xs[p] <= xs[q])))
        decreases(len(xs) - i)
        j = i
        while j > 0 and xs[j - 1] > xs[j]:
            invariant(0 <= j <= i, i < len(xs), len(xs) == old(len(xs)))
            invariant(multiset(xs) == old(multiset(xs)))
            invariant(forall(range(i + 1), range(i + 1), lambda p, q: implies(p < q and q != j, xs[p] <= xs[q])))
            decreases(j)
            xs[j - 1], xs[j] = xs[j], xs[j - 1]
            j -= 1
        i += 1
