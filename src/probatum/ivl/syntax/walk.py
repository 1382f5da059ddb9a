"""Going through trees that may be deep, without calls inside calls.

Brackets nest at most `MAXIMUM_NESTING` levels, but chains have no limit: a text
may add fifty thousand terms or have as many `else if`, and its tree is as deep.
Whoever works on expressions takes `postorder` or `events`; whoever calls itself
for each bracket calls `make_room` first and goes along chains with a loop.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from probatum.ivl.syntax import tree

MAXIMUM_NESTING = 1000
"""How many brackets, quantifiers, conditions and statement blocks may be open at one place."""

_FRAMES = 25 * MAXIMUM_NESTING


def make_room() -> None:
    """Let calls nest as deep as the limit on nesting allows.

    The interpreter's limit is raised and stays so: lowering it again would
    break another thread that is deep in calls. Calls between Python functions
    take no room on the machine's own stack.
    """
    if sys.getrecursionlimit() < _FRAMES:
        sys.setrecursionlimit(_FRAMES)


def children(expression: tree.Expression) -> list[tree.Expression]:
    """Return the expressions directly inside, in the order of the text.

    Those in triggers and attributes are not among them, and neither are those
    in the statements of a code expression: they are no part of the value.
    """
    match expression:
        case tree.Binary(left=left, right=right):
            return [left, right]
        case tree.Application(arguments=arguments):
            return list(arguments)
        case tree.Select(map=base, indexes=indexes):
            return [base, *indexes]
        case tree.Store(map=base, indexes=indexes, value=value):
            return [base, *indexes, value]
        case tree.IfThenElse(condition=condition, then=then, otherwise=otherwise):
            return [condition, then, otherwise]
        case tree.FieldUpdate(operand=operand, value=value):
            return [operand, value]
        case tree.Quantifier(body=body):
            return [body]
        case tree.Let(values=values, body=body):
            return [*values, body]
        case tree.Literal() | tree.Identifier() | tree.Code():
            return []
        case _:
            return [expression.operand]


def postorder(expression: tree.Expression) -> Iterator[tree.Expression]:
    """Yield each part before the one that contains it, from left to right; the whole comes last."""
    for node, entering in events(expression):
        if not entering:
            yield node


def events(expression: tree.Expression) -> Iterator[tuple[tree.Expression, bool]]:
    """Yield each part twice: `(part, True)` before what is inside it, `(part, False)` after.

    For work that depends on scopes: bring the bound variables of a quantifier
    in when it is entered and take them out when it is left. (The values of a
    let come between the two as well, although its variables do not hold there.)
    """
    stack: list[tuple[tree.Expression, bool]] = [(expression, True)]
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if entering:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(children(node)))
