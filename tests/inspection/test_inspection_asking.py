"""What is asked tells most, and what was found still says how much was shipped damaged, however the score misleads."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numpy")

from probatum.inspection.artefacts.annotations import draw_json, draw_of
from probatum.inspection.model.asking import (
    ALARMED,
    APART,
    LIKELY,
    NEAR,
    NEW,
    RANDOM,
    UNJUDGED,
    Candidate,
    ask,
    estimate,
    uniform,
)

THRESHOLD = 2.5


def world(seed: int, count: int = 3000, damaged: float = 0.02, told: float = 2.0) -> tuple[list[Candidate], dict[str, bool]]:
    """Units of which some are damaged, with a score that tells it by so many standard deviations."""
    chance = random.Random(seed)
    truth = {f"u{n}": chance.random() < damaged for n in range(count)}
    units = []
    for name, bad in truth.items():
        score = chance.gauss(told * bad, 1)
        units.append(
            Candidate(
                unit=name,
                score=score,
                alarms=score > THRESHOLD,
                channels={"appearance": score, "relief": chance.gauss(told * bad, 1)},
                probability=1 / (1 + math.exp(4 - score)),
                product=f"P{chance.randrange(40)}",
                images=(f"{name}.jpg",),
            )
        )
    return units, truth


def test_what_tells_most_is_drawn_more_often_and_the_reason_is_kept() -> None:
    units, _ = world(1)
    units += [
        Candidate(unit="near", score=THRESHOLD - 0.001, product="P1"),
        Candidate(unit="apart", score=0.0, channels={"appearance": -0.5, "relief": 9.0}, product="P1"),
        Candidate(unit="new", score=0.0, product="unheard-of"),
        Candidate(unit="likely", score=1.0, probability=1.0, product="P1"),
        Candidate(unit="plain", score=-0.2, product="P1", channels={"appearance": -0.2, "relief": -0.1}),
        Candidate(unit="unjudged", score=None),
        Candidate(unit="aside", score=4.0, alarms=True),
    ]
    labelled = {f"P{n}": 9 for n in range(40)}

    drawn = [ask(units, threshold=THRESHOLD, budget=300, seed=str(seed), labelled=labelled) for seed in range(25)]

    found = {one.unit: one for draw in drawn for one in draw.questions}
    assert found["near"].reasons[0] == NEAR
    assert found["apart"].reasons[0] == APART
    assert found["new"].reasons[0] == NEW
    assert found["likely"].reasons[0] == LIKELY
    assert (found["unjudged"].reasons, found["aside"].reasons) == ((UNJUDGED,), (ALARMED,))
    assert found["unjudged"].chance == found["aside"].chance == 1
    least = drawn[0].passed.least
    assert least >= 0.5 * 300 / sum(not one.alarms and one.score is not None for one in units)
    assert all(found[name].chance > 1.2 * least for name in ("near", "apart", "new", "likely"))
    assert all(one.chance >= least for one in found.values())
    assert any(one.reasons == (RANDOM,) for one in found.values())


def test_as_many_are_drawn_as_was_said_and_each_as_often() -> None:
    units, _ = world(2, count=800)
    times: dict[str, int] = {}
    chances: dict[str, float] = {}
    for seed in range(100):
        for one in ask(units, threshold=THRESHOLD, budget=120, seed=str(seed)).questions:
            times[one.unit] = times.get(one.unit, 0) + 1
            chances[one.unit] = one.chance

    passed = {one.unit for one in units if not one.alarms}
    mean = sum(many for unit, many in times.items() if unit in passed) / 100
    assert mean == pytest.approx(120, abs=4)
    expected = sum(100 * chances[unit] for unit in times)
    assert sum(times.values()) == pytest.approx(expected, rel=0.05)
    often = [unit for unit in times if 0.4 < chances[unit] < 0.9]
    assert sum(times[unit] for unit in often) == pytest.approx(sum(100 * chances[unit] for unit in often), rel=0.1)


def test_an_inspector_who_sees_part_of_the_queue_has_seen_a_fair_part() -> None:
    units, truth = world(3)
    draw = ask(units, threshold=THRESHOLD, budget=400, seed="s")
    half = draw.questions[: len(draw.questions) // 2]

    found, level = estimate(draw, {one.unit: truth[one.unit] for one in half})

    assert level == pytest.approx(0.5, abs=0.1)
    true = sum(truth[one.unit] for one in units if not one.alarms) / draw.passed.units
    assert found.passed_faulty.low <= true <= found.passed_faulty.high
    with pytest.raises(ValueError, match="too few"):
        estimate(draw, {one.unit: truth[one.unit] for one in draw.questions[200:]})


def test_what_waits_for_a_second_opinion_may_be_damaged_or_not() -> None:
    units, truth = world(4)
    draw = ask(units, threshold=THRESHOLD, budget=400, seed="s")
    said = {one.unit: truth[one.unit] for one in draw.questions}
    waiting = {unit: bad for unit, bad in said.items() if not bad or unit in [*said][::2]}

    (all_said, whole), (found, level) = estimate(draw, said), estimate(draw, waiting)

    assert whole == level == 1
    assert found.passed_faulty.high >= all_said.passed_faulty.high
    assert found.passed_faulty.low < all_said.passed_faulty.low


def covered(seeds: range, made: Callable[[int], tuple[list[Candidate], dict[str, bool]]], share: float = 1.0) -> dict[str, int]:
    """How often each interval does not hold what is true of all units of a world."""
    missed = dict.fromkeys(("passed_faulty", "prevalence", "caught", "false_alarms"), 0)
    for seed in seeds:
        units, truth = made(seed)
        draw = ask(units, threshold=THRESHOLD, budget=len(units) / 12, seed=str(seed))
        seen = draw.questions[: math.ceil(share * len(draw.questions))]
        found, _ = estimate(draw, {one.unit: truth[one.unit] for one in seen})
        aside = {one.unit for one in units if one.alarms}
        bad, good = ({unit for unit, damaged in truth.items() if damaged is which} for which in (True, False))
        true = {
            "passed_faulty": len(bad - aside) / max(1, len(truth) - len(aside)),
            "prevalence": len(bad) / len(truth),
            "caught": len(bad & aside) / max(1, len(bad)),
            "false_alarms": len(good & aside) / max(1, len(good)),
        }
        for name, value in true.items():
            one = getattr(found, name)
            missed[name] += not one.low - 1e-12 <= value <= one.high + 1e-12
    return missed


@pytest.mark.slow  # 2,000 draws
@pytest.mark.parametrize(("told", "share"), [(2.0, 1.0), (0.0, 1.0), (2.0, 0.6)])
def test_rates_hold_as_often_as_they_say_whether_the_score_tells_anything_or_nothing(told: float, share: float) -> None:
    missed = covered(range(700), lambda seed: world(seed, count=600, damaged=0.05, told=told), share)

    # 35 misses of each are allowed, of all four together; more than 50 would happen once in 150 times.
    assert max(missed.values()) <= 50


def test_rates_hold_in_a_few_worlds() -> None:
    missed = covered(range(8), lambda seed: world(seed, count=600, damaged=0.05))

    assert max(missed.values()) <= 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.none() | st.floats(-9, 9), st.booleans()), max_size=20), st.floats(0.5, 30), st.integers(0, 5))
def test_a_draw_is_the_same_again_and_survives_json(what: list[tuple[float | None, bool]], budget: float, seed: int) -> None:
    units = [
        Candidate(unit=str(at), score=score, alarms=score is not None and aside, channels={"a": score or 0.0}, product="P")
        for at, (score, aside) in enumerate(what)
    ]

    found = ask(units, threshold=0.5, budget=budget, seed=str(seed))

    assert found == ask(list(reversed(units)), threshold=0.5, budget=budget, seed=str(seed))
    assert draw_of(draw_json(found)) == found
    assert all(0 <= one.coin < one.chance <= 1 for one in found.questions)
    assert [one.place for one in found.questions] == sorted(one.place for one in found.questions)


def test_what_was_drawn_as_if_by_chance_alone_is_a_fair_sample() -> None:
    """Scores of calibration must be like those to come, which those of units near the threshold are not."""
    units, _ = world(5)
    score = {one.unit: one.score or 0.0 for one in units if not one.alarms}
    mean = sum(score.values()) / len(score)
    biased, fair = [], []
    for seed in range(40):
        draw = ask(units, threshold=THRESHOLD, budget=300, seed=str(seed))
        biased += [score[one.unit] for one in draw.questions if one.unit in score]
        fair += [score[unit] for unit in uniform(draw) if unit in score]

    twice = set(uniform(draw, again=True))
    assert twice == {one.unit for one in draw.questions if one.again} & set(uniform(draw))
    assert 0 < len(twice) < len(uniform(draw)) / 4
    assert set(uniform(draw, level=0.5)) < set(uniform(draw))
    assert sum(biased) / len(biased) > mean + 0.25
    assert sum(fair) / len(fair) == pytest.approx(mean, abs=0.05)


def test_what_makes_no_sense_is_refused() -> None:
    units, _ = world(6, count=10)
    with pytest.raises(ValueError, match="twice"):
        ask([*units, units[0]], threshold=1, budget=1, seed="")
    for parts in ({RANDOM: 0.5}, {NEAR: 1.0}, {RANDOM: 0.5, "other": 0.5}):
        with pytest.raises(ValueError, match="at random"):
            ask(units, threshold=1, budget=1, seed="", parts=parts)
    with pytest.raises(ValueError, match="cannot be made"):
        ask(units, threshold=1, budget=0, seed="")
