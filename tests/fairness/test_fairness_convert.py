"""Models of scikit-learn out of files that run what they say: what is written says what the library says."""

import json
import math
import pickle

import numpy as np
import pytest
from click.testing import CliRunner

from probatum.cli import program
from probatum.fairness.artefacts.models import read_model
from probatum.fairness.artefacts.models.describe import NotDescribed, described
from probatum.fairness.semantics.scoring import linked, raw_score
from probatum.source import Source

ensemble = pytest.importorskip("sklearn.ensemble")
linear_model = pytest.importorskip("sklearn.linear_model")
neural_network = pytest.importorskip("sklearn.neural_network")
preprocessing = pytest.importorskip("sklearn.preprocessing")
tree = pytest.importorskip("sklearn.tree")


def table(missing: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(300, 4))
    label = (values[:, 0] + values[:, 1] * values[:, 2] + rng.normal(size=300) / 2 > 0).astype(int)
    if missing:
        values[rng.random(values.shape) < 0.1] = math.nan
    return values, label


MODELS = [
    (linear_model.LogisticRegression(), False),
    (linear_model.LinearRegression(), False),
    (neural_network.MLPClassifier(hidden_layer_sizes=(6, 4), max_iter=2000, random_state=0), False),
    (neural_network.MLPRegressor(hidden_layer_sizes=(5,), activation="identity", max_iter=2000, random_state=0), False),
    (tree.DecisionTreeClassifier(max_depth=5, random_state=0), True),
    (tree.DecisionTreeRegressor(max_depth=5, random_state=0), False),
    (ensemble.RandomForestClassifier(5, max_depth=5, random_state=0), True),
    (ensemble.ExtraTreesRegressor(5, max_depth=5, random_state=0), False),
    (ensemble.GradientBoostingClassifier(n_estimators=10, random_state=0), False),
    (ensemble.GradientBoostingRegressor(n_estimators=10, random_state=0), False),
    (ensemble.HistGradientBoostingClassifier(max_iter=10, random_state=0), True),
    (ensemble.HistGradientBoostingRegressor(max_iter=10, random_state=0), True),
]


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "missing"), MODELS, ids=lambda value: type(value).__name__)
def test_what_is_described_says_what_the_library_says(estimator, missing: bool):
    values, label = table(missing)
    fitted = estimator.fit(values, label)

    model = read_model(Source("m.json", json.dumps(described(fitted, [])).encode()))

    rng = np.random.default_rng(6)
    asked = values[:200].copy()
    for split in json.loads(json.dumps(described(fitted, []))).get("trees", [])[:3]:
        for node in split[:20]:
            if isinstance(node, dict):  # at a threshold, and next to it
                row = int(rng.integers(len(asked)))
                asked[row, node["feature"]] = [node["at_most"], math.nextafter(node["at_most"], math.inf)][row % 2]
    said = fitted.predict_proba(asked)[:, 1] if hasattr(fitted, "predict_proba") else fitted.predict(asked)
    assert [linked(model.link, raw_score(model, tuple(row))) for row in asked] == pytest.approx(said.tolist(), abs=1e-9)


def test_a_model_of_another_kind_is_refused():
    values, label = table(False)

    with pytest.raises(NotDescribed):
        described(linear_model.SGDRegressor().fit(values, label), [])


def piped(*steps):
    return pytest.importorskip("sklearn.pipeline").make_pipeline(*steps)


SCALED = [
    (preprocessing.StandardScaler(), linear_model.LogisticRegression()),
    (preprocessing.StandardScaler(with_mean=False), preprocessing.MinMaxScaler((-1, 3)), linear_model.Ridge()),
    (preprocessing.StandardScaler(with_std=False), linear_model.LinearRegression()),
    (preprocessing.RobustScaler(), preprocessing.MaxAbsScaler(), linear_model.LogisticRegression()),
]


@pytest.mark.parametrize("steps", SCALED, ids=lambda steps: type(steps[0]).__name__)
def test_a_linear_model_behind_scalers_says_what_the_library_says(steps):
    values, label = table(False)
    values = values * [1, 100, 0.01, 5] + [3, -50, 0, 1]
    fitted = piped(*steps).fit(values, label)

    model = read_model(Source("m.json", json.dumps(described(fitted, list("abcd"))).encode()))

    said = fitted.predict_proba(values)[:, 1] if hasattr(fitted, "predict_proba") else fitted.predict(values)
    assert model.features == tuple("abcd")
    assert [linked(model.link, raw_score(model, tuple(row))) for row in values] == pytest.approx(said.tolist(), abs=1e-9)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ((preprocessing.PolynomialFeatures(), linear_model.LogisticRegression()), "no scaler"),
        ((preprocessing.MinMaxScaler(clip=True), linear_model.LogisticRegression()), "clips"),
        ((preprocessing.StandardScaler(), tree.DecisionTreeClassifier(max_depth=2)), "before linear"),
    ],
)
def test_a_pipeline_that_is_no_linear_model_is_refused(steps, why: str):
    with pytest.raises(NotDescribed, match=why):
        described(piped(*steps).fit(*table(False)), [])


@pytest.mark.slow
@pytest.mark.parametrize("form", ["skops", "joblib"])
def test_a_pipeline_is_loaded_in_a_sandbox(tmp_path, form: str):
    values, label = table(False)
    fitted = piped(preprocessing.StandardScaler(), linear_model.LogisticRegression()).fit(values, label)
    pytest.importorskip("skops.io" if form == "skops" else "joblib").dump(fitted, tmp_path / f"m.{form}")

    CliRunner(catch_exceptions=False).invoke(
        program, ["fairness", "convert", str(tmp_path / f"m.{form}"), str(tmp_path / "m.json")], standalone_mode=False
    )

    model = read_model(Source("m.json", (tmp_path / "m.json").read_bytes()))
    said = [linked(model.link, raw_score(model, tuple(row))) for row in values[:50]]
    assert said == pytest.approx(fitted.predict_proba(values[:50])[:, 1].tolist(), abs=1e-9)


@pytest.mark.slow
def test_a_pickle_is_loaded_in_a_sandbox_and_written_as_json(tmp_path):
    values, label = table(False)
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(tree.DecisionTreeClassifier(max_depth=3, random_state=0).fit(values, label)))

    ended = CliRunner().invoke(
        program,
        ["fairness", "convert", str(tmp_path / "m.pkl"), str(tmp_path / "m.json"), *(f"--feature={name}" for name in "abcd")],
        standalone_mode=False,
    )

    assert ended.exception is None
    assert read_model(Source("m.json", (tmp_path / "m.json").read_bytes())).features == ("a", "b", "c", "d")


@pytest.mark.slow
def test_a_file_of_skops_is_loaded_in_a_sandbox_and_says_what_the_library_says(tmp_path):
    skops = pytest.importorskip("skops.io")
    values, label = table(False)
    fitted = ensemble.RandomForestClassifier(5, max_depth=4, random_state=0).fit(values, label)
    skops.dump(fitted, tmp_path / "m.skops")

    ended = CliRunner(catch_exceptions=False).invoke(
        program, ["fairness", "convert", str(tmp_path / "m.skops"), str(tmp_path / "m.json")], standalone_mode=False
    )

    assert "tried to" not in ended.output
    model = read_model(Source("m.json", (tmp_path / "m.json").read_bytes()))
    said = [linked(model.link, raw_score(model, tuple(row))) for row in values[:50]]
    assert said == pytest.approx(fitted.predict_proba(values[:50])[:, 1].tolist(), abs=1e-9)


class Writes:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return exec, (f"open({self.path!r}, 'w').write('was here')",)


@pytest.mark.slow
def test_a_pickle_that_writes_a_file_does_not(tmp_path):
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Writes(str(tmp_path / "trace"))))

    ended = CliRunner().invoke(
        program, ["fairness", "convert", str(tmp_path / "m.pkl"), str(tmp_path / "m.json")], standalone_mode=False
    )

    assert ended.exception is not None
    assert not (tmp_path / "trace").exists()
    assert not (tmp_path / "m.json").exists()
