"""Binary search in a sorted list."""

import icontract


@icontract.require(lambda xs: all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1)))
@icontract.ensure(lambda xs, key, result: result < 0 or (result < len(xs) and xs[result] == key))
@icontract.ensure(lambda xs, key, result: result >= 0 or key not in xs)
def search(xs: list[int], key: int) -> int:
    low, high = 0, len(xs)
    while low < high:
        middle = (low + high) // 2
        if xs[middle] == key:
            return middle
        if xs[middle] < key:
            low = middle + 1
        else:
            high = middle
    return -1
