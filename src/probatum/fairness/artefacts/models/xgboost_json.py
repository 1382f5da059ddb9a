"""Models of XGBoost as JSON or UBJSON (`save_model`, versions 1.6 to 3).

Inputs, thresholds and sums have 32 bits: a value is rounded first, and goes left if it is below the threshold. Missing
values go to a default side. Categories that a test lists go right.

Source: XGBoost, "Introduction to Model IO" and `doc/model.schema`; `src/predictor/predict_fn.h` and `src/common/categorical.h`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.fairness.artefacts.models import refused, tree
from probatum.fairness.artefacts.models.model import Link, Missing, Node, Rounding, TreeSum
from probatum.fairness.artefacts.models.single import single

_SINCE, _UNTIL = (1, 6), (4, 0)
_MOST_FEATURES = 1_000_000
_logistic = ("binary:logistic", "reg:logistic")
_identity = (
    "reg:squarederror",
    "reg:linear",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:quantileerror",
    "rank:pairwise",
    "rank:ndcg",
    "binary:logitraw",
)


def read_xgboost(path: str, value: Mapping[str, Any]) -> TreeSum:
    """Read a model.

    Raises
    ------
    UnreadableArtefact
        If it is of another version, has several outputs, is not made of trees, or was trained for something else.
    """
    version = tuple(int(v) for v in value.get("version", ()))
    if not _SINCE <= version[:2] < _UNTIL:
        said = ".".join(map(str, version)) or "unknown"
        raise refused(path, f"is a model of XGBoost {said}", "load it with XGBoost 1.6 to 3 and save it again")
    learner = value["learner"]
    booster = learner["gradient_booster"]
    if booster.get("name") != "gbtree":
        raise refused(
            path, f"is a booster `{booster.get('name')}`, and not made of trees alone", "train it with `booster=gbtree`"
        )
    own = learner["learner_model_param"]
    if int(own.get("num_class", 0)) > 1 or int(own.get("num_target", 1)) > 1:
        raise refused(path, "has several outputs", "train one that decides between two")
    objective = learner["objective"]["name"]
    if objective not in _logistic + _identity:
        raise refused(path, f"has the objective `{objective}`, whose score is no sum", "train it with `binary:logistic`")
    link = Link.LOGISTIC if objective in _logistic else Link.IDENTITY
    width = int(own["num_feature"])
    if not 0 < width <= _MOST_FEATURES:
        raise refused(path, f"says that it has {width:,} features", f"a model has from 1 to {_MOST_FEATURES:,}")
    names = tuple(str(name) for name in learner.get("feature_names") or (f"f{n}" for n in range(width)))
    if len(names) != width or len(set(names)) != width:
        raise refused(path, "names its features not once each", "save it again with names that differ")
    trees = booster["model"]["trees"]
    if not trees:
        raise refused(path, "has no tree", "train the model before it is saved")
    return TreeSum(
        features=names,
        trees=tuple(_tree(path, one, width) for one in trees),
        base=_base(path, own["base_score"], link),
        single=True,
        rounding=Rounding.SINGLE,
        link=link,
        source=f"XGBoost {'.'.join(map(str, version))}",
        categories=_categories(booster["model"], names),
    )


def _base(path: str, said: Any, link: Link) -> float:
    """Return what the sum starts from; a probability is stored, of which it is the logit, in 32 bits."""
    value = single(float(str(said).strip("[]")))
    if link is Link.IDENTITY:
        return value
    if not 0 < value < 1:
        raise refused(path, f"starts from {value:g}, which is no probability", "train it again")
    # As the library does it: -log(1 / p - 1) with every step in 32 bits.
    return single(-single(math.log(single(single(1.0 / value) - 1.0))))


def _categories(model: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """How many categories each feature has, where newer files say so."""
    encodings = model.get("cats", {}).get("enc", [])
    found = {}
    for name, encoding in zip(names, encodings, strict=False):
        offsets = encoding.get("offsets", [])
        many = len(offsets) - 1 if offsets else len(encoding.get("values", []))
        if many > 0:
            found[name] = tuple(range(many))
    return found


def _tree(path: str, own: Mapping[str, Any], width: int) -> Node:
    if int(own["tree_param"].get("size_leaf_vector", 1) or 1) > 1:
        raise refused(path, "has leaves with several values", "train one output")
    left, right = list(own["left_children"]), list(own["right_children"])
    feature, threshold = list(own["split_indices"]), list(own["split_conditions"])
    default, kinds = list(own["default_left"]), list(own.get("split_type") or [0] * len(left))
    lists = {
        node: frozenset(int(v) for v in own["categories"][start : start + size])
        for node, start, size in zip(
            own.get("categories_nodes", ()), own.get("categories_segments", ()), own.get("categories_sizes", ()), strict=True
        )
    }
    nodes: list[tuple[dict[str, Any], int, int] | float] = []
    for at in range(len(left)):
        if left[at] == -1:
            value = single(float(threshold[at]))
            if not math.isfinite(value):
                raise refused(path, "has a leaf that is no finite number", "train it again")
            nodes.append(value)
            continue
        if not 0 <= int(feature[at]) < width:
            raise refused(path, "tests a feature that it does not have", "save it again")
        test: dict[str, Any] = {"feature": int(feature[at]), "missing": Missing.SIDE}
        if int(kinds[at]) == 1:
            # Listed categories go right; so the test is turned round, which changes which side is which and nothing else.
            test |= {"categories": lists[at], "missing_left": not int(default[at])}
            nodes.append((test, int(right[at]), int(left[at])))
        else:
            cut = single(float(threshold[at]))
            if not math.isfinite(cut):
                raise refused(path, "has a threshold that is no finite number", "train it again")
            test |= {"threshold": cut, "strict": True, "missing_left": bool(int(default[at]))}
            nodes.append((test, int(left[at]), int(right[at])))
    return tree(path, nodes)
