"""Two pointers."""
# twin: `i, j = 0, len(nums) - 1` becomes `i, j = 0, len(nums)`; then `pair_with_sum` is wrong


def pair_with_sum(nums: list[int], target: int) -> bool:
    """Say whether two of a sorted list add up to the target."""
    assert all(nums[k] <= nums[k + 1] for k in range(len(nums) - 1))
    i, j = 0, len(nums) - 1
    found = False
    while i < j and not found:
        if nums[i] + nums[j] == target:
            found = True
        elif nums[i] + nums[j] < target:
            i += 1
        else:
            j -= 1
    assert not found or any(a + b == target for a in nums for b in nums)
    return found


def reverse_in_place(xs: list[str]) -> None:
    old = xs[:]
    i, j = 0, len(xs) - 1
    while i < j:
        xs[i], xs[j] = xs[j], xs[i]
        i += 1
        j -= 1
    assert len(xs) == len(old)
    assert xs == old[::-1]


def max_area(height: list[int]) -> int:
    assert len(height) >= 2
    assert all(h >= 0 for h in height)
    left, right, best = 0, len(height) - 1, 0
    while left < right:
        best = max(best, (right - left) * min(height[left], height[right]))
        if height[left] < height[right]:
            left += 1
        else:
            right -= 1
    assert best >= 0
    return best
