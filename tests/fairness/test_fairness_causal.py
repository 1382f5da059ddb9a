"""Causal decomposition: does it find what is true in samples whose truth is known?"""

import math

import numpy as np
import pytest
from causal_worlds import WRONG, draw, truth
from reference_data import reference

from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.linear import linear_reduction
from probatum.fairness.model.causal.nuisances import Nuisances
from probatum.fairness.model.causal.orders import shared
from probatum.fairness.model.causal.reduction import doubly_robust
from probatum.fairness.model.causal.regressions import linear, logistic, multinomial
from probatum.fairness.model.causal.sensitivity import Robustness, e_value, e_values
from probatum.fairness.model.causal.treatment import conditional, unconditional
from probatum.fairness.model.causal.weighting import Stage, comparison, counterfactual, mean_of
from probatum.fairness.semantics.causal_sample import CausalSample, folds
from probatum.fairness.semantics.treatment_rows import TreatmentSample

TRUTH = truth()
RIGHT = [name for name in WRONG if " and " not in name]


@pytest.mark.parametrize("wrong", RIGHT)
def test_one_wrong_nuisance_function_does_no_harm(wrong: str):
    found = doubly_robust(draw(1500, 3), nuisances=WRONG[wrong]).counterfactual

    assert abs(found.value - TRUTH["would"]) < 4 * found.error


@pytest.mark.parametrize("wrong", ["mu and pi1", "mu and pi0"])
def test_two_wrong_ones_do_harm_so_that_these_tests_can_fail(wrong: str):
    """On the same samples, by how much they are off from what right ones say."""
    off = []
    for seed in range(6):
        sample = draw(900, seed)
        right, other = doubly_robust(sample), doubly_robust(sample, nuisances=WRONG[wrong])
        off.append(other.counterfactual.value - right.counterfactual.value)

    assert -np.mean(off) > 4 * np.std(off, ddof=1) / math.sqrt(len(off))


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("wrong", list(WRONG))
def test_intervals_cover_what_they_promise(wrong: str):
    """250 samples of 4,000: within .92 and .98 with any one nuisance function wrong, and visibly off with two."""
    runs, values = 250, []
    true = {
        "counterfactual": TRUTH["would"],
        "reduction": TRUTH["mean"] - TRUTH["would"],
        "remaining": TRUTH["would"] - TRUTH["compared"],
        "initial": TRUTH["mean"] - TRUTH["compared"],
    }
    covered = dict.fromkeys(true, 0)
    for seed in range(runs):
        found = doubly_robust(draw(4000, seed), nuisances=WRONG[wrong], seed=seed)
        for part, value in true.items():
            low, high = getattr(found, part).interval(0.95)
            covered[part] += low <= value <= high
        values.append(found.counterfactual.value)

    bias, spread = float(np.mean(values)) - TRUTH["would"], float(np.std(values)) / math.sqrt(runs)
    if wrong in RIGHT:
        assert all(0.92 <= seen / runs <= 0.98 for seen in covered.values()), covered
        assert abs(bias) < 4 * spread
    else:
        assert covered["counterfactual"] / runs < 0.5
        assert abs(bias) > 0.15


def test_a_disparity_is_the_sum_of_its_parts():
    found = doubly_robust(draw(600, 1))

    assert found.initial.value == pytest.approx(found.reduction.value + found.remaining.value, abs=1e-12)
    assert found.initial.influence == pytest.approx(found.reduction.influence + found.remaining.influence)


def weighted(sample: CausalSample) -> Influenced:
    stage = Stage(
        codes=sample.mediator,
        levels=len(sample.levels),
        before=np.column_stack([sample.baseline, sample.confounders]),
        drawn_given=sample.baseline,
    )
    return counterfactual(sample.group, sample.outcome, [stage])[0]


def test_weighting_finds_the_same():
    sample = draw(4000, 11)

    would, compared = weighted(sample), comparison(sample.group, sample.outcome, sample.baseline)

    assert abs(would.value - TRUTH["would"]) < 4 * would.error
    assert abs(compared.value - TRUTH["compared"]) < 4 * compared.error


@pytest.mark.long
@pytest.mark.timeout(300)
def test_weighting_knows_that_its_weights_are_estimated():
    """400 samples of 1,000: standard errors are those of the sampling distribution, and not those of known weights."""
    found = [weighted(draw(1000, seed)) for seed in range(400)]
    compared = [comparison(s.group, s.outcome, s.baseline) for s in (draw(1000, seed) for seed in range(400))]

    for estimates, target in ((found, "would"), (compared, "compared")):
        covered = [low <= TRUTH[target] <= high for low, high in (one.interval(0.95) for one in estimates)]
        assert 0.91 <= np.mean(covered) <= 0.985


def test_the_influence_of_a_weighted_mean_is_what_leaving_a_row_out_changes():
    sample = draw(300, 4)
    would = weighted(sample)
    for row in (0, 17, 123):
        keep = np.arange(300) != row
        less = CausalSample(
            group=sample.group[keep],
            outcome=sample.outcome[keep],
            mediator=sample.mediator[keep],
            levels=sample.levels,
            confounders=sample.confounders[keep],
            baseline=sample.baseline[keep],
        )

        assert (would.value - weighted(less).value) * 299 == pytest.approx(would.influence[row], rel=0.15, abs=0.15)


def test_clusters_that_repeat_each_row_add_no_precision():
    once = draw(500, 2)
    twice = np.repeat(np.arange(500), 2)
    again = CausalSample(
        group=once.group[twice],
        outcome=once.outcome[twice],
        mediator=once.mediator[twice],
        levels=once.levels,
        confounders=once.confounders[twice],
        baseline=once.baseline[twice],
        clusters=twice,
    )

    single, double = mean_of(once.group, once.outcome, 1), mean_of(again.group, again.outcome, 1, again.clusters)

    assert double.error == pytest.approx(single.error, rel=0.01)
    placed = folds(again, 5, 0)
    assert (placed[::2] == placed[1::2]).all()


@pytest.mark.slow  # imports scikit-learn
def test_learners_of_others_can_take_the_place_of_ours():
    from sklearn.linear_model import LinearRegression, LogisticRegression

    sample = draw(400, 8)

    def regressor(features, target):
        return LinearRegression().fit(features, target).predict

    def classifier(features, codes, count):
        assert count == 2
        return LogisticRegression(C=1e3, tol=1e-8, solver="newton-cholesky").fit(features, codes).predict_proba

    ours = doubly_robust(sample)
    other = doubly_robust(sample, nuisances=Nuisances(outcome=regressor, averaged=regressor, group=classifier))

    assert other.counterfactual.value == pytest.approx(ours.counterfactual.value, abs=1e-4)
    # What fitting adds to the error is known for our own learners only.
    assert other.counterfactual.error == pytest.approx(ours.counterfactual.error, rel=0.05)


@pytest.mark.slow  # imports scikit-learn
def test_regressions_are_those_of_scikit_learn():
    from sklearn.linear_model import LinearRegression, LogisticRegression

    sample = draw(800, 5)
    features = np.column_stack([sample.confounders, sample.baseline])
    logit = LogisticRegression(C=np.inf, max_iter=2000, tol=1e-10)

    assert multinomial(features, sample.mediator, 3)(features) == pytest.approx(
        logit.fit(features, sample.mediator).predict_proba(features), abs=1e-4
    )
    assert logistic(features, sample.group.astype(float))(features) == pytest.approx(
        logit.fit(features, sample.group).predict_proba(features)[:, 1], abs=1e-4
    )
    assert linear(features, sample.outcome)(features) == pytest.approx(
        LinearRegression().fit(features, sample.outcome).predict(features)
    )


def test_a_perfectly_separated_class_has_a_finite_answer():
    features = np.linspace(-1, 1, 50)[:, None]

    found = logistic(features, (features[:, 0] > 0).astype(float))(features)

    assert np.isfinite(found).all()
    assert ((found > 0.5) == (features[:, 0] > 0)).all()


def test_linear_models_without_interactions_multiply_what_differs_with_what_it_does():
    chance = np.random.default_rng(0)
    r = chance.integers(0, 2, 3000)
    c = chance.normal(size=3000)
    m = (chance.random(3000) < 0.3 + 0.4 * r).astype(np.int64)
    y = 2.0 * m + 0.5 * r + c + chance.normal(size=3000)
    sample = CausalSample(
        group=r, outcome=y, mediator=m, levels=("no", "yes"), confounders=np.empty((3000, 0)), baseline=c[:, None]
    )

    found = linear_reduction(sample)

    assert abs(found.reduction.value - 0.8) < 4 * found.reduction.error
    assert abs(found.remaining.value - 0.5) < 4 * found.remaining.error
    assert found.initial.value == pytest.approx(found.reduction.value + found.remaining.value)


def test_sensitivity_is_what_the_papers_print():
    # VanderWeele and Ding 2017: a risk ratio of 3.9 has an E-value of 7.26, its limit 1.8 one of 3.0.
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1.8) == pytest.approx(3.0, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value(1.0) == 1.0
    # Cinelli and Hazlett 2020, table 1: t = 4.18 with 783 degrees of freedom has the robustness value 13.9 %.
    assert Robustness(0.097, 0.097 / 4.184, 783).value() == pytest.approx(0.139, abs=0.0005)


def test_a_cause_as_strong_as_the_robustness_value_explains_all():
    found = Robustness(0.5, 0.1, 400)

    value = found.value()

    assert found.bias(value, value) == pytest.approx(0.5)
    assert found.contour(value) == pytest.approx(value)
    assert found.contour(1e-9) is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        found.bias(0.5, 1.0)


def test_an_interval_that_crosses_no_difference_needs_no_cause():
    flat = Influenced(0.2, np.array([0.5, -0.5] * 20))
    more = Influenced(0.25, np.array([-0.5, 0.5] * 20))

    found = e_values(more, flat, confidence=0.95)

    assert found is not None
    assert found.limit == 1.0
    assert found.point > 1.5
    assert e_values(more, Influenced(0.0, flat.influence), confidence=0.95) is None


def test_shares_of_all_orders_add_up():
    worth = {frozenset(): 1.0, frozenset("a"): 0.7, frozenset("b"): 0.9, frozenset("ab"): 0.2}

    found = shared(("a", "b"), lambda chosen: Influenced(worth[chosen], np.zeros(3)))

    assert [part.value for part in found.orders["a", "b"]] == pytest.approx([0.3, 0.5])
    assert [part.value for part in found.orders["b", "a"]] == pytest.approx([0.1, 0.7])
    assert {name: part.value for name, part in found.average.items()} == pytest.approx({"a": 0.5, "b": 0.3})
    assert found.total.value == pytest.approx(0.8)


def treated() -> dict[str, np.ndarray]:
    table = np.genfromtxt(reference("cdgd/exp_data.csv"), delimiter=",", names=True)
    return {name: table[name] for name in table.dtype.names}


def test_disparities_through_a_treatment_are_those_of_the_published_example():
    data = treated()

    found = unconditional(
        TreatmentSample(
            group=data["group_a"].astype(int),
            treated=data["treatment"].astype(int),
            outcome=data["outcome"],
            confounders=np.column_stack([data["confounder"], data["Q"]]),
            conditions=np.empty((1000, 0)),
        )
    )

    published = {"total": 0.2675, "baseline": 0.0421, "prevalence": 0.2579, "effect": -0.1372, "selection": 0.1047}
    assert {name: part.value for name, part in found.items()} == pytest.approx(published, abs=1e-4)
    errors = {"total": 0.0390, "baseline": 0.0131, "prevalence": 0.0337, "effect": 0.0209, "selection": 0.0150}
    assert {name: part.error for name, part in found.items()} == pytest.approx(errors, abs=1e-4)


def test_disparities_given_what_justifies_treatment_are_those_of_the_published_example():
    data = treated()

    found = conditional(
        TreatmentSample(
            group=data["group_a"].astype(int),
            treated=data["treatment"].astype(int),
            outcome=data["outcome"],
            confounders=data["confounder"][:, None],
            conditions=data["Q"][:, None],
        )
    )

    published = {
        "total": 0.2675,
        "baseline": 0.0421,
        "conditional prevalence": 0.2032,
        "conditional effect": -0.1644,
        "conditional selection": 0.0875,
        "Q distribution": 0.0990,
        "conditional Jackson reduction": 0.2362,
    }
    assert {name: part.value for name, part in found.items()} == pytest.approx(published, abs=1e-4)
    assert found["conditional Jackson reduction"].error == pytest.approx(0.0378, abs=1e-4)
