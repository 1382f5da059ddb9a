"""Loops that only look for something, or gather something: as the expression that they compute.

    for x in xs:                      if any(c for x in xs):
        if c:                             return k
            return k

    n = 0                             n = sum(1 for x in xs if c)
    for x in xs:
        if c:
            n += 1

    ys = []                           ys = [e for x in xs if c]
    for x in xs:
        if c:
            ys.append(e)

Both sides evaluate the same expressions in the same order. So a function that is written with such loops has a value that
contracts can speak of, like one that is written with `any`, `all`, `sum` and comprehensions.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.python import forms
from probatum.python.scopes import walk

_DEEP = 20  # levels of statements in one another


def without_loops(body: Sequence[ast.stmt]) -> list[ast.stmt] | None:
    """Return statements that do the same as the first few of a body, which hold a loop, and as all behind them.

    None: the body does not begin with such a loop, or with a variable that such a loop gathers in.
    """
    if any(isinstance(n, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await) for s in body[:2] for n in walk(s)):
        return None
    match body:
        case [ast.For() as loop, *rest]:
            return _search(loop, rest)
        case [
            ast.Assign(targets=[ast.Name(id=name)], value=start)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as start),
            ast.For() as loop,
            *rest,
        ]:
            return _flagged(name, start, loop, rest) or _gathering(name, start, loop, rest)
    return None


# --- searching ---------------------------------------------------------------------------------------------------


def _search(loop: ast.For, rest: Sequence[ast.stmt]) -> list[ast.stmt] | None:
    returned = [n for s in loop.body for n in walk(s) if isinstance(n, ast.Return)]
    values = {ast.dump(n.value) if isinstance(n.value, ast.Constant) else "" for n in returned}
    after = [*loop.orelse, *rest]
    if len(values) != 1 or "" in values or _bound(loop) & _read(after):
        return None
    head = forms.placed(ast.For(loop.target, loop.iter, loop.body, []), loop)
    found = _found([head], _DEEP)
    if found is None:
        return None
    then: list[ast.stmt] = [ast.copy_location(ast.Return(returned[0].value), loop)]
    return [ast.copy_location(ast.If(found, then, []), loop), *after]


def _flagged(name: str, start: ast.expr, loop: ast.For, rest: Sequence[ast.stmt]) -> list[ast.stmt] | None:
    """`found = False`, and a loop that makes it `True` and breaks, as soon as a condition holds."""
    match loop:
        case ast.For(target=target, iter=over, orelse=[], body=[ast.If(test=test, orelse=[], body=[
            ast.Assign(targets=[ast.Name(id=flag)], value=ast.Constant() as other), ast.Break()
        ])]) if flag == name and isinstance(start, ast.Constant) and _plain(target):  # fmt: skip  # one shape
            if name in _names(test) | _names(over) or (_bound(loop) - {name}) & _read(rest):
                return None
            some = _any(test, [ast.comprehension(target, over, [], 0)])
            assigned = ast.Assign([ast.Name(name, ast.Store())], ast.IfExp(some, other, start))
            return [forms.placed(assigned, loop), *rest]
    return None


def _found(body: Sequence[ast.stmt], deep: int) -> ast.expr | None:
    """Return whether statements return; None if that is no expression."""
    if deep == 0:
        return None
    match body:
        case []:
            return ast.Constant(False)
        case [ast.Return(), *_]:
            return ast.Constant(True)
        case [ast.Continue(), *_]:
            return ast.Constant(False)
        case [ast.Pass() | ast.Expr(value=ast.Constant()), *rest]:
            return _found(rest, deep)
        case [ast.If(test=test, body=then, orelse=other) as first, *rest]:
            yes, no = _found([*then, *rest], deep - 1), _found([*other, *rest], deep - 1)
            if yes is None or no is None:
                return None
            return forms.placed(_chosen(test, yes, no), first)
        case [ast.For(target=target, iter=over, body=inner, orelse=[]) as first, *rest] if _plain(target):
            hit, later = _found(inner, deep - 1), _found(rest, deep - 1)
            if hit is None or later is None or _bound(first) & _read(rest):
                return None
            some = _any(hit, [ast.comprehension(target, over, [], 0)])
            return forms.placed(some if _is(later, False) else ast.BoolOp(ast.Or(), [some, later]), first)
    return None


def _chosen(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    if _is(yes, True):
        return test if _is(no, False) else ast.BoolOp(ast.Or(), [test, no])
    if _is(no, False):
        return test if _is(yes, True) else ast.BoolOp(ast.And(), [test, yes])
    if _is(yes, False):
        return ast.BoolOp(ast.And(), [ast.UnaryOp(ast.Not(), test), no])
    return ast.IfExp(test, yes, no)


def _any(condition: ast.expr, generators: list[ast.comprehension]) -> ast.expr:
    return ast.Call(ast.Name("any", ast.Load()), [ast.GeneratorExp(condition, generators)], [])


def _is(node: ast.expr, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


# --- gathering ---------------------------------------------------------------------------------------------------


def _gathering(name: str, start: ast.expr, loop: ast.For, rest: Sequence[ast.stmt]) -> list[ast.stmt] | None:
    clauses = _clauses(loop)
    if clauses is None or (_bound(loop) - {name}) & _read(rest):
        return None
    generators, last = clauses
    if name in forms.target_names([g.target for g in generators]) or any(name in _names(g.iter) for g in generators):
        return None
    if any(name in _names(c) for g in generators for c in g.ifs):
        return None
    value: ast.expr | None = None
    match last:
        case ast.AugAssign(target=ast.Name(id=counted), op=ast.Add(), value=ast.Constant(value=int()) as step) if counted == name:
            if isinstance(start, ast.Constant) and start.value == 0 and type(start.value) is int and type(step.value) is int:
                value = ast.Call(ast.Name("sum", ast.Load()), [ast.GeneratorExp(step, generators)], [])
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=made), attr="append"), args=[item], keywords=[])):
            if made == name and isinstance(start, ast.List) and not start.elts and name not in _names(item):
                value = ast.ListComp(item, generators)
    if value is None:
        return None
    assigned = ast.Assign([ast.Name(name, ast.Store())], forms.placed(value, loop))
    return [forms.placed(assigned, loop), *rest]


def _clauses(loop: ast.For) -> tuple[list[ast.comprehension], ast.stmt] | None:
    """Return the loops and conditions around one statement, outermost first, and the statement; None if there is more."""
    generators: list[ast.comprehension] = []
    body: Sequence[ast.stmt] = [loop]
    for _ in range(_DEEP):
        match body:
            case [ast.For(target=target, iter=over, body=inner, orelse=[])] if _plain(target):
                generators.append(ast.comprehension(target, over, [], 0))
                body = inner
            case [ast.If(test=test, body=inner, orelse=[])]:
                generators[-1].ifs.append(test)
                body = inner
            case [ast.AugAssign() | ast.Expr() as last]:
                return generators, last
            case _:
                return None
    return None


# --- names -------------------------------------------------------------------------------------------------------


def _plain(target: ast.expr) -> bool:
    """Whether a loop binds names and nothing else."""
    return isinstance(target, ast.Name) or (isinstance(target, ast.Tuple) and all(map(_plain, target.elts)))


def _bound(loop: ast.For) -> set[str]:
    return {n.id for n in walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _read(body: Sequence[ast.stmt]) -> set[str]:
    return {n.id for s in body for n in walk(s) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Store)}


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in walk(node) if isinstance(n, ast.Name)}


__all__ = ["without_loops"]
