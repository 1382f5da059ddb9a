"""A stored bound is confirmed from its counts, and an improved one is refuted."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, Proof, from_json
from probatum.stats.bounds import Bound, clopper_pearson, empirical_bernstein, hoeffding, relative_entropy
from probatum.stats.recheck import recheck

sides = st.sampled_from(["both", "upper", "lower"])
confidences = st.floats(0.05, 0.999999)
families = st.integers(1, 1000)
unit_values = st.lists(st.floats(0, 1), min_size=2, max_size=50)

bounds = st.one_of(
    st.builds(
        lambda n, share, **rest: clopper_pearson(round(n * share), n, **rest),
        st.one_of(st.integers(1, 30), st.integers(1, 10**6)),
        st.floats(0, 1),
        confidence=confidences,
        side=sides,
        family=families,
    ),
    st.builds(
        hoeffding,
        unit_values,
        lowest=st.floats(-9, 0),
        highest=st.floats(1, 9),
        confidence=confidences,
        side=sides,
        family=families,
    ),
    st.builds(empirical_bernstein, unit_values, confidence=confidences, side=sides, family=families),
    st.builds(relative_entropy, st.floats(0, 1), st.integers(1, 10**6), confidence=confidences, side=sides, family=families),
)


def stored(bound: Bound) -> Estimate:
    estimate = from_json(bound.estimate("a rate").to_json())
    assert isinstance(estimate, Estimate)
    return estimate


@settings(max_examples=60, deadline=None)
@given(bounds)
def test_every_bound_is_confirmed(bound: Bound) -> None:
    answer = recheck(stored(bound))

    assert (answer.status, answer.reason) == ("confirmed", "")


@settings(max_examples=60, deadline=None)
@given(bounds)
def test_an_end_that_is_moved_inwards_is_refuted(bound: Bound) -> None:
    estimate = stored(bound)

    if estimate.low is not None and estimate.low < estimate.value - 1e-6:
        assert recheck(replace(estimate, low=estimate.low + 1e-3 * (estimate.value - estimate.low))).status == "refuted"
    if estimate.high is not None and estimate.high > estimate.value + 1e-6:
        assert recheck(replace(estimate, high=estimate.high - 1e-3 * (estimate.high - estimate.value))).status == "refuted"


def test_an_end_further_out_is_still_true() -> None:
    assert recheck(replace(stored(clopper_pearson(3, 10)), low=0.0, high=0.99)).status == "confirmed"


@pytest.mark.parametrize(
    "change",
    [
        {"value": 0.31},
        {"confidence": 0.99},
        {"confidence": 1.0},
        {"family": 2},
        {"family": 0},
        {"counts": {"successes": 4, "trials": 10}},
        {"counts": {"successes": 3.0, "trials": 10}},
        {"counts": {"trials": 10}},
        {"low": None, "high": None},
        {"low": float("nan")},
        {"high": 1.5},
        {"low": -0.1},
    ],
    ids=str,
)
def test_an_altered_claim_is_refuted(change: dict[str, object]) -> None:
    assert recheck(replace(stored(clopper_pearson(3, 10)), **change)).status == "refuted"


@pytest.mark.parametrize(
    "counts", [{"variance": 9.0}, {"mean": 0.9}, {"lowest": 2.0}, {"trials": 1}, {"variance": -1.0}], ids=str
)
def test_counts_that_contradict_each_other_are_refuted(counts: dict[str, float]) -> None:
    estimate = stored(empirical_bernstein([0.2, 0.4, 0.3]))

    assert recheck(replace(estimate, counts={**estimate.counts, **counts})).status == "refuted"


def test_other_evidence_is_not_a_matter_of_statistics() -> None:
    assert recheck(Proof(method="stats/hoeffding/1", claim="", certificate={})).status == "refuted"
    assert recheck(replace(stored(clopper_pearson(3, 10)), method="stats/guess/1")).status == "cannot"
