"""Invariants that nobody wrote: what postconditions say of the part that a loop has done.

A loop mostly keeps what the function promises, of what it has seen so far. So
candidates come from postconditions, with the result replaced by the variable
that is returned, and a collection by the part that was seen, or a limit by the
counter. Candidates are guesses: inference keeps those that hold together, and
nothing rests on the others.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence

from probatum.lower.forms import AT, SEEN, Setting, forms, replaced
from probatum.python.program import Function

_MOST = 60
_MOST_FORMS = 90  # besides these, of the forms that are usual


def candidates(function: Function, loop: ast.While | ast.For, types: Mapping[str, str]) -> list[ast.expr]:
    """Return conditions over the local variables of a function, `SEEN` and `AT`, the likeliest first.

    Parameters
    ----------
    function : Function
    loop : ast.While or ast.For
    types : mapping of str to str
        For each local variable that has a value: `int`, `collection` or something else.
    """
    found: dict[str, ast.expr] = {}

    def add(node: ast.expr) -> None:
        if len(found) < _MOST:
            found.setdefault(ast.unparse(node), node)

    assigned = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    changed = assigned | set(_mutated(loop))
    parts = list(_parts(loop))
    claims = [part for clause in function.contract.ensures for part in _conjuncts(clause.expression)]
    returned = _returned(function, types)
    for claim in claims:
        for value in returned:
            own = replaced(claim, {"__result__": value})
            for old, new in parts:
                put = _put(own, old, new)
                if put is not None:
                    add(put)
            if _names(own) & changed:
                add(own)
    counters = [name for name in sorted(assigned) if types.get(name) == "int"]
    limits = [limit for limit, _ in parts if not isinstance(limit, ast.Name) or types.get(limit.id) == "int"]
    place: ast.expr = ast.Name(AT, ast.Load())
    for name in counters:
        own = ast.Name(name, ast.Load())
        add(ast.Compare(ast.Constant(0), [ast.LtE()], [own]))
        for limit in limits:
            add(ast.Compare(own, [ast.LtE()], [limit]))
    for name in counters:
        own = ast.Name(name, ast.Load())
        if isinstance(loop, ast.For):
            add(ast.Compare(own, [ast.LtE()], [place]))
        for other in counters:
            if other != name:
                add(ast.Compare(own, [ast.LtE()], [ast.Name(other, ast.Load())]))
    for name in sorted(changed):
        if types.get(name) == "collection":
            length = ast.Call(ast.Name("len", ast.Load()), [ast.Name(name, ast.Load())], [])
            if isinstance(loop, ast.For):
                add(ast.Compare(length, [ast.Eq()], [place]))
                add(ast.Compare(length, [ast.LtE()], [place]))
            for counter in counters:
                add(ast.Compare(length, [ast.Eq()], [ast.Name(counter, ast.Load())]))
    most = len(found) + _MOST_FORMS
    for form in forms(Setting(function, loop, types, claims, returned, counters, frozenset(changed))):
        if len(found) < most:
            found.setdefault(ast.unparse(form), copy.deepcopy(form))
    for node in found.values():
        ast.copy_location(node, loop)
        for one in ast.walk(node):
            ast.copy_location(one, loop)
    return list(found.values())


def _parts(loop: ast.While | ast.For) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what the loop goes towards, and what stands for the part of it that is done."""
    if isinstance(loop, ast.For):
        iterated: ast.expr = loop.iter
        if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name) and iterated.args:
            match iterated.func.id, iterated.args:
                case "range", [limit]:
                    yield limit, ast.Name(AT, ast.Load())
                    yield from _length_of(limit, ast.Name(AT, ast.Load()))
                    return
                case "range", [_, limit, *_]:
                    if isinstance(loop.target, ast.Name):
                        yield limit, ast.Name(loop.target.id, ast.Load())
                        yield from _length_of(limit, ast.Name(loop.target.id, ast.Load()))
                    return
                case "enumerate", [inner, *_]:
                    iterated = inner
        yield iterated, ast.Name(SEEN, ast.Load())
        return
    tests = loop.test.values if isinstance(loop.test, ast.BoolOp) else [loop.test]
    for test in tests:
        match test:
            case ast.Compare(left=ast.Name() as counter, ops=[ast.Lt() | ast.LtE() | ast.NotEq()], comparators=[limit]):
                yield limit, counter
                yield from _length_of(limit, counter)
            case ast.Compare(left=limit, ops=[ast.Gt() | ast.GtE()], comparators=[ast.Name() as counter]):
                yield limit, counter
                yield from _length_of(limit, counter)


def _length_of(limit: ast.expr, counter: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    match limit:
        case ast.Call(func=ast.Name(id="len"), args=[collection]):
            yield collection, ast.Subscript(collection, ast.Slice(None, counter, None), ast.Load())


def _returned(function: Function, types: Mapping[str, str]) -> list[ast.expr]:
    """Return what a function returns: variables and constants."""
    found: dict[str, ast.expr] = {}
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Return) and node.value is not None and _simple(node.value, types):
                found.setdefault(ast.unparse(node.value), node.value)
    return list(found.values()) or [ast.Constant(None)]


def _simple(node: ast.expr, types: Mapping[str, str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in types
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.Tuple(elts=elements):
            return all(_simple(e, types) for e in elements)
    return False


def _mutated(loop: ast.AST) -> Iterator[str]:
    for node in ast.walk(loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _conjuncts(node: ast.expr) -> Sequence[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _conjuncts(value)]
    return [node]


class _Put(ast.NodeTransformer):
    """Replaces one expression by another, but not inside of what stands for the part."""

    def __init__(self, old: str, new: ast.expr) -> None:
        self.old, self.new, self.done = old, new, False

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace a node, or what is in it."""
        if isinstance(node, ast.expr) and ast.dump(node) == self.old:
            self.done = True
            return self.new
        return self.generic_visit(node)


def _put(node: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr | None:
    own = _Put(ast.dump(old), new)
    changed = own.visit(_copied(node))
    return changed if own.done and isinstance(changed, ast.expr) else None


def _copied(node: ast.expr) -> ast.expr:
    return copy.deepcopy(node)
