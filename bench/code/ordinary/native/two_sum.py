"""LeetCode 1: two places whose numbers add up."""
# twin: `seen[num] = i` becomes `seen[num] = i + 1`; then `two_sum` is wrong

from typing import Optional

from probatum.spec import ensures, implies, invariant


def two_sum(nums: list[int], target: int) -> Optional[tuple[int, int]]:
    ensures(lambda r: implies(r is not None, 0 <= r[0] < r[1] < len(nums)))
    ensures(lambda r: implies(r is not None, nums[r[0]] + nums[r[1]] == target))
    seen: dict[int, int] = {}
    for i, num in enumerate(nums):
        invariant(all(0 <= seen[k] < i and nums[seen[k]] == k for k in seen))
        if target - num in seen:
            return seen[target - num], i
        seen[num] = i
    return None
