"""Files of ONNX, encoded here by the rules of Protocol Buffers: nothing that reads them is used."""

import struct


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def tensor(name: str, dims, values, *, kind: int = 1, raw: bool = True) -> bytes:
    if kind == 8:
        return b"".join(number(1, d) for d in dims) + number(2, kind) + b"".join(block(6, v) for v in values) + block(8, name)
    form = {1: "f", 2: "B", 6: "i", 7: "q", 11: "d"}[kind]
    packed = struct.pack(f"<{len(values)}{form}", *values)
    body = b"".join(number(1, d) for d in dims) + number(2, kind)
    if raw:
        body += block(9, packed)
    else:
        body += block({1: 4, 7: 7, 11: 10}[kind], b"".join(map(varint, values)) if kind == 7 else packed)
    return body + block(8, name)


def node(op: str, inputs, outputs, domain: str = "", **attributes) -> bytes:
    body = b"".join(block(1, i) for i in inputs) + b"".join(block(2, o) for o in outputs) + block(4, op)
    for name, value in attributes.items():
        if isinstance(value, bytes):
            own = block(5, value) + number(20, 4)
        elif isinstance(value, float):
            own = varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
        elif isinstance(value, str):
            own = block(4, value) + number(20, 3)
        elif isinstance(value, list) and isinstance(value[0], str):
            own = b"".join(block(9, v) for v in value) + number(20, 8)
        elif isinstance(value, list) and isinstance(value[0], float):
            own = block(7, struct.pack(f"<{len(value)}f", *value)) + number(20, 6)
        elif isinstance(value, list):
            own = block(8, b"".join(map(varint, value))) + number(20, 7)
        else:
            own = number(3, value) + number(20, 2)
        body += block(5, block(1, name) + own)
    return body + (block(7, domain) if domain else b"")


def value(name: str, shape, kind: int = 1) -> bytes:
    dims = b"".join(block(1, block(2, "rows") if d is None else number(1, d)) for d in shape)
    return block(1, name) + block(2, block(1, number(1, kind) + block(2, dims)))


def onnx(
    nodes, constants=(), inputs=(("x", (None, 2)),), outputs=("y",), *, features: str = "", kind: int = 1, classical: int = 3
) -> bytes:
    """A file. An input may say its type; those of outputs, which a runtime infers, are left out. `classical`: of `ai.onnx.ml`."""
    graph = b"".join(block(1, n) for n in nodes) + block(2, "graph") + b"".join(block(5, c) for c in constants)
    graph += b"".join(block(11, value(name, shape, *(rest or [kind]))) for name, shape, *rest in inputs)
    graph += b"".join(block(12, block(1, name)) for name in outputs)
    model = number(1, 8) + block(2, "tests") + block(3, "1") + block(7, graph)
    model += block(8, block(1, "") + number(2, 13)) + block(8, block(1, "ai.onnx.ml") + number(2, classical))
    return model + (block(14, block(1, "features") + block(2, features)) if features else b"")


WEIGHTS = (1.5, -2.0, 0.25, 3.0, -1.0, 0.5)  # three outputs of two inputs, as `transB` has them
CONSTANTS = (
    tensor("w1", (3, 2), WEIGHTS),
    tensor("b1", (3,), (0.5, -0.25, 0.125), raw=False),
    tensor("w2", (3, 1), (1.0, -0.5, 2.0)),
    tensor("b2", (1,), (0.75,)),
)
NODES = (
    node("Gemm", ["x", "w1", "b1"], ["h"], transB=1, alpha=1.0),
    node("Relu", ["h"], ["r"]),
    node("MatMul", ["r", "w2"], ["m"]),
    node("Add", ["m", "b2"], ["z"]),
    node("Sigmoid", ["z"], ["y"]),
)
