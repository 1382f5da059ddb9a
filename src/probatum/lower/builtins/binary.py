"""Bytes: constants, methods, and the integers that they are the digits of."""

from __future__ import annotations

import ast

from probatum.lower.builtins.texts import Texts
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Binary(Texts):
    """What methods of bytes mean."""

    def bytes_literal(self, value: bytes) -> Term:
        """Return a constant of bytes."""
        if len(value) > 200:
            raise Unsupported("a constant of more than 200 bytes")
        return Term(self.sequence_of([f"byte_of({b})" for b in value], "byte"), t.BYTES)

    def special_bytes(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bytes()`, `bytes(n)`, `bytes(b)` and `bytes([...])`."""
        del expected
        if not node.args:
            return self.bytes_literal(b"")
        if isinstance(node.args[0], ast.List | ast.Tuple):
            items = []
            for element in node.args[0].elts:
                value = self.coerce(self.evaluate(element), t.INT, element).text
                self.demand(f"(0 <= {value} && {value} < 256)", Kind.VALUE, element, "a byte must be in range(256)", "ValueError")
                items.append(apply("byte_of", value))
            return Term(self.sequence_of(items, "byte"), t.BYTES)
        value_ = self.evaluate(node.args[0])
        if self._is_int(value_.type):
            count = self.coerce(value_, t.INT, node).text
            self.demand(f"(0 <= {count})", Kind.VALUE, node, "the number of bytes must not be negative", "ValueError")
            return Term(apply("Seq_repeat", "byte_of(0)", count), t.BYTES)
        if value_.type in (t.BYTES, t.BYTEARRAY):
            return Term(self.content(value_), t.BYTES)
        raise Unsupported(f"`bytes` of a `{value_.type}`", node)

    def special_bytearray(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bytearray(...)`, like `bytes`."""
        return Term(self.special_bytes(node, expected).text, t.BYTEARRAY, content=True)

    def method_bytes_startswith(self, receiver: Term, node: ast.Call, prefix: Term) -> Term:
        """`b.startswith(p)`."""
        return self.method_str_startswith(receiver, node, prefix)
