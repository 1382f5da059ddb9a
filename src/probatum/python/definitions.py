"""What is wrong with the definitions of a module: importing it would raise, or its contracts mean nothing."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Sequence
from dataclasses import replace

from probatum.python.program import Class, Function, Problem
from probatum.python.scopes import Scope, assigned_names, walk

_LAZY = sys.version_info >= (3, 14)  # annotations are evaluated when they are asked for


def too_early(tree: ast.Module, scope: Scope) -> list[Problem]:
    """Return names that definitions and assignments use where the module has not bound them yet."""
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
        if isinstance(statement, ast.Assign):
            found += _unbound(tree, statement, place, bound, scope)
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            continue
        for own in _evaluated(statement, not later and not _LAZY):
            for node in ast.walk(own):
                early = isinstance(node, ast.Name) and bound.get(node.id, -1) >= place
                if early and isinstance(node, ast.Name) and node.id not in dir(builtins) and node.id not in scope.imports:
                    at = statement if isinstance(statement, ast.FunctionDef) or own in statement.bases else own
                    found.append(scope.mistake(at, f"`{node.id}` is used before it is defined", "define it above"))
    return found


def _unbound(tree: ast.Module, statement: ast.Assign, place: int, bound: dict[str, int], scope: Scope) -> list[Problem]:
    """Return what an assignment reads and only it, or a later statement, binds; nothing where something else may bind names."""
    inner = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    if scope.stars or any(isinstance(node, inner | ast.NamedExpr) for node in walk(statement.value)):
        return []
    found: list[Problem] = []
    for node in walk(statement.value):
        if not isinstance(node, ast.Name) or bound.get(node.id, -1) < place or node.id in scope.imports:
            continue
        elsewhere = any(isinstance(s, ast.Global) and node.id in s.names for s in walk(tree))
        given = node.id.startswith("__") and node.id.endswith("__")  # `__file__`, which Python binds
        if not elsewhere and not given and node.id not in dir(builtins):
            found.append(scope.mistake(statement, f"`{node.id}` is used before it is defined", "define it above"))
    return found


def handed_out(stated: Sequence[Problem], functions: dict[str, Function], classes: dict[str, Class]) -> list[Problem]:
    """Give mistakes of a module to the functions that they name, and return the others, of which nobody else would hear.

    Functions that are not checked themselves, because their bodies are not there or are verified where they are called, keep nothing.
    """
    left: list[Problem] = []
    methods = {m.qualified: (c, key) for c in classes.values() for key, m in c.methods.items()}
    own = {f.qualified: name for name, f in functions.items()}
    for problem in stated:
        if problem.function in own:
            one = functions[own[problem.function]]
        elif problem.function in methods:
            owner, key = methods[problem.function]
            one = owner.methods[key]
        else:
            left.append(problem)
            continue
        if one.stub or one.inline or problem.unsupported:
            left.append(problem)
            continue
        changed = replace(one, problems=(*one.problems, problem))
        if problem.function in own:
            functions[own[problem.function]] = changed
        else:
            owner.methods[key] = changed  # type: ignore[index]  # made by the reader, as a dict
    return left


def extended_enumerations(tree: ast.Module, scope: Scope) -> list[Problem]:
    """Return classes that derive from an enumeration with members: importing the module would raise."""
    enumerations: set[str] = set()
    found: list[Problem] = []
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {scope.qualified(base) or "" for base in node.bases}
        if above := sorted(b.id for b in node.bases if isinstance(b, ast.Name) and b.id in enumerations):
            message = f"`{node.name}` derives from `{above[0]}`, an enumeration with members, which Python refuses"
            found.append(scope.mistake(node, message, "derive it from an enumeration without members"))
        elif bases & {f"enum.{kind}" for kind in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")}:
            names = {t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)}
            if any(not name.startswith("_") for name in names):
                enumerations.add(node.name)
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
