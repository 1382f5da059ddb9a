"""A share in a population, from a sample whose members had different, known chances to be drawn: bounded by user."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawn:
    """A member of the sample: whose it is, its probability of being drawn, and whether it has what is counted."""

    user: str
    inclusion: float
    hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share with bounds.

    Attributes
    ----------
    value, low, high : float
    confidence : float
    sampled, users : int
    effective : float
        How many members of a simple sample would say as much.
    total : float
        Estimated size of the population (Horvitz and Thompson).
    """

    value: float
    low: float
    high: float
    confidence: float
    sampled: int
    users: int
    effective: float
    total: float


def share(sample: Iterable[Drawn], *, confidence: float = 0.95) -> Share:
    """Estimate a share.

    Parameters
    ----------
    sample : iterable of Drawn
        All members that were drawn and judged.
    confidence : float in (0, 1)

    Raises
    ------
    ValueError
        If there are fewer than two users, or a probability is none.

    Notes
    -----
    Hajek's estimate, the weighted mean with weights of one over the probability of being drawn [1]_. Its variance is that of
    the linearised sums of users. Bounds are Clopper and Pearson's for the effective size of the sample [2]_, which keep their
    promise for rare hits, where a normal interval does not; where all are alike, the effective size is Kish's.

    For large samples only: where most hits have a small probability of being drawn and few of them are, the upper end is too low more
    often than it may be (measured in bench/inspection/audits.py). Where each member is drawn by a coin of its own, `audits.missed_rate`
    holds for every sample.

    References
    ----------
    .. [1] Sarndal, Swensson, Wretman. "Model Assisted Survey Sampling." Springer (1992), 5.7.
    .. [2] Korn, Graubard. "Confidence intervals for proportions with small expected number of positive counts estimated
       from survey data." Survey Methodology 24 (1998).
    """
    from scipy.special import betaincinv
    from scipy.stats import t as student

    members = list(sample)
    if not all(0 < one.inclusion <= 1 for one in members) or not 0 < confidence < 1:
        raise ValueError("a probability of being drawn is not between 0 and 1")
    weights: dict[str, float] = defaultdict(float)
    hits: dict[str, float] = defaultdict(float)
    for one in members:
        weights[one.user] += 1 / one.inclusion
        hits[one.user] += one.hit / one.inclusion
    users, total = len(weights), math.fsum(weights.values())
    if users < 2:
        raise ValueError(f"{users} users bound no share")
    value = min(1.0, math.fsum(hits.values()) / total)
    variance = users / (users - 1) * math.fsum((hits[user] - value * weights[user]) ** 2 for user in weights) / total**2
    kish = total**2 / math.fsum(weight**2 for weight in weights.values())
    alpha = 1 - confidence
    n = len(members)
    if variance > 0 and 0 < value < 1:
        # The variance has as many degrees of freedom as there are users, less one.
        wider = (student.ppf(1 - alpha / 2, n - 1) / student.ppf(1 - alpha / 2, users - 1)) ** 2
        effective = min(float(n), value * (1 - value) / variance * wider)
    else:
        effective = min(float(n), kish)
    x = value * effective
    low = float(betaincinv(x, effective - x + 1, alpha / 2)) if x > 0 else 0.0
    high = float(betaincinv(x + 1, effective - x, 1 - alpha / 2)) if x < effective else 1.0
    return Share(value=value, low=low, high=high, confidence=confidence, sampled=n, users=users, effective=effective, total=total)
