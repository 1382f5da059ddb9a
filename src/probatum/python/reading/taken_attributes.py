"""Types of attributes that a constructor takes from attributes of what it is given.

    class Cursor:
        def __init__(self, items: "LinkedList") -> None:
            self.node = items.first                # what `LinkedList` says of `first`

The class may stand further down in the module, so this is found out when all classes of it were read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from probatum.python import types
from probatum.python.program import Class, Function
from probatum.python.scopes import walk
from probatum.python.types import Type

_ROUNDS = 5  # attributes that are taken from such attributes


def with_taken(classes: Mapping[str, Class]) -> dict[str, Class]:
    """Return the classes of a module, by name, with types of attributes of which nothing else says the type."""
    found = dict(classes)
    for _ in range(_ROUNDS):
        before = dict(found)
        for name, class_ in before.items():
            constructor = class_.methods.get("__init__")
            open_ = [n for n, f in class_.fields.items() if f.type == types.UNKNOWN and not f.shared]
            if constructor is None or not open_ or not constructor.parameters:
                continue
            told = {n: t for n in open_ if (t := _taken(n, constructor, found)) != types.UNKNOWN}
            if told:
                fields = {n: replace(f, type=told[n]) if n in told else f for n, f in class_.fields.items()}
                found[name] = replace(class_, fields=fields)
        if found == before:
            break
    return found


def _taken(attribute: str, constructor: Function, classes: Mapping[str, Class]) -> Type:
    """Return the type of all that a constructor assigns to an attribute; unknown if it is not told by attributes of parameters."""
    receiver = constructor.parameters[0].name
    nodes = [n for s in constructor.body for n in walk(s)]
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    known = {p.name: p.type for p in constructor.parameters if p.name not in stored}
    targets = [n for n in nodes if isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Load) and n.attr == attribute]
    values = [
        n.value for n in nodes if isinstance(n, ast.Assign) and len(n.targets) == 1 and any(n.targets[0] is t for t in targets)
    ]
    if not values or len(values) != len(targets) or any(not _is_of(t, receiver) for t in targets):
        return types.UNKNOWN
    found = [_type_of(v, known, classes) for v in values]
    return types.UNKNOWN if types.UNKNOWN in found or set(found) == {types.NONE} else types.union(*found)


def _is_of(target: ast.Attribute, receiver: str) -> bool:
    return isinstance(target.value, ast.Name) and target.value.id == receiver


def _type_of(value: ast.expr, known: Mapping[str, Type], classes: Mapping[str, Class]) -> Type:
    path: list[str] = []
    while isinstance(value, ast.Attribute):
        path.append(value.attr)
        value = value.value
    if isinstance(value, ast.Constant) and value.value is None and not path:
        return types.NONE
    found = known.get(value.id, types.UNKNOWN) if isinstance(value, ast.Name) else types.UNKNOWN
    for name in reversed(path):
        owner = next((c for c in classes.values() if isinstance(found, types.Instance) and c.qualified == found.name), None)
        if owner is None or owner.type_variables or name not in owner.fields or name in owner.methods:
            return types.UNKNOWN
        found = owner.fields[name].type
    return found


__all__ = ["with_taken"]
