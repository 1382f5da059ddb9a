"""Marks and averages."""
# twin: `if score >= 60:` becomes `if score > 60:`; then `grade` is wrong

from typing import List, Optional

from icontract import ensure, require


@require(lambda score: 0 <= score <= 100)
@ensure(lambda result: result in {"A", "B", "C", "F"})
@ensure(lambda score, result: (result == "F") == (score < 60))
def grade(score: int) -> str:
    if score >= 90:
        return "A"
    if score >= 75:
        return "B"
    if score >= 60:
        return "C"
    return "F"


@require(lambda scores: all(0 <= s <= 100 for s in scores))
@ensure(lambda scores, result: (result is None) == (len(scores) == 0))
@ensure(lambda result: result is None or 0 <= result <= 100)
def average(scores: List[int]) -> Optional[float]:
    if len(scores) == 0:
        return None
    return sum(scores) / len(scores)


@require(lambda scores: len(scores) > 0)
@ensure(lambda scores, result: result[0] in scores and result[1] in scores)
@ensure(lambda scores, result: all(result[0] <= s <= result[1] for s in scores))
def extremes(scores: List[int]):
    lowest, highest = scores[0], scores[0]
    for s in scores:
        if s < lowest:
            lowest = s
        elif s > highest:
            highest = s
    return lowest, highest
