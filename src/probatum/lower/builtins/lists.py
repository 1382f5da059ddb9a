"""Lists and tuples."""

from __future__ import annotations

import ast

from probatum.lower.builtins.binary import Binary
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Lists(Binary):
    """What methods of lists and tuples mean."""

    def special_list(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`list(xs)`."""
        if not node.args:
            item = expected.item if isinstance(expected, t.Collection) else t.NEVER
            type_ = t.Collection("list", item)
            return Term("" if item == t.NEVER else self.empty_content(type_), type_, content=True)
        value = self.evaluate(node.args[0])
        return Term(self.items_of(value, node), t.Collection("list", self.item_type(value.type, node)), content=True)

    def special_tuple(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`tuple(xs)`."""
        if not node.args:
            return self.tuple_of([])
        value = self.evaluate(node.args[0], expected)
        if isinstance(value.type, t.Tuple):
            return value
        return Term(self.items_of(value, node), t.Collection("tuple", self.item_type(value.type, node)))

    def call_sorted(self, node: ast.Call, values: Term) -> Term:
        """`sorted(xs)` of integers."""
        item = self.item_type(values.type, node)
        if not self._is_int(item):
            raise Unsupported(f"`sorted` of a `{values.type}`", node)
        return Term(apply("Seq_sorted", self.items_of(values, node)), t.Collection("list", t.INT), content=True)

    def _item(self, collection: Term, value: Term, node: ast.AST) -> str:
        own = collection.type
        assert isinstance(own, t.Collection)
        return self.coerce(self.materialised(value, node), own.item, node).text

    def method_list_append(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.append(x)`."""
        self.set_content(receiver, apply("Seq_push", self.content(receiver), self._item(receiver, value, node)), node)
        return Term("Unit()", t.NONE)

    def method_list_extend(self, receiver: Term, node: ast.Call, values: Term) -> Term:
        """`xs.extend(ys)`."""
        self.set_content(receiver, apply("Seq_concat", self.content(receiver), self.items_of(values, node)), node)
        return Term("Unit()", t.NONE)

    def method_list_insert(self, receiver: Term, node: ast.Call, index: Term, value: Term) -> Term:
        """`xs.insert(i, x)`."""
        content = self.content(receiver)
        place = apply("Slice_bound", self.coerce(index, t.INT, node).text, apply("Seq_len", content))
        self.set_content(receiver, apply("Seq_insert", content, place, self._item(receiver, value, node)), node)
        return Term("Unit()", t.NONE)

    def method_list_pop(self, receiver: Term, node: ast.Call, index: Term | None = None) -> Term:
        """`xs.pop()` and `xs.pop(i)`."""
        own = receiver.type
        assert isinstance(own, t.Collection)
        content = self.content(receiver)
        if index is None:
            self.demand(f"(Seq_len({content}) > 0)", Kind.INDEX, node, "there must be an item to pop", "IndexError")
            place = f"(Seq_len({content}) - 1)"
        else:
            place = self.position(self.coerce(index, t.INT, node).text, content, node)
        found = self.named(Term(apply("Seq_at", content, place), own.item))
        rest = apply("Seq_take", content, place) if index is None else apply("Seq_remove", content, place)
        self.set_content(receiver, rest, node)
        return found

    def method_list_remove(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.remove(x)`."""
        content, item = self.content(receiver), self._item(receiver, value, node)
        self.demand(apply("Seq_has", content, item), Kind.VALUE, node, "the item must be there", "ValueError")
        self.set_content(receiver, apply("Seq_remove", content, apply("Seq_index_of", content, item)), node)
        return Term("Unit()", t.NONE)

    def method_list_clear(self, receiver: Term, node: ast.Call) -> Term:
        """`xs.clear()`."""
        self.set_content(receiver, self.empty_content(t.without_none(receiver.type)), node)
        return Term("Unit()", t.NONE)

    def method_list_copy(self, receiver: Term, node: ast.Call) -> Term:
        """`xs.copy()`."""
        del node
        return Term(self.content(receiver), receiver.type, content=True)

    def method_list_reverse(self, receiver: Term, node: ast.Call) -> Term:
        """`xs.reverse()`."""
        self.set_content(receiver, apply("Seq_reverse", self.content(receiver)), node)
        return Term("Unit()", t.NONE)

    def method_list_sort(self, receiver: Term, node: ast.Call) -> Term:
        """`xs.sort()` of integers."""
        if not self._is_int(self.item_type(receiver.type, node)):
            raise Unsupported(f"`sort` of a `{receiver.type}`", node)
        self.set_content(receiver, apply("Seq_sorted", self.content(receiver)), node)
        return Term("Unit()", t.NONE)

    def method_list_index(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.index(x)`."""
        content, item = self.items_of(receiver, node), self._item(receiver, value, node)
        self.demand(apply("Seq_has", content, item), Kind.VALUE, node, "the item must be there", "ValueError")
        return Term(apply("Seq_index_of", content, item), t.INT)

    def method_list_count(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.count(x)`."""
        content, item = self.items_of(receiver, node), self._item(receiver, value, node)
        return Term(apply("Seq_count", content, item), t.INT)

    def method_tuple_index(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.index(x)`."""
        return self.method_list_index(receiver, node, value)

    def method_tuple_count(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.count(x)`."""
        return self.method_list_count(receiver, node, value)
