"""Is the capital of bets against exchangeability what its p-values say? Part of `recheck.py`, computed by other means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.evidence import Estimate
from probatum.stats.incomplete_beta import whole


def jumps(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check the capital of jumping bets: here in one sum over all rates, scaled as a whole."""
    logs = []
    for rate in counts["rates"]:
        small, none, large, log = 1 / 3, 1 / 3, 1 / 3, 0.0
        for p in counts["p"]:
            if not 0 <= p <= 1:
                return f"{p!r} is not a p-value"
            third = rate * (small + none + large) / 3
            small, none, large = (((1 - rate) * one + third) for one in (small, none, large))
            small, large = small * (1.5 - p), large * (0.5 + p)
            if not 1e-100 < small + none + large < 1e100:
                log += math.log(small + none + large)
                small, none, large = (one / (small + none + large) for one in (small, none, large))
        logs.append(log + math.log(small + none + large))
    top = max(logs)
    return _e_value(e, top + math.log(sum(math.exp(one - top) for one in logs) / len(logs)), 1e-9, share)


def powers(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check the capital of bets on small p-values: by integration, where the maker sums a series."""
    n, logs = whole(counts, "trials"), float(counts["logs"])
    if n < 0 or not 0 <= logs < math.inf:
        return "the counts contradict each other"
    # Ten standard deviations about the peak, and where it falls like exp(-x), fifty; what is left out is positive, and next to nothing.
    peak = min(1.0, n / logs) if logs > 0 else 1.0
    width = min(1.0, (10 * math.sqrt(n) + 50) / logs) if logs > 0 else 1.0
    low, high, steps = max(0.0, peak - width), min(1.0, peak + width), 4_000
    top = (n * math.log(peak) if n else 0.0) + logs * (1 - peak)
    total = 0.0
    for k in range(steps + 1):
        at = low + (high - low) * k / steps
        if at <= 0 < n:
            continue
        log = (n * math.log(at) if n else 0.0) + logs * (1 - at) - top
        total += (1 if k in (0, steps) else 4 if k % 2 else 2) * math.exp(log)
    return _e_value(e, top + math.log(total * (high - low) / steps / 3), 1e-6, share)


def rises(e: Estimate, counts: Mapping[str, Any], share: float) -> str:
    """Check the capital of bets on a rise: here one moment of change after the other, where the maker takes all at once."""
    ranks, before = [float(p) for p in counts["p"]], whole(counts, "before")
    if before < 0 or not all(0 <= p <= 1 for p in ranks):
        return "the counts contradict each other"
    logs = [math.log(100 / (len(ranks) + 100))]  # what was never bet
    for first in range(max(0, len(ranks) - 256), len(ranks)):
        for part, width in ((0.2, 1.0), (0.2, 2.0), (0.5, 1.0), (0.5, 2.0), (0.9, 1.0), (0.9, 2.0)):
            log, high = math.log((100 / (first + 100) - 100 / (first + 101)) / 6), 0
            for at in range(first, len(ranks)):
                top = min(0.5, width * (high + 1) / (before + at + 1))
                hit = ranks[at] <= top
                log += math.log(1 - part + (part / top if hit else 0.0))
                high += hit
            logs.append(log)
    top = max(logs)
    return _e_value(e, top + math.log(math.fsum(math.exp(log - top) for log in logs)), 1e-9, share)


def _e_value(e: Estimate, log: float, slack: float, share: float) -> str:
    if e.high is not None or e.low is None or e.low <= 0 or math.log(e.low) > log + slack:
        return f"the e-value is {math.exp(min(700.0, log))!r}, and at least {e.low!r} was claimed"
    if share < 0.5 and share < 1 / e.low * (1 - 1e-6):
        return f"an e-value of {e.low!r} does not give a confidence of {e.confidence!r}"
    return ""


CHECKS = {
    "stats/jump-martingale/1": jumps,
    "stats/power-martingale/1": powers,
    "stats/rise-martingale/1": rises,
}
