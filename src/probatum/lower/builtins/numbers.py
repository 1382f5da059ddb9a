"""Functions of numbers and of characters."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.builtins.iteration import Iteration
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Numbers(Iteration):
    """What built-in functions of numbers mean."""

    def call_len(self, node: ast.Call, value: Term) -> Term:
        """`len(x)`."""
        (value,) = self._usable(value, node=node)
        if self.has_length(value.type):
            return Term(self.length(value), t.INT)
        if self.method_of(value.type, "__len__") is not None:
            return self.call_method(value, "__len__", [], node)
        raise Unsupported(f"`len` of a `{value.type}`", node)

    def call_abs(self, node: ast.Call, value: Term) -> Term:
        """`abs(x)`."""
        (value,) = self._usable(value, node=node)
        if self._is_int(value.type):
            return Term(apply("Int_abs", self.coerce(value, t.INT, node).text), t.INT)
        raise Unsupported(f"`abs` of a `{value.type}`", node)

    def call_min(self, node: ast.Call, *values: Term) -> Term:
        """`min(a, b, ...)` or `min(xs)`."""
        return self._extreme("min", node, values)

    def call_max(self, node: ast.Call, *values: Term) -> Term:
        """`max(a, b, ...)` or `max(xs)`."""
        return self._extreme("max", node, values)

    def _extreme(self, name: str, node: ast.Call, values: Sequence[Term]) -> Term:
        values = self._usable(*values, node=node)
        if len(values) == 1:
            (one,) = values
            item = self.item_type(one.type, node)
            if not self._is_int(item):
                raise Unsupported(f"`{name}` of a `{one.type}`", node)
            content = self.items_of(one, node)
            self.demand(f"(Seq_len({content}) > 0)", Kind.VALUE, node, f"`{name}` needs at least one item", "ValueError")
            return Term(apply(f"Seq_{name}", content), t.INT)
        if all(self._is_int(v.type) for v in values):
            result = self.coerce(values[0], t.INT, node).text
            for value in values[1:]:
                result = apply(f"Int_{name}", result, self.coerce(value, t.INT, node).text)
            return Term(result, t.INT)
        if all(v.type == t.FLOAT or self._is_int(v.type) for v in values):
            best = self.coerce(values[0], t.FLOAT, node)
            for value in values[1:]:
                other = self.coerce(value, t.FLOAT, node)
                first, second = (other, best) if name == "min" else (best, other)
                best = Term(conditional(f"({first.text} < {second.text})", other.text, best.text), t.FLOAT)
            return best
        raise Unsupported(f"`{name}` of {', '.join(f'`{v.type}`' for v in values)}", node)

    def call_sum(self, node: ast.Call, values: Term, start: Term | None = None) -> Term:
        """`sum(xs)`."""
        if not self._is_int(self.item_type(values.type, node)):
            raise Unsupported(f"`sum` of a `{values.type}`", node)
        total = apply("Seq_sum", self.items_of(values, node))
        return Term(total if start is None else f"({total} + {self.coerce(start, t.INT, node).text})", t.INT)

    def call_divmod(self, node: ast.Call, left: Term, right: Term) -> Term:
        """`divmod(a, b)`."""
        return self.tuple_of([self.binary(ast.FloorDiv(), left, right, node), self.binary(ast.Mod(), left, right, node)])

    def call_pow(self, node: ast.Call, base: Term, exponent: Term) -> Term:
        """`pow(a, b)`."""
        return self.binary(ast.Pow(), base, exponent, node)

    def call_ord(self, node: ast.Call, text: Term) -> Term:
        """`ord(c)`."""
        value = self.coerce(text, t.STR, node).text
        self.demand(f"(Seq_len({value}) == 1)", Kind.TYPE, node, "`ord` needs one character", "TypeError")
        return Term(apply("char_code", apply("Seq_at", value, "0")), t.INT)

    def call_chr(self, node: ast.Call, code: Term) -> Term:
        """`chr(i)`."""
        value = self.coerce(code, t.INT, node).text
        self.demand(f"(0 <= {value} && {value} < 1114112)", Kind.VALUE, node, "`chr` needs a code point", "ValueError")
        return Term(apply("Seq_one", apply("char_of", value)), t.STR)
