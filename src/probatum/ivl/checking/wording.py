"""Expressions and their types in messages."""

from __future__ import annotations

from probatum.ivl.checking.inference import text, written_text
from probatum.ivl.syntax import tree


def shown(node: tree.Expression) -> str:
    """Return the type of a checked node for a message: with the names of synonyms where the source has them."""
    written: tree.TypeSyntax | None = None
    if isinstance(node, tree.Identifier) and node.decl is not None:
        written = node.decl.written
    elif isinstance(node, tree.Application) and isinstance(node.decl, tree.Function) and not node.decl.type_variables:
        written = node.decl.result.written
    elif isinstance(node, tree.Ascription):
        written = node.written
    if written is not None:
        return written_text(written)
    assert node.type is not None
    return text(node.type)


def brief(written: tree.Expression) -> str:
    """Return an expression for a message."""
    from probatum.ivl.syntax import printer  # needed only here

    return printer.expression(written)
