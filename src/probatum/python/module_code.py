"""Code that runs when a module is imported, as a function; and what is known of variables that code assigns at several places.

The function's body is what stands at the top level. Definitions in it are
hollow: they bind their names there. All names that it binds are the module's.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from probatum.python import contracts, types
from probatum.python.program import ModuleCode, Place
from probatum.python.scopes import Scope, assigned_names, children
from probatum.python.surfaces import Surface, matched
from probatum.python.texts import deepest, too_deep
from probatum.python.types import Type

# What these make is only ever the meaning of a name: they cannot fail in a way that a proof could find.
_quiet = frozenset({"TypeVar", "NewType", "ParamSpec", "NamedTuple", "namedtuple", "Enum", "MarkGhost"})
_definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_literal = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.UnaryOp, ast.BinOp, ast.Subscript)
_parts = (ast.expr_context, ast.operator, ast.unaryop)


def code_of(surface: Surface, scope: Scope) -> ModuleCode | None:
    """Return the code at the top level of a module; None if it only defines and names things."""
    if not any(runs(s, scope) for s in surface.tree.body):
        return None
    place = Place(1, 1)
    if not surface.shallow and any(too_deep(s) for s in surface.tree.body if not isinstance(s, _definitions)):
        problem = replace(scope.unsupported(surface.tree, f"more than {deepest} levels of nesting"), function=surface.name)
        contract = contracts.code_contract(scope)
        return ModuleCode(
            surface.name, surface.name, _hollow(surface.name), place, (), types.NONE, contract, (), problems=(problem,)
        )
    body = [_outside(s) for s in surface.tree.body]
    names = sorted(assigned_names(body, set()))
    node = _hollow(surface.name)
    node.body = [*([_at_start(ast.Global(names))] if names else []), *body]
    reading = contracts.read_code(node, scope)
    problems = tuple(replace(p, function=p.function or surface.name) for p in reading.problems)
    kept = [s for s in reading.body if not isinstance(s, ast.Global)]
    return ModuleCode(
        surface.name, surface.name, node, place, (), types.NONE, reading.contract, kept, reading.loops, problems=problems
    )


def _at_start(node: ast.stmt) -> ast.stmt:
    node.lineno = node.end_lineno = 1
    node.col_offset = node.end_col_offset = 0
    return node


def _hollow(name: str) -> ast.FunctionDef:
    arguments = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    node = ast.FunctionDef(name, arguments, [_at_start(ast.Pass())], [], ast.Constant(None, lineno=1, col_offset=0))
    node.lineno = node.end_lineno = 1
    node.col_offset = node.end_col_offset = 0
    return node


def _outside(statement: ast.stmt) -> ast.stmt:
    """Return a statement without what is inside of definitions."""
    if isinstance(statement, _definitions):
        hollow: ast.FunctionDef | ast.ClassDef
        if isinstance(statement, ast.ClassDef):
            hollow = ast.ClassDef(statement.name, [], [], [_at_start(ast.Pass())], [])
        else:
            hollow = _hollow(statement.name)
        return ast.copy_location(hollow, statement)
    changed = copy.copy(statement)
    for key, value in statement.__dict__.items():
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            setattr(changed, key, [_outside(s) for s in value])
        elif isinstance(value, list) and value and isinstance(value[0], ast.ExceptHandler | ast.match_case):
            inner = []
            for one in value:
                own = copy.copy(one)
                own.body = [_outside(s) for s in one.body]
                inner.append(own)
            setattr(changed, key, inner)
    return changed


def runs(statement: ast.stmt, scope: Scope) -> bool:
    """Whether a statement of a module does more than define things and give names to plain values."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Import() | ast.ImportFrom() | ast.Pass():
            return False
        case ast.Expr(value=ast.Constant()):
            return False
        case ast.Expr(value=ast.Call() as call):
            return (scope.qualified(call.func) or "?").rpartition(".")[2] not in _quiet
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return not _is_plain(value, scope)
        case ast.AnnAssign():
            return False
        case ast.stmt() if type(statement).__name__ == "TypeAlias":  # a statement since Python 3.12
            return False
        case ast.If() if only_for_types(statement, scope):
            return False
        case ast.Try(body=body) if all(isinstance(s, ast.Import | ast.ImportFrom) for s in body):
            return False  # stands in for what may not be installed
    return True


def only_for_types(statement: ast.stmt, scope: Scope) -> bool:
    """Whether a statement is one that type checkers alone look at."""
    if not isinstance(statement, ast.If):
        return False
    return (scope.qualified(statement.test) or "") in {"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"}


def _is_plain(value: ast.expr, scope: Scope) -> bool:
    """Whether an expression is made of literals and names, or makes a type: a proof has nothing to say of it."""
    if isinstance(value, ast.Call):
        return (scope.qualified(value.func) or "?").rpartition(".")[2] in _quiet
    pending: list[ast.AST] = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, _parts):
            continue
        if not isinstance(one, _literal) or (
            isinstance(one, ast.BinOp) and not isinstance(one.op, ast.BitOr | ast.Add | ast.Mult)
        ):
            return False
        if isinstance(one, ast.Subscript) and not _may_be_type(one.value, scope):
            return False
        pending.extend(children(one))
    return True


def _may_be_type(value: ast.expr, scope: Scope) -> bool:
    """Whether what is in front of brackets may be a generic type, and is no collection of the module."""
    if isinstance(value, ast.Name) and isinstance(scope.constants.get(value.id), ast.List | ast.Dict | ast.Tuple | ast.Call):
        return False
    return isinstance(value, ast.Name | ast.Attribute)


# --- variables that are assigned in several places -------------------------------------------------------------------


Binding = tuple[ast.expr | None, "ast.operator | None", "ast.FunctionDef | None"]


def bindings(tree: ast.Module, name: str) -> list[Binding]:
    """Return what a variable of a module is assigned, with the operator of `x += e` and the function where it stands.

    The value is None where an assignment does not say it in an expression of its own.
    """
    found: list[Binding] = []
    for body, function in _scopes(tree, name):
        for statement in _statements(body):
            found.extend((value, operator, function) for value, operator in _bound_by(statement, name))
    return found


def _scopes(tree: ast.Module, name: str) -> Iterator[tuple[Sequence[ast.stmt], ast.FunctionDef | None]]:
    """Yield the bodies in which a name is that of the module."""
    yield tree.body, None
    pending: list[ast.AST] = list(children(tree))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            isinstance(s, ast.Global) and name in s.names for s in _statements(node.body)
        ):
            yield node.body, node if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(c for c in children(node) if not isinstance(c, ast.expr))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements at any depth, but for those of definitions."""
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt):
            yield node
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(node, _definitions):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))


def _bound_by(statement: ast.stmt, name: str) -> Iterator[tuple[ast.expr | None, ast.operator | None]]:
    if isinstance(statement, _definitions):
        if statement.name == name:
            yield None, None
        return
    said: list[tuple[ast.expr | None, ast.operator | None]] = []
    match statement:
        case ast.Assign(targets=targets, value=value):
            said = [(v, None) for target in targets for v in _values(target, value, name)]
        case ast.AnnAssign(target=ast.Name(id=own), value=value) if own == name:
            said = [(value, None)] if value is not None else []
        case ast.AugAssign(target=ast.Name(id=own), op=op, value=value) if own == name:
            said = [(value, op)]
    yield from said
    parts = [c for c in children(statement) if not isinstance(c, ast.stmt | ast.ExceptHandler | ast.match_case)]
    stores = assigned_names([ast.Expr(p) if isinstance(p, ast.expr) else p for p in parts], set())
    handlers = [c for c in children(statement) if isinstance(c, ast.ExceptHandler | ast.match_case)]
    if (name in stores and not said and not isinstance(statement, ast.AnnAssign)) or any(_binds(h, name) for h in handlers):
        yield None, None


def _binds(handler: ast.AST, name: str) -> bool:
    parts = [c for c in children(handler) if not isinstance(c, ast.stmt)]
    return getattr(handler, "name", None) == name or name in assigned_names(parts, set())


def _values(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr | None]:
    if isinstance(target, ast.Name):
        if target.id == name:
            yield value
    elif isinstance(target, ast.Tuple | ast.List):
        if isinstance(value, ast.Tuple | ast.List) and matched(target, value):
            for one, own in zip(target.elts, value.elts, strict=True):
                yield from _values(one, own, name)
        elif name in {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}:
            yield None


def agreed(found: Sequence[Binding], name: str, typed: Callable[[ast.expr, ast.FunctionDef | None, Type], Type]) -> Type:
    """Return the type that a variable has wherever it is assigned; `unknown` if that is not clear.

    `typed` returns the type of an expression in a function (None: at the top level), given that of the variable.
    """
    first = [
        typed(value, None, types.UNKNOWN)
        for value, op, function in found
        if value is not None and op is None and function is None
    ]
    own = types.union(*first) if first else types.UNKNOWN
    if _unclear(own):
        return types.UNKNOWN
    for value, op, function in found:
        if value is None:
            return types.UNKNOWN
        whole = value if op is None else ast.copy_location(ast.BinOp(ast.Name(name, ast.Load()), op, value), value)
        given = typed(whole, function, own)
        options = own.options if isinstance(own, types.Union) else (own,)
        parts = given.options if isinstance(given, types.Union) else (given,)
        if _unclear(given) or any(p not in options for p in parts):
            return types.UNKNOWN
    return own


def _unclear(type_: Type) -> bool:
    match type_:
        case types.Collection(item=item):
            return _unclear(item)
        case types.Mapping(key=key, value=value):
            return _unclear(key) or _unclear(value)
        case types.Tuple(items=parts) | types.Union(options=parts) | types.Instance(arguments=parts):
            return any(map(_unclear, parts))
    return type_ in (types.UNKNOWN, types.NEVER)


__all__ = ["agreed", "bindings", "code_of", "only_for_types", "runs"]
