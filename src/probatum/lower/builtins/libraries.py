"""Functions of the standard library whose meaning depends on how they are called: what a contract cannot say.

Each is a method `library_M_f` for `M.f`.
"""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Sequence
from functools import partialmethod

from probatum.lower.builtins.conversions import Conversions
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional, conjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class, Clause

# Codes of `struct` with a size of their own: how many bytes, and whether they are signed.
_INTEGERS = {
    "b": (1, True), "B": (1, False), "h": (2, True), "H": (2, False), "i": (4, True), "I": (4, False),
    "l": (4, True), "L": (4, False), "q": (8, True), "Q": (8, False),
}  # fmt: skip
_part = re.compile(r"(\d*)([a-zA-Z?])")


class Libraries(Conversions):
    """What functions of libraries mean."""

    def is_library(self, qualified: str) -> bool:
        """Whether a function of a library is known here."""
        return hasattr(self, self.library_name(qualified))

    def library_name(self, qualified: str) -> str:
        """Return the name of the method that says what a function of a library means."""
        return "library_" + mangled(qualified).replace(".", "_")

    def _given(self, node: ast.Call, least: int, most: int | None = None) -> list[Term]:
        """Return the values of arguments that are given by their places."""
        plain = not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)
        if not plain or not least <= len(node.args) <= (least if most is None else most):
            raise Unsupported(f"a call of `{ast.unparse(node.func)}` with these arguments", node)
        return self.in_order(node.args)

    def library_math_gcd(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`math.gcd(a, b)`."""
        del expected
        first, second = self._given(node, 2)
        return Term(apply("Int_gcd", self.coerce(first, t.INT, node).text, self.coerce(second, t.INT, node).text), t.INT)

    # --- struct ----------------------------------------------------------------------------

    def _format(self, node: ast.expr) -> tuple[bool, list[tuple[int, str]]]:
        """Return the order of bytes and the parts of a format: how many, and of what."""
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)):
            raise Unsupported("a format that is not written as a constant", node)
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        order, rest = (text[0], text[1:]) if text[:1] in ("<", ">", "!", "=", "@") else ("@", text)
        compact = re.sub(r"\s", "", rest)
        parts = [(int(m[1] or "1"), m[2]) for m in _part.finditer(compact)]
        if "".join(m[0] for m in _part.finditer(compact)) != compact or any(
            c not in (*_INTEGERS, "?", "c", "s", "x") for _, c in parts
        ):
            raise Unsupported(f"the format `{text}`", node)
        if order in ("=", "@") and any(c not in ("b", "B", "?", "c", "s", "x") for _, c in parts):
            raise Unsupported(f"the format `{text}`, in the order of bytes of the machine", node)
        if sum(count for count, _ in parts) > 200:
            raise Unsupported("a format of more than 200 parts", node)
        # A count repeats a code; before `s` it is the length of one value.
        single = [(1, c) for count, c in parts if c not in ("s", "x") for _ in range(count)]
        if all(c not in ("s", "x") for _, c in parts):
            return order in (">", "!"), single
        flat = [one for count, c in parts for one in ([(count, c)] if c in ("s", "x") else [(1, c)] * count)]
        return order in (">", "!"), flat

    def _size(self, part: tuple[int, str]) -> int:
        count, code = part
        return count * (_INTEGERS[code][0] if code in _INTEGERS else 1)

    def library_struct_calcsize(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`struct.calcsize(f)`."""
        del expected
        if len(node.args) != 1 or node.keywords:
            raise Unsupported("`struct.calcsize` of these arguments", node)
        return Term(str(sum(map(self._size, self._format(node.args[0])[1]))), t.INT)

    def library_struct_pack(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`struct.pack(f, ...)`."""
        del expected
        if not node.args or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise Unsupported("`struct.pack` of these arguments", node)
        big, parts = self._format(node.args[0])
        values = self.in_order(node.args[1:])
        if len(values) != sum(code != "x" for _, code in parts):
            self.demand("false", Kind.VALUE, node, "there must be a value for each part of the format", "struct.error")
            return self.bytes_literal(b"")
        text = ""
        for part in parts:
            one = (
                apply("Seq_repeat", "byte_of(0)", str(part[0]))
                if part[1] == "x"
                else self._packed(part, values.pop(0), big, node)
            )
            text = apply("Seq_concat", text, one) if text else one
        return Term(text or "(Seq_empty() : Seq byte)", t.BYTES)

    def _packed(self, part: tuple[int, str], value: Term, big: bool, node: ast.AST) -> str:
        count, code = part
        (value,) = self._usable(value, node=node)
        if code == "?":
            return apply("Seq_one", conditional(self.truth(value, node), "byte_of(1)", "byte_of(0)"))
        if code in ("c", "s"):
            content = self.coerce(value, t.BYTES, node).text
            if code == "c":
                self.demand(f"({apply('Seq_len', content)} == 1)", Kind.VALUE, node, "it must be one byte", "struct.error")
                return content
            # What is too long is cut, what is too short is filled with zeros.
            length = apply("Seq_len", content)
            filled = apply("Seq_concat", content, apply("Seq_repeat", "byte_of(0)", f"({count} - {length})"))
            return conditional(f"({count} <= {length})", apply("Seq_take", content, str(count)), filled)
        size, signed = _INTEGERS[code]
        number, sign = self.coerce(value, t.INT, node).text, str(signed).lower()
        fits = apply("Int_fits", number, str(size), sign)
        self.demand(fits, Kind.VALUE, node, f"the integer must fit into `{code}`", "struct.error")
        return apply("Int_to_bytes", number, str(size), str(big).lower(), sign)

    def library_struct_unpack(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`struct.unpack(f, b)`."""
        del expected
        big, parts = self._unpacking(node, 2)
        (data,) = self.in_order(node.args[1:])
        content = self._bytes_in(data, node)
        size = sum(map(self._size, parts))
        self.demand(f"({apply('Seq_len', content)} == {size})", Kind.VALUE, node, f"there must be {size} bytes", "struct.error")
        return self._unpacked(parts, content, "0", big)

    def library_struct_unpack_from(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`struct.unpack_from(f, b)` and `struct.unpack_from(f, b, i)` for i >= 0."""
        del expected
        big, parts = self._unpacking(node, 2, 3)
        data, *rest = self.in_order(node.args[1:])
        content, start = self._bytes_in(data, node), self.coerce(rest[0], t.INT, node).text if rest else "0"
        size = sum(map(self._size, parts))
        within = conjunction(f"(0 <= {start})", f"({start} + {size} <= {apply('Seq_len', content)})")
        self.demand(within, Kind.VALUE, node, f"there must be {size} bytes from there on")
        return self._unpacked(parts, content, start, big)

    def _unpacking(self, node: ast.Call, least: int, most: int | None = None) -> tuple[bool, list[tuple[int, str]]]:
        if node.keywords or not least <= len(node.args) <= (most or least) or any(isinstance(a, ast.Starred) for a in node.args):
            raise Unsupported(f"`{ast.unparse(node.func)}` of these arguments", node)
        return self._format(node.args[0])

    def _bytes_in(self, data: Term, node: ast.AST) -> str:
        (data,) = self._usable(data, node=node)
        if data.type not in (t.BYTES, t.BYTEARRAY):
            raise Unsupported(f"a `{data.type}` where bytes are expected", node)
        return self.content(data)

    def _unpacked(self, parts: Sequence[tuple[int, str]], content: str, start: str, big: bool) -> Term:
        values, at = [], 0
        for part in parts:
            end = at + self._size(part)
            first, last = (str(at), str(end)) if start == "0" else (f"({start} + {at})", f"({start} + {end})")
            own, code = apply("Seq_slice", content, first, last), part[1]
            if code == "?":
                values.append(Term(f"({apply('byte_int', apply('Seq_at', content, first))} != 0)", t.BOOL))
            elif code in ("c", "s"):
                values.append(Term(own, t.BYTES))
            elif code != "x":
                signed = str(_INTEGERS[code][1]).lower()
                values.append(Term(apply("Bytes_to_int", own, str(big).lower(), signed), t.INT))
            at = end
        return self.tuple_of(values)

    # --- itertools ---------------------------------------------------------------------------

    def library_itertools_chain(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`chain(xs, ys, ...)`."""
        del expected
        parts = [self.sequence_in(value, node) for value in self._given(node, 1, 200)]
        parts = [part for part in parts if part[0] != t.NEVER] or parts[:1]
        if len({item for item, _ in parts}) != 1:
            raise Unsupported("`chain` of values of several types", node)
        text = parts[0][1]
        for _, items in parts[1:]:
            text = apply("Seq_concat", text, items)
        return self.iterator(text, parts[0][0])

    def library_itertools_accumulate(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`accumulate(xs)`: sums."""
        del expected
        (values,) = self._given(node, 1)
        item, items = self.sequence_in(values, node)
        if not self._is_int(item) or item == t.BOOL:
            raise Unsupported(f"`accumulate` of a `{values.type}`", node)
        length = apply("Seq_len", items)
        return self.made(length, lambda k: Term(apply("Seq_sum", apply("Seq_slice", items, "0", f"({k} + 1)")), t.INT))

    def library_itertools_islice(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`islice(xs, n)` and `islice(xs, i, j)`."""
        del expected
        values, *bounds = self._given(node, 2, 3)
        item, items = self.sequence_in(values, node)
        texts = [self.coerce(bound, t.INT, node).text for bound in bounds]
        for text in texts:
            self.demand(f"(0 <= {text})", Kind.VALUE, node, "the bounds of `islice` must not be negative", "ValueError")
        length = apply("Seq_len", items)
        begin = apply("Slice_bound", texts[0], length) if len(texts) > 1 else "0"
        end = apply("Slice_bound", texts[-1], length)
        return self.iterator(apply("Seq_slice", items, begin, conditional(f"({begin} <= {end})", end, begin)), item)

    def library_itertools_repeat(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`repeat(x, n)`."""
        del expected
        value, count = self._given(node, 2)
        own = self.materialised(value, node)
        return self.iterator(apply("Seq_repeat", own.text, self.coerce(count, t.INT, node).text), own.type)

    def library_itertools_pairwise(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`pairwise(xs)`."""
        del expected
        (values,) = self._given(node, 1)
        item, items = self.sequence_in(values, node)

        def pair(k: str) -> Term:
            return self.tuple_of([Term(apply("Seq_at", items, place), item) for place in (k, f"({k} + 1)")])

        return self.made(f"({apply('Seq_len', items)} - 1)", pair)

    # --- functools, copy, typing, operator -----------------------------------------------------------

    def library_functools_reduce(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`reduce(operator.add, xs, start)` of integers."""
        del expected
        if len(node.args) != 3 or node.keywords or self.qualified(node.args[0]) not in ("operator.add", "operator.iadd"):
            raise Unsupported("`reduce` by this function", node)
        values, start = self.in_order(node.args[1:])
        item, items = self.sequence_in(values, node)
        if not self._is_int(item) or item == t.BOOL:
            raise Unsupported(f"`reduce` of a `{values.type}`", node)
        return Term(f"({self.coerce(start, t.INT, node).text} + {apply('Seq_sum', items)})", t.INT)

    def library_copy_copy(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`copy(x)` of collections, and of what cannot change."""
        del expected
        (value,) = self._given(node, 1)
        own = value.type
        if self.sorts.shared(own) and not self.passing(own):
            return Term(self.content(value), own, content=True)
        if isinstance(own, t.Plain) and own not in (t.OBJECT, t.UNKNOWN):
            return value
        raise Unsupported(f"a copy of a `{own}`", node)

    def library_typing_cast(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`cast(T, x)`: x, and nothing more is known of it."""
        if len(node.args) != 2 or node.keywords:
            raise Unsupported("`cast` of these arguments", node)
        return self.evaluate(node.args[1], expected)

    @abstractmethod
    def check_invariant(self, clause: Clause, class_: Class, receiver: Term, node: ast.AST) -> None:
        """Demand an invariant of a class."""

    def _operator(self, node: ast.Call, expected: t.Type | None, *, operator: ast.operator) -> Term:
        del expected
        left, right = self._given(node, 2)
        return self.binary(operator, left, right, node)

    def _comparison(self, node: ast.Call, expected: t.Type | None, *, operator: ast.cmpop) -> Term:
        del expected
        left, right = self._given(node, 2)
        return Term(self.comparison(operator, left, right, node), t.BOOL)

    library_operator_add = partialmethod(_operator, operator=ast.Add())
    library_operator_sub = partialmethod(_operator, operator=ast.Sub())
    library_operator_mul = partialmethod(_operator, operator=ast.Mult())
    library_operator_floordiv = partialmethod(_operator, operator=ast.FloorDiv())
    library_operator_mod = partialmethod(_operator, operator=ast.Mod())
    library_operator_and_ = partialmethod(_operator, operator=ast.BitAnd())
    library_operator_or_ = partialmethod(_operator, operator=ast.BitOr())
    library_operator_xor = partialmethod(_operator, operator=ast.BitXor())
    library_operator_eq = partialmethod(_comparison, operator=ast.Eq())
    library_operator_ne = partialmethod(_comparison, operator=ast.NotEq())
    library_operator_lt = partialmethod(_comparison, operator=ast.Lt())
    library_operator_le = partialmethod(_comparison, operator=ast.LtE())
    library_operator_gt = partialmethod(_comparison, operator=ast.Gt())
    library_operator_ge = partialmethod(_comparison, operator=ast.GtE())

    def library_operator_neg(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`neg(x)`."""
        del expected
        return self.unary(ast.USub(), self._given(node, 1)[0], node)

    def library_operator_not_(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`not_(x)`."""
        del expected
        return self.unary(ast.Not(), self._given(node, 1)[0], node)
