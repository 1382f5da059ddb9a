"""Is a stored bound valid for its counts? Shares no code with `bounds.py`.

The question is easier than finding the bound. For Clopper and Pearson's, each
end is put into the incomplete beta function, by its continued fraction, and must
leave no more probability outside than was promised. The other two are formulas,
written here as they stand in their sources. An end that is further out than it
had to be is still true, and is confirmed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck


def recheck(evidence: Evidence) -> Recheck:
    """Confirm or refute an estimate by a method ``stats/.../1`` from its own counts.

    That the counts are those of the data, and the sample was drawn as stated, is
    for the system that counted; this says whether the bound follows from them.
    """
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a statistical method can only support an estimate")
    check = _checks.get(evidence.method)
    if check is None:
        return Recheck("cannot", f"`{evidence.method}` is not a method that is known here")
    if evidence.low is None and evidence.high is None:
        return Recheck("refuted", "the estimate has no bound")
    if not (0 < evidence.confidence < 1 and evidence.family >= 1):
        return Recheck("refuted", f"confidence {evidence.confidence} for {evidence.family} bounds is not a statement")
    ends = [end for end in (evidence.low, evidence.high) if end is not None]
    share = (1 - evidence.confidence) / evidence.family / len(ends)
    try:
        wrong = check(evidence, evidence.counts, share)
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError) as problem:
        return Recheck("refuted", f"the counts are malformed ({type(problem).__name__}: {problem})")
    return Recheck("refuted", wrong) if wrong else CONFIRMED


def _clopper_pearson(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    k, n = _whole(counts, "successes"), _whole(counts, "trials")
    if not (n >= 1 and 0 <= k <= n):
        return f"{k} of {n} is not a count of successes"
    if abs(e.value - k / n) > 1e-12:
        return f"the estimate is {e.value!r}, and the counts say {k / n!r}"
    # What floating point can lose in ln(n!), relative to the tail.
    allowed = share * (1 + 1e-9 + 1e-15 * n * math.log(n + 1))
    if e.low is not None and not (e.low == 0 or (0 < e.low <= e.value and _beta(e.low, k, n - k + 1) <= allowed)):
        return f"the lower end {e.low!r} is too high for {k} of {n}"
    if e.high is not None and not (e.high == 1 or (e.value <= e.high < 1 and _beta(1 - e.high, n - k, k + 1) <= allowed)):
        return f"the upper end {e.high!r} is too low for {k} of {n}"
    return ""


def _hoeffding(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, width = _whole(counts, "trials"), counts["highest"] - counts["lowest"]
    return _reaches(e, counts, n, width * math.sqrt(-math.log(share) / (2 * n)))


def _relative_entropy(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, mean = _whole(counts, "trials"), float(counts["mean"])
    if n < 1 or not 0 <= mean <= 1:
        return "the counts contradict each other"
    if e.value != mean:
        return f"the estimate is {e.value!r}, and the counts say {mean!r}"
    least = -math.log(share) * (1 - 1e-9)  # an end must be as unlikely as was promised
    for name, end, wrong in (("lower", e.low, 1.0), ("upper", e.high, 0.0)):
        if end is None or end == 1 - wrong:
            continue
        if not 0 < end < 1 or (end - mean) * (wrong - 0.5) > 0:
            return f"the {name} end {end!r} is not beside the mean"
        excess = sum(part * math.log(part / other) for part, other in ((mean, end), (1 - mean, 1 - end)) if part > 0)
        if n * excess < least:
            return f"the {name} end {end!r} is too near"
    return ""


def _empirical_bernstein(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, width, variance = _whole(counts, "trials"), counts["highest"] - counts["lowest"], counts["variance"]
    if n < 2 or not 0 <= variance <= width * width / 4 * n / (n - 1) * (1 + 1e-12):
        return f"a variance of {variance!r} is impossible for {n} values in a range of {width!r}"
    log = math.log(2) - math.log(share)
    return _reaches(e, counts, n, math.sqrt(2 * variance * log / n) + 7 * width * log / (3 * (n - 1)))


def _reaches(e: Estimate, counts: Mapping[str, Any], n: int, reach: float) -> str:
    mean, lowest, highest = float(counts["mean"]), float(counts["lowest"]), float(counts["highest"])
    if n < 1 or not lowest < highest or not lowest <= mean <= highest or not math.isfinite(highest - lowest):
        return "the counts contradict each other"
    if e.value != mean:
        return f"the estimate is {e.value!r}, and the counts say {mean!r}"
    slack = 1e-12 * (highest - lowest)
    if e.low is not None and not e.low <= max(lowest, mean - reach) + slack:
        return f"the lower end {e.low!r} is too high"
    if e.high is not None and not e.high >= min(highest, mean + reach) - slack:
        return f"the upper end {e.high!r} is too low"
    return ""


def _whole(counts: Mapping[str, Any], name: str) -> int:
    value = counts[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"`{name}` must be a whole number")
    return value


def _beta(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function: P(at least a of a + b - 1 trials succeed) at probability x."""
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """Continued fraction of the incomplete beta function, evaluated forwards by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + numerator * d)
            c = _away_from_zero(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            return value
    raise ValueError("the incomplete beta function did not converge")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > 1e-300 else 1e-300


_checks = {
    "stats/clopper-pearson/1": _clopper_pearson,
    "stats/hoeffding/1": _hoeffding,
    "stats/empirical-bernstein/1": _empirical_bernstein,
    "stats/relative-entropy/1": _relative_entropy,
}
