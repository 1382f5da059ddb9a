"""LeetCode 35: where a target is, or would be, in a sorted list."""
# twin: `high = len(nums)` becomes `high = len(nums) - 1`; then `search_insert` is wrong

from typing import List

from probatum.spec import ensures, forall, invariant, requires


def search_insert(nums: List[int], target: int) -> int:
    requires(forall(range(len(nums)), range(len(nums)), lambda i, j: i >= j or nums[i] < nums[j]))
    ensures(lambda r: 0 <= r <= len(nums))
    ensures(lambda r: all(nums[i] < target for i in range(r)))
    ensures(lambda r: all(nums[i] >= target for i in range(r, len(nums))))
    low = 0
    high = len(nums)
    while low < high:
        invariant(0 <= low <= high <= len(nums))
        invariant(all(nums[i] < target for i in range(low)))
        invariant(all(nums[i] >= target for i in range(high, len(nums))))
        mid = low + (high - low) // 2
        if nums[mid] < target:
            low = mid + 1
        else:
            high = mid
    return low
