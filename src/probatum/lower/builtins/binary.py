"""Bytes: constants, methods, and the integers that they are the digits of."""

from __future__ import annotations

import ast

from probatum.lower.builtins.splitting import Splitting
from probatum.lower.builtins.texts import Texts
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Binary(Splitting):
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
        return Term(self.bytes_of(value_, node).text, t.BYTES)

    def special_bytearray(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bytearray(...)`, like `bytes`."""
        return Term(self.special_bytes(node, expected).text, t.BYTEARRAY, content=True)

    # --- methods: those of strings, for bytes and bytearrays -------------------------------------

    method_bytes_startswith = method_bytearray_startswith = Texts.method_str_startswith
    method_bytes_endswith = method_bytearray_endswith = Texts.method_str_endswith
    method_bytes_find = method_bytearray_find = Texts.method_str_find
    method_bytes_rfind = method_bytearray_rfind = Texts.method_str_rfind
    method_bytes_index = method_bytearray_index = Texts.method_str_index
    method_bytes_rindex = method_bytearray_rindex = Texts.method_str_rindex
    method_bytes_replace = method_bytearray_replace = Texts.method_str_replace
    method_bytes_strip = method_bytearray_strip = Texts.method_str_strip
    method_bytes_lstrip = method_bytearray_lstrip = Texts.method_str_lstrip
    method_bytes_rstrip = method_bytearray_rstrip = Texts.method_str_rstrip
    method_bytes_removeprefix = method_bytearray_removeprefix = Texts.method_str_removeprefix
    method_bytes_removesuffix = method_bytearray_removesuffix = Texts.method_str_removesuffix
    method_bytes_partition = Texts.method_str_partition
    method_bytes_rpartition = Texts.method_str_rpartition
    method_bytes_rjust = method_bytearray_rjust = Texts.method_str_rjust
    method_bytes_ljust = method_bytearray_ljust = Texts.method_str_ljust

    def method_bytes_count(self, receiver: Term, node: ast.Call, part: Term) -> Term:
        """`b.count(t)`, of bytes or of one byte."""
        if self._is_int(part.type):
            value = self.coerce(part, t.INT, node).text
            self.demand(f"(0 <= {value} && {value} < 256)", Kind.VALUE, node, "a byte must be in range(256)", "ValueError")
            return Term(apply("Seq_counted", self.content(receiver), apply("byte_of", value)), t.INT)
        return self.method_str_count(receiver, node, part)

    method_bytearray_count = method_bytes_count

    def method_bytes_join(self, receiver: Term, node: ast.Call, parts: Term) -> Term:
        """`b.join(xs)`."""
        return Term(apply("Bytes_join", receiver.text, self._strings(parts, node, t.BYTES)), t.BYTES)

    def method_bytes_split(self, receiver: Term, node: ast.Call, sep: Term) -> Term:
        """`b.split(t)`."""
        own = self._part(receiver, sep, node)
        self.demand(f"(0 < {apply('Seq_len', own)})", Kind.VALUE, node, "the separator must not be empty", "ValueError")
        return Term(apply("Bytes_split", receiver.text, own), t.Collection("list", t.BYTES), content=True)

    def method_bytes_decode(self, receiver: Term, node: ast.Call, encoding: Term | None = None) -> Term:
        """`b.decode()` of UTF-8."""
        self._utf8(encoding, node)
        content = self.content(receiver)
        self.demand(apply("Bytes_decodable", content), Kind.VALUE, node, "it must be UTF-8", "UnicodeDecodeError")
        return Term(apply("Bytes_decode", content), t.STR)

    method_bytearray_decode = method_bytes_decode

    def method_bytes_hex(self, receiver: Term, node: ast.Call) -> Term:
        """`b.hex()`."""
        del node
        return Term(apply("Bytes_hex", self.content(receiver)), t.STR)

    method_bytearray_hex = method_bytes_hex

    def _byte(self, value: Term, node: ast.AST) -> str:
        text = self.coerce(value, t.INT, node).text
        self.demand(f"(0 <= {text} && {text} < 256)", Kind.VALUE, node, "a byte must be in range(256)", "ValueError")
        return apply("byte_of", text)

    def method_bytearray_append(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`b.append(i)`."""
        self.set_content(receiver, apply("Seq_push", self.content(receiver), self._byte(value, node)), node)
        return Term("Unit()", t.NONE)

    def method_bytearray_extend(self, receiver: Term, node: ast.Call, values: Term) -> Term:
        """`b.extend(c)`."""
        if values.type not in (t.BYTES, t.BYTEARRAY):
            raise Unsupported(f"`extend` of a bytearray by a `{values.type}`", node)
        self.set_content(receiver, apply("Seq_concat", self.content(receiver), self.content(values)), node)
        return Term("Unit()", t.NONE)

    def method_bytearray_clear(self, receiver: Term, node: ast.Call) -> Term:
        """`b.clear()`."""
        self.set_content(receiver, self.empty_content(t.BYTEARRAY), node)
        return Term("Unit()", t.NONE)

    def method_bytearray_reverse(self, receiver: Term, node: ast.Call) -> Term:
        """`b.reverse()`."""
        self.set_content(receiver, apply("Seq_reverse", self.content(receiver)), node)
        return Term("Unit()", t.NONE)

    # --- the integers that bytes are the digits of ---------------------------------------------------

    def _order_of_bytes(self, order: Term | None, node: ast.AST) -> str:
        names = {self.text_literal(name).text: str(name == "big").lower() for name in ("big", "little")}
        if order is None:
            return "true"
        if order.text not in names:
            raise Unsupported("an order of bytes that is not written as a constant", node)
        return names[order.text]

    def _signed(self, signed: Term | None, node: ast.AST) -> str:
        return "false" if signed is None else self.truth(signed, node)

    def class_int_from_bytes(
        self,
        node: ast.Call,
        bytes: Term,  # noqa: A002 - named as CPython names it
        byteorder: Term | None = None,
        *,
        signed: Term | None = None,
    ) -> Term:
        """`int.from_bytes(b, order)`."""
        own = bytes.type in (t.BYTES, t.BYTEARRAY)
        content = self.content(bytes) if own else self.bytes_of(bytes, node).text
        return Term(apply("Bytes_to_int", content, self._order_of_bytes(byteorder, node), self._signed(signed, node)), t.INT)

    def method_int_to_bytes(
        self,
        receiver: Term,
        node: ast.Call,
        length: Term | None = None,
        byteorder: Term | None = None,
        *,
        signed: Term | None = None,
    ) -> Term:
        """`i.to_bytes(n, order)`."""
        value = self.coerce(receiver, t.INT, node).text
        size = "1" if length is None else self.coerce(length, t.INT, node).text
        if not size.isdigit():
            self.demand(f"(0 <= {size})", Kind.VALUE, node, "the number of bytes must not be negative", "ValueError")
        sign = self._signed(signed, node)
        fits = apply("Int_fits", value, size, sign)
        self.demand(fits, Kind.VALUE, node, "the integer must fit into so many bytes", "OverflowError")
        return Term(apply("Int_to_bytes", value, size, self._order_of_bytes(byteorder, node), sign), t.BYTES)

    def class_bytes_fromhex(self, node: ast.Call, text: Term) -> Term:
        """`bytes.fromhex(s)`."""
        value = self.coerce(text, t.STR, node).text
        self.demand(apply("Str_is_hex", value), Kind.VALUE, node, "it must be hexadecimal digits", "ValueError")
        return Term(apply("Str_unhex", value), t.BYTES)

    def bytes_of(self, values: Term, node: ast.AST) -> Term:
        """Return the bytes of integers, demanding that each is one."""
        item, items = self.sequence_in(values, node)
        if not self._is_int(item):
            raise Unsupported(f"`bytes` of a `{values.type}`", node)
        place = self.writer.fresh("i")
        one = self.coerce(Term(apply("Seq_at", items, place), item), t.INT, node).text
        inside = f"(0 <= {place} && {place} < {apply('Seq_len', items)})"
        trigger = "" if "::" in items else f"{{{apply('Seq_at', items, place)}}} "
        all_bytes = f"(forall {place}: int :: {trigger}{inside} ==> 0 <= {one} && {one} < 256)"
        self.demand(all_bytes, Kind.VALUE, node, "every byte must be in range(256)", "ValueError")
        return self.made(apply("Seq_len", items), lambda k: Term(apply("byte_of", self._at(items, k, item, node)), t.INT))

    def _at(self, items: str, place: str, item: t.Type, node: ast.AST) -> str:
        return self.coerce(Term(apply("Seq_at", items, place), item), t.INT, node).text
