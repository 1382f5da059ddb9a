"""Finite-sample bounds: Clopper-Pearson, Hoeffding, relative entropy, empirical Bernstein; and how large a sample must be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from probatum.evidence import Estimate
from probatum.stats.binomial import at_least

Side = Literal["both", "upper", "lower"]

CLOPPER_PEARSON = "stats/clopper-pearson/1"
HOEFFDING = "stats/hoeffding/1"
EMPIRICAL_BERNSTEIN = "stats/empirical-bernstein/1"
RELATIVE_ENTROPY = "stats/relative-entropy/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A number with bounds, what they were computed from, and what they rest on.

    Attributes
    ----------
    method : str
        Which checker recomputes the bounds from `counts`.
    value : float
        The plain estimate: a fraction or a mean.
    low, high : float or None
        None at the open end of a one-sided bound.
    confidence : float in (0, 1)
        Of this bound and of `family - 1` others together.
    counts : mapping of str to numbers, or lists of them
        The sufficient statistics.
    assumptions : tuple of str
        Under which the bound is valid; they belong on the outcome.
    """

    method: str
    value: float
    low: float | None
    high: float | None
    confidence: float
    family: int
    counts: Mapping[str, Any]
    assumptions: tuple[str, ...]

    def estimate(self, quantity: str, *, unit: str = "", sampling: str = "", seed: int | None = None) -> Estimate:
        """Return the bound as evidence for a named quantity."""
        return Estimate(
            method=self.method,
            quantity=quantity,
            value=self.value,
            low=self.low,
            high=self.high,
            confidence=self.confidence,
            counts=dict(self.counts),
            unit=unit,
            sampling=sampling,
            family=self.family,
            seed=seed,
        )


def clopper_pearson(successes: int, trials: int, *, confidence: float = 0.95, side: Side = "both", family: int = 1) -> Bound:
    """Bounds of a probability from how often something happened.

    Parameters
    ----------
    successes, trials : int, 0 <= successes <= trials, trials >= 1
        How often it happened, and how often it could have.
    confidence : float in (0, 1), default 0.95
        Probability, over samples, that all bounds of the family hold.
    side : {"both", "upper", "lower"}
        Which ends are wanted. A one-sided bound is tighter at its end.
    family : int >= 1
        How many such bounds are stated together (Bonferroni's correction).

    Returns
    -------
    Bound
        A fraction in [0, 1]. Coverage is at least `confidence` for every
        probability and every number of trials, and usually somewhat more.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The ends are the probabilities at which what was seen, or more extreme, has
    probability ``(1 - confidence) / 2`` [1]_: quantiles of the beta distribution,
    found here by bisection on the binomial tail, whose terms are computed by
    saddle-point expansion [2]_, and rounded outwards. O(sqrt(trials)) for each of
    about 60 steps.

    Assumes that trials are independent, and that each has the same probability.

    References
    ----------
    .. [1] Clopper, Pearson. "The use of confidence or fiducial limits illustrated
       in the case of the binomial." Biometrika 26 (1934).
    .. [2] Loader. "Fast and accurate computation of binomial probabilities." (2000).

    Examples
    --------
    >>> bound = clopper_pearson(0, 2995, side="upper")
    >>> bound.low is None, round(bound.high, 6)
    (True, 0.001)
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} trials is not a count of successes")
    alpha = _alpha(confidence, side, family)
    seen = successes / trials
    low: float | None = None
    high: float | None = None
    if side != "upper":
        low = 0.0
        if successes > 0:  # P(X >= successes) rises with p, from 0 to about one half at p = seen
            low = _bisect(lambda p: at_least(successes, trials, p) <= alpha, 0.0, seen)[0] * (1 - 1e-12)
    if side != "lower":
        high = 1.0
        if successes < trials:  # the mirror image: failures instead of successes
            missing = trials - successes
            high = min(1.0, 1.0 - _bisect(lambda q: at_least(missing, trials, q) <= alpha, 0.0, 1 - seen)[0] * (1 - 1e-12))
    return Bound(
        method=CLOPPER_PEARSON,
        value=seen,
        low=low,
        high=high,
        confidence=confidence,
        family=family,
        counts={"successes": successes, "trials": trials},
        assumptions=("trials are independent", "every trial has the same probability"),
    )


def hoeffding(
    values: Sequence[float],
    *,
    lowest: float = 0.0,
    highest: float = 1.0,
    confidence: float = 0.95,
    side: Side = "both",
    family: int = 1,
) -> Bound:
    """Bounds of a mean, from nothing but the range of the values.

    Parameters
    ----------
    values : sequence of float, at least 1
        What was measured, each within [`lowest`, `highest`].
    lowest, highest : float
        Limits that no value can pass, known before looking.
    confidence : float in (0, 1), default 0.95
        Probability, over samples, that all bounds of the family hold.
    side : {"both", "upper", "lower"}
        Which ends are wanted.
    family : int >= 1
        How many such bounds are stated together (Bonferroni's correction).

    Returns
    -------
    Bound
        In the unit of the values, never beyond their limits.

    Raises
    ------
    ValueError
        If an argument or a value is outside its range.

    Notes
    -----
    The mean is further than ``(highest - lowest) sqrt(ln(1 / alpha) / (2 n))`` above
    or below with probability at most alpha on each side [1]_. O(n).

    Assumes independent values; they need not have the same distribution.

    References
    ----------
    .. [1] Hoeffding. "Probability inequalities for sums of bounded random
       variables." Journal of the American Statistical Association 58 (1963), theorem 2.

    Examples
    --------
    >>> bound = hoeffding([0.25, 0.75] * 500)
    >>> round(bound.low, 4), bound.value, round(bound.high, 4)
    (0.4571, 0.5, 0.5429)
    """
    lowest, highest = float(lowest), float(highest)
    mean = _mean(values, lowest, highest, fewest=1)
    alpha = _alpha(confidence, side, family)
    reach = (highest - lowest) * math.sqrt(math.log(1 / alpha) / (2 * len(values)))
    return _around(
        mean,
        reach,
        method=HOEFFDING,
        side=side,
        confidence=confidence,
        family=family,
        counts={"trials": len(values), "mean": mean, "lowest": lowest, "highest": highest},
        assumptions=("values are independent", f"no value can be below {lowest:g} or above {highest:g}"),
    )


def relative_entropy(mean: float, trials: int, *, confidence: float = 0.95, side: Side = "both", family: int = 1) -> Bound:
    """Bounds of the mean of values between 0 and 1, tight where the mean is near an end.

    Parameters
    ----------
    mean : float in [0, 1]
        Of the values.
    trials : int >= 1
        How many values.
    confidence : float in (0, 1), default 0.95
        Probability, over samples, that all bounds of the family hold.
    side : {"both", "upper", "lower"}
        Which ends are wanted.
    family : int >= 1
        How many such bounds are stated together (Bonferroni's correction).

    Returns
    -------
    Bound

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The true mean q is excluded where ``n (m ln(m / q) + (1 - m) ln((1 - m) / (1 - q))) > ln(1 / alpha)`` for
    the observed mean m [1]_. Never worse than `hoeffding`, and as good as Clopper and Pearson's
    bound up to a factor in alpha for values that are 0 or 1. By bisection, O(1).

    Assumes independent values; they need not have the same distribution.

    References
    ----------
    .. [1] Hoeffding. "Probability inequalities for sums of bounded random
       variables." Journal of the American Statistical Association 58 (1963), theorem 1.

    Examples
    --------
    >>> bound = relative_entropy(0.9, 20)
    >>> round(bound.low, 4), round(bound.high, 4)
    (0.635, 0.9935)
    """
    alpha = _alpha(confidence, side, family)
    if not 0 <= mean <= 1 or trials < 1:
        raise ValueError(f"{trials} values with mean {mean:g} are not values between 0 and 1")
    budget = math.log(1 / alpha) / trials
    low = None if side == "upper" else (0.0 if mean == 0 else _bisect(lambda q: _divergence(mean, q) >= budget, 0.0, mean)[0])
    high = (
        None
        if side == "lower"
        else (1.0 if mean == 1 else 1 - _bisect(lambda q: _divergence(1 - mean, q) >= budget, 0.0, 1 - mean)[0])
    )
    return Bound(
        method=RELATIVE_ENTROPY,
        value=mean,
        low=low,
        high=high,
        confidence=confidence,
        family=family,
        counts={"trials": trials, "mean": mean},
        assumptions=("values are independent", "no value can be below 0 or above 1"),
    )


def _divergence(m: float, q: float) -> float:
    """Relative entropy of a coin with bias `m` to one with `q`, for q <= m."""
    if q <= 0:
        return math.inf
    first = m * math.log(m / q)
    return first if m >= 1 else first + (1 - m) * math.log((1 - m) / (1 - q))


def empirical_bernstein(
    values: Sequence[float],
    *,
    lowest: float = 0.0,
    highest: float = 1.0,
    confidence: float = 0.95,
    side: Side = "both",
    family: int = 1,
) -> Bound:
    """Bounds of a mean that are tight when the values vary little.

    Parameters
    ----------
    values : sequence of float, at least 2
        What was measured, each within [`lowest`, `highest`].
    lowest, highest : float
        Limits that no value can pass, known before looking.
    confidence : float in (0, 1), default 0.95
        Probability, over samples, that all bounds of the family hold.
    side : {"both", "upper", "lower"}
        Which ends are wanted.
    family : int >= 1
        How many such bounds are stated together (Bonferroni's correction).

    Returns
    -------
    Bound
        In the unit of the values, never beyond their limits.

    Raises
    ------
    ValueError
        If an argument or a value is outside its range.

    Notes
    -----
    With the range scaled to 1, the reach on each side is
    ``sqrt(2 V ln(2 / alpha) / n) + 7 ln(2 / alpha) / (3 (n - 1))`` where V is the
    sample variance with divisor n - 1 [1]_. Better than Hoeffding's bound when V is
    well below 1/4 and n is in the hundreds; worse for very few values. O(n).

    Assumes independent values with the same distribution.

    References
    ----------
    .. [1] Maurer, Pontil. "Empirical Bernstein bounds and sample variance
       penalization." COLT 2009, arXiv:0907.3740, theorem 4.

    Examples
    --------
    >>> bound = empirical_bernstein([0.5, 0.52] * 500)
    >>> round(bound.low, 4), round(bound.value, 4), round(bound.high, 4)
    (0.4988, 0.51, 0.5212)
    """
    lowest, highest = float(lowest), float(highest)
    mean = _mean(values, lowest, highest, fewest=2)
    alpha = _alpha(confidence, side, family)
    n = len(values)
    variance = math.fsum((v - mean) ** 2 for v in values) / (n - 1)
    log = math.log(2 / alpha)
    reach = math.sqrt(2 * variance * log / n) + (highest - lowest) * 7 * log / (3 * (n - 1))
    return _around(
        mean,
        reach,
        method=EMPIRICAL_BERNSTEIN,
        side=side,
        confidence=confidence,
        family=family,
        counts={"trials": n, "mean": mean, "variance": variance, "lowest": lowest, "highest": highest},
        assumptions=(
            "values are independent and have the same distribution",
            f"no value can be below {lowest:g} or above {highest:g}",
        ),
    )


def required_sample_size(budget: float, *, failures: int = 0, confidence: float = 0.95, family: int = 1) -> int:
    """Fewest trials after which so many failures still certify a failure rate within the budget.

    Parameters
    ----------
    budget : float in (0, 1)
        Largest acceptable probability of failure.
    failures : int >= 0
        How many failures are to be borne.
    confidence : float in (0, 1), default 0.95
        Of the one-sided bound of Clopper and Pearson.
    family : int >= 1
        How many such bounds are stated together.

    Returns
    -------
    int
        The smallest n with ``clopper_pearson(failures, n, side="upper").high <= budget``,
        up to the outward rounding of that bound.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    Without failures it is ``ln(alpha) / ln(1 - budget)``, rounded up. With them, n is
    found by bisection on the binomial distribution, which falls as n grows.

    Examples
    --------
    >>> required_sample_size(0.001)
    2995
    >>> required_sample_size(0.001, failures=3)
    7752
    """
    if not 0 < budget < 1 or failures < 0:
        raise ValueError(f"a budget of {budget:g} with {failures} failures cannot be certified")
    alpha = _alpha(confidence, "upper", family)
    if failures == 0:
        return max(1, math.ceil(math.log(alpha) / math.log1p(-budget)))

    def certified(n: int) -> bool:
        # P(at most `failures` failures) <= alpha; the tail is summed from its largest term, so failures/n < budget first.
        return failures < n * budget and at_least(n - failures, n, 1 - budget) <= alpha

    above = failures + 1
    while not certified(above):
        above *= 2
    below = above // 2
    while above - below > 1:
        middle = (above + below) // 2
        if certified(middle):
            above = middle
        else:
            below = middle
    return above


def _alpha(confidence: float, side: Side, family: int) -> float:
    """Return the probability of error that one end may have."""
    if not 0 < confidence < 1 or family < 1 or side not in ("both", "upper", "lower"):
        raise ValueError(f"confidence {confidence:g} for {family} bounds, side `{side}`, is not a statement that can be made")
    return (1 - confidence) / family / (2 if side == "both" else 1)


def _mean(values: Sequence[float], lowest: float, highest: float, *, fewest: int) -> float:
    if not (math.isfinite(lowest) and math.isfinite(highest) and lowest < highest):
        raise ValueError(f"[{lowest:g}, {highest:g}] is not a range")
    if len(values) < fewest:
        raise ValueError(f"{len(values)} values are too few; at least {fewest} are needed")
    for value in values:
        if not lowest <= value <= highest:  # also refuses NaN
            raise ValueError(f"the value {value:g} is outside [{lowest:g}, {highest:g}]")
    return min(highest, max(lowest, math.fsum(values) / len(values)))


def _around(
    mean: float,
    reach: float,
    *,
    method: str,
    side: Side,
    confidence: float,
    family: int,
    counts: Mapping[str, int | float],
    assumptions: tuple[str, ...],
) -> Bound:
    reach *= 1 + 1e-12  # rounded outwards
    return Bound(
        method=method,
        value=mean,
        low=None if side == "upper" else max(counts["lowest"], mean - reach),
        high=None if side == "lower" else min(counts["highest"], mean + reach),
        confidence=confidence,
        family=family,
        counts=counts,
        assumptions=assumptions,
    )


def _bisect(holds: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Narrow [low, high] where `holds` is true at low, and false at high or only just true, to neighbouring floats."""
    for _ in range(1100):  # enough for any two floats; about 60 in practice
        middle = (low + high) / 2
        if middle in (low, high) or high - low <= low * 1e-15:
            break
        if holds(middle):
            low = middle
        else:
            high = middle
    return low, high
