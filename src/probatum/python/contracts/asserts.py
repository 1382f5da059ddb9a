"""Plain asserts as contracts, where nothing else is one: asserts at the start of a function say what it expects.

A call for which one of them fails is no allowed input. All other asserts are
claims, and stay in the body; so is one that mentions no parameter, as in a test.
"""

from __future__ import annotations

import ast

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.native import without_docstring
from probatum.python.program import Clause, Contract, Syntax
from probatum.python.scopes import Scope

# Who imports one of these says with it what a function expects; an assert is then a claim wherever it stands.
_libraries = frozenset({"probatum", "icontract", "deal", "nagini_contracts"})


class Asserts:
    """The adapter for plain asserts."""

    def function(self, node: ast.FunctionDef, scope: Scope, _owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a function; None if it does not start with an assert."""
        body = without_docstring(node.body)
        given = node.args
        names = {a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if a is not None}
        count = next((i for i, s in enumerate(body) if not (isinstance(s, ast.Assert) and _about(s, names))), len(body))
        if count == 0 or scope.libraries & _libraries:
            return None
        clauses = tuple(_clause(s, scope) for s in body[:count] if isinstance(s, ast.Assert))
        contract = Contract(Syntax.ASSERTS, requires=clauses, place=scope.place(body[0]))
        return FunctionReading(contract, [forms.copied(s) for s in body[count:]])

    def class_(self, _node: ast.ClassDef, _scope: Scope, /) -> ClassReading | None:
        """Classes promise nothing in this syntax."""
        return None


def _about(statement: ast.Assert, names: set[str]) -> bool:
    """Whether an assert says something of a parameter."""
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(statement.test))


def _clause(statement: ast.Assert, scope: Scope) -> Clause:
    return scope.clause(forms.copied(statement.test), wrote=statement.test)


adapter = Asserts()
