"""The pieces of which rewritten functions are made: what they call, and copies of what they are made of."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.spec.checks import one_line

RUNTIME = "__probatum__"
RESULT = "__result__"


class CannotRewrite(Exception):
    """Why a contract cannot be checked at run time, in words."""


def runtime(name: str) -> ast.expr:
    """Return what refers to something that checks need while they run."""
    return ast.Attribute(ast.Name(RUNTIME, ast.Load()), name, ast.Load())


def runtime_call(name: str, arguments: Sequence[ast.expr], keywords: Sequence[ast.keyword] = ()) -> ast.expr:
    """Return a call of it."""
    return ast.Call(runtime(name), list(arguments), list(keywords))


def at_least(level: int) -> ast.expr:
    """Return the test of whether contracts are checked at this level or a higher one."""
    return ast.Compare(runtime("level"), [ast.GtE()], [ast.Constant(level)])


def text_of(node: ast.AST) -> str:
    """Return an expression as text on one line."""
    return one_line(ast.unparse(ast.fix_missing_locations(node)))


def written_out(call: ast.Call) -> list[ast.expr]:
    """Return the conditions of a clause; raises CannotRewrite if some are behind a star."""
    if any(isinstance(a, ast.Starred) for a in call.args):
        raise CannotRewrite("its conditions must be written out: name each of them instead of `*`")
    return list(call.args)


def lambda_parameters(node: ast.Lambda) -> list[str] | None:
    """Return the names of plain parameters; None if a lambda has others."""
    a = node.args
    if a.vararg or a.kwarg or a.kwonlyargs or a.defaults:
        return None
    return [p.arg for p in (*a.posonlyargs, *a.args)]


def names_of(a: ast.arguments) -> set[str]:
    """Return the names of all parameters."""
    return {p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x))}


def bare(a: ast.arguments, *, defaults: bool = True) -> ast.arguments:
    """Return parameters without annotations; defaults are those of the function that is replaced, and only counted here."""
    none = ast.Constant(None)
    return ast.arguments(
        posonlyargs=[ast.arg(p.arg) for p in a.posonlyargs],
        args=[ast.arg(p.arg) for p in a.args],
        vararg=ast.arg(a.vararg.arg) if a.vararg else None,
        kwonlyargs=[ast.arg(p.arg) for p in a.kwonlyargs],
        kw_defaults=[None if d is None or not defaults else none for d in a.kw_defaults],
        kwarg=ast.arg(a.kwarg.arg) if a.kwarg else None,
        defaults=[none for _ in a.defaults] if defaults else [],
    )
