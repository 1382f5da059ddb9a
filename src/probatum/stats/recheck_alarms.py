"""Is a stored statement about alarms true of its counts? Shares no code with what makes them: part of `recheck.py`.

Tails of the binomial distribution are taken from the incomplete beta function. What needs the data themselves is a function for
whoever has them: `exceeding`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

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


def _at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial."""
    return 1.0 if k >= n else beta_tail(1 - p, n - k, k + 1)


def _lenient(share: float, n: int) -> float:
    """What floating point can lose in ln(n!), relative to the tail."""
    return share * (1 + 1e-9 + 1e-15 * n * math.log(n + 1))


CHECKS = {
    "stats/neyman-pearson/1": neyman_pearson,
    "stats/learn-then-test/1": learn_then_test,
}
