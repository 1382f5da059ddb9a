"""Binary search: the first and the last place, and square roots."""
# twin: `mid = lo + (hi - lo) // 2` becomes `mid = lo + (hi - lo) // 2 + 1`; then `upper_bound` is wrong

from typing import List


def is_sorted(xs: List[int]) -> bool:
    return all(xs[i] <= xs[j] for i in range(len(xs)) for j in range(i, len(xs)))


def lower_bound(xs: List[int], x: int) -> int:
    """
    pre: is_sorted(xs)
    post: 0 <= __return__ <= len(xs)
    post: all(v < x for v in xs[:__return__])
    post: all(v >= x for v in xs[__return__:])
    """
    lo, hi = 0, len(xs)
    while lo < hi:
        mid = (lo + hi) // 2
        if xs[mid] < x:
            lo = mid + 1
        else:
            hi = mid
    return lo


def upper_bound(xs: List[int], x: int) -> int:
    """
    pre: is_sorted(xs)
    post: 0 <= __return__ <= len(xs)
    post: all(xs[k] <= x for k in range(__return__))
    post: all(xs[k] > x for k in range(__return__, len(xs)))
    """
    lo, hi = 0, len(xs)
    while lo < hi:
        mid = lo + (hi - lo) // 2
        if xs[mid] > x:
            hi = mid
        else:
            lo = mid + 1
    return lo


def find(xs: List[int], x: int) -> int:
    """
    pre: is_sorted(xs)
    post: __return__ == -1 or xs[__return__] == x
    post: (__return__ == -1) == (x not in xs)
    """
    lo = 0
    hi = len(xs) - 1
    while lo <= hi:
        mid = (lo + hi) // 2
        if xs[mid] == x:
            return mid
        elif xs[mid] < x:
            lo = mid + 1
        else:
            hi = mid - 1
    return -1


def isqrt(n: int) -> int:
    """
    pre: n >= 0
    post: __return__ ** 2 <= n < (__return__ + 1) ** 2
    """
    lo, hi = 0, n + 1
    while hi - lo > 1:
        mid = (lo + hi) // 2
        if mid * mid <= n:
            lo = mid
        else:
            hi = mid
    return lo
