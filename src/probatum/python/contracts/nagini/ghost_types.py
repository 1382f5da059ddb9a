"""Which types are ghost: those that are marked, those of Nagini, and collections of such."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.declarations import words_of
from probatum.python.scopes import Scope, walk

_unions = frozenset({"typing.Union", "typing.Optional"})
_tuples = frozenset({"typing.Tuple", "builtins.tuple"})
DEEPEST = 20  # levels of a type, and classes above one, that are looked at


@dataclass
class GhostTypes:
    """What the top level of one module says about what is ghost."""

    tree: ast.Module
    scope: Scope

    def __post_init__(self) -> None:
        top = self.tree.body
        self.classes = {s.name: s for s in top if isinstance(s, ast.ClassDef)}
        self.functions = {s.name: s for s in top if isinstance(s, ast.FunctionDef)}
        self.marked: set[str] = {n for n, c in self.classes.items() if "Ghost" in words_of(c, self.scope)}
        self.marks = [s for s in top if isinstance(s, ast.Expr) and vocabulary.called(self.scope, s.value) == "MarkGhost"]
        for mark in self.marks:
            assert isinstance(mark.value, ast.Call)  # noqa: S101 - what is called is a call
            self.marked |= {a.id for a in mark.value.args if isinstance(a, ast.Name)}
        self.variables = {
            s.target.id: self.ghost(s.annotation) for s in top if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        }
        self.fields = self._fields()

    def _fields(self) -> dict[str, bool | None]:
        """Return which attributes of regular objects are ghost, by their names: None if classes differ, or it is not known."""
        found: dict[str, bool | None] = {}
        for owner in self.classes.values():
            if owner.name in self.marked:
                continue
            own: dict[str, bool | None] = {}
            for node in walk(owner):
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
                    own[node.target.attr] = self.ghost(node.annotation)
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node in owner.body:
                    own[node.target.id] = self.ghost(node.annotation)
                elif isinstance(node, ast.Assign):
                    kind = False if isinstance(node.value, ast.Constant) and node.value.value is not None else None
                    for target in node.targets:
                        if isinstance(target, ast.Attribute):
                            own.setdefault(target.attr, kind)
            for name, kind in own.items():
                found[name] = kind if name not in found or found[name] == kind else None
        return found

    def ghost(self, annotation: ast.expr | None, depth: int = 0) -> bool | None:
        """Whether a type is ghost; None: a part of it is, or it is not known."""
        annotation = read_type(annotation)
        if annotation is None or depth > DEEPEST:
            return None
        if isinstance(annotation, ast.Constant):
            return False if annotation.value is None else None
        if isinstance(annotation, ast.Name | ast.Attribute):
            return self._named(annotation)
        parts = self.parts(annotation)
        if parts is None:
            return self._named(annotation.value) if isinstance(annotation, ast.Subscript) else None
        kinds = [self.ghost(part, depth + 1) for part in parts]
        if self.is_union(annotation):
            kinds = [k for part, k in zip(parts, kinds, strict=True) if not is_none(part)]
        if None in kinds or not kinds:
            return None
        return kinds[0] if len(set(kinds)) == 1 else None

    def _named(self, annotation: ast.expr) -> bool | None:
        if isinstance(annotation, ast.Name) and annotation.id in self.marked:
            return True
        if not isinstance(annotation, ast.Name | ast.Attribute):
            return None
        word = vocabulary.of(self.scope, annotation)
        if word:
            return True if word in vocabulary.values or word in vocabulary.plain - {"MarkGhost"} else None
        name = self.scope.qualified(annotation) or ""
        module, _, own = name.rpartition(".")
        return False if module == "builtins" or (module == self.scope.module and own in self.classes) else None

    def is_union(self, annotation: ast.expr) -> bool:
        """Whether a type is a union of others."""
        if isinstance(annotation, ast.BinOp):
            return isinstance(annotation.op, ast.BitOr)
        return isinstance(annotation, ast.Subscript) and self.scope.qualified(annotation.value) in _unions

    def parts(self, annotation: ast.expr) -> list[ast.expr] | None:
        """Return the types of which a union or a collection consists; None if it is neither."""
        if isinstance(annotation, ast.BinOp):
            return [annotation.left, annotation.right] if isinstance(annotation.op, ast.BitOr) else None
        if not isinstance(annotation, ast.Subscript):
            return None
        module, _, _ = (self.scope.qualified(annotation.value) or "").rpartition(".")
        if module not in ("typing", "builtins"):
            return None
        return list(annotation.slice.elts) if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]

    def pair(self, returns: ast.expr | None) -> list[ast.expr] | None:
        """Return the two types of a result of which the first is regular and the second ghost; None if it is no such result."""
        parts = self.tuple_parts(returns)
        return parts if parts is not None and [self.ghost(p) for p in parts] == [False, True] else None

    def tuple_parts(self, annotation: ast.expr | None) -> list[ast.expr] | None:
        """Return the types of the components of a tuple."""
        annotation = read_type(annotation)
        is_tuple = isinstance(annotation, ast.Subscript) and self.scope.qualified(annotation.value) in _tuples
        return self.parts(annotation) if is_tuple and annotation is not None else None

    def own_objects(self, annotation: ast.expr | None) -> bool:
        """Whether a type says by its class alone that a variable is ghost, or a part of it may: then no annotation is needed."""
        annotation = read_type(annotation)
        for node in walk(annotation) if annotation is not None else []:
            if isinstance(node, ast.Name) and isinstance(alias := self.scope.constants.get(node.id), ast.Subscript):
                return any(self._ghost_class(inner) for inner in walk(alias))
            if self._ghost_class(node) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                return True
        return False

    def _ghost_class(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name) and node.id in self.classes:
            return node.id in self.marked
        return isinstance(node, ast.Name | ast.Attribute) and vocabulary.of(self.scope, node) in vocabulary.values


def read_type(annotation: ast.expr | None) -> ast.expr | None:
    """Return a type that may be written as a text."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    return annotation


def is_none(annotation: ast.expr) -> bool:
    """Whether a type is that of None."""
    return isinstance(annotation, ast.Constant) and annotation.value is None
