"""A threshold whose rate of false alarms is within a budget, with a stated confidence, whatever the scores are distributed like.

Needs only scores of things of which none should alarm. Where they are too few, there is no threshold, and it is said how many
would do and what those at hand certify. `group_thresholds.py` does so for several groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probatum.errors import ProbatumError
from probatum.evidence import Estimate
from probatum.stats.binomial import at_most
from probatum.stats.bounds import required_sample_size

NEYMAN_PEARSON = "stats/neyman-pearson/1"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A threshold and its certificate: which says nothing of how many true alarms are missed.

    Attributes
    ----------
    value : float
        What scores above it alarm; may be infinite.
    budget : float in (0, 1)
        Certified: the probability that the next one alarms, of those that should not, is at most this.
    confidence : float in (0, 1)
        Probability, over sets of calibration scores, that the certificate is true.
    trials : int
        Calibration scores, those that are missing included.
    allowed : int
        How many of them may lie above the threshold: the largest number for which the certificate holds. Depends on no score.
    above : int
        How many do; fewer where scores are tied.
    unscored : int
        How many of those above have no score (NaN).
    removed : float
        Largest rate at which things that should not alarm were taken out of the calibration set for what they look like.
    family : int
        How many such certificates hold together.
    """

    value: float
    budget: float
    confidence: float
    trials: int
    allowed: int
    above: int
    unscored: int
    removed: float = 0.0
    family: int = 1

    def alarms(self, scores: ArrayLike) -> NDArray[np.bool_]:
        """Return which scores alarm: those above the threshold, and those that are no number."""
        return ~(np.asarray(scores, dtype=float) <= self.value)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the certificate rests on."""
        stated = (
            "calibration scores and those to come are independent, from the same distribution",
            "nothing that made the score has seen the calibration set",
            "what should alarm and was left in the calibration set by mistake has scores no lower than the rest",
        )
        if self.removed:
            return (*stated, f"at most {self.removed:g} of what should not alarm was taken out of the calibration set")
        return (*stated, "nothing that should not alarm was taken out of the calibration set for what it looks like")

    def estimate(self, quantity: str, *, unit: str = "", sampling: str = "") -> Estimate:
        """Return the certificate as evidence: its value is the share of calibration scores that alarm."""
        return Estimate(
            method=NEYMAN_PEARSON,
            quantity=quantity,
            value=self.above / self.trials,
            low=None,
            high=self.budget,
            confidence=self.confidence,
            counts={
                "trials": self.trials,
                "allowed": self.allowed,
                "above": self.above,
                "removed": self.removed,
                "threshold": self.value if math.isfinite(self.value) else str(self.value),
            },
            unit=unit,
            sampling=sampling,
            family=self.family,
        )


def threshold_within(
    scores: ArrayLike, *, budget: float, confidence: float = 0.95, removed: float = 0.0, family: int = 1
) -> Threshold:
    """Lowest threshold whose rate of false alarms is certified to be within a budget.

    Parameters
    ----------
    scores : array of shape (n,)
        Of things that should not alarm; higher is worse. They must be exchangeable with those to come, and seen by nothing that
        made the score. NaN means that there is no score: such a thing alarms, here as later, and is ranked above infinity.
    budget : float in (0, 1)
        Largest acceptable probability of an alarm, for a thing that should not.
    confidence : float in (1/2, 1), default 0.95
        Probability, over calibration sets, that all certificates of the family are true.
    removed : float in [0, 1), default 0
        Largest probability with which such a thing is taken out of the calibration set for what it looks like, say because it is
        labelled damaged and is not: of all there are, not of those that were drawn. All that were taken out are taken to alarm.
    family : int >= 1
        How many such certificates are to hold together (Bonferroni's correction).

    Returns
    -------
    Threshold
        One of the scores.

    Raises
    ------
    BudgetUnattainable
        If there are too few scores; or if too many of them are NaN, so that what cannot be scored exceeds the budget alone.
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The umbrella algorithm [1]_: with m the largest number for which ``P(Bin(n, budget) <= m) <= 1 - confidence``, the threshold is
    the (m + 1)-th largest score, and scores strictly above it alarm. For a continuous distribution the certificate fails with
    exactly that probability. Ties can only make it fail more seldom: break them by a coin that is tossed for every score, and
    whatever is strictly above a score is above it by the coin too.

    With a rate e taken out, a false-alarm rate of a among those left is at most ``e + (1 - e) a`` among all, so that the rest must
    keep ``(budget - e) / (1 - e)``. What was left in by mistake raises the threshold as long as its scores are no lower. O(n).

    References
    ----------
    .. [1] Tong, Feng, Li. "Neyman-Pearson classification algorithms and NP receiver operating characteristics." Science Advances 4
       (2018), arXiv:1608.03109, proposition 1.

    Examples
    --------
    >>> threshold_within(range(10_000), budget=0.001).value
    9995.0
    >>> threshold_within(range(2994), budget=0.001)
    Traceback (most recent call last):
    probatum.stats.neyman_pearson.BudgetUnattainable: 2,994 scores cannot certify a false-alarm rate of at most 0.1% at 95% \
confidence: even with no false alarm, 2,995 are needed
      help: add 1 score, or allow 0.10001%, which those at hand can certify
    """
    values = _values(scores)
    n = len(values)
    allowed = allowed_above(n, budget=budget, confidence=confidence, removed=removed, family=family)
    if allowed is None:
        raise _too_few(n, budget=budget, confidence=confidence, removed=removed, family=family)
    missing = int(np.isnan(values).sum())
    if missing > allowed:
        raise _unscored(n, missing, allowed, budget=budget, confidence=confidence, removed=removed, family=family)
    # NaN is sorted behind infinity.
    at = float(np.partition(values, n - 1 - allowed)[n - 1 - allowed])
    return Threshold(
        value=at,
        budget=budget,
        confidence=confidence,
        trials=n,
        allowed=allowed,
        above=int((~(values <= at)).sum()),
        unscored=missing,
        removed=removed,
        family=family,
    )


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


def _values(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"scores have {values.ndim} dimensions; one score for each thing is needed")
    return values


def _too_few(n: int, *, budget: float, confidence: float, removed: float, family: int) -> BudgetUnattainable:
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


def _unscored(
    n: int, missing: int, allowed: int, *, budget: float, confidence: float, removed: float, family: int
) -> BudgetUnattainable:
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
