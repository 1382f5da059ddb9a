"""Thresholds keep their budget as often as promised, and are refused where that cannot be promised."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, from_json
from probatum.stats.budgets import BudgetUnattainable, allowed_above, fewest, offers, percent, smallest_budget
from probatum.stats.group_thresholds import thresholds_by_group, worst_group
from probatum.stats.neyman_pearson import Threshold, threshold_within
from probatum.stats.recheck import recheck
from probatum.stats.recheck_alarms import exceeding

stats = pytest.importorskip("scipy.stats")

Draw = Callable[[np.random.Generator, int], np.ndarray]
Above = Callable[[float], float]

# Scores, and the exact probability that one is above a threshold.
shapes: dict[str, tuple[Draw, Above]] = {
    "normal": (lambda rng, n: rng.normal(size=n), lambda t: float(stats.norm.sf(t))),
    "heavy tails": (lambda rng, n: rng.standard_cauchy(n), lambda t: float(stats.cauchy.sf(t))),
    "ties": (lambda rng, n: rng.poisson(2.0, n).astype(float), lambda t: float(stats.poisson.sf(t, 2.0))),
    "nearly all equal": (lambda rng, n: (rng.random(n) < 0.03).astype(float), lambda t: 0.03 if t < 1 else 0.0),
    "mixture": (
        lambda rng, n: rng.normal(size=n) + 5 * (rng.random(n) < 0.05),
        lambda t: float(0.95 * stats.norm.sf(t) + 0.05 * stats.norm.sf(t - 5)),
    ),
}


def significantly_above(failed: int, runs: int, delta: float) -> bool:
    """Whether so many failures show, at one in a thousand, that they are more frequent than delta."""
    return bool(stats.binom.sf(failed - 1, runs, delta) < 0.001)


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("shape", shapes)
@pytest.mark.parametrize("n", [59, 200, 1000])
def test_a_budget_is_exceeded_no_more_often_than_promised(shape: str, n: int) -> None:
    draw, above = shapes[shape]
    rng = np.random.default_rng(n)

    failed = sum(above(threshold_within(draw(rng, n), budget=0.05).value) > 0.05 for _ in range(2000))

    assert not significantly_above(failed, 2000, 0.05)


@pytest.mark.slow  # a simulation
def test_the_promise_is_not_kept_by_being_timid() -> None:
    """For a continuous distribution, a budget is exceeded exactly as often as the binomial tail says."""
    rng = np.random.default_rng(1)
    failed = sum(1 - threshold_within(rng.random(59), budget=0.05).value > 0.05 for _ in range(4000))

    assert failed / 4000 == pytest.approx(0.95**59, abs=4 * math.sqrt(0.05 * 0.95 / 4000))


@pytest.mark.slow  # a simulation
def test_the_budget_holds_though_things_were_taken_out_for_what_they_look_like() -> None:
    """The worst case: whatever is among the 2 % with the highest scores is labelled damaged. Uncorrected, half of them fail."""
    rng = np.random.default_rng(2)
    drawn = [rng.random(400) for _ in range(500)]
    kept = [one[one <= 0.98] for one in drawn]

    corrected = sum(1 - threshold_within(one, budget=0.05, removed=0.02).value > 0.05 for one in kept)
    not_corrected = sum(1 - threshold_within(one, budget=0.05).value > 0.05 for one in kept)

    assert not significantly_above(corrected, 500, 0.05)
    assert not_corrected > 100


@given(st.lists(st.one_of(st.integers(0, 5), st.sampled_from([math.inf, -math.inf, math.nan])), min_size=30, max_size=60))
def test_no_more_calibration_scores_alarm_than_are_allowed(scores: list[float]) -> None:
    """Also with ties, infinities and missing scores, each of which alarms or not in calibration as it would later."""
    try:
        found = threshold_within(scores, budget=0.1)
    except BudgetUnattainable:
        assert sum(math.isnan(score) for score in scores) > (allowed_above(len(scores), budget=0.1) or 0)
        return
    alarms = found.alarms(scores)

    assert found.above == int(alarms.sum()) == exceeding(scores, found.value) <= found.allowed
    assert all(alarm for score, alarm in zip(scores, alarms, strict=True) if math.isnan(score))
    # Not higher than it has to be: at the next lower score, too many would be above or tied with it.
    assert sum(not score < found.value for score in scores) > found.allowed


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30_000), st.floats(0.0005, 0.5), st.floats(0.55, 0.999), st.integers(1, 20))
def test_what_is_allowed_is_the_largest_number_that_the_binomial_distribution_allows(
    n: int, budget: float, confidence: float, family: int
) -> None:
    allowed = allowed_above(n, budget=budget, confidence=confidence, family=family)
    delta = (1 - confidence) / family

    if allowed is None:
        assert stats.binom.cdf(0, n, budget) > delta * (1 - 1e-9)
    else:
        assert stats.binom.cdf(allowed, n, budget) <= delta * (1 + 1e-9)
        assert stats.binom.cdf(allowed + 1, n, budget) > delta * (1 - 1e-9)


def test_too_few_scores_are_refused_with_what_would_do_and_what_they_can_do() -> None:
    with pytest.raises(
        BudgetUnattainable, match=r"412 scores cannot certify a false-alarm rate of at most 0.1% at 95%"
    ) as refused:
        threshold_within(np.zeros(412), budget=0.001)

    error = copy.copy(refused.value)  # as when it goes to another process
    assert (error.at_hand, error.needed, error.budget, error.confidence) == (412, 2995, 0.001, 0.95)
    assert error.help == "add 2,583 scores, or allow 0.72449%, which those at hand can certify"
    assert threshold_within(np.zeros(412), budget=error.smallest).allowed == 0
    assert allowed_above(412, budget=error.smallest * (1 - 1e-6)) is None
    with pytest.raises(BudgetUnattainable, match="even with no false alarm, 2,995 are needed"):
        threshold_within([], budget=0.001)
    assert smallest_budget(0) == 1


def test_nothing_certifies_a_budget_below_the_rate_of_what_was_taken_out() -> None:
    with pytest.raises(BudgetUnattainable, match=r"0.2% may have been taken out") as refused:
        threshold_within(np.zeros(10**6), budget=0.001, removed=0.002)

    assert refused.value.needed == 0
    assert refused.value.smallest == pytest.approx(0.002, rel=0.01)
    assert fewest(budget=0.003, removed=0.002) == fewest(budget=0.001 / 0.998)


def test_budgets_are_tabled_for_the_scores_at_hand() -> None:
    """Ten thousand pristine items, as in the data of the people who asked for this."""
    table = {one.budget: (one.needed, one.allowed, round(one.usable, 2)) for one in offers(10_000)}

    assert table == {
        0.01: (299, 83, 0.83),
        0.005: (598, 38, 0.76),
        0.002: (1497, 12, 0.6),
        0.001: (2995, 4, 0.4),
        0.0005: (5990, 1, 0.2),
    }
    assert [one.allowed for one in offers(0)] == [None] * 5


@pytest.mark.parametrize(
    "wrong",
    [{"budget": 0.0}, {"budget": 1.0}, {"budget": math.nan}, {"confidence": 0.5}, {"removed": -0.1}, {"family": 0}],
)
def test_promises_that_cannot_be_made_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="is not a promise that can be made"):
        threshold_within([0.0] * 100, **{"budget": 0.1, **wrong})


def test_shares_are_written_rounded_up() -> None:
    assert [percent(share) for share in (0.001, 0.95, 1e-5, 1 / 3, 1.0, 0.0)] == [
        "0.1%",
        "95%",
        "0.001%",
        "33.334%",
        "100%",
        "0%",
    ]


def stored(found: Threshold) -> Estimate:
    estimate = from_json(found.estimate("false alarms").to_json())
    assert isinstance(estimate, Estimate)
    return estimate


@settings(max_examples=40, deadline=None)
@given(st.integers(300, 20_000), st.floats(0.01, 0.3), st.floats(0.6, 0.99), st.floats(0, 0.005), st.integers(1, 3))
def test_a_certificate_is_confirmed_and_one_that_claims_more_is_refuted(
    n: int, budget: float, confidence: float, removed: float, family: int
) -> None:
    try:
        found = threshold_within(np.arange(n) // 2, budget=budget, confidence=confidence, removed=removed, family=family)
    except BudgetUnattainable:
        return
    estimate = stored(found)

    assert recheck(estimate).status == "confirmed"
    # One more may not be above, for then it would have been allowed.
    more = {**estimate.counts, "allowed": found.allowed + 1}
    assert recheck(replace(estimate, counts=more)).status == "refuted"
    assert recheck(replace(estimate, counts={**estimate.counts, "above": found.allowed + 1})).status == "refuted"
    assert recheck(replace(estimate, value=estimate.value + 0.001)).status == "refuted"
    assert recheck(replace(estimate, low=0.0)).status == "refuted"


def test_what_cannot_be_scored_may_use_up_the_budget() -> None:
    with pytest.raises(
        BudgetUnattainable, match="3 of 100 have no score, and at most 1 may for a false-alarm rate of at most 5%"
    ) as refused:
        threshold_within([math.nan] * 3 + [0.0] * 97, budget=0.05)

    assert refused.value.needed == fewest(budget=0.05, allowed=3)


def test_an_infinite_threshold_is_evidence_too() -> None:
    found = threshold_within([math.inf] * 100, budget=0.05)

    assert found.value == math.inf
    assert found.alarms([math.inf, math.nan]).tolist() == [False, True]
    assert recheck(stored(found)).status == "confirmed"


def test_groups_with_enough_scores_have_their_own_threshold_and_the_others_the_largest() -> None:
    rng = np.random.default_rng(3)
    sizes = {"paper": 900, "foil": 400, "glass": 30, "wood": 60}
    groups = [name for name, size in sizes.items() for _ in range(size)]
    scores = np.concatenate([rng.normal(3 * (name == "foil"), size=size) for name, size in sizes.items()])

    found = thresholds_by_group(scores, groups, budget=0.02)

    assert set(found.own) == {"paper", "foil"}
    assert found.small == ("wood", "glass")
    assert {one.family for one in found.own.values()} == {3}
    assert found.pooled is not None
    assert found.pooled.trials == 1390  # ninety are too few, so that all are pooled
    assert found.value("glass") == found.value("never seen") == found.guard == max(found.pooled.value, found.own["foil"].value)
    assert found.value("paper") < found.value("foil")


def test_small_groups_are_pooled_among_themselves_where_they_are_enough() -> None:
    found = thresholds_by_group(np.arange(700), ["large"] * 300 + [f"small {n % 4}" for n in range(400)], budget=0.02)

    assert set(found.own) == {"large"}
    assert found.pooled is not None
    assert found.pooled.trials == 400
    assert thresholds_by_group(np.arange(300), ["all"] * 300, budget=0.02).pooled is None
    with pytest.raises(BudgetUnattainable):
        thresholds_by_group(np.arange(20), ["a", "b"] * 10, budget=0.02)
    with pytest.raises(ValueError, match="one for each score"):
        thresholds_by_group(np.arange(20), ["a"], budget=0.02)


@pytest.mark.slow  # a simulation
def test_all_groups_with_their_own_threshold_keep_the_budget_together() -> None:
    rng = np.random.default_rng(4)
    groups = [f"{n % 8}" for n in range(8 * 120)]

    failed = 0
    for _ in range(600):
        found = thresholds_by_group(rng.random(len(groups)), groups, budget=0.05)
        assert len(found.own) == 8
        failed += any(1 - one.value > 0.05 for one in found.own.values())

    assert not significantly_above(failed, 600, 0.05)


@pytest.mark.slow  # a simulation
def test_the_worst_group_is_bounded_without_a_correction_and_groups_are_listed_without_error() -> None:
    rng = np.random.default_rng(5)
    rates = dict(enumerate([0.001, 0.01, 0.03, 0.05, 0.05, 0.08]))

    missed = wrong = 0
    for _ in range(800):
        found = worst_group({group: (int(rng.binomial(300, rate)), 300) for group, rate in rates.items()}, budget=0.05)
        assert found.bound.high is not None
        missed += found.bound.high < 0.08
        wrong += any(rates[group] > 0.05 for group in found.within) or any(rates[group] <= 0.05 for group in found.above)

    assert not significantly_above(missed, 800, 0.05)
    assert wrong / 800 <= 0.1 + 0.03  # two lists, each with one error in twenty


def test_a_group_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="without trials"):
        worst_group({"a": (0, 0)}, budget=0.05)
