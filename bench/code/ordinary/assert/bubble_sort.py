"""Bubble sort."""
# twin: `for j in range(len(xs) - 1 - i):` becomes `for j in range(len(xs) - 2 - i):`; then `bubble_sort` is wrong


def bubble_sort(xs: list[int]) -> None:
    n = len(xs)
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    assert len(xs) == n
    assert all(xs[k] <= xs[k + 1] for k in range(len(xs) - 1))


def sorted_copy(xs: list[int]) -> list[int]:
    result = sorted(xs)
    assert len(result) == len(xs)
    assert all(result[k] <= result[k + 1] for k in range(len(result) - 1))
    return result
