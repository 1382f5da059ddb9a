"""Built-in functions and the methods of built-in types.

Each entry is a method of `Builtins` whose name says what it is for: `call_len`,
`method_list_append`. What is not here is not supported, and says so by name.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower import terms
from probatum.lower.lowered import Kind
from probatum.lower.operators import Operators
from probatum.lower.terms import Term, apply, conditional, disjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Builtins(Operators):
    """What built-in functions and methods mean."""

    # --- dispatch --------------------------------------------------------------------

    def builtin(self, name: str, node: ast.Call, expected: t.Type | None) -> Term:
        """Return what a built-in function returns."""
        special = getattr(self, f"special_{name}", None)
        if special is not None:
            return special(node, expected)  # type: ignore[no-any-return]  # methods of this class, found by name
        method = getattr(self, f"call_{name}", None)
        if method is None:
            raise Unsupported(f"the built-in function `{name}`", node)
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            raise Unsupported(f"`*` in a call of `{name}`", node)
        named = [k for k in node.keywords if k.arg != "key"]
        values = self.in_order([*node.args, *(k.value for k in named)])
        arguments = values[: len(node.args)]
        keywords = {k.arg or "": value for k, value in zip(named, values[len(node.args) :], strict=True)}
        if any(k.arg == "key" for k in node.keywords):
            raise Unsupported(f"`key=` in a call of `{name}`", node)
        try:
            return method(node, *arguments, **keywords)  # type: ignore[no-any-return]
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise Unsupported(f"a call of `{name}` with these arguments", node) from None

    def in_order(self, nodes: Sequence[ast.expr], hint: t.Type | None = None) -> list[Term]:
        """Return the values of expressions, each as it was before the later ones were evaluated."""
        raise NotImplementedError

    def builtin_method(self, receiver: Term, name: str, node: ast.Call, arguments: Sequence[Term]) -> Term:
        """Return what a method of a built-in type returns."""
        own = t.without_none(receiver.type)
        if own is not receiver.type and self.may_be_none(receiver.type):
            self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
            receiver = self.narrow(receiver, own)
        kind = own.kind if isinstance(own, t.Collection | t.Mapping) else str(own)
        kind = {"sequence": "list", "iterable": "list", "Counter": "dict", "defaultdict": "dict", "mapping": "dict"}.get(
            kind, kind
        )
        if isinstance(own, t.Tuple):
            kind = "tuple"
        if self.sort(own) == "int":
            kind = "int"
        method = getattr(self, f"method_{kind}_{name}", None)
        if method is None:
            raise Unsupported(f"the method `{name}` of a `{own}`", node)
        if node.keywords:
            raise Unsupported(f"keyword arguments in a call of the method `{name}` of a `{own}`", node)
        try:
            return method(receiver, node, *arguments)  # type: ignore[no-any-return]
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise Unsupported(f"a call of the method `{name}` of a `{own}` with these arguments", node) from None

    # --- numbers --------------------------------------------------------------------------

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

    # --- conversions ------------------------------------------------------------------------

    def call_int(self, node: ast.Call, value: Term | None = None) -> Term:
        """`int(x)` of integers and booleans."""
        if value is None:
            return terms.number(0)
        (value,) = self._usable(value, node=node)
        if self._is_int(value.type):
            return self.coerce(value, t.INT, node)
        raise Unsupported(f"`int` of a `{value.type}`", node)

    def call_bool(self, node: ast.Call, value: Term | None = None) -> Term:
        """`bool(x)`."""
        return terms.FALSE if value is None else Term(self.truth(value, node), t.BOOL)

    def call_float(self, node: ast.Call, value: Term | None = None) -> Term:
        """`float(x)` of numbers."""
        if value is None:
            return self.float_literal(0.0)
        if value.type == t.FLOAT or self._is_int(value.type):
            return self.coerce(value, t.FLOAT, node)
        raise Unsupported(f"`float` of a `{value.type}`", node)

    def call_str(self, node: ast.Call, value: Term | None = None) -> Term:
        """`str(x)` of strings and integers."""
        if value is None:
            return Term(apply("Seq_empty") + "", t.STR)
        (value,) = self._usable(value, node=node)
        if value.type == t.STR:
            return value
        if value.type == t.BOOL:
            return Term(conditional(value.text, self.text_literal("True").text, self.text_literal("False").text), t.STR)
        if self._is_int(value.type) and not isinstance(value.type, t.Instance):
            return Term(apply("Str_of_int", self.coerce(value, t.INT, node).text), t.STR)
        raise Unsupported(f"`str` of a `{value.type}`", node)

    def text_literal(self, text: str) -> Term:
        """Return a string constant."""
        if len(text) > 200:
            raise Unsupported("a string constant of more than 200 characters")
        return Term(self.sequence_of([f"char_of({ord(c)})" for c in text], "char"), t.STR)

    def bytes_literal(self, value: bytes) -> Term:
        """Return a constant of bytes."""
        if len(value) > 200:
            raise Unsupported("a constant of more than 200 bytes")
        return Term(self.sequence_of([f"byte_of({b})" for b in value], "byte"), t.BYTES)

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

    def special_dict(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`dict()` and `dict(d)`."""
        if not node.args and not node.keywords:
            key, value = (expected.key, expected.value) if isinstance(expected, t.Mapping) else (t.NEVER, t.NEVER)
            type_ = t.Mapping("dict", key, value)
            return Term("" if key == t.NEVER else self.empty_content(type_), type_, content=True)
        if len(node.args) == 1 and not node.keywords:
            own = self.evaluate(node.args[0])
            if isinstance(own.type, t.Mapping):
                return Term(self.content(own), t.Mapping("dict", own.type.key, own.type.value), content=True)
        raise Unsupported("`dict` of these arguments", node)

    def special_bytes(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bytes()`, `bytes(n)`, `bytes(b)` and `bytes([...])`."""
        del expected
        if not node.args:
            return self.bytes_literal(b"")
        if isinstance(node.args[0], ast.List | ast.Tuple):
            items = []
            for element in node.args[0].elts:
                value = self.coerce(self.evaluate(element), t.INT, element).text
                self.demand(f"(0 <= {value} && {value} < 256)", Kind.VALUE, element, "a byte must be in range(256)", "ValueError")
                items.append(apply("byte_of", value))
            return Term(self.sequence_of(items, "byte"), t.BYTES)
        value_ = self.evaluate(node.args[0])
        if self._is_int(value_.type):
            count = self.coerce(value_, t.INT, node).text
            self.demand(f"(0 <= {count})", Kind.VALUE, node, "the number of bytes must not be negative", "ValueError")
            return Term(apply("Seq_repeat", "byte_of(0)", count), t.BYTES)
        if value_.type in (t.BYTES, t.BYTEARRAY):
            return Term(self.content(value_), t.BYTES)
        raise Unsupported(f"`bytes` of a `{value_.type}`", node)

    def special_bytearray(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`bytearray(...)`, like `bytes`."""
        return Term(self.special_bytes(node, expected).text, t.BYTEARRAY, content=True)

    # --- sequences ---------------------------------------------------------------------------

    def call_range(self, node: ast.Call, first: Term, second: Term | None = None, third: Term | None = None) -> Term:
        """`range(...)`."""
        start, stop = ("0", first) if second is None else (self.coerce(first, t.INT, node).text, second)
        step = "1" if third is None else self.coerce(third, t.INT, node).text
        if not (step.isdigit() and step != "0"):
            self.demand(f"({step} != 0)", Kind.VALUE, node, "the step must not be zero", "ValueError")
        text = apply("Seq_range", start, self.coerce(stop, t.INT, node).text, step)
        return Term(text, t.Collection("range", t.INT))

    def call_sorted(self, node: ast.Call, values: Term) -> Term:
        """`sorted(xs)` of integers."""
        item = self.item_type(values.type, node)
        if not self._is_int(item):
            raise Unsupported(f"`sorted` of a `{values.type}`", node)
        return Term(apply("Seq_sorted", self.items_of(values, node)), t.Collection("list", t.INT), content=True)

    def call_reversed(self, node: ast.Call, values: Term) -> Term:
        """`reversed(xs)`."""
        item = self.item_type(values.type, node)
        return Term(apply("Seq_reverse", self.items_of(values, node)), t.Collection("list", item), content=True)

    def item_type(self, type_: t.Type, node: ast.AST) -> t.Type:
        """Return the type of what iteration yields."""
        own = t.without_none(type_)
        match own:
            case t.Collection(item=item) | t.Mapping(key=item):
                return item
            case t.Tuple(items=items) if items and len(set(items)) == 1:
                return items[0]
            case t.BYTES | t.BYTEARRAY:
                return t.INT
            case t.STR:
                return t.STR
        if own in (t.BYTES, t.BYTEARRAY):
            return t.INT
        raise Unsupported(f"iteration over a `{type_}`", node)

    def items_of(self, value: Term, node: ast.AST) -> str:
        """Return the sequence that iteration yields, where its items are values of that sequence as they are."""
        own = t.without_none(value.type)
        if isinstance(own, t.Tuple):
            return self.coerce(value, t.Collection("tuple", self.item_type(own, node)), node).text
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset"):
            return apply("Set_order", self.content(value))
        if isinstance(own, t.Mapping):
            return apply("Map_keys", self.content(value))
        if isinstance(own, t.Collection):
            return self.content(value)
        raise Unsupported(f"the items of a `{own}`", node)

    def hashable(self, type_: t.Type, node: ast.AST) -> None:
        """Demand that values of a type are keys by their value."""
        self.comparable(self.sort(type_), node)
        own = t.without_none(type_)
        if isinstance(own, t.Instance) and self.sort(own) == "Ref":
            for name in (own.name, *self.below(own.name)):
                known = self.program.class_(name)
                if known is not None and (known.compares_by_value or "__eq__" in known.methods or "__hash__" in known.methods):
                    raise Unsupported(f"a `{type_}` as a key", node)
        if self.sorts.shared(t.without_none(type_)):
            self.demand("false", Kind.TYPE, node, f"a `{type_}` is not hashable", "TypeError")
        if self.sort(type_) in ("float53e11", "Any"):
            raise Unsupported(f"a `{type_}` as a key", node)

    # --- methods of lists ------------------------------------------------------------------------

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

    def named(self, term: Term) -> Term:
        """Return a value under a name that keeps it when the state changes."""
        if self.in_contract:
            return term
        variable = self.writer.local("was", self.sort(term.type))
        self.writer.assign(variable, term.text)
        found = Term(variable, term.type)
        self.known(found)
        return found

    # --- methods of dicts and sets --------------------------------------------------------------

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
        if default is not None and default.content:
            other = self.materialised(default, node)
        own_value, own_other = self.coerce(value, type_, node).text, self.coerce(other, type_, node).text
        found = Term(conditional(has, own_value, own_other), type_)
        if not self.in_contract:
            self.writer.assume(terms.implication(has, self.fact(value)))
        return found

    def method_dict_keys(self, receiver: Term, node: ast.Call) -> Term:
        """`d.keys()`, as it is now."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping), node
        return Term(apply("Map_keys", self.content(receiver)), t.Collection("list", own.key), content=True)

    def method_dict_values(self, receiver: Term, node: ast.Call) -> Term:
        """`d.values()`, as it is now."""
        own = t.without_none(receiver.type)
        assert isinstance(own, t.Mapping), node
        return Term(apply("Map_values", self.content(receiver)), t.Collection("list", own.value), content=True)

    def method_dict_copy(self, receiver: Term, node: ast.Call) -> Term:
        """`d.copy()`."""
        del node
        return Term(self.content(receiver), receiver.type, content=True)

    def method_dict_clear(self, receiver: Term, node: ast.Call) -> Term:
        """`d.clear()`."""
        self.set_content(receiver, self.empty_content(t.without_none(receiver.type)), node)
        return Term("Unit()", t.NONE)

    def method_dict_update(self, receiver: Term, node: ast.Call, other: Term) -> Term:
        """`d.update(e)`."""
        if not isinstance(other.type, t.Mapping):
            raise Unsupported(f"`update` of a dict by a `{other.type}`", node)
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

    # --- methods of strings and bytes -------------------------------------------------------------

    def method_str_startswith(self, receiver: Term, node: ast.Call, prefix: Term) -> Term:
        """`s.startswith(p)`."""
        return Term(apply("Seq_prefix", self.coerce(prefix, receiver.type, node).text, receiver.text), t.BOOL)

    def method_bytes_startswith(self, receiver: Term, node: ast.Call, prefix: Term) -> Term:
        """`b.startswith(p)`."""
        return self.method_str_startswith(receiver, node, prefix)

    def method_tuple_index(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.index(x)`."""
        return self.method_list_index(receiver, node, value)

    def method_tuple_count(self, receiver: Term, node: ast.Call, value: Term) -> Term:
        """`xs.count(x)`."""
        return self.method_list_count(receiver, node, value)

    # --- quantified built-ins ------------------------------------------------------------------------

    def special_all(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`all(p for x in xs)`, or `all(xs)`."""
        del expected
        return self._quantified(node, every=True)

    def special_any(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`any(p for x in xs)`, or `any(xs)`."""
        del expected
        return self._quantified(node, every=False)

    def _quantified(self, node: ast.Call, *, every: bool) -> Term:
        (argument,) = node.args
        if isinstance(argument, ast.GeneratorExp | ast.ListComp):
            return Term(self.quantified(argument.generators, argument.elt, every, node), t.BOOL)
        name = ast.copy_location(ast.Name("item'", ast.Load()), argument)
        target = ast.copy_location(ast.Name("item'", ast.Store()), argument)
        return Term(self.quantified([ast.comprehension(target, argument, [], 0)], name, every, node), t.BOOL)

    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""
        raise NotImplementedError

    def special_isinstance(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`isinstance(x, C)`."""
        del expected
        value = self.evaluate(node.args[0])
        return Term(disjunction(*(self.holds_type(value, c) for c in self.classes_of(node.args[1]))), t.BOOL)

    def classes_of(self, node: ast.expr) -> list[t.Type]:
        """Return the types that the second argument of `isinstance` names."""
        raise NotImplementedError

    def special_print(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`print(...)`: its arguments are evaluated; what is printed is not modelled."""
        del expected
        for argument in node.args:
            self.evaluate(argument)
        return Term("Unit()", t.NONE)
