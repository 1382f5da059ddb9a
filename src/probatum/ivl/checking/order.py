"""In which order an expression and its parts get their types: the parts first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from probatum.ivl.checking.parts import merged, parts
from probatum.ivl.syntax import tree


@dataclass(slots=True)
class Bind:
    """The moment in a let when its values have types and its variables get them."""

    node: tree.Let


Item: TypeAlias = "tree.Expression | tree.Attribute | Bind"


def backwards(root: tree.Expression) -> list[Item]:
    """Return all that is to be checked in an expression, the last first."""
    order: list[Item] = []
    work: list[Item] = [root]
    while work:
        node = work.pop()
        order.append(node)
        kind = node.__class__
        if kind is tree.Identifier or kind is tree.Literal:
            continue
        if kind is tree.Let:
            let = cast("tree.Let", node)
            work.extend((*let.values, Bind(let), *let.attributes, let.body))
        else:
            work.extend(children(node))
    return order


def children(node: Item) -> Sequence[Item]:
    """Return the parts of a node that are checked before it."""
    if isinstance(node, tree.Attribute):
        return [value for value in node.values if not isinstance(value, str)]
    if isinstance(node, Bind):
        return ()
    if isinstance(node, tree.Quantifier):
        chain = merged(node)
        attributes = [attribute for one in chain for attribute in one.attributes]
        triggers = [expression for trigger in node.triggers for expression in trigger.expressions]
        return [*attributes, *triggers, chain[-1].body]
    return parts(node)
