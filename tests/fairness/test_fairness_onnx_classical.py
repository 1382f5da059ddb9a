"""Classifiers and regressors in ONNX as converters write them say what a runtime says, at thresholds and where values are missing."""

import itertools
import json
import math

import numpy as np
import pytest
from onnx_files import node, onnx, tensor
from random_models import largest_by_enumeration

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models import Network, TreeSum, read_model
from probatum.fairness.artefacts.models.model import Link, splits
from probatum.fairness.artefacts.models.own import written
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins, Values
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.recheck.twins import walk
from probatum.fairness.semantics.scoring import linked, raw_score
from probatum.source import Source

runtime = pytest.importorskip("onnxruntime", reason="NOT TESTED: onnxruntime is absent, with which models in ONNX are compared")

ML = "ai.onnx.ml"
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")


def session(raw: bytes):
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return runtime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])


def asked(raw: bytes, rows: np.ndarray, output: str) -> np.ndarray:
    """What the runtime says, of an input `x` or of one input for each column."""
    opened = session(raw)
    kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}
    inputs = opened.get_inputs()
    if len(inputs) == 1:
        given = {"x": rows.astype(kinds[inputs[0].type])}
    else:
        given = {one.name: rows[:, [n]].astype(kinds[one.type]) for n, one in enumerate(inputs)}
    [found] = opened.run([output], given)
    if isinstance(found, list):  # of `ZipMap`
        return np.array([list(one.values())[-1] for one in found], dtype=float)
    return np.asarray(found, dtype=float).reshape(len(rows), -1)[:, -1]


def said(raw: bytes, rows: np.ndarray) -> np.ndarray:
    model = read_model(Source("m.onnx", raw))
    return np.array([linked(model.link, raw_score(model, tuple(row))) for row in rows.tolist()])


class Forest:
    """Random trees as the lists of attributes that the operators have."""

    def __init__(self, rng, many: int, *, modes=("BRANCH_LEQ",), leaf=lambda rng: {0: float(rng.normal())}, values=None) -> None:
        self.rng, self.modes, self.leaf, self.values = rng, modes, leaf, values
        self.nodes: list[tuple[int, int, int, str, float, int, int, int]] = []
        self.votes: list[tuple[int, int, int, float]] = []
        for tree in range(many):
            self.counter = itertools.count()
            self.grow(tree, 4)

    def grow(self, tree: int, depth: int) -> int:
        own, place = next(self.counter), len(self.nodes)
        self.nodes.append((tree, own, 0, "LEAF", 0.0, 0, 0, 0))
        if depth == 0 or self.rng.random() < 0.2:
            self.votes.extend((tree, own, output, weight) for output, weight in self.leaf(self.rng).items())
            return own
        column = int(self.rng.integers(3))
        number = float(np.float32(self.rng.choice(self.values) if self.values is not None else self.rng.normal()))
        mode = str(self.rng.choice(self.modes))
        tracks = int(self.rng.random() < 0.5)
        yes, no = self.grow(tree, depth - 1), self.grow(tree, depth - 1)
        self.nodes[place] = (tree, own, column, mode, number, yes, no, tracks)
        return own

    def attributes(self, kind: str) -> dict:
        tree, own, column, mode, number, yes, no, tracks = map(list, zip(*self.nodes, strict=True))
        voting = map(list, zip(*self.votes, strict=True))
        found = {
            "nodes_treeids": tree, "nodes_nodeids": own, "nodes_featureids": column, "nodes_modes": mode,
            "nodes_values": number, "nodes_truenodeids": yes, "nodes_falsenodeids": no,
            "nodes_missing_value_tracks_true": tracks,
        }  # fmt: skip
        return found | dict(zip((f"{kind}_{k}" for k in ("treeids", "nodeids", "ids", "weights")), voting, strict=True))

    def thresholds(self) -> list[float]:
        return [number for _, _, _, mode, number, *_ in self.nodes if mode != "LEAF"]


def rows_near(rng, numbers, many: int = 400, *, missing: bool = True) -> np.ndarray:
    """Rows that are random, at thresholds, just beside them, or missing; of 32 bits, as a runtime is given them."""
    rows = rng.normal(size=(many, 3)).astype(np.float32)
    for at in np.ndindex(rows.shape):
        luck = rng.random()
        if luck < 0.5:
            value = np.float32(rng.choice(numbers))
            rows[at] = [value, np.nextafter(value, np.float32(9e9)), np.nextafter(value, np.float32(-9e9))][rng.integers(3)]
        elif luck < 0.6 and missing:
            rows[at] = np.nan
    return rows.astype(float)


AFTER = (
    node("Cast", ["label"], ["named"], to=7),
    node("Normalizer", ["raw"], ["normal"], ML, norm="L1"),
    node("ZipMap", ["normal"], ["y"], ML, classlabels_int64s=[0, 1]),
)


@pytest.mark.parametrize("modes", [("BRANCH_LEQ",), ("BRANCH_LT",), MODES], ids=["leq", "lt", "all"])
@pytest.mark.parametrize("base", [[], [0.25]], ids=len)
def test_boosting_says_what_the_runtime_says(modes, base):
    rng = np.random.default_rng(len(modes) + len(base))
    forest = Forest(rng, 12, modes=modes, values=[-1.0, 0.0, 0.5, 1.0, 2.0])
    own = forest.attributes("class") | {"post_transform": "LOGISTIC", "classlabels_int64s": [0, 1]}
    own |= {"base_values": base} if base else {}
    raw = onnx(
        [node("TreeEnsembleClassifier", ["x"], ["label", "raw"], ML, **own), *AFTER],
        inputs=[("x", (None, 3))],
        outputs=["named", "y"],
    )
    rows = rows_near(rng, forest.thresholds())

    model = read_model(Source("m.onnx", raw))

    assert isinstance(model, TreeSum)
    assert model.link is Link.LOGISTIC
    assert said(raw, rows) == pytest.approx(asked(raw, rows, "y"), abs=4e-7)


@pytest.mark.parametrize("modes", [("BRANCH_LEQ",), MODES], ids=["leq", "all"])
@pytest.mark.parametrize("aggregate", ["SUM", "AVERAGE"])
def test_a_regressor_says_what_the_runtime_says_to_the_last_bit(modes, aggregate: str):
    rng = np.random.default_rng(7)
    forest = Forest(rng, 20, modes=modes, values=[-1.0, 0.0, 0.5, 1.0, 2.0])
    own = forest.attributes("target") | {"n_targets": 1, "aggregate_function": aggregate}
    own |= {"base_values": [0.125]} if aggregate == "SUM" else {}
    raw = onnx([node("TreeEnsembleRegressor", ["x"], ["y"], ML, **own)], inputs=[("x", (None, 3))])
    rows = rows_near(rng, forest.thresholds())

    assert said(raw, rows).tolist() == asked(raw, rows, "y").tolist()


def shares(rng) -> dict[int, float]:
    share = float(np.float32(rng.integers(0, 9) / 8 / 16))
    return {0: 1 / 16 - share, 1: share}


@pytest.mark.parametrize(
    "labels", [{"classlabels_int64s": [0, 1]}, {"classlabels_strings": ["no", "yes"]}], ids=["whole", "text"]
)
def test_a_forest_with_votes_for_both_classes_says_what_the_runtime_says(labels):
    rng = np.random.default_rng(3)
    forest = Forest(rng, 16, leaf=shares)
    raw = onnx(
        [node("TreeEnsembleClassifier", ["x"], ["label", "y"], ML, **forest.attributes("class"), **labels)],
        inputs=[("x", (None, 3))],
        outputs=["label", "y"],
    )
    rows = rows_near(rng, forest.thresholds())

    assert said(raw, rows).tolist() == asked(raw, rows, "y").tolist()


@pytest.mark.parametrize("kind", [1, 11], ids=["single", "double"])
def test_the_newer_operator_with_lists_of_members_says_what_the_runtime_says(kind: int):
    rng = np.random.default_rng(5)
    columns, modes, numbers, sides, tracks, members, weights = [], [], [], [], [], [], []

    def grow(depth: int) -> tuple[int, int]:
        """A leaf or a test: whether it is a leaf, and its place."""
        if depth == 0 or (depth < 3 and rng.random() < 0.2):
            weights.append(float(rng.normal()))
            return 1, len(weights) - 1
        at = len(columns)
        mode = int(rng.integers(7))
        columns.append(int(rng.integers(3)))
        modes.append(mode)
        numbers.append(float(rng.integers(-2, 3)) / 2)
        tracks.append(int(rng.integers(2)))
        sides.append(((0, 0), (0, 0)))
        if mode == 6:
            members.extend([*sorted({float(v) for v in rng.integers(0, 6, 3)}), math.nan])
        sides[at] = (grow(depth - 1), grow(depth - 1))
        return 0, at

    roots = [grow(4)[1] for _ in range(6)]
    own = {
        "nodes_featureids": columns, "nodes_modes": tensor("", (len(modes),), modes, kind=2),
        "nodes_splits": tensor("", (len(numbers),), numbers, kind=kind), "nodes_missing_value_tracks_true": tracks,
        "nodes_truenodeids": [yes[1] for yes, _ in sides], "nodes_trueleafs": [yes[0] for yes, _ in sides],
        "nodes_falsenodeids": [no[1] for _, no in sides], "nodes_falseleafs": [no[0] for _, no in sides],
        "membership_values": tensor("", (len(members),), members, kind=kind), "tree_roots": roots,
        "leaf_targetids": [0] * len(weights), "leaf_weights": tensor("", (len(weights),), weights, kind=kind), "n_targets": 1,
    }  # fmt: skip
    raw = onnx(
        [node("TreeEnsemble", ["x"], ["z"], ML, **own), node("Sigmoid", ["z"], ["y"])],
        inputs=[("x", (None, 3), kind)],
        classical=5,
    )
    rows = rows_near(rng, [*numbers, 1.0, 2.0, 3.0, 4.0, 5.0])

    assert said(raw, rows) == pytest.approx(asked(raw, rows, "y"), abs=4e-7)


def scaled(*before, kinds=(1, 1, 1)) -> tuple[list[bytes], list]:
    """Inputs of their own, joined to a matrix `m`."""
    names = ("age", "sex", "debt")
    casts = [
        node("Cast", [name], [f"{name}_"], to=1) if kind != 1 else node("Identity", [name], [f"{name}_"])
        for name, kind in zip(names, kinds, strict=True)
    ]
    joined = [*casts, node("Concat", [f"{name}_" for name in names], ["j"], axis=1), *before]
    return joined, [(name, (None, 1), kind) for name, kind in zip(names, kinds, strict=True)]


PREPARED = {
    "scaler": [node("Scaler", ["j"], ["m"], ML, offset=[0.3, -0.1, 7.0], scale=[1.7, -0.4, 0.01])],
    "imputer": [
        node("Imputer", ["j"], ["i"], ML, imputed_value_floats=[0.25, 1.0, -3.0], replaced_value_float=math.nan),
        node("Scaler", ["i"], ["m"], ML, offset=[0.3], scale=[3.0]),
    ],
    "sums": [node("Sub", ["j", "mean"], ["c"]), node("Div", ["c", "spread"], ["m"])],
    "chosen": [node("ArrayFeatureExtractor", ["j", "places"], ["m"], ML)],
    "nothing": [node("Scaler", ["j"], ["m"], ML, offset=[0.0, 1.0, 0.0], scale=[0.0, 1.0, 1.0])],
}
BESIDE = (
    tensor("mean", (1, 3), (0.3, 1.1, -0.7)),
    tensor("spread", (3,), (0.7, 3.0, 0.11)),
    tensor("places", (3,), (2, 0, 1), kind=7),
)


@pytest.mark.parametrize("how", PREPARED)
def test_trees_on_prepared_columns_test_the_features_at_the_right_numbers(how: str):
    rng = np.random.default_rng(11)
    forest = Forest(rng, 8, modes=MODES)
    nodes, inputs = scaled(*PREPARED[how])
    own = forest.attributes("target") | {"n_targets": 1}
    raw = onnx([*nodes, node("TreeEnsembleRegressor", ["m"], ["y"], ML, **own)], BESIDE, inputs)
    model = read_model(Source("m.onnx", raw))
    # Numbers at which a feature's test changes, and those beside them: of 32 bits.
    cuts = [split.threshold for tree in model.trees for split in splits(tree) if abs(split.threshold) < 1e30]
    rows = rows_near(rng, cuts)

    assert model.features == ("age", "sex", "debt")
    assert said(raw, rows).tolist() == asked(raw, rows, "y").tolist()


def test_inputs_of_whole_numbers_are_cast_and_joined():
    rng = np.random.default_rng(13)
    forest = Forest(rng, 8, values=[0.5, 1.0, 2.5, 16777217.0])
    nodes, inputs = scaled(node("Identity", ["j"], ["m"]), kinds=(7, 7, 1))
    raw = onnx([*nodes, node("TreeEnsembleRegressor", ["m"], ["y"], ML, **forest.attributes("target"), n_targets=1)], (), inputs)
    rows = np.array(
        [(a, b, c) for a in (0, 1, 2, 3, 16777216, 16777217, 16777218) for b in (-1, 0, 3) for c in (0.5, 2.5, 2.6)], dtype=float
    )

    assert said(raw, rows).tolist() == asked(raw, rows, "y").tolist()


@pytest.mark.parametrize("transform", ["LOGISTIC", "SOFTMAX", "NONE"])
def test_a_linear_classifier_says_what_the_runtime_says(transform: str):
    rng = np.random.default_rng(17)
    weights = [float(np.float32(v)) for v in rng.normal(size=3)]
    own = {
        "coefficients": [*(-w for w in weights), *weights], "intercepts": [-0.75, 0.75], "post_transform": transform,
        "classlabels_ints": [0, 1], "multi_class": 1,
    }  # fmt: skip
    nodes, inputs = scaled(*PREPARED["scaler"])
    after = AFTER if transform != "NONE" else (AFTER[0], node("Identity", ["raw"], ["y"]))
    raw = onnx([*nodes, node("LinearClassifier", ["m"], ["label", "raw"], ML, **own), *after], (), inputs, ["named", "y"])
    rows = rng.normal(size=(300, 3)).astype(np.float32).astype(float)

    assert said(raw, rows) == pytest.approx(asked(raw, rows, "y"), abs=2e-6)
    assert isinstance(read_model(Source("m.onnx", raw)), Network)


def test_a_linear_regressor_says_what_the_runtime_says():
    raw = onnx(
        [node("LinearRegressor", ["x"], ["y"], ML, coefficients=[0.5, -1.25, 3.0], intercepts=[0.1])], inputs=[("x", (None, 3))]
    )
    rows = np.random.default_rng(19).normal(size=(100, 3)).astype(np.float32).astype(float)

    assert said(raw, rows) == pytest.approx(asked(raw, rows, "y"), abs=2e-6)


NETWORK = (
    node("Cast", ["x"], ["c"], to=1),
    node("MatMul", ["c", "w"], ["h"]),
    node("Add", ["h", "b"], ["a"]),
    node("Relu", ["a"], ["r"]),
    node("MatMul", ["r", "v"], ["o"]),
    node("Add", ["o", "d"], ["s"]),
    node("Sigmoid", ["s"], ["p"]),
    node("Sub", ["one", "p"], ["q"]),
    node("Concat", ["q", "p"], ["probabilities"], axis=1),
    node("ArgMax", ["probabilities"], ["place"], axis=1, keepdims=0),
    node("ArrayFeatureExtractor", ["classes", "place"], ["named"], ML),
    node("Cast", ["named"], ["cast"], to=6),
    node("Reshape", ["cast", "flat"], ["label"]),
    node("Cast", ["label"], ["output_label"], to=7),
    node("ZipMap", ["probabilities"], ["y"], ML, classlabels_int64s=[0, 1]),
)


@pytest.mark.parametrize("kind", [6, 7])
def test_a_classifying_network_as_converters_write_it_is_read_without_what_names_the_class(kind: int):
    rng = np.random.default_rng(23)
    constants = (
        tensor("w", (2, 4), rng.normal(size=8).tolist()), tensor("b", (1, 4), rng.normal(size=4).tolist()),
        tensor("v", (4, 1), rng.normal(size=4).tolist()), tensor("d", (1, 1), [0.5]), tensor("one", (1,), [1.0]),
        tensor("classes", (2,), (0, 1), kind=kind), tensor("flat", (1,), (-1,), kind=7),
    )  # fmt: skip
    raw = onnx(NETWORK, constants, outputs=["output_label", "y"])
    rows = rng.normal(size=(200, 2)).astype(np.float32).astype(float)

    assert said(raw, rows) == pytest.approx(asked(raw, rows, "y"), abs=1e-6)


def test_classes_that_are_texts_are_left_out():
    constants = (
        tensor("w", (2, 1), (1.0, -2.0)), tensor("one", (1,), [1.0]), tensor("classes", (2,), ("no", "yes"), kind=8),
    )  # fmt: skip
    nodes = (node("Gemm", ["x", "w"], ["s"]), *NETWORK[6:11], node("Identity", ["named"], ["label"]))
    raw = onnx(nodes, constants, outputs=["label", "probabilities"])

    assert said(raw, np.array([[2.0, 0.5]])) == pytest.approx(1 / (1 + math.exp(-1)))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"classlabels_int64s": [0, 1, 2]}, "3 classes"),
        ({"post_transform": "SOFTMAX"}, "`SOFTMAX`"),
        ({"post_transform": "PROBIT"}, "`PROBIT`"),
        ({"nodes_modes": ["BRANCH_LEQ", "LEAF", "BRANCH_ODD"]}, "`BRANCH_ODD`"),
        ({"nodes_truenodeids": [0, 0, 0]}, "root"),
        ({"nodes_truenodeids": [7, 0, 0]}, "not there"),
        ({"nodes_featureids": [9, 0, 0]}, "column beyond"),
        ({"nodes_values": [0.5, 0.0]}, "equally long"),
        ({"nodes_values": [math.nan, 0.0, 0.0]}, "not finite"),
        ({"class_weights": [math.inf, 0.25]}, "not finite"),
        ({"class_weights": [0.5, 0.25], "post_transform": "LOGISTIC"}, "all positive"),
        ({"class_nodeids": [0, 2]}, "no leaf"),
        ({"class_ids": [0, 1]}, "some classes in some leaves"),
        ({"nodes_nodeids": [0, 1, 1]}, "twice"),
        ({"base_values": [0.5, 0.5]}, "two numbers"),
    ],
)
def test_trees_that_are_not_understood_exactly_are_refused(change, text: str):
    own = {
        "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"], "nodes_values": [0.5, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0],
        "class_treeids": [0, 0], "class_nodeids": [1, 2], "class_ids": [0, 0], "class_weights": [-0.5, 0.25],
        "classlabels_int64s": [0, 1],
    }  # fmt: skip

    with pytest.raises(UnreadableArtefact) as caught:
        read_model(
            Source(
                "m.onnx",
                onnx([node("TreeEnsembleClassifier", ["x"], ["label", "y"], ML, **own | change)], outputs=["label", "y"]),
            )
        )

    assert text in caught.value.message


@pytest.mark.parametrize(
    ("nodes", "inputs", "text"),
    [
        ([node("OneHotEncoder", ["x"], ["y"], ML, cats_strings=["a", "b"])], [("x", (None, 1), 8)], "no number"),
        ([node("SVMClassifier", ["x"], ["label", "y"], ML)], [("x", (None, 2))], "`SVMClassifier`"),
        (
            [node("Normalizer", ["x"], ["n"], ML, norm="L2"), node("LinearRegressor", ["n"], ["y"], ML)],
            [("x", (None, 2))],
            "`Normalizer`",
        ),
        ([node("LinearRegressor", ["x"], ["y"], ML, coefficients=[1.0])], [("x", (None, 2))], "1 coefficients"),
        (
            [node("Imputer", ["x"], ["y"], ML, imputed_value_floats=[1.0], replaced_value_float=0.0)],
            [("x", (None, 2))],
            "`Imputer`",
        ),
    ],
)
def test_other_operators_are_refused_by_name(nodes, inputs, text: str):
    with pytest.raises(UnreadableArtefact) as caught:
        read_model(Source("m.onnx", onnx(nodes, (), inputs)))

    assert text in caught.value.message


def boosted(rng) -> tuple[bytes, Forest]:
    forest = Forest(rng, 6, modes=MODES, values=[0.0, 1.0, 2.0, 3.0])
    own = forest.attributes("class") | {"post_transform": "LOGISTIC", "classlabels_int64s": [0, 1], "base_values": [0.25]}
    nodes, inputs = scaled(node("Identity", ["j"], ["m"]), kinds=(7, 7, 1))
    return onnx([*nodes, node("TreeEnsembleClassifier", ["m"], ["label", "y"], ML, **own)], (), inputs, ["label", "y"]), forest


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("output", list(Output))
def test_bounds_of_boosting_in_onnx_are_those_of_asking_everybody(seed: int, output: Output):
    raw, _ = boosted(np.random.default_rng(seed))
    model = read_model(Source("m.onnx", raw))
    people = Domain(features={"age": Range(-1, 4, True), "sex": Values((0.0, 1.0)), "debt": Values((0.0, 1.0, 2.0, 3.0))})
    question = Question(model=model, digest="0" * 64, domain=people, twins=Twins(vary=("sex",)), output=output)

    found = answer(question)

    best = largest_by_enumeration(question)
    if output is Output.DECISION and best <= 0:
        assert found.upper < 1e-4
        return
    assert found.lower == pytest.approx(best, abs=1e-5)  # of sums that are rounded, another pair may be further apart
    assert best <= found.upper <= best + 1e-4
    if output is not Output.DECISION:
        assert walk(model, found.certificate, found.upper).status == "confirmed"


def test_a_model_in_onnx_says_the_same_once_it_is_written_in_our_json():
    rng = np.random.default_rng(29)
    raw, forest = boosted(rng)
    model = read_model(Source("m.onnx", raw))
    again = read_model(Source("m.json", json.dumps(written(model)).encode()))
    rows = [tuple(row) for row in rows_near(rng, forest.thresholds()).tolist()]

    assert [raw_score(again, row) for row in rows] == [raw_score(model, row) for row in rows]


def test_a_damaged_file_with_trees_is_refused_and_never_a_crash():
    rng = np.random.default_rng(31)
    good, _ = boosted(rng)
    refused = 0
    for _ in range(300):
        raw = bytearray(good)
        for at in rng.integers(0, len(raw), 3):
            raw[at] = rng.integers(0, 256)
        try:
            read_model(Source("m.onnx", bytes(raw[: len(raw) if rng.random() < 0.7 else rng.integers(0, len(raw))])))
        except UnreadableArtefact:
            refused += 1

    assert 100 < refused < 300  # another number in a leaf is another model
