"""What a program only knows and what it claims, and which type variables of quantifiers stand where in that."""

from __future__ import annotations

from collections.abc import Container, Iterator

from probatum.ivl.elaborate.parts import items, walk
from probatum.ivl.syntax import tree
from probatum.ivl.types import TypeVariable


def known(program: tree.Program) -> Iterator[tree.Expression]:
    """Yield what is only ever known: axioms and assumptions."""
    for one in program.declarations:
        match one:
            case tree.Axiom():
                yield one.expression
            case tree.Function() | tree.ConstantGroup():
                yield from (axiom.expression for axiom in one.uses)
            case tree.Implementation():
                yield from (item.expression for item in items(one.body) if isinstance(item, tree.Assume))
            case _:
                pass


def claims(program: tree.Program) -> Iterator[tree.Expression]:
    """Yield what is claimed: assertions, invariants and conditions of procedures."""
    for one in program.declarations:
        if isinstance(one, tree.Procedure):
            yield from (condition.expression for condition in (*one.requires, *one.ensures))
        elif isinstance(one, tree.Implementation):
            for item in items(one.body):
                if isinstance(item, tree.Assert):
                    yield item.expression
                elif isinstance(item, tree.While):
                    yield from (invariant.expression for invariant in item.invariants)


def outright(root: tree.Expression) -> Iterator[TypeVariable]:
    """Yield the variables of quantifiers over types that a condition says outright: under no negation."""
    stack = [root]
    while stack:
        match stack.pop():
            case tree.Quantifier(kind="forall") as quantifier:
                yield from quantifier.type_variables
                stack.append(quantifier.body)
            case tree.Binary(operator="&&" | "||") as both:
                stack.extend((both.left, both.right))
            case tree.Binary(operator="==>") as implication:
                stack.append(implication.right)
            case _:
                pass


def inside(root: tree.Expression, outright: Container[TypeVariable]) -> Iterator[TypeVariable]:
    """Yield the variables of all other quantifiers over types in what is known: those of its premises."""
    for one in walk((root,)):
        if isinstance(one, tree.Quantifier) and one.kind != "lambda":
            yield from (variable for variable in one.type_variables if variable not in outright)
