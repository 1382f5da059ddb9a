"""Binary search in a sorted list."""

from probatum.spec import decreases, ensures, forall, implies, invariant, requires


def search(xs: list[int], key: int) -> int:
    requires(forall(range(len(xs)), range(len(xs)), lambda i, j: implies(i < j, xs[i] <= xs[j])))
    ensures(lambda r: implies(r >= 0, r < len(xs) and xs[r] == key))
    ensures(lambda r: implies(r < 0, forall(range(len(xs)), lambda i: xs[i] != key)))
    low, high = 0, len(xs)
    while low < high:
        invariant(0 <= low <= high <= len(xs))
        invariant(forall(range(low), lambda i: xs[i] != key))
        invariant(forall(range(high, len(xs)), lambda i: xs[i] != key))
        decreases(high - low)
        middle = (low + high) // 2
        if xs[middle] == key:
            return middle
        if xs[middle] < key:
            low = middle + 1
        else:
            high = middle
    return -1
