"""Trees in the normal form of `program`: copies, substitution, and expressions that have effects.

Nothing here recurses: trees come from users and may be deep.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from probatum.python.program import Problem
from probatum.python.scopes import Scope

Node = TypeVar("Node", bound=ast.AST)

RESULT, OLD, FORALL, EXISTS, IMPLIES = "__result__", "__old__", "__forall__", "__exists__", "__implies__"
MULTISET, FRESH, EXCEPTION, LET = "__multiset__", "__fresh__", "__exception__", "__let__"
CHECK, ASSUME, REVEAL, GHOST = "__check__", "__assume__", "__reveal__", "__ghost__"
COPY, SEPARATE, SEQUENCE, SET, SEEN = "__copy__", "__separate__", "__sequence__", "__set__", "__seen__"
WRITABLE, READABLE, VARIABLE, REACH = "__writable__", "__readable__", "__variable__", "__reach__"
reserved = frozenset(
    {RESULT, OLD, FORALL, EXISTS, IMPLIES, MULTISET, FRESH, EXCEPTION, LET, CHECK, ASSUME, REVEAL, GHOST}
    | {COPY, SEPARATE, SEQUENCE, SET, SEEN, WRITABLE, READABLE, VARIABLE, REACH}
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
                one.end_col_offset = one.col_offset  # type: ignore[attr-defined]
        pending.extend(ast.iter_child_nodes(one))
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
    made: dict[int, ast.AST | list[ast.AST] | None] = {}
    pending: list[tuple[ast.AST, bool]] = [(root, False)]
    while pending:
        node, ready = pending.pop()
        if not ready:
            pending.append((node, True))
            pending.extend((child, False) for child in ast.iter_child_nodes(node))
            continue
        values: dict[str, object] = {}
        for key, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                values[key] = made[id(value)]
            elif isinstance(value, list):
                values[key] = _rebuilt_list(value, made)
            else:
                values[key] = value
        copy = type(node)(**values)
        for attribute in node._attributes:  # noqa: SLF001 - public, in spite of its name
            if hasattr(node, attribute):
                setattr(copy, attribute, getattr(node, attribute))
        made[id(node)] = change(copy)
    return made[id(root)]  # type: ignore[return-value]  # `change` keeps the kind of the root


def _rebuilt_list(value: list[object], made: Mapping[int, ast.AST | list[ast.AST] | None]) -> list[object]:
    items: list[object] = []
    for item in value:
        new = made[id(item)] if isinstance(item, ast.AST) else item
        if isinstance(new, list):
            items.extend(new)
        elif new is not None or not isinstance(item, ast.AST):
            items.append(new)
    return items


def copied(root: Node) -> Node:
    """Return a deep copy that keeps all positions."""
    return rebuilt(root, lambda node: node)


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
        if isinstance(node, ast.Lambda):
            pending.extend((d, bound) for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None)
            pending.append((node.body, bound | parameter_names(node)))
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner = bound | target_names(g.target for g in node.generators)
            pending.append((node.generators[0].iter, bound))
            pending.extend((g.iter, inner) for g in node.generators[1:])
            pending.extend((c, inner) for g in node.generators for c in g.ifs)
            pending.extend((e, inner) for e in _comprehended(node))
            continue
        pending.extend((child, bound) for child in ast.iter_child_nodes(node))
    return names


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
        if isinstance(node, ast.Lambda):
            pending.extend((d, bound) for d in (*node.args.defaults, *node.args.kw_defaults) if d is not None)
            pending.append((node.body, bound | parameter_names(node)))
            continue
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner = bound | target_names(g.target for g in node.generators)
            pending.append((node.generators[0].iter, bound))
            pending.extend((g.iter, inner) for g in node.generators[1:])
            pending.extend((c, inner) for g in node.generators for c in g.ifs)
            pending.extend((e, inner) for e in _comprehended(node))
            continue
        pending.extend((child, bound) for child in ast.iter_child_nodes(node))
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
    for node in ast.walk(expression):
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
                    scope.mistake(node, f"a contract must not have side effects: `{scope.source(node.func)}()` has", advice)
                )
    return tuple(found)
