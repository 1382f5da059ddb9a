"""Sets."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.builtins.defaults import Defaults
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Sets(Defaults):
    """What methods of sets mean."""

    def special_set(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`set(xs)`."""
        return self._set_of("set", node, expected)

    def special_frozenset(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`frozenset(xs)`."""
        return self._set_of("frozenset", node, expected)

    def _set_of(self, kind: str, node: ast.Call, expected: t.Type | None) -> Term:
        if not node.args:
            return self.empty(t.Collection(kind, t.NEVER), expected)
        value = self.gone_over(self.evaluate(node.args[0]), node.args[0])
        own, item = value.type, self.item_type(value.type, node)
        self.hashable(item, node)
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset"):
            return Term(self.content(value), t.Collection(kind, item), content=True)
        return Term(apply("Set_of", self.items_of(value, node, told=False)), t.Collection(kind, item), content=True)

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

    def method_set_pop(self, receiver: Term, node: ast.Call) -> Term:
        """`s.pop()`: any member."""
        own, content = receiver.type, self.content(receiver)
        assert isinstance(own, t.Collection)
        if self.in_contract:
            raise Unsupported("`pop` in a contract", node)
        self.demand(f"(0 < {apply('Set_card', content)})", Kind.KEY, node, "there must be a member to pop", "KeyError")
        variable = self.writer.local("popped", self.sort(own.item))
        self.writer.line(f"havoc {variable};")
        self.writer.assume(apply("Set_has", content, variable))
        found = Term(variable, own.item)
        self.known(found)
        self.set_content(receiver, apply("Set_remove", content, variable), node)
        return found

    def _other(self, receiver: Term, values: Term, node: ast.AST) -> str:
        """Return the set of what an iterable yields, of the type of a set's members."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Collection)
        values = self.gone_over(values, node)
        item = self.item_type(values.type, node)
        if item == t.NEVER:
            return f"(Set_empty() : Set {self.sort(own.item)})"
        self.hashable(item, node)
        if self.sort(item) != self.sort(own.item) or self.sort(item) == "Any":
            raise Unsupported(f"a `{own}` and a `{values.type}`", node)
        if isinstance(values.type, t.Collection) and values.type.kind in ("set", "frozenset", "pset"):
            return self.content(values)
        return apply("Set_of", self.items_of(values, node, told=False))

    def _combined(self, function: str, receiver: Term, others: Sequence[Term], node: ast.AST) -> str:
        text = self.content(receiver)
        for other in others:
            text = apply(function, text, self._other(receiver, other, node))
        return text

    def method_set_union(self, receiver: Term, node: ast.Call, *others: Term) -> Term:
        """`s.union(t, ...)`."""
        return Term(self._combined("Set_union", receiver, others, node), receiver.type, content=True)

    def method_set_intersection(self, receiver: Term, node: ast.Call, *others: Term) -> Term:
        """`s.intersection(t, ...)`."""
        return Term(self._combined("Set_intersect", receiver, others, node), receiver.type, content=True)

    def method_set_difference(self, receiver: Term, node: ast.Call, *others: Term) -> Term:
        """`s.difference(t, ...)`."""
        return Term(self._combined("Set_minus", receiver, others, node), receiver.type, content=True)

    def method_set_symmetric_difference(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.symmetric_difference(t)`."""
        return Term(self._combined("Set_symmetric", receiver, [other], node), receiver.type, content=True)

    def method_set_update(self, receiver: Term, node: ast.Call, *others: Term) -> Term:
        """`s.update(t, ...)`."""
        self.set_content(receiver, self._combined("Set_union", receiver, others, node), node)
        return Term("Unit()", t.NONE)

    def method_set_intersection_update(self, receiver: Term, node: ast.Call, *others: Term) -> Term:
        """`s.intersection_update(t, ...)`."""
        self.set_content(receiver, self._combined("Set_intersect", receiver, others, node), node)
        return Term("Unit()", t.NONE)

    def method_set_difference_update(self, receiver: Term, node: ast.Call, *others: Term) -> Term:
        """`s.difference_update(t, ...)`."""
        self.set_content(receiver, self._combined("Set_minus", receiver, others, node), node)
        return Term("Unit()", t.NONE)

    def method_set_symmetric_difference_update(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.symmetric_difference_update(t)`."""
        self.set_content(receiver, self._combined("Set_symmetric", receiver, [other], node), node)
        return Term("Unit()", t.NONE)

    def method_set_issubset(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.issubset(t)`."""
        return Term(apply("Set_subset", self.content(receiver), self._other(receiver, other, node)), t.BOOL)

    def method_set_issuperset(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.issuperset(t)`."""
        return Term(apply("Set_subset", self._other(receiver, other, node), self.content(receiver)), t.BOOL)

    def method_set_isdisjoint(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`s.isdisjoint(t)`."""
        return Term(apply("Set_disjoint", self.content(receiver), self._other(receiver, other, node)), t.BOOL)

    method_frozenset_copy = method_set_copy
    method_frozenset_union = method_set_union
    method_frozenset_intersection = method_set_intersection
    method_frozenset_difference = method_set_difference
    method_frozenset_symmetric_difference = method_set_symmetric_difference
    method_frozenset_issubset = method_set_issubset
    method_frozenset_issuperset = method_set_issuperset
    method_frozenset_isdisjoint = method_set_isdisjoint
