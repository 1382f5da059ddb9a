"""The maximum of a list."""

from probatum.spec import decreases, ensures, forall, invariant, requires


def maximum(xs: list[int]) -> int:
    requires(len(xs) > 0)
    ensures(lambda r: r in xs)
    ensures(lambda r: forall(range(len(xs)), lambda i: xs[i] <= r))
    best = xs[0]
    i = 1
    while i < len(xs):
        invariant(1 <= i <= len(xs), best in xs)
        invariant(forall(range(i), lambda k: xs[k] <= best))
        decreases(len(xs) - i)
        if xs[i] > best:
            best = xs[i]
        i += 1
    return best
