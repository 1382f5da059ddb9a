"""Which functions return no number but floats: where a float is expected, an integer may be given, but a quotient is a float."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from probatum.lower import families
from probatum.python.program import Function, Program
from probatum.python.scopes import children

_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_OVERLOADED = frozenset(
    f"__{prefix}{name}__" for name in ("add", "sub", "mul", "truediv") for prefix in ("", "r", "i")
)  # fmt: skip
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@lru_cache(maxsize=4096)
def returns_floats(program: Program, function: Function) -> bool:
    """Whether whatever number a function returns is an instance of `float`, and no integer in the place of one.

    Worked out from its text alone: quotients, literals, `float(...)`, what arithmetic makes of these, local variables that
    hold nothing else, and calls of functions of which the same is known. A method may be overridden, so of methods nothing is said.
    """
    return _returns(program, function, frozenset())


def _returns(program: Program, function: Function, within: frozenset[str]) -> bool:
    if function.kind != "function" or "." in function.name or function.stub or function.abstract:
        return False  # what it is called by may mean something else, or there is nothing to look at
    if _overloads(program) or families.patched(program, function.module, function.name):
        return False
    if function.qualified in within:
        return True  # what it returns was returned before, without this call
    values = _Values(program, function, within | {function.qualified})
    return all(node.value is None or values.floats(node.value) for node in _own(function) if isinstance(node, ast.Return))


@lru_cache(maxsize=8)
def _overloads(program: Program) -> bool:
    """Whether a class says itself what arithmetic gives: then a quotient may be anything."""
    every = (c for module in program.modules.values() for c in module.classes.values())
    return any(not _OVERLOADED.isdisjoint({*c.methods, *c.constants, *c.fields}) for c in every)


def _own(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a body, but not those of functions and classes inside of it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting.extend(children(node))


class _Values:
    """What is known of expressions in one function."""

    def __init__(self, program: Program, function: Function, within: frozenset[str]) -> None:
        self.program, self.function, self.within = program, function, within
        self.assumed: set[str] = set()  # local variables that are being looked at
        self.bound: dict[str, list[ast.expr | None]] = {p.name: [None] for p in function.parameters}
        counted: set[int] = set()
        for node in _own(function):
            match node:
                case (
                    ast.Assign(targets=[ast.Name() as target], value=value)
                    | ast.AnnAssign(target=ast.Name() as target, value=value)
                ):
                    if value is not None:
                        self._bind(target.id, value)
                    counted.add(id(target))
                case ast.AugAssign(target=ast.Name() as target, op=operator, value=value):
                    own = ast.Name(target.id, ast.Load())
                    self._bind(target.id, ast.BinOp(own, operator, value))
                    counted.add(id(target))
                case ast.Global(names=names):
                    for name in names:
                        self._bind(name, None)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._bind(name, None)
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    self._bind(name, None)
                case ast.alias(name=name, asname=other):
                    self._bind(other or name.partition(".")[0], None)
        for node in ast.walk(function.node):  # functions inside may assign what is declared so
            if isinstance(node, ast.Nonlocal):
                for name in node.names:
                    self._bind(name, None)
        for node in _own(function):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in counted:
                self._bind(node.id, None)
            elif isinstance(node, ast.MatchMapping) and node.rest is not None:
                self._bind(node.rest, None)

    def _bind(self, name: str, value: ast.expr | None) -> None:
        self.bound.setdefault(name, []).append(value)

    def floats(self, node: ast.expr) -> bool:
        """Whether an expression that has a number or None for a value has no integer."""
        match node:
            case ast.Constant(value=value):
                return value is None or isinstance(value, float)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.floats(operand)
            case ast.BinOp(op=ast.Div()):
                return True
            case ast.BinOp(left=left, op=operator, right=right) if isinstance(operator, _ARITHMETIC):
                return self.floats(left) or self.floats(right)
            case ast.IfExp(body=one, orelse=other):
                return self.floats(one) and self.floats(other)
            case ast.Call(func=ast.Name(id=name)):
                return self._called(name)
            case ast.Name(id=name):
                return self._variable(name)
        return False

    def _called(self, name: str) -> bool:
        if name in self.bound:
            return False
        module = self.program.modules[self.function.module]
        known = self.program.function(module.imports.get(name, f"{module.name}.{name}"))
        if known is not None:
            return _returns(self.program, known, self.within)
        elsewhere = name in module.imports or name in module.classes or name in module.constants or name in module.variables
        return name == "float" and not elsewhere

    def _variable(self, name: str) -> bool:
        values = self.bound.get(name)
        if not values:
            return False  # of the module
        if name in self.assumed:
            return True  # it holds what it got before
        self.assumed.add(name)
        try:
            return all(value is not None and self.floats(value) for value in values)
        finally:
            self.assumed.discard(name)


__all__ = ["returns_floats"]
