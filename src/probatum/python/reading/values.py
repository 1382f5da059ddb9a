"""Of which types the values are that module variables and attributes are bound to."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.python import module_code, types
from probatum.python.annotations import Annotations, literal_type, type_variables
from probatum.python.reading.decorators import undecorated
from probatum.python.scopes import bound_names
from probatum.python.surfaces import Surface, World, contract_libraries
from probatum.python.texts import too_deep
from probatum.python.types import Type

enumerations = {
    "enum.Enum": "enum",
    "enum.StrEnum": "enum",
    "enum.IntEnum": "intenum",
    "enum.Flag": "enum",
    "enum.IntFlag": "intenum",
}  # with the kind of class that each makes


@dataclass(frozen=True)
class ValueTypes:
    """Types of what a module binds."""

    surface: Surface
    world: World

    def of(
        self, annotation: ast.expr | None, value: ast.expr | None, reader: Annotations, known: Mapping[str, Type] | None = None
    ) -> Type:
        """Return the declared type of a variable, or what its value tells; `known` are types of names in it."""
        if annotation is not None and (self.surface.shallow or not too_deep(annotation)):
            declared = reader.read(annotation)
            if declared != types.UNKNOWN:
                return declared
        if value is None:
            return types.UNKNOWN
        if isinstance(value, ast.Call):
            target = reader.scope.qualified(value.func)
            made = None if target is None else self._made_by(target)
            if made is not None:
                return made
        if isinstance(value, ast.Attribute) and (enumeration := self._enumeration_of(value, reader)) is not None:
            return types.Instance(enumeration)
        return literal_type(value, known=known, scope=reader.scope)

    def _made_by(self, target: str) -> Type | None:
        """Return the type of what a call of something of the program gives back; None if it is not known."""
        if self.world.split(target) is None:
            return None
        plain = self.world.alias(target)
        if plain is not None:
            return plain
        return self._returned(target) if self.world.class_(target) is None else types.Instance(target)

    def _enumeration_of(self, member: ast.Attribute, reader: Annotations) -> str | None:
        """Return the qualified name of the enumeration that an expression names a member of."""
        target = (reader.scope.qualified(member) or "").rpartition(".")[0]
        known = self.world.class_(target)
        if known is None:
            return None
        node, scope = known[1], self.world.scope(known[0])
        named = {
            t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name) and t.id[0] != "_"
        }
        enums = any((scope.qualified(base) or "") in enumerations for base in node.bases)
        return target if member.attr in named and enums else None

    def of_variable(self, name: str, reader: Annotations) -> Type:
        """Return the type of a variable of the module, over all assignments to it."""
        found = [self.of(annotation, value, reader) for value, annotation, _ in self.surface.assigned[name]]
        declared = next((self.of(a, None, reader) for _, a, _ in self.surface.assigned[name] if a is not None), None)
        if declared is not None and declared != types.UNKNOWN:
            return declared
        if name in self.surface.rebound:
            return self._of_rebound(name, reader)
        return types.UNKNOWN if types.UNKNOWN in found else types.union(*found)

    def _of_rebound(self, name: str, reader: Annotations) -> Type:
        """Return the type of a variable that functions assign too, if it is the same wherever it is assigned."""
        surface = self.surface
        others = {n: self.of(a[0][1], a[0][0], reader) for n, a in surface.assigned.items() if n != name}

        def typed(value: ast.expr, function: ast.FunctionDef | None, own: Type) -> Type:
            known = {**others, name: own}
            if function is not None:
                hidden = bound_names(function)
                given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
                known = {n: found for n, found in known.items() if n not in hidden}
                known |= {a.arg: reader.read(a.annotation) for a in given if a.annotation is not None}
            return self.of(None, value, reader, known)

        if name in surface.assigned_elsewhere:
            return types.UNKNOWN
        return module_code.agreed(module_code.bindings(surface.tree, name), name, typed)

    def _returned(self, target: str) -> Type | None:
        """Return what a function of the program is declared to return; None if it is not known."""
        split = self.world.split(target)
        found = self.world.surfaces[split[0]].functions.get(split[1][0], []) if split is not None and len(split[1]) == 1 else []
        if split is None or len(found) != 1 or found[0].returns is None or too_deep(found[0].returns):
            return None
        scope = self.world.scope(split[0])
        if not all((scope.qualified(undecorated(d)) or "").startswith(contract_libraries) for d in found[0].decorator_list):
            return None
        returned = Annotations(scope).read(found[0].returns)
        return None if type_variables(returned) else returned
