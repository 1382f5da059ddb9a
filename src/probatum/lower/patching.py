"""What code puts in the place of definitions of classes and modules."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from probatum.python.program import Program
from probatum.python.scopes import walk


@lru_cache(maxsize=8)
def assigned_from_outside(program: Program) -> Mapping[str, frozenset[str]]:
    """Return the attributes of classes and modules that code assigns, so that their definitions are not all there is.

    By the name of the attribute: the classes and modules whose it is, "" for what was not made out.
    """
    found: dict[str, set[str]] = {}
    for module in program.modules.values():
        known = {*module.classes, *module.imports}
        for node in walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                root = node.value
                while isinstance(root, ast.Attribute):
                    root = root.value
                if isinstance(root, ast.Name) and root.id in known:
                    name = module.imports.get(root.id, f"{module.name}.{root.id}")
                    class_ = program.class_(name) if node.value is root else None
                    other = name if node.value is root and name in program.modules else ""
                    found.setdefault(node.attr, set()).add(class_.qualified if class_ is not None else other)
    return {name: frozenset(classes) for name, classes in found.items()}
