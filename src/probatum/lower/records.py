"""Records: named tuples and dataclasses, as what they are compared by, and new ones in which some fields differ."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from probatum.lower import families
from probatum.lower.constructors import Constructors
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional, equal
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class

_ORDER = ("__lt__", "__le__", "__gt__", "__ge__")
_MADE = "made'"  # a record that a contract mentions: no object that exists


class Records(Constructors):
    """What records are equal to, and in which order they come."""

    # --- comparison ---------------------------------------------------------------------------

    def _named(self, type_: t.Type) -> Class | None:
        own = self.class_of(type_)
        return own if own is not None and families.is_named_tuple(self.program, own.qualified) else None

    def _has(self, class_: Class, methods: Sequence[str]) -> bool:
        """Whether a class, one above it or one below it has a method of its own for something."""
        family = (*families.classes(self.program, class_.qualified), *families.below(self.program, class_.qualified))
        return any(name in one.methods for one in family for name in methods)

    def items_in_order(self, operator: ast.cmpop, left: Term, right: Term, node: ast.AST) -> tuple[Term, Term] | None:
        """Return as which tuples objects are compared by their order; None if they are not."""
        del operator
        sides = [self._named(one.type) for one in (left, right)]
        if any(class_ is not None and self._has(class_, _ORDER) for class_ in sides):
            return None
        if any(class_ is not None for class_ in sides):
            items = tuple(
                self.as_tuple(one) if class_ is not None else one for one, class_ in zip((left, right), sides, strict=True)
            )
            lengths = {len(one.type.items) for one in items if isinstance(one.type, t.Tuple)}
            if len(lengths) == 1 and all(isinstance(one.type, t.Tuple) for one in items):
                return items[0], items[1]
            return None
        own, other = self.class_of(left.type), self.class_of(right.type)
        if own is None or own is not other or not own.ordered or self._has(own, _ORDER):
            return None
        below = families.below(self.program, own.qualified)
        if any(one.ordered for one in below):
            return None
        if below and self.sort(left.type) == "Ref":
            agree = equal(apply("class_of", left.text), apply("class_of", right.text))
            self.demand(agree, Kind.TYPE, node, "they must be of one class to be ordered", "TypeError")
        fields = self.compared_fields(own)
        first, second = (self.tuple_of([self.attribute(one, f.name, node) for f in fields]) for one in (left, right))
        return first, second

    def equality(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are equal: named tuples are, if they are so as tuples."""
        sides = [self._named(one.type) for one in (left, right)]
        differ = left.type != right.type and all(
            class_ is not None or isinstance(one.type, t.Tuple) for one, class_ in zip((left, right), sides, strict=True)
        )
        if differ and any(class_ is not None for class_ in sides):
            if any(class_ is not None and self._has(class_, ("__eq__", "__ne__")) for class_ in sides):
                raise Unsupported(f"a comparison of a `{left.type}` with a `{right.type}`, by a rule of its own", node)
            return super().equality(self.as_tuple(left), self.as_tuple(right), node)
        return super().equality(left, right, node)

    def one_of_items(self, collection: Term, index: Term, node: ast.AST) -> Term:
        """Return the item of a tuple of fixed length, whose items are of several types, at a place that is computed."""
        assert isinstance(collection.type, t.Tuple)
        count = len(collection.type.items)
        place = self.coerce(index, t.INT, node).text
        within = f"(-{count} <= {place} && {place} < {count})"
        self.demand(within, Kind.INDEX, node, f"the index must be below {count}", "IndexError")
        type_ = self.joined(collection.type.items)
        result = ""
        for number in reversed(range(count)):
            text = self.coerce(self.item(collection, number), type_, node).text
            here = f"({place} == {number} || {place} == {number} - {count})"
            result = conditional(here, text, result) if result else text
        return Term(result, type_)

    # --- new records -----------------------------------------------------------------------------

    def library_dataclasses_replace(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`replace(x, name=value, ...)`: a new dataclass of the same class."""
        if len(node.args) != 1 or any(k.arg is None for k in node.keywords):
            raise Unsupported("`replace` of these arguments", node)
        return self._replaced(self.evaluate(node.args[0]), node, expected)

    def call_attribute(self, func: ast.Attribute, node: ast.Call) -> Term:
        """Return what a call of a method of a value returns."""
        if func.attr == "_replace" and not node.args and all(k.arg is not None for k in node.keywords):
            known = self.known_type(func.value)
            value = self.evaluate(func.value) if known is None or self._named(known) is not None else None
            if value is not None and self._named(value.type) is not None:
                return self._replaced(value, node, None)
            if value is not None:
                raise Unsupported(f"the method `_replace` of a `{value.type}`", node)
        return super().call_attribute(func, node)

    def _replaced(self, value: Term, node: ast.Call, expected: t.Type | None) -> Term:
        class_ = self.class_of(value.type)
        if class_ is None or class_.kind not in ("dataclass", "frozen"):
            raise Unsupported(f"`replace` of a `{value.type}`", node)
        if self.sort(value.type) == "Ref" and families.below(self.program, class_.qualified):
            raise Unsupported(f"`replace` of a `{value.type}`, which may be of a class derived from it", node)
        if not self.in_contract and any(self.has_effects(k.value) for k in node.keywords):
            value = self.kept(value)
        given = {k.arg: k.value for k in node.keywords}
        whole = f"record'{node.lineno}'{node.col_offset}"
        keywords = []
        for one in self.data_fields(class_):
            name = one.field.name
            if not one.field.in_init:
                if name in given:
                    raise Unsupported(f"`replace` of `{name}`, which the constructor does not take", node)
                continue
            old = ast.copy_location(ast.Attribute(ast.copy_location(ast.Name(whole, ast.Load()), node), name, ast.Load()), node)
            keywords.append(ast.keyword(name, given.pop(name, old)))
        if given:
            raise Unsupported(f"`replace` of `{next(iter(given))}`, which is no field", node)
        call = ast.copy_location(ast.Call(ast.Name(class_.name, ast.Load()), [], keywords), node)
        self.names = {**self.names, whole: value}
        try:
            return self.construct(class_, call, value.type if expected is None else expected)
        finally:
            self.names = {name: term for name, term in self.names.items() if name != whole}

    # --- records in contracts --------------------------------------------------------------------

    def construct(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return a new instance; of a class whose fields nothing assigns, a contract may mention one."""
        if self.in_contract and class_.kind == "frozen" and self.sorts.value_class(t.Instance(class_.qualified)) is None:
            self.constructible(class_, node)
            if self.initialiser(class_, node) is None and self.method_of(t.Instance(class_.qualified), "__post_init__") is None:
                return self._mentioned(class_, node, expected)
        return super().construct(class_, node, expected)

    def _mentioned(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return an instance by a function of its fields."""
        if any(known.invariants for known in families.classes(self.program, class_.qualified)):
            raise Unsupported(f"a new `{class_.name}` in a contract", node)
        values = self.field_arguments(class_, node)
        type_ = self.instance_type(class_, values, expected)
        fields = {name: self.field_of(type_, name) for name in values}
        names = [one.field.name for one in self.data_fields(class_)]
        sorts, texts, maps = [], [], []
        for name in names:
            found = fields.get(name)
            if found is None:
                raise Unsupported(f"a `{class_.name}` whose `{name}` no argument gives", node)
            declared = self.field_type(type_, *found)
            sorts.append(self.sort(declared))
            texts.append(self._stored_value(values[name], declared, node))
            maps.append(self.field_map(*found, declared))
        function = _MADE + mangled(f"{class_.qualified} {' '.join(sorts)}")
        self.symbols.declarations["function " + function] = self._maker(class_, function, sorts, maps)
        return Term(apply(function, *texts) if texts else f"{function}()", type_)

    def _maker(self, class_: Class, function: str, sorts: Sequence[str], maps: Sequence[str]) -> str:
        bound = ", ".join(f"a{n}: {sort}" for n, sort in enumerate(sorts))
        made = f"{function}({', '.join(f'a{n}' for n in range(len(sorts)))})"
        facts = [f"{made} != null", f"class_of({made}) == {self.symbols.class_name(class_.qualified)}"]
        facts += [f"{map_}[{made}] == a{n}" for n, map_ in enumerate(maps)]
        claim = " && ".join(facts)
        axiom = f"(forall {bound} :: {{{made}}} {claim})" if bound else claim
        return f"function {function}({bound}): Ref;\naxiom {axiom};"

    def identity(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are the same object."""
        if any(one.text.startswith(_MADE) for one in (left, right)):
            raise Unsupported("`is` with a new object in a contract", node)
        return super().identity(left, right, node)

    def instance_type(self, class_: Class, values: Mapping[str, Term], expected: t.Type | None) -> t.Instance:
        """Return the type of a new record: with the arguments that are expected, or that its fields have."""
        if isinstance(expected, t.Instance) and expected.name == class_.qualified:
            return expected
        return self.with_arguments(class_, values)
