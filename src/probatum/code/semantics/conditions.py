"""_Conditions of contracts as Python can evaluate them: old values, quantifiers with bounds, implications that stop early."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from itertools import pairwise

from probatum.python.forms import FORALL, OLD, free_names, parameter_names, placed, target_names

MONITOR = "__pb__"


class Where:
    """What expressions of a contract may refer to, and how they do."""

    def __init__(self, key: int, names: Sequence[str], late: frozenset[str], *, inside: bool) -> None:
        self.key = key
        self.names = frozenset(names)
        self.late = late  # names that have no value at entry
        self.inside = inside  # in the body, rather than in the contract around it
        self.olds: list[ast.expr] = []
        self.needs_entry = False
        self.needs_reached = False


def executable(expression: ast.expr, where: Where | None) -> ast.expr:
    """Return a condition as Python can evaluate it; old values are added to those of `where`."""
    made = _Conditions(where).visit(expression)
    assert isinstance(made, ast.expr)  # noqa: S101 - for the type checker: an expression stays one
    return made


class _Conditions(ast.NodeTransformer):
    """Makes conditions executable: old values, quantifiers with bounds, implications that stop early."""

    def __init__(self, where: Where | None) -> None:
        self.where = where
        self.bound: frozenset[str] = frozenset()
        self.identity = False  # whether an old value is asked for to be compared by `is`

    def generic_visit(self, node: ast.AST) -> ast.AST:
        new = type(node)()
        for key, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(new, key, self.visit(value))
            elif isinstance(value, list):
                setattr(new, key, [self.visit(v) if isinstance(v, ast.AST) else v for v in value])
            else:
                setattr(new, key, value)
        for attribute in node._attributes:  # noqa: SLF001 - public, in spite of its name
            if hasattr(node, attribute):
                setattr(new, attribute, getattr(node, attribute))
        return new

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._under(parameter_names(node), node)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> ast.AST:
        return self._under(target_names(g.target for g in node.generators), node)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815 - the names that `ast` calls

    def _under(self, names: frozenset[str], node: ast.AST) -> ast.AST:
        outer, self.bound = self.bound, self.bound | names
        try:
            return self.generic_visit(node)
        finally:
            self.bound = outer

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if not all(isinstance(o, ast.Is | ast.IsNot) for o in node.ops):
            return self.generic_visit(node)
        outer, self.identity = self.identity, True
        try:
            return self.generic_visit(node)
        finally:
            self.identity = outer

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        # `__old__(e).a` means the attribute as it was: `__old__(e.a)`. A method is called on what it was.
        inner: ast.expr = node
        names: list[str] = []
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == OLD and len(inner.args) == 1:
            whole = inner.args[0]
            for name in reversed(names):
                whole = ast.copy_location(ast.Attribute(whole, name, ast.Load()), node)
            return self._old(whole, node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not isinstance(node.func, ast.Name):
            return self.generic_visit(node)
        match node.func.id, node.args:
            case ("__old__", [whole]):
                return self._old(whole, node)
            case ("__captured__", [whole]):
                outer, self.identity = self.identity, True
                try:
                    return self._old(whole, node)
                finally:
                    self.identity = outer
            case ("__implies__", [given, then]):
                return placed(ast.IfExp(self.visit(given), self.visit(then), ast.Constant(True)), node)
            case ("__writable__" | "__readable__", _):
                return placed(ast.Constant(True), node)  # permissions: a run has them all
            case ("__fresh__", [value]) if self.where is not None:
                self.where.needs_reached = True
                own = ast.Attribute(ast.Name(MONITOR, ast.Load()), "fresh", ast.Load())
                return placed(ast.Call(own, [constant(self.where.key), self.visit(value)], []), node)
            case (("__forall__" | "__exists__") as word, [ast.Name("int"), ast.Lambda() as test]) if len(test.args.args) == 1:
                limits = _limits(test.args.args[0].arg, test.body, word)
                if limits is not None:
                    call = ast.Call(ast.Name(word, ast.Load()), [placed(limits, node), test], [])
                    return self.generic_visit(placed(call, node))
        return self.generic_visit(node)

    def _old(self, whole: ast.expr, node: ast.AST) -> ast.AST:
        where = self.where
        if where is None:
            return self.visit(whole)  # type: ignore[no-any-return]  # `visit` of `ast` says Any
        identity, self.identity = self.identity, False
        free = free_names(whole)
        if free & self.bound or free & where.late:
            made = self._late(whole, "object_at_entry" if identity else "at_entry")
            self.identity = identity
            where.needs_entry = True
            return placed(made, node)
        inner = _Conditions(None).visit(whole)
        self.identity = identity
        where.olds.append(inner)
        word = "refs" if identity else "olds"
        monitor = ast.Attribute(ast.Name(MONITOR, ast.Load()), word, ast.Load())
        owner = ast.Call(monitor, [constant(where.key)], []) if where.inside else ast.Name(f"__{word}__", ast.Load())
        return placed(ast.Subscript(owner, constant(len(where.olds) - 1), ast.Load()), node)

    def _late(self, whole: ast.expr, word: str) -> ast.expr:
        """Return an expression about then that can only be evaluated now: on copies of the parameters."""
        where = self.where
        assert where is not None  # noqa: S101 - for the type checker: `_old` looked
        monitor = ast.Name(MONITOR, ast.Load())
        entry: ast.expr = ast.Name("__entry__", ast.Load())
        if where.inside:
            entry = ast.Call(ast.Attribute(monitor, "entry", ast.Load()), [constant(where.key)], [])
        names = where.names - self.bound

        class Then(_Conditions):
            def visit_Name(self, node: ast.Name) -> ast.AST:
                if node.id in names and node.id not in self.bound:
                    return ast.copy_location(ast.Subscript(entry, constant(node.id), ast.Load()), node)
                return ast.copy_location(ast.Name(node.id, node.ctx), node)

        inner = Then(None).visit(whole)
        return ast.Call(ast.Attribute(monitor, word, ast.Load()), [entry, inner], [])


def _limits(name: str, body: ast.expr, word: str) -> ast.expr | None:
    """Return `range(...)` that holds every integer for which the guard of a quantifier can be true; None: it has no bounds."""
    small: dict[str, list[tuple[ast.expr, int]]] = {}  # variable -> (e, d): e + d <= variable
    large: dict[str, list[tuple[ast.expr, int]]] = {}  # variable -> (e, d): variable < e + d
    inner = {name}
    pending: list[tuple[ast.expr, bool]] = [(body, word == FORALL)]
    guards: list[ast.expr] = []
    while pending:
        one, universal = pending.pop()
        match one:
            case ast.Call(func=ast.Name(id="__implies__"), args=[given, then]) if universal:
                guards.append(given)
                pending.append((then, True))
            case ast.Call(func=ast.Name(id="__forall__"), args=[ast.Name(id="int"), ast.Lambda() as test]) if (
                universal and len(test.args.args) == 1
            ):
                inner.add(test.args.args[0].arg)
                pending.append((test.body, True))
            case ast.BoolOp(op=ast.And(), values=values) if not universal:
                guards.extend(values)
    while guards:
        guard = guards.pop()
        if isinstance(guard, ast.BoolOp) and isinstance(guard.op, ast.And):
            guards.extend(guard.values)
        elif isinstance(guard, ast.Compare):
            parts = [guard.left, *guard.comparators]
            for (a, b), op in zip(pairwise(parts), guard.ops, strict=True):
                match op:
                    case ast.Lt() | ast.LtE():
                        low, high, strict = a, b, isinstance(op, ast.Lt)
                    case ast.Gt() | ast.GtE():
                        low, high, strict = b, a, isinstance(op, ast.Gt)
                    case _:
                        continue
                if isinstance(high, ast.Name) and high.id in inner:
                    small.setdefault(high.id, []).append((low, 1 if strict else 0))
                if isinstance(low, ast.Name) and low.id in inner:
                    large.setdefault(low.id, []).append((high, 0 if strict else 1))
    low_end, high_end = _limit(name, small, inner), _limit(name, large, inner)
    if low_end is None or high_end is None:
        return None
    return ast.Call(ast.Name("range", ast.Load()), [low_end, high_end], [])


def _limit(name: str, known: Mapping[str, list[tuple[ast.expr, int]]], inner: set[str]) -> ast.expr | None:
    """Return a bound in terms of what is known outside, through other variables where needed."""
    seen: set[str] = set()
    pending: list[tuple[str, int]] = [(name, 0)]
    while pending:
        variable, shift = pending.pop()
        if variable in seen:
            continue
        seen.add(variable)
        for bound, more in known.get(variable, ()):
            if isinstance(bound, ast.Name) and bound.id in inner:
                pending.append((bound.id, shift + more))
            elif not free_names(bound) & inner:
                total = shift + more
                return bound if not total else ast.BinOp(bound, ast.Add(), constant(total))
    return None


def constant(value: str | int | None) -> ast.expr:
    """Return a constant."""
    return ast.Constant(value)


def tuple_of(items: Sequence[ast.expr]) -> ast.expr:
    """Return a tuple that is read."""
    return ast.Tuple(list(items), ast.Load())
