"""Partition a list in place, as quicksort does."""
# twin: `if xs[j] < pivot:` becomes `if xs[j] > pivot:`; then `partition` is wrong

from typing import List


def swap(xs: List[int], i: int, j: int) -> None:
    """
    pre: 0 <= i < len(xs) and 0 <= j < len(xs)
    post[xs]: xs[i] == __old__.xs[j] and xs[j] == __old__.xs[i]
    post[xs]: len(xs) == len(__old__.xs)
    """
    xs[i], xs[j] = xs[j], xs[i]


def partition(xs: List[int]) -> int:
    """
    pre: len(xs) > 0
    post[xs]: 0 <= __return__ < len(xs)
    post[xs]: all(x < xs[__return__] for x in xs[:__return__])
    post[xs]: all(x >= xs[__return__] for x in xs[__return__:])
    """
    pivot = xs[-1]
    i = 0
    for j in range(len(xs) - 1):
        if xs[j] < pivot:
            xs[i], xs[j] = xs[j], xs[i]
            i += 1
    xs[i], xs[-1] = xs[-1], xs[i]
    return i


def selection_sort(xs: List[int]) -> None:
    """
    post[xs]: all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))
    post[xs]: len(xs) == len(__old__.xs)
    """
    for i in range(len(xs)):
        smallest = i
        for j in range(i + 1, len(xs)):
            if xs[j] < xs[smallest]:
                smallest = j
        xs[i], xs[smallest] = xs[smallest], xs[i]
