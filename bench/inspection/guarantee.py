"""Table T2: how often a certified threshold exceeds its false-alarm budget, over 1,000 calibrations of made scores.

Corpus: scores made here, whose distribution is known, so that the true false-alarm rate of a threshold is computed and not
estimated: normal; heavy tails (Student's t, 2 degrees of freedom); ties (normal, in steps of a quarter); a mixture (2 % of pristine
items are decoys that score 4 higher); some without a score (NaN, one in 5,000). Seed 20261122 unless another is given.

Rivals, on the same scores: the empirical quantile at the budget, which is what one gets by asking for "the 99.9th percentile", and
the largest score, which is what a threshold adapted to data without anomalies becomes.

A share of calibrations over budget is tested against 1 - confidence by the exact one-sided binomial test at 1 %, for all cells
together by Holm's method. Unit: share of 1,000 calibrations; CPU seconds of this process.

    python bench/inspection/guarantee.py [--calibrations 1000] [--seed 20261122]
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from probatum.stats.binomial import at_most
from probatum.stats.budgets import BudgetUnattainable, allowed_above, fewest, offers, percent
from probatum.stats.group_thresholds import thresholds_by_group
from probatum.stats.learn_then_test import holm
from probatum.stats.neyman_pearson import threshold_within
from probatum.stats.venn_abers import prepared

CONFIDENCE = 0.95
BUDGETS = (0.01, 0.002, 0.001)
STEP = 0.25
DECOYS, HIGHER = 0.02, 4.0
UNSCORED = 1 / 5000

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
Rate = Callable[[float], float]


def with_decoys(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.normal(size=n) + HIGHER * (rng.random(n) < DECOYS)


def with_gaps(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return np.where(rng.random(n) < UNSCORED, np.nan, rng.normal(size=n))


def normal_above(t: float) -> float:
    return math.erfc(t / math.sqrt(2)) / 2


def student_above(t: float) -> float:
    """Of Student's t with 2 degrees of freedom, ``(1 - t / sqrt(t^2 + 2)) / 2`` without cancellation."""
    root = math.hypot(t, math.sqrt(2))
    return 1 / (root * (root + t))


# How scores are drawn, and the exact probability that one alarms at a threshold.
SHAPES: dict[str, tuple[Draw, Rate]] = {
    "normal": (lambda rng, n: rng.normal(size=n), normal_above),
    "heavy tails": (lambda rng, n: rng.standard_t(2, n), student_above),
    "ties": (lambda rng, n: np.round(rng.normal(size=n) / STEP) * STEP, lambda t: normal_above(t + STEP / 2)),
    "mixture": (with_decoys, lambda t: (1 - DECOYS) * normal_above(t) + DECOYS * normal_above(t - HIGHER)),
    "some unscored": (with_gaps, lambda t: UNSCORED + (1 - UNSCORED) * normal_above(t)),
}


def quantile(scores: NDArray[np.float64], budget: float) -> float:
    """The rival: as many above as the budget is of all; what has no score is above."""
    at = math.ceil((1 - budget) * len(scores)) - 1
    return float(np.partition(scores, at)[at])


def cell(shape: str, budget: float, n: int, calibrations: int, rng: np.random.Generator) -> dict[str, float]:
    """Return for one shape, budget and size how often each threshold is over budget, and how much of the budget ours uses."""
    draw, rate = SHAPES[shape]
    over = dict.fromkeys(("ours", "quantile", "largest"), 0)
    used = 0.0
    refused = 0
    for _ in range(calibrations):
        scores = draw(rng, n)
        over["quantile"] += not rate(quantile(scores, budget)) <= budget
        over["largest"] += rate(float(np.nanmax(scores))) > budget
        try:
            alarms = rate(threshold_within(scores, budget=budget, confidence=CONFIDENCE).value)
        except BudgetUnattainable:  # what has no score exceeds what is allowed: refused, and so not over budget
            refused += 1
            continue
        over["ours"] += alarms > budget
        used += alarms / budget
    return {**over, "used": used / max(1, calibrations - refused), "refused": refused}


def removed(budget: float, n: int, calibrations: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return how often budgets are exceeded where a fifth of the budget was taken out as look-alikes: corrected, and not."""
    share = budget / 5
    corrected = plain = 0
    for _ in range(calibrations):
        scores = rng.random(n)
        kept = scores[scores <= 1 - share]
        corrected += 1 - threshold_within(kept, budget=budget, confidence=CONFIDENCE, removed=share).value > budget
        plain += 1 - threshold_within(kept, budget=budget, confidence=CONFIDENCE).value > budget
    return corrected, plain


def grouped(budget: float, calibrations: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return how often any of four groups of 5,000 is over budget, of scores ever higher: with a threshold for each, and with one for all."""
    groups = np.repeat(np.arange(4), 5000).tolist()
    shift = np.repeat(np.arange(4) / 3, 5000)
    own = one = 0
    for _ in range(calibrations):
        scores = rng.normal(shift)
        found = thresholds_by_group(scores, groups, budget=budget, confidence=CONFIDENCE)
        own += any(normal_above(found.value(k) - k / 3) > budget for k in range(4))
        single = threshold_within(scores, budget=budget, confidence=CONFIDENCE).value
        one += any(normal_above(single - k / 3) > budget for k in range(4))
    return own, one


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calibrations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    runs, delta = options.calibrations, 1 - CONFIDENCE
    rng = np.random.default_rng(options.seed)
    began = time.process_time()

    print(
        "| scores | budget | n | above, at most | ours over budget | of the budget used | refused | quantile over | largest over |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    tests = []
    for shape in SHAPES:
        for budget in BUDGETS:
            for n in (fewest(budget=budget, confidence=CONFIDENCE), 10_000, *([30_000] if budget == min(BUDGETS) else [])):
                found = cell(shape, budget, n, runs, rng)
                tests.append((at_most(runs - found["ours"], runs, 1 - delta), f"{shape}, {percent(budget)}, {n:,}"))
                allowed = allowed_above(n, budget=budget, confidence=CONFIDENCE)
                shares = [f"{found[name] / runs:.3f}" for name in ("ours", "quantile", "largest")]
                row = (
                    shape,
                    percent(budget),
                    f"{n:,}",
                    allowed,
                    shares[0],
                    f"{found['used']:.2f}",
                    found["refused"],
                    *shares[1:],
                )
                print("|", " | ".join(str(entry) for entry in row), "|", flush=True)
    for budget in BUDGETS:
        corrected, plain = removed(budget, 10_000, runs, rng)
        tests.append((at_most(runs - corrected, runs, 1 - delta), f"look-alikes removed, {percent(budget)}"))
        print(
            f"look-alikes removed, {percent(budget)}, n = 10,000: over budget {corrected / runs:.3f} corrected, {plain / runs:.3f} not"
        )
    own, one = grouped(0.001, runs, rng)
    tests.append((at_most(runs - own, runs, 1 - delta), "any of four groups, 0.1%"))
    print(f"any of four groups of 5,000 over 0.1%: {own / runs:.3f} with a threshold for each, {one / runs:.3f} with one for all")

    rejected = holm([p for p, _ in tests], confidence=0.99)
    least = min(tests)
    print(
        f"significantly above {delta:.2f} at 1 %: {len(rejected)} of {len(tests)}; smallest p-value {least[0]:.3f} ({least[1]})"
    )
    refusals = 0
    for budget in BUDGETS:
        needed = fewest(budget=budget, confidence=CONFIDENCE)
        for n in {1, needed // 2, needed - 1}:
            try:
                threshold_within(rng.normal(size=n), budget=budget, confidence=CONFIDENCE)
            except BudgetUnattainable as refusal:
                refusals += refusal.needed == needed
    print(f"refused below the least n, which is said: {refusals} of {3 * len(BUDGETS)}")
    print(f"all of it: {time.process_time() - began:.0f} CPU-s")

    scores = rng.normal(size=100_000)
    began = time.process_time()
    threshold_within(scores, budget=0.001)
    alone = time.process_time() - began
    offers(len(scores))
    table = time.process_time() - began - alone
    print(f"one calibration of 100,000 scores: {alone:.4f} CPU-s, and {table:.4f} for what they can certify")
    faulty = rng.random(len(scores)) < 1 / (1 + np.exp(-3 * scores))
    began = time.process_time()
    predictor = prepared(scores, faulty)
    alone = time.process_time() - began
    predictor.intervals(scores)
    print(
        f"Venn-Abers intervals prepared from them: {alone:.2f} CPU-s; 100,000 of them: {time.process_time() - began - alone:.2f} CPU-s"
    )


if __name__ == "__main__":
    main()
