"""Bets against exchangeability do not win where it holds, and do where it does not."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, from_json
from probatum.stats.exchangeability import JumpMartingale, PowerMartingale, Ranks, p_values
from probatum.stats.recheck import recheck

stats = pytest.importorskip("scipy.stats")

scores = st.lists(st.one_of(st.integers(0, 4), st.sampled_from([math.inf, -math.inf, math.nan])), max_size=20)
streams = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def stored(estimate: Estimate) -> Estimate:
    again = from_json(estimate.to_json())
    assert isinstance(again, Estimate)
    return again


@given(scores, scores)
def test_a_p_value_is_the_share_of_those_that_are_no_lower(known: list[float], asked: list[float]) -> None:
    """Missing is above infinity, and tied with its like."""

    def place(score: float) -> tuple[bool, float]:
        return (True, 0.0) if math.isnan(score) else (False, score)

    found = p_values(known, asked)
    tossed = p_values(known, asked, seed=1)

    for score, p, smaller in zip(asked, found, tossed, strict=True):
        assert p == pytest.approx((sum(place(one) >= place(score) for one in known) + 1) / (len(known) + 1))
        assert sum(place(one) > place(score) for one in known) / (len(known) + 1) < smaller <= p


def test_a_coin_can_be_tossed_again() -> None:
    known, asked = [1.0] * 50, [1.0] * 20

    assert p_values(known, asked, seed=3).tolist() == p_values(known, asked, seed=3).tolist()
    assert len(set(p_values(known, asked, seed=3).tolist())) == 20
    assert [Ranks(3, known).add(1.0) for _ in range(2)] == [Ranks(3, known).add(1.0)] * 2
    assert 0 < Ranks(3).add(1.0) < 1  # the first of all is as likely anywhere
    assert 0 < Ranks(3, [1.0] * 9).add(2.0) < 0.1


@pytest.mark.slow  # a simulation
def test_ranks_are_uniform_and_independent_also_with_ties_and_after_a_reference() -> None:
    ranks = Ranks(seed=1, before=np.random.default_rng(2).poisson(1.0, 30).tolist())
    found = np.array([ranks.add(float(score)) for score in np.random.default_rng(3).poisson(1.0, 4000)])

    assert stats.kstest(found, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 4 / math.sqrt(4000)
    assert found.min() > 0
    assert found.max() <= 1


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("make", [JumpMartingale, PowerMartingale])
def test_nothing_alarms_more_often_than_promised_where_nothing_changes(make: type[JumpMartingale | PowerMartingale]) -> None:
    """Looked at after every value, with a coin and few references, where p-values against a fixed set would depend on each other."""
    rng = np.random.default_rng(4)
    runs, false = 300, 0
    for run in range(runs):
        ranks, bets = Ranks(seed=run, before=rng.integers(0, 6, 5).tolist()), make()
        for score in rng.integers(0, 6, 150):
            bets.add(ranks.add(float(score)))
        false += bets.alarms(confidence=0.9)

    assert stats.binom.sf(false - 1, runs, 0.1) > 0.001


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("make", [JumpMartingale, PowerMartingale])
def test_a_change_is_seen_soon(make: type[JumpMartingale | PowerMartingale]) -> None:
    rng = np.random.default_rng(5)
    delays = []
    for run in range(20):
        ranks, bets = Ranks(seed=run, before=rng.normal(size=300).tolist()), make()
        delays.append(200)
        for at in range(200):
            bets.add(ranks.add(float(rng.normal(2.0))))
            if bets.alarms(confidence=0.99):
                delays[-1] = at + 1
                break

    assert sorted(delays)[10] <= 30


@settings(max_examples=40, deadline=None)
@given(streams)
def test_capital_is_confirmed_by_other_means_and_more_is_refuted(stream: list[float]) -> None:
    for bets in (JumpMartingale(), PowerMartingale()):
        for p in stream:
            bets.add(p)
        estimate = stored(bets.estimate("drift"))

        assert (recheck(estimate).status, recheck(estimate).reason) == ("confirmed", "")
        assert estimate.low is not None
        assert recheck(replace(estimate, low=estimate.low * 1.01)).status == "refuted"
        if estimate.low < 100:
            assert recheck(replace(estimate, confidence=0.999)).status == "refuted"


@pytest.mark.slow  # thousands of bets
def test_capital_of_long_streams_neither_over_nor_underflows() -> None:
    for p, wins in ((1e-3, True), (0.5, False)):
        jumping, power = JumpMartingale(), PowerMartingale()
        for _ in range(3000):
            jumping.add(p)
            power.add(p)

        assert math.isfinite(jumping.log_e_value)
        assert math.isfinite(power.log_e_value)
        assert jumping.alarms() is power.alarms() is wins
        assert recheck(stored(jumping.estimate("drift"))).status == "confirmed"
        assert recheck(stored(power.estimate("drift"))).status == "confirmed"


def test_capital_may_fall_after_an_alarm_that_stays() -> None:
    bets = JumpMartingale()
    for p in [0.01] * 30 + [0.5] * 30 + [0.99] * 10:
        bets.add(p)

    assert bets.alarms()
    fallen = JumpMartingale(rates=(1e-4,))
    for p in [0.01] * 30 + [0.05, 0.95] * 120:
        fallen.add(p)
    assert fallen.alarms(confidence=0.9999)
    assert fallen.log_e_value < math.log(100)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    for bets in (JumpMartingale(), PowerMartingale()):
        with pytest.raises(ValueError, match="not a p-value"):
            bets.add(p)
    with pytest.raises(ValueError, match="not rates of jumps"):
        JumpMartingale(rates=(0.0,))


@pytest.mark.slow  # a library to compare with
def test_jumping_capital_agrees_with_crepes() -> None:
    theirs = pytest.importorskip("crepes.martingales")
    stream = np.random.default_rng(6).beta(0.7, 1.0, 300)
    bets = JumpMartingale(rates=(0.01,))
    for p in stream:
        bets.add(float(p))

    plain = theirs.EpsilonBettingFunction(E=[-1, 0, 1])
    found = theirs.SimpleJumper(J=0.01, bf=plain).apply(stream, return_index=False)

    assert math.exp(bets.log_e_value) == pytest.approx(float(np.asarray(found).ravel()[-1]), rel=1e-9)
