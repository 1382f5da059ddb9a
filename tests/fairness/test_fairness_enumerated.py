"""Ensembles that the libraries train: the largest difference between twins is that of asking everybody, and its cover is confirmed."""

import json
import warnings

import numpy as np
import pytest
from random_models import largest_by_enumeration, question_about

from probatum.fairness.artefacts.models import read_model
from probatum.fairness.artefacts.models.describe import described
from probatum.fairness.artefacts.models.model import Missing, splits
from probatum.fairness.artefacts.twins import Output
from probatum.fairness.model.certify.answer import answer
from probatum.fairness.recheck.twins import walk
from probatum.source import Source

NAMES = ["a", "b", "c", "d"]


def people(rng: np.random.Generator, missing: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the domain of `question_about`: whole numbers, three values, and a category."""
    rows = np.column_stack(
        [rng.integers(0, 6, 150), rng.integers(0, 5, 150), rng.choice([0, 1, 2.5], 150), rng.integers(0, 4, 150)]
    )
    label = rows @ rng.normal(size=4) + rng.normal(size=150) > 0
    label[:2] = (False, True)
    rows = rows.astype(float)
    if missing:
        rows[rng.random(150) < 0.2, 0] = np.nan
        rows[rng.random(150) < 0.2, 3] = np.nan
    return rows, label.astype(int)


def trained(library: str, rng: np.random.Generator, rows: np.ndarray, label: np.ndarray) -> Source:
    seed = int(rng.integers(1000))
    if library == "lightgbm":
        lightgbm = pytest.importorskip("lightgbm")
        how = {
            "objective": "binary",
            "num_leaves": 6,
            "verbose": -1,
            "min_data_in_leaf": 3,
            "min_data_per_group": 1,
            "num_threads": 1,
        }
        data = lightgbm.Dataset(rows, label, feature_name=NAMES, categorical_feature=["d"])
        return Source("m.txt", lightgbm.train(how | {"cat_smooth": 1, "seed": seed}, data, 6).model_to_string().encode())
    if library == "xgboost":
        xgboost = pytest.importorskip("xgboost")
        how = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "seed": seed}
        return Source("m.json", bytes(xgboost.train(how, xgboost.DMatrix(rows, label, feature_names=NAMES), 6).save_raw("json")))
    ensemble = pytest.importorskip("sklearn.ensemble")
    model = {
        "forest": lambda: ensemble.RandomForestClassifier(6, max_depth=4, random_state=seed),
        "boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=6, max_depth=3, random_state=seed),
        "histograms": lambda: ensemble.HistGradientBoostingClassifier(
            max_iter=6, max_leaf_nodes=6, min_samples_leaf=3, random_state=seed
        ),
    }[library]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(rows, label)
    return Source("m.json", json.dumps(described(model, NAMES)).encode())


@pytest.mark.slow
@pytest.mark.parametrize("library", ["lightgbm", "xgboost", "forest", "boosting", "histograms"])
@pytest.mark.parametrize("seed", range(200))
def test_what_is_proved_is_what_everybody_says(library: str, seed: int):
    rng = np.random.default_rng(seed)
    model = read_model(trained(library, rng, *people(rng, library != "boosting")))
    missing = all(split.missing is not Missing.NEVER for tree in model.trees for split in splits(tree))
    question = question_about(model, rng, missing=missing)

    found = answer(question)

    best = largest_by_enumeration(question)
    near = 1e-4  # sums of 32 bits are rounded, and so much is allowed for
    if question.output is Output.DECISION and best <= 0:
        assert found.upper <= near
        return
    assert found.lower == pytest.approx(best, abs=near)
    assert best <= found.upper + 1e-12
    assert found.upper <= best + near
    if question.output is not Output.DECISION:
        assert walk(model, found.certificate, found.upper).status == "confirmed"
