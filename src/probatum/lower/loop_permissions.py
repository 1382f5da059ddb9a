"""What a loop may touch of which its author says nothing: what the function may, as far as the loop mentions it.

In code that is written for Nagini the invariants of a loop name all that it may look
at and change. Where there are none, the loop is given what it seems to need: to
change what it mutates by name, and to look at the rest. These are guesses, which
are claimed at the head like invariants; nothing rests on them that is not proved.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace

from probatum.python.program import Clause, Function, LoopContract, Place

_CHANGING = frozenset(
    ["append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "add", "discard", "update", "setdefault", "popitem"]
)  # fmt: skip


def guessed(
    function: Function,
    loop: ast.While | ast.For,
    contract: LoopContract,
    *,
    own: Collection[str],
    quiet: Collection[str],
    place: Place,
) -> LoopContract:
    """Return the contract of a loop with permissions, if it has no invariants at all.

    Parameters
    ----------
    own : collection of str
        Local variables that hold lists, sets or dicts where the loop begins.
    quiet : collection of str
        Functions that change nothing, by their names in the text.
    """
    if contract.invariants or contract.modifies or contract.reads:
        return contract
    changed = set(_changed(loop, quiet))
    attributes = any(isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) for n in ast.walk(loop))
    modifies: dict[str, Clause] = {}
    reads: dict[str, Clause] = {}
    given = (*((c, True) for c in function.contract.modifies or ()), *((c, False) for c in function.contract.reads))
    local = (Clause(ast.copy_location(ast.Name(name, ast.Load()), loop), place, name) for name in sorted(own))
    for clause, whole in (*given, *((c, True) for c in local)):
        roots = {n.id for n in ast.walk(clause.expression) if isinstance(n, ast.Name)}
        needed = bool(roots & changed) or (attributes and isinstance(clause.expression, ast.Attribute))
        key = ast.unparse(clause.expression)
        if key not in modifies and key not in reads:
            (modifies if whole and needed else reads)[key] = replace(clause, place=place)
    return replace(contract, modifies=tuple(modifies.values()), reads=tuple(reads.values()))


def _changed(loop: ast.AST, quiet: Collection[str]) -> Iterator[str]:
    """Yield the names whose objects a loop may change, or hand to someone who may."""
    for node in ast.walk(loop):
        targets: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Attribute(value=target, attr=method)) if method in _CHANGING:
                targets.append(target)
            case ast.Call(func=ast.Name(id=name), args=arguments) if name not in quiet:
                targets.extend(arguments)
            case ast.Subscript(value=target, ctx=ast.Store() | ast.Del()) | ast.AugAssign(target=target):
                targets.append(target)
        for target in targets:
            root = target
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name):
                yield root.id


__all__ = ["guessed"]
