"""What decorators make of functions and classes: nothing that matters, something that is understood, or nobody knows what."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.python import types
from probatum.python.contracts import conditions
from probatum.python.program import Function, Problem
from probatum.python.scopes import Scope
from probatum.python.surfaces import contract_libraries
from probatum.python.types import Type

# Decorators that leave a function as it is, or as it is seen from outside.
_harmless = frozenset(
    {"builtins.staticmethod", "builtins.classmethod", "builtins.property", "abc.abstractmethod", "abc.abstractproperty"}
    | {f"{m}.{n}" for m in ("typing", "typing_extensions") for n in ("final", "override", "no_type_check", "overload")}
    | {"functools.wraps"}
)
_caches = frozenset({"functools.lru_cache", "functools.cache", "functools.cached_property"})


def undecorated(decorator: ast.expr) -> ast.expr:
    """Return a decorator without the arguments that it is called with."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def options(decorator: ast.expr) -> dict[str, bool]:
    """Return the options of a decorator that are written as True or False."""
    if not isinstance(decorator, ast.Call):
        return {}
    pairs = ((k.arg or "", k.value) for k in decorator.keywords)
    return {name: value.value for name, value in pairs if isinstance(value, ast.Constant) and isinstance(value.value, bool)}


def is_decorated(node: ast.FunctionDef | ast.ClassDef, scope: Scope, name: str) -> bool:
    """Whether a decorator of another module, called `name` there, is on a definition."""
    found = (scope.qualified(undecorated(d)) or "" for d in node.decorator_list)
    return any(q.rpartition(".")[2] == name and not q.startswith(scope.module + ".") for q in found)


def unknown_for_function(node: ast.FunctionDef, scope: Scope, takes: Sequence[Type], returns: Type) -> list[Problem]:
    """Return decorators of which nobody knows what they make of a function.

    What is cached is as good as what would be computed anew, unless it, or what it was computed from, may change; or it is
    looked up by a float, since 0.0 is equal to -0.0.
    """
    problems: list[Problem] = []
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "getter", "deleter"}:
            continue
        qualified = scope.qualified(undecorated(conditions.resolved(decorator, scope))) or ""
        if qualified in _caches and all(_never_changes(t) for t in (*takes, returns)) and not any(map(_has_floats, takes)):
            continue
        if qualified not in _harmless and not qualified.startswith(contract_libraries):
            problems.append(scope.unsupported(decorator, f"the decorator `{scope.shown(decorator)}`"))
    return problems


def is_cached(function: Function, scope: Scope) -> bool:
    """Whether a function runs once for equal arguments, and what it returned then is returned again."""
    return any((scope.qualified(undecorated(d)) or "") in _caches for d in function.node.decorator_list)


def _has_floats(type_: Type) -> bool:
    match type_:
        case types.Plain(name=name):
            return name in {"float", "object"}
        case types.Tuple(items=parts) | types.Union(options=parts):
            return any(map(_has_floats, parts))
        case types.Collection(item=item):
            return _has_floats(item)
    return False


def _never_changes(type_: Type) -> bool:
    """Whether the values of a type are immutable, through and through."""
    match type_:
        case types.Plain(name=name):
            return name in {"int", "bool", "float", "str", "bytes", "None"}
        case types.Ranged():
            return True
        case types.Tuple(items=parts) | types.Union(options=parts):
            return all(map(_never_changes, parts))
        case types.Collection(kind="tuple" | "frozenset" | "range", item=item):
            return _never_changes(item)
    return False
