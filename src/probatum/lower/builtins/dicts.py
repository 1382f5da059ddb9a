"""Dictionaries."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower import terms
from probatum.lower.builtins.lists import Lists
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Dicts(Lists):
    """What methods of dictionaries mean."""

    def special_dict(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`dict()`, `dict(d)`, `dict(pairs)` and `dict(d, k=v)`."""
        if not node.args and not node.keywords:
            return self.empty(t.Mapping("dict", t.NEVER, t.NEVER), expected)
        if node.keywords and len(node.args) < 2 and all(k.arg is not None for k in node.keywords):
            keys: list[ast.expr | None] = [None] * len(node.args)
            keys += [ast.copy_location(ast.Constant(k.arg), k.value) for k in node.keywords]
            display = ast.Dict(keys, [*node.args, *(k.value for k in node.keywords)])
            return self.evaluate(ast.copy_location(display, node), expected)
        if len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], ast.Starred):
            (own,) = self._usable(self.evaluate(node.args[0]), node=node.args[0])
            if isinstance(own.type, t.Mapping):
                return Term(self.content(own), t.Mapping("dict", own.type.key, own.type.value), content=True)
            return self._of_pairs(own, node, expected)
        raise Unsupported("`dict` of these arguments", node)

    def _of_pairs(self, pairs: Term, node: ast.Call, expected: t.Type | None) -> Term:
        item = self.item_type(pairs.type, node)
        if not (isinstance(item, t.Tuple) and len(item.items) == 2):
            raise Unsupported(f"`dict` of a `{pairs.type}`", node)
        names = "pairs'", "key'", "value'"
        given, key, value = (ast.copy_location(ast.Name(name, ast.Load()), node) for name in names)
        target = ast.Tuple([ast.Name(name, ast.Store()) for name in names[1:]], ast.Store())
        generator = ast.comprehension(ast.copy_location(target, node), given, [], 0)
        for one in target.elts:
            ast.copy_location(one, node)
        saved = self.names
        self.names = {**saved, given.id: pairs}
        try:
            return self.evaluate(ast.copy_location(ast.DictComp(key, value, [generator]), node), expected)
        finally:
            self.names = saved

    def merged(self, parts: Sequence[Term], node: ast.AST) -> Term:
        """Return a dict with what several dicts hold: of equal keys the last one prevails."""
        types: list[t.Mapping] = []
        for part in parts:
            if not isinstance(part.type, t.Mapping) or part.type.kind != "dict":
                raise Unsupported(f"a dict put together with a `{part.type}`", node)
            if t.NEVER not in (part.type.key, part.type.value):
                types.append(part.type)
        if not types:
            return parts[0]
        if any((one.key, one.value) != (types[0].key, types[0].value) for one in types):
            raise Unsupported(f"a `{types[0]}` put together with a `{types[-1]}`", node)
        texts = [self.content(p) for p in parts if isinstance(p.type, t.Mapping) and t.NEVER not in (p.type.key, p.type.value)]
        text = texts[0]
        for other in texts[1:]:
            text = apply("Map_update", text, other)
        return Term(text, types[0], content=True)

    def _key(self, receiver: Term, key: Term, node: ast.AST) -> str:
        own = t.without_none(receiver.type)
        wanted = own.key if isinstance(own, t.Mapping) else own.item  # type: ignore[attr-defined]  # a set
        self.hashable(wanted, node)
        return self.narrowed_to(key, wanted, node)

    def method_dict_get(self, receiver: Term, node: ast.Call, key: Term, default: Term | None = None) -> Term:
        """`d.get(k)` and `d.get(k, default)`."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping)
        content, wanted = self.content(receiver), self._key(receiver, key, node)
        has, value = apply("Map_has", content, wanted), Term(apply("Map_get", content, wanted), own.value)
        other = default if default is not None else Term("Unit()", t.NONE)
        type_ = own.value if self.is_subtype(other.type, own.value) else t.union(own.value, other.type)
        if self.in_contract and other.content and type_ == own.value:  # nothing is created there
            given = self.coerce(other, own.value, node)
            return Term(conditional(has, self.content(value), self.content(given)), own.value, content=True)
        if default is not None and default.content:
            other = self.materialised(default, node)
        own_value, own_other = self.coerce(value, type_, node).text, self.coerce(other, type_, node).text
        found = Term(conditional(has, own_value, own_other), type_)
        if not self.in_contract:
            self.writer.assume(terms.implication(has, self.fact(value)))
        return found

    def got(self, function: ast.expr, argument: Term, variable: str, within: str) -> Term | None:
        """Return what the method `get` of a dict gives for a key under a bound variable; None if it is another function.

        Of the keys all must be there: what is None has no place in an order.
        """
        if not isinstance(function, ast.Attribute) or function.attr not in ("get", "__getitem__"):
            return None
        (owner,) = self._usable(self.evaluate(function.value), node=function.value)
        if not isinstance(owner.type, t.Mapping):
            return None
        if function.attr == "__getitem__" and owner.type.kind != "dict":
            raise Unsupported(f"`__getitem__` of a `{owner.type}`", function)
        content, depth = self.content(owner), len(self.binders)
        key = self._key(owner, argument, function)
        self.binders.append((variable, within))
        try:
            self._under(lambda: self._there(content, key, function))
        finally:
            del self.binders[depth:]
        return Term(apply("Map_get", content, key), owner.type.value)

    def _there(self, content: str, key: str, node: ast.AST) -> str:
        self.demand(apply("Map_has", content, key), Kind.KEY, node, "the key must be there")
        return key

    def method_dict_keys(self, receiver: Term, node: ast.Call) -> Term:
        """`d.keys()`, where it is used at once."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping), node
        return Term(apply("Map_keys", self.content(receiver)), t.Collection("view", own.key), content=True)

    def method_dict_values(self, receiver: Term, node: ast.Call) -> Term:
        """`d.values()`, where it is used at once."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping), node
        return Term(apply("Map_values", self.content(receiver)), t.Collection("view", own.value), content=True)

    def method_dict_items(self, receiver: Term, node: ast.Call) -> Term:
        """`d.items()`, where it is used at once."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping), node
        content = self.content(receiver)

        def pair(place: str) -> Term:
            key = apply("Seq_at", apply("Map_keys", content), place)
            return self.tuple_of([Term(key, own.key), Term(apply("Map_get", content, key), own.value)])

        pairs = self.made(apply("Map_len", content), pair)
        assert isinstance(pairs.type, t.Collection)
        return Term(pairs.text, t.Collection("view", pairs.type.item), content=True)

    def method_dict_popitem(self, receiver: Term, node: ast.Call) -> Term:
        """`d.popitem()`: the last one."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping)
        content = self.content(receiver)
        self.demand(f"(0 < {apply('Map_len', content)})", Kind.KEY, node, "there must be an item to pop", "KeyError")
        key = self.named(Term(apply("Seq_at", apply("Map_keys", content), f"({apply('Map_len', content)} - 1)"), own.key))
        value = self.named(Term(apply("Map_get", content, key.text), own.value))
        self.set_content(receiver, apply("Map_remove", content, key.text), node)
        return self.tuple_of([key, value])

    def class_dict_fromkeys(self, node: ast.Call, keys: Term, value: Term | None = None) -> Term:
        """`dict.fromkeys(xs, v)`."""
        item, items = self.sequence_in(keys, node)
        self.hashable(item, node)
        own = Term("Unit()", t.NONE) if value is None else self.materialised(value, node)
        type_ = t.INT if isinstance(own.type, t.Ranged) else own.type
        return Term(apply("Map_of_keys", items, own.text), t.Mapping("dict", item, type_), content=True)

    def library_collections_Counter(self, node: ast.Call, expected: t.Type | None) -> Term:  # noqa: N802 - CPython's name
        """`Counter()` and `Counter(xs)`."""
        if node.keywords or len(node.args) > 1:
            raise Unsupported("a `Counter` of these arguments", node)
        if not node.args:
            return self.empty(t.Mapping("Counter", t.NEVER, t.INT), expected)
        values = self.evaluate(node.args[0])
        if isinstance(values.type, t.Mapping):
            raise Unsupported("a `Counter` of a dictionary", node)
        item, items = self.sequence_in(values, node)
        self.hashable(item, node)
        return Term(apply("Map_counts", items), t.Mapping("Counter", item, t.INT), content=True)

    def method_dict_copy(self, receiver: Term, node: ast.Call) -> Term:
        """`d.copy()`."""
        if getattr(t.without_none(receiver.type), "kind", "") == "defaultdict":
            raise Unsupported("a copy of a `defaultdict`", node)
        return Term(self.content(receiver), receiver.type, content=True)

    def method_dict_clear(self, receiver: Term, node: ast.Call) -> Term:
        """`d.clear()`."""
        self.set_content(receiver, self.empty_content(t.without_none(receiver.type)), node)
        return Term("Unit()", t.NONE)

    def method_dict_update(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`d.update(e)`."""
        own = t.without_none(receiver.type)
        if not isinstance(other.type, t.Mapping) or not isinstance(own, t.Mapping) or own.kind == "Counter":
            raise Unsupported(f"`update` of a `{own}` by a `{other.type}`", node)
        if (other.type.key, other.type.value) != (own.key, own.value):
            raise Unsupported(f"`update` of a `{own}` by a `{other.type}`", node)
        self.set_content(receiver, apply("Map_update", self.content(receiver), self.content(other)), node)
        return Term("Unit()", t.NONE)

    def method_dict_pop(self, receiver: Term, node: ast.Call, key: Term, default: Term | None = None) -> Term:
        """`d.pop(k)` and `d.pop(k, default)`."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping)
        content, wanted = self.content(receiver), self._key(receiver, key, node)
        has, value = apply("Map_has", content, wanted), Term(apply("Map_get", content, wanted), own.value)
        if default is None:
            self.demand(has, Kind.KEY, node, "the key must be there", "KeyError")
            found = self.named(value)
        else:
            type_ = own.value if self.is_subtype(default.type, own.value) else t.union(own.value, default.type)
            both = conditional(has, self.coerce(value, type_, node).text, self.coerce(default, type_, node).text)
            found = self.named(Term(both, type_))
        self.set_content(receiver, conditional(has, apply("Map_remove", content, wanted), content), node)
        return found

    def method_dict_setdefault(self, receiver: Term, node: ast.Call, key: Term, default: Term) -> Term:
        """`d.setdefault(k, default)`."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping)
        content, wanted = self.content(receiver), self._key(receiver, key, node)
        has = apply("Map_has", content, wanted)
        other = self.coerce(self.materialised(default, node), own.value, node).text
        self.set_content(receiver, conditional(has, content, apply("Map_set", content, wanted, other)), node)
        return self.named(Term(apply("Map_get", self.content(receiver), wanted), own.value))
