"""Quantities that fairlearn, AIF360, scikit-learn and SciPy have too are the same here, on random data."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from held_tables import confusions, held, policy_about
from scipy import stats

from probatum.fairness.semantics import benefits, disparities, scores
from probatum.fairness.semantics.disparities import DEFINITIONS
from probatum.fairness.semantics.metrics import RATES
from probatum.fairness.semantics.neighbours import consistency
from probatum.fairness.semantics.ranking import pairwise_accuracy
from probatum.fairness.semantics.regression import errors
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import score_counts

EXACT = {"rel": 0, "abs": 1e-12}


def table(seed: int, n: int = 900, groups: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    g = rng.integers(groups, size=n)
    y = (rng.random(n) < 0.2 + 0.15 * g).astype(int)
    p = np.clip(rng.normal(0.3 + 0.3 * y + 0.03 * g, 0.25), 0, 1).round(2)
    return pd.DataFrame(
        {"g": [f"g{v}" for v in g], "y": y, "d": (p >= 0.5).astype(int), "p": p, "w": rng.integers(1, 9, size=n) / 4}
    )


DECISIONS = policy_about("label: y, decision: d")
WEIGHTED = policy_about("label: y, decision: d, weight: w")
SCORES = policy_about("label: y, score: p, threshold: 0.5")


@pytest.mark.slow  # fairlearn loads in seconds on a busy machine
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_disparities_are_those_of_fairlearn(seed: int, weighted: bool):
    from fairlearn import metrics as fl

    frame = table(seed)
    groups = confusions(WEIGHTED if weighted else DECISIONS, frame, "g")
    extra = {"sample_weight": frame.w} if weighted else {}
    theirs = {
        name: getattr(fl, name)(frame.y, frame.d, sensitive_features=frame.g, **extra)
        for name in (
            "demographic_parity_difference",
            "demographic_parity_ratio",
            "equalized_odds_difference",
            "equalized_odds_ratio",
            "equal_opportunity_difference",
            "equal_opportunity_ratio",
        )
    }
    theirs["average_odds_difference"] = fl.equalized_odds_difference(
        frame.y, frame.d, sensitive_features=frame.g, agg="mean", **extra
    )
    theirs["predictive_equality_difference"] = fl.false_positive_rate_difference(
        frame.y, frame.d, sensitive_features=frame.g, **extra
    )

    ours = {name: DEFINITIONS[name].of(groups).value for name in theirs}

    assert ours == pytest.approx(theirs, **EXACT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_rates_of_groups_are_those_of_fairlearn(seed: int, weighted: bool):
    from fairlearn import metrics as fl
    from sklearn import metrics as sk

    frame = table(seed)
    groups = confusions(WEIGHTED if weighted else DECISIONS, frame, "g")
    named = {
        "selection_rate": fl.selection_rate,
        "tpr": fl.true_positive_rate,
        "fpr": fl.false_positive_rate,
        "tnr": fl.true_negative_rate,
        "fnr": fl.false_negative_rate,
        "accuracy": sk.accuracy_score,
        "error_rate": sk.zero_one_loss,
        "ppv": sk.precision_score,
    }
    weights = {name: {"sample_weight": frame.w} for name in named} if weighted else None
    frame_of = fl.MetricFrame(metrics=named, y_true=frame.y, y_pred=frame.d, sensitive_features=frame.g, sample_params=weights)

    for name in named:
        ours, absent = disparities.values_of(groups, name)
        assert absent == ()
        assert dict(ours) == pytest.approx(frame_of.by_group[name].to_dict(), **EXACT)
        assert disparities.difference(ours).value == pytest.approx(frame_of.difference()[name], **EXACT)
        assert disparities.ratio(ours).value == pytest.approx(frame_of.ratio()[name], **EXACT)
        assert disparities.to_overall(groups, name).value == pytest.approx(
            frame_of.difference(method="to_overall")[name], **EXACT
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_disparities_are_those_of_aif360(seed: int, weighted: bool):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that other packages of theirs are not installed
        from aif360.datasets import BinaryLabelDataset
        from aif360.metrics import ClassificationMetric
    frame = table(seed, groups=3)
    numbers = pd.DataFrame({"g": frame.g.str[1:].astype(int), "y": frame.y, "w": frame.w if weighted else 1.0})

    def dataset(labels: pd.Series) -> BinaryLabelDataset:
        return BinaryLabelDataset(
            df=numbers.assign(y=labels), label_names=["y"], protected_attribute_names=["g"], instance_weights_name="w"
        )

    metric = ClassificationMetric(
        dataset(frame.y), dataset(frame.d), unprivileged_groups=[{"g": 0}, {"g": 1}], privileged_groups=[{"g": 2}]
    )
    groups = confusions(WEIGHTED if weighted else DECISIONS, frame, "g")
    plain = confusions(DECISIONS, frame, "g")  # of inequality they ignore weights

    def ours(rate: str) -> tuple[float, float]:
        disadvantaged = disparities.pooled({name: groups[name] for name in ("g0", "g1")})
        (hits, trials), (others, all_others) = (RATES[rate].of(side) for side in (disadvantaged, groups["g2"]))
        return hits / trials, others / all_others

    for rate, name in (
        ("selection_rate", "selection_rate"),
        ("tpr", "true_positive_rate"),
        ("fpr", "false_positive_rate"),
        ("fnr", "false_negative_rate"),
        ("tnr", "true_negative_rate"),
        ("ppv", "positive_predictive_value"),
        ("npv", "negative_predictive_value"),
        ("fdr", "false_discovery_rate"),
        ("for", "false_omission_rate"),
        ("accuracy", "accuracy"),
        ("error_rate", "error_rate"),
    ):
        assert ours(rate) == pytest.approx((getattr(metric, name)(False), getattr(metric, name)(True)), **EXACT)
    apart = {rate: ours(rate)[0] - ours(rate)[1] for rate in ("tpr", "fpr", "ppv", "for", "selection_rate")}
    assert apart["selection_rate"] == pytest.approx(metric.statistical_parity_difference(), **EXACT)
    assert ours("selection_rate")[0] / ours("selection_rate")[1] == pytest.approx(metric.disparate_impact(), **EXACT)
    assert (apart["tpr"] + apart["fpr"]) / 2 == pytest.approx(metric.average_odds_difference(), **EXACT)
    assert (abs(apart["tpr"]) + abs(apart["fpr"])) / 2 == pytest.approx(metric.average_abs_odds_difference(), **EXACT)
    assert (apart["ppv"] + apart["for"]) / 2 == pytest.approx(metric.average_predictive_value_difference(), **EXACT)
    everyone = disparities.pooled(plain)
    for alpha in (0.5, 1, 2, 3):
        index = benefits.generalized_entropy(everyone, alpha=alpha)
        assert index == pytest.approx(metric.generalized_entropy_index(alpha), **EXACT)
        sides = {"u": disparities.pooled({k: plain[k] for k in ("g0", "g1")}), "p": plain["g2"]}
        between = metric.between_group_generalized_entropy_index(alpha)
        assert benefits.between_groups(sides, alpha=alpha) == pytest.approx(between, **EXACT)
    assert benefits.coefficient_of_variation(everyone) == pytest.approx(metric.coefficient_of_variation(), **EXACT)
    assert benefits.generalized_entropy(everyone, alpha=1) == pytest.approx(metric.theil_index(), **EXACT)
    theirs = metric.differential_fairness_bias_amplification()
    assert disparities.amplification(groups) == pytest.approx(theirs, **EXACT)
    smoothed = disparities.differential_fairness(groups, of="base_rate").value
    assert smoothed == pytest.approx(metric.smoothed_empirical_differential_fairness(), **EXACT)


@pytest.mark.slow
def test_consistency_is_that_of_aif360():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from aif360.sklearn.metrics import consistency_score
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(300, 4)), rng.integers(2, size=300)

    assert consistency(x, y) == pytest.approx(consistency_score(x, y), **EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_discrimination_is_that_of_scikit_learn(seed: int):
    from sklearn.metrics import brier_score_loss, roc_auc_score

    frame = table(seed)
    with opened(held(frame)) as relation:
        counted = score_counts(SCORES, relation, ("g",))

    for name, part in frame.groupby("g"):
        assert scores.auc(counted[name]) == pytest.approx(roc_auc_score(part.y, part.p), **EXACT)
        assert scores.brier(counted[name]) == pytest.approx(brier_score_loss(part.y, part.p), **EXACT)
    one, other = frame[frame.g == "g0"], frame[frame.g == "g1"]
    assert scores.auc_between(counted["g0"], counted["g1"]) == pytest.approx(
        roc_auc_score(
            [1] * int(one.y.sum()) + [0] * int((other.y == 0).sum()), pd.concat([one[one.y == 1].p, other[other.y == 0].p])
        ),
        **EXACT,
    )


@pytest.mark.parametrize("seed", range(3))
def test_distances_of_scores_are_those_of_scipy(seed: int):
    frame = table(seed)
    with opened(held(frame)) as relation:
        counted = score_counts(SCORES, relation, ("g",))
    one, other = frame[frame.g == "g0"].p, frame[frame.g == "g3"].p

    assert scores.kolmogorov_smirnov(counted["g0"], counted["g3"]) == pytest.approx(stats.ks_2samp(one, other).statistic, **EXACT)
    assert scores.wasserstein(counted["g0"], counted["g3"]) == pytest.approx(stats.wasserstein_distance(one, other), **EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_the_area_between_curves_is_that_of_a_fine_grid(seed: int):
    from sklearn.metrics import roc_curve

    frame = table(seed)
    with opened(held(frame)) as relation:
        counted = score_counts(SCORES, relation, ("g",))
    grid = (np.arange(400_000) + 0.5) / 400_000
    heights = []
    for name in ("g0", "g3"):
        part = frame[frame.g == name]
        fpr, tpr, _ = roc_curve(part.y, part.p, drop_intermediate=False)
        heights.append(np.interp(grid, fpr + np.arange(len(fpr)) * 1e-12, tpr))  # steps a little inclined

    assert scores.abroca(counted["g0"], counted["g3"]) == pytest.approx(float(np.abs(heights[0] - heights[1]).mean()), abs=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_errors_of_predicted_numbers_are_those_of_scikit_learn(weighted: bool):
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"g": rng.choice(["a", "b"], 500), "y": rng.normal(1e6, 1, 500), "w": rng.integers(1, 5, 500)})
    frame["p"] = frame.y + rng.normal(0.1, 0.5, 500)
    policy = policy_about("label: y, score: p" + (", weight: w" if weighted else ""))
    with opened(held(frame)) as relation:
        found = errors(policy, relation, ("g",))

    for name, part in frame.groupby("g"):
        weight = part.w if weighted else None
        assert found[name].absolute == pytest.approx(mean_absolute_error(part.y, part.p, sample_weight=weight), rel=1e-9)
        assert found[name].square == pytest.approx(mean_squared_error(part.y, part.p, sample_weight=weight), rel=1e-9)
        assert found[name].r2 == pytest.approx(r2_score(part.y, part.p, sample_weight=weight), rel=1e-9)
        assert found[name].mean == pytest.approx(np.average(part.p - part.y, weights=weight), rel=1e-9)


def test_pairwise_accuracy_within_a_group_is_its_area_under_the_curve():
    from sklearn.metrics import roc_auc_score

    frame = table(7)
    found = pairwise_accuracy(list(frame.g), frame.p, frame.y)

    for name, part in frame.groupby("g"):
        assert found[name, name] == pytest.approx(roc_auc_score(part.y, part.p), **EXACT)
    assert not math.isnan(min(found.values()))
