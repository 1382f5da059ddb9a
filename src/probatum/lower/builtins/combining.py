"""Functions of `bisect`, `itertools` and `random` that look for a place, put items together, or take one."""

from __future__ import annotations

import ast

from probatum.lower.builtins.libraries import Libraries
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_INDEXED = frozenset(["list", "tuple", "sequence", "range"])


class Combining(Libraries):
    """What these functions mean."""

    # --- bisect ------------------------------------------------------------------------------

    def library_bisect_bisect_left(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bisect_left(xs, x)` of integers."""
        del expected
        return self._bisected("Seq_bisect_left", node)

    def library_bisect_bisect_right(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bisect_right(xs, x)` of integers."""
        del expected
        return self._bisected("Seq_bisect_right", node)

    library_bisect_bisect = library_bisect_bisect_right

    def _bisected(self, function: str, node: ast.Call) -> Term:
        values, sought = self._given(node, 2)
        own = t.without_none(values.type)
        if not (isinstance(own, t.Collection | t.Tuple) and self._is_int(item := self.item_type(own, node)) and item != t.BOOL):
            raise Unsupported(f"`{ast.unparse(node.func)}` of a `{values.type}`", node)
        if isinstance(own, t.Collection) and own.kind not in _INDEXED:
            raise Unsupported(f"`{ast.unparse(node.func)}` of a `{values.type}`", node)
        _, items = self.sequence_in(values, node)
        return Term(apply(function, items, self.coerce(sought, t.INT, node).text), t.INT)

    # --- itertools ---------------------------------------------------------------------------

    def library_itertools_product(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`product(xs, ys)`: the last one changes fastest."""
        del expected
        parts = [self.sequence_in(value, node) for value in self._given(node, 2)]
        (first, left), (second, right) = parts
        width = apply("Seq_len", right)

        def pair(k: str) -> Term:
            places = apply("Pair_row", k, width), apply("Pair_column", k, width)
            return self.tuple_of([Term(apply("Seq_at", left, places[0]), first), Term(apply("Seq_at", right, places[1]), second)])

        return self.made(apply("Pair_places", apply("Seq_len", left), width), pair)

    def library_itertools_combinations(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`combinations(xs, 2)`: each item with each that comes later."""
        del expected
        values, count = self._given(node, 2)
        if count.text != "2":
            raise Unsupported("`combinations` of other than two items", node)
        item, items = self.sequence_in(values, node)
        length = apply("Seq_len", items)

        def pair(k: str) -> Term:
            places = apply("Choice_first", length, k), apply("Choice_second", length, k)
            return self.tuple_of([Term(apply("Seq_at", items, place), item) for place in places])

        return self.made(apply("Choice_count", length), pair)

    # --- random ------------------------------------------------------------------------------

    def library_random_choice(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`choice(xs)`: any item."""
        del expected
        (values,) = self._given(node, 1)
        own = values.type
        indexed = isinstance(own, t.Tuple) or (isinstance(own, t.Collection) and own.kind in _INDEXED)
        if not indexed and own not in (t.STR, t.BYTES, t.BYTEARRAY):
            raise Unsupported(f"`random.choice` of a `{own}`", node)
        item, items = self.sequence_in(values, node)
        if self.in_contract or self.guards:
            raise Unsupported("`random.choice` inside of this expression", node)
        length = apply("Seq_len", items)
        self.demand(f"(0 < {length})", Kind.INDEX, node, "there must be an item to choose", "IndexError")
        place = self.writer.local("chosen", "int")
        self.writer.line(f"havoc {place};")
        self.writer.assume(f"(0 <= {place} && {place} < {length})")
        return self.named(Term(apply("Seq_at", items, place), item))


__all__ = ["Combining"]
