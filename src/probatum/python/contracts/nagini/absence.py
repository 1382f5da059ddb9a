"""Attributes that may be missing: `MayCreate(o, 'a')`, `MaySet(o, 'a')`, and what a permission says of them besides."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from probatum.python import forms
from probatum.python.contracts.nagini import vocabulary
from probatum.python.scopes import Scope

_MENTIONED = re.compile(
    r"""\bMay(?:Create|Set)\s*\([^'"]*(['"])(\w+)\1\s*\)|\bdel\s[^\n#]*?\.(\w+)\s*(?:$|[,;#])""", re.MULTILINE
)


@lru_cache(maxsize=16)
def _may_be_missing(lines: tuple[str, ...]) -> frozenset[str]:
    return frozenset(found[1] or found[2] for found in _MENTIONED.findall("\n".join(lines)))


def place_of(node: ast.expr, scope: Scope) -> ast.Attribute | None:
    """Return the attribute that `MayCreate` or `MaySet` names; None if it is none of them."""
    match node:
        case ast.Call(args=[owner, ast.Constant(value=str(name))], keywords=[]) if name.isidentifier():
            if vocabulary.called(scope, node) in vocabulary.slots:
                return ast.copy_location(ast.Attribute(owner, name, ast.Load()), node)
    return None


def claim_of(node: ast.expr, scope: Scope) -> ast.expr | None:
    """Return what a permission claims of an attribute: that it is there, or that it is not; None: nothing."""
    place, word = place_of(node, scope), vocabulary.called(scope, node)
    if place is not None:
        if word == "MaySet":
            return None
        return forms.negation(_present(place, node), node)
    what = node.args[0] if isinstance(node, ast.Call) and word in ("Acc", "Rd", "Wildcard") and node.args else None
    named = isinstance(what, ast.Attribute) and what.attr in _may_be_missing(tuple(scope.positions.lines))
    return _present(what, node) if named and isinstance(what, ast.Attribute) else None


def _present(place: ast.Attribute, node: ast.expr) -> ast.expr:
    return forms.call("hasattr", [forms.copied(place.value), ast.copy_location(ast.Constant(place.attr), node)], node)
