"""Sets."""

from __future__ import annotations

import ast

from probatum.lower.builtins.dicts import Dicts
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.python import types as t


class Sets(Dicts):
    """What methods of sets mean."""

    def special_set(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`set(xs)`."""
        return self._set_of("set", node, expected)

    def special_frozenset(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`frozenset(xs)`."""
        return self._set_of("frozenset", node, expected)

    def _set_of(self, kind: str, node: ast.Call, expected: t.Type | None) -> Term:
        if not node.args:
            item = expected.item if isinstance(expected, t.Collection) else t.NEVER
            type_ = t.Collection(kind, item)
            return Term("" if item == t.NEVER else f"(Set_empty() : Set {self.sort(item)})", type_, content=True)
        value = self.evaluate(node.args[0])
        own, item = value.type, self.item_type(value.type, node)
        self.hashable(item, node)
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset"):
            return Term(self.content(value), t.Collection(kind, item), content=True)
        return Term(apply("Set_of", self.items_of(value, node)), t.Collection(kind, item), content=True)

    def method_set_add(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`s.add(x)`."""
        self.set_content(receiver, apply("Set_add", self.content(receiver), self._key(receiver, value, node)), node)
        return Term("Unit()", t.NONE)

    def method_set_discard(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`s.discard(x)`."""
        self.set_content(receiver, apply("Set_remove", self.content(receiver), self._key(receiver, value, node)), node)
        return Term("Unit()", t.NONE)

    def method_set_remove(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`s.remove(x)`."""
        key = self._key(receiver, value, node)
        self.demand(apply("Set_has", self.content(receiver), key), Kind.KEY, node, "the item must be there", "KeyError")
        return self.method_set_discard(receiver, node, value)

    def method_set_clear(self, receiver: Term, node: ast.Call) -> Term:
        """`s.clear()`."""
        return self.method_list_clear(receiver, node)

    def method_set_copy(self, receiver: Term, node: ast.Call) -> Term:
        """`s.copy()`."""
        return self.method_list_copy(receiver, node)

    def method_set_union(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.union(t)`."""
        return self.binary(ast.BitOr(), receiver, other, node)

    def method_set_intersection(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.intersection(t)`."""
        return self.binary(ast.BitAnd(), receiver, other, node)

    def method_set_difference(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.difference(t)`."""
        return self.binary(ast.Sub(), receiver, other, node)

    def method_set_issubset(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.issubset(t)`."""
        return Term(self.comparison(ast.LtE(), receiver, other, node), t.BOOL)
