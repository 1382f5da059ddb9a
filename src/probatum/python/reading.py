"""From the text of Python files to `program.Module` and `program.Program`. Nothing is imported or run.

A module is read in two steps. The first takes what its top level binds: imports,
definitions, constants. The second reads annotations and contracts, for which the
first must be over for all modules that are read together, since they may import
one another in a circle.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TypeGuard

from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.python import contracts, forms, types
from probatum.python.annotations import Annotations, literal_type, parsed_inside, variables_in
from probatum.python.contracts import conditions
from probatum.python.program import Class, Contract, Field, Function, Module, Parameter, Passing, Place, Problem, Program, Syntax
from probatum.python.scopes import Positions, Scope, children, registered_exports
from probatum.python.types import Type
from probatum.source import Location

deepest = 100  # levels of nesting in a function; what works on trees further on may recurse
_largest = 4_000_000  # characters of a file

# Decorators that leave a function as it is, or as it is seen from outside.
_harmless = frozenset(
    {"builtins.staticmethod", "builtins.classmethod", "builtins.property", "abc.abstractmethod", "abc.abstractproperty"}
    | {f"{m}.{n}" for m in ("typing", "typing_extensions") for n in ("final", "override", "no_type_check", "overload")}
    | {"functools.cached_property", "functools.lru_cache", "functools.cache", "functools.wraps"}
)
_harmless_for_classes = frozenset(
    {"dataclasses.dataclass", "enum.unique", "typing.final", "typing.runtime_checkable"}
    | {"typing_extensions.final", "typing_extensions.runtime_checkable"}
)
_contract_libraries = ("probatum.", "icontract.", "deal.", "nagini_contracts.")
_never_missing = frozenset({"probatum", "icontract", "deal", "nagini_contracts", "typing_extensions", "crosshair"})
_builtin_exceptions = frozenset(
    f"builtins.{name}" for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
_enums = {
    "enum.Enum": "enum",
    "enum.StrEnum": "enum",
    "enum.IntEnum": "intenum",
    "enum.Flag": "enum",
    "enum.IntFlag": "intenum",
}


# Texts


def parse(text: str, path: str) -> ast.Module:
    """Parse a module.

    Raises
    ------
    UnreadableArtefact
        If it is not Python, needs a newer Python, or is too large or too deeply nested.
    """
    if len(text) > _largest:
        raise UnreadableArtefact(
            f"`{path}` has {len(text):,} characters, more than the {_largest:,} that are read of a Python file",
            help="exclude it in the configuration, or split it",
            location=Location(path),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which are Python's to tell
            return _parsed(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        raise _syntax_error(error, text, path) from None
    except (RecursionError, MemoryError):
        raise UnreadableArtefact(
            f"`{path}` is nested too deeply for Python's parser",
            help="give parts of its longest expressions names of their own, or exclude the file in the configuration",
            location=Location(path),
        ) from None
    except ValueError as error:  # a NUL character, or half of a surrogate pair
        raise UnreadableArtefact(
            f"`{path}` is not text that Python reads: {error}", help="save the file as UTF-8", location=Location(path)
        ) from None


_type_comment = re.compile(r"#\s*type:\s*(?!ignore)")


def _parsed(text: str) -> ast.Module:
    if _type_comment.search(text) is None:
        return ast.parse(text)
    try:
        tree = ast.parse(text, type_comments=True)
    except SyntaxError:  # a comment in a place where no type can be; or a mistake, which parsing it again tells
        return ast.parse(text)
    return forms.rebuilt(tree, _with_type_comment)


def _with_type_comment(node: ast.AST) -> ast.AST:
    """Turn a type that is given in a comment into an annotation."""
    if isinstance(node, ast.Assign) and node.type_comment and len(node.targets) == 1:
        annotation = parsed_inside(node.type_comment, node)
        if annotation is not None and isinstance(node.targets[0], ast.Name | ast.Attribute):
            simple = int(isinstance(node.targets[0], ast.Name))
            return forms.placed(ast.AnnAssign(node.targets[0], annotation, node.value, simple), node)
    elif isinstance(node, ast.FunctionDef) and node.type_comment:
        try:
            said = ast.parse(node.type_comment, mode="func_type")
        except SyntaxError:
            return node
        parameters = [p for p in (*node.args.posonlyargs, *node.args.args) if p.annotation is None]
        if len(said.argtypes) in (len(parameters), len(parameters) - 1):  # `self` may be left out
            for parameter, declared in zip(parameters[len(parameters) - len(said.argtypes) :], said.argtypes, strict=True):
                parameter.annotation = _moved(declared, parameter)
        if node.returns is None:
            node.returns = _moved(said.returns, node)
    return node


def _moved(tree: ast.expr, at: ast.AST) -> ast.expr:
    for node in ast.walk(tree):
        ast.copy_location(node, at)
    return tree


# Syntax that came after Python 3.11, as far as a line shows it: what it is, and since when.
_newer: tuple[tuple[re.Pattern[str], str, tuple[int, int]], ...] = (
    (re.compile(r"^\s*type\s+\w+\s*(\[.*\])?\s*="), "a `type` statement", (3, 12)),
    (re.compile(r"^\s*((async\s+)?def|class)\s+\w+\s*\["), "type parameters in brackets", (3, 12)),
    (re.compile(r"\b(t|rt|tr|T)(\"|')"), "a template string", (3, 14)),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*[\w.]+.*:"), "`except` with several exceptions without parentheses", (3, 14)),
    (re.compile(r"\[\s*\w+\s*=|(\[|,\s*)\*?\w+\s*=[^=]"), "a default of a type parameter", (3, 13)),
)


def _syntax_error(error: SyntaxError, text: str, path: str) -> UnreadableArtefact:
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    lines = Positions(text).lines
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    running = sys.version_info[:2]
    location = Location(path, line, column)
    what = (error.msg or "invalid syntax").strip()
    for pattern, name, since in _newer:
        if since > running and pattern.search(written):
            return _too_new(path, name, since, location)
    if running < (3, 12) and what.startswith("f-string"):
        return _too_new(
            path, "an f-string with quotes, backslashes or comments inside its braces", (3, 12), location, unsure=what
        )
    return UnreadableArtefact(
        f"`{path}` is not Python: {what[:1].lower()}{what[1:]}", help="fix the syntax, or exclude the file", location=location
    )


def _too_new(path: str, name: str, since: tuple[int, int], location: Location, unsure: str = "") -> UnreadableArtefact:
    needs, running = ".".join(map(str, since)), ".".join(map(str, sys.version_info[:2]))
    if unsure:
        message = f"`{path}` is not Python {running}: {unsure}; if this is {name}, it needs Python {needs} or newer"
    else:
        message = f"`{path}` uses {name}, which needs Python {needs} or newer, and this is Python {running}"
    return UnreadableArtefact(message, help=f"run probatum with Python {needs} or newer", location=location)


def module_name(path: str, roots: Iterable[str] = ()) -> str:
    """Return the dotted name of a file: relative to the deepest of the roots (`src`) that contains it, or to the top."""
    parts = PurePosixPath(path).parts
    best: tuple[str, ...] = ()
    for root in roots:
        own = PurePosixPath(root).parts if root not in {"", "."} else ()
        if len(own) > len(best) and parts[: len(own)] == own:
            best = own
    rest = list(parts[len(best) :])
    rest[-1] = rest[-1].rpartition(".")[0] or rest[-1]
    if rest[-1] == "__init__" and len(rest) > 1:
        rest.pop()
    return ".".join(rest)


def imported(tree: ast.Module, name: str = "", *, package: bool = False) -> list[str]:
    """Return the modules that a module may import, anywhere in it, in the order of the text.

    Parameters
    ----------
    name : str
        The module's own dotted name, against which relative imports are resolved.
    package : bool
        Whether the text is that of `__init__.py`.
    """
    found: dict[str, None] = {}
    for node in _imports(tree.body):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(a.name for a in node.names))
            continue
        base = _base(node, name, package=package)
        if base is None:
            continue
        if base:
            found[base] = None
        if node.level or not node.module:  # `from . import x` may mean the module x
            found.update(dict.fromkeys(f"{base}.{a.name}" if base else a.name for a in node.names if a.name != "*"))
    return list(found)


def _imports(body: Sequence[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """Return import statements, at any depth of statements."""
    found: list[ast.Import | ast.ImportFrom] = []
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))
    return found


def _base(node: ast.ImportFrom, name: str, *, package: bool) -> str | None:
    """Return the module that `from ... import` names, "" for the top; None if it goes above the top."""
    if not node.level:
        return node.module or ""
    parts = name.split(".") if name else []
    drop = node.level - 1 if package else node.level
    if drop > len(parts):
        return None
    kept = parts[: len(parts) - drop]
    return ".".join([*kept, *([node.module] if node.module else [])])


# The first step: what the top level binds


@dataclass
class _Surface:
    """What a module binds at its top level, before anything is looked up."""

    name: str
    path: str
    text: str
    tree: ast.Module
    positions: Positions
    package: bool
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    functions: dict[str, list[ast.FunctionDef]] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    coroutines: list[ast.AsyncFunctionDef] = field(default_factory=list)
    assigned: dict[str, list[tuple[ast.expr | None, ast.expr | None, bool]]] = field(
        default_factory=dict
    )  # value, annotation, once
    generic_aliases: dict[str, ast.stmt] = field(default_factory=dict)  # `type X[T] = ...`
    rebound: set[str] = field(default_factory=set)
    public: list[str] | None = None
    shallow: bool = True  # nothing in it is nested more than `deepest` levels deep
    problems: list[Problem] = field(default_factory=list)

    def constants(self) -> dict[str, ast.expr]:
        """Return the names that are bound exactly once, to an expression."""
        once = {n: values[0] for n, values in self.assigned.items() if len(values) == 1 and not self.otherwise_bound(n)}
        return {
            name: value
            for name, (value, _, sure) in once.items()
            if sure and value is not None and (self.shallow or _depth(value) <= deepest)
        }

    def otherwise_bound(self, name: str) -> bool:
        return name in self.rebound or name in self.functions or name in self.classes or name in self.imports

    def names(self) -> frozenset[str]:
        """Return all names that the module binds, but for what stars bring."""
        return frozenset({*self.imports, *self.functions, *self.classes, *self.assigned, *self.rebound})


def _surface(name: str, path: str, text: str) -> _Surface:
    tree = parse(text, path)
    package = PurePosixPath(path).name in {"__init__.py", "__init__.pyi"}
    surface = _Surface(name, path, text, tree, Positions(text.removeprefix("\ufeff")), package)
    # Each statement with whether it surely runs, once.
    pending: list[tuple[ast.stmt, bool]] = [(s, True) for s in reversed(tree.body)]
    while pending:
        node, sure = pending.pop()
        inner = _take(surface, node, sure=sure)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _take_assignment_expressions(surface, node)
        pending.extend((s, False) for s in reversed(inner))
    level: list[ast.AST] = [tree]
    depth = 0
    while level:
        depth += 1
        for one in level:
            if isinstance(one, ast.Global):
                surface.rebound.update(one.names)
        level = [child for one in level for child in children(one)]
    surface.shallow = depth <= deepest
    return surface


def _take(surface: _Surface, node: ast.stmt, *, sure: bool) -> list[ast.stmt]:
    """Take what one statement of the top level binds; return the statements inside it."""
    match node:
        case ast.Import():
            for alias in node.names:
                surface.imports[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        case ast.ImportFrom():
            _take_from(surface, node)
        case ast.FunctionDef():
            surface.functions.setdefault(node.name, []).append(node)
        case ast.AsyncFunctionDef():
            surface.coroutines.append(node)
            surface.rebound.add(node.name)
        case ast.ClassDef():
            if node.name in surface.classes:
                surface.problems.append(_again(surface, surface.classes[node.name], node))
            surface.classes[node.name] = node
        case ast.Assign():
            for target in node.targets:
                _take_target(surface, target, node.value, sure=sure)
        case ast.AnnAssign():
            if isinstance(node.target, ast.Name):
                surface.assigned.setdefault(node.target.id, []).append((node.value, node.annotation, sure))
        case ast.AugAssign():
            if isinstance(node.target, ast.Name) and not _extends_public(surface, node):
                surface.rebound.add(node.target.id)
        case ast.Delete():
            surface.rebound.update(t.id for t in node.targets if isinstance(t, ast.Name))
        case ast.Try() if _is_shim(node):
            return [*node.body, *node.orelse, *node.finalbody]
        case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While() | ast.Match():
            return _take_compound(surface, node)
        case _:
            _take_type_alias(surface, node)
    return []


def _take_compound(surface: _Surface, node: ast.If | ast.Try | ast.With | ast.For | ast.While | ast.Match) -> list[ast.stmt]:
    inner: list[ast.stmt] = []
    for child in children(node):
        if isinstance(child, ast.stmt):
            inner.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            surface.rebound.update(n.id for n in ast.walk(child) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            inner.extend(child.body)
    if isinstance(node, ast.For):
        surface.rebound.update(forms.target_names([node.target]))
    elif isinstance(node, ast.With):
        surface.rebound.update(forms.target_names(i.optional_vars for i in node.items if i.optional_vars is not None))
    return inner


def _is_shim(node: ast.Try) -> bool:
    """Whether a statement imports contracts, and defines stand-ins where they are not installed: these mean the same."""
    imports = [s for s in node.body if isinstance(s, ast.Import | ast.ImportFrom)]
    names = [s.module or "" for s in imports if isinstance(s, ast.ImportFrom)]
    names += [a.name for s in imports if isinstance(s, ast.Import) for a in s.names]
    return len(imports) == len(node.body) and any(f"{name}.".startswith(_contract_libraries) for name in names)


def _take_type_alias(surface: _Surface, node: ast.stmt) -> None:
    alias = getattr(node, "name", None)
    if type(node).__name__ == "TypeAlias" and isinstance(alias, ast.Name):  # Python 3.12
        surface.assigned.setdefault(alias.id, []).append((node.value, None, True))  # type: ignore[attr-defined]  # newer than 3.11
        surface.generic_aliases[alias.id] = node


def _take_assignment_expressions(surface: _Surface, node: ast.stmt) -> None:
    pending = [c for c in children(node) if not isinstance(c, ast.stmt | ast.ExceptHandler | ast.match_case)]
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.NamedExpr):
            surface.rebound.add(inner.target.id)
        pending.extend(children(inner))


def _take_from(surface: _Surface, node: ast.ImportFrom) -> None:
    base = _base(node, surface.name, package=surface.package)
    if base is None:
        message = f"the relative import goes {node.level} levels up, which is above the top"
        surface.problems.append(Problem(surface.positions.place(node), message, unsupported=False))
        base = node.module or ""
    for alias in node.names:
        if alias.name == "*":
            surface.stars.append(base)
        else:
            surface.imports[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name


def _take_target(surface: _Surface, target: ast.expr, value: ast.expr, *, sure: bool) -> None:
    if isinstance(target, ast.Name):
        if target.id == "__all__":
            surface.public = _strings(value)
        surface.assigned.setdefault(target.id, []).append((value, None, sure))
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and _matched(target, value):
        for one, own in zip(target.elts, value.elts, strict=True):
            _take_target(surface, one, own, sure=sure)
    else:
        surface.rebound.update(forms.target_names([target]))


def _matched(target: ast.Tuple | ast.List, value: ast.Tuple | ast.List) -> bool:
    plain = not any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
    return plain and len(target.elts) == len(value.elts)


def _extends_public(surface: _Surface, node: ast.AugAssign) -> bool:
    if not isinstance(node.target, ast.Name) or node.target.id != "__all__":
        return False
    surface.public = [*(surface.public or []), *(_strings(node.value) or [])]
    return True


def _strings(node: ast.expr) -> list[str] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    return [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]


def _again(surface: _Surface, first: ast.stmt, second: ast.stmt, name: str = "") -> Problem:
    own = getattr(first, "name", "")
    message = f"`{own}` is defined again on line {second.lineno}, so this definition is not looked at"
    return Problem(surface.positions.place(first), message, name)


# What modules know of one another


class _World:
    """The surfaces that are known together, and what qualified names lead to."""

    def __init__(self, surfaces: Mapping[str, _Surface]) -> None:
        self.surfaces = surfaces
        self._canonical: dict[str, str] = {}
        self._exports: dict[str, frozenset[str]] = {}
        self._scopes: dict[str, Scope] = {}
        self._aliases: dict[str, Type | None] = {}
        self._constants: dict[str, dict[str, ast.expr]] = {}

    def constants(self, module: str) -> dict[str, ast.expr]:
        if module not in self._constants:
            self._constants[module] = self.surfaces[module].constants()
        return self._constants[module]

    def exports(self, module: str) -> frozenset[str] | None:
        """Return what `from module import *` brings; None if the module is not known."""
        surface = self.surfaces.get(module)
        if surface is None:
            return registered_exports(module)
        if module not in self._exports:
            self._exports[module] = frozenset()  # while it is worked out: modules may import each other in a circle
            names = set(surface.public if surface.public is not None else [n for n in surface.names() if not n.startswith("_")])
            if surface.public is None:
                names.update(n for star in surface.stars for n in self.exports(star) or () if not n.startswith("_"))
            self._exports[module] = frozenset(names)
        return self._exports[module]

    def scope(self, module: str) -> Scope:
        """Return the scope of a module's top level."""
        if module not in self._scopes:
            surface = self.surfaces[module]
            own = surface.names()
            imports: dict[str, str] = {}
            unknown: list[str] = []
            for star in surface.stars:
                names = self.exports(star)
                if names is None:
                    unknown.append(star)
                else:
                    imports.update((n, f"{star}.{n}") for n in sorted(names) if n not in own)
            imports.update((n, q) for n, q in surface.imports.items() if n not in surface.functions and n not in surface.classes)
            self._scopes[module] = Scope(
                module,
                surface.path,
                surface.positions,
                imports,
                self.constants(module),
                own - surface.imports.keys(),
                tuple(unknown),
                {n: f[0] for n, f in surface.functions.items() if len(f) == 1 and n not in {*surface.assigned, *surface.rebound}},
                exports=self.exports,
                canonical=self.canonical,
                alias=self.named_type,
            )
        return self._scopes[module]

    def _split(self, qualified: str) -> tuple[str, list[str]] | None:
        """Return the module that defines a name, and the rest of the name."""
        parts = qualified.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:cut])
            if module in self.surfaces:
                return module, parts[cut:]
        return None

    def canonical(self, qualified: str) -> str:
        """Return the name under which something is defined: re-exports and plain aliases are followed."""
        if qualified not in self._canonical:
            self._canonical[qualified] = qualified  # an answer for names that lead to themselves
            self._canonical[qualified] = self._followed(qualified)
        return self._canonical[qualified]

    def _followed(self, qualified: str) -> str:
        for _ in range(50):
            split = None if qualified in self.surfaces else self._split(qualified)
            if split is None:
                return qualified
            module, rest = split
            target = self._step(module, rest[0])
            if target is None:
                return qualified
            following = ".".join([target, *rest[1:]])
            if following == qualified:
                return qualified
            qualified = following
        return qualified

    def _step(self, module: str, name: str) -> str | None:
        surface = self.surfaces[module]
        if name in surface.functions or name in surface.classes:
            return None
        if name in surface.imports:
            return surface.imports[name]
        for star in reversed(surface.stars):
            if name not in surface.assigned and name in (self.exports(star) or ()):
                return f"{star}.{name}"
        value = self.constants(module).get(name)
        if isinstance(value, ast.Name | ast.Attribute):
            return self.scope(module).qualified(value)
        return None

    def alias(self, qualified: str) -> Type | None:
        """Return the type that a name is an alias of, if it is one."""
        if qualified not in self._aliases:
            self._aliases[qualified] = types.UNKNOWN  # where an alias is in terms of itself
            split = self._split(qualified)
            known = split is not None and len(split[1]) == 1 and split[1][0] in self.surfaces[split[0]].assigned
            self._aliases[qualified] = self._alias(*split) if known and split is not None else None
        return self._aliases[qualified]

    def named_type(self, qualified: str) -> Type | None:
        """Return the type that a name is an alias of, `unknown` for a variable or a function; None for all else."""
        found, split = self.alias(qualified), self._split(qualified)
        if found is not None or split is None or len(split[1]) != 1:
            return found
        surface, name = self.surfaces[split[0]], split[1][0]
        return types.UNKNOWN if name in surface.assigned or name in surface.functions else None

    def _alias(self, module: str, rest: list[str]) -> Type | None:
        name = rest[0]
        value = self.constants(module).get(name)
        if value is None or _depth(value) > deepest:
            return None
        [(_, annotation, _)] = self.surfaces[module].assigned[name]
        scope = self.scope(module)
        reader = Annotations(scope, variables=type_parameters(self.surfaces[module].generic_aliases.get(name), scope))
        declared = name in self.surfaces[module].generic_aliases
        declared |= annotation is not None and (scope.qualified(annotation) or "").endswith(".TypeAlias")
        if isinstance(value, ast.Call):
            return _made_type(value, reader)
        if annotation is not None and not declared:
            return None
        if isinstance(value, ast.Constant) and not declared:
            return None
        if not isinstance(value, ast.Subscript | ast.BinOp | ast.Name | ast.Attribute | ast.Constant):
            return None
        if not declared and not _looks_like_type(value, scope, self):
            return None
        read = reader.read(value)
        return None if reader.problems else read


def type_parameters(node: ast.stmt | None, scope: Scope) -> dict[str, Type]:
    """Return the type variables that are written with a definition, in brackets (Python 3.12)."""
    found: dict[str, Type] = {}
    reader = Annotations(scope, variables=found)
    for parameter in getattr(node, "type_params", []):
        bound = getattr(parameter, "bound", None)
        if isinstance(bound, ast.Tuple):
            found[parameter.name] = types.Variable(parameter.name, None, tuple(reader.read(b) for b in bound.elts))
        else:
            found[parameter.name] = types.Variable(parameter.name, None if bound is None else reader.read(bound))
    return found


def _looks_like_type(value: ast.expr, scope: Scope, world: _World, depth: int = 20) -> bool:
    """Whether an expression that a module assigns is a type, as far as its names tell."""
    if depth == 0:
        return False
    match value:
        case ast.Constant(value=None):
            return True
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _looks_like_type(left, scope, world, depth - 1) and _looks_like_type(right, scope, world, depth - 1)
        case ast.Subscript(value=inner):
            return _looks_like_type(inner, scope, world, depth - 1)
        case ast.Name() | ast.Attribute():
            qualified = scope.qualified(value)
            if qualified is None:
                return False
            if qualified.startswith("builtins."):
                return isinstance(getattr(builtins, qualified.removeprefix("builtins."), None), type)
            if qualified.startswith(("typing.", "typing_extensions.", "collections.", "probatum.spec.", "nagini_contracts.")):
                return qualified.rpartition(".")[2][:1].isupper() or qualified.endswith((".deque", ".defaultdict"))
            split = world._split(qualified)  # noqa: SLF001 - of the same module
            if split is None:
                return False
            return split[1][0] in world.surfaces[split[0]].classes or world.alias(qualified) is not None
    return False


def _made_type(call: ast.Call, reader: Annotations) -> Type | None:
    """Return what `TypeVar(...)` or `NewType(...)` makes."""
    match (reader.scope.qualified(call.func) or "").rpartition("."):
        case ("typing" | "typing_extensions", _, "NewType") if len(call.args) == 2:
            return reader.read(call.args[1])
        case ("typing" | "typing_extensions", _, "TypeVar") if call.args:
            named = call.args[0]
            bound = next((k.value for k in call.keywords if k.arg == "bound"), None)
            name = named.value if isinstance(named, ast.Constant) and isinstance(named.value, str) else "T"
            return types.Variable(
                name, None if bound is None else reader.read(bound), tuple(reader.read(a) for a in call.args[1:])
            )
        case ("typing" | "typing_extensions", _, "ParamSpec" | "TypeVarTuple"):
            return types.UNKNOWN
    return None


# The second step: definitions


def _depth(root: ast.AST) -> int:
    """Return how deep a tree is."""
    level: list[ast.AST] = [root]
    depth = 0
    while level:
        depth += 1
        if depth > deepest:
            return depth
        level = [child for node in level for child in children(node)]
    return depth


@dataclass
class _Reader:
    """Reads the definitions of one module."""

    surface: _Surface
    world: _World
    library: bool
    problems: list[Problem] = field(default_factory=list)

    def module(self) -> Module:
        surface, scope = self.surface, self.world.scope(self.surface.name)
        self.problems.extend(surface.problems)
        self.problems.extend(contracts.module_problems(surface.tree, scope))
        classes: dict[str, Class] = {}
        for node in surface.classes.values():
            if not self.bound_again(node.name, node):
                self.class_(node, scope, "", classes)
        functions: dict[str, Function] = {}
        for name, nodes in surface.functions.items():
            kept = [n for n in nodes if not self.decorated(n, scope, "overload")] or nodes[-1:]
            for earlier in kept[:-1]:
                self.problems.append(_again(surface, earlier, kept[-1], self.qualified(name)))
            if self.bound_again(name, kept[-1]):
                continue
            functions[name] = self.function(kept[-1], scope, None, "")
        for coroutine in surface.coroutines:
            self.coroutine(coroutine, scope, "")
        constants = self.world.constants(surface.name)
        reader = Annotations(scope)
        assigned = surface.assigned
        constant_types = {n: self.value_type(assigned[n][0][1], v, reader) for n, v in constants.items()}
        variables = {n: self.variable_type(n, reader) for n in assigned if n not in constants and n not in classes}
        variables |= {n: types.UNKNOWN for n in surface.rebound if n not in variables and not self.defined(n)}
        aliases = {n: t for n in assigned if (t := self.world.alias(f"{surface.name}.{n}")) is not None}
        return Module(
            surface.name,
            surface.path,
            surface.text,
            surface.tree,
            scope.imports,
            functions,
            classes,
            constants,
            constant_types,
            variables,
            aliases,
            tuple(sorted(dict.fromkeys(self.problems), key=lambda p: (p.place.line, p.place.column))),
        )

    def bound_again(self, name: str, node: ast.stmt) -> bool:
        """Whether a name that a definition binds is bound by something else too, so that calls may mean that; say so."""
        surface = self.surface
        both = name in surface.functions and name in surface.classes
        if not both and name not in surface.assigned and name not in surface.rebound and name not in surface.imports:
            return False
        message = f"`{name}` is bound elsewhere in the module too, so what it means is not known"
        self.problems.append(
            Problem(surface.positions.place(node), message, self.qualified(name), help="give one of them another name")
        )
        return True

    def defined(self, name: str) -> bool:
        return name in self.surface.functions or name in self.surface.classes

    def qualified(self, name: str) -> str:
        return f"{self.surface.name}.{name}"

    def decorated(self, node: ast.FunctionDef | ast.ClassDef, scope: Scope, name: str) -> bool:
        found = (scope.qualified(_undecorated(d)) or "" for d in node.decorator_list)
        return any(q.rpartition(".")[2] == name and not q.startswith(self.surface.name + ".") for q in found)

    def coroutine(self, node: ast.AsyncFunctionDef, scope: Scope, owner: str) -> None:
        name = f"{owner}.{node.name}" if owner else node.name
        self.problems.append(Problem(scope.place(node), "an `async` function", self.qualified(name)))

    def value_type(
        self, annotation: ast.expr | None, value: ast.expr | None, reader: Annotations, known: Mapping[str, Type] | None = None
    ) -> Type:
        """Return the declared type of a variable, or what its value tells; `known` are types of names in it."""
        if annotation is not None and (self.surface.shallow or _depth(annotation) <= deepest):
            declared = reader.read(annotation)
            if declared != types.UNKNOWN:
                return declared
        if value is None:
            return types.UNKNOWN
        if isinstance(value, ast.Call):
            target = reader.scope.qualified(value.func)
            split = None if target is None else self.world._split(target)  # noqa: SLF001 - of the same module
            if target is not None and split is not None and ".".join(split[1]) in self.world.surfaces[split[0]].classes:
                return types.Instance(target)
        return literal_type(value, known=known, scope=reader.scope)

    def variable_type(self, name: str, reader: Annotations) -> Type:
        found = [self.value_type(annotation, value, reader) for value, annotation, _ in self.surface.assigned[name]]
        declared = next((self.value_type(a, None, reader) for _, a, _ in self.surface.assigned[name] if a is not None), None)
        if declared is not None and declared != types.UNKNOWN:
            return declared
        return types.UNKNOWN if types.UNKNOWN in found or name in self.surface.rebound else types.union(*found)

    # Functions

    def function(
        self,
        node: ast.FunctionDef,
        scope: Scope,
        owner: ast.ClassDef | None,
        owner_name: str,
        *,
        self_type: Type | None = None,
        class_variables: Mapping[str, Type] | None = None,
        protocol: bool = False,
    ) -> Function:
        """Read a function; `scope` is the one around it."""
        name = f"{owner_name}.{node.name}" if owner_name else node.name
        place = scope.place(node)
        kind = self.kind(node, scope, owner)
        if kind == "setter":
            name += ".setter"
        if not self.surface.shallow and _depth(node) > deepest:
            problem = Problem(
                place, f"more than {deepest} levels of nesting", self.qualified(name), help="name parts of its expressions"
            )
            return Function(
                name, scope.module, node, place, (), types.UNKNOWN, Contract(place=place), (), owner=owner_name, kind=kind,
                problems=(problem,),
            )  # fmt: skip
        reading = contracts.read_function(node, scope, owner)
        own_variables = type_parameters(node, scope)
        reader = Annotations(scope, variables={**(class_variables or {}), **own_variables}, self_type=self_type)
        parameters = self.parameters(node, reader, kind, self_type)
        returns = self.returns(node, reader)
        problems = [*reading.problems, *reader.problems, *self.decorators(node, scope)]
        declared = [p.type for p in parameters] + [returns]
        variables = tuple(dict.fromkeys(v for t in declared for v in variables_in(t) if v not in (class_variables or {})))
        hollow = _hollow(reading.body)
        abstract = reading.abstract or self.decorated(node, scope, "abstractmethod") or (protocol and hollow)
        return Function(
            name,
            scope.module,
            node,
            place,
            parameters,
            returns,
            reading.contract,
            reading.body,
            reading.loops,
            owner_name,
            kind,
            reading.pure,
            reading.ghost,
            reading.lemma,
            reading.opaque,
            abstract,
            reading.stub or (self.library and hollow and not abstract),
            variables,
            tuple(replace(p, function=p.function or self.qualified(name)) for p in dict.fromkeys(problems)),
        )

    def kind(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None) -> str:
        if owner is None:
            return "function"
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"}:
                return decorator.attr
            match scope.qualified(_undecorated(decorator)):
                case "builtins.staticmethod":
                    return "static"
                case "builtins.classmethod":
                    return "class"
                case "builtins.property" | "functools.cached_property" | "abc.abstractproperty":
                    return "property"
        if node.name == "__new__":
            return "static"
        return "class" if node.name in {"__init_subclass__", "__class_getitem__"} else "method"

    def decorators(self, node: ast.FunctionDef, scope: Scope) -> list[Problem]:
        """Return decorators of which nobody knows what they make of a function."""
        problems: list[Problem] = []
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "getter", "deleter"}:
                continue
            qualified = scope.qualified(_undecorated(conditions.resolved(decorator, scope))) or ""
            if qualified not in _harmless and not qualified.startswith(_contract_libraries):
                problems.append(scope.unsupported(decorator, f"the decorator `{scope.shown(decorator)}`"))
        return problems

    def parameters(self, node: ast.FunctionDef, reader: Annotations, kind: str, self_type: Type | None) -> tuple[Parameter, ...]:
        a = node.args
        positional = [*((p, Passing.POSITIONAL) for p in a.posonlyargs), *((p, Passing.BOTH) for p in a.args)]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(a.defaults)) + list(a.defaults)
        receiver = self_type is not None and kind not in {"static", "function"}
        found: list[Parameter] = []
        for i, ((p, passing), default) in enumerate(zip(positional, defaults, strict=True)):
            if i == 0 and receiver and self_type is not None and p.annotation is None:
                own = types.ClassObject(self_type) if kind == "class" else self_type
                found.append(Parameter(p.arg, own, reader.scope.place(p), None, passing))
            else:
                found.append(self.parameter(p, default, passing, reader))
        if a.vararg is not None:
            one = self.parameter(a.vararg, None, Passing.REST, reader)
            found.append(replace(one, type=types.Collection("tuple", one.type)))
        found.extend(self.parameter(p, d, Passing.KEYWORD, reader) for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True))
        if a.kwarg is not None:
            one = self.parameter(a.kwarg, None, Passing.REST_KEYWORDS, reader)
            found.append(replace(one, type=types.Mapping("dict", types.STR, one.type)))
        return tuple(found)

    def parameter(self, node: ast.arg, default: ast.expr | None, passing: Passing, reader: Annotations) -> Parameter:
        place = reader.scope.place(node)
        if node.annotation is not None:
            declared = reader.read(node.annotation)
            if isinstance(default, ast.Constant) and default.value is None and declared != types.UNKNOWN:
                declared = types.optional(declared)  # `x: int = None`, as it was once allowed to be written
            return Parameter(node.arg, declared, place, default, passing)
        guess = types.UNKNOWN if default is None else literal_type(default)
        return Parameter(node.arg, types.UNKNOWN if guess == types.NONE else guess, place, default, passing, annotated=False)

    def returns(self, node: ast.FunctionDef, reader: Annotations) -> Type:
        if node.returns is not None:
            return reader.read(node.returns)
        return types.NONE if node.name == "__init__" or not _gives_a_value(node) else types.UNKNOWN

    # Classes

    def class_(self, node: ast.ClassDef, scope: Scope, outer: str, into: dict[str, Class]) -> None:
        """Read a class and those in it."""
        name = f"{outer}.{node.name}" if outer else node.name
        if not self.surface.shallow and _depth_of_class(node) > 20:
            self.problems.append(
                replace(scope.unsupported(node, "more than 20 classes inside one another"), function=self.qualified(name))
            )
            return
        statements = _class_statements(node)
        own_parts = [*node.decorator_list, *node.bases, *node.keywords]
        own_parts += [s for s in statements if not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        if not self.surface.shallow and any(_depth(part) > deepest for part in own_parts):
            self.problems.append(
                replace(scope.unsupported(node, f"more than {deepest} levels of nesting"), function=self.qualified(name))
            )
            return
        nested = {s.name: f"{scope.module}.{name}.{s.name}" for s in statements if isinstance(s, ast.ClassDef)}
        inner = replace(scope, imports={**scope.imports, **nested}, defined=scope.defined - nested.keys()) if nested else scope
        reading = contracts.read_class(node, scope)
        own_variables = type_parameters(node, scope)
        reader = Annotations(inner, variables=own_variables)
        bases, variables, named = self.bases(node, reader)
        variables = tuple(own_variables) or variables
        self_type = types.Instance(f"{scope.module}.{name}", tuple(reader.variables.get(v) or named[v] for v in variables))
        reader.self_type = self_type
        kind, by_value, problems = self.class_kind(node, scope, bases)
        problems += reading.problems if reading is not None else ()
        left_out = reading.methods if reading is not None else frozenset()
        into[name] = placeholder = Class(name, scope.module, node, scope.place(node), kind, bases, {}, {})
        methods: dict[str, Function] = {}
        class_variables = {v: own_variables.get(v) or named[v] for v in variables}
        for statement in statements:
            if isinstance(statement, ast.FunctionDef) and statement.name not in left_out:
                if self.decorated(statement, scope, "overload"):
                    continue
                method = self.function(
                    statement,
                    inner,
                    node,
                    name,
                    self_type=self_type,
                    class_variables=class_variables,
                    protocol=kind == "protocol",
                )
                key = method.name.removeprefix(f"{name}.")
                if method.kind == "deleter":
                    problems.append(scope.unsupported(statement, f"a deleter of the property `{statement.name}`"))
                    continue
                if key in methods:
                    problems.append(_again(self.surface, methods[key].node, statement, methods[key].qualified))
                methods[key] = method
            elif isinstance(statement, ast.AsyncFunctionDef):
                self.coroutine(statement, scope, name)
            elif isinstance(statement, ast.ClassDef):
                self.class_(statement, inner, name, into)
        fields, constants = self.fields(statements, methods, kind, reader, problems)
        for both in [m for m in methods if m in fields and fields[m].shared]:
            message = f"`{both}` is bound elsewhere in the class too, so what it means is not known"
            problems.append(Problem(methods[both].place, message, methods[both].qualified))
            del methods[both]
        problems += reader.problems
        into[name] = replace(
            placeholder,
            fields=fields,
            methods=methods,
            invariants=reading.invariants if reading is not None else (),
            constants=constants,
            type_variables=variables,
            syntax=reading.syntax if reading is not None else Syntax.NONE,
            compares_by_value=by_value,
            inherits=reading.inherits if reading is not None else "",
            invariants_at_assignments=reading.invariants_at_assignments if reading is not None else False,
            problems=tuple(replace(p, function=p.function or self.qualified(name)) for p in dict.fromkeys(problems)),
        )

    def bases(self, node: ast.ClassDef, reader: Annotations) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Type]]:
        """Return the qualified names of base classes, and the type variables that they name."""
        bases: list[str] = []
        generic: list[str] = []
        mentioned: list[str] = []
        named: dict[str, Type] = {}
        for base in node.bases:
            target = base.value if isinstance(base, ast.Subscript) else base
            qualified = reader.scope.qualified(target)
            if qualified is None:
                reader.unsupported(base, f"the base class `{reader.scope.shown(base)}`")
                continue
            own = qualified.rpartition(".")[2]
            if isinstance(base, ast.Subscript):
                arguments = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                read = [reader.read(a) for a in arguments]
                for part in read:
                    for variable in _variables(part):
                        named[variable.name] = variable
                        (generic if own in {"Generic", "Protocol"} else mentioned).append(variable.name)
            if qualified in {"typing.Generic", "typing_extensions.Generic", "builtins.object"}:
                continue
            bases.append(qualified)
        return tuple(bases), tuple(dict.fromkeys(generic or mentioned)), named

    def class_kind(self, node: ast.ClassDef, scope: Scope, bases: Sequence[str]) -> tuple[str, bool, list[Problem]]:
        """Return the kind of a class, whether `==` compares fields, and what stands in the way."""
        known = {"abc.ABCMeta", "icontract.DBCMeta"}
        strange = [k.value for k in node.keywords if k.arg == "metaclass" and scope.qualified(k.value) not in known]
        problems = [scope.unsupported(value, f"the metaclass `{scope.shown(value)}`") for value in strange]
        kind, by_value = "class", False
        for decorator in node.decorator_list:
            qualified = scope.qualified(_undecorated(conditions.resolved(decorator, scope))) or ""
            if qualified == "dataclasses.dataclass":
                options = _options(decorator)
                kind = "frozen" if options.get("frozen", False) else "dataclass"
                by_value = options.get("eq", True)
            elif qualified not in _harmless_for_classes and not qualified.startswith(_contract_libraries):
                problems.append(scope.unsupported(decorator, f"the decorator `{scope.shown(decorator)}`"))
        ancestors = self.ancestors(bases)
        for ancestor in ancestors:
            if ancestor in _enums:
                kind = _enums[ancestor]
                if ancestor.endswith("Flag"):
                    problems.append(scope.unsupported(node, f"`{ancestor}`"))
            elif ancestor in _builtin_exceptions:
                kind = "exception"
            elif ancestor in {"typing.NamedTuple", "typing_extensions.NamedTuple"} and ancestor in bases:
                kind, by_value = "frozen", True
            elif ancestor in {"typing.Protocol", "typing_extensions.Protocol"} and ancestor in bases:
                kind = "protocol"
            elif ancestor in {"typing.TypedDict", "typing_extensions.TypedDict"}:
                problems.append(scope.unsupported(node, "a `TypedDict`"))
        return kind, by_value, problems

    def ancestors(self, bases: Iterable[str]) -> list[str]:
        """Return all base classes, as far as their text is known."""
        found: dict[str, None] = {}
        pending = list(bases)
        while pending:
            base = pending.pop(0)
            if base in found:
                continue
            found[base] = None
            split = self.world._split(base)  # noqa: SLF001 - of the same module
            surface = None if split is None else self.world.surfaces[split[0]]
            if split is None or surface is None or ".".join(split[1]) not in surface.classes:
                continue
            scope = self.world.scope(split[0])
            for expression in surface.classes[".".join(split[1])].bases:
                target = expression.value if isinstance(expression, ast.Subscript) else expression
                qualified = scope.qualified(target)
                if qualified is not None:
                    pending.append(qualified)
        return list(found)

    def fields(
        self,
        statements: Sequence[ast.stmt],
        methods: Mapping[str, Function],
        kind: str,
        reader: Annotations,
        problems: list[Problem],
    ) -> tuple[dict[str, Field], dict[str, ast.expr]]:
        """Return the attributes of instances, and those of an enum's members."""
        fields: dict[str, Field] = {}
        constants: dict[str, ast.expr] = {}
        data = kind in {"dataclass", "frozen"}
        keyword_only = False
        for statement in statements:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if (reader.scope.qualified(statement.annotation) or "") == "dataclasses.KW_ONLY":
                    keyword_only = True
                    continue
                one = self.declared_field(statement, statement.target, reader, problems, data=data)
                fields[one.name] = replace(one, keyword_only=keyword_only and data)
                if one.shared and one.default is not None:
                    constants[one.name] = one.default
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    for name, value in _assigned_pairs(target, statement.value):
                        if kind in {"enum", "intenum"}:
                            constants[name] = value
                        elif not (name.startswith("__") and name.endswith("__")):
                            shared = self.value_type(None, value, reader)
                            fields[name] = Field(name, shared, reader.scope.place(target), value, in_init=False, shared=True)
                            constants[name] = value
        for constructor in ("__init__", "__post_init__"):
            if constructor in methods:
                self.assigned_fields(methods[constructor], fields, reader)
        return fields, constants

    def declared_field(
        self, statement: ast.AnnAssign, target: ast.Name, reader: Annotations, problems: list[Problem], *, data: bool
    ) -> Field:
        place = reader.scope.place(statement)
        annotation = statement.annotation
        outermost = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        shared = (reader.scope.qualified(outermost) or "").rpartition(".")[2] == "ClassVar"
        if data and (reader.scope.qualified(outermost) or "") == "dataclasses.InitVar":
            problems.append(reader.scope.unsupported(statement, "an `InitVar`"))
        type_ = self.value_type(annotation, statement.value, reader)
        default, in_init = statement.value, not shared
        if data and isinstance(default, ast.Call) and reader.scope.qualified(default.func) == "dataclasses.field":
            options = {k.arg: k.value for k in default.keywords}
            chosen = options.get("init")
            in_init = not (isinstance(chosen, ast.Constant) and chosen.value is False)
            factory = options.get("default_factory")
            made = forms.placed(ast.Call(factory, [], []), factory) if factory is not None else None
            default = made if made is not None else options.get("default")
            keyword = options.get("kw_only")
            own = isinstance(keyword, ast.Constant) and keyword.value is True
            return Field(target.id, type_, place, default, in_init, shared, keyword_only=own, made=made is not None)
        return Field(target.id, type_, place, default, in_init, shared)

    def assigned_fields(self, constructor: Function, fields: dict[str, Field], reader: Annotations) -> None:
        """Add what a constructor assigns to attributes of its first parameter."""
        if not constructor.parameters:
            return
        receiver = constructor.parameters[0].name
        known = {p.name: p.type for p in constructor.parameters}
        found: dict[str, list[tuple[Type, ast.expr]]] = {}
        declared: dict[str, tuple[Type, ast.expr]] = {}
        for node in _own_statements(constructor.body):
            if isinstance(node, ast.AnnAssign) and _is_attribute(node.target, receiver):
                declared[node.target.attr] = self.value_type(node.annotation, node.value, reader), node.target
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    for attribute, value in _attribute_pairs(target, node.value, receiver):
                        type_ = self.value_type(None, value, reader, known)
                        found.setdefault(attribute.attr, []).append((type_, attribute))
        for name, (type_, target) in declared.items():
            fields[name] = self.merged(fields.get(name), name, type_, reader.scope.place(target))
        for name, values in found.items():
            if name in declared:
                continue
            seen = [t for t, _ in values]
            type_ = types.UNKNOWN if types.UNKNOWN in seen else types.union(*seen)
            fields[name] = self.merged(fields.get(name), name, type_, reader.scope.place(values[0][1]))

    def merged(self, before: Field | None, name: str, type_: Type, place: Place) -> Field:
        if before is None:
            return Field(name, type_, place, in_init=False)
        return replace(before, type=type_ if before.type == types.UNKNOWN else before.type, shared=False)


def _undecorated(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _options(decorator: ast.expr) -> dict[str, bool]:
    """Return the options of a decorator that are written as True or False."""
    if not isinstance(decorator, ast.Call):
        return {}
    pairs = ((k.arg or "", k.value) for k in decorator.keywords)
    return {name: value.value for name, value in pairs if isinstance(value, ast.Constant) and isinstance(value.value, bool)}


def _variables(type_: Type) -> list[types.Variable]:
    """Return the type variables at the top of an argument of a base class."""
    if isinstance(type_, types.Variable):
        return [type_]
    parts: Sequence[Type] = ()
    match type_:
        case types.Tuple(items=inner) | types.Union(options=inner) | types.Instance(arguments=inner):
            parts = inner
        case types.Collection(item=item):
            parts = (item,)
        case types.Mapping(key=key, value=value):
            parts = (key, value)
    return [v for part in parts for v in _variables(part)]


def _hollow(body: Sequence[ast.stmt]) -> bool:
    """Whether a body does nothing but say that it is elsewhere."""
    left = [s for s in body if not isinstance(s, ast.Pass)]
    return all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) and s.value.value is Ellipsis for s in left)


def _own_statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body at any depth, but for those of definitions in it."""
    found: list[ast.stmt] = []
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt):
            found.append(node)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))
    return found


def _gives_a_value(node: ast.FunctionDef) -> bool:
    """Whether a function may return something but None: it returns a value, or it is a generator."""
    for statement in _own_statements(node.body):
        if isinstance(statement, ast.Return) and statement.value is not None:
            return True
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(children(one))
    return False


def _class_statements(node: ast.ClassDef) -> list[ast.stmt]:
    """Return the statements of a class body, with those under `if` and `try`."""
    found: list[ast.stmt] = []
    pending: list[ast.stmt] = list(reversed(node.body))
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.If | ast.Try | ast.With):
            inner: list[ast.stmt] = []
            for child in children(statement):
                inner.extend(
                    [child] if isinstance(child, ast.stmt) else child.body if isinstance(child, ast.ExceptHandler) else []
                )
            pending.extend(reversed(inner))
        else:
            found.append(statement)
    return found


def _depth_of_class(node: ast.ClassDef) -> int:
    depth, level = 0, [node]
    while level:
        depth += 1
        level = [s for c in level for s in _class_statements(c) if isinstance(s, ast.ClassDef)]
    return depth


def _assigned_pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and _matched(target, value):
        return [p for t, v in zip(target.elts, value.elts, strict=True) for p in _assigned_pairs(t, v)]
    return []


def _is_attribute(target: ast.expr, receiver: str) -> TypeGuard[ast.Attribute]:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == receiver


def _attribute_pairs(target: ast.expr, value: ast.expr | None, receiver: str) -> list[tuple[ast.Attribute, ast.expr | None]]:
    """Return the attributes of the receiver that an assignment binds, each with its value, if that is written on its own."""
    if isinstance(target, ast.Attribute):
        return [(target, value)] if _is_attribute(target, receiver) else []
    if isinstance(target, ast.Starred):
        return _attribute_pairs(target.value, None, receiver)
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    values: Sequence[ast.expr | None] = [None] * len(target.elts)
    if isinstance(value, ast.Tuple | ast.List) and _matched(target, value):
        values = value.elts
    return [p for t, v in zip(target.elts, values, strict=True) for p in _attribute_pairs(t, v, receiver)]


# The whole


def read_module(text: str, path: str, name: str = "", *, library: bool = False) -> Module:
    """Read a module on its own.

    Parameters
    ----------
    path : str
        Relative to what is checked.
    name : str
        Its dotted name; by default what `module_name` makes of the path.
    library : bool
        A contract file of a library: functions without body are taken at their word.

    Raises
    ------
    UnreadableArtefact
        As `parse` does.
    """
    surface = _surface(name or module_name(path), path, text)
    return _Reader(surface, _World({surface.name: surface}), library).module()


def read_program(
    sources: Mapping[str, str], roots: Iterable[str] = (), *, libraries: Mapping[str, Module] | None = None
) -> Program:
    """Read modules that may import one another, in circles too.

    Parameters
    ----------
    sources : mapping of str to str
        Relative path to text.
    roots : iterable of str
        Folders in which packages are looked for; the top is always one.
    libraries : mapping of str to Module
        Modules that were read before, by name; the program gets them as they are.

    Returns
    -------
    Program
        Of what can be read; `unreadable` says why the rest cannot.
    """
    surfaces: dict[str, _Surface] = {}
    unreadable: dict[str, ProbatumError] = {}
    roots = tuple(roots)
    for path in sorted(sources):
        try:
            surface = _surface(module_name(path, roots), path, sources[path])
        except UnreadableArtefact as error:
            unreadable[path] = error
            continue
        if surface.name in surfaces:
            message = f"`{path}` and `{surfaces[surface.name].path}` are both the module `{surface.name}`"
            advice = "name one root of packages in the configuration, or rename one of them"
            unreadable[path] = UnreadableArtefact(message, help=advice, location=Location(path))
            continue
        surfaces[surface.name] = surface
    world = _World(surfaces)
    modules = dict(libraries or {}) | {
        n: _Reader(s, world, library=s.path.endswith(".pyi")).module() for n, s in surfaces.items()
    }
    return Program(modules, _missing(world, {*modules, *(module_name(path, roots) for path in unreadable)}), unreadable)


def _provides(world: _World, package: str, name: str) -> bool:
    """Whether a package has a name of its own, which is no module in it."""
    surface = world.surfaces.get(package)
    if surface is None:
        return False
    return bool(surface.stars) or (name in surface.names() and surface.imports.get(name) != f"{package}.{name}")


def _missing(world: _World, known: set[str]) -> tuple[str, ...]:
    """Return the modules that are imported, and that are neither here nor in the standard library."""
    found: dict[str, None] = {}
    folders = {".".join(n.split(".")[:i]) for n in known for i in range(1, n.count(".") + 1)}
    for surface in world.surfaces.values():
        for node in _imports(surface.tree.body):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            elif (base := _base(node, surface.name, package=surface.package)) and base not in folders:
                names = [base]
            elif base in folders:
                names = [f"{base}.{a.name}" for a in node.names if a.name != "*" and not _provides(world, base, a.name)]
            for name in names:
                top = name.partition(".")[0]
                if not (name in known or name in folders or top in sys.stdlib_module_names or top in _never_missing):
                    found[name] = None
    return tuple(found)
