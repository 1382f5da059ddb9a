"""Columns that change their unit or their names are found, others are not, and chance finds nothing."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from held_tables import held, policy_of

from probatum.fairness.model.unit_drift import conversions, log_chance
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import unit_drift
from probatum.findings import Cleared, Finding, Severity, Undecided
from probatum.tools import Tools

POLICY = policy_of(
    "decision: {table: t.csv, decision: d}\nprotected: {g: g}\nrequire: [{id: r, metric: selection_rate, over: g, at_most: 0.5}]\n"
)
START = date(2020, 1, 1)


def table(n: int = 400, seed: int = 1, **more):
    rng = np.random.default_rng(seed)
    days = [(START + timedelta(days=int(k))).isoformat() for k in np.arange(n) // 2]
    return {"day": days, "g": rng.choice(["a", "b"], n).tolist(), "d": rng.integers(0, 2, n).tolist()} | more


def outcomes(frame, policy=POLICY):
    inputs = {"data:t.csv": held(frame)}
    found = list(unit_drift.check(policy, Tools(inputs=inputs)))
    for one in found:
        if isinstance(one, Finding):
            assert recheck(policy, one.evidence, inputs).status == "confirmed"
    return found


@pytest.mark.parametrize("conversion", [c for c in conversions() if c.scale > 1], ids=lambda c: c.name)
def test_numbers_in_another_unit_are_found_with_their_moment(conversion):
    before = np.random.default_rng(3).normal(40, 3, 400)
    after = before[::-1] * conversion.scale + conversion.shift
    [found] = outcomes(table(x=np.where(np.arange(400) < 230, before, after).tolist()))

    assert found.evidence.counts["since"] == pytest.approx(86400 * ((START - date(1970, 1, 1)).days + 115))
    assert abs(np.log(found.evidence.counts["scale"] / conversion.scale)) < 0.1
    assert found.severity is Severity.WARNING


def test_a_month_in_another_unit_is_found_at_both_ends():
    numbers = np.random.default_rng(4).normal(70, 9, 600)
    numbers[200:420] *= 1000

    found = outcomes(table(600, x=numbers.tolist()))

    assert sorted(round(np.log10(one.evidence.counts["scale"])) for one in found) == [-3, 3]


def test_a_protected_attribute_that_is_renamed_is_an_error():
    frame = table()
    frame["g"] = [one.upper() if k >= 200 else one for k, one in enumerate(frame["g"])]

    [found] = outcomes(frame)

    assert found.severity is Severity.ERROR
    assert (found.evidence.counts["ended"], found.evidence.counts["started"]) == (["a", "b"], ["A", "B"])


def test_one_value_of_several_that_is_renamed_is_found():
    sites = np.random.default_rng(5).choice(["x", "y", "z"], 400).tolist()
    [found] = outcomes(table(s=["zz" if k >= 150 and one == "z" else one for k, one in enumerate(sites)]))

    assert (found.evidence.counts["ended"], found.evidence.counts["started"]) == (["z"], ["zz"])


@pytest.mark.parametrize(
    "column",
    [
        lambda k, rng: rng.normal(50 + k / 10, 5),  # a trend
        lambda k, rng: float(k),  # a running number
        lambda k, rng: rng.lognormal(0, 3),  # wide
        lambda k, rng: rng.normal(50, 5) + (200 if k > 200 else 0),  # a jump that is no conversion
        lambda k, rng: f"m{k // 40}",  # months
        lambda k, rng: "v1" if k < 200 else "v2",  # a version
        lambda k, rng: rng.choice(["x", "y"]) if k < 200 else rng.choice(["x", "y", "new"]),
        lambda k, rng: None,
        lambda k, rng: 7,
    ],
)
def test_what_changes_otherwise_is_not_found(column):
    rng = np.random.default_rng(6)

    [found] = outcomes(table(x=[column(k, rng) for k in range(400)]))

    assert isinstance(found, Cleared)


@pytest.mark.slow
def test_chance_finds_nothing_more_often_than_it_may():
    """Of 40 tables of values without any order at most 2 are expected with a finding; 7 have a probability below 1 %."""
    wrong = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        frame = table(
            60,
            seed,
            x=rng.lognormal(0, 1, 60).tolist(),
            c=rng.choice([1, 1000], 60).tolist(),
            s=rng.permutation(60).astype(str).tolist(),
        )
        wrong += any(isinstance(one, Finding) for one in outcomes(frame))
    assert wrong < 7


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(10, 10), (40, 7), (200, 300)])
def test_the_bound_of_chance_holds(n, m):
    rng = np.random.default_rng(7)
    grid = np.arange(n + m)
    far = []
    for _ in range(4000):
        order = rng.permutation(n + m)
        one = np.isin(grid, order[:n])
        far.append(np.abs(one.cumsum() / n - (~one).cumsum() / m).max())
    for alpha in (0.5, 0.1, 0.02):
        limit = next(d for d in np.linspace(0, 1.5, 3001) if log_chance(d, n, m) <= np.log(alpha))
        assert np.mean(np.array(far) > limit) <= alpha


def test_evidence_that_was_changed_is_refuted():
    before = np.random.default_rng(3).normal(40, 3, 400)
    frame = table(x=np.where(np.arange(400) < 230, before, before * 1000).tolist())
    [found] = outcomes(frame)
    inputs = {"data:t.csv": held(frame)}
    for change in (
        {"rows": [231, 169]},
        {"distance": 1.0001},
        {"converted": 0.5},
        {"column": "d"},
        {"log10": -300.0},
        {"scale": 100.0},
    ):
        forged = replace(found.evidence, counts={**found.evidence.counts, **change})
        assert recheck(POLICY, forged, inputs).status == "refuted", change
    assert recheck(POLICY, replace(found.evidence, family=1), inputs).status == "refuted"


def test_strange_tables_are_answered():
    assert outcomes({"g": ["a"], "d": [1]}) == []
    [few] = outcomes(table(8, x=[1.0] * 8))
    assert isinstance(few, Undecided)
    [empty] = outcomes(table(x=[float("nan")] * 400, y=[""] * 400, z=[float("inf")] * 400))
    assert isinstance(empty, Cleared)


def test_moments_that_the_policy_names_count():
    frame = table(x=[1.0 + k % 7 if k < 200 else 1000.0 * (1 + k % 7) for k in range(400)])
    frame["later"] = frame["day"][::-1]
    named = policy_of(
        "decision: {table: t.csv, decision: d}\nprotected: {g: g}\npreparation: {decided_at: later}\n"
        "require: [{id: r, metric: selection_rate, over: g, at_most: 0.5}]\n"
    )

    [found] = outcomes(frame, named)

    assert found.evidence.counts["scale"] == pytest.approx(1 / 1000)
