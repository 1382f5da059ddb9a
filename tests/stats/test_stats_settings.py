"""Settings that are certified keep their budgets together, however many were tried."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, from_json
from probatum.stats.learn_then_test import Band, Certification, Procedure, certified_band, holm, in_order, learn_then_test
from probatum.stats.recheck import recheck

stats = pytest.importorskip("scipy.stats")

procedures = pytest.mark.parametrize("procedure", ["in-order", "holm"])
tallies = st.lists(
    st.tuples(st.tuples(st.integers(0, 8), st.integers(8, 900)), st.tuples(st.integers(0, 4), st.integers(8, 90))),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(tallies, st.floats(0.5, 0.99), st.sampled_from(["in-order", "holm"]))
def test_certified_settings_are_those_of_the_definition_and_only_they_are_confirmed(
    rows: list[tuple[tuple[int, int], ...]], confidence: float, procedure: Procedure
) -> None:
    budgets, delta = (0.02, 0.1), 1 - confidence

    found = learn_then_test(rows, budgets=budgets, confidence=confidence, procedure=procedure)

    p_values = [max(stats.binom.cdf(k, n, budget) for (k, n), budget in zip(row, budgets, strict=True)) for row in rows]
    if procedure == "in-order":
        expected = [at for at in range(len(rows)) if all(p <= delta for p in p_values[: at + 1])]
    else:
        order = np.argsort(p_values, kind="stable")
        running = np.maximum.accumulate([(len(rows) - k) * p_values[at] for k, at in enumerate(order)])
        expected = sorted(int(at) for at, p in zip(order, running, strict=True) if p <= delta)
    assert list(found.certified) == expected
    for setting in range(len(rows)):
        claimed = replace(found, certified=(setting,)).estimate("false alarms", setting=setting, risk=1)
        stored = from_json(claimed.to_json())
        assert isinstance(stored, Estimate)
        assert recheck(stored).status == ("confirmed" if setting in expected else "refuted")


@pytest.mark.slow  # a simulation
@procedures
def test_no_certified_setting_is_over_budget_more_often_than_promised(procedure: Procedure) -> None:
    """Errors of settings come from the same scores, as they do in use; half of the settings are just over the budget of one."""
    rng = np.random.default_rng(1)
    thresholds = np.linspace(0.999, 0.94, 12)

    failed = certified = 0
    for _ in range(1500):
        scores = rng.random(400)
        rows = [[(int((scores > t).sum()), 400)] for t in thresholds]
        found = learn_then_test(rows, budgets=(0.03,), procedure=procedure)
        failed += any(1 - thresholds[at] > 0.03 for at in found.certified)
        certified += bool(found.certified)

    assert stats.binom.sf(failed - 1, 1500, 0.05) > 0.001
    assert certified > 1000  # and the promise is not kept by certifying nothing


@pytest.mark.slow  # a simulation
def test_a_band_keeps_both_risks() -> None:
    rng = np.random.default_rng(2)
    pairs = [(low, high) for low in (-1.0, 0.0, 0.5, 1.0) for high in (1.5, 2.0, 2.5, 3.0, 4.0)]

    failed = chosen = 0
    for _ in range(400):
        found = certified_band(rng.normal(size=1500), rng.normal(2.5, size=200), pairs, aside=0.01, passed=0.05)
        if isinstance(found, Band):
            chosen += 1
            failed += stats.norm.sf(found.high) > 0.01 or stats.norm.cdf(found.low - 2.5) > 0.05
    assert chosen > 300
    assert stats.binom.sf(failed - 1, 400, 0.05) > 0.001


def test_a_band_is_the_narrowest_that_is_certified_and_one_that_is_not_is_none() -> None:
    sound, faulty = np.linspace(0, 1, 1000), np.linspace(0.8, 1.8, 300)
    pairs = [(0.5, 1.1), (0.7, 1.1), (0.7, 1.0), (0.9, 1.0)]

    found = certified_band(sound, faulty, pairs, aside=0.01, passed=0.05)

    assert isinstance(found, Band)
    assert (found.low, found.high) == (0.7, 1.1)  # as few looks as with (0.7, 1.0), and the first of them
    assert found.looks == pytest.approx(0.3, abs=0.001)
    with_few_looks = certified_band(sound, faulty, pairs, aside=0.01, passed=0.05, looked=0.2)
    assert isinstance(with_few_looks, Certification)
    assert with_few_looks.certified == ()
    with pytest.raises(ValueError, match="is none"):
        certified_band(sound, faulty, [(1.0, 0.5)], aside=0.01, passed=0.05)


def test_what_has_no_score_is_looked_at_and_counts_against_the_budget() -> None:
    sound = np.concatenate([np.zeros(960), np.full(40, math.nan)])

    found = certified_band(sound, np.full(100, math.nan), [(0.5, 0.6)], aside=0.01, passed=0.05)

    assert isinstance(found, Certification)
    assert found.tallies == (((40, 1000), (0, 100)),)


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="not a promise"):
        learn_then_test([[(0, 5)]], budgets=(0.0,))
    with pytest.raises(ValueError, match="one for each is needed"):
        learn_then_test([[(0, 5)]], budgets=(0.1, 0.1))
    with pytest.raises(ValueError, match="not a number of errors"):
        learn_then_test([[(6, 5)]], budgets=(0.1,))
    with pytest.raises(ValueError, match="not a way to test"):
        learn_then_test([[(0, 5)]], budgets=(0.1,), procedure="all")
    with pytest.raises(ValueError, match="not certified"):
        learn_then_test([[(5, 5)]], budgets=(0.1,)).estimate("errors", setting=0)
    assert in_order([]) == holm([]) == ()
    assert in_order([math.nan]) == holm([math.nan]) == ()
    assert learn_then_test([[(0, 0)]], budgets=(0.1,)).certified == ()  # no trials show nothing


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_procedures_agree_with_those_of_mapie(p_values: list[float]) -> None:
    control = pytest.importorskip("mapie.risk_control.fwer_control")

    assert list(holm(p_values, confidence=0.8)) == sorted(control.FWERBonferroniHolm().run(np.array(p_values), 1 - 0.8).tolist())
    in_sequence = control.FWERFixedSequenceTesting(n_starts=1).run(np.array(p_values), 1 - 0.8)
    assert list(in_order(p_values, confidence=0.8)) == sorted(in_sequence.tolist())
