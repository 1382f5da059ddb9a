"""Networks in ONNX files: matrices, sums and ReLU, read from the bytes. Nothing is executed, and no library is needed.

A file is a message of Protocol Buffers (encoding: "Protocol Buffers Documentation, Encoding"; fields: `onnx.proto3` of
"Open Neural Network Exchange, Intermediate Representation"). What is read: `Gemm`, `MatMul`, `Add`, `Sub`, `Mul` and `Div`
with constants, `Relu`, and what changes nothing (`Identity`, `Flatten`, `Dropout`, `Cast` and `Reshape` to the same); at the
end `Sigmoid`, or `Softmax` over two outputs, of which the second is the score. Anything else is refused by its name.

Features have the names of the inputs, if each is one number and `Concat` joins them. Of one input with several numbers the
names are those that the file's metadata lists under `features` (separated by commas, or as JSON), else `f0`, `f1`, ...

Runtimes compute in numbers of 32 bits, in an order of their own; so inputs are rounded to 32 bits, and every bound allows
for any order of the sums.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.fairness.artefacts.models import refused
from probatum.fairness.artefacts.models.model import Link, Network

_FLOAT, _INT64, _DOUBLE = 1, 7, 11  # types of the members of a tensor
_MOST_NUMBERS = 2_000_000  # of all constants together
_MOST_WIDE = 10_000  # outputs of a layer
_DOMAINS = ("", "ai.onnx")

Matrix = tuple[tuple[float, ...], ...]
Layer = tuple[Matrix, tuple[float, ...]]


class WireError(ValueError):
    """Bytes are no message of Protocol Buffers."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant: its shape, the type of its members, and these in row-major order."""

    dims: tuple[int, ...]
    kind: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operation of the graph."""

    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(slots=True)
class _Flow:
    """What a value of the graph is: the input after some layers. `rectified`: ReLU stands after layer k."""

    width: int
    layers: list[Layer] = field(default_factory=list)
    rectified: list[bool] = field(default_factory=list)
    link: str = ""

    def then(self, weights: Matrix, biases: tuple[float, ...]) -> _Flow:
        return _Flow(len(biases), [*self.layers, (weights, biases)], [*self.rectified, False], self.link)


def fields(raw: bytes) -> Iterator[tuple[int, int, Any]]:
    """Yield number, wire type and value (int or bytes) of each field of a message.

    Raises
    ------
    WireError
    """
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(raw, at)
            yield number, wire, value
            continue
        if wire == 2:
            size, at = _varint(raw, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise WireError(f"wire type {wire}")
        if number == 0 or at + size > len(raw):
            raise WireError("a field ends after the file")
        yield number, wire, raw[at : at + size]
        at += size


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(raw):
            break
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise WireError("a number does not end")


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _members(raw: bytes) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for number, _, value in fields(raw):
        found.setdefault(number, []).append(value)
    return found


def _text(own: Mapping[int, list[Any]], number: int) -> str:
    value = own.get(number, [b""])[-1]
    return bytes(value).decode() if isinstance(value, bytes) else ""


def read_onnx(path: str, raw: bytes) -> Network:
    """Read a network.

    Raises
    ------
    UnreadableArtefact
        If an operation is not one of those above, or the file is damaged.
    """
    try:
        model = _members(raw)
        graphs = model.get(7, [])
        if not graphs or not isinstance(graphs[-1], bytes):
            raise refused(
                path, "is no model that is known", "name a model of ONNX, LightGBM, XGBoost or `probatum fairness convert`"
            )
        graph = _members(graphs[-1])
        constants = _Constants(path)
        for one in graph.get(5, []):
            constants.add(*_tensor(path, one))
        if graph.get(15) or model.get(25):
            raise refused(path, "holds sparse constants or functions of its own", "export it with plain operators")
        nodes = [_node(path, one) for one in graph.get(1, [])]
        metadata = {_text(own, 1): _text(own, 2) for own in map(_members, model.get(14, []))}
        inputs = [_value(one) for one in graph.get(11, [])]
        outputs = [_value(one)[0] for one in graph.get(12, [])]
        producer = " ".join(part for part in (_text(model, 2), _text(model, 3)) if part)
    except WireError as problem:
        raise refused(path, f"is damaged: it is no message of ONNX ({problem})", "export it again") from None
    return _Reader(path, constants, metadata).read(
        nodes, [one for one in inputs if one[0] not in constants.all], outputs, f"ONNX, {producer or 'of an unknown producer'}"
    )


class _Constants:
    def __init__(self, path: str) -> None:
        self.all: dict[str, Tensor] = {}
        self._path, self._numbers = path, 0

    def add(self, name: str, tensor: Tensor) -> None:
        self._numbers += len(tensor.values)
        if self._numbers > _MOST_NUMBERS:
            raise refused(self._path, f"has more than {_MOST_NUMBERS:,} constants", "name a smaller network")
        self.all[name] = tensor


def _tensor(path: str, raw: bytes) -> tuple[str, Tensor]:
    dims: list[int] = []
    packed: dict[int, list[Any]] = {}
    own: dict[int, list[Any]] = {}
    for number, wire, value in fields(raw):
        if number == 1:
            dims += _varints(value) if wire == 2 else [_signed(value)]
        elif number in (4, 7, 10):
            packed.setdefault(number, []).append((wire, value))
        else:
            own.setdefault(number, []).append(value)
    name, kind = _text(own, 8), own.get(2, [0])[-1]
    if own.get(14, [0])[-1] or own.get(13):
        raise refused(path, f"keeps the constant `{name}` in another file", "export it with its weights inside")
    if kind not in (_FLOAT, _INT64, _DOUBLE):
        raise refused(path, f"has the constant `{name}` of the type {kind}", "export it with numbers of 32 or 64 bits")
    form, size = {_FLOAT: ("f", 4), _DOUBLE: ("d", 8), _INT64: ("q", 8)}[kind]
    block = b"".join(bytes(v) for v in own.get(9, []))
    values: list[float] = []
    if block:
        if len(block) % size:
            raise WireError(f"the constant `{name}` ends in the middle of a number")
        values = list(struct.unpack(f"<{len(block) // size}{form}", block))
    for number, (wire, value) in ((n, v) for n, all_ in packed.items() for v in all_):
        if number == 7:
            values += _varints(value) if wire == 2 else [_signed(value)]
        else:
            one = ("f", 4) if number == 4 else ("d", 8)
            if len(value) % one[1]:
                raise WireError(f"the constant `{name}` ends in the middle of a number")
            values += struct.unpack(f"<{len(value) // one[1]}{one[0]}", value)
    if any(d < 0 for d in dims) or math.prod(dims) != len(values):
        raise refused(path, f"has the constant `{name}`, whose shape does not fit its numbers", "export it again")
    if not all(math.isfinite(v) for v in values):
        raise refused(path, f"has the constant `{name}`, which is not finite everywhere", "train it again")
    return name, Tensor(tuple(dims), kind, tuple(values))


def _varints(raw: bytes) -> list[int]:
    found, at = [], 0
    while at < len(raw):
        value, at = _varint(raw, at)
        found.append(_signed(value))
    return found


def _node(path: str, raw: bytes) -> Node:
    own = _members(raw)
    attributes: dict[str, Any] = {}
    for one in own.get(5, []):
        name, value = "", None
        for number, wire, part in fields(one):
            if number == 1:
                name = bytes(part).decode()
            elif number == 2:
                [value] = struct.unpack("<f", part)
            elif number == 3:
                value = _signed(part)
            elif number == 5:
                value = _tensor(path, part)[1]
            elif number == 8:
                value = [*(value or ()), *(_varints(part) if wire == 2 else [_signed(part)])]
        attributes[name] = value
    return Node(
        op=_text(own, 4),
        domain=_text(own, 7),
        inputs=tuple(bytes(v).decode() for v in own.get(1, [])),
        outputs=tuple(bytes(v).decode() for v in own.get(2, [])),
        attributes=attributes,
    )


def _value(raw: bytes) -> tuple[str, int, tuple[int | None, ...]]:
    """Return name, type of the members and shape of an input or output; None where the shape is open."""
    own = _members(raw)
    tensor = _members(_members(own.get(2, [b""])[-1]).get(1, [b""])[-1])
    dims: list[int | None] = []
    for one in _members(tensor.get(2, [b""])[-1]).get(1, []):
        size = _members(one).get(1)
        dims.append(_signed(size[-1]) if size else None)
    return _text(own, 1), int(tensor.get(1, [0])[-1]), tuple(dims)


class _Reader:
    def __init__(self, path: str, constants: _Constants, metadata: Mapping[str, str]) -> None:
        self._path = path
        self._constants = constants
        self._metadata = metadata

    def _refused(self, what: str, advice: str = "export a network of matrices, sums and ReLU") -> Exception:
        return refused(self._path, what, advice)

    def read(
        self, nodes: list[Node], inputs: list[tuple[str, int, tuple[int | None, ...]]], outputs: list[str], source: str
    ) -> Network:
        if not inputs:
            raise self._refused("has no input")
        kinds = {kind for _, kind, _ in inputs}
        if not kinds <= {_FLOAT, _DOUBLE} or len(kinds) != 1:
            raise self._refused(
                "has inputs that are no numbers of 32 or 64 bits, or not all alike", "export it with float inputs"
            )
        features, flows = self._inputs(nodes, inputs)
        used = 0
        for node in nodes:
            if node.domain not in _DOMAINS:
                raise self._refused(f"has the operator `{node.domain}.{node.op}`, which is not known")
            if node.op == "Constant" and isinstance(node.attributes.get("value"), Tensor) and node.outputs:
                self._constants.add(node.outputs[0], node.attributes["value"])
                continue
            if node.op == "Concat" and node.outputs and node.outputs[0] in flows:
                continue
            flow = next((flows[name] for name in node.inputs if name in flows), None)
            if flow is None or not node.outputs or sum(name in flows for name in node.inputs) != 1:
                raise self._refused(f"has the operator `{node.op}` in a place where it does not take one value that was computed")
            flows[node.outputs[0]] = self._applied(node, flow)
            used += 1
        wanted = [name for name in outputs if name in flows]
        if len(outputs) != 1 or not wanted:
            raise self._refused(f"has {len(outputs)} outputs that are computed", "export it with the score as its one output")
        flow = flows[wanted[0]]
        if flow.link == "softmax":
            flow = flow.then(((-1.0, 1.0),), (0.0,))
        if flow.width != 1 or not flow.layers:
            raise self._refused(f"has {flow.width} outputs", "export it with one output, or a softmax over two")
        if flow.rectified[-1]:
            # What is not negative stays as it is: one more layer, which changes nothing, ends without ReLU.
            flow = flow.then(((1.0,),), (0.0,))
        return Network(
            features=features,
            layers=tuple(flow.layers),
            plain=frozenset(n for n, relu in enumerate(flow.rectified[:-1]) if not relu),
            single=kinds == {_FLOAT},
            link=Link.LOGISTIC if flow.link else Link.IDENTITY,
            source=source,
        )

    def _inputs(
        self, nodes: list[Node], inputs: list[tuple[str, int, tuple[int | None, ...]]]
    ) -> tuple[tuple[str, ...], dict[str, _Flow]]:
        if len(inputs) > 1:
            names = [name for name, _, _ in inputs]
            joined = [n for n in nodes if n.op == "Concat" and sorted(n.inputs) == sorted(names) and n.outputs]
            if len(joined) != 1 or joined[0].attributes.get("axis") not in (1, -1):
                raise self._refused("has several inputs that no `Concat` joins along the features")
            if any(len(shape) != 2 or shape[1] != 1 for _, _, shape in inputs):
                raise self._refused(
                    "has inputs that are not one number each", "give each feature an input of the shape (rows, 1)"
                )
            return joined[0].inputs, {joined[0].outputs[0]: _Flow(len(names))}
        [(name, _, shape)] = inputs
        width = shape[-1] if shape else None
        if len(shape) not in (1, 2) or width is None or not 0 < width <= _MOST_WIDE:
            raise self._refused(
                f"has an input of the shape {tuple('?' if d is None else d for d in shape)}",
                "export it with an input of the shape (rows, features)",
            )
        return self._features(width), {name: _Flow(width)}

    def _features(self, width: int) -> tuple[str, ...]:
        said = self._metadata.get("features")
        if said is None:
            return tuple(f"f{n}" for n in range(width))
        names = json.loads(said) if said.lstrip().startswith("[") else [part.strip() for part in said.split(",")]
        if len(names) != width or len(set(map(str, names))) != width or not all(isinstance(n, str) and n for n in names):
            raise self._refused(f"has {width} inputs, and `features` in its metadata does not name each once")
        return tuple(names)

    def _applied(self, node: Node, flow: _Flow) -> _Flow:
        if flow.link and node.op not in _SAME:
            raise self._refused(f"has the operator `{node.op}` after the `{flow.link}` at its end")
        match node.op:
            case "Gemm" | "MatMul":
                return self._product(node, flow)
            case "Add" | "Sub" | "Mul" | "Div":
                return self._elementwise(node, flow)
            case "Relu":
                if not flow.layers:
                    flow = flow.then(_diagonal([1.0] * flow.width), (0.0,) * flow.width)
                return _Flow(flow.width, flow.layers, [*flow.rectified[:-1], True])
            case "Sigmoid" if flow.width == 1:
                return _Flow(1, flow.layers, flow.rectified, "sigmoid")
            case "Softmax" if flow.width == 2 and node.attributes.get("axis", -1) in (1, -1):
                return _Flow(2, flow.layers, flow.rectified, "softmax")
            case op if op in _SAME:
                return self._same(node, flow)
        raise self._refused(
            f"has the operator `{node.op}`{' in an unusual place' if node.op in ('Sigmoid', 'Softmax') else ''}, which is not understood exactly"
        )

    def _constant(self, node: Node, at: int) -> Tensor:
        name = node.inputs[at] if at < len(node.inputs) else ""
        found = self._constants.all.get(name)
        if found is None or found.kind == _INT64:
            raise self._refused(f"has the operator `{node.op}` with `{name}`, which is no constant of numbers")
        return found

    def _product(self, node: Node, flow: _Flow) -> _Flow:
        matrix = self._constant(node, 1)
        if len(matrix.dims) != 2:
            raise self._refused(f"has the operator `{node.op}` with a constant that is no matrix")
        rows, columns = matrix.dims
        lines = [matrix.values[n * columns : (n + 1) * columns] for n in range(rows)]
        own = node.attributes if node.op == "Gemm" else {}
        if own.get("transA", 0):
            raise self._refused("turns its input round (`transA` of `Gemm`)")
        scale = float(own.get("alpha", 1.0))
        weights = tuple(tuple(line) for line in (lines if own.get("transB", 0) else zip(*lines, strict=True)))
        if scale != 1.0:
            weights = tuple(tuple(scale * w for w in line) for line in weights)
        if not weights or len(weights) > _MOST_WIDE or any(len(line) != flow.width for line in weights):
            raise self._refused(f"has the operator `{node.op}`, whose matrix does not fit the {flow.width} numbers before it")
        biases = (0.0,) * len(weights)
        if node.op == "Gemm" and len(node.inputs) > 2 and node.inputs[2]:
            factor = float(own.get("beta", 1.0))
            biases = tuple(factor * v for v in self._spread(node, self._constant(node, 2), len(weights)))
        return flow.then(weights, biases)

    def _elementwise(self, node: Node, flow: _Flow) -> _Flow:
        if len(node.inputs) != 2:
            raise self._refused(f"has the operator `{node.op}` with {len(node.inputs)} inputs")
        place = 1 if node.inputs[0] not in self._constants.all else 0
        values = self._spread(node, self._constant(node, place), flow.width)
        nothing, ones = (0.0,) * flow.width, [1.0] * flow.width
        if node.op == "Add" or (node.op == "Sub" and place == 1):
            added = tuple(-v for v in values) if node.op == "Sub" else values
            if node.op == "Add" and flow.layers and not flow.rectified[-1] and not any(flow.layers[-1][1]):
                # A product and the sum after it are one layer.
                return _Flow(flow.width, [*flow.layers[:-1], (flow.layers[-1][0], added)], flow.rectified, flow.link)
            return flow.then(_diagonal(ones), added)
        if node.op == "Sub":
            return flow.then(_diagonal([-1.0] * flow.width), values)
        if node.op == "Mul":
            return flow.then(_diagonal(list(values)), nothing)
        if place == 0 or any(v == 0 for v in values):
            raise self._refused("divides by zero, or by what it computed")
        return flow.then(_diagonal([1.0 / v for v in values]), nothing)

    def _spread(self, node: Node, tensor: Tensor, width: int) -> tuple[float, ...]:
        """Return a constant as one number for each column."""
        if len(tensor.values) == 1:
            return tensor.values * width
        if len(tensor.values) != width or len(tensor.dims) > 2 or tensor.dims[-1] != width:
            raise self._refused(f"has the operator `{node.op}` with a constant of the shape {tensor.dims} for {width} columns")
        return tensor.values

    def _same(self, node: Node, flow: _Flow) -> _Flow:
        if node.op == "Flatten" and node.attributes.get("axis", 1) not in (1, -1):
            raise self._refused("has a `Flatten` that joins rows")
        if node.op == "Cast" and node.attributes.get("to") not in (_FLOAT, _DOUBLE):
            raise self._refused("rounds what it computed to another type (`Cast`)")
        if node.op == "Reshape":
            shape = self._constants.all.get(node.inputs[1] if len(node.inputs) > 1 else "")
            kept: list[tuple[float, ...]] = [(-1.0, flow.width), (0.0, flow.width), (0.0, -1.0)]
            if shape is None or shape.values not in (kept if flow.width > 1 else [*kept, (-1.0,)]):
                raise self._refused("has a `Reshape` that changes more than the number of rows")
        if node.op == "Squeeze" and flow.width != 1:
            raise self._refused("has a `Squeeze` of several columns")
        if node.op == "Dropout" and len(node.inputs) > 2 and node.inputs[2]:
            raise self._refused("has a `Dropout` that can be made to act")
        return flow


_SAME = ("Identity", "Flatten", "Dropout", "Cast", "Reshape", "Squeeze")


def _diagonal(values: list[float]) -> Matrix:
    return tuple(tuple(v if n == at else 0.0 for n in range(len(values))) for at, v in enumerate(values))
