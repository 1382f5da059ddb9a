"""Types that nobody declared and that a function itself demands of its parameters.

    def area(width, height):
        assert isinstance(width, int) and width > 0       # or a precondition that says so
        if not isinstance(height, (int, float)):
            raise TypeError(height)

Only demands count that are made before anything else happens: preconditions, and asserts and refusals at the start of the
body. What is passed otherwise is refused by the function, and nothing is said of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from probatum.python import types
from probatum.python.annotations import Annotations
from probatum.python.program import Parameter, Passing
from probatum.python.scopes import Scope
from probatum.python.types import Type

_MANY = (Passing.REST, Passing.REST_KEYWORDS)


def with_evident_types(
    parameters: Sequence[Parameter], conditions: Iterable[ast.expr], body: Sequence[ast.stmt], scope: Scope
) -> tuple[Parameter, ...]:
    """Return parameters with the types that preconditions, and the start of a body, demand of those that have none.

    `Parameter.evidence` says of each that gets a type what demands it.
    """
    if not any(_is_open(p) for p in parameters):
        return tuple(parameters)
    demands = [fact for one in (*conditions, *_at_the_start(body)) for fact in _facts(one, holds=True)]
    found: list[Parameter] = []
    for parameter in parameters:
        type_, evidence = _demanded(parameter.name, demands, scope) if _is_open(parameter) else (types.UNKNOWN, "")
        found.append(parameter if type_ == types.UNKNOWN else replace(parameter, type=type_, evidence=evidence))
    return tuple(found)


def _is_open(parameter: Parameter) -> bool:
    return not parameter.annotated and parameter.type == types.UNKNOWN and parameter.passing not in _MANY


def _at_the_start(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Yield what holds behind the asserts and refusals that a body begins with."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Assert(test=test):
                yield test
            case ast.If(test=test, body=[ast.Raise()], orelse=[]):
                yield ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
            case _:
                return


def _facts(test: ast.expr, *, holds: bool) -> Iterator[ast.expr]:
    """Yield conditions of which each holds if a test does, or does not; those that were denied as `not`."""
    waiting = [(test, holds)]
    while waiting:
        one, true = waiting.pop(0)
        match one:
            case ast.BoolOp(op=ast.And(), values=values) if true:
                waiting = [*((v, true) for v in values), *waiting]
            case ast.BoolOp(op=ast.Or(), values=values) if not true:
                waiting = [*((v, true) for v in values), *waiting]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                waiting.insert(0, (operand, not true))
            case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[right]) if not true:
                yield ast.copy_location(ast.Compare(left, [ast.Is()], [right]), one)
            case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]) if not true:
                yield ast.copy_location(ast.Compare(left, [ast.Eq()], [right]), one)
            case _ if true:
                yield one


def _demanded(name: str, demands: Iterable[ast.expr], scope: Scope) -> tuple[Type, str]:
    """Return the type that conditions demand of a name, and which of them does; unknown if none does."""
    item: Type = types.UNKNOWN
    collection: Type = types.UNKNOWN
    within = evidence = ""
    for one in demands:
        own = _tested(name, one, scope)
        if own != types.UNKNOWN and not _is_open_inside(own):
            return own, ast.unparse(one)
        if own != types.UNKNOWN:
            collection, evidence = own, ast.unparse(one)
        match one:
            case ast.Call(
                func=ast.Name(id="all"),
                args=[
                    ast.GeneratorExp(
                        elt=test, generators=[ast.comprehension(target=ast.Name(id=each), iter=ast.Name(id=of), ifs=[])]
                    )
                ],
            ) if of == name and scope.qualified(one.func) == "builtins.all":
                item, within = _tested(each, test, scope), ast.unparse(one)
    if isinstance(collection, types.Collection) and item != types.UNKNOWN and not _is_open_inside(item):
        return replace(collection, item=item), f"{evidence} and {within}"
    return types.UNKNOWN, ""


def _tested(name: str, test: ast.expr, scope: Scope) -> Type:
    """Return the type that a name has if a test holds; unknown if the test says none."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=own), classes], keywords=[]):
            if own == name and scope.qualified(test.func) == "builtins.isinstance":
                return _named(classes, scope)
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=own)]), ops=[ast.Is() | ast.Eq()], comparators=[class_]
        ):
            if own == name:
                return _named(class_, scope)
        case ast.Compare(left=ast.Name(id=own), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            if own == name:
                return types.NONE
        case ast.BoolOp(op=ast.Or(), values=values):
            options = [_tested(name, one, scope) for one in values]
            if types.UNKNOWN not in options:
                return types.union(*options)
    return types.UNKNOWN


def _named(node: ast.expr, scope: Scope) -> Type:
    """Return the type of the instances of what the second argument of `isinstance` names."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    found: list[Type] = []
    for part in parts:
        if isinstance(part, ast.Call) and ast.unparse(part) == "type(None)":
            found.append(types.NONE)
        elif isinstance(part, ast.Name | ast.Attribute | ast.BinOp):
            found.append(Annotations(scope).read(part))
        else:
            return types.UNKNOWN
    return types.UNKNOWN if types.UNKNOWN in found or not found else types.union(*found)


def _is_open_inside(type_: Type) -> bool:
    """Whether a part of a type is not known."""
    match type_:
        case types.Plain(name="unknown"):
            return True
        case types.Collection(item=item):
            return _is_open_inside(item)
        case types.Mapping(key=key, value=value):
            return _is_open_inside(key) or _is_open_inside(value)
        case types.Tuple(items=parts) | types.Union(options=parts):
            return any(map(_is_open_inside, parts))
        case types.Callable(parameters=parameters):
            return parameters is None
        case types.Instance(arguments=arguments):
            return any(map(_is_open_inside, arguments))
    return False
