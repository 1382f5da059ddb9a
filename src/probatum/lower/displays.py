"""Displays: lists, tuples, sets and dicts that are written item by item."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.effects import Effects
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Displays(Effects):
    """The values of displays."""

    def _elements(self, elements: Sequence[ast.expr], wanted: t.Type | None) -> tuple[list[str], t.Type]:
        values = []
        effects_after = self.effects_after(elements)
        for number, element in enumerate(elements):
            self.used_at_once(element)
            value = self.materialised(self.evaluate(element, wanted), element)
            if not self.in_contract and effects_after(number):
                value = self.kept(value)
            values.append(value)
        type_ = wanted
        if type_ is None or type_ in (t.NEVER, t.UNKNOWN):
            type_ = self.joined([v.type for v in values])
        coerced = [self._placed(self.coerce(v, type_, e), e) for v, e in zip(values, elements, strict=True)]
        return [value.text for value in coerced], type_

    def _placed(self, value: Term, node: ast.AST) -> Term:
        """Return a value that is put into a collection: in a contract no object can be made for a new one to be held by."""
        if self.in_contract and value.content and self.sorts.shared(value.type):
            raise Unsupported("a new collection inside of another one, in a contract or in a function that is written out", node)
        return value

    def joined(self, types: Sequence[t.Type]) -> t.Type:
        """Return the least type that values of several types have."""
        plain = [t.INT if isinstance(one, t.Ranged) else one for one in types]
        result = t.union(*plain)
        if isinstance(result, t.Union):
            options = [o for o in result.options if not any(o != p and self.is_subtype(o, p) for p in result.options)]
            result = t.union(*options)
        return result

    def expression_List(self, node: ast.List, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`[a, b]`."""
        wanted = t.without_none(expected) if expected is not None else None
        item = wanted.item if isinstance(wanted, t.Collection) else None
        if any(isinstance(e, ast.Starred) for e in node.elts):
            return self._starred(node.elts, item, node)
        if not node.elts:
            type_ = t.Collection("list", t.NEVER if item is None or item == t.UNKNOWN else item)
            return Term(self._nothing("Seq", type_.item), type_, content=True)
        texts, type_of_items = self._elements(node.elts, item)
        return Term(self.sequence_of(texts, self.sort(type_of_items)), t.Collection("list", type_of_items), content=True)

    def _nothing(self, kind: str, *items: t.Type) -> str:
        if t.NEVER in items:
            return f"({kind}_empty() : {kind} {' '.join('Unit' for _ in items)})"
        return f"({kind}_empty() : {kind} {' '.join(map(self.sort, items))})"

    def _starred(self, elements: Sequence[ast.expr], item: t.Type | None, node: ast.AST) -> Term:
        result: Term | None = None
        for element in elements:
            if isinstance(element, ast.Starred):
                value = self.evaluate(element.value)
                part = Term(self.items_of(value, node), t.Collection("list", self.item_type(value.type, node)), content=True)
            else:
                texts, type_ = self._elements([element], item)
                part = Term(apply("Seq_one", texts[0]), t.Collection("list", type_), content=True)
            result = part if result is None else self.binary(ast.Add(), result, part, node)
        assert result is not None
        return result

    def expression_Tuple(self, node: ast.Tuple, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`(a, b)`."""
        if any(isinstance(e, ast.Starred) for e in node.elts):
            own = self._starred(node.elts, None, node)
            assert isinstance(own.type, t.Collection)
            return Term(own.text, t.Collection("tuple", own.type.item))
        wanted = t.without_none(expected) if expected is not None else None
        types: list[t.Type | None] = [None] * len(node.elts)
        if isinstance(wanted, t.Tuple) and len(wanted.items) == len(node.elts):
            types = [None if one == t.UNKNOWN else one for one in wanted.items]
        elif isinstance(wanted, t.Collection) and wanted.kind == "tuple":
            texts, item = self._elements(node.elts, wanted.item)
            return Term(self.sequence_of(texts, self.sort(item)), t.Collection("tuple", item))
        items = []
        effects_after = self.effects_after(node.elts)
        for number, (element, type_) in enumerate(zip(node.elts, types, strict=True)):
            value = self.materialised(self.evaluate(element, type_), element)
            if not self.in_contract and effects_after(number):
                value = self.kept(value)
            items.append(self._placed(value if type_ is None else self.coerce(value, type_, element), element))
        return self.tuple_of(items)

    def expression_Set(self, node: ast.Set, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{a, b}`."""
        wanted = t.without_none(expected) if expected is not None else None
        texts, item = self._elements(node.elts, wanted.item if isinstance(wanted, t.Collection) else None)
        self.hashable(item, node)
        text = f"(Set_empty() : Set {self.sort(item)})"
        for one in texts:
            text = apply("Set_add", text, one)
        return Term(text, t.Collection("set", item), content=True)

    def expression_Dict(self, node: ast.Dict, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """`{k: v}`."""
        wanted = t.without_none(expected) if expected is not None else None
        key, value = (wanted.key, wanted.value) if isinstance(wanted, t.Mapping) else (None, None)
        key, value = (None if one == t.UNKNOWN else one for one in (key, value))
        if any(k is None for k in node.keys):
            return self._display_of_dicts(node, wanted)
        if not node.keys:
            type_ = t.Mapping("dict", t.NEVER if key is None else key, t.NEVER if value is None else value)
            return Term(self._nothing("Map", type_.key, type_.value), type_, content=True)
        parts = [*node.values, *(k for k in node.keys if k is not None)]
        fixed = self.in_contract or all(isinstance(k, ast.Constant) for k in node.keys)
        if not fixed and any(self.has_effects(part) for part in parts):
            raise Unsupported("a dict display with calls that have effects", node)  # each value comes before the next key
        keys, key = self._elements([k for k in node.keys if k is not None], key)
        values, value = self._elements(node.values, value)
        self.hashable(key, node)
        text = f"(Map_empty() : Map {self.sort(key)} {self.sort(value)})"
        for one, other in zip(keys, values, strict=True):
            text = apply("Map_set", text, one, other)
        return Term(text, t.Mapping("dict", key, value), content=True)

    def _display_of_dicts(self, node: ast.Dict, wanted: t.Type | None) -> Term:
        """`{**a, k: v, **b}`."""
        if not self.in_contract and any(self.has_effects(e) for e in (*node.keys, *node.values) if e is not None):
            raise Unsupported("a dict display with `**` and calls that have effects", node)
        parts: list[Term] = []
        for key, value in zip(node.keys, node.values, strict=True):
            one = value if key is None else ast.copy_location(ast.Dict([key], [value]), node)
            parts.append(*self._usable(self.evaluate(one, wanted), node=value))
        own = self.merged(parts, node)
        assert isinstance(own.type, t.Mapping)
        return Term(own.text, t.Mapping("dict", own.type.key, own.type.value), content=True)
