"""What was passed though it is faulty is bounded by audits, whichever things are faulty."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, from_json
from probatum.stats.audits import caught_share, missed_rate
from probatum.stats.bounds import Bound, clopper_pearson
from probatum.stats.recheck import recheck

stats = pytest.importorskip("scipy.stats")

draws = st.lists(st.sampled_from([0.01, 0.02, 0.1, 0.5, 1.0]), max_size=30)


def stored(bound: Bound) -> Estimate:
    estimate = from_json(bound.estimate("missed").to_json())
    assert isinstance(estimate, Estimate)
    return estimate


@settings(max_examples=60, deadline=None)
@given(draws, st.integers(30, 10**6), st.sampled_from(["both", "upper", "lower"]), st.floats(0.5, 0.999), st.integers(1, 5))
def test_every_bound_is_confirmed_and_a_better_one_is_refuted(
    found: list[float], population: int, side: str, confidence: float, family: int
) -> None:
    bound = missed_rate(found, population=population, least=0.01, side=side, confidence=confidence, family=family)
    estimate = stored(bound)

    assert (recheck(estimate).status, recheck(estimate).reason) == ("confirmed", "")
    if bound.high is not None and bound.high < 1:
        assert bound.value <= bound.high
        assert recheck(replace(estimate, high=bound.high * 0.999)).status == "refuted"
    if bound.low is not None:
        assert bound.low <= bound.value * (1 + 1e-9)
        if 0 < bound.low < 1:
            assert recheck(replace(estimate, low=bound.low * 1.001)).status == "refuted"
    assert recheck(replace(estimate, value=bound.value + 0.01)).status == "refuted"
    if side == "both" and found:
        share = caught_share(7, bound)
        assert share.low is not None
        assert share.high is not None
        assert share.low <= share.value * (1 + 1e-9)
        assert share.value <= share.high * (1 + 1e-9)
        assert recheck(stored(share)).status == "confirmed"
        assert recheck(replace(stored(share), low=min(1.0, share.low * 1.001))).status == "refuted"


def test_where_none_are_found_the_bound_is_exact() -> None:
    """So many things drawn with that probability stay unseen with a probability of exactly one in twenty."""
    bound = missed_rate([], population=10_000, least=0.01, side="upper")

    assert bound.high is not None
    assert 0.99 ** (10_000 * bound.high) == pytest.approx(0.05)
    assert bound.value == 0


def test_all_that_was_certain_to_be_drawn_is_counted_once() -> None:
    bound = missed_rate([1.0] * 40, population=1000, least=1.0)

    assert bound.value == pytest.approx(0.04)
    assert bound.low == pytest.approx(0.04)
    assert bound.high == pytest.approx(0.04, abs=1e-4)


def test_it_is_not_much_wider_than_an_exact_interval_where_there_is_one() -> None:
    """With one probability for all, of 2,000 drawn things 20 are faulty: Clopper and Pearson's interval of those that were drawn."""
    audited = missed_rate([0.02] * 20, population=100_000, least=0.02)
    exact = clopper_pearson(20, 2000)

    assert audited.value == exact.value
    assert audited.low is not None
    assert audited.high is not None
    assert exact.low is not None
    assert exact.high is not None
    assert audited.high / exact.high < 1.15
    assert audited.low / exact.low > 0.8


# Faulty things by their probability of being drawn: hidden at the floor, known to the score, spread, and all certain to be drawn.
worlds = {
    "hidden": {0.01: 300},
    "seen": {0.5: 200, 0.01: 10},
    "spread": {1.0: 20, 0.3: 40, 0.05: 60, 0.01: 80},
    "rare": {0.01: 3},
    "one probability": {0.1: 50},
}


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("world", worlds)
def test_bounds_cover_what_was_passed_wherever_it_hides(world: str) -> None:
    rng = np.random.default_rng(len(world))
    truth, runs = sum(worlds[world].values()) / 10_000, 250

    above = below = 0
    total = 0.0
    for _ in range(runs):
        found = [p for p, many in worlds[world].items() for _ in range(int(rng.binomial(many, p)))]
        bound = missed_rate(found, population=10_000, least=0.01, confidence=0.8)
        assert bound.low is not None
        assert bound.high is not None
        above, below, total = above + (bound.low > truth), below + (bound.high < truth), total + bound.value

    assert stats.binom.sf(above - 1, runs, 0.1) > 0.001
    assert stats.binom.sf(below - 1, runs, 0.1) > 0.001
    spread = math.sqrt(sum(many * (1 - p) / p for p, many in worlds[world].items()) / runs) / 10_000
    assert abs(total / runs - truth) < 4 * spread


def test_what_cannot_be_is_refused() -> None:
    for wrong in ({"population": 0}, {"least": 0.0}, {"least": 1.5}, {"confidence": 1.0}, {"side": "left"}, {"family": 0}):
        with pytest.raises(ValueError, match="bound nothing"):
            missed_rate([], **{"population": 5, "least": 0.1, **wrong})
    for found in ([0.05], [1.5], [0.5] * 6, [math.nan]):
        with pytest.raises(ValueError, match="cannot have been drawn"):
            missed_rate(found, population=5, least=0.1)
    with pytest.raises(ValueError, match="from both sides"):
        caught_share(1, missed_rate([], population=5, least=0.1, side="upper"))
    with pytest.raises(ValueError, match="no share of it"):
        caught_share(0, missed_rate([], population=5, least=0.1))
