"""Bets on a rise do not win where nothing rises, and win within few things where something does."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.stats.exchangeability import Ranks
from probatum.stats.recheck import recheck
from probatum.stats.rising import RiseMartingale, stake

streams = st.lists(st.floats(0, 1), min_size=1, max_size=40)


def bets_on(scores, *, before, seed=0):
    ranks, bets = Ranks(seed=seed, before=before), RiseMartingale(before=len(before))
    for score in scores:
        bets.add(ranks.add(float(score)))
    return bets


@given(streams, st.integers(0, 50))
@settings(max_examples=50, deadline=None)
def test_the_next_rank_changes_the_capital_by_nothing_on_average(ranks, before) -> None:
    """A test martingale: the integral over a uniform rank of the capital after it is the capital before it."""
    ends = sorted({0.0, 1.0, *_steps(before, ranks)})

    after = sum((high - low) * capital(before, [*ranks, (low + high) / 2]) for low, high in pairwise(ends))

    assert after == pytest.approx(capital(before, ranks), rel=1e-9)


def capital(before, ranks):
    bets = RiseMartingale(before=before)
    for one in ranks:
        bets.add(one)
    return math.exp(bets.log_e_value)


def _steps(before, ranks):
    """Where the capital after the next rank can jump."""
    most = len(ranks) + 2
    return [min(0.5, width * high / (before + len(ranks) + 1)) for width in (1.0, 2.0) for high in range(1, most)]


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("draw", ["normal", "poisson"])
def test_the_capital_is_seldom_high_where_nothing_changes(draw) -> None:
    """Ville: it ever reaches 20 in at most one stream of twenty, ties or none."""
    rng = np.random.default_rng(5)
    made = (lambda n: rng.normal(size=n)) if draw == "normal" else (lambda n: rng.poisson(1.0, n).astype(float))
    alarms = sum(bets_on(made(120), before=made(25).tolist(), seed=seed).alarms(confidence=0.95) for seed in range(1000))

    assert alarms <= 1000 * 0.05


@pytest.mark.parametrize("after", [0, 25, 120])
def test_what_lies_above_all_before_is_found_within_few_things(after) -> None:
    rng = np.random.default_rng(after)
    scores = [*rng.normal(size=after), *(6 + rng.normal(size=8))]

    bets = bets_on(scores, before=rng.normal(size=30).tolist())

    assert bets.log_e_value >= math.log(1000 / 0.1)
    assert abs(bets.since - after) <= 1


def test_old_stock_in_between_delays_and_does_not_prevent() -> None:
    rng = np.random.default_rng(1)
    mixed = np.where(rng.random(40) < 0.5, 6.0, 0.0) + rng.normal(size=40)

    assert bets_on(mixed, before=rng.normal(size=30).tolist()).alarms(confidence=0.9999)


def test_all_stakes_together_are_the_capital() -> None:
    unbet = 100 / (500 + 100)

    assert sum(stake(moment) for moment in range(500)) + unbet == pytest.approx(1)


def test_a_stream_longer_than_what_is_bet_on_loses_only() -> None:
    bets = RiseMartingale(before=0)
    for rank in np.random.default_rng(2).random(700):
        bets.add(float(rank))

    assert bets.since >= 700 - 256
    assert bets.log_e_value < math.log(20)
    assert recheck(bets.estimate("capital")).status == "confirmed"


def test_nothing_seen_is_no_evidence() -> None:
    bets = RiseMartingale(before=3)

    assert (bets.log_e_value, bets.since, bets.alarms()) == (0.0, 0, False)
    with pytest.raises(ValueError, match="is not a p-value"):
        bets.add(math.nan)
    with pytest.raises(ValueError, match="is no number of scores"):
        RiseMartingale(before=-1)


@given(streams, st.integers(0, 50))
@settings(max_examples=60, deadline=None)
def test_capital_is_confirmed_from_its_ranks_and_more_is_refuted(ranks, before) -> None:
    bets = RiseMartingale(before=before)
    for rank in ranks:
        bets.add(rank)
    own = bets.estimate("capital")

    assert recheck(own).status == "confirmed"
    assert recheck(replace(own, low=own.low * 1.01)).status == "refuted"
    assert recheck(replace(own, counts={**own.counts, "p": [1.5]})).status == "refuted"
