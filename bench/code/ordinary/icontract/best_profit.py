"""LeetCode 121: buy once, sell once."""
# twin: `cheapest = min(cheapest, price)` becomes `cheapest = price`; then `max_profit` is wrong

from typing import List

from icontract import ensure, require


@require(lambda prices: all(p >= 0 for p in prices))
@ensure(lambda result: result >= 0)
@ensure(
    lambda prices, result: all(prices[j] - prices[i] <= result for i in range(len(prices)) for j in range(i + 1, len(prices)))
)
def max_profit(prices: List[int]) -> int:
    if not prices:
        return 0
    cheapest = prices[0]
    best = 0
    for price in prices[1:]:
        best = max(best, price - cheapest)
        cheapest = min(cheapest, price)
    return best
