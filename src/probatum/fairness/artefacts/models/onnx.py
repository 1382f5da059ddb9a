"""Models in ONNX files: networks of matrices, sums and ReLU, linear scores and sums of trees. Nothing is executed.

What is read of a network: `Gemm`, `MatMul`, `Add`, `Sub`, `Mul` and `Div` with constants, `Relu`, and what changes nothing
(`Identity`, `Flatten`, `Dropout`, `Cast` and `Reshape` to the same); at the end `Sigmoid`, or `Softmax` over two outputs, of
which the second is the score. Of classical models: `LinearClassifier`, `LinearRegressor`, `TreeEnsemble` and its two older
forms, after `Scaler`, `Imputer` and `Concat` of features; after them what names a class (`ArgMax`, `ZipMap`, labels) is left
out, and of two probabilities the second is the score. Anything else is refused by its name.

Features have the names of the inputs, if each is one number and `Concat` joins them. Of one input with several numbers the
names are those that the file's metadata lists under `features` (separated by commas, or as JSON), else `f0`, `f1`, ...

Runtimes compute in numbers of 32 bits, in an order of their own; so inputs are rounded to 32 bits, and every bound allows
for any order of the sums.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models import refused
from probatum.fairness.artefacts.models.model import Leaf, Link, Network, Node, Rounding, TreeSum
from probatum.fairness.artefacts.models.onnx_columns import Column
from probatum.fairness.artefacts.models.onnx_graph import (
    BOOL,
    DOUBLE,
    FLOAT,
    INT32,
    INT64,
    Graph,
    Operator,
    Tensor,
    read_graph,
)

_MOST_WIDE = 10_000  # outputs of a layer
_CLASSICAL = "ai.onnx.ml"
_DOMAINS = ("", "ai.onnx", _CLASSICAL)
_WHOLE = (INT32, INT64, BOOL)

Matrix = tuple[tuple[float, ...], ...]
Layer = tuple[Matrix, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """A matrix whose columns are each made of one feature. `whole`: of numbers that are not yet cast to fractions."""

    all: tuple[Column, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Flow:
    """The features after some layers. `rectified`: ReLU stands after layer k. `link`: `sigmoid` or `softmax` at the end.

    `pair`: there are two columns, and what this stands for is the second; `whole`: these add up to 1.
    """

    width: int
    layers: list[Layer] = field(default_factory=list)
    rectified: list[bool] = field(default_factory=list)
    link: str = ""
    pair: bool = False
    whole: bool = False

    def then(self, weights: Matrix, biases: tuple[float, ...]) -> _Flow:
        return replace(self, width=len(biases), layers=[*self.layers, (weights, biases)], rectified=[*self.rectified, False])


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum of trees. `pair` and `whole` as above."""

    trees: tuple[Node, ...]
    divisor: int
    link: Link
    pair: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class _Other:
    """What no score is made of: classes, or `rest`, which is 1 less the value of that name."""

    rest: str = ""


_Value: TypeAlias = _Columns | _Flow | _Sum | _Other


def read_onnx(path: str, raw: bytes) -> Network | TreeSum:
    """Read a model.

    Raises
    ------
    UnreadableArtefact
        If an operation is not one of those above, or the file is damaged.
    """
    return _Reader(path, read_graph(path, raw)).read()


class _Reader:
    def __init__(self, path: str, graph: Graph) -> None:
        self._path = path
        self._graph = graph
        self._constants = dict(graph.constants)
        self._values: dict[str, _Value] = {}
        self._narrow = False  # something is computed in numbers of 32 bits
        self._wide = 0  # features
        self._order: list[int] | None = None  # in which layers take them

    def _refused(
        self, what: str, advice: str = "export a linear model, trees, or a network of matrices and ReLU"
    ) -> UnreadableArtefact:
        return refused(self._path, what, advice)

    def read(self) -> Network | TreeSum:
        graph = self._graph
        features = self._features()
        for operator in graph.operators:
            if operator.domain not in _DOMAINS:
                raise self._refused(f"has the operator `{operator.domain}.{operator.op}`, which is not known")
            if operator.op == "Constant" and operator.outputs:
                self._constants[operator.outputs[0]] = _constant_of(operator)
                continue
            if not operator.outputs:
                raise self._refused(f"has the operator `{operator.op}` without an output")
            found = self._applied(operator)
            self._values[operator.outputs[0]] = found[0]
            self._values.update(dict.fromkeys(filter(None, operator.outputs[1:]), found[1]))
        scores = [self._values[name] for name in graph.outputs if not isinstance(self._values.get(name, _Other()), _Other)]
        if len(scores) != 1:
            raise self._refused(f"has {len(scores)} outputs that are scores", "export it with the score as its one output")
        source = f"ONNX, {graph.producer or 'of an unknown producer'}"
        [score] = scores
        if isinstance(score, _Sum):
            return TreeSum(
                features=features,
                trees=score.trees,
                divisor=score.divisor,
                single=True,
                rounding=Rounding.NONE,
                link=score.link,
                source=source,
            )
        return self._network(score, features, source)

    def _network(self, score: _Value, features: tuple[str, ...], source: str) -> Network:
        flow = self._entered(score) if isinstance(score, _Columns) else score
        assert isinstance(flow, _Flow)  # noqa: S101 - sums are handled, and others are no score
        if flow.link == "softmax":
            flow = flow.then(((-1.0, 1.0),), (0.0,))
        elif flow.pair and flow.width == 2:
            flow = flow.then(((0.0, 1.0),), (0.0,))
        if flow.width != 1 or not flow.layers:
            raise self._refused(f"has {flow.width} outputs", "export it with one output, or a softmax over two")
        if flow.rectified[-1]:
            # What is not negative stays as it is: one more layer, which changes nothing, ends without ReLU.
            flow = flow.then(((1.0,),), (0.0,))
        return Network(
            features=tuple(features[n] for n in self._order or range(len(features))),
            layers=tuple(flow.layers),
            plain=frozenset(n for n, relu in enumerate(flow.rectified[:-1]) if not relu),
            single=self._narrow,
            link=Link.LOGISTIC if flow.link else Link.IDENTITY,
            source=source,
        )

    def _features(self) -> tuple[str, ...]:
        """Take the inputs, and return the features' names."""
        inputs = self._graph.inputs
        if not inputs:
            raise self._refused("has no input")
        for name, kind, shape in inputs:
            if kind not in (FLOAT, DOUBLE, *_WHOLE):
                raise self._refused(
                    f"has the input `{name}` that is no number (type {kind})",
                    "export the model without what encodes texts, and give it columns of numbers",
                )
            width = shape[-1] if shape else None
            if len(shape) not in (1, 2) or width is None or not 0 < width <= _MOST_WIDE:
                raise self._refused(
                    f"has an input of the shape {tuple('?' if d is None else d for d in shape)}",
                    "export it with an input of the shape (rows, features)",
                )
            if len(inputs) > 1 and (len(shape) != 2 or width != 1):
                raise self._refused(
                    "has inputs that are not one number each", "give each feature an input of the shape (rows, 1)"
                )
            own = range(self._wide, self._wide + width)
            self._wide += width
            columns = tuple(Column(n, kind == FLOAT, (("round", 0.0),) if kind == FLOAT else ()) for n in own)
            self._narrow = self._narrow or kind == FLOAT
            self._values[name] = _Columns(columns, kind in _WHOLE)
        if len(inputs) > 1:
            return tuple(name for name, _, _ in inputs)
        return self._named(self._wide)

    def _named(self, width: int) -> tuple[str, ...]:
        said = self._graph.metadata.get("features")
        if said is None:
            return tuple(f"f{n}" for n in range(width))
        names = json.loads(said) if said.lstrip().startswith("[") else [part.strip() for part in said.split(",")]
        if len(names) != width or len(set(map(str, names))) != width or not all(isinstance(n, str) and n for n in names):
            raise self._refused(f"has {width} inputs, and `features` in its metadata does not name each once")
        return tuple(names)

    def _applied(self, operator: Operator) -> tuple[_Value, _Value]:
        """Return what an operator's first output is, and its others."""
        given = [self._values[name] for name in operator.inputs if name in self._values]
        op = operator.op
        if given and all(isinstance(one, _Other) and not one.rest for one in given):
            return _Other(), _Other()  # of classes come classes
        if op == "Concat":
            return self._joined(operator, given), _Other()
        if op in ("ArrayFeatureExtractor", "Gather") and given and operator.inputs[0] in self._constants:
            return _Other(), _Other()  # the class at a place that was computed
        if len(given) != 1 or isinstance(given[0], _Other):
            raise self._refused(f"has the operator `{op}` in a place where it does not take one value that was computed")
        [value] = given
        if op in ("ArgMax", "ZipMap", "Binarizer"):
            return (value if op == "ZipMap" else _Other()), _Other()
        if op in ("TreeEnsembleClassifier", "LinearClassifier"):
            return _Other(), self._trees(operator, value) if op.startswith("Tree") else self._linear(operator, value)
        if op in ("TreeEnsembleRegressor", "TreeEnsemble"):
            return self._trees(operator, value), _Other()
        if op == "LinearRegressor":
            return self._linear(operator, value), _Other()
        if isinstance(value, _Columns) and (columns := self._of_columns(operator, value)) is not None:
            return columns, _Other()
        if isinstance(value, _Sum):
            return self._of_sum(operator, value), _Other()
        flow = self._entered(value) if isinstance(value, _Columns) else value
        assert isinstance(flow, _Flow)  # noqa: S101 - there is nothing else
        return self._of_flow(operator, flow), _Other()

    def _joined(self, operator: Operator, given: Sequence[_Value]) -> _Value:
        columns = [one for one in given if isinstance(one, _Columns)]
        along = operator.attributes.get("axis") in (1, -1)
        if along and len(columns) == len(operator.inputs) and len({one.whole for one in columns}) == 1:
            return _Columns(tuple(column for one in columns for column in one.all), columns[0].whole)
        if along and len(given) == len(operator.inputs) == 2:
            rest, value = given
            if isinstance(rest, _Other) and rest.rest == operator.inputs[1] and isinstance(value, _Flow):
                return replace(value, pair=True, whole=True)
        raise self._refused("has a `Concat` of something that is not columns of features, or two probabilities that add up to 1")

    def _trees(self, operator: Operator, value: _Value) -> _Sum:
        from probatum.fairness.artefacts.models.onnx_trees import ensemble_of

        if not isinstance(value, _Columns):
            raise self._refused(f"has the operator `{operator.op}` on what is not columns that are each made of one feature")
        columns = [column.narrowed() if value.whole else column for column in value.all]
        found = ensemble_of(operator, columns, self._refused)
        classes = self._classes(operator) if operator.op == "TreeEnsembleClassifier" else 0
        if classes == 0:
            outputs = int(operator.attributes.get("n_targets", 1))
            if outputs != 1 or set(found.outputs) - {0}:
                raise self._refused(f"has {outputs} outputs", "export it with the score as its one output")
        mixed = len(found.outputs) > 1
        if set(found.outputs) - {0, 1} or (mixed and (1 not in found.everywhere or any(found.base))):
            raise self._refused(
                "has trees whose votes are for some classes in some leaves only", "export it with another version"
            )
        if len(found.base) > 1:
            raise self._refused("starts from two numbers, of which runtimes take one", "export it with one in `base_values`")
        if found.transform not in ("NONE", "LOGISTIC"):
            raise self._refused(
                f"ends in `{found.transform}`, which is not understood exactly", "export it with `LOGISTIC` or none"
            )
        if classes and not mixed and found.positive and found.transform == "LOGISTIC":
            # Here runtimes leave the logistic function out, and the description of the operator does not.
            raise self._refused("has votes for one class that are all positive, and `LOGISTIC`", "export the raw sums")
        trees = found.outputs[1] if mixed else next(iter(found.outputs.values()), ())
        base = found.base[-1] if found.base else 0.0
        if base:
            trees = (*trees, Leaf(base * found.divisor))
        if not trees:
            raise self._refused("has no tree", "train the model before it is saved")
        link = Link.LOGISTIC if found.transform == "LOGISTIC" else Link.IDENTITY
        return _Sum(trees, found.divisor, link, pair=classes > 0, whole=link is Link.LOGISTIC and not mixed)

    def _classes(self, operator: Operator) -> int:
        labels = [v for k in ("strings", "int64s", "ints") for v in operator.attributes.get(f"classlabels_{k}") or []]
        if len(labels) != 2:
            raise self._refused(f"tells {len(labels)} classes apart, and not two", "train one that decides between two")
        return len(labels)

    def _linear(self, operator: Operator, value: _Value) -> _Flow:
        flow = self._narrowed(value)
        weights, biases = operator.numbers("coefficients"), operator.numbers("intercepts")
        classifies = operator.op == "LinearClassifier"
        rows = self._classes(operator) if classifies else int(operator.attributes.get("targets", 1))
        if rows != (2 if classifies else 1):
            raise self._refused(f"has {rows} outputs", "export it with the score as its one output")
        biases = biases or [0.0] * rows
        if len(weights) != rows * flow.width or len(biases) != rows or not all(map(math.isfinite, (*weights, *biases))):
            raise self._refused(
                f"has the operator `{operator.op}` with {len(weights)} coefficients for {rows} outputs of {flow.width} columns"
            )
        lines = tuple(tuple(weights[n * flow.width : (n + 1) * flow.width]) for n in range(rows))
        transform = operator.word("post_transform", "NONE")
        mirrored = classifies and tuple(-w for w in lines[0]) == lines[1] and biases[0] == -biases[1]
        if transform == "SOFTMAX" and classifies:
            return replace(flow.then(lines, tuple(biases)), link="softmax", pair=True, whole=True)
        if transform not in ("NONE", "LOGISTIC"):
            raise self._refused(f"ends in `{transform}`, which is not understood exactly", "export it with `LOGISTIC` or none")
        flow = flow.then(lines[-1:], tuple(biases[-1:]))
        logistic = transform == "LOGISTIC"
        return replace(flow, link="sigmoid" if logistic else "", pair=classifies, whole=logistic and mirrored)

    def _narrowed(self, value: _Value) -> _Flow:
        """Return a value that enters an operator that computes in 32 bits, as layers."""
        if isinstance(value, _Columns):
            value = self._entered(_Columns(tuple(column.narrowed() for column in value.all)))
        if not isinstance(value, _Flow) or value.link:
            raise self._refused("has a linear model after something that is no column of numbers")
        self._narrow = True
        return value

    def _entered(self, value: _Columns) -> _Flow:
        """Return columns as layers: what is done to each, step by step."""
        if value.whole:
            raise self._refused("multiplies whole numbers", "cast them to fractions (`Cast`) first")
        lines = [column.layers() for column in value.all]
        flow = _Flow(self._wide)
        order = [column.feature for column in value.all]
        if self._order is None and sorted(order) == list(range(self._wide)):
            self._order = order
        if order != self._order:
            self._order = self._order or list(range(self._wide))
            chosen = tuple(tuple(float(n == feature) for n in self._order) for feature in order)
            flow = flow.then(chosen, (0.0,) * len(order))
        for at in range(max(map(len, lines))):
            steps = [line[at] if at < len(line) else (1.0, 0.0) for line in lines]
            flow = flow.then(_diagonal([factor for factor, _ in steps]), tuple(added for _, added in steps))
        return flow

    def _of_columns(self, operator: Operator, value: _Columns) -> _Value | None:
        """Return columns after an operator that keeps each a function of one feature; None for other operators."""
        columns = value.all
        match operator.op:
            case "Cast":
                to = operator.attributes.get("to")
                if to not in (FLOAT, DOUBLE):
                    raise self._refused("rounds what it computed to another type (`Cast`)")
                self._narrow = self._narrow or to == FLOAT
                wider = tuple(replace(column, narrow=False) for column in columns)
                return _Columns(tuple(column.narrowed() for column in columns) if to == FLOAT else wider)
            case "Scaler":
                moved, factors = (
                    [one[0]] * len(columns) if len(one) == 1 else one
                    for one in (operator.numbers("offset"), operator.numbers("scale"))
                )
                if len(moved) != len(columns) or len(factors) != len(columns) or not all(map(math.isfinite, (*moved, *factors))):
                    raise self._refused("has a `Scaler` that does not fit its columns")
                self._narrow = True
                return _Columns(
                    tuple(c.narrowed().then("sub", m).then("mul", f) for c, m, f in zip(columns, moved, factors, strict=True))
                )
            case "Imputer":
                filled = operator.numbers("imputed_value_floats")
                filled = filled * len(columns) if len(filled) == 1 else filled
                replaced = operator.attributes.get("replaced_value_float", 0.0)
                if len(filled) != len(columns) or value.whole or not math.isnan(replaced) or not all(map(math.isfinite, filled)):
                    raise self._refused("has an `Imputer` that fills in for something else than missing numbers")
                return _Columns(tuple(column.then("fill", v) for column, v in zip(columns, filled, strict=True)))
            case "Add" | "Sub" | "Mul" | "Div" if not value.whole:
                values, place = self._beside(operator, len(columns))
                step = {"Add": "add", "Mul": "mul", "Sub": "from" if place == 0 else "sub", "Div": "div"}[operator.op]
                return _Columns(tuple(column.then(step, v) for column, v in zip(columns, values, strict=True)))
            case "ArrayFeatureExtractor" | "Gather":
                places = self._constants.get(operator.inputs[1]) if len(operator.inputs) > 1 else None
                along = operator.op == "ArrayFeatureExtractor" or operator.attributes.get("axis", 0) in (1, -1)
                if places is None or not along or not all(0 <= int(p) < len(columns) for p in places.values):
                    raise self._refused(f"has the operator `{operator.op}` with places that are not known")
                return _Columns(tuple(columns[int(p)] for p in places.values), value.whole)
            case op if op in _SAME:
                self._same(operator, len(columns))
                return value
        return None

    def _of_sum(self, operator: Operator, value: _Sum) -> _Value:
        op = operator.op
        if op == "Normalizer" and value.pair and value.whole and operator.word("norm", "MAX") == "L1":
            return value
        if op == "Sigmoid" and not value.pair and value.link is Link.IDENTITY:
            return replace(value, link=Link.LOGISTIC)
        if op == "Sub" and not value.pair and value.link is Link.LOGISTIC and self._ones(operator):
            return _Other(rest=operator.inputs[1])
        if op in _SAME:
            self._same(operator, 2 if value.pair else 1)
            return value
        raise self._refused(f"has the operator `{op}` after its trees, which is not understood exactly")

    def _of_flow(self, operator: Operator, flow: _Flow) -> _Value:
        op = operator.op
        if flow.link or flow.pair:
            if op == "Normalizer" and flow.whole and operator.word("norm", "MAX") == "L1":
                return flow
            if op == "Sub" and flow.link == "sigmoid" and not flow.pair and self._ones(operator):
                return _Other(rest=operator.inputs[1])
            if op not in _SAME:
                raise self._refused(f"has the operator `{op}` after the `{flow.link or 'classifier'}` at its end")
        match op:
            case "Gemm" | "MatMul":
                return self._product(operator, flow)
            case "Add" | "Sub" | "Mul" | "Div":
                return self._elementwise(operator, flow)
            case "Relu":
                if not flow.layers:
                    flow = flow.then(_diagonal([1.0] * flow.width), (0.0,) * flow.width)
                return replace(flow, rectified=[*flow.rectified[:-1], True])
            case "Sigmoid" if flow.width == 1:
                return replace(flow, link="sigmoid")
            case "Softmax" if flow.width == 2 and operator.attributes.get("axis", -1) in (1, -1):
                return replace(flow, link="softmax", pair=True, whole=True)
            case _ if op in _SAME:
                self._same(operator, 2 if flow.pair else flow.width)
                return flow
        unusual = " in an unusual place" if op in ("Sigmoid", "Softmax") else ""
        raise self._refused(f"has the operator `{op}`{unusual}, which is not understood exactly")

    def _ones(self, operator: Operator) -> bool:
        one = self._constants.get(operator.inputs[0])
        return one is not None and len(operator.inputs) == 2 and set(one.values) == {1.0} and len(one.values) == 1

    def _constant(self, operator: Operator, at: int) -> Tensor:
        name = operator.inputs[at] if at < len(operator.inputs) else ""
        found = self._constants.get(name)
        if found is None or found.kind not in (FLOAT, DOUBLE):
            raise self._refused(f"has the operator `{operator.op}` with `{name}`, which is no constant of numbers")
        if not all(map(math.isfinite, found.values)):
            raise self._refused(f"has the constant `{name}`, which is not finite everywhere", "train it again")
        return found

    def _product(self, operator: Operator, flow: _Flow) -> _Flow:
        matrix = self._constant(operator, 1)
        if len(matrix.dims) != 2:
            raise self._refused(f"has the operator `{operator.op}` with a constant that is no matrix")
        rows, columns = matrix.dims
        lines = [matrix.values[n * columns : (n + 1) * columns] for n in range(rows)]
        own = operator.attributes if operator.op == "Gemm" else {}
        if own.get("transA", 0):
            raise self._refused("turns its input round (`transA` of `Gemm`)")
        scale = float(own.get("alpha", 1.0))
        weights = tuple(tuple(line) for line in (lines if own.get("transB", 0) else zip(*lines, strict=True)))
        if scale != 1.0:
            weights = tuple(tuple(scale * w for w in line) for line in weights)
        if not weights or len(weights) > _MOST_WIDE or any(len(line) != flow.width for line in weights):
            raise self._refused(f"has the operator `{operator.op}`, whose matrix does not fit the {flow.width} numbers before it")
        biases = (0.0,) * len(weights)
        if operator.op == "Gemm" and len(operator.inputs) > 2 and operator.inputs[2]:
            factor = float(own.get("beta", 1.0))
            biases = tuple(factor * v for v in self._spread(operator, self._constant(operator, 2), len(weights)))
        return flow.then(weights, biases)

    def _beside(self, operator: Operator, width: int) -> tuple[tuple[float, ...], int]:
        """Return the constant of an operation with one, as one number for each column, and its place."""
        if len(operator.inputs) != 2:
            raise self._refused(f"has the operator `{operator.op}` with {len(operator.inputs)} inputs")
        place = 1 if operator.inputs[0] not in self._constants else 0
        values = self._spread(operator, self._constant(operator, place), width)
        if operator.op == "Div" and (place == 0 or any(v == 0 for v in values)):
            raise self._refused("divides by zero, or by what it computed")
        return values, place

    def _elementwise(self, operator: Operator, flow: _Flow) -> _Flow:
        values, place = self._beside(operator, flow.width)
        nothing, ones = (0.0,) * flow.width, [1.0] * flow.width
        if operator.op == "Add" or (operator.op == "Sub" and place == 1):
            added = tuple(-v for v in values) if operator.op == "Sub" else values
            if operator.op == "Add" and flow.layers and not flow.rectified[-1] and not any(flow.layers[-1][1]):
                # A product and the sum after it are one layer.
                return replace(flow, layers=[*flow.layers[:-1], (flow.layers[-1][0], added)])
            return flow.then(_diagonal(ones), added)
        if operator.op == "Sub":
            return flow.then(_diagonal([-1.0] * flow.width), values)
        return flow.then(_diagonal([v if operator.op == "Mul" else 1.0 / v for v in values]), nothing)

    def _spread(self, operator: Operator, tensor: Tensor, width: int) -> tuple[float, ...]:
        """Return a constant as one number for each column."""
        if len(tensor.values) == 1:
            return tensor.values * width
        if len(tensor.values) != width or len(tensor.dims) > 2 or tensor.dims[-1] != width:
            raise self._refused(
                f"has the operator `{operator.op}` with a constant of the shape {tensor.dims} for {width} columns"
            )
        return tensor.values

    def _same(self, operator: Operator, width: int) -> None:
        """Check that an operator changes nothing."""
        if operator.op == "Flatten" and operator.attributes.get("axis", 1) not in (1, -1):
            raise self._refused("has a `Flatten` that joins rows")
        if operator.op == "Cast":
            if operator.attributes.get("to") not in (FLOAT, DOUBLE):
                raise self._refused("rounds what it computed to another type (`Cast`)")
            self._narrow = self._narrow or operator.attributes.get("to") == FLOAT
        if operator.op == "Reshape":
            shape = self._constants.get(operator.inputs[1] if len(operator.inputs) > 1 else "")
            kept: list[tuple[float, ...]] = [(-1.0, width), (0.0, width), (0.0, -1.0)]
            if shape is None or shape.values not in (kept if width > 1 else [*kept, (-1.0,)]):
                raise self._refused("has a `Reshape` that changes more than the number of rows")
        if operator.op == "Squeeze" and width != 1:
            raise self._refused("has a `Squeeze` of several columns")
        if operator.op == "Dropout" and len(operator.inputs) > 2 and operator.inputs[2]:
            raise self._refused("has a `Dropout` that can be made to act")


_SAME = ("Identity", "Flatten", "Dropout", "Cast", "Reshape", "Squeeze")


def _constant_of(operator: Operator) -> Tensor:
    """Return what a `Constant` holds; of texts, only that they are some."""
    for name, kind in (
        ("value", 0),
        ("value_float", FLOAT),
        ("value_floats", FLOAT),
        ("value_int", INT64),
        ("value_ints", INT64),
    ):
        value = operator.attributes.get(name)
        if isinstance(value, Tensor):
            return value
        if isinstance(value, list):
            return Tensor((len(value),), kind, tuple(value))
        if isinstance(value, int | float):
            return Tensor((), kind, (value,))
    return Tensor((), 0, ())


def _diagonal(values: list[float]) -> Matrix:
    return tuple(tuple(v if n == at else 0.0 for n in range(len(values))) for at, v in enumerate(values))
