"""What a piece of the tree consists of, one step down: for walks that keep their own stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from probatum.ivl.syntax import tree


def attribute_expressions(attributes: tree.Attributes) -> Iterator[tree.Expression]:
    """Yield the expressions in attributes that have a meaning in logic: what is added to pools of terms."""
    for one in attributes:
        if one.key == "add_to_pool":
            for value in one.values:
                if not isinstance(value, str):
                    yield value


def subexpressions(expression: tree.Expression) -> Iterator[tree.Expression]:
    """Yield the parts of an expression, with triggers; of a code expression, those of its commands."""
    match expression:
        case (
            tree.Unary()
            | tree.Old()
            | tree.Conversion()
            | tree.Ascription()
            | tree.Extract()
            | tree.Field()
            | tree.IsConstructor()
        ):
            yield expression.operand
        case tree.Binary():
            yield expression.left
            yield expression.right
        case tree.Application():
            yield from expression.arguments
        case tree.Select():
            yield expression.map
            yield from expression.indexes
        case tree.Store():
            yield expression.map
            yield from expression.indexes
            yield expression.value
        case tree.FieldUpdate():
            yield expression.operand
            yield expression.value
        case tree.IfThenElse():
            yield expression.condition
            yield expression.then
            yield expression.otherwise
        case tree.Quantifier():
            for trigger in expression.triggers:
                yield from trigger.expressions
            yield from attribute_expressions(expression.attributes)
            yield expression.body
        case tree.Let():
            yield from expression.values
            yield expression.body
        case tree.Code():
            for block in expression.blocks:
                for command in block.commands:
                    yield from command_expressions(command)
                if isinstance(block.transfer, tree.Return) and block.transfer.expression is not None:
                    yield block.transfer.expression
        case _:
            return


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
