"""Bounds that hold whenever one looks, though rates drift."""

from dataclasses import replace

import numpy as np
import pytest
from held_tables import policy_of
from scipy.stats import binomtest

from probatum.fairness.model.streams import bounds
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import gap_over_time
from probatum.fairness.semantics.memory import Held
from probatum.findings import Finding
from probatum.tools import Tools


def test_bounds_surround_what_was_seen_and_narrow() -> None:
    low, high = bounds(300, 1000, 0.05)
    assert 0.2 < low < 0.3 < high < 0.4
    assert bounds(30_000, 100_000, 0.05)[1] - bounds(30_000, 100_000, 0.05)[0] < (high - low) / 5
    assert bounds(0, 0, 0.05) == (0.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("drift", [False, True])
def test_bounds_hold_at_every_moment(drift: bool) -> None:
    rng = np.random.default_rng(3)
    n, runs, missed = 400, 60, 0
    rates = np.where(drift & (np.arange(n) >= 150), 0.6, 0.2)
    average = np.cumsum(rates) / np.arange(1, n + 1)
    for _ in range(runs):
        hits = np.cumsum(rng.random(n) < rates)
        missed += any(
            not lo - 1e-9 <= average[t] <= hi + 1e-9 for t in range(3, n, 6) for lo, hi in [bounds(int(hits[t]), t + 1, 0.05)]
        )
    assert binomtest(missed, runs, 0.05, alternative="greater").pvalue > 0.01


def test_evidence_is_confirmed_and_refuted_where_it_was_changed() -> None:
    read = policy_of(
        """\
        decision: {table: t.csv, decision: d, count: n}
        protected: {g: g}
        require: [{id: r, kind: stream, metric: selection_rate, over: g, at_most: 0.05}]
        """
    )
    inputs = {"data:t.csv": Held("t.csv", b"", {"g": ["a", "a", "b", "b"], "d": [1, 0, 1, 0], "n": [300, 700, 500, 500]})}
    [found] = gap_over_time.check(read, Tools(inputs=inputs))
    assert isinstance(found, Finding)
    assert recheck(read, found.evidence, inputs).status == "confirmed"
    assert recheck(read, replace(found.evidence, low=found.evidence.low + 0.001), inputs).status == "refuted"
    assert recheck(read, replace(found.evidence, high=found.evidence.high - 0.001), inputs).status == "refuted"
    changed = replace(found.evidence, counts={**found.evidence.counts, "verdict": "satisfied"})
    assert recheck(read, changed, inputs).status == "refuted"
