"""What so many scores can certify, before any of them is seen: whether a false-alarm budget can be promised, and what would do."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from probatum.errors import ProbatumError
from probatum.stats.binomial import at_most
from probatum.stats.bounds import required_sample_size

BUDGETS = (0.01, 0.005, 0.002, 0.001, 0.0005)  # what is tabled unless something else is asked for


class BudgetUnattainable(ProbatumError):
    """No threshold can be certified to keep a false-alarm budget, from as few scores as there are.

    Attributes
    ----------
    budget, confidence : float
        What was asked for.
    at_hand, needed : int
        Scores there are, and the fewest with which there is a threshold; `needed` is 0 where no number would do.
    smallest : float
        The smallest budget that those at hand certify at this confidence, before any is seen; 1 if there is none.
    """

    budget: float
    confidence: float
    at_hand: int
    needed: int
    smallest: float

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the numbers when the error goes to another process."""
        return (*super().__reduce__(), self.__dict__)


def allowed_above(n: int, *, budget: float, confidence: float = 0.95, removed: float = 0.0, family: int = 1) -> int | None:
    """Return how many of n calibration scores may lie above the threshold; None if n are too few for any threshold.

    Examples
    --------
    >>> [allowed_above(n, budget=0.001) for n in (2994, 2995, 10_000, 30_000, 100_000)]
    [None, 0, 4, 20, 83]
    """
    alpha, delta = _level(budget, confidence, removed, family)
    if n < 1 or alpha <= 0 or at_most(0, n, alpha) > delta:
        return None
    # The median of the distribution is at least its mean rounded down, so what is allowed is below the mean.
    low, high = 0, math.ceil(n * alpha)
    while high - low > 1:
        middle = (low + high) // 2
        if at_most(middle, n, alpha) <= delta:
            low = middle
        else:
            high = middle
    return low


def fewest(*, budget: float, confidence: float = 0.95, allowed: int = 0, removed: float = 0.0, family: int = 1) -> int | None:
    """Return the fewest scores with which so many may lie above the threshold; None if no number would do.

    Examples
    --------
    >>> fewest(budget=0.001), fewest(budget=0.001, removed=0.001)
    (2995, None)
    """
    alpha, _ = _level(budget, confidence, removed, family)
    return None if alpha <= 0 else required_sample_size(alpha, failures=allowed, confidence=confidence, family=family)


def smallest_budget(n: int, *, confidence: float = 0.95, removed: float = 0.0, family: int = 1) -> float:
    """Return the smallest budget that n scores certify, whatever they are; 1 if there are none.

    Examples
    --------
    >>> round(smallest_budget(2995), 7)
    0.0009997
    """
    _, delta = _level(0.5, confidence, removed, family)
    if n < 1:
        return 1.0
    return removed + (1 - removed) * min(1.0, -math.expm1(math.log(delta) / n) * (1 + 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What so many scores can do for a budget.

    Attributes
    ----------
    budget : float
    needed : int or None
        Fewest scores with which there is a threshold; None if no number would do.
    allowed : int or None
        How many may lie above it; None if the scores are too few.
    usable : float
        The share of the budget that calibration scores may use up: near 1 where they are many.
    """

    budget: float
    needed: int | None
    allowed: int | None
    usable: float


def offers(
    n: int, *, budgets: Iterable[float] = BUDGETS, confidence: float = 0.95, removed: float = 0.0, family: int = 1
) -> tuple[Offer, ...]:
    """Return what n scores certify, for each of several budgets, each for itself."""
    found = []
    for budget in budgets:
        allowed = allowed_above(n, budget=budget, confidence=confidence, removed=removed, family=family)
        needed = fewest(budget=budget, confidence=confidence, removed=removed, family=family)
        found.append(Offer(budget=budget, needed=needed, allowed=allowed, usable=(allowed or 0) / (n * budget) if n else 0.0))
    return tuple(found)


def _level(budget: float, confidence: float, removed: float, family: int) -> tuple[float, float]:
    """Return the rate that scores at hand must keep, and the probability with which they may fail to."""
    if not 0 < budget < 1 or not 0.5 < confidence < 1 or not 0 <= removed < 1 or family < 1:
        raise ValueError(
            f"a budget of {budget:g} at confidence {confidence:g}, {removed:g} removed, is not a promise that can be made"
        )
    return (budget - removed) / (1 - removed), (1 - confidence) / family


def too_few(n: int, *, budget: float, confidence: float, removed: float, family: int) -> BudgetUnattainable:
    """Return the refusal of a budget for which there are too few scores."""
    needed = fewest(budget=budget, confidence=confidence, removed=removed, family=family)
    smallest = smallest_budget(n, confidence=confidence, removed=removed, family=family)
    asked = f"{n:,} scores cannot certify a false-alarm rate of at most {percent(budget)} at {percent(confidence)} confidence"
    if needed is None:
        why = f"as many as {percent(removed)} may have been taken out of them for what they look like"
        advice = "calibrate on a random sample from which nothing is taken out"
    else:
        why = f"even with no false alarm, {needed:,} are needed"
        more = needed - n
        advice = f"add {more:,} score{'s' if more > 1 else ''}"
        if n:
            advice += f", or allow {percent(smallest)}, which those at hand can certify"
    return _error(f"{asked}: {why}", advice, (budget, confidence, n, needed or 0, smallest))


def unscored(
    n: int, missing: int, allowed: int, *, budget: float, confidence: float, removed: float, family: int
) -> BudgetUnattainable:
    """Return the refusal of a budget that is used up by what has no score."""
    # As if there were the scores that are missing, and more of the same.
    needed = fewest(budget=budget, confidence=confidence, allowed=missing, removed=removed, family=family) or 0
    smallest = smallest_budget(n, confidence=confidence, removed=removed, family=family)
    message = (
        f"{missing:,} of {n:,} have no score, and at most {allowed:,} may for a false-alarm rate of at most {percent(budget)}"
    )
    advice = "find out why they have none: what cannot be scored alarms, and uses the budget up"
    return _error(message, advice, (budget, confidence, n, needed, smallest))


def _error(message: str, advice: str, numbers: tuple[float, float, int, int, float]) -> BudgetUnattainable:
    error = BudgetUnattainable(message, help=advice)
    error.budget, error.confidence, error.at_hand, error.needed, error.smallest = numbers
    return error


def percent(share: float) -> str:
    """Return a share as people read it, rounded up in the fifth place, so that it is never less than it is.

    Examples
    --------
    >>> percent(0.001), percent(0.95), percent(1 - 0.05 ** (1 / 412))
    ('0.1%', '95%', '0.72449%')
    """
    if share <= 0:
        return "0%"
    places = 4 - math.floor(math.log10(100 * share))
    exact = round(100 * share, places + 6)
    return f"{math.ceil(exact * 10**places - 1e-6) / 10**places:.10g}%"
