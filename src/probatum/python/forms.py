"""Trees in the normal form of `program`: copies, substitution, and expressions that have effects.

Nothing here recurses: trees come from users and may be deep.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from probatum.python.program import Problem
from probatum.python.scopes import Scope, children, walk

Node = TypeVar("Node", bound=ast.AST)

RESULT, OLD, FORALL, EXISTS, IMPLIES = "__result__", "__old__", "__forall__", "__exists__", "__implies__"
MULTISET, FRESH, EXCEPTION, LET = "__multiset__", "__fresh__", "__exception__", "__let__"
CHECK, ASSUME, REVEAL, GHOST = "__check__", "__assume__", "__reveal__", "__ghost__"
REFUTE = "__refute__"
COPY, SEPARATE, SEQUENCE, SET, SEEN = "__copy__", "__separate__", "__sequence__", "__set__", "__seen__"
WRITABLE, READABLE, VARIABLE, REACH = "__writable__", "__readable__", "__variable__", "__reach__"
ITEMS, CAPTURED = "__items__", "__captured__"
reserved = frozenset(
    {RESULT, OLD, FORALL, EXISTS, IMPLIES, MULTISET, FRESH, EXCEPTION, LET, CHECK, ASSUME, REVEAL, GHOST, REFUTE}
    | {COPY, SEPARATE, SEQUENCE, SET, SEEN, WRITABLE, READABLE, VARIABLE, REACH, ITEMS, CAPTURED}
)


def placed(node: Node, at: ast.AST) -> Node:
    """Give a new node, and everything new below it, the position of what the author wrote."""
    pending: list[ast.AST] = [node]
    while pending:
        one = pending.pop()
        if "lineno" in one._attributes and not hasattr(one, "lineno"):  # noqa: SLF001 - public, in spite of its name
            ast.copy_location(one, at)
            if getattr(one, "end_lineno", None) is None:
                one.end_lineno = one.lineno  # type: ignore[attr-defined]  # has a line, so it has an end
                one.end_col_offset = one.col_offset  # type: ignore[attr-defined]  # it has a position, so it has an end
        pending.extend(children(one))
    return node


def name(identifier: str, at: ast.AST) -> ast.Name:
    """Return a name, placed."""
    return placed(ast.Name(identifier, ast.Load()), at)


def call(function: str, arguments: Sequence[ast.expr], at: ast.AST) -> ast.Call:
    """Return a call of a reserved name, placed."""
    return placed(ast.Call(ast.Name(function, ast.Load()), list(arguments), []), at)


def statement(function: str, arguments: Sequence[ast.expr], at: ast.AST) -> ast.Expr:
    """Return a call of a reserved name as a statement, placed."""
    return placed(ast.Expr(call(function, arguments, at)), at)


def thunk(parameters: Sequence[str], body: ast.expr, at: ast.AST) -> ast.Lambda:
    """Return `lambda parameters: body`, placed."""
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg(p) for p in parameters], kwonlyargs=[], kw_defaults=[], defaults=[])
    return placed(ast.Lambda(arguments, body), at)


def conjunction(parts: Sequence[ast.expr], at: ast.AST) -> ast.expr:
    """Return `a and b and ...`; true if there is nothing."""
    if not parts:
        return placed(ast.Constant(True), at)
    return parts[0] if len(parts) == 1 else placed(ast.BoolOp(ast.And(), list(parts)), at)


def negation(part: ast.expr, at: ast.AST) -> ast.expr:
    """Return `not part`, placed."""
    return placed(ast.UnaryOp(ast.Not(), part), at)


def rebuilt(root: Node, change: Callable[[ast.AST], ast.AST | list[ast.AST] | None]) -> Node:
    """Return a deep copy in which each node, its children already copied and changed, is `change(copy)`.

    `change` may return the copy, another node, or in place of a statement a list of
    statements; None removes a statement. It must return a node for the root.
    """
    copy = copied(root)
    order: list[
        tuple[ast.AST, ast.AST | None]
    ] = []  # with the parent; reversed, children come before parents, from left to right
    pending: list[tuple[ast.AST, ast.AST | None]] = [(copy, None)]
    while pending:
        one = pending.pop()
        order.append(one)
        pending.extend((child, one[0]) for child in children(one[0]))
    new: dict[int, ast.AST | list[ast.AST] | None] = {}
    stale: set[int] = set()  # parents of nodes that `change` did not keep
    for node, parent in reversed(order):
        if id(node) in stale:
            _renew(node, new)
        result = change(node)
        if result is not node:
            new[id(node)] = result
            if parent is not None:
                stale.add(id(parent))
    return new.get(id(copy), copy)  # type: ignore[return-value]  # `change` keeps the kind of the root


def _renew(node: ast.AST, new: Mapping[int, ast.AST | list[ast.AST] | None]) -> None:
    """Put what became of them in the place of a node's children."""
    for key, value in list(node.__dict__.items()):
        if isinstance(value, ast.AST):
            setattr(node, key, new.get(id(value), value))
        elif type(value) is list:
            items: list[object] = []
            for item in value:
                one = new.get(id(item), item) if isinstance(item, ast.AST) else item
                if isinstance(one, list):
                    items.extend(one)
                elif one is not None or item is None:
                    items.append(one)
            setattr(node, key, items)


def copied(root: Node) -> Node:
    """Return a deep copy that keeps all positions; nodes without parts (`ast.Load`) stay the same."""
    copy: Node = type(root).__new__(type(root))
    pending: list[tuple[ast.AST, ast.AST]] = [(root, copy)]
    while pending:
        old, new = pending.pop()
        target = new.__dict__
        for key, value in old.__dict__.items():
            if isinstance(value, ast.AST):
                target[key] = _begun(value, pending)
            elif type(value) is list:
                target[key] = [_begun(item, pending) if isinstance(item, ast.AST) else item for item in value]
            else:
                target[key] = value
    return copy


def _begun(node: ast.AST, pending: list[tuple[ast.AST, ast.AST]]) -> ast.AST:
    if not node.__dict__:
        return node
    copy: ast.AST = type(node).__new__(type(node))  # fields follow; without them, the constructor would complain
    pending.append((node, copy))
    return copy


def free_names(expression: ast.expr) -> set[str]:
    """Return the names that an expression reads from outside itself; names bound by lambdas and comprehensions in it are not."""
    names: set[str] = set()
    pending: list[tuple[ast.AST, frozenset[str]]] = [(expression, frozenset())]
    while pending:
        node, bound = pending.pop()
        if isinstance(node, ast.Name):
            if node.id not in bound:
                names.add(node.id)
            continue
        pending.extend(_scoped(node, bound))
    return names


def _scoped(node: ast.AST, bound: frozenset[str]) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """Yield what is directly in a node, each with the names that are bound there."""
    if isinstance(node, ast.Lambda):
        yield from ((d, bound) for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None)
        yield node.body, bound | parameter_names(node)
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        inner = bound | target_names(g.target for g in node.generators)
        yield node.generators[0].iter, bound
        yield from ((g.iter, inner) for g in node.generators[1:])
        yield from ((c, inner) for g in node.generators for c in g.ifs)
        yield from ((e, inner) for e in _comprehended(node))
    else:
        yield from ((child, bound) for child in children(node))


def _comprehended(node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> list[ast.expr]:
    return [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]


def parameter_names(node: ast.Lambda | ast.FunctionDef) -> frozenset[str]:
    """Return the names of parameters."""
    a = node.args
    own = [*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x is not None)]
    return frozenset(x.arg for x in own)


def target_names(targets: Iterable[ast.expr]) -> frozenset[str]:
    """Return the names that targets of assignments bind."""
    return frozenset(n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def substituted(expression: ast.expr, replacements: Mapping[str, ast.expr | str]) -> ast.expr:
    """Return a copy in which free names are replaced, by other names or by expressions.

    Names that the expression binds itself are left alone. A replacement whose own names would be
    captured by a lambda or comprehension of the expression raises ValueError: choose other names.
    """
    occurrences: dict[int, ast.expr | str] = {}
    pending: list[tuple[ast.AST, frozenset[str]]] = [(expression, frozenset())]
    while pending:
        node, bound = pending.pop()
        if isinstance(node, ast.Name):
            if node.id in replacements and node.id not in bound:
                new = replacements[node.id]
                used = {new} if isinstance(new, str) else free_names(new)
                if used & bound:
                    raise ValueError(f"`{', '.join(sorted(used & bound))}` would be captured")
                occurrences[id(node)] = new
            continue
        pending.extend(_scoped(node, bound))
    return _replaced(expression, occurrences)


def _replaced(root: ast.expr, occurrences: Mapping[int, ast.expr | str]) -> ast.expr:
    # `rebuilt` shows copies; occurrences are known by the original, so these are marked by a name nobody can write.
    marks: dict[str, ast.expr | str] = {}
    marked: dict[int, str] = {}
    for number, (key, new) in enumerate(occurrences.items()):
        marked[key] = mark = f"\0{number}"
        marks[mark] = new
    saved: list[tuple[ast.Name, str]] = []
    for node in ast.walk(root):
        if id(node) in marked and isinstance(node, ast.Name):
            saved.append((node, node.id))
            node.id = marked[id(node)]

    def change(node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Name) and node.id in marks:
            new = marks[node.id]
            if isinstance(new, str):
                node.id = new
                return node
            return copied(new)
        return node

    try:
        return rebuilt(root, change)
    finally:
        for node, identifier in saved:
            node.id = identifier


# Methods of builtin types that change their object; a class of the program may use these names for something else.
mutating = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "clear",
        "sort",
        "reverse",
        "add",
        "discard",
        "update",
        "setdefault",
        "popitem",
    }
    | {"appendleft", "popleft", "extendleft", "rotate"}
    | {"intersection_update", "difference_update", "symmetric_difference_update"}
    | {"__setitem__", "__delitem__", "__setattr__", "__delattr__"}
)
_impure = {"print", "input", "open", "exec", "eval", "setattr", "delattr", "next", "breakpoint", "__import__", "exit", "quit"}
_effects = frozenset(f"builtins.{n}" for n in _impure)


def effects(expression: ast.expr, scope: Scope) -> tuple[Problem, ...]:
    """Return what in a condition would change something when it is evaluated, as mistakes of the author."""
    found: list[Problem] = []
    advice = "a contract only says what holds: evaluating it must change nothing"
    for node in walk(expression):
        if isinstance(node, ast.NamedExpr):
            found.append(scope.mistake(node, f"a contract must not assign: `{node.target.id} := ...`", advice))
        elif isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
            word = {ast.Await: "await", ast.Yield: "yield", ast.YieldFrom: "yield from"}[type(node)]
            found.append(scope.mistake(node, f"a contract must not use `{word}`", advice))
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in mutating and scope.qualified(node.func) is None:
                found.append(scope.mistake(node, f"a contract must not change anything: `.{node.func.attr}()` does", advice))
            elif scope.qualified(node.func) in _effects:
                found.append(
                    scope.mistake(node, f"a contract must not have side effects: `{scope.shown(node.func)}()` has", advice)
                )
    return tuple(found)
