"""Which values of a function are ghost: those from variables and functions of ghost types."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.declarations import words_of
from probatum.python.contracts.nagini.ghost_types import DEEPEST, GhostTypes, read_type
from probatum.python.scopes import walk


class GhostValues:
    """What is known of the values of one function; `kinds` are of its variables, None where that is not known."""

    def __init__(self, module: GhostTypes, node: ast.FunctionDef) -> None:
        self.module = module
        self.inside = module.scope.inside(node)
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        self.types = {a.arg: a.annotation for a in every}
        self.kinds = {a.arg: module.ghost(a.annotation) if a.annotation is not None else None for a in every}
        self.globals = {n for s in walk(node) if isinstance(s, ast.Global) for n in s.names}

    def function(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the function of this module's top level that is called."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id in self.inside.hidden:
            return None
        return self.module.functions.get(node.func.id)

    def class_(self, node: ast.AST) -> ast.ClassDef | None:
        """Return the class of this module's top level that is called."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id in self.inside.hidden:
            return None
        return self.module.classes.get(node.func.id)

    def constructor(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the `__init__` that the call of a regular class runs, its own or one that it inherits."""
        made = self.class_(node)
        for _ in range(DEEPEST):
            if made is None or made.name in self.module.marked:
                return None
            own = [s for s in made.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"]
            if own:
                return own[-1]
            made = self.module.classes.get(made.bases[0].id) if made.bases and isinstance(made.bases[0], ast.Name) else None
        return None

    def methods(self, name: str) -> list[tuple[ast.FunctionDef, ast.ClassDef]]:
        """Return the methods of that name, each with its class."""
        return [(s, c) for c in self.module.classes.values() for s in c.body if isinstance(s, ast.FunctionDef) and s.name == name]

    def is_ghost(self, method: ast.FunctionDef, owner: ast.ClassDef) -> bool:
        """Whether a method is ghost, by its own mark or that of its class."""
        return owner.name in self.module.marked or "Ghost" in words_of(method, self.module.scope)

    def classes_of(self, name: str) -> list[ast.ClassDef]:
        """Return the classes of which a variable is declared to be one."""
        annotation = read_type(self.types.get(name))
        if annotation is None or not self.module.is_union(annotation):
            return []
        parts = self.module.parts(annotation) or []
        return [c for p in parts if isinstance(p, ast.Name) and (c := self.module.classes.get(p.id)) is not None]

    def pair_of(self, value: ast.expr) -> list[ast.expr] | None:
        """Return the types of what a regular function gives back, if only the second of two is ghost."""
        called = self.function(value)
        ghost = called is not None and "Ghost" in words_of(called, self.module.scope)
        return self.module.pair(called.returns) if called is not None and not ghost else None

    def kind_of_new(self, value: ast.expr) -> bool | None:
        """Whether a variable that takes a ghost value is ghost without saying so: by the class of its values."""
        called = self.function(value)
        if called is not None:
            return self.module.own_objects(called.returns)
        if self.class_(value) is not None or vocabulary.called(self.inside, value):
            return True
        match value:
            case ast.Name(id=name):
                return self.module.own_objects(self.types[name]) if self.types.get(name) is not None else None
            case ast.Subscript():
                whole = value.value
                return False if self.of(whole) is False or self._plain_elements(whole) else None
            case ast.Call(func=ast.Name(id="len" | "abs" | "bool" | "int")):
                return False
            case ast.Compare():
                return False
            case ast.BinOp() | ast.UnaryOp():
                parts = [e for e in ast.iter_child_nodes(value) if isinstance(e, ast.expr) and self.of(e) is not False]
                kinds = {self.kind_of_new(e) for e in parts}
                return kinds.pop() if len(kinds) == 1 else None
            case _:
                return None

    def _plain_elements(self, whole: ast.expr) -> bool:
        """Whether the elements of a collection are declared to be regular."""
        annotation = read_type(self.types.get(whole.id)) if isinstance(whole, ast.Name) else None
        if not isinstance(annotation, ast.Subscript):
            return False
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        return all(self.module.ghost(part) is False for part in parts)

    def of(self, expression: ast.expr) -> bool | None:
        """Whether a value is ghost; None: it is not known."""
        if vocabulary.called(self.inside, expression):
            return (
                True if vocabulary.called(self.inside, expression) in {*vocabulary.values, "ToSeq", "ToMS", "ToByteSeq"} else None
            )
        match expression:
            case ast.Name(id=name):
                if name in self.kinds:
                    return self.kinds[name]
                return self.module.variables.get(name, False) if name not in self.inside.hidden else False
            case ast.Constant():
                return False
            case ast.Lambda() | ast.JoinedStr() | ast.Await() | ast.Yield():
                return None
            case ast.Attribute():
                whole = self.of(expression.value)
                return self.module.fields.get(expression.attr, whole) if whole is False else whole
            case ast.Call():
                return self._called(expression)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return None
        return self._any([e for e in ast.iter_child_nodes(expression) if isinstance(e, ast.expr)])

    def _any(self, parts: Sequence[ast.expr]) -> bool | None:
        kinds = {self.of(part) for part in parts}
        return True if True in kinds else None if None in kinds else False

    def _called(self, node: ast.Call) -> bool | None:
        arguments = [*node.args, *(k.value for k in node.keywords)]
        called, made = self.function(node), self.class_(node)
        if called is not None:
            words = words_of(called, self.module.scope)
            if "Ghost" in words:
                return True
            declared = self.module.ghost(called.returns)
            return self._any(arguments) if "Pure" in words and declared is False else declared
        if made is not None:
            return made.name in self.module.marked
        if isinstance(node.func, ast.Attribute):
            methods = self.methods(node.func.attr)
            if methods and all(self.is_ghost(m, c) for m, c in methods):
                return True
            return True if self.of(node.func.value) is True else None
        if isinstance(node.func, ast.Name) and self.inside.qualified(node.func) == f"builtins.{node.func.id}":
            return self._any(arguments)
        return None
