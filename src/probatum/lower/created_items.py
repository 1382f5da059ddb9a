"""Comprehensions that make a new collection for each item: rows of a table."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from probatum.lower.heap import ALLOCATED
from probatum.lower.shared_attributes import SharedAttributes
from probatum.lower.terms import Term, apply, conditional, conjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

_NEW = ("list", "set", "dict", "deque")


class CreatedItems(SharedAttributes):
    """New objects under the variable of a comprehension."""

    items_under_way = False  # whether items of a comprehension of code are evaluated

    def mapped(
        self, generators: Sequence[ast.comprehension], body: ast.expr, kind: str, node: ast.AST, hint: t.Type | None = None
    ) -> Term:
        """Return the list of values of an expression over a collection."""
        with self.items_made():
            return super().mapped(generators, body, kind, node, hint)

    @contextmanager
    def items_made(self) -> Iterator[None]:
        """Within it, the items of a comprehension are evaluated."""
        saved, self.items_under_way = self.items_under_way, self.items_under_way or not self.in_contract
        try:
            yield
        finally:
            self.items_under_way = saved

    def tuple_of(self, items: list[Term]) -> Term:
        """Return a tuple of values; those that it holds must exist."""
        if self.items_under_way and any(i.content and self.sorts.shared(i.type) for i in items):
            raise Unsupported("a comprehension whose items hold new collections")
        return super().tuple_of(items)

    def created_items(self, length: str, place: str, value: Term, node: ast.AST) -> Term:
        """Return a list of new collections, of which `value` says what the one at a place holds.

        They did not exist before, and no two are one: each knows its place.
        """
        own = value.type
        if not (isinstance(own, t.Collection | t.Mapping) and own.kind in _NEW):
            raise Unsupported("a comprehension that creates collections of this kind", node)
        rows, places = self.writer.local("rows", "(Seq Ref)"), self.writer.local("places", "[Ref]int")
        after = self.writer.local("after", "[Ref]bool")
        self.writer.line(f"havoc {rows}, {places}, {after};")
        alloc = self.heap(ALLOCATED, "[Ref]bool")
        row = apply("Seq_at", rows, place)
        within = f"(0 <= {place} && {place} < {apply('Seq_len', rows)})"
        self.writer.assume(f"({apply('Seq_len', rows)} == {conditional(f'(0 < {length})', length, '0')})")
        facts = conjunction(
            f"({row} != null)",
            f"(!{alloc}[{row}])",
            f"{after}[{row}]",
            f"({places}[{row}] == {place})",
            f"(class_of({row}) == {self.symbols.class_name(f'builtins.{own.kind}')})",
            self.same_content(self.content(Term(row, own)), value.text, own),
        )
        self.writer.assume(f"(forall {place}: int :: {{{row}}} {within} ==> {facts})")
        self.writer.assume(f"(forall r': Ref :: {{{after}[r']}} {alloc}[r'] ==> {after}[r'])")
        self.writer.assign(alloc, after)
        return Term(rows, t.Collection("list", own), content=True)
