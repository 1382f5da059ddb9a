"""Values in a class body that are what attributes of its instances are at first.

    class Counter:
        value = 0

        def add(self, n: int) -> None:
            self.value += n            # from here on, the instance has its own

An instance reads the value of the class until it has its own, so the attribute is one of instances that begins with the
value, as long as nobody assigns that of the class; whether somebody does is asked where the attribute is used.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

from probatum.python.program import Function
from probatum.python.scopes import walk


def assigned_to_instances(methods: Mapping[str, Function]) -> frozenset[str]:
    """Return the names of attributes that methods assign to the object that they are called on."""
    found: set[str] = set()
    for method in methods.values():
        if method.kind not in ("method", "property", "setter") or not method.parameters:
            continue
        receiver = method.parameters[0].name
        for node in (n for statement in method.body for n in walk(statement)):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()) if name == receiver:
                    found.add(attribute)
    return frozenset(found)


def is_plain(value: ast.expr) -> bool:
    """Whether an expression is a number, a truth value or a text as it stands: what is not changed in place, and of one type."""
    return isinstance(value, ast.Constant) and type(value.value) in (bool, int, float, str, bytes)


__all__ = ["assigned_to_instances", "is_plain"]
