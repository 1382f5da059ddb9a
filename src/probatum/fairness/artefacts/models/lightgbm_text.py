"""Text models of LightGBM (`save_model`, version v4 and v3 of the format).

A test of a number is `value <= threshold` in 64 bits. A value that is missing goes to a default side, or counts as 0,
or, with `zero_as_missing`, so does whatever is nearly zero. What is within 1e-35 of zero is 0 before all this. Categories are a set of bits; what is in none goes right.

Source: LightGBM, `include/LightGBM/tree.h` (`NumericalDecision`, `CategoricalDecision`), `src/io/tree.cpp`, and `src/c_api.cpp`
(`RowPairFunctionFromDenseMatric`: which values are passed on at all).
"""

from __future__ import annotations

import json
import math
from typing import Any

from probatum.fairness.artefacts.models import refused, tree
from probatum.fairness.artefacts.models.model import Link, Missing, Node, Rounding, TreeSum

_VERSIONS = ("v3", "v4")
_missing = {0: Missing.AS_ZERO, 1: Missing.ZERO_IS_MISSING, 2: Missing.SIDE}
_identity = (
    "regression",
    "regression_l1",
    "regression_l2",
    "huber",
    "fair",
    "quantile",
    "mape",
    "lambdarank",
    "custom",
    "none",
    "",
)


def read_lightgbm(path: str, text: str) -> TreeSum:
    """Read a text model.

    Raises
    ------
    UnreadableArtefact
        If it has several classes, linear leaves, another version, or an objective whose score is not a sum or its logistic.
    """
    header, *blocks = text.replace("\r\n", "\n").split("\nTree=")
    top = _fields(header)
    version = top.get("version", "")
    if version not in _VERSIONS:
        raise refused(path, f"is a model of LightGBM of version `{version}`", f"versions {' and '.join(_VERSIONS)} are read")
    if top.get("num_class", "1") != "1" or top.get("num_tree_per_iteration", "1") != "1":
        raise refused(path, "tells several classes apart", "train one that decides between two")
    if not blocks:
        raise refused(path, "has no tree", "train the model before it is saved")
    features = tuple(top["feature_names"].split(" "))
    if len(features) != int(top["max_feature_idx"]) + 1 or len(set(features)) != len(features):
        raise refused(path, "names its features not once each", "save it again with names that differ")
    last, end, _ = blocks[-1].partition("\nend of trees")
    blocks[-1] = last
    sizes = [int(size) for size in top.get("tree_sizes", "").split()]
    lengths = [len(f"Tree={block}\n".encode()) for block in blocks]
    # Another system's ends of lines change the lengths, and nothing that is read.
    if not end or len(sizes) != len(blocks) or (sizes != lengths and "\r\n" not in text):
        raise refused(path, "does not have the trees that it says it has: it is cut off, or was changed", "save it again")
    trees = tuple(_tree(path, _fields(block), len(features)) for block in blocks)
    ranges: dict[str, tuple[float, float]] = {}
    categories: dict[str, tuple[int, ...]] = {}
    for name, info in zip(features, top.get("feature_infos", "").split(" "), strict=False):
        if info.startswith("["):
            low, _, high = info[1:-1].partition(":")
            ranges[name] = (float(low), float(high))
        elif info != "none" and info:
            categories[name] = tuple(sorted(int(v) for v in info.split(":") if int(v) >= 0))
    return TreeSum(
        features=features,
        trees=trees,
        divisor=len(trees) if "average_output" in header.split("\n") else 1,
        rounding=Rounding.NEAR_ZERO,
        link=_link(path, top.get("objective", "")),
        source=f"LightGBM, format {version}",
        ranges=ranges,
        categories=categories,
        names=_names(text, [name for name in features if name in categories]),
    )


def _fields(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in block.split("\n"):
        key, equals, value = line.partition("=")
        if equals:
            found.setdefault(key, value)
    return found


def _link(path: str, objective: str) -> Link:
    name, *rest = objective.split(" ")
    if name in ("binary", "cross_entropy", "xentropy"):
        if any(word.startswith("sigmoid:") and float(word[8:]) != 1.0 for word in rest):
            raise refused(path, f"has a steeper sigmoid (`{objective}`)", "train it with `sigmoid=1`")
        return Link.LOGISTIC
    if name in _identity and "sqrt" not in rest:
        return Link.IDENTITY
    raise refused(path, f"has the objective `{objective}`, whose score is no sum", "train it with `binary` or `regression`")


def _names(text: str, categorical: list[str]) -> dict[str, tuple[str, ...]]:
    """Names of categories that pandas knew: they are stored in the order of the columns."""
    _, found, rest = text.rpartition("\npandas_categorical:")
    if not found:
        return {}
    listed = json.loads(rest.split("\n", 1)[0])
    if not isinstance(listed, list) or len(listed) != len(categorical):
        return {}
    return {name: tuple(str(value) for value in values) for name, values in zip(categorical, listed, strict=True)}


def _tree(path: str, own: dict[str, str], width: int) -> Node:
    if own.get("is_linear", "0") != "0":
        raise refused(path, "has linear functions in its leaves", "train it with `linear_tree=false`")
    values = [_finite(path, float(v)) for v in own["leaf_value"].split()]
    if int(own["num_leaves"]) != len(values):
        raise refused(path, "is cut off, or damaged", "save it again")
    if len(values) == 1:
        return tree(path, [values[0]])
    count = len(values) - 1
    feature, kind = ([int(v) for v in own[key].split()] for key in ("split_feature", "decision_type"))
    thresholds = own["threshold"].split()
    left, right = ([int(v) for v in own[key].split()] for key in ("left_child", "right_child"))
    bounds = [int(v) for v in own.get("cat_boundaries", "").split()]
    words = [int(v) for v in own.get("cat_threshold", "").split()]
    if not all(len(part) == count for part in (feature, kind, thresholds, left, right)) or not all(
        0 <= f < width for f in feature
    ):
        raise refused(path, "is cut off, or damaged", "save it again")
    nodes: list[tuple[dict[str, Any], int, int] | float] = []
    for at in range(count):
        test: dict[str, Any] = {"feature": feature[at]}
        if kind[at] & 1:
            which = int(thresholds[at])
            bits = words[bounds[which] : bounds[which + 1]]
            chosen = frozenset(32 * n + b for n, word in enumerate(bits) for b in range(32) if word >> b & 1)
            test |= {"categories": chosen, "missing": Missing.SIDE, "missing_left": False}
        else:
            threshold = float(thresholds[at])
            if math.isnan(threshold):
                raise refused(path, "has a threshold that is no number", "save it again")
            test |= {"threshold": threshold, "missing": _missing[kind[at] >> 2 & 3], "missing_left": bool(kind[at] & 2)}
        # A side is a test by its number, or a leaf by the complement of its.
        sides = [side if side >= 0 else count + ~side for side in (left[at], right[at])]
        nodes.append((test, sides[0], sides[1]))
    return tree(path, [*nodes, *values])


def _finite(path: str, value: float) -> float:
    if not math.isfinite(value):
        raise refused(path, "has a leaf that is no finite number", "train it again")
    return value
