"""What follows at another prevalence holds as often as promised, and whether it may follow is tested."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probatum.evidence import Estimate, from_json
from probatum.stats.bounds import Bound, clopper_pearson
from probatum.stats.label_shift import label_shift
from probatum.stats.prior_shift import Range, alarm_rate, class_weights, precision, shifted
from probatum.stats.recheck import recheck
from probatum.stats.recheck_alarms import pooled
from probatum.stats.venn_abers import prepared

stats = pytest.importorskip("scipy.stats")

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
ranges = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.01)).map(lambda e: Range(min(e[:2]), max(e[:2]), e[2]))


def stored(bound: Bound) -> Estimate:
    estimate = from_json(bound.estimate("a share").to_json())
    assert isinstance(estimate, Estimate)
    return estimate


@given(st.floats(0, 1), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_probability_moves_with_the_prevalence_as_the_theorem_of_bayes_says(p: float, trained: float, deployed: float) -> None:
    found = float(shifted(p, trained=trained, deployed=deployed))

    if 1e-9 < p < 1 - 1e-9:
        odds = math.log(p / (1 - p)) - math.log(trained / (1 - trained)) + math.log(deployed / (1 - deployed))
        assert found == pytest.approx(1 / (1 + math.exp(-odds)), rel=1e-6)
    assert float(shifted(found, trained=deployed, deployed=trained)) == pytest.approx(p, abs=1e-7)


def test_a_prevalence_of_none_or_all_cannot_be_reached() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        class_weights(trained=0.5, deployed=0.0)


@settings(max_examples=50, deadline=None)
@given(counts, counts, st.one_of(counts, ranges), st.floats(0.5, 0.98))
@example((1, 1), (0, 1), Range(2.225073858507e-311, 1.0), 0.5)  # numbers that small have few digits
@example((1, 2), (1, 1), Range(0.0, 2.2250738585072014e-308), 0.5)
def test_every_interval_is_confirmed_and_a_narrower_one_is_refuted(
    caught: tuple[int, int], alarms: tuple[int, int], prevalence: tuple[int, int] | Range, confidence: float
) -> None:
    for bound in (
        precision(caught, alarms, prevalence, confidence=confidence),
        alarm_rate(caught, alarms, prevalence, confidence=confidence),
    ):
        estimate = stored(bound)
        assert bound.low is not None
        assert bound.high is not None

        assert bound.low <= bound.value * (1 + 1e-9)
        assert bound.value <= bound.high * (1 + 1e-9)
        assert (recheck(estimate).status, recheck(estimate).reason) == ("confirmed", "")
        if bound.low < bound.value - 1e-6:
            assert recheck(replace(estimate, low=bound.low + 1e-3 * (bound.value - bound.low))).status == "refuted"
        if bound.high > bound.value + 1e-6:
            assert recheck(replace(estimate, high=bound.high - 1e-3 * (bound.high - bound.value))).status == "refuted"
        assert recheck(replace(estimate, confidence=(1 + confidence) / 2)).status == "refuted"


@pytest.mark.slow  # a simulation
def test_precision_and_alarm_rate_are_covered() -> None:
    rng = np.random.default_rng(1)
    t, f, pi = 0.6, 0.01, 0.02
    right, rate = pi * t / (pi * t + (1 - pi) * f), pi * t + (1 - pi) * f

    missed = np.zeros(2, dtype=int)
    for _ in range(500):
        seen = [(int(rng.binomial(n, p)), n) for n, p in ((150, t), (800, f), (900, pi))]
        for which, (make, truth) in enumerate(((precision, right), (alarm_rate, rate))):
            bound = make(*seen, confidence=0.8)
            assert bound.low is not None
            assert bound.high is not None
            missed[which] += not bound.low <= truth <= bound.high
    assert missed.max() / 500 <= 0.2


def test_the_arithmetic_of_a_classifier_that_looks_perfect() -> None:
    """Recall 99.74 % and false alarms of 3 % on a balanced set: at one in a thousand, 3 % of alarms are right."""
    bound = precision((9974, 10_000), (304, 10_000), Range(0.001, 0.001))

    assert bound.value == pytest.approx(0.032, abs=0.001)
    assert bound.high is not None
    assert bound.high < 0.04


def test_arguments_that_do_not_fit_are_refused() -> None:
    for wrong in (Range(0.2, 0.1), Range(-0.1, 0.5), Range(0.1, 0.2, 0.06)):
        with pytest.raises(ValueError, match="does not fit"):
            precision((1, 2), (1, 2), wrong)
        with pytest.raises(ValueError, match="does not fit"):
            label_shift([0.0], [1.0], [0.0], prevalence=wrong)
    with pytest.raises(ValueError, match="not a count"):
        alarm_rate((3, 2), (1, 2), (0, 5))
    with pytest.raises(ValueError, match="at least 1 of each"):
        label_shift([], [1.0], [0.0])


def test_a_mixture_is_taken_for_one_and_its_share_is_bounded() -> None:
    rng = np.random.default_rng(2)
    sound, faulty = rng.normal(size=4000), rng.normal(3, size=2000)
    used = np.concatenate([rng.normal(size=3400), rng.normal(3, size=600)])

    found = label_shift(sound, faulty, used)

    assert found.prevalence is not None
    assert found.prevalence[0] < 0.15 < found.prevalence[1] < 0.25
    assert not found.refuted
    assert found.bound.low == 0
    assert recheck(stored(found.bound)).status == "confirmed"


def test_scores_that_are_no_mixture_refute_label_shift_with_evidence() -> None:
    """Sound things came to look different: a new camera, say."""
    rng = np.random.default_rng(3)

    found = label_shift(rng.normal(size=4000), rng.normal(3, size=500), rng.normal(-0.4, size=4000), prevalence=Range(0.0, 0.1))

    assert found.refuted
    assert found.bound.low is not None
    assert 0 < found.bound.low <= found.bound.value
    estimate = stored(found.bound)
    assert (recheck(estimate).status, recheck(estimate).reason) == ("confirmed", "")
    assert recheck(replace(estimate, low=found.bound.low + 1e-4)).status == "refuted"
    assert recheck(replace(estimate, confidence=0.9999)).status == "refuted"


def test_more_missing_scores_than_before_refute_it_too() -> None:
    missing = [math.nan] * 200

    assert label_shift(np.zeros(1000), np.ones(1000), [0.0] * 800 + missing).refuted
    assert not label_shift([0.0] * 800 + missing, np.ones(1000), [0.0] * 800 + missing).refuted


@pytest.mark.slow  # a simulation
def test_label_shift_is_not_refuted_where_it_holds() -> None:
    rng = np.random.default_rng(4)

    wrong = sum(
        label_shift(
            rng.normal(size=200), rng.normal(2, size=60), rng.normal(2.0 * (rng.random(300) < 0.2)), confidence=0.6
        ).refuted
        for _ in range(150)
    )

    assert wrong / 150 <= 0.4


small = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=14)


@settings(max_examples=100, deadline=None)
@given(small, st.sampled_from([(1.0, 1.0), (1.9, 0.002), (0.3, 2.5)]))
def test_intervals_are_those_of_isotonic_regression_done_anew_for_each_score(
    rows: list[tuple[int, bool]], weights: tuple[float, float]
) -> None:
    scores, labels = [float(score) for score, _ in rows], [bad for _, bad in rows]
    asked = [k / 2 for k in range(-1, 14)]

    low, high = prepared(scores, labels, weights=weights).intervals(asked)

    for score, one, other in zip(asked, low, high, strict=True):
        assert (one, other) == pytest.approx(pooled(scores, labels, weights, score), abs=1e-12)
        assert one <= other + 1e-12


@pytest.mark.slow  # a library to compare with
def test_intervals_agree_with_scikit_learn_and_mapie() -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    rng = np.random.default_rng(5)
    scores = rng.random(300)
    labels = rng.random(300) < scores
    asked = rng.random(40)

    low, high = prepared(scores, labels).intervals(asked)

    for score, *ends in zip(asked, low, high, strict=True):
        for label, end in enumerate(ends):
            fitted = isotonic.IsotonicRegression().fit(np.append(scores, score), np.append(labels, label).astype(float))
            assert end == pytest.approx(float(fitted.predict([score])[0]), abs=1e-12)
    mapie = pytest.importorskip("mapie._venn_abers")
    theirs = mapie.VennAbers()
    with np.errstate(invalid="ignore"):
        theirs.fit(np.stack([1 - scores, scores], axis=1), labels.astype(int))
        _, ends = theirs.predict_proba(np.stack([1 - asked, asked], axis=1))
    assert np.allclose(ends, np.stack([low, high], axis=1))


@pytest.mark.slow  # a simulation
@pytest.mark.parametrize("deployed", [0.5, 0.05])
def test_of_the_two_ends_the_right_one_is_calibrated_at_the_prevalence_of_use(deployed: float) -> None:
    """The label says which end is right; in bins of it, things are faulty as often as it says. Calibrated at one half."""
    rng = np.random.default_rng(6)
    sums = np.zeros((3, 3))  # bins; of ends, faulty ones, number
    for _ in range(300):
        labels = rng.random(60) < 0.5
        predictor = prepared(rng.normal(1.5 * labels), labels, weights=class_weights(trained=0.5, deployed=deployed))
        came = rng.random(200) < deployed
        low, high = predictor.intervals(rng.normal(1.5 * came))
        end = np.where(came, high, low)
        at = np.digitize(end, np.array([0.3, 0.7]) if deployed == 0.5 else np.array([0.02, 0.1]))
        for k in range(3):
            sums[k] += end[at == k].sum(), came[at == k].sum(), (at == k).sum()
    # Things of one calibration set are not independent of each other: errors are those of 300 sets.
    assert np.abs(sums[:, 0] - sums[:, 1]).max() / sums[:, 2].sum() < 0.01


def test_one_probability_lies_between_the_ends_and_what_has_no_score_may_be_anything() -> None:
    predictor = prepared([1, 2, 3, 4], [False, True, False, True])
    low, high = predictor.intervals([2.5, math.nan, math.inf, -math.inf])
    single = predictor.probabilities([2.5, math.nan])

    assert low[0] < single[0] < high[0]
    assert (low[1], high[1], single[1]) == (0.0, 1.0, 0.5)
    assert high[2] == 1
    assert low[3] == 0


@pytest.mark.parametrize(
    "wrong",
    [([], [], (1, 1)), ([math.nan], [True], (1, 1)), ([1.0], [True, False], (1, 1)), ([1.0], [True], (0.0, 1.0))],
)
def test_calibration_sets_that_calibrate_nothing_are_refused(wrong: tuple[list[float], list[bool], tuple[float, float]]) -> None:
    scores, labels, weights = wrong
    with pytest.raises(ValueError, match=r"calibrate nothing|not both positive"):
        prepared(scores, labels, weights=weights)


def test_bounds_of_the_parts_are_those_of_clopper_and_pearson() -> None:
    bound = precision((8, 10), (3, 100), (2, 500), confidence=0.94)

    parts = [clopper_pearson(k, n, confidence=0.94, family=3) for k, n in ((8, 10), (3, 100), (2, 500))]
    assert bound.counts["ends"] == [end for part in parts for end in (part.low, part.high)]
