"""Guesses about what collections hold that a function puts together: objects that it made itself.

A change of one of them is then no change that a caller sees, and no change of anything that was there before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from probatum.python import types as t

_ITEM = "made'"


def fresh_items(types: Mapping[str, t.Type], shared: Callable[[t.Type], bool]) -> Iterator[ast.expr]:
    """Yield that all items of a collection did not exist at entry.

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
        elif isinstance(own, t.Collection) and own.kind in ("list", "deque") and shared(own.item):
            held = item
        else:
            continue
        generator = ast.comprehension(ast.Name(_ITEM, ast.Store()), ast.Name(name, ast.Load()), [], 0)
        body = ast.Call(ast.Name("__fresh__", ast.Load()), [held], [])
        yield ast.Call(ast.Name("all", ast.Load()), [ast.GeneratorExp(body, [generator])], [])
