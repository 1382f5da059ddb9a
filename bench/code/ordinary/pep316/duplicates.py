"""LeetCode 26 and its kind."""
# twin: `if not result or result[-1] != x:` becomes `if not result or result[-1] == x:`; then `unique_sorted` is wrong

from typing import List


def unique_sorted(xs: List[int]) -> List[int]:
    """Drop what stands twice in a sorted list.

    pre: all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))
    post: all(__return__[i] < __return__[i + 1] for i in range(len(__return__) - 1))
    post: len(__return__) <= len(xs)
    post: all(x in xs for x in __return__)
    """
    result: List[int] = []
    for x in xs:
        if not result or result[-1] != x:
            result.append(x)
    return result


def first_duplicate(xs: List[int]) -> int:
    """Return the index of the first item that stood before, or -1.

    post: -1 <= __return__ < len(xs)
    post: __return__ == -1 or xs[__return__] in xs[:__return__]
    """
    seen = set()
    for i, x in enumerate(xs):
        if x in seen:
            return i
        seen.add(x)
    return -1
