"""LeetCode 283: move the zeroes to the end, in place."""
# twin: `write += 1` becomes `write += 2`; then `move_zeroes` is wrong

from typing import List

from icontract import ensure, snapshot


@snapshot(lambda nums: nums[:])
@ensure(lambda nums, OLD: len(nums) == len(OLD.nums))
@ensure(lambda nums, OLD: sum(1 for n in nums if n != 0) == sum(1 for n in OLD.nums if n != 0))
@ensure(lambda nums: all(nums[i] != 0 or nums[i + 1] == 0 for i in range(len(nums) - 1)))
def move_zeroes(nums: List[int]) -> None:
    write = 0
    for read in range(len(nums)):
        if nums[read] != 0:
            nums[write], nums[read] = nums[read], nums[write]
            write += 1
