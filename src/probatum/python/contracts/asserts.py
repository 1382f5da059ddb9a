"""Plain asserts as contracts, where nothing else is one: at the start of a function they say what it expects, at its end what it promises.

A call for which one at the start fails is no allowed input. All other asserts are
claims, and stay in the body; so is one that mentions no parameter, as in a test.
What those at the end say of parameters and of the returned variable is known to
callers too, if whatever ends normally passes them. A function that only ends with
asserts has a contract by that, unless it is a test by its name.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import cast

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.native import without_docstring
from probatum.python.program import Clause, Contract, Syntax
from probatum.python.scopes import Scope, bound_names, children

# Who imports one of these says with it what a function expects; an assert is then a claim wherever it stands.
_libraries = frozenset({"probatum", "icontract", "deal", "nagini_contracts"})

# What an assert may call to be said once more to callers: builtins that change nothing, of values that a contract can read.
_callable = frozenset({"abs", "all", "any", "bool", "isinstance", "len", "max", "min", "range", "sum", "zip", "enumerate"})


class Asserts:
    """The adapter for plain asserts."""

    def function(self, node: ast.FunctionDef, scope: Scope, _owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a function; None if no assert stands at its start or end."""
        if scope.libraries & _libraries:
            return None
        body = without_docstring(node.body)
        names = forms.parameter_names(node)
        count = next((i for i, s in enumerate(body) if not (isinstance(s, ast.Assert) and _about(s, names))), len(body))
        at_end, returned = _at_the_end(body[count:])
        promised = [s for s in at_end if _about(s, names | {returned})]
        if not count and not (promised and names and not node.name.startswith("test")):
            return None
        contract = Contract(
            Syntax.ASSERTS,
            requires=tuple(_clause(cast("ast.Assert", s), scope) for s in body[:count]),
            ensures=_promises(promised, returned, node, scope),
            place=scope.place(body[0] if count else promised[0]),
        )
        return FunctionReading(contract, [forms.copied(s) for s in body[count:]])

    def class_(self, _node: ast.ClassDef, _scope: Scope, /) -> ClassReading | None:
        """Classes promise nothing in this syntax."""
        return None


def _at_the_end(body: Sequence[ast.stmt]) -> tuple[list[ast.Assert], str]:
    """Return the asserts after which a body only returns, and the variable that it returns then, or ""."""
    returned = ""
    if body and isinstance(body[-1], ast.Return):
        returned = body[-1].value.id if isinstance(body[-1].value, ast.Name) else ""
        body = body[:-1]
    found: list[ast.Assert] = []
    while body and isinstance(body[-1], ast.Assert):
        found.insert(0, body[-1])
        body = body[:-1]
    return found, returned


def _promises(asserts: Sequence[ast.Assert], returned: str, node: ast.FunctionDef, scope: Scope) -> tuple[Clause, ...]:
    """Return what asserts at the end say to callers: none if the body can end elsewhere, or yields."""
    own: list[ast.AST] = []
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        own.append(one)
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += children(one)
    leaving = [n for n in own if isinstance(n, ast.Return | ast.Yield | ast.YieldFrom)]
    if len(leaving) > isinstance(node.body[-1], ast.Return):
        return ()
    assigned = {n.id for n in own if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    inside = scope.inside(node)
    unknown = (bound_names(node) - forms.parameter_names(node)) | assigned
    found: list[Clause] = []
    for one in asserts:
        free = forms.free_names(one.test)
        if free & (unknown - {returned}) or not _repeatable(one.test, inside) or forms.effects(one.test, inside):
            continue
        said = forms.copied(one.test)
        if returned in free:
            said = forms.substituted(said, {returned: forms.RESULT})
        found.append(scope.clause(said, wrote=one.test))
    return tuple(found)


def _repeatable(test: ast.expr, inside: Scope) -> bool:
    """Whether a test calls nothing but builtins that a contract can call, and binds nothing."""
    for one in ast.walk(test):
        if isinstance(one, ast.Call):
            name = inside.qualified(one.func)
            if name is None or name.removeprefix("builtins.") not in _callable:
                return False
        elif isinstance(one, ast.NamedExpr | ast.Await | ast.Lambda):
            return False
    return True


def _about(statement: ast.Assert, names: frozenset[str]) -> bool:
    """Whether an assert says something of one of these names."""
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(statement.test))


def _clause(statement: ast.Assert, scope: Scope) -> Clause:
    return scope.clause(forms.copied(statement.test), wrote=statement.test)


adapter = Asserts()
