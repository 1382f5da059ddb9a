"""Iteration: what it yields, and values that are kept when the state changes."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.lowered import Kind
from probatum.lower.operators import Operators
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class Iteration(Operators):
    """What iteration yields."""

    def call_range(self, node: ast.Call, first: Term, second: Term | None = None, third: Term | None = None) -> Term:
        """`range(...)`."""
        start, stop = ("0", first) if second is None else (self.coerce(first, t.INT, node).text, second)
        step = "1" if third is None else self.coerce(third, t.INT, node).text
        if not (step.isdigit() and step != "0"):
            self.demand(f"({step} != 0)", Kind.VALUE, node, "the step must not be zero", "ValueError")
        text = apply("Seq_range", start, self.coerce(stop, t.INT, node).text, step)
        return Term(text, t.Collection("range", t.INT))

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

    def named(self, term: Term) -> Term:
        """Return a value under a name that keeps it when the state changes."""
        if self.in_contract:
            return term
        variable = self.writer.local("was", self.sort(term.type))
        self.writer.assign(variable, term.text)
        found = Term(variable, term.type)
        self.known(found)
        return found

    def in_order(self, nodes: Sequence[ast.expr], hint: t.Type | None = None) -> list[Term]:
        """Return the values of expressions, each as it was before the later ones were evaluated."""
        raise NotImplementedError

    def quantified(self, generators: Sequence[ast.comprehension], body: ast.expr, every: bool, node: ast.AST) -> str:
        """Return whether all or some values of a generator count as true."""
        raise NotImplementedError

    def classes_of(self, node: ast.expr) -> list[t.Type]:
        """Return the types that the second argument of `isinstance` names."""
        raise NotImplementedError
