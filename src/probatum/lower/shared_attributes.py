"""Attributes that instances share with their class, where derived classes define them anew: the class of the object says which."""

from __future__ import annotations

import ast

from probatum.lower import families
from probatum.lower.lowered import Kind
from probatum.lower.plain_instances import PlainInstances
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t


class SharedAttributes(PlainInstances):
    """Constants of classes, read through instances."""

    def attribute(self, receiver: Term, name: str, node: ast.AST) -> Term:
        """Return an attribute of an object."""
        own = t.without_none(receiver.type)
        if receiver.content or not isinstance(own, t.Instance) or not self._defined_anew(own, name):
            return super().attribute(receiver, name, node)
        if self.may_be_none(receiver.type):
            self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
        owners = {c.qualified for c in families.owners(self.program, own.name, name)}
        roots = [one for one in owners if not owners & set(list(self.ancestors(one))[1:])]
        if len(roots) != 1:
            raise Unsupported(f"`{name}`, which several classes above `{own}` define", node)
        function, type_ = self._by_class(roots[0], name, node)
        return Term(apply(function, apply("class_of", receiver.text)), type_, state=receiver.state)

    def _by_class(self, root: str, name: str, node: ast.AST) -> tuple[str, t.Type]:
        """Return the function from classes to what they have under a name: of a class that was not read nothing is known."""
        classes = [root, *(c.qualified for c in families.below(self.program, root))]
        found = [(one, self.class_constant(one, name)) for one in classes]
        values = [(one, value) for one, value in found if value is not None]
        type_ = self.joined([value.type for _, value in values])
        function = f"shared'{mangled(root)}'{mangled(name)}"
        lines = [f"function {function}(c: Class): {self.sort(type_)};"]
        for one, value in values:
            text = self.coerce(value, type_, node).text
            lines.append(f"axiom {function}({self.symbols.class_name(one)}) == {text};")
        self.symbols.declarations[function] = "\n".join(lines)
        return function, type_

    def _defined_anew(self, type_: t.Instance, name: str) -> bool:
        """Whether an attribute of instances of a class is a constant of several classes, and nothing else in any."""
        if self.sort(type_) != "Ref" or families.is_mangled(name):
            return False
        if families.ambiguity(self.program, type_.name, "") or self.class_constant(type_.name, name) is None:
            return False
        owners = families.owners(self.program, type_.name, name)
        plain = all(
            name in c.constants and name not in c.methods and (name not in c.fields or c.fields[name].shared) for c in owners
        )
        return len(owners) > 1 and plain and all(c.kind in ("class", "dataclass") for c in owners)
