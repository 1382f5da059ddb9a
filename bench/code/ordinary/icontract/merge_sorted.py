"""Merge two sorted lists."""
# twin: `if left[i] <= right[j]:` becomes `if left[i] >= right[j]:`; then `merge` is wrong

from typing import List

from icontract import ensure, require


def is_sorted(items: List[int]) -> bool:
    return all(items[i] <= items[i + 1] for i in range(len(items) - 1))


@require(lambda left: is_sorted(left))
@require(lambda right: is_sorted(right))
@ensure(lambda left, right, result: len(result) == len(left) + len(right))
@ensure(lambda result: is_sorted(result))
def merge(left: List[int], right: List[int]) -> List[int]:
    result: List[int] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            result.append(left[i])
            i += 1
        else:
            result.append(right[j])
            j += 1
    result.extend(left[i:])
    result.extend(right[j:])
    return result
