"""What names stand for: imports, aliases, and names that functions hide.

A `Scope` never runs anything. It answers with the qualified name that an
expression stands for (`icontract.require`), as far as the module's text tells.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property

from probatum.python.program import Clause, Place, Problem
from probatum.python.types import Type
from probatum.records import dataclass

# What `from M import *` brings, for libraries whose text is not at hand. Adapters add theirs by `register_exports`.
_exports: dict[str, frozenset[str]] = {}


def register_exports(module: str, names: Sequence[str]) -> None:
    """Say which names `from module import *` brings, for a library that is never read."""
    _exports[module] = frozenset(names)


# Modules of the standard library that only define things when they are imported, so that asking them is safe and costs nothing much.
_standard = frozenset(
    {"abc", "bisect", "collections", "collections.abc", "dataclasses", "decimal", "enum", "fractions", "functools", "heapq"}
    | {"itertools", "math", "numbers", "operator", "random", "statistics", "string", "struct", "typing"}
)


def registered_exports(module: str) -> frozenset[str] | None:
    """Return what was registered for a library, or what a module of the standard library says; None if neither is known."""
    if module == "typing_extensions":
        module = "typing"
    if module not in _exports and module in _standard:
        own = importlib.import_module(module)
        _exports[module] = frozenset(getattr(own, "__all__", None) or (n for n in vars(own) if not n.startswith("_")))
    return _exports.get(module)


_line_end = re.compile(r"\r\n|\r|\n")  # what ends a line for Python; `str.splitlines` knows more
_builtins = frozenset(dir(builtins)) | {"__file__", "__annotations__", "__dict__"}  # the last few are given to every module


# What fields and attributes of nodes mostly hold, and what has nothing below it and is the same everywhere.
_no_nodes = frozenset({int, str, type(None), bool, float, bytes, complex, ast.Load, ast.Store, ast.Del})


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes right below one, but for `ast.Load` and the like; `ast.iter_child_nodes`, in a fifth of the time."""
    found: list[ast.AST] = []
    for value in node.__dict__.values():
        kind = value.__class__
        if kind in _no_nodes:
            continue
        if kind is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(root: ast.AST) -> list[ast.AST]:
    """Return a node and all below it, as `children` knows them, in the order of `ast.walk`."""
    found = [root]
    for node in found:
        found += children(node)
    return found


class Positions:
    """Turns the positions of nodes, which count bytes of UTF-8, into places, which count code points."""

    def __init__(self, text: str) -> None:
        self.lines = _line_end.split(text)
        self._plain = text.isascii()

    def place(self, node: ast.AST) -> Place:
        """Return where a node is; a module or a node without position is at the start."""
        line = getattr(node, "lineno", None)
        if line is None:
            return Place(1, 1)
        end_line = getattr(node, "end_lineno", None) or line
        column = self._column(line, node.col_offset)  # type: ignore[attr-defined]  # has a line, so it has a column
        end_offset = getattr(node, "end_col_offset", None)
        return Place(line, column, end_line, column if end_offset is None else self._column(end_line, end_offset))

    def _column(self, line: int, offset: int) -> int:
        if self._plain or not 1 <= line <= len(self.lines):
            return offset + 1
        text = self.lines[line - 1]
        if text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1

    def source(self, node: ast.AST) -> str:
        """Return what the author wrote, on one line: runs of white space over line ends are one space."""
        place = self.place(node)
        lines = self.lines[place.line - 1 : place.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: place.end_column - 1]
        lines[0] = lines[0][place.column - 1 :]
        if len(lines) == 1:
            return lines[0].strip()
        return " ".join(part for part in (without_comment(line).strip() for line in lines) if part)


def without_comment(line: str) -> str:
    """Return a line without the comment at its end; quotes that open on other lines are not seen."""
    quote = ""
    for i, character in enumerate(line):
        if quote:
            if character == quote and line[i - 1] != "\\":
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "#":
            return line[:i]
    return line


@dataclass(frozen=True)
class Scope:
    """Names that can be seen from one place of a module.

    Attributes
    ----------
    module, path : str
        Dotted name and relative path.
    imports : mapping of str to str
        Local name to qualified name.
    constants : mapping of str to ast.expr
        Names that the module assigns exactly once.
    defined : frozenset of str
        Classes, functions and other names that the module binds itself.
    stars : tuple of str
        Modules from which everything is imported, in order.
    functions : mapping of str to ast.FunctionDef
        Functions that the module defines once, at top level: conditions may name them.
    hidden : frozenset of str
        Names that an enclosing function binds: parameters and local variables.
    exports : callable
        Names that `from M import *` brings, or None if M is not known.
    canonical : callable
        The name under which something is defined, given one under which it can be imported.
    alias : callable
        The type that a qualified name stands for, if it is the name of an alias.
    """

    module: str
    path: str
    positions: Positions
    imports: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()
    functions: Mapping[str, ast.FunctionDef] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    exports: Callable[[str], frozenset[str] | None] = registered_exports
    canonical: Callable[[str], str] = str
    alias: Callable[[str], Type | None] = field(default=lambda _: None)

    @cached_property
    def libraries(self) -> frozenset[str]:
        """Top-level packages that the module imports from."""
        names = (*map(self.canonical, self.imports.values()), *self.stars)
        return frozenset(name.partition(".")[0] for name in names)

    def qualified(self, expression: ast.expr) -> str | None:
        """Return what a name or attribute stands for.

        `builtins.int` for a builtin, `module.C` for what this module defines; None for a
        local variable, a name nobody binds, and for anything but names and attributes.
        A name that is assigned once, to a name or attribute, stands for that.
        """
        attributes: list[str] = []
        for _ in range(100):  # aliases of aliases may go in a circle
            while isinstance(expression, ast.Attribute):
                attributes.append(expression.attr)
                expression = expression.value
            if not isinstance(expression, ast.Name) or expression.id in self.hidden:
                return None
            alias = self.constants.get(expression.id)
            if not isinstance(alias, ast.Name | ast.Attribute):
                base = self.named(expression.id)
                return None if base is None else self.canonical(".".join([base, *reversed(attributes)]))
            expression = alias
        return None

    def named(self, name: str) -> str | None:
        """Return what a bare name stands for at module level."""
        if name in self.imports:
            return self.imports[name]
        if name in self.defined:
            return f"{self.module}.{name}"
        for star in reversed(self.stars):
            if name in (self.exports(star) or ()):
                return f"{star}.{name}"
        return f"builtins.{name}" if name in _builtins else None

    def inside(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Scope:
        """Return the scope of a function's body: its parameters and what it binds hide names outside."""
        names = bound_names(node)
        imports = {} if isinstance(node, ast.Lambda) else _own_imports(node)
        inner = self.hiding(names - imports.keys())
        return replace(inner, imports={**self.imports, **imports}, hidden=inner.hidden - imports.keys()) if imports else inner

    def hiding(self, names: frozenset[str]) -> Scope:
        """Return this scope with more names hidden."""
        return self if names <= self.hidden else replace(self, hidden=self.hidden | names)

    def place(self, node: ast.AST) -> Place:
        """Return where a node is."""
        return self.positions.place(node)

    def source(self, node: ast.AST) -> str:
        """Return what the author wrote, on one line."""
        return self.positions.source(node)

    def shown(self, node: ast.AST) -> str:
        """Return what the author wrote, shortened for a message."""
        text = self.source(node)
        return text if len(text) <= 60 else f"{text[:57]}..."

    def clause(self, expression: ast.expr, *, wrote: ast.AST | None = None, error: str = "", trusted: bool = False) -> Clause:
        """Return a clause for an expression in normal form; `wrote` is what the author wrote, if it is not the same node."""
        wrote = expression if wrote is None else wrote
        return Clause(expression, self.place(wrote), self.source(wrote), error, trusted)

    def mistake(self, node: ast.AST, message: str, advice: str = "") -> Problem:
        """Return a problem that is a mistake of the author."""
        return Problem(self.place(node), message, unsupported=False, help=advice)

    def unsupported(self, node: ast.AST, message: str, advice: str = "") -> Problem:
        """Return a problem that is a construct outside the language; the message names it."""
        return Problem(self.place(node), message, unsupported=True, help=advice)


def _own_imports(node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, str]:
    """Return the names that statements right in a function's body import, and that nothing else in it binds."""
    found: dict[str, str] = {}
    for statement in node.body:
        if isinstance(statement, ast.Import):
            found.update(
                {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0] for a in statement.names}
            )
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            found.update({a.asname or a.name: f"{statement.module}.{a.name}" for a in statement.names})
    if not found:
        return found
    others = [s for s in node.body if not isinstance(s, ast.Import | ast.ImportFrom)]
    bound = assigned_names(others, set()) | {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    return {name: target for name, target in found.items() if name not in bound}


_comprehensions = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
# Most nodes bind nothing: those without names below them, and those of which only what is below them counts.
_leaves = frozenset({ast.Load, ast.Store, ast.Del, ast.Constant})
_passed = frozenset(
    {ast.Expr, ast.Call, ast.Compare, ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Attribute, ast.Subscript, ast.keyword,
     ast.Assign, ast.AugAssign, ast.AnnAssign, ast.While, ast.For, ast.If, ast.Return, ast.Assert, ast.Tuple, ast.List}
)  # fmt: skip  # a list of names


def bound_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Return the names that a function binds: parameters, and what its body assigns, imports or defines."""
    arguments = node.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    names.update(a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None)
    body: Sequence[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
    outer: set[str] = set()
    names |= assigned_names(body, outer)
    return frozenset(names - outer)


def assigned_names(body: Sequence[ast.AST], outer: set[str]) -> set[str]:
    """Return the names that statements bind in their own scope; `global` and `nonlocal` names are added to `outer`."""
    names: set[str] = set()
    # Comprehensions have a scope of their own, but names that `:=` binds in them are bound outside.
    pending: list[tuple[ast.AST, bool]] = [(statement, False) for statement in body]
    while pending:
        node, comprehended = pending.pop()
        kind = type(node)
        if kind in _leaves:
            continue
        if kind in _passed:
            pending.extend([(child, comprehended) for child in children(node)])
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            pending.extend((d, comprehended) for d in node.decorator_list)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.NamedExpr):
            names.add(node.target.id)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            if not comprehended:
                names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((a.asname or a.name).partition(".")[0] for a in node.names)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            names.update([node.name] if node.name else [])
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
        inner = comprehended or isinstance(node, _comprehensions)
        pending.extend((child, inner) for child in children(node))
    return names
