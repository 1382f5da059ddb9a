"""Names of a class body whose value is not what one statement of the body says.

What an attribute is at first is read from the one assignment that stands in the class body. Whatever else binds the name
there, under a condition, in a loop or through the dictionary of the body, can make it something else, or leave it out.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator

from probatum.python.scopes import children

_OF_THE_BODY = frozenset(["locals", "vars", "exec", "eval"])  # reach the names of the body by their texts
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def uncertain(node: ast.ClassDef, names: Collection[str]) -> Iterator[tuple[str, ast.AST]]:
    """Yield those of the names that a class body binds otherwise than by one assignment, each once, and where."""
    plain: Counter[str] = Counter()
    other: dict[str, ast.AST] = {}
    for statement in node.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(statement, ast.Assign) or (isinstance(statement, ast.AnnAssign) and value is not None):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            parts = [n for target in targets for n in _run(target)]
            bound = [n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            if any(isinstance(n, ast.Name) and n.id in _OF_THE_BODY for n in parts):
                other |= {name: statement for name in names if name not in other}
            for name in bound:
                plain[name] += 1
                if plain[name] > 1:
                    other.setdefault(name, statement)
            rest: list[ast.AST] = [] if value is None else [value]
        else:
            rest = [] if isinstance(statement, ast.AnnAssign) else [statement]
        for part in (one for root in rest for one in _run(root)):
            if isinstance(part, ast.Name) and part.id in _OF_THE_BODY:
                other |= {name: part for name in names if name not in other}
            for name in _bound(part):
                other.setdefault(name, part)
    yield from ((name, place) for name, place in other.items() if name in names)


def _bound(node: ast.AST) -> list[str]:
    """Return the names that a node itself binds or removes."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [alias.asname or alias.name.partition(".")[0] for alias in aliases]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
    return []


def _run(root: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run as a part of the body: not those of functions and classes in it."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, _Scope):
            pending += node.decorator_list
        elif not isinstance(node, ast.Lambda):
            pending += children(node)


__all__ = ["uncertain"]
