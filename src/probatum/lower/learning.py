"""What conditions say of names and attributes on the way behind them, and what is forgotten of that."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.lacking import Lacking
from probatum.python import types as t


class Learning(Lacking):
    """What is known of types without evaluation."""

    def known_type(self, node: ast.expr) -> t.Type | None:
        """Return the type of a name or attribute, as far as it is known without evaluating it."""
        text = ast.unparse(node)
        if text in self.narrowed:
            return self.narrowed[text]
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return self.names[node.id].type
            return self.locals.get(node.id)
        if isinstance(node, ast.Attribute) and self.qualified(node) is None:
            owner = self.known_type(node.value)
            found = self.field_of(t.without_none(owner), node.attr) if owner is not None else None
            if found is not None and isinstance(owner, t.Instance | t.Union):
                inner = t.without_none(owner)
                assert isinstance(inner, t.Instance)
                return self.field_type(inner, *found)
        return None

    def learn(self, node: ast.expr, holds: bool) -> None:
        """Remember what the outcome of a condition says of the types of names."""
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.learn(operand, not holds)
            case ast.BoolOp(op=operator, values=values) if isinstance(operator, ast.And) == holds:
                for place, value in enumerate(values):
                    if place and self.has_effects(value):
                        self._outdated(value)
                    self.learn(value, holds)
            case ast.Compare(left=left, ops=[ast.Is() | ast.Eq() as op], comparators=[ast.Constant(value=None)]):
                self._learn_none(left, holds, op)
            case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq() as op], comparators=[ast.Constant(value=None)]):
                self._learn_none(left, not holds, op)
            case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]):
                self._learn_class(subject, classes, holds)
            case ast.Name() | ast.Attribute() if holds:
                self._learn_none(node, False, ast.Is())

    def _learn_none(self, node: ast.expr, is_none: bool, operator: ast.cmpop) -> None:
        del operator
        known = self.known_type(node)
        if known is not None and self.may_be_none(known) and isinstance(known, t.Union):
            self.narrowed[ast.unparse(node)] = t.NONE if is_none else t.without_none(known)

    def _learn_class(self, subject: ast.expr, classes: ast.expr, holds: bool) -> None:
        known = self.known_type(subject)
        if known is None:
            return
        tested = self.classes_of(classes)
        options = known.options if isinstance(known, t.Union) else (known,)
        if holds:
            kept: list[t.Type] = []
            for option in options:
                for one in tested:
                    if self.is_subtype(option, one):
                        kept.append(option)
                    elif self.is_subtype(one, option):
                        kept.append(one)
            if kept:
                self.narrowed[ast.unparse(subject)] = t.union(*kept)
        else:
            left = [o for o in options if not any(self.is_subtype(o, one) for one in tested)]
            if left and len(left) < len(options):
                self.narrowed[ast.unparse(subject)] = t.union(*left)

    def done_before(self, generators: Sequence[ast.comprehension]) -> None:
        """Forget what the evaluation of what a comprehension goes over may have changed."""
        if not self.in_contract and self.has_effects(generators[0].iter):
            self._outdated(generators[0].iter)

    def _outdated(self, node: ast.expr) -> None:
        """Forget of earlier conditions what the evaluation of a later one may have changed."""
        self.narrowed = {key: type_ for key, type_ in self.narrowed.items() if key.isidentifier()}
        for one in ast.walk(node):
            if isinstance(one, ast.NamedExpr):
                self.narrowed.pop(one.target.id, None)
