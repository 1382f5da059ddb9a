"""Two places that move towards each other."""
# twin: `elif total < target:` becomes `elif total > target:`; then `two_sum` is wrong

from typing import List, Optional, Tuple

from icontract import ensure, require


@require(lambda xs: all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1)))
@ensure(lambda xs, target, result: result is None or xs[result[0]] + xs[result[1]] == target)
@ensure(lambda xs, result: result is None or 0 <= result[0] < result[1] < len(xs))
@ensure(
    lambda xs, target, result: result is not None
    or all(xs[i] + xs[j] != target for i in range(len(xs)) for j in range(i + 1, len(xs)))
)
def two_sum(xs: List[int], target: int) -> Optional[Tuple[int, int]]:
    i, j = 0, len(xs) - 1
    while i < j:
        total = xs[i] + xs[j]
        if total == target:
            return i, j
        elif total < target:
            i += 1
        else:
            j -= 1
    return None


@ensure(lambda xs, result: result == (xs == xs[::-1]))
def is_palindrome(xs: List[int]) -> bool:
    for i in range(len(xs) // 2):
        if xs[i] != xs[len(xs) - 1 - i]:
            return False
    return True


@ensure(lambda xs, result: len(result) == len(xs))
@ensure(lambda xs, result: all(result[k] == xs[len(xs) - 1 - k] for k in range(len(xs))))
def reversed_copy(xs: List[int]) -> List[int]:
    out = list(xs)
    i, j = 0, len(out) - 1
    while i < j:
        out[i], out[j] = out[j], out[i]
        i += 1
        j -= 1
    return out


@require(lambda a: all(a[i] < a[i + 1] for i in range(len(a) - 1)))
@require(lambda b: all(b[i] < b[i + 1] for i in range(len(b) - 1)))
@ensure(lambda a, b, result: all(x in a and x in b for x in result))
@ensure(lambda a, b, result: all(result[i] < result[i + 1] for i in range(len(result) - 1)))
def common(a: List[int], b: List[int]) -> List[int]:
    i = j = 0
    out: List[int] = []
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            out.append(a[i])
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return out
