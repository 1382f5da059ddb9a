"""How long a range can be whose ends are cut off: `max(0, i - 1)` to `min(n, i + 2)` are three places at most."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence

_DEEP = 4  # names for one another, and `min` and `max` within each other


def longest(low: ast.expr, high: ast.expr, body: Sequence[ast.stmt]) -> int | None:
    """Return how far a number can lie above another at most; None if the text does not say.

    Parameters
    ----------
    low, high : ast.expr
        Integers, where the function uses them.
    body : sequence of ast.stmt
        Of the function. Names that it assigns once stand for what they are assigned, as long as that mentions only names
        that it never assigns. `min` and `max` are the built-in functions.
    """
    known = _defined(body)
    found = [
        upper - lower
        for first, lower in _ends(low, "max", known, _DEEP)
        for second, upper in _ends(high, "min", known, _DEEP)
        if first == second
    ]
    return min(found, default=None)


_Linear = tuple[tuple[tuple[str, int], ...], int]  # factors of names, and a number


def _defined(body: Sequence[ast.stmt]) -> Mapping[str, ast.expr | None]:
    """Return for each name that is assigned the expression that it stands for, or None."""
    nodes = [n for s in body for n in ast.walk(s)]
    stored = Counter(n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
    found: dict[str, ast.expr | None] = dict.fromkeys(stored)
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if stored[name] == 1:
                found[name] = value
    return found


def _ends(node: ast.expr, cut: str, known: Mapping[str, ast.expr | None], deep: int) -> list[_Linear]:
    """Return what is never beyond a number on one side: below it what `max` is given, and above it what `min` is given."""
    if deep == 0:
        return []
    match node:
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name == cut and len(args) > 1:
            return [end for a in args for end in _ends(a, cut, known, deep - 1)]
        case ast.Name(id=name) if (own := known.get(name)) is not None:
            return _ends(own, cut, known, deep - 1)
    own_value = _linear(node, known)
    return [] if own_value is None else [own_value]


def _linear(node: ast.expr, known: Mapping[str, ast.expr | None]) -> _Linear | None:
    factors: Counter[str] = Counter()
    total, pending = 0, [(node, 1)]
    while pending:
        one, sign = pending.pop()
        match one:
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                pending += [(left, sign), (right, sign)]
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                pending += [(left, sign), (right, -sign)]
            case ast.Constant(value=int() as value) if not isinstance(value, bool):
                total += sign * value
            case ast.Name(id=name) if name not in known:
                factors[name] += sign
            case _:
                return None
    return tuple(sorted((n, f) for n, f in factors.items() if f)), total


__all__ = ["longest"]
