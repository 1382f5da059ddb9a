"""Is a stored bound valid for its counts? Shares no code with `bounds.py`.

The question is easier than finding the bound. For Clopper and Pearson's, each
end is put into the incomplete beta function, by its continued fraction, and must
leave no more probability outside than was promised. Most others are formulas,
written here as they stand in their sources; e-values are computed in another way.
Those about alarms are in `recheck_alarms.py`, and bets in `recheck_capital.py`. An
end that is further out than it had to be is still true, and is confirmed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.stats import recheck_alarms, recheck_capital
from probatum.stats.incomplete_beta import beta_tail, whole


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
    k, n = whole(counts, "successes"), whole(counts, "trials")
    if not (n >= 1 and 0 <= k <= n):
        return f"{k} of {n} is not a count of successes"
    if abs(e.value - k / n) > 1e-12:
        return f"the estimate is {e.value!r}, and the counts say {k / n!r}"
    # What floating point can lose in ln(n!), relative to the tail.
    allowed = share * (1 + 1e-9 + 1e-15 * n * math.log(n + 1))
    if e.low is not None and not (e.low == 0 or (0 < e.low <= e.value and beta_tail(e.low, k, n - k + 1) <= allowed)):
        return f"the lower end {e.low!r} is too high for {k} of {n}"
    if e.high is not None and not (e.high == 1 or (e.value <= e.high < 1 and beta_tail(1 - e.high, n - k, k + 1) <= allowed)):
        return f"the upper end {e.high!r} is too low for {k} of {n}"
    return ""


def _hoeffding(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, width = whole(counts, "trials"), counts["highest"] - counts["lowest"]
    return _reaches(e, counts, n, width * math.sqrt(-math.log(share) / (2 * n)))


def _relative_entropy(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, mean = whole(counts, "trials"), float(counts["mean"])
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
    n, width, variance = whole(counts, "trials"), counts["highest"] - counts["lowest"], counts["variance"]
    if n < 2 or not 0 <= variance <= width * width / 4 * n / (n - 1) * (1 + 1e-12):
        return f"a variance of {variance!r} is impossible for {n} values in a range of {width!r}"
    log = math.log(2) - math.log(share)
    return _reaches(e, counts, n, math.sqrt(2 * variance * log / n) + 7 * width * log / (3 * (n - 1)))


def _win_loss(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    w, l = whole(counts, "wins"), whole(counts, "losses")  # noqa: E741 - as in the formula
    if w < 0 or l < 0 or w + l < 1 or abs(e.value - w / (w + l)) > 1e-12:
        return "the counts contradict each other or the estimate"
    if e.high is not None or e.low is None or not 0 <= e.low <= e.value:
        return "wins and losses bound the share of wins from below, and only so"
    if e.low == 0:
        return ""
    # B(1 + w, 1 + l) times the probability, of its distribution, above p0, over (1 - p0) and the likelihood of p0.
    above = math.log(beta_tail(1 - e.low, 1 + l, 1 + w)) + math.lgamma(1 + w) + math.lgamma(1 + l) - math.lgamma(2 + w + l)
    log = above - (1 + l) * math.log1p(-e.low) - w * math.log(e.low)
    slack = 1e-9 + 1e-14 * (w + l) * math.log(w + l + 1)
    return "" if log >= -math.log(share) - slack else f"the lower end {e.low!r} is too high for {w} wins and {l} losses"


def _mean_sequence(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, lowest, highest = whole(counts, "trials"), float(counts["lowest"]), float(counts["highest"])
    total, weighted, penalty = (float(counts[name]) for name in ("weights", "weighted", "penalty"))
    if not (n >= 1 and lowest < highest and 0 < total <= n / 2 and 0 <= weighted <= total * (1 + 1e-12) and penalty >= 0):
        return "the counts contradict each other"
    if e.low is None or e.high is None:
        return "both ends belong to the interval"
    middle, reach = weighted / total, (penalty - math.log(share)) / total
    slack = 1e-12 * (highest - lowest)
    if abs(e.value - (lowest + (highest - lowest) * middle)) > slack * 10:
        return f"the estimate is {e.value!r}, and the counts say otherwise"
    if e.low > max(lowest, lowest + (highest - lowest) * (middle - reach)) + slack:
        return f"the lower end {e.low!r} is too high"
    if e.high < min(highest, lowest + (highest - lowest) * (middle + reach)) - slack:
        return f"the upper end {e.high!r} is too low"
    return ""


def mean_sequence_sums(values: Iterable[float], *, lowest: float, highest: float, confidence: float) -> dict[str, float]:
    """Return the sums on which the interval of a sequence rests, from its values: for whoever has the data."""
    seen: list[float] = []
    centres, total, weighted, penalty, spread = [0.5], 0.0, 0.0, 0.0, 0.25
    for value in values:
        x, t = (value - lowest) / (highest - lowest), len(seen) + 1
        weight = min(0.5, math.sqrt(-2 * math.log((1 - confidence) / 2) / (spread / t * t * math.log(1 + t))))
        total, weighted = total + weight, weighted + weight * x
        penalty += 4 * (x - centres[-1]) ** 2 * (math.log(1 / (1 - weight)) - weight) / 4
        seen.append(x)
        centres.append((centres[-1] * t + x) / (t + 1))
        spread += (x - centres[-1]) ** 2
    return {"trials": len(seen), "weights": total, "weighted": weighted, "penalty": penalty}


def _stop_loss(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    bets = {(c, b): 0.0 for c in (0.0, 0.5, 1.0) for b in (0.05, 0.1, 0.2, 0.4, 0.8)}
    for y, treated, p, users in counts["users"]:
        if not (0 <= y <= 1 and treated in (0, 1) and 0 < p < 1 and users >= 1 and users == int(users)):
            return "an outcome, a probability or a number of users is impossible"
        for c, b in bets:
            # What a user adds to the difference between arms, and the most that one user can take away from it.
            added = (y - c) / p if treated else (c - y) / (1 - p)
            bets[c, b] += users * math.log(1 + b * added / max(c / p, (1 - c) / (1 - p)))
    top = max(bets.values())
    log = top + math.log(sum(math.exp(one - top) for one in bets.values()) / len(bets))
    if e.high is not None or e.low is None or e.low <= 0 or math.log(e.low) > log + 1e-12:
        return f"the e-value is {math.exp(min(700.0, log))!r}, and at least {e.low!r} was claimed"
    if share < 0.5 and share < 1 / e.low * (1 - 1e-6):
        return f"an e-value of {e.low!r} does not give a confidence of {e.confidence!r}"
    return ""


def _inverse_propensity(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, clip, well, badly = whole(counts, "trials"), float(counts["clip"]), float(counts["well"]), float(counts["badly"])
    if n < 2 or clip < 1 or not (0 <= well <= clip and 0 <= badly <= clip) or e.value != well or e.low is None or e.high is None:
        return "the counts contradict each other or the estimate"
    if e.low > max(0.0, well - _maurer_pontil(n, clip, counts["well_variance"], share)) + 1e-12 * clip:
        return f"the lower end {e.low!r} is too high"
    if e.high < min(1.0, 1 - max(0.0, badly - _maurer_pontil(n, clip, counts["badly_variance"], share))) - 1e-12 * clip:
        return f"the upper end {e.high!r} is too low"
    return ""


def _doubly_robust(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    n, clip, mean, weight = whole(counts, "trials"), float(counts["clip"]), float(counts["mean"]), float(counts["weight"])
    if n < 2 or clip < 1 or not (-clip <= mean <= 1 + clip and 0 <= weight <= clip) or e.value != mean:
        return "the counts contradict each other or the estimate"
    if e.low is None or e.high is None:
        return "both ends belong to the interval"
    # Half of the error for weights that were cut off, a quarter for each end of the mean.
    lost = max(0.0, 1 - max(0.0, weight - _maurer_pontil(n, clip, counts["weight_variance"], share)))
    reach = _maurer_pontil(n, 1 + 2 * clip, counts["variance"], share / 2) + lost
    if e.low > max(0.0, mean - reach) + 1e-12 * clip:
        return f"the lower end {e.low!r} is too high"
    if e.high < min(1.0, mean + reach) - 1e-12 * clip:
        return f"the upper end {e.high!r} is too low"
    return ""


def _maurer_pontil(n: int, width: float, variance: float, share: float) -> float:
    if not 0 <= variance <= width * width / 4 * n / (n - 1) * (1 + 1e-12):
        raise ValueError(f"a variance of {variance!r} is impossible for {n} values in a range of {width!r}")
    log = math.log(2) - math.log(share)
    return math.sqrt(2 * variance * log / n) + 7 * width * log / (3 * (n - 1))


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


_checks = {
    "stats/clopper-pearson/1": _clopper_pearson,
    "stats/hoeffding/1": _hoeffding,
    "stats/empirical-bernstein/1": _empirical_bernstein,
    "stats/relative-entropy/1": _relative_entropy,
    "stats/win-loss/1": _win_loss,
    "stats/mean-sequence/1": _mean_sequence,
    "stats/stop-loss/1": _stop_loss,
    "stats/inverse-propensity/1": _inverse_propensity,
    "stats/doubly-robust/1": _doubly_robust,
    **recheck_alarms.CHECKS,
    **recheck_capital.CHECKS,
}
