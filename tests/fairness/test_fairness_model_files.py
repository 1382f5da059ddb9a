"""Files of models that are of another version, damaged, absurd or of another library: each is read rightly, or refused by a reason."""

import json
import re

import numpy as np
import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models import read_model
from probatum.fairness.semantics.scoring import raw_score
from probatum.source import Source

xgboost = pytest.importorskip("xgboost")


@pytest.fixture(scope="module")
def saved() -> dict:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 3))
    values[::5, 0] = np.nan
    data = xgboost.DMatrix(values, (np.nan_to_num(values[:, 0]) > 0).astype(int), feature_names=list("abc"))
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "base_score": 0.3}, data, 3)
    return json.loads(bytes(booster.save_raw("json")))


def changed(saved: dict, **places) -> Source:
    found = json.loads(json.dumps(saved))
    learner = found["learner"]
    inner = {
        "top": found,
        "learner": learner,
        "parameters": learner["learner_model_param"],
        "booster": learner["gradient_booster"],
        "forest": learner["gradient_booster"]["model"],
        "tree": learner["gradient_booster"]["model"]["trees"][0],
    }
    for place, values in places.items():
        inner[place].update(values)
    return Source("m.json", json.dumps(found).encode())


@pytest.mark.parametrize("said", ["[3E-1]", "3E-1", [0.3], 0.3])
def test_where_the_sum_starts_is_read_however_it_is_written(saved: dict, said):
    row = (0.5, -1.0, 2.0)

    assert raw_score(read_model(changed(saved, parameters={"base_score": said})), row) == raw_score(
        read_model(changed(saved)), row
    )


def test_sides_of_missing_values_are_read_as_numbers_or_texts(saved: dict):
    sides = saved["learner"]["gradient_booster"]["model"]["trees"][0]["default_left"]
    row = (float("nan"), float("nan"), float("nan"))

    for other in ([str(int(one)) for one in sides], [bool(one) for one in sides]):
        model = read_model(changed(saved, tree={"default_left": other}))
        assert raw_score(model, row) == raw_score(read_model(changed(saved)), row)


def test_a_mark_of_the_order_of_bytes_before_json_changes_nothing(saved: dict):
    assert read_model(Source("m.json", b"\xef\xbb\xbf" + changed(saved).raw)) == read_model(changed(saved))


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ({"parameters": {"base_score": "[3E-1,4E-1]"}}, "3E-1,4E-1"),
        ({"parameters": {"base_score": "half"}}, "half"),
        ({"parameters": {"num_feature": "100000000000"}}, "100,000,000,000 features"),
        ({"parameters": {"num_feature": "100000000000"}, "learner": {"feature_names": []}}, "100,000,000,000 features"),
        ({"parameters": {"num_feature": "-3"}}, "-3 features"),
        ({"parameters": {"num_class": "3"}}, "several outputs"),
        ({"booster": {"name": "dart"}}, "`dart`"),
        ({"booster": {"name": "gblinear"}}, "`gblinear`"),
        ({"top": {"version": [1, 5, 0]}}, "XGBoost 1.5.0"),
        ({"top": {"version": "3.0"}}, "damaged"),
        ({"top": {"learner": None}}, "damaged"),
        ({"forest": {"trees": []}}, "no tree"),
        ({"forest": {"trees": {"a": 1}}}, "damaged"),
        ({"tree": {"split_conditions": [0.5]}}, "damaged"),
        ({"tree": {"split_conditions": ["nan"] * 15}}, "no finite number"),
    ],
)
def test_a_model_of_xgboost_that_is_absurd_is_refused(saved: dict, places: dict, text: str):
    with pytest.raises(UnreadableArtefact) as caught:
        read_model(changed(saved, **places))

    assert text in caught.value.message


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"oblivious_trees": [], "model_info": {}}', "CatBoost"),
        (b"CBM1\x00\x00", "CatBoost"),
        (b'{"name": "tree", "version": "v4", "tree_info": []}', "LightGBM dumps as JSON"),
        (b"\x89HDF\r\n\x1a\n", "no model that is known"),
        (b"<?xml version='1.0'?><PMML/>", "no model that is known"),
        (b"\x00" * 1000, "no model that is known"),
        (b"[" * 100_000, "no model that is known"),
        (b'{"a":' * 5000, "nested too deeply|no model that is known"),  # which is seen first depends on how deep Python may go
        (b'{"schema":"probatum-model/1","kind":"linear","features":"age","weights":[1,1,1],"intercept":0}', "once each"),
        (b'{"schema":"probatum-model/1","kind":"linear","features":["a"],"weights":[1e999],"intercept":0}', "no finite number"),
        (
            b'{"schema":"probatum-model/1","kind":"linear","features":["a"],"weights":[' + b"9" * 400 + b'],"intercept":0}',
            "damaged",
        ),
    ],
)
def test_what_is_no_model_is_refused_by_what_it_is(raw: bytes, text: str):
    with pytest.raises(UnreadableArtefact) as caught:
        read_model(Source("m", raw))

    assert re.search(text, caught.value.message)


def test_random_bytes_are_refused_and_never_a_crash():
    rng = np.random.default_rng(0)
    for start in (b"", b"{", b"\x08", b"tree\n", b"{L\x00"):
        for _ in range(100):
            with pytest.raises(UnreadableArtefact):
                read_model(Source("m", start + rng.bytes(int(rng.integers(0, 60)))))
