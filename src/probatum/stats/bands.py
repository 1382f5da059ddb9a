"""Two thresholds that keep two or three risks at once, with one confidence, whatever the scores are distributed like.

What scores above the upper one is put aside, between the two a person looks, and the rest passes. Needs no grid: risks only fall, or
only rise, along each threshold, so that testing all values in order costs nothing (`learn_then_test.py` tests pairs of a grid).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probatum.stats.binomial import at_most
from probatum.stats.bounds import required_sample_size
from probatum.stats.budgets import BudgetUnattainable, percent
from probatum.stats.learn_then_test import Certification, learn_then_test
from probatum.stats.neyman_pearson import Threshold, threshold_within


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedBand:
    """Two thresholds, each with its certificate, and what they let pass.

    Attributes
    ----------
    low : Threshold
        Of sound things, few are above it: put aside, or looked at.
    high : Threshold
        Of sound things, few are above it: put aside. Never below `low`.
    passed : Certification or None
        Of faulty things, few are at most `low`: one setting, one risk. None where that has no budget.
    """

    low: Threshold
    high: Threshold
    passed: Certification | None


def nested_band(
    sound: ArrayLike,
    faulty: ArrayLike = (),
    *,
    aside: float,
    looked: float,
    passed: float | None = None,
    confidence: float = 0.95,
    removed: float = 0.0,
) -> NestedBand:
    """Choose the lowest thresholds that keep the budgets of sound things, and test what faulty ones then pass.

    Parameters
    ----------
    sound, faulty : array of shape (n,), array of shape (m,)
        Calibration scores, higher is worse. NaN means that there is no score: a person looks at such a thing, and it counts as put
        aside; a faulty one is not passed.
    aside, looked : float in (0, 1)
        Largest acceptable probabilities that a sound thing is put aside; and that it is put aside or a person looks at it.
        ``aside <= looked``.
    passed : float in (0, 1), optional
        Largest acceptable probability that a faulty thing passes.
    confidence : float in (1/2, 1), default 0.95
        Probability, over calibration sets, that no certificate is given with which one of the risks exceeds its budget.
    removed : float in [0, 1), default 0
        As in `threshold_within`.

    Raises
    ------
    BudgetUnattainable
        If nothing can be certified; it says how many scores would do, and what those at hand certify.
    ValueError
        If an argument is outside its range.

    Notes
    -----
    Learn-then-Test [1]_ with a fixed sequence for each risk, and the ``1 - confidence`` split evenly between the risks. For sound
    things the sequence is all values from infinity down: the number above only grows, so that the last value for which
    ``P(Bin(n, budget) <= above)`` is small enough is what `threshold_within` takes. The number of values costs nothing.
    ``passed`` is tested once, at `low`: that follows from sound scores alone, so it is fixed for faulty ones, which are independent
    of them. A lower `low` would exceed `looked`, and a higher one passes more: if the test fails there, no other band would do.

    A false certificate needs one of the thresholds of sound things to be false, or the test at a `low` that passes too much to
    succeed: together at most ``1 - confidence``. O(n + m).

    Assumes that sound things are independent and as those to come, and that faulty ones are, too.

    References
    ----------
    .. [1] Angelopoulos, Bates, Candes, Jordan, Lei. "Learn then Test: Calibrating predictive algorithms to achieve risk control."
       arXiv:2110.01052, theorem 1 and section 2.3 (several sequences, each with its share).

    Examples
    --------
    >>> band = nested_band(range(1000), range(700, 1700), aside=0.01, looked=0.2, passed=0.2)
    >>> band.low.value, band.high.value
    (827.0, 996.0)
    """
    if not aside <= looked:
        raise ValueError(f"fewer than those put aside ({aside:g}) cannot be looked at or put aside ({looked:g})")
    family = 2 if passed is None else 3
    high = threshold_within(sound, budget=aside, confidence=confidence, removed=removed, family=family)
    low = threshold_within(sound, budget=looked, confidence=confidence, removed=removed, family=family)
    if passed is None:
        return NestedBand(low=low, high=high, passed=None)
    bad = np.asarray(faulty, dtype=np.float64)
    enough_faulty(len(bad), passed=passed, confidence=confidence)
    tally = (int((bad <= low.value).sum()), len(bad))
    tested = learn_then_test([[tally]], budgets=(passed,), confidence=1 - (1 - confidence) / family)
    if not tested.certified:
        raise _too_many(tally, bad, low, passed=passed, confidence=confidence)
    return NestedBand(low=low, high=high, passed=tested)


def enough_faulty(many: int, *, passed: float, confidence: float) -> None:
    """Refuse at once what so many faulty things cannot certify, whatever their scores.

    Raises
    ------
    BudgetUnattainable
    """
    delta = (1 - confidence) / 3
    if many and at_most(0, many, passed) <= delta:
        return
    needed = required_sample_size(passed, failures=0, confidence=confidence, family=3)
    smallest = _least(0, many, delta)
    can = f", or allow {percent(smallest)}, which those at hand can certify if none passes" if smallest < 1 else ""
    raise _refusal(
        f"{many:,} faulty scores cannot certify that at most {percent(passed)} pass at {percent(confidence)} confidence: "
        f"even if none passes, {needed:,} are needed",
        f"add {needed - many:,}{can}",
        (passed, confidence, many, needed, smallest),
    )


def _too_many(
    tally: tuple[int, int], bad: NDArray[np.float64], low: Threshold, *, passed: float, confidence: float
) -> BudgetUnattainable:
    errors, trials = tally
    delta = (1 - confidence) / 3
    smallest = _least(errors, trials, delta)
    needed = _would_do(errors, trials, passed, delta)
    if needed:
        advice = f"about {needed:,} faulty ones would do if as large a share of them passes"
    else:
        allowed = max(k for k in range(errors) if at_most(k, trials, passed) <= delta)
        at = float(np.sort(bad)[allowed])  # a threshold just below it would pass `allowed`
        advice = f"no number would do: the lower threshold must be below {at:.4g} instead of {low.value:.4g}, so let people look at more"
    return _refusal(
        f"{errors:,} of {trials:,} faulty ones pass below {low.value:.4g}, the lowest threshold that keeps the other budgets: "
        f"that does not certify at most {percent(passed)} at {percent(confidence)} confidence",
        advice + (f", or allow {percent(smallest)}, which those at hand certify" if smallest < 1 else ""),
        (passed, confidence, trials, needed, smallest),
    )


def _would_do(errors: int, trials: int, passed: float, delta: float) -> int:
    """Return about how many would certify the budget with the same share of errors; 0 if no number would."""
    share = errors / trials
    if share >= passed:
        return 0
    many = trials
    while many < 10**9:
        many += max(1, many // 50)
        if at_most(math.ceil(share * many), many, passed) <= delta:
            return many
    return 0


def _least(errors: int, trials: int, delta: float) -> float:
    """Return the smallest budget that a tally certifies, rounded up; 1 if there is none."""
    low, high = 0.0, 1.0
    for _ in range(60 if trials and errors < trials else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if at_most(errors, trials, middle) <= delta else (middle, high)
    return high


def _refusal(message: str, advice: str, numbers: tuple[float, float, int, int, float]) -> BudgetUnattainable:
    error = BudgetUnattainable(message, help=advice)
    error.budget, error.confidence, error.at_hand, error.needed, error.smallest = numbers
    return error
