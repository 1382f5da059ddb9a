"""Repairs: what passes the safety test keeps the policy, and what it costs is what it costs."""

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.model.repairs import thresholds
from probatum.fairness.model.repairs.front import apart
from probatum.fairness.model.repairs.people import People, people_of
from probatum.fairness.model.repairs.retrained import averaged, reweighing
from probatum.fairness.model.repairs.safety import judged, price, tightened
from probatum.fairness.model.repairs.search import search
from probatum.fairness.repair import propose
from probatum.fairness.rules import group_gap
from probatum.fairness.semantics.relation import opened
from probatum.findings import Finding
from probatum.source import DATA, Data, Source
from probatum.testing.promises import applied
from probatum.tools import Tools

POLICY = """\
decision: {table: t.parquet, score: p, threshold: 0.5, label: y}
protected: {g: g}
require:
  - {id: eo, metric: tpr, over: g, at_most: 0.1}
"""


def policy(text: str = POLICY):
    [found] = read(Source("fairness.yaml", text.encode()), {})
    return found


def people(n: int, seed: int = 0, *, names: tuple[str, ...] = ("a", "b"), shift: float = 0.15) -> People:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, len(names), n)
    score = np.clip(rng.normal(0.5, 0.2, n), 0, 1)
    label = (rng.random(n) < score).astype(np.int8)
    seen = np.round(np.clip(score - shift * (group == 0), 0, 1), 3)
    return People(
        score=seen,
        label=label,
        decision=(seen >= 0.5).astype(np.int8),
        group=group,
        names=names,
        half=rng.integers(0, 2, n).astype(np.int8),
        cluster=np.arange(n),
        clustered=False,
    )


def table(folder: Path, of: People) -> Data:
    pandas = pytest.importorskip("pandas")
    place = folder / "t.parquet"
    x = of.score + np.random.default_rng(0).normal(0, 0.1, len(of.score))
    columns = {"p": of.score, "y": of.label, "g": np.array(of.names)[of.group], "x": x}
    pandas.DataFrame(columns).to_parquet(place)
    return Data("t.parquet", b"", place=str(place))


@pytest.mark.parametrize("compare", list(Compare))
@pytest.mark.parametrize("seed", range(3))
def test_no_thresholds_of_the_curves_are_cheaper(compare: Compare, seed: int):
    own = people(80, seed, names=("a", "b", "c"))
    required = replace(policy().requirements[0], metrics=("selection_rate",), compare=compare, bound=0.05)
    bound = 0.05 if compare is Compare.DIFFERENCE else 0.9
    curves = {
        name: thresholds.Curve(c.thresholds[::4], c.rates[:, ::4], c.cost[::4])
        for name, c in thresholds.curves(own, required).items()
    }

    found = thresholds.by_group(curves, required, bound)

    def cost(choice: tuple[int, ...]) -> float:
        rates = [curve.rates[0][at] for curve, at in zip(curves.values(), choice, strict=True)]
        far = (
            max(rates) - min(rates) > bound + 1e-12 if compare is Compare.DIFFERENCE else min(rates) < bound * max(rates) - 1e-12
        )
        return math.inf if far else sum(curve.cost[at] for curve, at in zip(curves.values(), choice, strict=True))

    best = min(cost(choice) for choice in itertools.product(*(range(len(c.cost)) for c in curves.values())))
    mine = tuple(int(np.flatnonzero(curves[name].thresholds == found[name])[0]) for name in curves)
    assert cost(mine) == best


def test_a_lottery_costs_no_more_than_any_thresholds():
    own = people(600, 4)
    required = replace(policy().requirements[0], metrics=("tpr", "fpr"))
    curves = thresholds.curves(own, required)

    one, many = thresholds.by_group(curves, required, 0.05), thresholds.lottery(curves, required, 0.05)

    certain = sum(float(c.cost[np.flatnonzero(c.thresholds == one[n])[0]]) for n, c in curves.items())
    mixed = sum(p * float(c.cost[np.flatnonzero(c.thresholds == t)[0]]) for n, c in curves.items() for t, p in many[n])
    assert mixed <= certain + 1e-9
    for metric in range(2):
        rates = [
            sum(p * float(c.rates[metric][np.flatnonzero(c.thresholds == t)[0]]) for t, p in many[n]) for n, c in curves.items()
        ]
        assert max(rates) - min(rates) <= 0.05 + 1e-6


@pytest.mark.long
def test_what_is_beyond_the_policy_seldom_passes():
    """True gap exactly what is allowed: of 300 candidates at most 5 % may pass, with room for chance at 1 %."""
    rng = np.random.default_rng(7)
    required = replace(policy().requirements[0], metrics=("selection_rate",), bound=0.1)
    n, runs, passed = 600, 300, 0
    group = np.arange(n) % 2
    own = people(n, 0)
    for _ in range(runs):
        decision = (rng.random(n) < np.where(group == 0, 0.4, 0.5)).astype(np.int8)
        drawn = replace(own, group=group, half=np.ones(n, np.int8), decision=decision)
        passed += all(one.passed for one in judged(drawn, decision, required, alpha=0.05, min_cell=20))

    assert passed <= 0.05 * runs + 2.33 * math.sqrt(0.05 * 0.95 * runs)
    assert passed > 0  # the test is not so strict that nothing passes


@pytest.mark.long
def test_clusters_that_are_alike_count_as_what_they_are():
    """Each person five times: as if rows were independent, a gap beyond the policy would pass too often."""
    rng = np.random.default_rng(9)
    required = replace(policy().requirements[0], metrics=("selection_rate",), bound=0.1)
    persons, runs, passed = 300, 200, 0
    group = np.repeat(np.arange(persons) % 2, 5)
    base = people(persons * 5, 0)
    for _ in range(runs):
        decision = np.repeat((rng.random(persons) < np.where(np.arange(persons) % 2 == 0, 0.4, 0.5)).astype(np.int8), 5)
        own = replace(
            base, group=group, half=np.ones(persons * 5, np.int8), cluster=np.repeat(np.arange(persons), 5), clustered=True
        )
        passed += all(one.passed for one in judged(own, decision, required, alpha=0.05, min_cell=20))

    assert passed <= 0.05 * runs + 2.33 * math.sqrt(0.05 * 0.95 * runs)


@pytest.mark.slow
def test_thresholds_that_keep_the_policy_are_found_and_priced(tmp_path: Path):
    own = policy()
    with opened(table(tmp_path, people(20_000))) as relation:
        found = search(own, own.requirements[0], ("g",), relation)

    best = next(one for one in found.candidates if one.name == "group-thresholds")
    assert not any(one.passed for one in found.now)
    assert best.passed
    assert best.needs_group
    assert all(test.gap.high <= 0.1 for test in best.tests)
    assert abs(best.price.accuracy_after[0] - best.price.accuracy_before[0]) < 0.05
    assert {change.group for change in best.price.changes} == {"a", "b"}


@pytest.mark.slow
def test_where_nothing_is_known_well_enough_no_solution_is_found(tmp_path: Path):
    own = policy(POLICY.replace("0.1}", "0.01}"))
    with opened(table(tmp_path, people(400))) as relation:
        found = search(own, own.requirements[0], ("g",), relation)

    assert found.candidates
    assert not any(one.passed for one in found.candidates)


@pytest.mark.slow
def test_models_are_trained_anew_and_tested_like_any_other(tmp_path: Path):
    pytest.importorskip("sklearn")
    own = policy()
    with opened(table(tmp_path, people(4000))) as relation:
        found = search(own, own.requirements[0], ("g",), relation, retrain=True, increasing=("x",))

    assert {"reweighing", "neutralised", "monotone"} <= {one.name for one in found.candidates}


def test_who_loses_and_gains_is_counted():
    own = replace(people(4), half=np.ones(4, np.int8), group=np.array([0, 0, 1, 1]), decision=np.array([1, 1, 0, 0], np.int8))

    a, b = price(own, np.array([1, 0, 1, 0], np.int8), favourable=True, alpha=0.05).changes

    assert (a.lost[0], a.gained[0], b.lost[0], b.gained[0]) == (0.5, 0.0, 0.0, 0.5)
    assert a.lost[1] < 0.5 < a.lost[2]


def test_weights_make_group_and_truth_independent():
    own = people(500, 3)
    weights = reweighing(own)

    mass = np.array([weights[own.names[g], int(y)] for g, y in zip(own.group, own.label, strict=True)])
    rates = [mass[(own.group == g) & (own.label == 1)].sum() / mass[own.group == g].sum() for g in (0, 1)]
    assert rates[0] == pytest.approx(rates[1])


def test_an_attribute_that_is_averaged_out_makes_no_difference():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(50, 3))
    twins = rows.copy()
    twins[:, 2] = rng.normal(size=50)
    values, shares = np.array([[0.0], [1.0]]), np.array([0.3, 0.7])

    def score(x: np.ndarray) -> np.ndarray:
        return np.tanh(x[:, 0] * x[:, 2] + x[:, 1])

    assert (averaged(score, rows, [2], values, shares) == averaged(score, twins, [2], values, shares)).all()
    assert (score(rows) != score(twins)).any()


def test_a_stricter_bound_is_between_the_policy_and_equality():
    required = policy().requirements[0]

    assert tightened(required, 0.5) == pytest.approx(0.05)
    assert tightened(replace(required, compare=Compare.RATIO, bound=0.8), 0.5) == pytest.approx(0.9)


@pytest.mark.slow
def test_another_threshold_is_an_edit_that_clears_the_finding(tmp_path: Path):
    rng = np.random.default_rng(11)
    own = people(20_000)
    # Just below one half stand many of one group: any other threshold is fairer.
    score = np.where((own.group == 0) & (rng.random(20_000) < 0.3), 0.49, own.score + 0.15 * (own.group == 0))
    data = table(tmp_path, replace(own, score=np.round(np.clip(score, 0, 1), 3)))
    source = Source("fairness.yaml", POLICY.replace("tpr", "selection_rate").encode())
    [before] = read(source, {})
    tools = Tools(inputs={DATA + "t.parquet": data, source.path: source})
    [finding] = group_gap.check(before, tools)

    [repair] = propose(before, finding, tools)
    [after] = read(applied(source, repair.edits), {})

    assert isinstance(finding, Finding)
    assert after.decision.threshold != 0.5
    assert not any(isinstance(o, Finding) for o in group_gap.check(after, tools))


@pytest.mark.parametrize(
    "change", [{"score": np.full(60, np.nan)}, {"label": np.full(60, -1, np.int8)}, {"group": np.zeros(60, int)}]
)
@pytest.mark.slow
def test_what_tables_lack_never_ends_in_a_crash(tmp_path: Path, change: dict[str, np.ndarray]):
    pandas = pytest.importorskip("pandas")
    own = replace(people(60), **change)
    columns = {"p": own.score, "y": np.where(own.label < 0, None, own.label), "g": np.array(own.names)[own.group]}
    pandas.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    asked = policy(POLICY.replace("t.parquet", "t.csv"))
    with opened(Data("t.csv", b"", place=str(tmp_path / "t.csv"))) as relation:
        assert people_of(asked, relation, ("g",)).names
        found = search(asked, asked.requirements[0], ("g",), relation)

    assert not any(one.passed for one in found.candidates)


@pytest.mark.slow
def test_nearness_has_a_price_at_every_step(tmp_path: Path):
    """On the half that settings are fitted to, no setting of a kind is better than another in both gap and errors."""
    of = people(4000)
    with opened(table(tmp_path, of)) as relation:
        found = search(policy(), policy().requirements[0], ("g",), relation)
        seen = people_of(policy(), relation, ("g",), seed=0)

    assert {one.name for one in found.front} == {"threshold", "group-thresholds", "lottery"}
    required = policy().requirements[0]
    own = [one for one in found.front if one.name == "group-thresholds"]
    fit = seen.half == 0
    decisions = [thresholds.decided(seen, one.setting["thresholds"]) for one in own]
    gaps = [apart(seen, decision, required) for decision in decisions]
    errors = [int((decision[fit] != seen.label[fit]).sum()) for decision in decisions]
    assert len(own) > 2
    assert gaps == sorted(gaps, reverse=True)
    assert len(set(gaps)) == len(gaps)
    assert errors == sorted(errors)
    # Bounds hold for all of them together, so they are wider than those of one alone.
    alone = judged(seen, decisions[0], required, alpha=0.05, min_cell=20)[0].gap
    assert own[0].tests[0].gap.high > alone.high
