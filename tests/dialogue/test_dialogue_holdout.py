"""Who is held out is drawn well and for ever, and what a rewrite does to logs is kept from what is learnt from them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, kstest

from probatum.dialogue.model.guards import bounds
from probatum.dialogue.semantics.edges import count
from probatum.dialogue.service.holdout import draw, place
from probatum.dialogue.service.watch import Watch, importance
from probatum.errors import UsageError
from probatum.runner.tables import Tables

KEY = b"a key of sixteen bytes, and more"


@pytest.mark.slow  # importing scipy.stats takes a second
def test_places_are_uniform_over_users_and_independent_over_rewrites() -> None:
    places = {rewrite: [place(f"u{n}", rewrite, key=KEY) for n in range(5000)] for rewrite in ("r1", "r2")}

    for own in places.values():
        assert kstest(own, "uniform").pvalue > 0.001
    cells = [[0] * 4 for _ in range(4)]
    for one, other in zip(places["r1"], places["r2"], strict=True):
        cells[int(4 * one)][int(4 * other)] += 1
    statistic = sum((seen - 312.5) ** 2 / 312.5 for row in cells for seen in row)
    assert chi2.sf(statistic, 15) > 0.001


@given(st.text(max_size=12), st.text(max_size=12))
def test_who_is_held_out_of_an_active_rewrite_was_held_out_when_it_was_tried(unit: str, rewrite: str) -> None:
    trial, active = (draw(unit, rewrite, state, key=KEY) for state in ("canary", "active"))

    assert trial == draw(unit, rewrite, "canary", key=KEY)
    if active.arm == "holdout":
        assert trial.arm == "holdout"
    assert (trial.propensity, active.propensity) == (0.5, 0.05 if active.arm == "holdout" else 0.95)
    assert {draw(unit, rewrite, state, key=KEY).arm for state in ("candidate", "shadow", "blocked", "retired")} == {"none"}


def test_another_key_holds_out_others_and_a_short_one_is_refused() -> None:
    other = b"some other key, also long enough"
    same = sum(draw(f"u{n}", "r", "canary", key=KEY) == draw(f"u{n}", "r", "canary", key=other) for n in range(400))

    assert 140 < same < 260
    with pytest.raises(UsageError):
        draw("u", "r", "canary", key=b"short")


def test_a_harmful_rewrite_is_stopped_and_a_good_one_is_not() -> None:
    generator = random.Random(3)
    for treated_fails, control_fails, stopped in ((0.8, 0.3, True), (0.1, 0.7, False)):
        watch = Watch(rarest=0.5)
        for n in range(400):
            drawn = draw(f"u{n}", "r", "canary", key=KEY)
            failed = float(generator.random() < (treated_fails if drawn.arm == "treated" else control_fails))
            watch.add(failed, arm=drawn.arm, propensity=drawn.propensity)
        assert watch.harmful == stopped
        assert (watch.effect.bound().value > 0) == stopped
        assert watch.treated.users + watch.control.users == 400
        assert watch.treated.quantile(0.025) < 1 - treated_fails < watch.treated.quantile(0.975)


def test_who_was_not_drawn_says_nothing_about_a_rewrite() -> None:
    with pytest.raises(ValueError, match="not drawn"):
        Watch().add(0.0, arm="none", propensity=1.0)


def test_requests_count_as_what_they_stand_for() -> None:
    assert importance("treated", 0.95) is None
    assert importance("holdout", 0.05) == 20
    assert importance("holdout", None) == importance("none", 1.0) == importance("", None) == 1


def epoch(generator: random.Random, *, rewritten: bool, aware: bool) -> tuple[float, int, float]:
    """Users say "garbage", which fails for nine in ten, and the rewrite serves them: what do logs say of how it works?"""
    rows, start = [], datetime(2026, 3, 1)  # noqa: DTZ001 - the tables' times are UTC, without a zone
    for n in range(600):
        drawn = draw(f"u{n}", "r", "active" if rewritten else "candidate", key=KEY)
        works = generator.random() < (0.97 if drawn.arm == "treated" else 0.1)
        at = start + timedelta(hours=n % 500)
        weight = importance(drawn.arm, drawn.propensity) if aware else 1.0
        rows.append((f"u{n}", n, 0, at, 1, float(works), weight))
        if not works:
            rows.append((f"u{n}", n, 1, at + timedelta(seconds=9), 2, 1.0, 1.0))
    listed = ", ".join(
        f"('{u}', 'h{u}', '{g}', {p}, timestamp '{t}', {s}::ubigint, {w}::double, {i if i is not None else 'null'}::double)"
        for u, g, p, t, s, w, i in rows
    )
    names = "user_id, household_id, goal, position, asked_at, state, p_good, importance"
    with Tables(threads=1) as tables:
        found = count(
            tables,
            f"(select *, hash(user_id) as person, hash(household_id) as home from (values {listed}) as t({names}))",  # noqa: S608 - a test's own
            until="2026-04-01",
        )
    return float(found.states.direct[0]), int(found.states.tried[0]), float(found.steps.weight[0])


@pytest.mark.slow  # a second or two of simulation
def test_a_log_under_a_rewrite_says_the_same_of_the_request_as_one_without() -> None:
    """Blind to the rewrite, the log says that the request works, and a guard would refuse the very rewrite that made it so."""
    direct, tried, weight = epoch(random.Random(1), rewritten=False, aware=True)
    aware_direct, aware_tried, aware_weight = epoch(random.Random(2), rewritten=True, aware=True)
    blind_direct, blind_tried, _ = epoch(random.Random(2), rewritten=True, aware=False)

    assert bounds(direct, tried, 0.05)[1] < 0.15
    low, high = bounds(aware_direct, aware_tried, 0.005)
    assert low < 0.1 < high < 0.5
    assert bounds(blind_direct, blind_tried, 0.05)[0] > 0.85
    assert aware_weight == pytest.approx(weight, rel=0.5)
