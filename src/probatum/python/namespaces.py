"""Names that a module binds by other means than statements: `globals()["x"] = 1`, `exec`, `sys.modules[__name__].x = 1`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from probatum.python.scopes import children, walk

_WORDS = ("globals", "exec", "eval", "vars", "locals", "modules", "import_module", "__import__")
_TABLES = frozenset({"globals", "locals", "vars"})
_READING = frozenset({"get", "items", "keys", "values", "copy", "__contains__", "__getitem__"})


@dataclass(slots=True)
class Bindings:
    """What is bound so: names of the module itself, and attributes of modules by their names.

    Attributes
    ----------
    names : set of str
    anything : bool
        Which names of the module cannot be told.
    elsewhere : set of (str, str)
        Names of modules with names in them; the latter is "" where it cannot be told.
    """

    names: set[str] = field(default_factory=set)
    anything: bool = False
    elsewhere: set[tuple[str, str]] = field(default_factory=set)


def computed_bindings(tree: ast.Module, text: str, module: str) -> Bindings:
    """Return what a module binds in these ways, wherever in its text."""
    found = Bindings()
    if not any(word in text for word in _WORDS):
        return found
    pending: list[tuple[ast.AST, ast.AST, bool]] = [(tree, tree, True)]  # with what it is in, and whether at the top level
    while pending:
        node, around, top = pending.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("exec", "eval"):
                _code(node.func.id, node.args, found, top=top)
            elif node.func.id in _TABLES and not node.args and (node.func.id == "globals" or top):
                _table(node, around, found)
            elif node.func.id in ("setattr", "delattr") and len(node.args) > 1:
                _attribute(node.args[0], _text(node.args[1]), module, found)
        elif updated := _updated(node):
            found.names.update(updated)
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            _attribute(node.value, node.attr, module, found)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load) and _is_modules(node.value):
            found.anything |= _named(node.slice, module) == module
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            _attribute(node.value, "", module, found)  # under another name, and then anything may be done to it
        inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        pending.extend((child, node, top and not inner) for child in _below(node))
    return found


def _below(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is below a node, but for the table of a call that only looks something up in one."""
    for child in children(node):
        if isinstance(child, ast.Attribute) and isinstance(node, ast.Call) and child.attr in _READING and _is_table(child.value):
            continue
        if child is getattr(node, "func", None) and _updated(node):
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and child is node.value and _is_table(child):
            continue
        if isinstance(node, ast.Compare) and child in node.comparators and _is_table(child):
            continue
        yield child


def _updated(node: ast.AST) -> set[str]:
    """Return the names that a call of `globals().update(a=1)` binds; of any other, none."""
    match node:
        case ast.Call(func=ast.Attribute(value=table, attr="update"), args=[], keywords=named):
            names = {k.arg for k in named if k.arg is not None}
            return names if _is_table(table) and len(names) == len(named) else set()
    return set()


def _is_table(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TABLES and not node.args


def _code(function: str, given: Sequence[ast.expr], found: Bindings, *, top: bool) -> None:
    """Note the names of the module that a call of `exec` or `eval` may bind."""
    if len(given) > 1 and not _is_table(given[1]):
        return
    text = _text(given[0]) if given else ""
    try:
        nodes = walk(ast.parse(text, mode=function))
    except (SyntaxError, ValueError):
        text = ""
    if not text:
        found.anything |= top or function == "exec" or len(given) > 1
        return
    if top or len(given) > 1 or any(isinstance(n, ast.Global) for n in nodes):
        calls = any(isinstance(n, ast.Call | ast.Import | ast.ImportFrom) for n in nodes)
        found.anything |= calls  # which may do the same
        found.names.update(n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
        found.names.update(n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))


def _table(node: ast.Call, around: ast.AST, found: Bindings) -> None:
    """Note what is done to the table of a module's names, of which `around` is the expression that it is in."""
    if isinstance(around, ast.Subscript) and around.value is node:
        name = _text(around.slice)
        found.names.add(name)
        found.anything |= not name
    elif isinstance(around, ast.Call) and isinstance(around.func, ast.Name) and around.func.id in ("exec", "eval"):
        pass  # looked at as a call
    elif isinstance(around, ast.keyword | ast.Starred):
        pass  # passed on, item by item
    else:
        found.anything = True


def _attribute(owner: ast.expr, name: str, module: str, found: Bindings) -> None:
    """Note that an attribute of what an expression stands for is assigned, if that is a module; `name` "": any."""
    target = ""
    if isinstance(owner, ast.Subscript) and _is_modules(owner.value):
        target = _named(owner.slice, module)
    elif isinstance(owner, ast.Call) and owner.args:
        called = owner.func.attr if isinstance(owner.func, ast.Attribute) else getattr(owner.func, "id", "")
        if called in ("import_module", "__import__"):
            target = _named(owner.args[0], module)
    if target == module:
        found.names.add(name)
        found.anything |= not name
    elif target:
        found.elsewhere.add((target, name))


def _is_modules(node: ast.expr) -> bool:
    """Whether an expression is `sys.modules`."""
    return (isinstance(node, ast.Attribute) and node.attr == "modules") or (isinstance(node, ast.Name) and node.id == "modules")


def _named(node: ast.expr, module: str) -> str:
    """Return the module whose name an expression is; "" if that cannot be told."""
    return module if isinstance(node, ast.Name) and node.id == "__name__" else _text(node)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
