"""Is a stored statement about alarms true of its counts? Shares no code with what makes them: part of `recheck.py`.

Tails of the binomial distribution are taken from the incomplete beta function. What needs the data themselves is a function for
whoever has them: `exceeding`, `pooled`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from probatum.evidence import Estimate
from probatum.stats.incomplete_beta import beta_tail, whole


def exceeding(scores: Iterable[float], threshold: float) -> int:
    """Return how many scores alarm, for whoever has them: a threshold is right if no more do than its certificate allows."""
    return sum(not score <= threshold for score in scores)


def neyman_pearson(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check that the budget is certified with so many scores allowed above the threshold, and that no more are."""
    n, allowed, above, removed = (
        whole(counts, "trials"),
        whole(counts, "allowed"),
        whole(counts, "above"),
        float(counts["removed"]),
    )
    if not (n >= 1 and 0 <= above <= allowed < n and 0 <= removed < 1):
        return f"{above} of {n} above a threshold that allows {allowed} contradict each other"
    if e.low is not None or e.high is None or not removed < e.high < 1:
        return "a threshold bounds the rate of alarms from above, and only so"
    if abs(e.value - above / n) > 1e-12:
        return f"the estimate is {e.value!r}, and the counts say {above / n!r}"
    if share >= 0.5 or _at_most(allowed, n, (e.high - removed) / (1 - removed)) > _lenient(share, n):
        return f"{n} scores of which {allowed} may be above do not certify {e.high!r}"
    return ""


def learn_then_test(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check that the setting is certified by the procedure, from the tallies of all."""
    rows, budgets, risk, setting = counts["tallies"], counts["budgets"], whole(counts, "risk"), whole(counts, "setting")
    if not (0 <= setting < len(rows) and 0 <= risk < len(budgets)):
        return "there is no such setting or risk"
    worst = []
    for row in rows:
        if len(row) != len(budgets):
            return "a setting has other risks than the rest"
        parts = []
        for (errors, trials), budget in zip(row, budgets, strict=True):
            if not (isinstance(errors, int) and isinstance(trials, int) and 0 <= errors <= trials and 0 < budget < 1):
                return f"{errors!r} of {trials!r} within {budget!r} is not a tally"
            parts.append(_at_most(errors, trials, budget) / _lenient(1.0, trials))
        worst.append(max(parts))
    errors, trials = rows[setting][risk]
    if e.low is not None or e.high != budgets[risk] or trials < 1 or abs(e.value - errors / trials) > 1e-12:
        return "the estimate is not that of the setting and the risk"
    if counts["procedure"] == "in-order":
        rejected = all(p <= share for p in worst[: setting + 1])
    elif counts["procedure"] == "holm":
        # Rejected if for each k, up to its own rank, the k-th smallest is small enough.
        rank = sorted((p, at) for at, p in enumerate(worst)).index((worst[setting], setting))
        rejected = all(p <= share / (len(worst) - k) for k, p in enumerate(sorted(worst)[: rank + 1]))
    else:
        return f"`{counts['procedure']}` is not a procedure that is known here"
    return "" if rejected else f"setting {setting} is not certified by its tallies"


def precision(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check the ends of the share of alarms that are right."""
    wrong, caught, alarms, faulty = _three_rates(counts, share)
    return wrong or _between(
        e,
        _right(caught.low, alarms.high, faulty.low),
        _right(caught.value, alarms.value, faulty.value),
        _right(caught.high, alarms.low, faulty.high),
    )


def alarm_rate(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check the ends of the share of things that alarm, a mixture of two rates: at corners, for it is linear in each."""
    wrong, caught, alarms, faulty = _three_rates(counts, share)
    corners = [
        pi * hit + (1 - pi) * false
        for pi in (faulty.low, faulty.high)
        for hit in (caught.low, caught.high)
        for false in (alarms.low, alarms.high)
    ]
    return wrong or _between(e, min(corners), faulty.value * caught.value + (1 - faulty.value) * alarms.value, max(corners))


class _Rate(NamedTuple):
    value: float
    low: float
    high: float


def _three_rates(counts: Mapping[str, Any], share: float) -> tuple[str, _Rate, _Rate, _Rate]:
    """Return what is wrong with the rates that are claimed for faulty things, for sound ones and for the prevalence; and them."""
    ends = [float(end) for end in counts["ends"]]
    tallies = [counts["caught"], counts["alarms"]]
    error = 0.0
    if "prevalence" in counts:
        tallies.append(counts["prevalence"])
    else:
        error = float(counts["prevalence_range"][2])
    pairs = [(ends[0], ends[1]), (ends[2], ends[3]), (ends[4], ends[5])]
    wrong = "" if 0 <= error < 2 * share else "the prevalence is less sure than the interval"
    for (k, n), (low, high) in zip(tallies, pairs, strict=False):
        if not (isinstance(k, int) and isinstance(n, int) and 0 <= k <= n and n >= 1):
            wrong = f"{k!r} of {n!r} is not a count"
        else:
            wrong = wrong or _outside(k, n, low, high, (2 * share - error) / 2 / len(tallies))
    values = [k / n for k, n in tallies]
    if "prevalence" not in counts:
        low, high = (float(end) for end in counts["prevalence_range"][:2])
        values.append((low + high) / 2)
        if not 0 <= pairs[2][0] <= low <= high <= pairs[2][1] <= 1:
            wrong = "the prevalence is not that of the range"
    one, two, three = (_Rate(value, low, high) for value, (low, high) in zip(values, pairs, strict=True))
    return wrong, one, two, three


def _outside(k: int, n: int, low: float, high: float, tail: float) -> str:
    """Return which end leaves more probability outside than the tail."""
    if not (low == 0 or (0 < low <= k / n and beta_tail(low, k, n - k + 1) <= _lenient(tail, n))):
        return f"the lower end {low!r} is too high for {k} of {n}"
    if not (high == 1 or (k / n <= high < 1 and beta_tail(1 - high, n - k, k + 1) <= _lenient(tail, n))):
        return f"the upper end {high!r} is too low for {k} of {n}"
    return ""


def _right(hits: float, false: float, pi: float) -> float:
    """Return the share of alarms that are right."""
    return 0.0 if hits * pi == 0 else 1 / (1 + (1 - pi) * false / (pi * hits))


def _between(e: Estimate, low: float, value: float, high: float) -> str:
    if e.low is None or e.high is None:
        return "both ends belong to the interval"
    if abs(e.value - value) > 1e-9 * max(value, 1e-290):
        return f"the estimate is {e.value!r}, and the counts say {value!r}"
    if e.low > low * (1 + 1e-12):
        return f"the lower end {e.low!r} is too high"
    if e.high < min(1.0, high) * (1 - 1e-12):
        return f"the upper end {e.high!r} is too low"
    return ""


def label_shift(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check by how much every mixture misses the scores in use, at the few scores that tell."""
    used, sound, faulty = counts["sizes"]
    low, high, error = (float(one) for one in counts["prevalence"])
    if not (
        0 <= low <= high <= 1
        and 0 <= error < share
        and all(0 <= k <= n for row in counts["rows"] for k, n in zip(row, counts["sizes"], strict=True))
    ):
        return "the counts contradict each other"
    if e.high is not None or e.low is None or e.low < 0:
        return "a difference of distributions is bounded from below, and only so"
    reach = [math.sqrt(math.log(6 / (share - error)) / 2 / n) for n in (used, sound, faulty)]

    def excess(pi: float) -> float:
        gap: float = max(abs(k / used - (1 - pi) * s / sound - pi * f / faulty) for k, s, f in counts["rows"])
        return gap - reach[0] - (1 - pi) * reach[1] - pi * reach[2]

    # Convex: narrowed by thirds, where the maker looked at every corner.
    for _ in range(200):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if excess(left) <= excess(right) else (left, high)
    least = min(excess(low), excess(high))
    return "" if e.low <= max(0.0, least) + 1e-10 else f"the difference is at least {least!r}, and {e.low!r} was claimed"


def horvitz_thompson(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check both ends of what was passed, each by its tilt."""
    low, value, high = _passed(counts, share, lower=e.low is not None, upper=e.high is not None)
    if abs(e.value - value) > 1e-9 * max(value, 1e-290):
        return f"the estimate is {e.value!r}, and the counts say {value!r}"
    if e.low is not None and e.low > low * (1 + 1e-11):
        return f"the lower end {e.low!r} is too high"
    if e.high is not None and e.high < high * (1 - 1e-11):
        return f"the upper end {e.high!r} is too low"
    return ""


def caught_share(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check the share of faulty things that were caught, from what was passed."""
    caught, population = whole(counts, "caught"), whole(counts, "population")
    low, value, high = (end * population for end in _passed(counts, share, lower=True, upper=True))
    if caught < 0 or caught + value <= 0:
        return "nothing faulty is known of"
    return _between(e, caught / (caught + high), caught / (caught + value), caught / (caught + low) if caught + low > 0 else 1.0)


def _passed(counts: Mapping[str, Any], share: float, *, lower: bool, upper: bool) -> tuple[float, float, float]:
    """Return the lower end, the estimate and the upper end of the share of faulty things among those passed."""
    population, least = whole(counts, "population"), float(counts["least"])
    found = [(float(p), k) for p, k in counts["found"]]
    if not (
        population >= 1
        and 0 < least <= 1
        and all(least * (1 - 1e-12) <= p <= 1 and isinstance(k, int) and k >= 1 for p, k in found)
    ):
        raise ValueError("something was found that cannot have been drawn")
    many = sum(k for _, k in found)
    total = sum(k / p for p, k in found)
    low, high = 0.0, 1.0
    if upper:
        rate = float(counts["tilt_high"]) * least
        cost = {p: -math.log((1 - p) + p * math.exp(-rate / p)) for p in [least, *(p for p, _ in found)]}
        most: float = many + (rate * total - math.log(share) - sum(k * cost[p] for p, k in found)) / cost[least]
        high = min(1.0, most / population)
    if lower:
        rate = float(counts["tilt_low"]) * least
        gain = {p: math.log((1 - p) + p * math.exp(rate / p)) for p in [least, *(p for p, _ in found)]}
        fewest: float = many + max(0.0, (rate * total + math.log(share) - sum(k * gain[p] for p, k in found)) / gain[least])
        low = min(1.0, fewest / population)
    return low, min(1.0, total / population), high


def pooled(scores: Sequence[float], faulty: Sequence[bool], weights: tuple[float, float], score: float) -> tuple[float, float]:
    """Return both ends of the probability of a fault, for whoever has the calibration set: by pooling violators, one score at a time."""
    ends = []
    for label in (False, True):
        blocks: list[list[float]] = []  # weight, weight of faulty
        previous = None
        for value, bad in sorted([*zip(scores, faulty, strict=True), (score, label)]):
            weight = weights[bad]
            if value == previous:
                blocks[-1] = [blocks[-1][0] + weight, blocks[-1][1] + weight * bad, blocks[-1][2]]
            else:
                blocks.append([weight, weight * bad, value])
            previous = value
        stack: list[list[float]] = []  # weight, weight of faulty, highest score
        for block in blocks:
            stack.append(block)
            while len(stack) > 1 and stack[-2][1] * stack[-1][0] >= stack[-1][1] * stack[-2][0]:
                last = stack.pop()
                stack[-1] = [stack[-1][0] + last[0], stack[-1][1] + last[1], last[2]]
        ends.append(next(bad / weight for weight, bad, highest in stack if score <= highest))
    return ends[0], ends[1]


def _at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial."""
    return 1.0 if k >= n else beta_tail(1 - p, n - k, k + 1)


def _lenient(share: float, n: int) -> float:
    """What floating point can lose in ln(n!), relative to the tail."""
    return share * (1 + 1e-9 + 1e-15 * n * math.log(n + 1))


CHECKS = {
    "stats/neyman-pearson/1": neyman_pearson,
    "stats/learn-then-test/1": learn_then_test,
    "stats/precision/1": precision,
    "stats/alarm-rate/1": alarm_rate,
    "stats/label-shift/1": label_shift,
    "stats/horvitz-thompson/1": horvitz_thompson,
    "stats/caught-share/1": caught_share,
}
