"""The form in which a solver gets a quantifier: which ones are one, and what may be its triggers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probatum.ivl.elaborate.parts import subexpressions
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Binder, Term


def merged(one: tree.Quantifier) -> tree.Quantifier:
    """Return nested quantifiers of one kind without triggers as one quantifier: solvers choose better triggers then."""
    inner = [one]
    while not inner[-1].triggers and isinstance(body := inner[-1].body, tree.Quantifier) and body.kind == one.kind:
        inner.append(body)
    if inner[-1].triggers:
        # The innermost has triggers, so it stays; those before it have none.
        inner.pop()
    if len(inner) <= 1:
        return one
    return tree.Quantifier(
        one.position,
        one.kind,
        [name for q in inner for name in q.parameters],
        [variable for q in inner for variable in q.bound],
        [attribute for q in inner for attribute in q.attributes],
        [],
        inner[-1].body,
        tuple(variable for q in inner for variable in q.type_variables),
        one.type,
    )


def pattern(part: tree.Expression) -> tree.Expression:
    """Return what stands for a trigger: of a comparison with a literal, the other side."""
    if isinstance(part, tree.Binary) and part.operator in ("==", "!="):
        if isinstance(part.left, tree.Literal):
            return part.right
        if isinstance(part.right, tree.Literal):
            return part.left
    return part


def useless(trigger: Sequence[Term]) -> bool:
    """Whether a solver would refuse a trigger: it has a part that applies nothing, or a quantifier."""
    return any(not term.arguments or isinstance(term.payload, Binder) for term in trigger)


def never(body: tree.Expression) -> Iterator[tree.Expression]:
    """Yield the applications of functions that must not be triggers, outside of inner binders."""
    stack = [body]
    while stack:
        one = stack.pop()
        if isinstance(one, tree.Quantifier):
            continue
        if (
            isinstance(one, tree.Application)
            and isinstance(one.decl, tree.Function)
            and tree.flag(one.decl.attributes, "never_pattern")
        ):
            yield one
        stack.extend(subexpressions(one))
