"""Definitions on tables small enough to compute by hand, and where they have no value."""

import math

import numpy as np
import pytest
from held_tables import confusions, held, policy_about, policy_of
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.fairness.model.audit import auc_error, audit
from probatum.fairness.model.feasible import RATES_OF, conflicts, frontier, identities
from probatum.fairness.semantics import disparities, ranking, scores
from probatum.fairness.semantics.disparities import DEFINITIONS
from probatum.fairness.semantics.facets import FACET_METRICS, conditional_disparity, split
from probatum.fairness.semantics.metrics import Confusion
from probatum.fairness.semantics.neighbours import consistency, flip_test
from probatum.fairness.semantics.regression import bounded_group_loss, errors
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import Scores, score_counts


def cell(tp: float = 0, fp: float = 0, tn: float = 0, fn: float = 0) -> Confusion:
    return Confusion(tp=tp, fp=fp, tn=tn, fn=fn, selected=tp + fp, rejected=tn + fn, positive=tp + fn, negative=fp + tn)


counts = st.integers(0, 30)
cells = st.builds(cell, tp=counts, fp=counts, tn=counts, fn=counts)
tables = st.dictionaries(st.sampled_from("abcd"), cells, min_size=0, max_size=4)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_every_definition_has_a_value_or_none_and_never_fails(groups: dict[str, Confusion]):
    for definition in DEFINITIONS.values():
        found = definition.of(groups)
        assert found.value is None or not math.isnan(found.value)
        assert set(found.pair) <= {*groups, disparities.ALL}
    for facet in groups:
        for metric in FACET_METRICS.values():
            value = metric.of(*split(groups, facet))
            assert value is None or not math.isnan(value)
    conflicts(groups)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_names_and_sizes_of_the_table_do_not_matter(groups: dict[str, Confusion]):
    """Renaming groups, and counting every row three times, changes no definition; smoothed ones are not asked."""
    renamed = {f"z{name}": groups[name] for name in reversed(list(groups))}
    thrice = {name: cell(3 * c.tp, 3 * c.fp, 3 * c.tn, 3 * c.fn) for name, c in groups.items()}
    for name, definition in DEFINITIONS.items():
        if name not in ("differential_fairness", "bias_amplification"):
            value = definition.of(groups).value
            assert definition.of(renamed).value == pytest.approx(value)
            assert definition.of(thrice).value == pytest.approx(value)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_what_is_said_to_be_impossible_is_impossible(groups: dict[str, Confusion]):
    """In no table do definitions hold together of which it is said that they cannot."""
    usable = {name: c for name, c in groups.items() if c.tp + c.fn and c.fp + c.tn}

    def equal(rate: str) -> bool:
        values, absent = disparities.values_of(usable, rate)
        return not absent and max(values.values()) - min(values.values()) < 1e-12

    rates = {
        "predictive parity": "ppv",
        "equal false positive rates": "fpr",
        "equal false negative rates": "fnr",
        "demographic parity": "selection_rate",
        "equal negative predictive values": "npv",
    }
    for conflict in conflicts(groups):
        if all(name in rates for name in conflict.definitions):
            assert not all(equal(rates[name]) for name in conflict.definitions)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_the_identity_holds_for_all_counts(groups: dict[str, Confusion]):
    for one in identities(groups).values():
        assert one.implied == pytest.approx(one.observed, abs=1e-12)


def test_equal_base_rates_and_perfect_decisions_are_no_conflict():
    same = {"a": cell(3, 1, 1, 3), "b": cell(30, 10, 10, 30)}

    assert conflicts(same) == ()
    assert [c.definitions[0] for c in conflicts({"a": cell(3, 0, 1, 0), "b": cell(1, 0, 3, 0)})] == []


def test_differential_fairness_names_the_pair_that_is_furthest_apart():
    groups = {"a": cell(10, 0, 90, 0), "b": cell(50, 0, 50, 0), "c": cell(40, 0, 60, 0)}

    found = disparities.differential_fairness(groups, smoothing=0)

    assert found.pair == ("b", "a")
    assert found.value == pytest.approx(math.log(5))
    assert disparities.differential_fairness({"a": cell(0, 0, 5, 0), "b": cell(5)}, smoothing=0).value == math.inf


def test_strata_are_compared_within():
    """In the whole the rates differ, in each stratum they do not (Simpson)."""
    strata = {
        "x": {"a": cell(80, 0, 20, 0), "b": cell(8, 0, 2, 0)},
        "y": {"a": cell(1, 0, 9, 0), "b": cell(10, 0, 90, 0)},
        "z": {"a": cell(1)},
    }

    found = disparities.conditional_difference(strata)

    assert (found.value, found.absent) == (0.0, ("z",))


def test_facet_metrics_are_those_of_the_formulas():
    """Clarify's lists, by hand: a has 60 rows, d has 40."""
    groups = {"a": cell(20, 10, 25, 5), "d": cell(5, 5, 20, 10)}
    rest, own = split(groups, "d")
    found = {name: metric.of(rest, own) for name, metric in FACET_METRICS.items()}

    pa, pd = 25 / 60, 15 / 40
    expected = {
        "CI": 20 / 100,
        "DPL": pa - pd,
        "KL": pa * math.log(pa / pd) + (1 - pa) * math.log((1 - pa) / (1 - pd)),
        "LP": math.sqrt(2) * (pa - pd),
        "TVD": pa - pd,
        "KS": pa - pd,
        "DPPL": 30 / 60 - 10 / 40,
        "DI": (10 / 40) / (30 / 60),
        "DCA": 25 / 30 - 15 / 10,
        "DCR": 25 / 30 - 35 / 30,
        "RD": 20 / 25 - 5 / 15,
        "SD": 20 / 25 - 25 / 35,
        "DAR": 20 / 30 - 5 / 10,
        "DRR": 20 / 30 - 25 / 30,
        "AD": 45 / 60 - 25 / 40,
        "TE": 10 / 5 - 5 / 10,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    middle = (pa + pd) / 2
    js = sum(p * math.log(p / m) for q in (pa, pd) for p, m in ((q, middle), (1 - q, 1 - middle))) / 2
    assert found["JS"] == pytest.approx(js)
    benefit = [1] * 70 + [2] * 15 + [0] * 15
    assert found["GE"] == pytest.approx(sum((b / np.mean(benefit)) ** 2 - 1 for b in benefit) / 200)
    assert conditional_disparity({"all": groups}, "d", decisions=False) == pytest.approx(25 / 60 - 15 / 40)
    assert conditional_disparity({"all": groups}, "d", decisions=True) == pytest.approx(30 / 60 - 10 / 40)


def own_scores(score: list[float], positive: list[float], negative: list[float]) -> Scores:
    s, p, n = (np.array(v, dtype=float) for v in (score, positive, negative))
    return Scores(
        score=s, positive=p, negative=n, unknown=0 * s, rows=int((p + n).sum()), total=(float(s @ p), float(s @ n), 0.0)
    )


def test_calibration_and_balance_by_hand():
    own = own_scores([0.1, 0.15, 0.9], [1, 0, 8], [3, 4, 2])

    assert scores.calibration_error(own) == pytest.approx((8 * abs((0.4 + 0.6) / 8 - 1 / 8) + 10 * abs(0.9 - 0.8)) / 18)
    assert scores.balance(own, positive=True) == pytest.approx((0.1 + 7.2) / 9)
    assert scores.calibration_in_the_large(own) == pytest.approx((0.4 + 0.6 + 9 - 9) / 18)
    assert sum(one.weight for one in scores.reliability(own)) == 18


@pytest.mark.parametrize("own", [own_scores([], [], []), own_scores([0.5], [3], [0]), own_scores([0.5], [0], [3])])
def test_scores_of_one_class_have_no_discrimination(own: Scores):
    other = own_scores([0.1, 0.9], [1, 2], [2, 1])

    assert scores.auc(own) is None
    assert scores.abroca(own, other) is None
    assert auc_error(own) is None
    assert scores.roc(own) is None


def test_the_highest_scores_are_selected_and_ties_are_shared():
    groups = {"a": own_scores([1, 2], [0, 2], [2, 0]), "b": own_scores([2, 3], [2, 2], [0, 0])}

    assert scores.top_selected(groups, 4) == pytest.approx({"a": 0.25, "b": 0.75})
    assert scores.top_selected(groups, 100) == {"a": 1.0, "b": 1.0}
    assert scores.top_selected({}, 3) == {}


def test_standard_errors_of_the_area_hold_it_as_often_as_they_say():
    rng = np.random.default_rng(2)
    held_it, true = 0, 0.7602499389065233  # of two normal distributions, one apart: Phi(1 / sqrt(2))
    for _ in range(400):
        positives = rng.normal(1, 1, 60)
        negatives = rng.normal(0, 1, 80)
        s = np.concatenate([positives, negatives])
        order = np.argsort(s)
        own = own_scores(s[order].tolist(), (order < 60).astype(float).tolist(), (order >= 60).astype(float).tolist())
        held_it += abs((scores.auc(own) or 0) - true) <= 1.96 * (auc_error(own) or 0)

    assert held_it >= 364  # below 91 % has probability < 0.1 %, if 95 % is true


def test_many_different_scores_are_counted_in_bins_whose_means_are_exact():
    rng = np.random.default_rng(0)
    frame = {
        "g": rng.choice(["a", "b"], 3_000).tolist(),
        "y": rng.integers(2, size=3_000).tolist(),
        "p": rng.random(3_000).tolist(),
    }
    policy = policy_about("label: y, score: p")
    with opened(held(frame)) as relation:
        exact = score_counts(policy, relation, ("g",))
        binned = score_counts(policy, relation, ("g",), most=500)

    assert exact["a"].exact
    assert not binned["a"].exact
    assert len(binned["a"].score) <= 500
    assert scores.mean_score(binned["a"]) == pytest.approx(scores.mean_score(exact["a"]))
    assert scores.auc(binned["a"]) == pytest.approx(scores.auc(exact["a"]), abs=2e-3)


@pytest.mark.parametrize("definition", RATES_OF)
def test_no_mixture_of_thresholds_beats_the_frontier(definition: str):
    rng = np.random.default_rng(6)
    groups = {name: own_scores(list(range(5)), rng.integers(1, 20, 5).tolist(), rng.integers(1, 20, 5).tolist()) for name in "ab"}
    curves = {name: scores.roc(own) for name, own in groups.items()}
    gaps = (0.0, 0.05, 0.3, 1.0)
    points = frontier(curves, definition, gaps)
    total = sum(c.positives + c.negatives for c in curves.values())

    assert [p.gap for p in points] == list(gaps)
    assert [p.error for p in points] == sorted((p.error for p in points), reverse=True)
    for _ in range(1_000):  # random mixtures of random thresholds
        stand = {}
        for name, c in curves.items():
            share = rng.dirichlet(np.full(len(c.fpr), 0.3))
            stand[name] = (float(share @ c.fpr), float(share @ c.tpr))
        wrong = sum(curves[n].positives * (1 - t) + curves[n].negatives * f for n, (f, t) in stand.items()) / total
        base = {n: c.positives / (c.positives + c.negatives) for n, c in curves.items()}
        of = {name: {"fpr": f, "tpr": t, "selection": base[name] * t + (1 - base[name]) * f} for name, (f, t) in stand.items()}
        apart = max(abs(of["a"][rate] - of["b"][rate]) for rate in RATES_OF[definition])
        for point in points:
            assert apart > point.gap or wrong >= point.error - 1e-9


def ranked(*order: str) -> ranking.Ranking:
    """The ranking in which the first comes first; those written together share their places."""
    filled, own = [0], {name: [0.0] for name in sorted(set("".join(order)))}
    for tied in order:
        filled.append(filled[-1] + len(tied))
        for name, counts in own.items():
            counts.append(counts[-1] + tied.count(name))
    return ranking.Ranking(np.array(filled), {name: np.array(counts) for name, counts in own.items()})


def test_rankings_by_hand():
    assert ranking.exposure(ranked(*"abab"))["a"] == pytest.approx((1 + 1 / 2) / 2)
    assert ranking.exposure(ranked("ab")) == pytest.approx({name: (1 + 1 / math.log2(3)) / 2 for name in "ab"})
    assert ranking.exposure_ratio(ranked("a")) is None
    assert ranking.exposure_ratio(ranked("ab")) == pytest.approx(1.0)
    for of in ("rND", "rKL", "rRD"):
        assert ranking.prefix_disparity(ranked(*"a" * 20, *"b" * 20), "a", of=of) == pytest.approx(1.0)
        assert ranking.prefix_disparity(ranked(*"ab" * 20), "a", of=of) == pytest.approx(0.0)
        assert ranking.prefix_disparity(ranked("ab" * 20), "a", of=of) == pytest.approx(0.0)
        assert ranking.prefix_disparity(ranked(*"a" * 5), "a", of=of) is None
        assert ranking.prefix_disparity(ranked(*"ab"), "a", of=of) is None  # no prefix of ten
    assert ranking.pairwise_accuracy(["a", "b"], [1.0, 1.0], [1, 0]) == {("a", "b"): 0.5}
    assert ranking.pairwise_accuracy(["a", "b"], [1.0, float("nan")], [1, 0]) == {}


@pytest.mark.parametrize("of", ["rND", "rKL", "rRD"])
def test_prefixes_are_those_of_the_paper_s_sums(of: str):
    rng = np.random.default_rng(3)
    order = rng.choice(["a", "b"], 57, p=[0.3, 0.7]).tolist()

    def total(members: list[str]) -> float:
        own, found = members.count("a"), 0.0
        share = own / len(members)
        for end in range(10, len(members) + 1, 10):
            seen = members[:end].count("a")
            here, rest = seen / end, end - seen
            apart = {
                "rND": abs(here - share),
                "rKL": sum(p * math.log2(p / q) for p, q in ((here, share), (1 - here, 1 - share)) if p),
                "rRD": abs((seen / rest if rest else 0.0) - own / (len(members) - own)),
            }
            found += apart[of] / math.log2(end)
        return found

    best = max(total(sorted(order)), total(sorted(order, reverse=True)))
    assert ranking.prefix_disparity(ranked(*order), "a", of=of) == pytest.approx(total(order) / best, abs=1e-12)


def test_pairs_of_numbers_are_compared_in_blocks(monkeypatch):
    rng = np.random.default_rng(2)
    groups, scores, truths = rng.choice(["a", "b"], 40).tolist(), rng.integers(0, 6, 40), rng.integers(0, 6, 40)
    monkeypatch.setattr(ranking, "_BLOCK", 50)

    found = ranking.pairwise_accuracy(groups, scores, truths)

    pairs = [(i, j) for i in range(40) for j in range(40) if (groups[i], groups[j]) == ("a", "b") and truths[i] > truths[j]]
    right = sum(1.0 if scores[i] > scores[j] else 0.5 if scores[i] == scores[j] else 0.0 for i, j in pairs)
    assert found["a", "b"] == pytest.approx(right / len(pairs))


def test_predicted_numbers_without_a_row_or_without_spread():
    policy = policy_about("label: y, score: p")
    with opened(held({"g": ["a", "b", "b", None], "y": [1.0, None, 2.0, 3.0], "p": [2.0, 1.0, 2.0, float("inf")]})) as relation:
        found = errors(policy, relation, ("g",))

    assert (found["a"].mean, found["a"].r2, found["a"].covered) == (1.0, None, 1.0)
    assert found["b"].rows == 1
    assert bounded_group_loss(found) == ("a", 1.0)
    assert bounded_group_loss({}) is None


def test_people_who_are_alike_are_compared():
    x = [[0.0], [0.1], [5.0], [5.1]]

    assert consistency(x, [1, 1, 0, 0], neighbours=2) == 1.0
    assert consistency(x, [1, 0, 1, 0], neighbours=2) == 0.5
    assert consistency(x, [1, 0, 1, 0]) is None
    assert flip_test(x, [0, 1, 1, 0], [True, False, True, False]) == 0.0
    assert flip_test(x, [0, 1, 0, 1], [True, False, True, False]) == -1.0
    assert flip_test(x, [0, 1, 0, 1], [True] * 4) is None
    with pytest.raises(ValueError, match="missing"):
        consistency([[math.nan]], [1], neighbours=1)


def test_weights_count_in_values_and_shrink_the_sample_in_bounds():
    frame = {"g": ["a"] * 40 + ["b"] * 40, "d": [1, 0] * 40, "w": [1.0, 3.0] * 40}
    plain, weighted = policy_about("decision: d"), policy_about("decision: d, weight: w")
    with opened(held(frame)) as relation:
        one, other = audit(plain, relation), audit(weighted, relation)

    [ours] = [c for c in other.cells if c.group == "a"]
    [theirs] = [c for c in one.cells if c.group == "a"]
    assert (theirs.value, ours.value, ours.rows) == (0.5, 0.25, 40)
    assert any("Kish" in text for text in other.assumptions)


@pytest.mark.slow
def test_all_bounds_of_an_audit_hold_together_as_often_as_they_say():
    rng = np.random.default_rng(11)
    policy = policy_about("label: y, decision: d")
    true = {"selection_rate": 0.36, "base_rate": 0.4, "tpr": 0.6, "fpr": 0.2}
    held_all = 0
    for _ in range(100):
        g = rng.choice(["a", "b", "c"], 300)
        y = rng.random(300) < 0.4
        d = rng.random(300) < np.where(y, 0.6, 0.2)
        with opened(held({"g": g.tolist(), "y": y.tolist(), "d": d.tolist()})) as relation:
            found = audit(policy, relation)
        held_all += all((c.low or 0) <= true[c.metric] <= (c.high or 1) for c in found.cells if c.metric in true)

    assert held_all >= 89  # fewer has probability < 1 %, if 95 % is true


@pytest.mark.parametrize("decision", ["label: y", "decision: d", "label: y, score: p", "score: p, threshold: 0.5"])
def test_an_audit_of_a_part_of_the_columns_shows_that_part(decision: str):
    frame = {"g": ["a", "b"] * 10, "y": [1, 0] * 10, "d": [0, 1] * 10, "p": [0.2, 0.7] * 10}
    policy = policy_of(
        f"decision: {{table: t.csv, {decision}}}\nprotected: {{g: g}}\nrequire: [{{id: r, metric: tpr, over: g, at_most: 1}}]\n"
    )
    with opened(held(frame)) as relation:
        found = audit(policy, relation)

    shown = {c.metric for c in found.cells}
    assert ("base_rate" in shown) == ("label" in decision)
    assert ("selection_rate" in shown) == ("decision" in decision or "threshold" in decision)
    assert bool(found.scores) == ("score" in decision)


def test_counts_of_a_group_come_from_the_table():
    found = confusions(policy_about("label: y, decision: d"), {"g": ["a", "a", None], "y": [1, 0, 1], "d": [1, 1, 0]}, "g")

    assert (found["a"].tp, found["a"].fp, found["(missing)"].fn) == (1, 1, 1)
