"""LeetCode 53: the largest sum of neighbours."""
# twin: `best = max(best, current)` becomes `best = current`; then `max_subarray` is wrong


def max_subarray(nums: list[int]) -> int:
    assert len(nums) > 0
    best = current = nums[0]
    for x in nums[1:]:
        current = max(x, current + x)
        best = max(best, current)
    assert all(best >= x for x in nums)
    return best


def running_sum(nums: list[int]) -> list[int]:
    result: list[int] = []
    total = 0
    for x in nums:
        total += x
        result.append(total)
    assert len(result) == len(nums)
    assert not nums or result[-1] == sum(nums)
    return result


def climb_stairs(n: int) -> int:
    assert n >= 1
    one, two = 1, 1
    for _ in range(n - 1):
        one, two = one + two, one
    assert one >= n
    return one
