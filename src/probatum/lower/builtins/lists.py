"""Lists and tuples."""

from __future__ import annotations

import ast

from probatum.lower import terms
from probatum.lower.builtins.binary import Binary
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Lists(Binary):
    """What methods of lists and tuples mean."""

    def empty(self, type_: t.Collection | t.Mapping, expected: t.Type | None) -> Term:
        """Return a new collection without items, of the kind of `type_`; what it may hold is what is expected, as far as that is known."""
        wanted = t.without_none(expected) if expected is not None else None
        if isinstance(type_, t.Collection) and isinstance(wanted, t.Collection) and wanted.item != t.UNKNOWN:
            type_ = t.Collection(type_.kind, wanted.item)
        elif isinstance(type_, t.Mapping) and isinstance(wanted, t.Mapping) and t.UNKNOWN not in (wanted.key, wanted.value):
            type_ = t.Mapping(type_.kind, wanted.key, t.INT if type_.kind == "Counter" else wanted.value)
        if isinstance(type_, t.Collection) and type_.kind == "frozenset":
            return Term(f"(Set_empty() : Set {self.sort(type_.item)})", type_, content=True)
        return Term(self.empty_content(type_), type_, content=True)

    def special_list(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`list(xs)`."""
        if not node.args:
            return self.empty(t.Collection("list", t.NEVER), expected)
        value = self.evaluate(node.args[0], expected if isinstance(node.args[0], ast.List) else None)
        value = self.gone_over(value, node.args[0])
        return Term(self.items_of(value, node), t.Collection("list", self.item_type(value.type, node)), content=True)

    def special_tuple(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`tuple(xs)`."""
        if not node.args:
            return self.tuple_of([])
        value = self.gone_over(self.evaluate(node.args[0], expected), node.args[0])
        if isinstance(value.type, t.Tuple):
            return value
        return Term(self.items_of(value, node), t.Collection("tuple", self.item_type(value.type, node)))

    def call_sorted(self, node: ast.Call, values: Term, *, key: ast.expr | None = None, reverse: Term | None = None) -> Term:
        """`sorted(xs)`."""
        item, items = self.sequence_in(values, node, told=key is not None)  # items with equal keys stay in their order
        text = self.in_ascending_order(item, items, node, key, self._backwards(reverse, node))
        return Term(text, t.Collection("list", t.INT if isinstance(item, t.Ranged) else item), content=True)

    def _backwards(self, reverse: Term | None, node: ast.AST) -> bool:
        if reverse is None or reverse.text in ("true", "false"):
            return reverse is not None and reverse.text == "true"
        raise Unsupported("`reverse=` that is not written as a constant", node)

    def in_ascending_order(self, item: t.Type, items: str, node: ast.AST, key: ast.expr | None, reverse: bool) -> str:
        """Return the items of a sequence in the order of their keys, or against it."""
        if key is not None:
            return apply("Seq_sorted_by", items, self.key_of(key, item, items, node, descending=reverse))
        if self._is_int(item) and item != t.BOOL:
            # Equal integers cannot be told apart.
            return apply("Seq_reverse", apply("Seq_sorted", items)) if reverse else apply("Seq_sorted", items)
        if item == t.STR:
            return apply("Seq_reverse", apply("Text_sorted", items)) if reverse else apply("Text_sorted", items)
        raise Unsupported(f"the order of `{item}`s", node)

    def _item(self, collection: Term, value: Term, node: ast.AST) -> str:
        own = collection.type
        assert isinstance(own, t.Collection)
        return self.coerce(self.materialised(value, node), own.item, node).text

    def _sought(self, collection: Term, value: Term, node: ast.AST) -> str:
        """Return what is looked for among items, where an item that is equal is the same in the logic."""
        own = collection.type
        assert isinstance(own, t.Collection)
        self.identity_or_equal(own.item, value, node)
        return self._item(collection, value, node)

    def method_list_append(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.append(x)`."""
        self.set_content(receiver, apply("Seq_push", self.content(receiver), self._item(receiver, value, node)), node)
        return Term("Unit()", t.NONE)

    def method_list_extend(self, receiver: Term, node: ast.Call, values: Term) -> Term:
        """`xs.extend(ys)`."""
        own = receiver.type
        assert isinstance(own, t.Collection)
        item, items = self.sequence_in(values, node)
        if item != t.NEVER and self.sort(item) != self.sort(own.item):
            raise Unsupported(f"`extend` of a `{own}` by a `{values.type}`", node)
        added = self.coerce(Term(items, t.Collection("tuple", item)), t.Collection("tuple", own.item), node).text
        if item == t.NEVER:
            return Term("Unit()", t.NONE)
        self.set_content(receiver, apply("Seq_concat", self.content(receiver), added), node)
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
        content, item = self.content(receiver), self._sought(receiver, value, node)
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

    def method_list_sort(
        self, receiver: Term, node: ast.Call, *, key: ast.expr | None = None, reverse: Term | None = None
    ) -> Term:
        """`xs.sort()`."""
        item, content = self.item_type(receiver.type, node), self.content(receiver)
        self.set_content(receiver, self.in_ascending_order(item, content, node, key, self._backwards(reverse, node)), node)
        return Term("Unit()", t.NONE)

    def method_list_index(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.index(x)`."""
        content, item = self.items_of(receiver, node), self._sought(receiver, value, node)
        self.demand(apply("Seq_has", content, item), Kind.VALUE, node, "the item must be there", "ValueError")
        return Term(apply("Seq_index_of", content, item), t.INT)

    def method_list_count(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.count(x)`."""
        content, item = self.items_of(receiver, node), self._sought(receiver, value, node)
        return Term(apply("Seq_counted", content, item), t.INT)

    def method_tuple_index(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.index(x)`."""
        if not isinstance(receiver.type, t.Tuple):
            return self.method_list_index(receiver, node, value)
        tests = self._tests(receiver, value, node)
        self.demand(terms.disjunction(*tests), Kind.VALUE, node, "the item must be there", "ValueError")
        text = "0"
        for place in range(len(tests) - 1, -1, -1):
            text = terms.conditional(tests[place], str(place), text)
        return Term(text, t.INT)

    def _tests(self, receiver: Term, value: Term, node: ast.Call) -> list[str]:
        """Return for each item of a tuple of known length whether it is the value, or equal to it."""
        assert isinstance(receiver.type, t.Tuple)
        return [self.equal_parts(self.item(receiver, place), value, node) for place in range(len(receiver.type.items))]

    def method_tuple_count(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.count(x)`."""
        if not isinstance(receiver.type, t.Tuple):
            return self.method_list_count(receiver, node, value)
        counted = [terms.conditional(test, "1", "0") for test in self._tests(receiver, value, node)]
        return Term(f"({' + '.join(counted)})" if counted else "0", t.INT)

    # --- deques: lists whose ends are alike -----------------------------------------------------

    def library_collections_deque(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`deque()` and `deque(xs)`."""
        if node.keywords or len(node.args) > 1:
            raise Unsupported("a `deque` with a greatest length", node)
        if not node.args:
            return self.empty(t.Collection("deque", t.NEVER), expected)
        item, items = self.sequence_in(self.evaluate(node.args[0]), node)
        return Term(items, t.Collection("deque", item), content=True)

    def method_deque_appendleft(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`d.appendleft(x)`."""
        added = apply("Seq_one", self._item(receiver, value, node))
        self.set_content(receiver, apply("Seq_concat", added, self.content(receiver)), node)
        return Term("Unit()", t.NONE)

    def method_deque_popleft(self, receiver: Term, node: ast.Call) -> Term:
        """`d.popleft()`."""
        own, content = receiver.type, self.content(receiver)
        assert isinstance(own, t.Collection)
        self.demand(f"(Seq_len({content}) > 0)", Kind.INDEX, node, "there must be an item to pop", "IndexError")
        found = self.named(Term(apply("Seq_at", content, "0"), own.item))
        self.set_content(receiver, apply("Seq_drop", content, "1"), node)
        return found

    def method_deque_pop(self, receiver: Term, node: ast.Call) -> Term:
        """`d.pop()`."""
        return self.method_list_pop(receiver, node)

    def method_deque_extendleft(self, receiver: Term, node: ast.Call, values: Term) -> Term:
        """`d.extendleft(xs)`: one after the other, so that the last one is in front."""
        own = receiver.type
        assert isinstance(own, t.Collection)
        item, items = self.sequence_in(values, node)
        if item != own.item:
            raise Unsupported(f"`extendleft` of a `{own}` by a `{values.type}`", node)
        self.set_content(receiver, apply("Seq_concat", apply("Seq_reverse", items), self.content(receiver)), node)
        return Term("Unit()", t.NONE)

    method_deque_append = method_list_append
    method_deque_extend = method_list_extend
    method_deque_insert = method_list_insert
    method_deque_remove = method_list_remove
    method_deque_clear = method_list_clear
    method_deque_copy = method_list_copy
    method_deque_reverse = method_list_reverse
    method_deque_index = method_list_index
    method_deque_count = method_list_count
