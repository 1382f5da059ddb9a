"""What the bytes of an ONNX file say: a graph of operators, its constants, inputs and outputs. Nothing is executed.

A file is a message of Protocol Buffers (encoding: "Protocol Buffers Documentation, Encoding"; fields: `onnx.proto3` of
"Open Neural Network Exchange, Intermediate Representation"). No library is needed to read it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.fairness.artefacts.models import refused

FLOAT, UINT8, INT32, INT64, STRING, BOOL, DOUBLE = 1, 2, 6, 7, 8, 9, 11  # types of the members of a tensor
_FORMS = {FLOAT: ("f", 4), UINT8: ("B", 1), INT32: ("i", 4), INT64: ("q", 8), BOOL: ("B", 1), DOUBLE: ("d", 8)}
_PACKED = {4: FLOAT, 5: INT32, 7: INT64, 10: DOUBLE}  # fields with values, and the type that these have
_MOST_NUMBERS = 5_000_000  # of all constants together


class WireError(ValueError):
    """Bytes are no message of Protocol Buffers."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant: its shape, the type of its members, and these in row-major order; none for texts and rarer types."""

    dims: tuple[int, ...]
    kind: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One operation of the graph."""

    op: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def numbers(self, name: str) -> list[float]:
        """Return a list of numbers, which is an attribute of this name or a tensor, or is not there."""
        tensor = self.attributes.get(f"{name}_as_tensor")
        value = tensor if isinstance(tensor, Tensor) else self.attributes.get(name)
        return list(value.values if isinstance(value, Tensor) else value if isinstance(value, list) else ())

    def places(self, name: str) -> list[int]:
        """Return a list of whole numbers, or nothing."""
        return [int(v) for v in self.numbers(name)]

    def word(self, name: str, default: str) -> str:
        """Return a text."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What a file holds.

    Attributes
    ----------
    inputs : list of (name, type of the members, shape)
        Without those that are constants; None in a shape is open.
    """

    operators: list[Operator]
    constants: dict[str, Tensor]
    inputs: list[tuple[str, int, tuple[int | None, ...]]]
    outputs: list[str]
    metadata: dict[str, str]
    producer: str


def read_graph(path: str, raw: bytes) -> Graph:
    """Decode a file.

    Raises
    ------
    UnreadableArtefact
        If it is damaged, or keeps constants elsewhere.
    """
    try:
        model = _members(raw)
        graphs = model.get(7, [])
        if not graphs or not isinstance(graphs[-1], bytes):
            raise refused(
                path, "is no model that is known", "name a model of ONNX, LightGBM, XGBoost or `probatum fairness convert`"
            )
        graph = _members(graphs[-1])
        constants = dict(_tensor(path, one) for one in graph.get(5, []))
        if sum(len(one.values) for one in constants.values()) > _MOST_NUMBERS:
            raise refused(path, f"has more than {_MOST_NUMBERS:,} constants", "name a smaller model")
        if graph.get(15) or model.get(25):
            raise refused(path, "holds sparse constants or functions of its own", "export it with plain operators")
        return Graph(
            operators=[_operator(path, one) for one in graph.get(1, [])],
            constants=constants,
            inputs=[one for one in map(_value, graph.get(11, [])) if one[0] not in constants],
            outputs=[_value(one)[0] for one in graph.get(12, [])],
            metadata={_text(own, 1): _text(own, 2) for own in map(_members, model.get(14, []))},
            producer=" ".join(part for part in (_text(model, 2), _text(model, 3)) if part),
        )
    except WireError as problem:
        raise refused(path, f"is damaged: it is no message of ONNX ({problem})", "export it again") from None


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


def _varints(wire: int, raw: Any) -> list[int]:
    if wire == 0:
        return [_signed(raw)]
    found, at = [], 0
    while at < len(raw):
        value, at = _varint(raw, at)
        found.append(_signed(value))
    return found


def _members(raw: bytes) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for number, _, value in fields(raw):
        found.setdefault(number, []).append(value)
    return found


def _text(own: Mapping[int, list[Any]], number: int) -> str:
    value = own.get(number, [b""])[-1]
    return bytes(value).decode() if isinstance(value, bytes) else ""


def _unpacked(name: str, raw: bytes, form: str, size: int) -> tuple[Any, ...]:
    if len(raw) % size:
        raise WireError(f"the constant `{name}` ends in the middle of a number")
    return struct.unpack(f"<{len(raw) // size}{form}", raw)


def _tensor(path: str, raw: bytes) -> tuple[str, Tensor]:
    dims: list[int] = []
    packed: list[tuple[int, int, Any]] = []
    own: dict[int, list[Any]] = {}
    for number, wire, value in fields(raw):
        if number == 1:
            dims += _varints(wire, value)
        elif number in _PACKED:
            packed.append((number, wire, value))
        else:
            own.setdefault(number, []).append(value)
    name, kind = _text(own, 8), int(own.get(2, [0])[-1])
    if own.get(14, [0])[-1] or own.get(13):
        raise refused(path, f"keeps the constant `{name}` in another file", "export it with its weights inside")
    if kind not in _FORMS:  # texts of classes, and what no operator here takes
        return name, Tensor(tuple(dims), kind, ())
    form, size = _FORMS[kind]
    values: list[float] = list(_unpacked(name, b"".join(bytes(v) for v in own.get(9, [])), form, size))
    for number, wire, value in packed:
        if number in (5, 7):
            values += _varints(wire, value)
        else:
            values += _unpacked(name, value, *_FORMS[_PACKED[number]])
    if any(d < 0 for d in dims) or math.prod(dims) != len(values):
        raise refused(path, f"has the constant `{name}`, whose shape does not fit its numbers", "export it again")
    return name, Tensor(tuple(dims), kind, tuple(values))


def _operator(path: str, raw: bytes) -> Operator:
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
            elif number == 4:
                value = bytes(part).decode()
            elif number == 5:
                value = _tensor(path, part)[1]
            elif number == 7:
                value = [*(value or ()), *_unpacked(name, part, "f", 4)]
            elif number == 8:
                value = [*(value or ()), *_varints(wire, part)]
            elif number == 9:
                value = [*(value or ()), bytes(part).decode()]
        attributes[name] = value
    return Operator(
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
