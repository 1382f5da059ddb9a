"""Which types an instance of a generic class holds: what its type variables stand for, in it and in the classes above it."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.lower import families
from probatum.lower.variables import substituted, unify
from probatum.python.program import Class, Program
from probatum.python.types import Instance, Type


def standing_for(program: Program, class_: Class, wanted: Instance) -> Mapping[str, Type] | None:
    """Return what the type variables of a class stand for in instances that are of another type too; None: there are none."""
    if not wanted.arguments:
        return {}
    declared = program.class_(wanted.name)
    above = families.base_arguments(program, class_.qualified).get(wanted.name)
    if declared is None or above is None:
        return {}
    found: dict[str, Type] = {}
    own = [above[v] for v in declared.type_variables]
    for type_, given in zip(own, wanted.arguments, strict=False):
        unify(type_, given, found)
    fits = all(substituted(type_, found) == given for type_, given in zip(own, wanted.arguments, strict=False))
    return found if fits else None


def type_within(program: Program, class_: Class, known: Mapping[str, Type], owner: str, type_: Type) -> Type:
    """Return a type that a class above declares, as it is in instances of a class whose type variables are known."""
    above = families.base_arguments(program, class_.qualified).get(owner)
    return substituted(type_, {v: substituted(t, known) for v, t in above.items()}) if above is not None else type_
