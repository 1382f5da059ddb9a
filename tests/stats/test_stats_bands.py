"""Two thresholds with several risks: they are what testing a fine grid in order gives, and keep all budgets as often as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from probatum.stats.bands import enough_faulty, nested_band
from probatum.stats.budgets import BudgetUnattainable
from probatum.stats.learn_then_test import learn_then_test


def test_each_threshold_is_the_last_that_a_sequence_of_tests_certifies() -> None:
    scores = np.random.default_rng(3).normal(size=700)
    band = nested_band(scores, aside=0.02, looked=0.1, confidence=0.9)

    for budget, at in ((0.02, band.high.value), (0.1, band.low.value)):
        grid = [math.inf, *np.sort(scores)[::-1]]
        rows = [[(int((scores > value).sum()), len(scores))] for value in grid]
        tested = learn_then_test(rows, budgets=(budget,), confidence=1 - 0.1 / 2, procedure="in-order")
        assert grid[tested.certified[-1]] == at


def test_what_has_no_score_counts_as_put_aside_and_is_not_passed() -> None:
    sound = [*range(1000), math.nan]
    band = nested_band(sound, [math.nan] * 60, aside=0.02, looked=0.1, passed=0.1)

    assert band.high.unscored == band.low.unscored == 1
    assert band.passed is not None
    assert band.passed.tallies == (((0, 60),),)


def test_too_few_are_refused_with_how_many_would_do() -> None:
    with pytest.raises(BudgetUnattainable, match="4,093 are needed") as few:
        nested_band(range(3500), range(100), aside=0.001, looked=0.02, passed=0.1)
    assert few.value.needed == 4093
    with pytest.raises(BudgetUnattainable, match="even if none passes, 39 are needed") as none:
        enough_faulty(20, passed=0.1, confidence=0.95)
    assert 0.1 < none.value.smallest < 0.2
    enough_faulty(39, passed=0.1, confidence=0.95)
    with pytest.raises(ValueError, match="cannot be looked at"):
        nested_band(range(1000), aside=0.1, looked=0.05)


def test_too_many_that_pass_are_refused_with_what_those_at_hand_certify() -> None:
    low = nested_band(range(1000), range(1000, 1100), aside=0.02, looked=0.1, passed=0.1).low.value
    seventh, half = [*[0] * 7, *[2000] * 93], [*[0] * 50, *[2000] * 50]

    with pytest.raises(BudgetUnattainable, match=f"7 of 100 faulty ones pass below {low:g}") as more:
        nested_band(range(1000), seventh, aside=0.02, looked=0.1, passed=0.1)
    assert more.value.needed > 100
    again = [*[0] * round(0.07 * more.value.needed), *[2000] * (more.value.needed - round(0.07 * more.value.needed))]
    assert nested_band(range(1000), again, aside=0.02, looked=0.1, passed=0.1).passed is not None
    wider = more.value.smallest + 1e-6
    assert nested_band(range(1000), seventh, aside=0.02, looked=0.1, passed=wider).passed is not None

    with pytest.raises(BudgetUnattainable, match="no number would do: the lower threshold must be below 0") as never:
        nested_band(range(1000), half, aside=0.02, looked=0.1, passed=0.1)
    assert never.value.needed == 0


@pytest.mark.slow  # 1,200 calibrations
@pytest.mark.parametrize("shift", [2.2, 2.9])
def test_any_risk_exceeds_its_budget_as_seldom_as_is_said(shift: float) -> None:
    rng = np.random.default_rng(11)
    aside, looked, passed, confidence, times = 0.02, 0.1, 0.3, 0.8, 600

    def normal_above(value: float) -> float:
        return math.erfc(value / math.sqrt(2)) / 2

    wrong = refused = 0
    for _ in range(times):
        sound, faulty = rng.normal(size=400), rng.normal(loc=shift, size=60)
        try:
            band = nested_band(sound, faulty, aside=aside, looked=looked, passed=passed, confidence=confidence)
        except BudgetUnattainable:
            refused += 1
            continue
        true = (normal_above(band.high.value), normal_above(band.low.value), 1 - normal_above(band.low.value - shift))
        wrong += any(risk > budget for risk, budget in zip(true, (aside, looked, passed), strict=True))

    assert refused < times  # something is certified
    delta = 1 - confidence
    # No more than chance explains, of what is at most `delta`: four standard deviations.
    assert wrong / times <= delta + 4 * math.sqrt(delta * (1 - delta) / times)
    assert wrong > 0  # the promise is not kept by never promising anything that could fail
