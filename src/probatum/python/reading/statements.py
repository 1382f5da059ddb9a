"""Which statements belong to a definition itself, and what its body tells at a glance."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.python.scopes import children


def hollow(body: Sequence[ast.stmt]) -> bool:
    """Whether a body does nothing but say that it is elsewhere."""
    left = [s for s in body if not isinstance(s, ast.Pass)]
    return all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) and s.value.value is Ellipsis for s in left)


def own_statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body at any depth, but for those of definitions in it."""
    found: list[ast.stmt] = []
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt):
            found.append(node)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))
    return found


def gives_a_value(node: ast.FunctionDef) -> bool:
    """Whether a function may return something but None: it returns a value, or it is a generator."""
    for statement in own_statements(node.body):
        if isinstance(statement, ast.Return) and statement.value is not None:
            return True
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(children(one))
    return False


def class_statements(node: ast.ClassDef) -> list[ast.stmt]:
    """Return the statements of a class body, with those under `if` and `try`."""
    found: list[ast.stmt] = []
    pending: list[ast.stmt] = list(reversed(node.body))
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.If | ast.Try | ast.With):
            inner: list[ast.stmt] = []
            for child in children(statement):
                inner.extend(
                    [child] if isinstance(child, ast.stmt) else child.body if isinstance(child, ast.ExceptHandler) else []
                )
            pending.extend(reversed(inner))
        else:
            found.append(statement)
    return found


def class_depth(node: ast.ClassDef) -> int:
    """Return how many classes are inside one another, the outermost included."""
    depth, level = 0, [node]
    while level:
        depth += 1
        level = [s for c in level for s in class_statements(c) if isinstance(s, ast.ClassDef)]
    return depth
