"""What is refused by name: parts of Nagini that are not read, and what stands outside of functions."""

from __future__ import annotations

import ast

from probatum.python import forms
from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.declarations import Declarations
from probatum.python.contracts.nagini.ghost_types import GhostTypes
from probatum.python.contracts.nagini.ghosts import Ghosts
from probatum.python.program import Problem
from probatum.python.scopes import Scope


def uses(scope: Scope) -> bool:
    """Whether a module is written for Nagini."""
    return vocabulary.library in scope.libraries


def _is_predicate(function: ast.stmt, scope: Scope) -> bool:
    return isinstance(function, ast.FunctionDef) and any(vocabulary.of(scope, d) == "Predicate" for d in function.decorator_list)


def refusals(root: ast.AST, scope: Scope, owner: ast.ClassDef | None = None) -> list[Problem]:
    """Return what is used of the library and not read, once per name.

    Predicates are known by their names, for this module's functions and methods of `self`; whoever
    proves must refuse other calls of a method that was refused.
    """
    own = {
        m.name for m in (owner.body if owner is not None else []) if isinstance(m, ast.FunctionDef) and _is_predicate(m, scope)
    }
    found: dict[str, Problem] = {}
    bound: set[str] = set()
    for node in ast.walk(root):
        if isinstance(node, ast.Lambda):
            bound |= forms.parameter_names(node)
        elif isinstance(node, ast.comprehension):
            bound |= forms.target_names([node.target])
        elif isinstance(node, ast.Name | ast.Attribute):
            name = scope.qualified(node) or ""
            function = (
                scope.functions.get(node.id) if isinstance(node, ast.Name) and name == f"{scope.module}.{node.id}" else None
            )
            if function is not None and _is_predicate(function, scope):
                found.setdefault(name, scope.unsupported(node, f"predicates (`{function.name}`)"))
            if (
                isinstance(node, ast.Attribute)
                and node.attr in own
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
            ):
                found.setdefault(f"self.{node.attr}", scope.unsupported(node, f"predicates (`self.{node.attr}`)"))
            if not name.startswith(f"{vocabulary.library}.") or name.count(".") < 2:
                continue
            own_name = name.removeprefix(f"{vocabulary.contracts}.")
            if own_name not in vocabulary.known and name not in (vocabulary.must_terminate, vocabulary.data_type):
                found.setdefault(name, scope.unsupported(node, vocabulary.meaning(name)))
    for name in sorted(bound):
        if vocabulary.of(scope, ast.Name(name, ast.Load())):
            found.setdefault(name, scope.unsupported(root, f"a lambda or comprehension that hides `{name}` of Nagini"))
    return sorted(found.values(), key=lambda p: (p.place.line, p.place.column))


def module_problems(tree: ast.Module, scope: Scope) -> tuple[Problem, ...]:
    """Return contracts that stand outside of functions, where they belong to nothing, and what is declared wrongly.

    The latter name the function or class that they are about.
    """
    if not uses(scope):
        return ()
    found: list[Problem] = []
    for statement in tree.body:
        word = vocabulary.called(scope, statement.value) if isinstance(statement, ast.Expr) else ""
        if word in (vocabulary.header | vocabulary.loop | vocabulary.permissions) - vocabulary.predicates:
            found.append(scope.mistake(statement, f"`{word}` outside of a function"))
    return (*found, *Declarations(tree, scope).check(), *Ghosts(GhostTypes(tree, scope)).check())
