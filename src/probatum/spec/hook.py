"""Rewrites modules with contracts when they are imported."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from os import PathLike
from pathlib import Path
from types import CodeType, ModuleType

from probatum.spec import definitions
from probatum.spec import proved as proofs
from probatum.spec.definitions import here, here_class

_MENTION = b"probatum"


def install(
    packages: Sequence[str], *, proved: str | PathLike[str] | None, root: str | PathLike[str] | None, trust_callers: bool
) -> None:
    """Do what `probatum.spec.install` says."""
    if proved is not None:
        proofs.use_report(Path(proved), root=None if root is None else Path(root), trust_callers=trust_callers)
    for finder in sys.meta_path:
        if isinstance(finder, Finder):
            finder.packages = None if not packages or finder.packages is None else (*finder.packages, *packages)
            return
    sys.meta_path.insert(0, Finder(packages))


class Finder:
    """Finds modules as Python does, and gives those with contracts to our loader."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = tuple(packages) or None

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Find a module; None for those that are not to be rewritten."""
        if name.partition(".")[0] == "probatum":
            return None
        if self.packages is not None and not any(name == p or name.startswith(f"{p}.") for p in self.packages):
            return None
        found = PathFinder.find_spec(name, path, target)
        if found is None or type(found.loader) is not SourceFileLoader or found.origin is None:
            return None
        found.loader = Loader(name, found.origin)
        return found


class Loader(SourceFileLoader):
    """Puts `@contract` on the functions of a module that mentions the library; others load as ever."""

    _decorated = False

    def get_code(self, fullname: str) -> CodeType | None:
        """Compile the module."""
        path = self.get_filename(fullname)
        content = self.get_data(path)
        if _MENTION not in content:
            return super().get_code(fullname)
        text = importlib.util.decode_source(content)
        tree = ast.parse(text, path)
        decorate(tree)
        self._decorated = True
        definitions.remember_tree(path, tree)
        return compile(tree, path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, with our decorators at hand if its code has them."""
        code = self.get_code(module.__name__)
        if code is None:
            raise ImportError(f"`{module.__name__}` has no code", name=module.__name__)
        if self._decorated:
            module.__dict__["__probatum_here__"] = here
            module.__dict__["__probatum_class__"] = here_class
        exec(code, module.__dict__)  # noqa: S102 - as Python loads a module


def decorate(tree: ast.Module) -> None:
    """Put our decorator on every function, below those that it has."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.decorator_list.append(ast.copy_location(ast.Name("__probatum_here__", ast.Load()), _above(node)))
        elif isinstance(node, ast.ClassDef) and any(
            isinstance(s, ast.FunctionDef) and s.name == "__invariant__" for s in node.body
        ):
            node.decorator_list.insert(0, ast.copy_location(ast.Name("__probatum_class__", ast.Load()), _above(node)))
        pending.extend(ast.iter_child_nodes(node))


def _above(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST:
    return node.decorator_list[-1] if node.decorator_list else node
