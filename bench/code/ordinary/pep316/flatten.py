"""Lists in lists, and lists that recursion goes through."""
# twin: `return xs[0] + total(xs[1:])` becomes `return xs[0] + total(xs[2:])`; then `total` is wrong

from typing import List


def total(xs: List[int]) -> int:
    """
    post: __return__ == sum(xs)
    """
    if not xs:
        return 0
    return xs[0] + total(xs[1:])


def flatten(rows: List[List[int]]) -> List[int]:
    """
    post: len(__return__) == sum(len(row) for row in rows)
    """
    result: List[int] = []
    for row in rows:
        for x in row:
            result.append(x)
    return result


def largest(xs: List[int]) -> int:
    """
    pre: len(xs) > 0
    post: __return__ in xs
    post: all(x <= __return__ for x in xs)
    """
    if len(xs) == 1:
        return xs[0]
    rest = largest(xs[1:])
    return xs[0] if xs[0] > rest else rest


def reverse(xs: List[int]) -> List[int]:
    """
    post: len(__return__) == len(xs)
    post: __return__ == xs[::-1]
    """
    if xs == []:
        return []
    return reverse(xs[1:]) + [xs[0]]
