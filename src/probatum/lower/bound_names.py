"""Names that statements and targets bind, and that expressions mention."""

from __future__ import annotations

import ast


def assigned_names(node: ast.AST) -> set[str]:
    """Return the local variables that a loop may assign."""
    names = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store | ast.Del):
            names.add(one.id)
        if isinstance(one, ast.ExceptHandler) and one.name:
            names.add(one.name)
        if isinstance(one, ast.MatchAs) and one.name:
            names.add(one.name)
    return names


def target_names(target: ast.expr) -> set[str]:
    """Return the names that a target binds."""
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def mentions(node: ast.AST, names: set[str]) -> bool:
    """Whether one of these names stands in an expression."""
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))
