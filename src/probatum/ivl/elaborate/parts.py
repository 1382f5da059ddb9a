"""What a piece of the tree consists of, one step down: for walks that keep their own stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from probatum.ivl.syntax import tree


def attribute_expressions(attributes: tree.Attributes) -> Iterator[tree.Expression]:
    """Yield the expressions in attributes that have a meaning in logic: what is added to pools of terms."""
    for one in attributes:
        if one.key == "add_to_pool":
            for value in one.values:
                if not isinstance(value, str):
                    yield value


def subexpressions(expression: tree.Expression) -> Sequence[tree.Expression]:
    """Return the parts of an expression, with triggers; of a code expression, those of its commands."""
    return _PARTS[expression.__class__](expression)


def _one(expression: Any) -> Sequence[tree.Expression]:
    return (expression.operand,)


def _none(_: Any) -> Sequence[tree.Expression]:
    return ()


def _quantifier(one: tree.Quantifier) -> Sequence[tree.Expression]:
    if not one.triggers and not one.attributes:
        return (one.body,)
    in_triggers = (part for trigger in one.triggers for part in trigger.expressions)
    return [*in_triggers, *attribute_expressions(one.attributes), one.body]


def _code(one: tree.Code) -> Sequence[tree.Expression]:
    found: list[tree.Expression] = []
    for block in one.blocks:
        for command in block.commands:
            found.extend(command_expressions(command))
        if isinstance(block.transfer, tree.Return) and block.transfer.expression is not None:
            found.append(block.transfer.expression)
    return found


# By class, because programs have many expressions and most of the time for a walk is spent in deciding what one is.
_PARTS: Final[dict[type, Callable[[Any], Sequence[tree.Expression]]]] = {
    tree.Literal: _none,
    tree.Identifier: _none,
    tree.Unary: _one,
    tree.Old: _one,
    tree.Conversion: _one,
    tree.Ascription: _one,
    tree.Extract: _one,
    tree.Field: _one,
    tree.IsConstructor: _one,
    tree.Binary: lambda one: (one.left, one.right),
    tree.Application: lambda one: one.arguments,
    tree.Select: lambda one: (one.map, *one.indexes),
    tree.Store: lambda one: (one.map, *one.indexes, one.value),
    tree.FieldUpdate: lambda one: (one.operand, one.value),
    tree.IfThenElse: lambda one: (one.condition, one.then, one.otherwise),
    tree.Quantifier: _quantifier,
    tree.Let: lambda one: (*one.values, one.body),
    tree.Code: _code,
}


def bound_variables(expression: tree.Expression) -> list[tree.Variable]:
    """Return the variables that an expression declares."""
    match expression:
        case tree.Quantifier() | tree.Let():
            return expression.bound
        case tree.Code():
            return expression.locals
        case _:
            return []


def command_expressions(command: tree.Command) -> Iterator[tree.Expression]:
    """Yield the expressions of a command, those of its attributes that count, and its variables."""
    match command:
        case tree.Assert() | tree.Assume():
            yield from attribute_expressions(command.attributes)
            yield command.expression
        case tree.Measure():
            yield from command.expressions
        case tree.Havoc():
            yield from command.variables
        case tree.Assign():
            for target in command.targets:
                yield target.variable
                for step in target.steps:
                    if isinstance(step, tree.IndexStep):
                        yield from step.indexes
            yield from command.values
        case tree.Unpack():
            yield from command.targets
            yield command.value
        case tree.Call():
            yield from command.arguments
            yield from command.results
        case tree.ParallelCall():
            for call in command.calls:
                yield from command_expressions(call)
        case _:
            return


Item = tree.Command | tree.Structured | tree.Transfer


def items(statements: tree.Statements) -> Iterator[Item]:
    """Yield all commands, structured statements and transfers, with those inside; nested ones after their parent."""
    stack: list[tree.Statements | tree.If] = [statements]
    while stack:
        top = stack.pop()
        if isinstance(top, tree.If):
            yield top
            stack.append(top.then)
            if top.otherwise is not None:
                stack.append(top.otherwise)
            continue
        for segment in top.segments:
            yield from segment.commands
            match segment.structured:
                case tree.If() as branch:
                    stack.append(branch)
                case tree.While() as loop:
                    yield loop
                    stack.append(loop.body)
                case tree.Break() as leave:
                    yield leave
                case None:
                    pass
            if segment.transfer is not None:
                yield segment.transfer


def item_expressions(item: Item) -> Iterator[tree.Expression]:
    """Yield the expressions of a command or statement itself, without those of the statements in it."""
    match item:
        case tree.If():
            if item.guard is not None:
                yield item.guard
        case tree.While():
            if item.guard is not None:
                yield item.guard
            for invariant in item.invariants:
                yield from attribute_expressions(invariant.attributes)
                yield invariant.expression
            for measure in item.measures:
                yield from measure.expressions
        case tree.Return():
            if item.expression is not None:
                yield item.expression
        case tree.Break() | tree.Goto():
            return
        case _:
            yield from command_expressions(item)


def walk(roots: Iterable[tree.Expression]) -> Iterator[tree.Expression]:
    """Yield expressions and all that is in them, each before its parts."""
    stack = list(roots)
    while stack:
        one = stack.pop()
        yield one
        stack.extend(subexpressions(one))
