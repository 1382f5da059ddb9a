"""Audits from programs: all kinds of tables in memory give the same, and mistakes are said."""

import doctest
import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from probatum.errors import ProbatumError, UnreadableArtefact, UsageError
from probatum.fairness import FairnessAudit, by_group, definitions, fairness_metric, fairness_scorer
from probatum.fairness.service import audit as module

POLICY = {
    "decision": {"label": "y", "decision": "d", "score": "p"},
    "protected": {"sex": "sex"},
    "require": [{"id": "alike", "metric": "selection_rate", "over": "sex", "at_most": 0.1}],
}


def columns(n: int = 800) -> dict[str, list]:
    rng = np.random.default_rng(3)
    sex = rng.choice(["f", "m"], n)
    p = np.where(sex == "m", 0.3, 0.0) + rng.random(n) * 0.6
    return {
        "sex": sex.tolist(),
        "y": (rng.random(n) < p).astype(int).tolist(),
        "d": (p > 0.4).astype(int).tolist(),
        "p": p.tolist(),
    }


DATA = columns()
FRAMES = {
    "mapping": lambda: DATA,
    "pandas": lambda: pd.DataFrame(DATA),
    "pandas, categories": lambda: pd.DataFrame(DATA).astype({"sex": "category", "y": "bool"}),
    "polars": lambda: pl.DataFrame(DATA),
    "polars, lazy": lambda: pl.DataFrame(DATA).lazy(),
    "arrow": lambda: pa.table(DATA),
    "duckdb": lambda: duckdb.connect().from_arrow(pa.table(DATA)),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_table_gives_the_same_audit(kind: str):
    audit = FairnessAudit(POLICY).fit(FRAMES[kind]())

    [finding] = audit.findings_
    assert finding.rule == "fairness/group-gap"
    groups = {"f": DATA["sex"].count("f"), "m": DATA["sex"].count("m")}
    for cell in audit.audit_.cells:
        if cell.metric == "selection_rate":
            hits = sum(d for d, s in zip(DATA["d"], DATA["sex"], strict=True) if s == cell.group)
            assert (cell.hits, cell.trials) == (hits, groups[cell.group])


def test_columns_may_be_given_as_arrays_beside_the_table():
    whole = FairnessAudit(POLICY).fit(pd.DataFrame(DATA))
    x = np.zeros((len(DATA["y"]), 2))

    parts = FairnessAudit(POLICY).fit(x, DATA["y"], groups=np.array(DATA["sex"]), predictions=DATA["d"], scores=DATA["p"])

    assert parts.audit_ == whole.audit_


def test_predictions_of_an_estimator_are_audited():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    x = pd.DataFrame({"a": rng.normal(size=400), "sex": rng.choice(["f", "m"], 400)})
    y = (x.a + (x.sex == "m") + rng.normal(size=400) > 0.5).astype(int)
    model = LogisticRegression().fit(x[["a"]].to_numpy(), y)

    class Ours:
        def predict(self, rows):
            return model.predict(rows[["a"]].to_numpy())

    policy = {**POLICY, "decision": {"label": "y", "decision": "d"}}
    audit = FairnessAudit(policy, estimator=Ours()).fit(x, y)

    rate = next(c for c in audit.audit_.cells if (c.metric, c.group) == ("tpr", "m"))
    mine = (x.sex == "m") & (y == 1)
    assert rate.value == model.predict(x[mine][["a"]].to_numpy()).mean()


@pytest.mark.parametrize(
    ("policy", "given", "error", "said"),
    [
        (POLICY, {"X": {"sex": ["f"], "y": [1], "d": [1]}}, UnreadableArtefact, "no column `p`"),
        (POLICY, {"X": {"sex": ["f"]}, "y": [1, 0]}, UnreadableArtefact, "has 1 rows"),
        (POLICY, {"X": {}}, UnreadableArtefact, "cannot be read"),
        (POLICY, {"X": pd.DataFrame(DATA), "sample_weight": [1.0]}, UsageError, "no column for it"),
        (POLICY, {"X": pd.DataFrame(DATA), "groups": {"race": DATA["sex"]}}, UsageError, "`race`"),
        ({}, {"X": {}}, UnreadableArtefact, "no `decision`"),
        ("nowhere.yaml", {"X": {}}, UsageError, "no policy"),
    ],
)
def test_mistakes_are_said(policy, given: dict, error: type[Exception], said: str):
    with pytest.raises(error, match=said):
        FairnessAudit(policy).fit(given.pop("X"), **given)


@pytest.mark.parametrize(
    "frame",
    [
        {"sex": ["f", "f"], "y": [1, 1], "d": [1, 1], "p": [0.5, 0.5]},
        {"sex": [None, "f"], "y": [None, None], "d": [1, 0], "p": [float("nan"), 0.2]},
        {"sex": ["f", "m"], "y": [float("nan"), 1.0], "d": [None, None], "p": [float("inf"), float("-inf")]},
        {"sex": [1, "x"], "y": [True, False], "d": ["1", "0"], "p": ["0.1", "nan"]},
        pytest.param(
            {"sex": [f"g{n}" for n in range(10_000)], "y": [1, 0] * 5_000, "d": [1, 0] * 5_000, "p": [0.5] * 10_000},
            marks=pytest.mark.slow,
        ),
    ],
    ids=["one class", "missing", "infinite", "texts", "10,000 groups"],
)
def test_odd_tables_give_a_third_verdict_and_no_crash(frame: dict):
    audit = FairnessAudit(POLICY).fit(frame)

    assert audit.findings_ == []
    assert audit.undecided_ != []


def test_parameters_are_those_of_scikit_learn():
    from sklearn.base import clone

    audit = clone(FairnessAudit(POLICY, seed=3))

    assert audit.get_params()["seed"] == 3
    with pytest.raises(UsageError, match="no parameter"):
        audit.set_params(sed=1)


@pytest.mark.parametrize("name", ["demographic_parity_difference", "equalized_odds_ratio", "theil_index"])
def test_definitions_are_functions_of_arrays(name: str):
    frame = pd.DataFrame(DATA)
    audited = FairnessAudit(POLICY).fit(frame).audit_
    [line] = [line for line in audited.lines if line.definition == name]

    assert fairness_metric(name)(frame.y, frame.d, sensitive_features=frame.sex) == pytest.approx(line.value, abs=1e-12)
    assert name in definitions()


def test_definitions_are_scorers():
    from sklearn.dummy import DummyClassifier
    from sklearn.model_selection import cross_validate

    x = np.column_stack([np.arange(100) % 2, np.arange(100)])
    y = (np.arange(100) % 4 < 2).astype(int)
    scorer = fairness_scorer("demographic_parity_difference", groups=0)

    scores = cross_validate(DummyClassifier(strategy="constant", constant=1), x, y, scoring={"fair": scorer})

    assert scores["test_fair"].tolist() == [0.0] * 5


def test_definitions_are_routed_by_scikit_learn():
    from sklearn import config_context
    from sklearn.dummy import DummyClassifier
    from sklearn.metrics import make_scorer
    from sklearn.model_selection import cross_validate

    y = (np.arange(100) % 4 < 2).astype(int)
    groups = np.where(np.arange(100) % 3, "a", "b")
    with config_context(enable_metadata_routing=True):
        scorer = make_scorer(fairness_metric("demographic_parity_ratio")).set_score_request(sensitive_features=True)
        scores = cross_validate(
            DummyClassifier(strategy="constant", constant=1),
            np.zeros((100, 1)),
            y,
            scoring=scorer,
            params={"sensitive_features": groups},
        )

    assert scores["test_score"].tolist() == [1.0] * 5


def test_any_function_is_computed_by_group_and_its_bounds_hold_the_value():
    from sklearn.metrics import balanced_accuracy_score

    frame = pd.DataFrame(DATA)
    found = by_group(balanced_accuracy_score, frame.y, frame.d, groups=frame.sex, replicates=50)

    for name, part in frame.groupby("sex"):
        assert found[name].value == balanced_accuracy_score(part.y, part.d)
        assert found[name].low < found[name].value < found[name].high
        assert found[name].n == len(part)


def test_a_function_that_fails_for_every_group_is_a_mistake_and_for_one_group_is_no_value():
    def strict(truth, guess):
        if len(set(truth)) < 2:
            raise ValueError("one class only")
        return 1.0

    found = by_group(strict, [0, 1, 1, 1], [0, 1, 1, 1], groups=["a", "a", "b", "b"], replicates=0)

    assert (found["a"].value, np.isnan(found["b"].value)) == (1.0, True)
    with pytest.raises(UsageError, match="fails for every group: ValueError: one class only"):
        by_group(strict, [1, 1], [1, 1], groups=["a", "b"])


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(UsageError, match="200 for `y`, 3 for `d`"):
        FairnessAudit(POLICY).fit({"sex": ["f"] * 200}, [1] * 200, predictions=[1, 0, 1])


@pytest.mark.slow
def test_bounds_of_any_function_hold_together_about_as_often_as_they_say():
    rng = np.random.default_rng(8)
    held = 0
    for seed in range(300):
        g = np.repeat([0, 1, 2], 120)
        y = rng.normal(g, 1.0)
        found = by_group(lambda t, p: float(np.mean(t - p)), y, np.zeros(360), groups=g, replicates=100, seed=seed)
        held += all(found[str(k)].low <= k <= found[str(k)].high for k in range(3))

    assert held >= 270  # 95 % promised; below 90 % has probability < 0.1 %


@pytest.mark.parametrize(
    ("truth", "guess", "groups"),
    [([], [], []), ([1], [1], ["a"]), ([None, np.nan], [1, 0], ["a", "b"]), ([1, 0], [1, 0], [None, pd.NA])],
)
def test_what_cannot_be_told_is_nan(truth: list, guess: list, groups: list):
    assert np.isnan(fairness_metric("equal_opportunity_difference")(truth, guess, sensitive_features=groups))


@pytest.mark.parametrize(("truth", "said"), [(["yes"], "texts"), ([2], "neither 0 nor 1"), ([1, 0], "one value for each row")])
def test_what_is_no_truth_is_said(truth: list, said: str):
    with pytest.raises(ProbatumError, match=said):
        fairness_metric("theil_index")(truth, [1], sensitive_features=["a"])


def test_nothing_heavy_is_loaded_before_it_is_used():
    program = (
        "import sys, probatum.fairness; "
        "print([m for m in ('numpy', 'duckdb', 'scipy', 'pandas', 'yaml') if m in sys.modules], probatum.fairness.FairnessAudit)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("[] <class 'probatum.fairness.service.audit.FairnessAudit'>")


def test_the_example_of_the_documentation_is_true():
    assert doctest.testmod(module).failed == 0
