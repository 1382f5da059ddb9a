"""Models as they are read say what their libraries say, bit for bit, also of missing values and of values at thresholds."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models import Linear, Link, Network, TreeSum, read_model
from probatum.fairness.artefacts.models.model import Rounding, splits
from probatum.fairness.artefacts.models.ubj import UbjError, decode
from probatum.fairness.model.certify.variables import change_points
from probatum.fairness.semantics.scoring import goes_left, linked, raw_score
from probatum.source import Source

lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")


def table(rng: np.random.Generator, rows: int, codes: int) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.DataFrame(
        {
            "a": rng.normal(size=rows),
            "b": rng.integers(0, 5, rows).astype(float),
            "c": pd.Categorical.from_codes(rng.integers(0, codes, rows), [f"k{n}" for n in range(codes)]),
            "z": np.where(rng.random(rows) < 0.5, 0, rng.normal(size=rows)),
        }
    )
    frame.loc[::7, "a"] = np.nan
    label = (frame.b + (frame.c.cat.codes % 3 == 1) * 2 + frame.z + rng.normal(size=rows) > 3).astype(int)
    return frame, label


def near_thresholds(model: TreeSum, rng: np.random.Generator, many: int, codes: int) -> list[tuple[float, ...]]:
    """Rows that are random, at thresholds, just beside them, nearly zero, or missing."""
    at = {n: [split.threshold for tree in model.trees for split in splits(tree) if split.feature == n] for n in (0, 1, 3)}
    rows = []
    for _ in range(many):
        row = [rng.normal(), float(rng.integers(-1, 7)), float(rng.integers(0, codes)), rng.normal()]
        for n, known in at.items():
            luck = rng.random()
            if luck < 0.5 and known:
                value = float(rng.choice(known))
                single = np.float32(value)
                below = float(np.nextafter(single, np.float32(-np.inf)))
                middle = (float(single) + below) / 2
                beside = [value, np.nextafter(value, 9e9), np.nextafter(value, -9e9), middle, np.nextafter(middle, 9e9)]
                row[n] = float(beside[rng.integers(5)])
            elif luck < 0.6:
                row[n] = math.nan
            elif luck < 0.7:
                row[n] = [0.0, -0.0, 1e-36, -1e-36, 1e-35, 1.01e-35][rng.integers(6)]
        if rng.random() < 0.1:
            row[2] = math.nan
        rows.append(tuple(row))
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [{}, {"use_missing": False}, {"zero_as_missing": True}, {"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1}]
)
def test_lightgbm_is_read_as_it_predicts(how):
    rng = np.random.default_rng(len(how))
    frame, label = table(rng, 600, 40)
    parameters = {
        "objective": "binary",
        "num_leaves": 15,
        "verbose": -1,
        "max_cat_to_onehot": 4,
        "min_data_per_group": 1,
        "num_threads": 1,
    }
    booster = lightgbm.train(parameters | {"min_data_in_leaf": 3} | how, lightgbm.Dataset(frame, label), 20)

    model = read_model(Source("m.txt", booster.model_to_string().encode()))

    rows = near_thresholds(model, rng, 600, 43)
    # Raw scores of a forest are sums, although its probabilities are made of means.
    said = booster.predict(np.array(rows), raw_score=True) / model.divisor
    assert [raw_score(model, row) for row in rows] == pytest.approx(said.tolist(), abs=1e-9)
    given = booster.predict(np.array(rows))
    assert [linked(model.link, raw_score(model, row)) for row in rows] == pytest.approx(given.tolist(), abs=1e-9)
    assert model.link is Link.LOGISTIC
    assert model.names["c"][:2] == ("k0", "k1")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "ubj"])
@pytest.mark.parametrize("objective", ["binary:logistic", "reg:squarederror"])
def test_xgboost_is_read_as_it_predicts_to_the_last_bit(form: str, objective: str):
    rng = np.random.default_rng(3)
    frame, label = table(rng, 600, 40)
    data = xgboost.DMatrix(frame, label, enable_categorical=True)
    booster = xgboost.train({"objective": objective, "max_depth": 4, "eta": 0.3, "nthread": 1}, data, 20)

    model = read_model(Source(f"m.{form}", bytes(booster.save_raw(form))))

    rows = near_thresholds(model, rng, 600, 40)
    asked = pd.DataFrame(rows, columns=list("abcz"))
    asked["c"] = pd.Categorical.from_codes(asked.c.fillna(-1).astype(int), frame.c.cat.categories)
    said = booster.predict(xgboost.DMatrix(asked, enable_categorical=True), output_margin=True)
    assert [raw_score(model, row) for row in rows] == said.astype(float).tolist()


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize("strict", [True, False])
def test_where_a_test_changes_is_known_to_the_last_bit(rounding: Rounding, strict: bool):
    from probatum.fairness.artefacts.models.model import Leaf, Missing, Split

    rng = np.random.default_rng(0)
    for threshold in (
        0.0,
        -0.0,
        1e-35,
        -1e-35,
        1e-40,
        0.5,
        16777217.0,
        *rng.normal(size=50).tolist(),
        *map(float, rng.normal(size=50).astype(np.float32)),
    ):
        split = Split(feature=0, threshold=threshold, strict=strict, left=Leaf(0.0), right=Leaf(1.0))

        [last] = change_points(threshold, strict, Missing.NEVER, rounding)

        assert goes_left(split, last, rounding)
        assert not goes_left(split, math.nextafter(last, math.inf), rounding)


OWN = {
    "schema": "probatum-model/1",
    "kind": "trees",
    "features": ["age", "sex"],
    "trees": [[{"feature": 0, "at_most": 40, "left": 1, "right": 2, "missing": "right"}, 0.25, 0.5]],
}


def own(**changes) -> Source:
    return Source("m.json", json.dumps(OWN | changes).encode())


def test_our_own_json_is_read():
    model = read_model(own())

    assert [raw_score(model, row) for row in ((40.0, 0.0), (40.5, 0.0), (math.nan, 0.0))] == [0.25, 0.5, 0.5]


def test_an_additive_model_becomes_trees_that_say_the_same():
    cuts, values = [[1.0, 2.0], [0.5]], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    model = read_model(own(kind="additive", terms=[{"features": ["age", "sex"], "cuts": cuts, "values": values}]))

    said = [raw_score(model, (age, sex)) for age in (1.0, 1.5, 9.0) for sex in (0.0, 1.0)]

    assert said == values


def test_linear_models_and_networks_are_read():
    linear = read_model(own(kind="linear", weights=[0.1, 2], intercept=1))
    network = read_model(
        own(kind="network", layers=[{"weights": [[1, 0], [-1, 0]], "biases": [0, 0]}, {"weights": [[1, 1]], "biases": [0.5]}])
    )

    assert isinstance(linear, Linear)
    assert raw_score(linear, (10.0, 1.0)) == 4.0
    assert isinstance(network, Network)
    assert raw_score(network, (-3.0, 0.0)) == 3.5


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("m.pkl", b"\x80\x04\x95"), "pickle"),
        (Source("m.skops", b"PK\x03\x04"), "archive"),
        (Source("m.txt", b"hello"), "no model"),
        (Source("m.txt", b""), "no model"),
        (Source("m.json", b"{}"), "neither"),
        (Source("m.json", b'{"learner": {}, "version": [0, 9, 0]}'), "XGBoost 0.9.0"),
        (Source("m.json", b'{"learner": {}, "version": [9, 0, 0]}'), "XGBoost 9.0.0"),
        (Source("m.json", b'{"learner": {}, "version": [3, 0, 0]}'), "damaged"),
        (Source("m.txt", b"tree\nversion=v9\n"), "`v9`"),
        (Source("m.txt", b"tree\nversion=v4\nnum_class=3\n"), "classes"),
        (Source("m.txt", b"tree\nversion=v4\nmax_feature_idx=0\nfeature_names=a\n\nTree=0\nnum_leaves=3\n"), "cut off"),
        (own(schema="probatum-model/2"), "probatum-model/2"),
        (own(kind="forest"), "`forest`"),
        (own(features=["a", "a"]), "once each"),
        (own(trees=[[{"feature": 0, "at_most": 1, "left": 0, "right": 0}]]), "reached twice"),
        (own(trees=[[{"feature": 7, "at_most": 1, "left": 1, "right": 2}, 0, 1]]), "feature 7"),
        (own(trees=[["nan"]]), "no finite number"),
        (own(kind="linear", weights=[1], intercept=0), "1 weights for 2"),
    ],
)
def test_what_is_no_model_that_is_understood_is_refused(source: Source, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        read_model(source)

    assert said in caught.value.message


def test_a_file_of_lightgbm_that_lost_a_tree_is_refused():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 2))
    data = lightgbm.Dataset(values, values[:, 0] > 0)
    good = lightgbm.train({"objective": "binary", "num_leaves": 3, "verbose": -1}, data, 4).model_to_string()
    whole = good.index("\nend of trees") + len("\nend of trees")

    assert read_model(Source("m.txt", good[:whole].encode())).trees == read_model(Source("m.txt", good.encode())).trees
    for short in (*(good[:cut] for cut in range(0, whole, 5)), good.replace("\nTree=2", "\nBranch=2")):
        with pytest.raises(UnreadableArtefact):
            read_model(Source("m.txt", short.encode()))


def test_a_damaged_model_is_refused_and_never_a_crash():
    rng = np.random.default_rng(1)
    good = own().raw
    refused = 0
    for _ in range(300):
        raw = bytearray(good)
        for at in rng.integers(0, len(raw), 3):
            raw[at] = rng.integers(32, 127)
        try:
            read_model(Source("m.json", bytes(raw[: rng.integers(1, len(raw) + 1)])))
        except UnreadableArtefact:
            refused += 1

    assert refused > 250  # a few bytes may be changed to others that mean as much


def test_bytes_that_are_no_ubjson_are_refused_and_never_a_crash():
    rng = np.random.default_rng(2)
    refused = 0
    for _ in range(500):
        raw = b"{" + bytes(rng.choice(list(b"{}[]$#iULdDSTFZ\x00\x01\x05a"), rng.integers(0, 30)).tolist())
        try:
            decode(raw)
        except UbjError:
            refused += 1

    assert refused > 450
