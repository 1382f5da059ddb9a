"""Guesses about what collections hold that a function puts together: objects that it made itself, each another one.

A change of one of them is then no change that a caller sees, no change of anything that was there before, and none of the others.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from probatum.python import types as t

_ITEM = "made'"
_OTHER = "other'"


def fresh_items(types: Mapping[str, t.Type], shared: Callable[[t.Type], bool]) -> Iterator[ast.expr]:
    """Yield that all items of a collection did not exist at entry, and that no two of them are the same object.

    Parameters
    ----------
    types : mapping of str to Type
        Of local variables that have a value.
    shared : callable
        Whether values of a type are references to collections.
    """
    for name, type_ in sorted(types.items()):
        own, item = t.without_none(type_), ast.Name(_ITEM, ast.Load())
        if isinstance(own, t.Mapping) and shared(own.value):
            held: ast.expr = ast.Subscript(ast.Name(name, ast.Load()), item, ast.Load())
            places: ast.expr = ast.Name(name, ast.Load())
        elif isinstance(own, t.Collection) and own.kind in ("list", "deque") and shared(own.item):
            held = item
            length = ast.Call(ast.Name("len", ast.Load()), [ast.Name(name, ast.Load())], [])
            places = ast.Call(ast.Name("range", ast.Load()), [length], [])
        else:
            continue
        generator = ast.comprehension(ast.Name(_ITEM, ast.Store()), ast.Name(name, ast.Load()), [], 0)
        body = ast.Call(ast.Name("__fresh__", ast.Load()), [held], [])
        yield ast.Call(ast.Name("all", ast.Load()), [ast.GeneratorExp(body, [generator])], [])
        yield _apart(name, places)


def _apart(name: str, places: ast.expr) -> ast.expr:
    """Return that what stands at two places of a collection is never the same object."""
    one, other = (ast.Name(n, ast.Load()) for n in (_ITEM, _OTHER))
    items = [ast.Subscript(ast.Name(name, ast.Load()), place, ast.Load()) for place in (one, other)]
    different = ast.Compare(one, [ast.NotEq()], [other])
    apart = ast.Call(ast.Name("__implies__", ast.Load()), [different, ast.Compare(items[0], [ast.IsNot()], [items[1]])], [])
    return _forall(places, _ITEM, _forall(places, _OTHER, apart))


def _forall(places: ast.expr, variable: str, body: ast.expr) -> ast.expr:
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg(variable)], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Call(ast.Name("__forall__", ast.Load()), [places, ast.Lambda(arguments, body)], [])
