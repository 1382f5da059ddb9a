"""Twins that are found are told apart by the library itself, by as much as is claimed."""

import math

import numpy as np
import pandas as pd
import pytest

from probatum.fairness.artefacts.models import read_model
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.recheck.twins import walk
from probatum.source import Source

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")

TWINS = [Twins(vary=("b",)), Twins(vary=("b",), tolerance={"a": 0.25}), Twins(more={"c": 1})]


def table() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.normal(size=500), "b": rng.integers(0, 3, 500).astype(float), "c": rng.integers(0, 9, 500).astype(float)}
    )
    label = (frame.a + (frame.b == 1) + frame.c / 4 + rng.normal(size=500) > 2).astype(int)
    frame.loc[::9, "a"] = math.nan
    return frame, label


def asked(model, source: Source, twins: Twins):
    missing = "a" not in twins.tolerance
    domain = Domain(features={"a": Range(-3, 3, missing=missing), "b": Range(0, 2, whole=True), "c": Range(0, 8, whole=True)})
    question = Question(model=model, digest=source.digest, domain=domain, twins=twins, output=Output.RAW)
    found = answer(question)
    assert walk(model, found.certificate, found.upper).status == "confirmed"
    return found


@pytest.mark.slow
@pytest.mark.parametrize("twins", TWINS, ids=lambda twins: "-".join(twins.differing()))
def test_lightgbm_tells_them_apart(twins: Twins):
    frame, label = table()
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 8, "verbose": -1, "num_threads": 1}, lightgbm.Dataset(frame, label), 20
    )
    source = Source("m.txt", booster.model_to_string().encode())

    found = asked(read_model(source), source, twins)

    one, two = booster.predict(np.array([[person[name] for name in "abc"] for person in found.pair]), raw_score=True)
    assert one - two == pytest.approx(found.lower, abs=1e-12)
    assert found.lower == pytest.approx(found.upper, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("twins", TWINS, ids=lambda twins: "-".join(twins.differing()))
def test_xgboost_tells_them_apart(twins: Twins):
    frame, label = table()
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1}, xgboost.DMatrix(frame, label), 20)
    source = Source("m.ubj", bytes(booster.save_raw("ubj")))

    found = asked(read_model(source), source, twins)

    rows = pd.DataFrame([[person[name] for name in "abc"] for person in found.pair], columns=list("abc"))
    one, two = booster.predict(xgboost.DMatrix(rows), output_margin=True).astype(float)
    assert one - two == found.lower
    assert found.lower == pytest.approx(found.upper, abs=1e-4)  # sums of 32 bits
