"""What follows where faults are far rarer than where a score was trained and calibrated: probabilities, precision, the rate of alarms.

All of it rests on label shift: that only the share of faulty things differs, and neither the scores of sound ones nor those of
faulty ones do. `label_shift.py` tests that.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probatum.stats.bounds import Bound, clopper_pearson

PRECISION = "stats/precision/1"
ALARM_RATE = "stats/alarm-rate/1"

Count = tuple[int, int]  # hits, trials
_TINY = 1e-290  # products of a few such ends and rates have all their digits


@dataclass(frozen=True, slots=True)
class Range:
    """Where a prevalence is known to lie, and how probable it is that it does not: that is taken from what an interval may miss."""

    low: float
    high: float
    error: float = 0.0


def class_weights(*, trained: float, deployed: float) -> tuple[float, float]:
    """Return what a sound and what a faulty thing count, of a set with one share of faulty ones, for a place with another.

    Examples
    --------
    >>> class_weights(trained=0.5, deployed=0.25)
    (1.5, 0.5)
    """
    if not (0 < trained < 1 and 0 < deployed < 1):
        raise ValueError(f"a share of {trained:g} cannot be weighted to be {deployed:g}; both must be between 0 and 1")
    return (1 - deployed) / (1 - trained), deployed / trained


def shifted(probabilities: ArrayLike, *, trained: float, deployed: float) -> NDArray[np.float64]:
    """Return what probabilities of a fault become at another prevalence: their log-odds move by the difference of both log-odds.

    Parameters
    ----------
    probabilities : array, in [0, 1]
        Calibrated where the share of faulty things was `trained`.
    trained, deployed : float in (0, 1)

    Notes
    -----
    ``logit(p') = logit(p) - logit(trained) + logit(deployed)``, by Bayes' theorem, under label shift only [1]_.

    References
    ----------
    .. [1] Saerens, Latinne, Decaestecker. "Adjusting the outputs of a classifier to new a priori probabilities." Neural Computation
       14 (2002).

    Examples
    --------
    >>> shifted([0.0, 0.5, 0.99, 1.0], trained=2 / 3, deployed=0.001).round(5).tolist()
    [0.0, 0.0005, 0.04721, 1.0]
    """
    sound, faulty = class_weights(trained=trained, deployed=deployed)
    p = np.asarray(probabilities, dtype=np.float64)
    return p * faulty / (p * faulty + (1 - p) * sound)


def precision(caught: Count, alarms: Count, prevalence: Count | Range, *, confidence: float = 0.95) -> Bound:
    """Bounds of the share of alarms that are right, at the prevalence where the score is used.

    Parameters
    ----------
    caught : (hits, trials)
        Faulty things that alarm, of those that were tried: whatever their share was there.
    alarms : (hits, trials)
        Sound things that alarm, of those that were tried.
    prevalence : (hits, trials) or Range
        Faulty ones in a random sample of where the score is used; or a range that is known otherwise, as from `audits`.
    confidence : float in (0, 1), default 0.95

    Returns
    -------
    Bound
        A fraction; its value is 0 where nothing alarmed at all.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The precision, ``pi t / (pi t + (1 - pi) f)``, rises with the prevalence pi and the rate t of faulty ones that alarm, and falls
    with the rate f of sound ones that do. So its ends are those of Clopper and Pearson's intervals of the three, which share the
    probability of error equally: valid for every number of trials, whatever the dependence of the three samples.

    Assumes that trials are independent in each of them, that the threshold was not chosen with them, and label shift.

    Examples
    --------
    >>> bound = precision((80, 100), (100, 10_000), Range(0.001, 0.001))
    >>> round(bound.low, 3), round(bound.value, 3), round(bound.high, 3)
    (0.053, 0.074, 0.1)
    """
    ends, counts, values = _parts(caught, alarms, prevalence, confidence)
    (t_low, t_high), (f_low, f_high), (pi_low, pi_high) = ends
    return Bound(
        method=PRECISION,
        value=_precision(*values),
        low=_below(_precision(t_low, f_high, pi_low)),
        high=_above(_precision(t_high, f_low, pi_high)),
        confidence=confidence,
        family=1,
        counts=counts,
        assumptions=_ASSUMED,
    )


def alarm_rate(caught: Count, alarms: Count, prevalence: Count | Range, *, confidence: float = 0.95) -> Bound:
    """Bounds of the share of all things that alarm where the score is used: a thousand times it is how many of each thousand.

    Parameters, errors and assumptions are those of `precision`.

    Notes
    -----
    ``pi t + (1 - pi) f`` is linear in each of the three, so its ends over their intervals are at corners.

    Examples
    --------
    >>> bound = alarm_rate((80, 100), (100, 10_000), Range(0.001, 0.001))
    >>> round(1000 * bound.low, 1), round(1000 * bound.value, 1), round(1000 * bound.high, 1)
    (8.6, 10.8, 13.3)
    """
    ends, counts, values = _parts(caught, alarms, prevalence, confidence)
    corners = [_rate(*corner) for corner in itertools.product(*ends)]
    return Bound(
        method=ALARM_RATE,
        value=_rate(*values),
        low=_below(min(corners)),
        high=_above(max(corners)),
        confidence=confidence,
        family=1,
        counts=counts,
        assumptions=_ASSUMED,
    )


_ASSUMED = (
    "trials are independent, and were not used to choose the threshold",
    "scores of sound things are alike where they were tried and where they are used, and so are those of faulty ones",
)


def _precision(t: float, f: float, pi: float) -> float:
    return pi * t / (pi * t + (1 - pi) * f) if pi * t > 0 else 0.0


def _below(end: float) -> float:
    """A lower end, less what rounding can have added: that is relative only where numbers have all their digits."""
    return end * (1 - 1e-12) if end >= _TINY else 0.0


def _above(end: float) -> float:
    return min(1.0, max(end, _TINY) * (1 + 1e-12)) if end > 0 else 0.0


def _rate(t: float, f: float, pi: float) -> float:
    return pi * t + (1 - pi) * f


def _parts(
    caught: Count, alarms: Count, prevalence: Count | Range, confidence: float
) -> tuple[list[tuple[float, float]], dict[str, Any], list[float]]:  # ends, what is recorded, estimates
    counted = [caught, alarms]
    error = 0.0
    if isinstance(prevalence, Range):
        if not (0 <= prevalence.low <= prevalence.high <= 1 and 0 <= prevalence.error < 1 - confidence):
            raise ValueError(f"a prevalence in {prevalence} does not fit a confidence of {confidence:g}")
        error = prevalence.error
    else:
        counted.append(prevalence)
    bounds = [clopper_pearson(k, n, confidence=confidence + error, family=len(counted)) for k, n in counted]
    ends = [(one.low or 0.0, 1.0 if one.high is None else one.high) for one in bounds]
    values = [one.value for one in bounds]
    counts = {"caught": list(caught), "alarms": list(alarms)}
    if isinstance(prevalence, Range):
        ends.append((prevalence.low, prevalence.high))
        values.append((prevalence.low + prevalence.high) / 2)
        given: dict[str, Any] = {"prevalence_range": [prevalence.low, prevalence.high, error]}
    else:
        given = {"prevalence": list(prevalence)}
    return ends, {**counts, **given, "ends": [end for pair in ends for end in pair]}, values
