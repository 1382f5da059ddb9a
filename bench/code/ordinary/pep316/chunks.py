"""Pieces of a list."""
# twin: `return [xs[i : i + size] for i in range(0, len(xs), size)]` becomes `return [xs[i : i + size] for i in range(0, len(xs), size + 1)]`; then `chunks` is wrong

from typing import List


def chunks(xs: List[int], size: int) -> List[List[int]]:
    """
    pre: size > 0
    post: all(1 <= len(chunk) <= size for chunk in __return__)
    post: sum(len(chunk) for chunk in __return__) == len(xs)
    """
    return [xs[i : i + size] for i in range(0, len(xs), size)]


def rotate(xs: List[int], by: int) -> List[int]:
    """
    pre: 0 <= by <= len(xs)
    post: len(__return__) == len(xs)
    post: all(__return__[i] == xs[(i + by) % len(xs)] for i in range(len(xs)))
    """
    return xs[by:] + xs[:by]


def interleave(xs: List[int], ys: List[int]) -> List[int]:
    """
    pre: len(xs) == len(ys)
    post: len(__return__) == 2 * len(xs)
    post: __return__[::2] == xs
    """
    result = []
    for x, y in zip(xs, ys):
        result.append(x)
        result.append(y)
    return result
