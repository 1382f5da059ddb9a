"""A threshold whose rate of false alarms is within a budget, with a stated confidence, whatever the scores are distributed like.

Needs only scores of things of which none should alarm. Where they are too few, there is no threshold, and it is said how many
would do and what those at hand certify. `group_thresholds.py` does so for several groups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probatum.evidence import Estimate
from probatum.stats.budgets import allowed_above, too_few, unscored

NEYMAN_PEARSON = "stats/neyman-pearson/1"


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
    probatum.stats.budgets.BudgetUnattainable: 2,994 scores cannot certify a false-alarm rate of at most 0.1% at 95% \
confidence: even with no false alarm, 2,995 are needed
      help: add 1 score, or allow 0.10001%, which those at hand can certify
    """
    values = _values(scores)
    n = len(values)
    allowed = allowed_above(n, budget=budget, confidence=confidence, removed=removed, family=family)
    if allowed is None:
        raise too_few(n, budget=budget, confidence=confidence, removed=removed, family=family)
    missing = int(np.isnan(values).sum())
    if missing > allowed:
        raise unscored(n, missing, allowed, budget=budget, confidence=confidence, removed=removed, family=family)
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


def _values(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"scores have {values.ndim} dimensions; one score for each thing is needed")
    return values
