"""What definitions of a module use before the module has bound it: importing it would raise."""

from __future__ import annotations

import ast
import builtins
import sys

from probatum.python.program import Problem
from probatum.python.scopes import Scope, assigned_names

_LAZY = sys.version_info >= (3, 14)  # annotations are evaluated when they are asked for


def too_early(tree: ast.Module, scope: Scope) -> list[Problem]:
    """Return names that definitions use where the module has not bound them yet."""
    bound: dict[str, int] = {}
    for place, statement in enumerate(tree.body):
        names = {statement.name} if isinstance(statement, ast.FunctionDef | ast.ClassDef) else assigned_names([statement], set())
        for name in names:
            bound.setdefault(name, place)
    later = any(
        isinstance(s, ast.ImportFrom) and s.module == "__future__" and any(a.name == "annotations" for a in s.names)
        for s in tree.body
    )
    found: list[Problem] = []
    for place, statement in enumerate(tree.body):
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            continue
        for own in _evaluated(statement, not later and not _LAZY):
            for node in ast.walk(own):
                early = isinstance(node, ast.Name) and bound.get(node.id, -1) >= place
                if early and isinstance(node, ast.Name) and node.id not in dir(builtins) and node.id not in scope.imports:
                    at = statement if isinstance(statement, ast.FunctionDef) or own in statement.bases else own
                    found.append(scope.mistake(at, f"`{node.id}` is used before it is defined", "define it above"))
    return found


def _evaluated(statement: ast.stmt, annotations: bool) -> list[ast.expr]:
    """Return the expressions that a definition evaluates."""
    if isinstance(statement, ast.FunctionDef):
        given = statement.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *(a for a in (given.vararg, given.kwarg) if a is not None)]
        written = [a.annotation for a in every if a.annotation is not None]
        if statement.returns is not None:
            written.append(statement.returns)
        defaults = [*given.defaults, *(d for d in given.kw_defaults if d is not None)]
        return [*statement.decorator_list, *defaults, *(written if annotations else ())]
    if isinstance(statement, ast.ClassDef):
        inner = {n for s in statement.body for n in assigned_names([s], set())}
        parts = [e for s in statement.body for e in _evaluated(s, annotations)]
        values = [s.value for s in statement.body if isinstance(s, ast.Assign | ast.AnnAssign) and s.value is not None]
        own = [p for p in (*parts, *values) if not any(isinstance(n, ast.Name) and n.id in inner for n in ast.walk(p))]
        return [*statement.bases, *statement.decorator_list, *own]
    return []
