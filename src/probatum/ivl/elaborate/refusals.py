"""Polymorphic programs that have no ground instances, or no end of them: Boogie refuses these, and so do we."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from probatum.ivl import types
from probatum.ivl.elaborate.parts import attribute_expressions, items
from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree
from probatum.ivl.types import Type, TypeVariable
from probatum.ivl.unsupported import Refused


def refuse_open_types(program: tree.Program, telling: Iterable[tree.Expression]) -> None:
    """Refuse terms for pools whose type nothing says: `MapConst(false)` may be a map from anything."""
    for one in telling:
        if isinstance(one, tree.Quantifier):
            _refuse_open(one.attributes)
    for declaration in program.declarations:
        if isinstance(declaration, tree.Implementation):
            for item in items(declaration.body):
                if isinstance(item, tree.Assert | tree.Assume):
                    _refuse_open(item.attributes)


def _refuse_open(attributes: tree.Attributes) -> None:
    for one in attribute_expressions(attributes):
        if isinstance(one, tree.Application) and isinstance(one.decl, tree.Function):
            given = {v for argument in one.decl.arguments if argument.type for v in types.variables(argument.type)}
            if not given.issuperset(one.decl.type_variables):
                message = "Unable to monomorphize input program: unhandled polymorphic features detected"
                raise Refused([StaticError(tree.NOWHERE, message, "monomorphization")])


def refuse_growing_types(program: tree.Program, telling: Iterable[tree.Expression]) -> None:
    """Refuse a cycle of type variables, each flowing into the next, where one flows in as a part of a larger type."""
    flows: dict[TypeVariable, dict[TypeVariable, bool]] = {}  # from, to, whether as a part

    def flow(formal: Sequence[TypeVariable], actual: Sequence[Type]) -> None:
        for target, type_ in zip(formal, actual, strict=True):
            part = not isinstance(type_, TypeVariable)
            for source in types.variables(type_):
                edges = flows.setdefault(source, {})
                edges[target] = edges.get(target, False) or part

    def calls(one: tree.Implementation) -> Iterator[tree.Call]:
        for item in items(one.body):
            if isinstance(item, tree.Call):
                yield item

    for expression in telling:
        if isinstance(expression, tree.Application) and isinstance(expression.decl, tree.Function):
            flow(expression.decl.type_variables, expression.type_args)
    for one in program.declarations:
        if isinstance(one, tree.Implementation):
            if one.procedure is not None:
                flow(one.type_variables, one.procedure.type_variables)
            for call in calls(one):
                if call.decl is not None:
                    flow(call.decl.type_variables, call.type_args)

    for source, edges in flows.items():
        for target, part in edges.items():
            if part and _reaches(flows.get, target, source):
                message = "Unable to monomorphize input program: expanding type cycle detected"
                raise Refused([StaticError(tree.NOWHERE, message, "monomorphization")])


def _reaches(
    edges: Callable[[TypeVariable], Mapping[TypeVariable, bool] | None], start: TypeVariable, goal: TypeVariable
) -> bool:
    seen: set[TypeVariable] = set()
    stack = [start]
    while stack:
        one = stack.pop()
        if one is goal:
            return True
        if one not in seen:
            seen.add(one)
            stack.extend(edges(one) or ())
    return False
