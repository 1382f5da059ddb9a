"""Putting one expression in the place of another in conditions that are guessed; trees are copied, never changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Mapping
from itertools import count


def put(node: ast.expr, old: ast.expr, new: ast.expr, *, compared: bool = False) -> ast.expr | None:
    """Replace an expression, but not inside of what takes its place; None if it is not there.

    `compared`: only where it is an operand of a comparison or the limit of a range, as limits of bound variables are.
    """
    own = _Put(ast.dump(old), new, compared)
    changed = own.visit(copied(node))
    return changed if own.done and isinstance(changed, ast.expr) else None


class _Put(ast.NodeTransformer):
    def __init__(self, old: str, new: ast.expr, compared: bool) -> None:
        self.old, self.new, self.compared, self.done = old, new, compared, False

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace a node, or what is in it."""
        if isinstance(node, ast.expr) and not self.compared and ast.dump(node) == self.old:
            self.done = True
            return self.new
        changed: ast.AST = super().visit(node)
        return changed

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Replace operands."""
        if self.compared:
            operands = [node.left, *node.comparators]
            found = [ast.dump(o) == self.old for o in operands]
            self.done = self.done or any(found)
            node.left, *node.comparators = [self.new if f else o for o, f in zip(operands, found, strict=True)]
            if any(found):
                return node
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace limits of a range."""
        if self.compared and isinstance(node.func, ast.Name) and node.func.id == "range":
            found = [ast.dump(a) == self.old for a in node.args]
            self.done = self.done or any(found)
            node.args = [self.new if f else a for a, f in zip(node.args, found, strict=True)]
            return node
        return self.generic_visit(node)


def replaced(node: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """Replace names."""
    changed = _Replace(values).visit(copied(node))
    assert isinstance(changed, ast.expr)
    return changed


class _Replace(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Replace a name."""
        return self.values.get(node.id, node)


def apart(node: ast.expr, taken: Collection[str]) -> ast.expr:
    """Rename what lambdas and comprehensions bind, so that no variable of the function is caught when it is put in."""
    node = copied(node)
    bound = {a.arg for n in ast.walk(node) if isinstance(n, ast.Lambda) for a in n.args.args}
    bound |= {
        n.id for c in ast.walk(node) if isinstance(c, ast.comprehension) for n in ast.walk(c.target) if isinstance(n, ast.Name)
    }
    used = {*taken, *names_of(node)}
    other: dict[str, str] = {}
    for name in sorted(bound & {*taken}):
        other[name] = next(n for n in (f"{name}{'_' * k}" for k in count(1)) if n not in used)
    changed = _Apart(other).visit(node) if other else node
    assert isinstance(changed, ast.expr)
    return changed


class _Apart(ast.NodeTransformer):
    """Renames bound variables, where they are bound and within."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """A lambda."""
        own = {a.arg: self.names[a.arg] for a in node.args.args if a.arg in self.names}
        body = _Replace({old: ast.Name(new, ast.Load()) for old, new in own.items()}).visit(node.body)
        arguments = copy.copy(node.args)
        arguments.args = [ast.arg(own.get(a.arg, a.arg), a.annotation) for a in node.args.args]
        return ast.Lambda(arguments, self.visit(body))

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """A generator."""
        targets = [n for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)]
        own = {n.id: self.names[n.id] for n in targets if n.id in self.names}
        first = self.visit(node.generators[0].iter)  # what it goes over stands outside
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                inner.id = own.get(inner.id, inner.id)
        node.generators[0].iter = first
        return node


def names_of(node: ast.expr) -> set[str]:
    """Return the names in an expression."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def copied(node: ast.expr) -> ast.expr:
    """Return a copy."""
    return copy.deepcopy(node)


__all__ = ["apart", "copied", "names_of", "put", "replaced"]
