"""A script: loads a model of scikit-learn from a pickle, or a file of joblib or skops, and writes it in our JSON.

It runs in the sandbox of `probatum.runner.sandbox` and nowhere else: loading such a file runs what the file says. It is
given the path, and the names of the features or nothing, and prints one line of JSON, `{"model": ...}` or `{"error": ...}`.
What it says of the model is data like any other: it is read by `own` with all its checks.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["PYTHONTZPATH"] = ""  # time zones come with the libraries: the system's are closed to the sandbox

Nodes = list[Any]

_LARGEST = 3.4028234663852886e38  # of 32 bits: a test against infinity asks whether a value is missing


class NotDescribed(Exception):
    """The object is no model that can be described exactly."""


def load(path: str) -> Any:
    """Load whatever a file holds."""
    with open(path, "rb") as stream:  # noqa: PTH123 - as little is imported here as can be
        start = stream.read(4)
    if start.startswith(b"PK"):
        import threadpoolctl

        # skops asks on import which numerical libraries are loaded, of a file that the sandbox keeps closed.
        threadpoolctl.ThreadpoolController._load_libraries = lambda _: None  # noqa: SLF001 - it has no switch
        import skops.io

        return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    try:
        import joblib

        return joblib.load(path)
    except ImportError:
        import pickle

        with open(path, "rb") as stream:  # noqa: PTH123 - as above
            return pickle.load(stream)  # noqa: S301 - in a sandbox, which is what this script is for


def described(model: Any, names: list[str]) -> dict[str, Any]:
    """Return a model in our JSON.

    Raises
    ------
    NotDescribed
    """
    kind = type(model).__name__
    if kind == "Pipeline":
        return unscaled(model, names)
    width = int(getattr(model, "n_features_in_", 0))
    features = names or [str(name) for name in getattr(model, "feature_names_in_", ())] or [f"f{n}" for n in range(width)]
    if len(features) != width:
        raise NotDescribed(f"it has {width} features, and {len(features)} names were given")
    import sklearn

    top: dict[str, Any] = {
        "schema": "probatum-model/1",
        "features": features,
        "source": f"scikit-learn {sklearn.__version__} {kind}",
    }
    classes = getattr(model, "classes_", None)
    if classes is not None and len(classes) != 2:
        raise NotDescribed(f"it tells {len(classes)} classes apart, and not two")
    if kind in ("LogisticRegression", "LinearRegression", "Ridge", "Lasso", "ElasticNet"):
        weights = model.coef_.reshape(-1)
        if len(weights) != width:
            raise NotDescribed("it has several outputs")
        intercept = float(model.intercept_.reshape(-1)[0] if hasattr(model.intercept_, "reshape") else model.intercept_)
        link = "logistic" if kind == "LogisticRegression" else "identity"
        return top | {"kind": "linear", "link": link, "weights": [float(w) for w in weights], "intercept": intercept}
    if kind in ("MLPClassifier", "MLPRegressor"):
        return top | network(model)
    top["kind"] = "trees"
    if kind in ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor"):
        return top | {"rounding": "single", "trees": [tree(model, classes is not None)]}
    if kind in ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"):
        trees = [tree(one, classes is not None) for one in model.estimators_]
        return top | {"rounding": "single", "divisor": len(trees), "trees": trees}
    if kind in ("GradientBoostingClassifier", "GradientBoostingRegressor"):
        return top | boosted(model, classes is not None)
    if kind in ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"):
        if getattr(model, "is_categorical_", None) is not None and any(model.is_categorical_):
            raise NotDescribed("it reorders its categories before it tests them")
        if kind.endswith("Regressor") and model.loss not in ("squared_error", "absolute_error", "quantile"):
            raise NotDescribed(f"its loss is `{model.loss}`, whose score is no sum")
        link = "logistic" if classes is not None else "identity"
        trees = [binned(one[0]) for one in model._predictors]  # noqa: SLF001 - there is no public way
        base = float(model._baseline_prediction.reshape(-1)[0])  # noqa: SLF001 - as above
        return top | {"link": link, "base": base, "trees": trees}
    raise NotDescribed(f"it is a `{kind}`")


def unscaled(pipeline: Any, names: list[str]) -> dict[str, Any]:
    """Return a linear model behind scalers as one of the values before them: what the same sum says, but for rounding.

    A scaler takes x to ``a * x + b`` for each feature, so ``w @ (a * x + b) + c`` has the weights ``w * a``, and ``b @ w`` more
    in the intercept.
    """
    import numpy as np

    steps = [one for _, one in pipeline.steps if one is not None and not isinstance(one, str)]
    if not steps:
        raise NotDescribed("it has no steps")
    width = int(getattr(steps[0], "n_features_in_", 0))
    known = names or [str(name) for name in getattr(steps[0], "feature_names_in_", ())] or [f"f{n}" for n in range(width)]
    factor, shift = np.ones(width), np.zeros(width)
    for one in steps[:-1]:
        by, more = scaling(one)
        if len(by) != width:
            raise NotDescribed(f"its step `{type(one).__name__}` has {len(by)} features, and not {width}")
        factor, shift = factor * by, shift * by + more
    own = described(steps[-1], known)
    if len(steps) > 1 and own["kind"] != "linear":
        raise NotDescribed(
            f"it scales before a `{type(steps[-1]).__name__}`; scalers are described before linear and logistic models"
        )
    if len(steps) > 1:
        weights = np.array(own["weights"])
        own["intercept"] = float(own["intercept"] + weights @ shift)
        own["weights"] = [float(w) for w in weights * factor]
        own["source"] += " behind " + " and ".join(type(one).__name__ for one in steps[:-1])
    return own


def scaling(step: Any) -> tuple[Any, Any]:
    """Return the factor and the summand that a step has for each feature."""
    import numpy as np

    kind = type(step).__name__
    width = int(getattr(step, "n_features_in_", 0))
    if getattr(step, "clip", False):
        raise NotDescribed(f"its step `{kind}` clips")
    if kind == "MinMaxScaler":
        return step.scale_, step.min_
    if kind not in ("StandardScaler", "RobustScaler", "MaxAbsScaler"):
        raise NotDescribed(
            f"its step `{kind}` is no scaler; those described are StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler"
        )
    centre = getattr(step, "mean_" if kind == "StandardScaler" else "center_", None)
    if kind == "StandardScaler" and not step.with_mean:
        centre = None
    scale = np.ones(width) if step.scale_ is None else step.scale_
    return 1 / scale, np.zeros(width) if centre is None else -centre / scale


def network(model: Any) -> dict[str, Any]:
    """Return a network of one output."""
    if model.activation not in ("relu", "identity"):
        raise NotDescribed(f"its activation is `{model.activation}`")
    if model.n_outputs_ != 1 or model.out_activation_ not in ("logistic", "identity"):
        raise NotDescribed("it has several outputs")
    if any(weights.dtype != "float64" for weights in model.coefs_):
        raise NotDescribed("it computes in numbers of 32 bits, as it was trained on them; train it on numbers of 64 bits")
    layers = [
        {"weights": weights.T.tolist(), "biases": biases.tolist(), "relu": model.activation == "relu"}
        for weights, biases in zip(model.coefs_, model.intercepts_, strict=True)
    ]
    return {"kind": "network", "link": model.out_activation_, "layers": layers}


def tree(model: Any, classifies: bool, factor: float = 1.0) -> Nodes:
    """Return one tree; of a classifier the share of the second class in each leaf."""
    own = model.tree_
    if own.n_outputs != 1:
        raise NotDescribed("it has several outputs")
    # Where it was trained without missing values it refuses them, but for those of its parts that never look.
    missing: Any = getattr(own, "missing_go_to_left", None)
    sees_missing = missing is not None and bool(missing.any() or (own.threshold > _LARGEST).any())
    nodes: Nodes = []
    test: dict[str, Any]
    for n in range(own.node_count):
        left, right = int(own.children_left[n]), int(own.children_right[n])
        if left == -1:
            values = own.value[n][0]
            if classifies:
                nodes.append(float(values[1] / values.sum()))
            else:
                nodes.append(float(factor * values[0]))
            continue
        test = {"feature": int(own.feature[n]), "at_most": min(float(own.threshold[n]), _LARGEST), "left": left, "right": right}
        if sees_missing:
            test["missing"] = "left" if missing[n] else "right"
        nodes.append(test)
    return nodes


def boosted(model: Any, classifies: bool) -> dict[str, Any]:
    """Return gradient boosting: what it starts from, and trees whose leaves are multiplied by the learning rate."""
    import numpy as np

    if classifies and model.loss != "log_loss":
        raise NotDescribed(f"its loss is `{model.loss}`, whose score is no logistic")
    start = model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))  # noqa: SLF001 - there is no public way
    if model.init is not None and model.init != "zero":
        raise NotDescribed("it starts from another model")
    trees = [tree(one[0], False, model.learning_rate) for one in model.estimators_]
    link = "logistic" if classifies else "identity"
    return {"rounding": "single", "link": link, "base": float(start.reshape(-1)[0]), "trees": trees}


def binned(predictor: Any) -> Nodes:
    """Return one tree of histogram boosting."""
    nodes: Nodes = []
    node: Any
    for node in predictor.nodes:
        if node["is_leaf"]:
            nodes.append(float(node["value"]))
            continue
        nodes.append(
            {
                "feature": int(node["feature_idx"]),
                "at_most": min(float(node["num_threshold"]), 1.7976931348623157e308),
                "left": int(node["left"]),
                "right": int(node["right"]),
                "missing": "left" if node["missing_go_to_left"] else "right",
            }
        )
    return nodes


def main() -> None:
    """Describe the file that is named first."""
    try:
        names = json.loads(sys.argv[2])
        answer: dict[str, Any] = {"model": described(load(sys.argv[1]), names)}
    except NotDescribed as problem:
        answer = {"error": str(problem)}
    except Exception as problem:  # noqa: BLE001 - whatever the file does, one line says so
        answer = {"error": f"loading it failed ({type(problem).__name__}: {str(problem)[:300]})"}
    print(json.dumps(answer, allow_nan=False))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
