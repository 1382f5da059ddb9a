"""Our JSON for models, `probatum-model/1`: what `probatum fairness convert` writes, and anyone can write.

    {"schema": "probatum-model/1", "kind": "trees", "features": ["age", "sex"], "link": "logistic",
     "base": 0.1, "divisor": 1, "rounding": "single", "single": false, "source": "scikit-learn 1.9",
     "trees": [[{"feature": 0, "at_most": 37.5, "left": 1, "right": 2}, -0.2, 0.3]]}

A tree is a list whose first member is its root; a number is a leaf. A test has `at_most` or `below` (a number), or
`categories` (whole numbers that go left); `missing: left | right | zero` says where missing values go, and without it
they are refused. `rounding` says what becomes of inputs first: `none`, `single` (32 bits) or `near-zero` (0 within 1e-35).
`kind: linear` has `weights` and `intercept`. `kind: network` has `layers`, each with `weights` (one
list for each output) and `biases`; between layers stands ReLU, unless a layer says `relu: false`. `kind: additive` has `terms`, each with `features` (one or
two), `cuts` (one ascending list for each) and `values` (one number for each cell, the second feature's cells innermost;
a value belongs to the first cell whose cut it does not exceed).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from probatum.errors import UnsupportedConstruct
from probatum.fairness.artefacts.models import refused, tree
from probatum.fairness.artefacts.models.model import Leaf, Linear, Link, Missing, Model, Network, Node, Rounding, Split, TreeSum


def read_own(path: str, value: Mapping[str, Any]) -> Model:
    """Read a model in our JSON.

    Raises
    ------
    UnreadableArtefact
        If it is of another version, or not as described above.
    """
    if value["schema"] != "probatum-model/1":
        raise refused(path, f"has the schema `{value['schema']}`", "this version reads `probatum-model/1`")
    named = value["features"]
    features = tuple(str(name) for name in named) if isinstance(named, list) else ()
    if not features or len(set(features)) != len(features):
        raise refused(path, "names its features not once each", "give each a name of its own")
    link, source = Link(value.get("link", "identity")), str(value.get("source", ""))
    kind = value.get("kind")
    if kind == "linear":
        weights = _numbers(path, value["weights"])
        if len(weights) != len(features):
            raise refused(path, f"has {len(weights)} weights for {len(features)} features", "write one for each")
        [intercept] = _numbers(path, [value["intercept"]])
        return Linear(features=features, weights=weights, intercept=intercept, link=link, source=source)
    if kind == "network":
        return Network(
            features=features,
            layers=_layers(path, value["layers"], len(features)),
            plain=frozenset(n for n, layer in enumerate(value["layers"][:-1]) if layer.get("relu", True) is False),
            single=value.get("single", False) is True,
            link=link,
            source=source,
        )
    if kind == "trees":
        trees = tuple(_tree(path, one, len(features)) for one in value["trees"])
    elif kind == "additive":
        trees = tuple(_term(path, one, features) for one in value["terms"])
    else:
        raise refused(path, f"is of the kind `{kind}`", "there are `trees`, `additive`, `linear` and `network`")
    divisor = value.get("divisor", 1)
    if isinstance(divisor, bool) or not isinstance(divisor, int) or divisor < 1:
        raise refused(path, "divides by something that is no whole number of at least 1", "correct `divisor`")
    [base] = _numbers(path, [value.get("base", 0.0)])
    return TreeSum(
        features=features,
        trees=trees,
        base=base,
        divisor=divisor,
        single=value.get("single", False) is True,
        rounding=Rounding(value.get("rounding", "none")),
        link=link,
        source=source,
    )


def written(model: Model) -> dict[str, Any]:
    """Return a model in our JSON.

    Raises
    ------
    UnsupportedConstruct
        If it has a test that our JSON has no word for.
    """
    top = {"schema": "probatum-model/1", "features": list(model.features), "link": model.link.value, "source": model.source}
    match model:
        case Linear():
            return top | {"kind": "linear", "weights": list(model.weights), "intercept": model.intercept}
        case Network():
            layers = [
                {"weights": [list(line) for line in weights], "biases": list(biases), "relu": model.rectified(at)}
                for at, (weights, biases) in enumerate(model.layers)
            ]
            return top | {"kind": "network", "single": model.single, "layers": layers}
    return top | {
        "kind": "trees",
        "base": model.base,
        "divisor": model.divisor,
        "rounding": model.rounding.value,
        "single": model.single,
        "trees": [_listed(tree) for tree in model.trees],
    }


def _listed(tree: Node) -> list[Any]:
    found: list[Any] = []

    def add(node: Node) -> int:
        at = len(found)
        if isinstance(node, Leaf):
            found.append(node.value)
            return at
        if node.missing is Missing.ZERO_IS_MISSING:
            raise UnsupportedConstruct(
                "the model takes zeros for missing values, which our JSON has no word for",
                help="train it with `zero_as_missing=false`",
            )
        test: dict[str, Any] = {"feature": node.feature}
        if node.categories is not None:
            test["categories"] = sorted(node.categories)
        else:
            test["below" if node.strict else "at_most"] = node.threshold
        if node.missing is Missing.SIDE:
            test["missing"] = "left" if node.missing_left else "right"
        elif node.missing is Missing.AS_ZERO:
            test["missing"] = "zero"
        found.append(test)
        test["left"] = add(node.left)
        test["right"] = add(node.right)
        return at

    add(tree)
    return found


def _numbers(path: str, values: Sequence[Any]) -> tuple[float, ...]:
    if not all(isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in values):
        raise refused(path, "holds something that is no finite number where one must be", "correct the file")
    return tuple(float(v) for v in values)


def _layers(path: str, layers: Sequence[Any], width: int) -> tuple[tuple[tuple[tuple[float, ...], ...], tuple[float, ...]], ...]:
    found = []
    for layer in layers:
        biases = _numbers(path, layer["biases"])
        weights = tuple(_numbers(path, row) for row in layer["weights"])
        if len(weights) != len(biases) or any(len(row) != width for row in weights):
            raise refused(path, "has layers that do not fit each other", "each layer has one list of weights for each output")
        width = len(biases)
        found.append((weights, biases))
    if not found or width != 1:
        raise refused(path, "does not end in one output", "the last layer has one list of weights")
    return tuple(found)


def _tree(path: str, listed: Sequence[Any], width: int) -> Node:
    nodes: list[tuple[dict[str, Any], int, int] | float] = []
    for one in listed:
        if not isinstance(one, dict):
            nodes.append(_numbers(path, [one])[0])
            continue
        feature = one["feature"]
        if isinstance(feature, bool) or not isinstance(feature, int) or not 0 <= feature < width:
            raise refused(path, f"tests the feature {feature!r}, which it does not have", "features are counted from 0")
        missing = one.get("missing")
        test: dict[str, Any] = {"feature": feature}
        if missing in ("left", "right"):
            test |= {"missing": Missing.SIDE, "missing_left": missing == "left"}
        elif missing == "zero":
            test |= {"missing": Missing.AS_ZERO}
        elif missing is not None:
            raise refused(path, f"sends missing values `{missing}`", "write `left`, `right` or `zero`, or leave it out")
        if "categories" in one:
            test |= {"categories": frozenset(int(v) for v in one["categories"])}
        else:
            strict = "below" in one
            test |= {"threshold": _numbers(path, [one["below" if strict else "at_most"]])[0], "strict": strict}
        nodes.append((test, int(one["left"]), int(one["right"])))
    return tree(path, nodes)


def _term(path: str, term: Mapping[str, Any], features: Sequence[str]) -> Node:
    own = [features.index(str(name)) for name in term["features"]]
    cuts = [_numbers(path, line) for line in term["cuts"]]
    values = _numbers(path, term["values"])
    cells = math.prod(len(line) + 1 for line in cuts)
    if len(own) not in (1, 2) or len(cuts) != len(own) or len(values) != cells:
        raise refused(path, f"has a term with {len(values)} values for {cells} cells", "write one for each cell")
    if any(b <= a for line in cuts for a, b in pairwise(line)):
        raise refused(path, "has cuts that do not ascend", "sort them")

    def along(axis: int, low: int, high: int, rest: int) -> Node:
        """Cells `low` to `high` of one feature, whose first value has the place `rest` of all of them."""
        if low == high:
            if axis + 1 < len(own):
                return along(axis + 1, 0, len(cuts[axis + 1]), low * (len(cuts[axis + 1]) + 1))
            return Leaf(values[rest + low])
        middle = (low + high) // 2
        return Split(
            feature=own[axis],
            threshold=cuts[axis][middle],
            left=along(axis, low, middle, rest),
            right=along(axis, middle + 1, high, rest),
        )

    return along(0, 0, len(cuts[0]), 0)
