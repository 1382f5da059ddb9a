"""The direct parts of expressions and of statement lists.

Those of expressions are for traversals that keep their own stack: expressions may be very deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from probatum.ivl.syntax import tree

Expression = tree.Expression


def _quantifier(node: tree.Quantifier) -> list[Expression]:
    triggers = [expression for trigger in node.triggers for expression in trigger.expressions]
    return [*values(node.attributes), *triggers, node.body]


_PARTS: dict[type, Callable[[Any], Sequence[Expression]]] = {
    tree.Literal: lambda _: (),
    tree.Identifier: lambda _: (),
    tree.Unary: lambda node: (node.operand,),
    tree.Binary: lambda node: (node.left, node.right) if node.operator != "<==" else (node.right, node.left),
    tree.Application: lambda node: node.arguments,
    tree.Old: lambda node: (node.operand,),
    tree.Conversion: lambda node: (node.operand,),
    tree.Ascription: lambda node: (node.operand,),
    tree.Select: lambda node: [node.map, *node.indexes],
    tree.Store: lambda node: [node.map, *node.indexes, node.value],
    tree.Extract: lambda node: (node.operand,),
    tree.Field: lambda node: (node.operand,),
    tree.FieldUpdate: lambda node: (node.operand, node.value),
    tree.IsConstructor: lambda node: (node.operand,),
    tree.IfThenElse: lambda node: (node.condition, node.then, node.otherwise),
    tree.Quantifier: _quantifier,
    tree.Let: lambda node: [*node.values, *values(node.attributes), node.body],
    tree.Code: lambda _: (),
}


def parts(node: Expression) -> Sequence[Expression]:
    """Return the direct subexpressions in the order in which Boogie looks at them: `a <== b` is `b ==> a`.

    What is in a code expression is left out.
    """
    return _PARTS[node.__class__](node)


def values(attributes: tree.Attributes) -> list[Expression]:
    """Return the expressions in attributes."""
    return [value for one in attributes for value in one.values if not isinstance(value, str)]


def everything(root: Expression) -> Iterator[Expression]:
    """Yield an expression and all below it, each before its parts."""
    work = [root]
    while work:
        node = work.pop()
        yield node
        work.extend(reversed(parts(node)))


def merged(head: tree.Quantifier) -> list[tree.Quantifier]:
    """Return the quantifiers that Boogie takes as one with this one: `forall` directly under `forall`, no triggers."""
    chain = [head]
    while head.kind != "lambda" and not head.triggers:
        body = head.body
        if not isinstance(body, tree.Quantifier) or body.kind != head.kind or body.triggers:
            break
        chain.append(body)
        head = body
    return chain


def steps(statements: tree.Statements) -> Iterator[tree.Command | tree.While | tree.If]:
    """Yield the commands, loops and conditionals directly inside, in the order of the text."""
    for segment in statements.segments:
        yield from segment.commands
        if isinstance(segment.structured, tree.While | tree.If):
            yield segment.structured
