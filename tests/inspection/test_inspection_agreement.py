"""How far people agree on damage, and what their disagreement does to a threshold that is calibrated on what they left in."""

import random
from datetime import UTC, datetime

import pytest

pytest.importorskip("numpy")

from probatum.inspection.artefacts.annotations import Answer
from probatum.inspection.model.opinions import Judged, Opinion, agreement, judged, removed
from probatum.stats.budgets import BudgetUnattainable
from probatum.stats.label_noise import removed_rate, twice_needed
from probatum.stats.neyman_pearson import threshold_within

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FINE = Answer(defect=False)


def torn(severity: float = 0.5, *, on_product: bool | None = None) -> Answer:
    return Answer(defect=True, types=("tear",), severity=severity, on_product=on_product)


def said(*answers: Answer | None) -> Judged:
    return judged([Opinion(by=f"p{at}", answer=answer, at=NOW) for at, answer in enumerate(answers)])


def test_what_counts_is_what_more_people_say() -> None:
    assert said(torn(), FINE).defect is None
    assert said(torn(), FINE).contradicted
    assert said(torn(0.2, on_product=True), torn(0.6, on_product=True), FINE) == Judged(
        defect=True,
        types=("tear",),
        severity=0.4,
        on_product=True,
        opinions=said(torn(0.2, on_product=True), torn(0.6, on_product=True), FINE).opinions,
    )
    assert said(None, FINE).defect is False
    assert said(None, None).defect is None
    assert not said(None, FINE).contradicted


def test_agreement_is_told_for_each_thing_that_is_asked() -> None:
    chance = random.Random(3)
    units = {}
    for n in range(60):
        bad, severe = n % 3 == 0, chance.random()
        units[f"u{n}"] = (
            said(torn(severe, on_product=True), torn(min(1, severe + 0.02), on_product=chance.random() < 0.5))
            if bad
            else said(FINE, FINE)
        )
    units["odd"] = said(torn(), FINE)

    found = agreement(units)

    assert found.defect.units == 61
    assert found.defect.alpha is not None
    assert found.defect.alpha > 0.9
    assert found.severity.alpha is not None
    assert found.severity.alpha > 0.95
    assert found.on_product.alpha is not None
    assert found.on_product.alpha < 0.4
    assert list(found.types) == ["tear"]
    assert found.types["tear"].alpha is None  # nobody saw anything else
    assert found.contradicted == ("odd",)


@pytest.mark.parametrize(("confirmed", "counts"), [(False, (2, 3)), (True, (2, 4))])
def test_contradictions_are_counted_among_what_was_drawn_by_chance_alone(confirmed: bool, counts: tuple[int, int]) -> None:
    units = {
        "both": said(torn(), torn()),
        "neither": said(FINE, FINE),
        "first": said(torn(), FINE),
        "unsure": said(None, FINE) if confirmed else said(FINE),
        "second": said(FINE, torn()),
        "near the threshold": said(torn(), FINE),
    }
    drawn = ["both", "neither", "first", "unsure"] if confirmed else ["both", "first", "second", "unsure", "unseen"]

    found = removed(units, drawn, prevalence=0.1, confirmed=confirmed)

    assert (found.bound.counts["successes"], found.bound.counts["trials"]) == counts
    with pytest.raises(ValueError, match="judged twice"):
        removed(units, ["unseen"], prevalence=0.1)


def noisy(rng: random.Random, *, count: int, wrong: float, missed: float, prevalence: float) -> list[tuple[bool, bool, bool]]:
    """Of each unit: whether it is damaged, and what two people say. Of sound units some are hard: people are wrong up to nearly every second time."""
    units = []
    for _ in range(count):
        bad = rng.random() < prevalence
        p = (1 - missed) if bad else min(0.49, wrong * rng.expovariate(1))
        units.append((bad, rng.random() < p, rng.random() < p))
    return units


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("wrong", [0.002, 0.05])
def test_the_rate_at_which_sound_units_are_taken_out_is_bounded_as_often_as_is_said(confirmed: bool, wrong: float) -> None:
    rng = random.Random(11)
    truth = [one[1:] for one in noisy(rng, count=200_000, wrong=wrong, missed=0.2, prevalence=0.05) if not one[0]]
    rate = sum(first and (second or not confirmed) for first, second in truth) / len(truth)

    over = 0
    for _ in range(100):
        units = noisy(rng, count=500, wrong=wrong, missed=0.2, prevalence=0.05)
        if confirmed:
            found = removed_rate(sum(a and not b for _, a, b in units), 500, prevalence=0.05, opinions=2, ordered=True)
        else:
            found = removed_rate(sum(a != b for _, a, b in units), 500, prevalence=0.05)
        over += found.rate < rate

    assert over <= 11  # 5 are allowed; more than 11 would happen once in 200 times


def test_a_threshold_keeps_its_promise_though_look_alikes_were_taken_out() -> None:
    """Sound units with high scores are called damaged now and then; without an allowance the certificate is too good."""
    rng = random.Random(1)
    broken = {True: 0, False: 0}
    bound = removed_rate(5, 1500, prevalence=0.0).rate
    for _ in range(120):
        scores = [rng.random() for _ in range(1500)]
        # Half of what looks worst, one in a hundred, is called damaged.
        left = [score for score in scores if not (score > 0.99 and rng.random() < 0.5)]
        for allowed in broken:
            at = threshold_within(left, budget=0.02, removed=bound if allowed else 0.0).value
            broken[allowed] += 1 - at > 0.02

    assert broken[True] <= 12  # 6 are allowed; more than 12 would happen once in 100 times
    assert broken[False] > 12


def test_few_doubles_leave_no_room_in_a_small_budget_and_how_many_would_do_is_told() -> None:
    bound = removed_rate(0, 300, prevalence=0.001)
    with pytest.raises(BudgetUnattainable):
        threshold_within(range(20_000), budget=0.001, removed=bound.rate)

    enough = twice_needed(0.0005, prevalence=0.001, opinions=2, ordered=True)

    found = removed_rate(0, enough, prevalence=0.001, opinions=2, ordered=True)
    assert found.rate <= 0.0005 < removed_rate(0, enough - 1, prevalence=0.001, opinions=2, ordered=True).rate
    assert threshold_within(range(20_000), budget=0.001, removed=found.rate).removed == found.rate


def test_what_bounds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="bound nothing"):
        removed_rate(0, 10, prevalence=1.0)
    with pytest.raises(ValueError, match="bound nothing"):
        removed_rate(0, 10, prevalence=0.1, opinions=3)
    with pytest.raises(ValueError, match="cannot be bounded"):
        twice_needed(0, prevalence=0.1)
