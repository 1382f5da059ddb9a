"""Attributes that an instance may lack: no constructor gives them, or `del` takes them away.

Such an attribute is held as one that may be None, where None stands for its absence: no value of its type is
None (`Field.absent` says so). To look at it is to raise AttributeError where it is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from probatum.lower import families
from probatum.lower.lowered import Kind
from probatum.lower.reflection import Reflection
from probatum.lower.terms import Term, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.values import NO_VALUE
from probatum.python import types as t
from probatum.python.program import Class, Field, Function


class Lacking(Reflection):
    """Reading, assigning, deleting and asking for attributes that may be missing."""

    def field_map(self, declaring: Class, own: Field, type_: t.Type) -> str:
        """Return the map that holds a field of every object, in the state that is meant."""
        return super().field_map(declaring, own, t.optional(type_) if own.absent else type_)

    def field_value(self, found: tuple[Class, Field], owner: t.Instance, stored: str, node: ast.AST) -> Term:
        """Return what a field holds, given the entry of its map, demanding that it is there."""
        if not found[1].absent:
            return super().field_value(found, owner, stored, node)
        type_ = self.field_type(owner, *found)
        whole = Term(stored, t.optional(type_))
        self.known(whole)
        if self._may_lack(owner, found[1].name):
            self.demand(
                negation(self.is_none(whole)), Kind.ATTRIBUTE, node, f"`{ast.unparse(node)}` must be there", "AttributeError"
            )
        return self.narrow(whole, type_)

    def stored(self, field: Field, value: Term, node: ast.AST) -> Term:
        """Return what the map of a field holds for a value."""
        return self.coerce(value, t.optional(value.type), node) if field.absent else super().stored(field, value, node)

    def delete_attribute(self, target: ast.Attribute) -> None:
        """`del o.a`."""
        receiver = self.evaluate(target.value)
        own = receiver.type
        found = self.field_of(own, target.attr)
        if found is None or not isinstance(own, t.Instance) or not found[1].absent or self.sorts.value_class(own) is not None:
            raise Unsupported("this `del`", target)
        self.one_meaning(own, target.attr)
        below = [t.Instance(c.qualified) for c in families.below(self.program, own.name)]
        if not all(self._may_lack(one, target.attr) for one in (own, *below)):
            raise Unsupported(f"`del` of `{target.attr}`, which instances of some class always have", target)
        type_ = self.field_type(own, *found)
        heap = self.field_map(*found, type_)
        whole = Term(f"{heap}[{receiver.text}]", t.optional(type_))
        self.demand(
            negation(self.is_none(whole)), Kind.ATTRIBUTE, target, f"`{ast.unparse(target)}` must be there", "AttributeError"
        )
        self.write(heap, receiver.text, self.coerce(NO_VALUE, t.optional(type_), target).text, target)
        self.narrowed = {k: v for k, v in self.narrowed.items() if target.attr not in k.split(".")[1:]}

    def builtin(self, name: str, node: ast.Call, expected: t.Type | None) -> Term:
        """Return what a built-in function returns: whether an attribute is there."""
        match name, node.args:
            case "hasattr", [owner, ast.Constant(value=str(attribute))] if not node.keywords:
                return self._is_there(self.evaluate(owner), attribute, node)
        return super().builtin(name, node, expected)

    def _is_there(self, owner: Term, name: str, node: ast.Call) -> Term:
        own = owner.type
        found = self.field_of(own, name)
        if found is None or not isinstance(own, t.Instance) or owner.content:
            raise Unsupported(f"`{ast.unparse(node)}`", node)
        self.one_meaning(own, name)
        if not self._may_lack(own, name):
            if self.constructing:
                raise Unsupported(f"`{ast.unparse(node)}` in a constructor", node)
            return Term("true", t.BOOL)
        type_ = self.field_type(own, *found)
        with self.state_of(owner):
            heap = self.field_map(*found, type_)
            self.may_look(heap, owner.text)
            return Term(negation(self.is_none(Term(f"{heap}[{owner.text}]", t.optional(type_)))), t.BOOL)

    def _may_lack(self, type_: t.Instance, name: str) -> bool:
        """Whether no class that instances of a type surely are of gives them an attribute for good."""
        known = (c.fields.get(name) for c in families.classes(self.program, type_.name))
        return all(field.absent for field in known if field is not None and not field.shared)

    # --- new instances -------------------------------------------------------------------------

    def allocate(self, class_: str) -> str:
        """Write that a new object of a class is created, and return its reference."""
        reference = super().allocate(class_)
        self._without(class_, reference)
        return reference

    def begin_construction(self) -> None:
        """Know what attributes have a value when a constructor begins: none of those that come later."""
        super().begin_construction()
        if self.constructing and self.constructing not in self.names:
            raise Unsupported(f"a constructor in which `{self.constructing}` is assigned", self.function.node)
        own = families.owner(self.program, self.function)
        if own is not None and self.constructing and families.short(self.function) == "__init__":
            self._without(own.qualified, self.names[self.constructing].text)

    def call_known(
        self,
        function: Function,
        arguments: Mapping[str, Term],
        node: ast.AST,
        receiver: Term | None = None,
        *,
        exact: bool = False,
    ) -> Term:
        """Return what a call of a function returns, writing what it does: a constructor takes for granted what it has not made."""
        own = families.owner(self.program, function)
        if own is not None and families.short(function) == "__init__" and function.parameters:
            made = arguments[function.parameters[0].name]
            for name, missing in self._missing(own.qualified, made.text):
                self.demand(missing, Kind.ATTRIBUTE, node, f"before its constructor runs, an instance must not have `{name}`")
        return super().call_known(function, arguments, node, receiver, exact=exact)

    def _without(self, class_: str, reference: str) -> None:
        for _, missing in self._missing(class_, reference):
            self.writer.assume(missing)

    def _missing(self, class_: str, reference: str) -> list[tuple[str, str]]:
        """Return the attributes that a new instance does not have, each with that it has it not."""
        type_ = t.Instance(class_)
        names = [name for c in families.classes(self.program, class_) for name, field in c.fields.items() if field.absent]
        made = []
        for name in dict.fromkeys(names):
            found = self.field_of(type_, name)
            if found is not None and found[1].absent and not found[0].type_variables:
                whole = Term(f"{self.field_map(*found, found[1].type)}[{reference}]", t.optional(found[1].type))
                made.append((name, self.is_none(whole)))
        return made
