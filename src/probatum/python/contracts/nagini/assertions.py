"""Assertions, taken apart into what is claimed and the permissions that are named beside it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fractions import Fraction

from probatum.python import forms
from probatum.python.contracts.conditions import Unreadable, deepest, depth
from probatum.python.contracts.nagini import absence, vocabulary
from probatum.python.contracts.nagini.permissions import Context, Over, Permission, constant_amount, summed
from probatum.python.scopes import Scope


@dataclass
class Assertion:
    """What an assertion says, its permissions taken out of it."""

    claim: ast.expr | None
    permissions: list[Permission]
    measure: ast.expr | None = None  # of `MustTerminate`


@dataclass(frozen=True)
class Assertions:
    """The assertions of one function, their terms in normal form; `scope` is the one of its body."""

    scope: Scope

    def has_permissions(self, expression: ast.AST) -> bool:
        """Whether an expression names a permission anywhere."""
        return any(vocabulary.called(self.scope, n) in vocabulary.permissions for n in ast.walk(expression))

    def read(self, expression: ast.expr) -> Assertion:
        """Take an assertion apart.

        Raises
        ------
        Unreadable
            A permission stands where its meaning is no frame.
        """
        if depth(expression) > deepest:
            raise Unreadable(self.scope.unsupported(expression, f"an assertion that is nested more than {deepest} deep"))
        found: list[Permission] = []
        parts = expression.values if isinstance(expression, ast.BoolOp) and isinstance(expression.op, ast.And) else [expression]
        measures = [m for p in parts if (m := vocabulary.measure_of(self.scope, p)) is not None]
        rest = [p for p in parts if vocabulary.measure_of(self.scope, p) is None]
        for inner in (n for p in rest for n in ast.walk(p)):
            if vocabulary.measure_of(self.scope, inner) is not None:
                message = f"an obligation within an assertion: `{self.scope.shown(inner)}`"
                raise Unreadable(self.scope.unsupported(inner, message, "claim it by itself"))
        if len(measures) > 1:
            raise Unreadable(self.scope.unsupported(expression, "several `MustTerminate` in one assertion"))
        if not measures:
            return Assertion(self._part(expression, (), found), summed(found))
        claims = [c for p in rest if (c := self._part(p, (), found)) is not None]
        return Assertion(forms.conjunction(claims, expression) if claims else None, summed(found), measures[0])

    def _part(self, node: ast.expr, context: Context, found: list[Permission]) -> ast.expr | None:
        """Return what is claimed besides permissions, which are added to `found`; None if nothing."""
        if not self.has_permissions(node):
            return node
        word = vocabulary.called(self.scope, node)
        if isinstance(node, ast.Call) and word in vocabulary.permissions:
            permission = self._permission(node, word, context)
            if permission is not None:
                found.append(permission)
            return absence.claim_of(node, self.scope)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            parts = [self._part(value, context, found) for value in node.values]
            claims = [p for p in parts if p is not None]
            return forms.conjunction(claims, node) if claims else None
        if isinstance(node, ast.IfExp) and not self.has_permissions(node.test):
            then = self._part(node.body, (*context, node.test), found)
            other = self._part(node.orelse, (*context, forms.negation(node.test, node.test)), found)
            if then is None and other is None:
                return None
            true = forms.conjunction([], node)
            return forms.placed(ast.IfExp(node.test, then or true, other or true), node)
        if isinstance(node, ast.Call) and len(node.args) == 2 and not self.has_permissions(node.args[0]):
            first, last = node.args
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name == forms.IMPLIES:
                then = self._part(last, (*context, first), found)
                return None if then is None else forms.call(name, [first, then], node)
            if name in {forms.LET, forms.FORALL} and isinstance(last, ast.Lambda):
                return self._bound_part(node, name, first, last, context, found)
        message = f"a permission within `{type(node).__name__.lower()}`: `{self.scope.source(node)}`"
        raise Unreadable(
            self.scope.unsupported(node, message, "permissions may stand under `and`, `Implies`, `Forall` and `Let`")
        )

    def _bound_part(  # noqa: PLR0917 - the parts of one node, and where it stands
        self, node: ast.Call, name: str, first: ast.expr, last: ast.Lambda, context: Context, found: list[Permission]
    ) -> ast.expr | None:
        parameter = last.args.args[0].arg
        if name == forms.FORALL:
            inner = self._part(last.body, (*context, Over(first, parameter)), found)
        else:
            start = len(found)
            inner = self._part(last.body, context, found)
            try:
                found[start:] = [p.substituted({parameter: first}) for p in found[start:]]
            except ValueError as captured:
                message = f"`Let` around a permission, where {captured}"
                raise Unreadable(self.scope.unsupported(node, message, "choose another name")) from captured
        return None if inner is None else forms.call(name, [first, forms.thunk([parameter], inner, last)], node)

    def _permission(self, node: ast.Call, word: str, context: Context) -> Permission | None:
        amount: Fraction | None = Fraction(1)
        what: ast.expr = node
        if word in {"Acc", "Rd", "Wildcard"}:
            if not node.args or len(node.args) > 2 or node.keywords:
                raise Unreadable(self.scope.unsupported(node, f"`{word}` with {len(node.args)} arguments"))
            what = node.args[0]
            amount = self._amount(node.args[1]) if len(node.args) == 2 else (Fraction(1) if word == "Acc" else None)
            if amount == 0:
                return None
        if word in vocabulary.slots:
            slot = absence.place_of(node, self.scope)
            if slot is None:
                raise Unreadable(self.scope.unsupported(node, f"`{word}` of an attribute whose name is no constant"))
            what = slot
        inner = vocabulary.called(self.scope, what)
        if isinstance(what, ast.Call) and inner in vocabulary.predicates and len(what.args) == 1:
            of = what.args[0]
            place = forms.call(forms.ITEMS, [of], of) if isinstance(of, ast.Attribute) else of
            return Permission(place, of, "items", amount, context, node)
        if isinstance(what, ast.Attribute) and self.scope.qualified(what) is None:
            return Permission(what, what.value, f".{what.attr}", amount, context, node)
        if isinstance(what, ast.Name | ast.Attribute) and self.scope.qualified(what) is not None:
            if isinstance(what, ast.Name) and what.id in self.scope.constants:
                raise Unreadable(
                    self.scope.mistake(node, f"`{what.id}` never changes, so there is no permission to it", "leave it out")
                )
            variable = forms.call(forms.VARIABLE, [what], what)
            return Permission(variable, what, f"variable {self.scope.qualified(what)}", amount, context, node)
        if isinstance(what, ast.Call):
            raise Unreadable(self.scope.unsupported(what, f"predicates (`{self.scope.source(what)}`)"))
        raise Unreadable(self.scope.unsupported(node, f"a permission to `{self.scope.source(what)}`"))

    def _amount(self, node: ast.expr) -> Fraction | None:
        if vocabulary.called(self.scope, node) in vocabulary.amounts or vocabulary.of(self.scope, node) in vocabulary.amounts:
            return None
        value = constant_amount(node)
        if value is None:
            raise Unreadable(
                self.scope.unsupported(node, f"a permission whose amount is no constant: `{self.scope.source(node)}`")
            )
        return value
