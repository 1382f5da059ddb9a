"""Attributes that an instance may lack: those that only other methods than the constructor assign, or that are deleted."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from probatum.python import types
from probatum.python.program import Field, Function
from probatum.python.scopes import Scope, children
from probatum.python.types import Type

_CONSTRUCTORS = frozenset(["__init__", "__post_init__", "__new__"])


def deleted_attributes(tree: ast.AST) -> frozenset[str]:
    """Return the names of attributes that a module deletes of anything."""
    found: set[str] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Del):
            found.add(node.attr)
        pending.extend(children(node))
    return frozenset(found)


def binds_attribute(class_: ast.ClassDef, name: str) -> bool:
    """Whether a class may give its instances an attribute: in its body, or in one of its methods."""
    pending: list[ast.AST] = [class_]
    while pending:
        node = pending.pop()
        match node:
            case ast.Attribute(attr=own, ctx=ast.Store()) if own == name:
                return True
            case ast.Name(id=own, ctx=ast.Store()) if own == name:
                return True
            case ast.FunctionDef(name=own) | ast.AsyncFunctionDef(name=own) | ast.ClassDef(name=own) if (
                own == name and node is not class_
            ):
                return True
        pending.extend(children(node))
    return False


def with_absent(
    fields: Mapping[str, Field],
    methods: Mapping[str, Function],
    deleted: Collection[str],
    *,
    inherited: Callable[[str], bool],
    typed: Callable[[ast.expr | None, ast.expr | None, Mapping[str, Type]], Type],
    scope: Scope,
) -> dict[str, Field]:
    """Return the attributes of a class's instances with those that may be missing.

    `inherited`: whether a class above may bind an attribute; `typed`: the type of an annotation, or else of a value.
    What can be None cannot be told from what is missing, and is left out.
    """
    found = {
        name: replace(field, absent=True) if name in deleted and _can_miss(field) and not inherited(name) else field
        for name, field in fields.items()
    }
    late: dict[str, list[tuple[Type, ast.Attribute]]] = {}
    for method in methods.values():
        if (
            method.kind not in ("method", "setter", "property")
            or not method.parameters
            or method.name.rpartition(".")[2] in _CONSTRUCTORS
        ):
            continue
        known = {p.name: p.type for p in method.parameters}
        for target, annotation, value in _assignments(method.body, method.parameters[0].name):
            if target.attr not in fields and target.attr not in methods and not target.attr.startswith("__"):
                late.setdefault(target.attr, []).append((typed(annotation, value, known), target))
    for name, values in late.items():
        type_ = types.union(*(own for own, _ in values))
        field = Field(name, type_, scope.place(values[0][1]), in_init=False, absent=True)
        if types.UNKNOWN not in [own for own, _ in values] and _can_miss(field) and not inherited(name):
            found[name] = field
    return found


def _can_miss(field: Field) -> bool:
    own = field.type
    options = own.options if isinstance(own, types.Union) else (own,)
    never = (types.NONE, types.UNKNOWN, types.OBJECT, types.NEVER)
    return field.default is None and not field.shared and not any(o in never or isinstance(o, types.Variable) for o in options)


def _of_receiver(target: ast.expr, receiver: str) -> list[ast.Attribute]:
    stored = [n for n in ast.walk(target) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
    return [n for n in stored if isinstance(n.value, ast.Name) and n.value.id == receiver]


def _assignments(body: Iterable[ast.stmt], receiver: str) -> Iterable[tuple[ast.Attribute, ast.expr | None, ast.expr | None]]:
    """Yield the attributes of a method's object that it assigns, with annotation and value."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=own)) as one, annotation=annotation, value=value) if (
                own == receiver
            ):
                yield one, annotation, value
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from ((one, None, value if one is target else None) for one in _of_receiver(target, receiver))
            case ast.For(target=target):
                yield from ((one, None, None) for one in _of_receiver(target, receiver))
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(children(node))
