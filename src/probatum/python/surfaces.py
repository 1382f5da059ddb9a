"""What modules bind at their top level, and what their names lead to in one another.

A `Surface` is taken from the tree alone. A `World` is the surfaces that are
known together: it follows names through imports and aliases, in circles too.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from pathlib import PurePosixPath

from probatum.python import forms, records, types
from probatum.python.annotations import Annotations
from probatum.python.namespaces import computed_bindings
from probatum.python.plain_instances import plain_type
from probatum.python.program import Problem
from probatum.python.scopes import Positions, Scope, children, registered_exports
from probatum.python.texts import base_of, deepest, import_statements, parse, too_deep
from probatum.python.types import Type
from probatum.records import dataclass

contract_libraries = ("probatum.", "icontract.", "deal.", "nagini_contracts.")


@dataclass
class Surface:
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
    patched: set[tuple[str, ...]] = field(default_factory=set)  # `a.b.c = ...`, as its parts
    assigned_elsewhere: set[str] = field(default_factory=set)  # variables that other modules assign
    hidden: dict[str, set[str]] = field(default_factory=dict)  # by modules with stars: the names that were bound before
    public: list[str] | None = None
    shallow: bool = True  # nothing in it is nested more than `deepest` levels deep
    problems: list[Problem] = field(default_factory=list)

    def constants(self) -> dict[str, ast.expr]:
        """Return the names that are bound exactly once, to an expression."""
        once = {n: values[0] for n, values in self.assigned.items() if len(values) == 1 and not self.otherwise_bound(n)}
        return {
            name: value
            for name, (value, _, sure) in once.items()
            if sure and value is not None and (self.shallow or not too_deep(value))
        }

    def otherwise_bound(self, name: str) -> bool:
        """Whether a name is bound by something besides assignments."""
        return name in self.rebound or name in self.functions or name in self.classes or name in self.imports

    def qualified(self, name: str) -> str:
        """Return the qualified name of something that the module defines."""
        return f"{self.name}.{name}"

    def names(self) -> frozenset[str]:
        """Return all names that the module binds, but for what stars bring."""
        return frozenset({*self.imports, *self.functions, *self.classes, *self.assigned, *self.rebound})


def surface_of(name: str, path: str, text: str) -> Surface:
    """Take what a module binds; raises as `parse` does."""
    tree = parse(text, path)
    package = PurePosixPath(path).name in {"__init__.py", "__init__.pyi"}
    surface = Surface(name, path, text, tree, Positions(text.removeprefix("\ufeff")), package)
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
            elif isinstance(one, ast.Attribute) and not isinstance(one.ctx, ast.Load) and (parts := _parts(one)):
                surface.patched.add(parts)
        level = [child for one in level for child in children(one)]
    surface.shallow = depth <= deepest
    return surface


def _parts(node: ast.expr) -> tuple[str, ...]:
    """Return the parts of a dotted name; nothing if it is something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


def note_patches(surfaces: Mapping[str, Surface]) -> None:
    """Take note of names that are not only what their one definition says.

    Other modules assign them (`import m; m.x = 1`), something computes which names it binds, or a star brings them, too.
    """
    for surface in surfaces.values():
        bound = computed_bindings(surface.tree, surface.text, surface.name)
        _also_bound(surface, surface.names() if bound.anything else bound.names)
        for module, name in bound.elsewhere:
            if module in surfaces:
                _also_bound(surfaces[module], surfaces[module].names() if not name else {name})
    world = World(surfaces)
    for surface in surfaces.values():
        for star, before in surface.hidden.items():
            names = world.exports(star)
            if names is None and f"{star}.".startswith(contract_libraries):
                continue
            twice = before if names is None else before & names
            surface.rebound.update(n for n in twice if surface.imports.get(n) != f"{star}.{n}")
    for surface in surfaces.values():
        if not surface.patched:
            continue
        known: dict[str, str] = {}
        for node in import_statements(surface.tree.body):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    known[alias.asname or top] = alias.name if alias.asname else top
            elif (base := base_of(node, surface.name, package=surface.package)) is not None:
                known.update((a.asname or a.name, f"{base}.{a.name}" if base else a.name) for a in node.names)
        for first, *rest in surface.patched:
            target = surfaces.get(".".join([known.get(first, ""), *rest[:-1]]))
            if target is not None and rest[-1] in target.assigned:
                target.rebound.add(rest[-1])
                target.assigned_elsewhere.add(rest[-1])


def _also_bound(surface: Surface, names: Collection[str]) -> None:
    """Take note of names of a module that something assigns which is not looked at."""
    own = surface.names().intersection(names)
    surface.rebound.update(own)
    surface.assigned_elsewhere.update(own.intersection(surface.assigned))


def _take(surface: Surface, node: ast.stmt, *, sure: bool) -> list[ast.stmt]:
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
                surface.problems.append(defined_again(surface, surface.classes[node.name], node))
            surface.classes[node.name] = own = records.class_derived(node, surface.imports)
            if own is not node:
                surface.imports[records.NAME] = records.QUALIFIED
        case ast.Assign(targets=[ast.Name(id=name)]) if (
            sure and name not in surface.classes and (made := records.class_made(name, node.value, node, surface.imports))
        ):
            surface.classes[name] = made
            surface.imports[records.NAME] = records.QUALIFIED
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


def _take_compound(surface: Surface, node: ast.If | ast.Try | ast.With | ast.For | ast.While | ast.Match) -> list[ast.stmt]:
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
    return len(imports) == len(node.body) and any(f"{name}.".startswith(contract_libraries) for name in names)


def _take_type_alias(surface: Surface, node: ast.stmt) -> None:
    alias = getattr(node, "name", None)
    if type(node).__name__ == "TypeAlias" and isinstance(alias, ast.Name):  # Python 3.12
        surface.assigned.setdefault(alias.id, []).append((node.value, None, True))  # type: ignore[attr-defined]  # newer than 3.11
        surface.generic_aliases[alias.id] = node


def _take_assignment_expressions(surface: Surface, node: ast.stmt) -> None:
    pending = [c for c in children(node) if not isinstance(c, ast.stmt | ast.ExceptHandler | ast.match_case)]
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.NamedExpr):
            surface.rebound.add(inner.target.id)
        pending.extend(children(inner))


def _take_from(surface: Surface, node: ast.ImportFrom) -> None:
    base = base_of(node, surface.name, package=surface.package)
    if base is None:
        message = f"the relative import goes {node.level} levels up, which is above the top"
        surface.problems.append(Problem(surface.positions.place(node), message, unsupported=False))
        base = node.module or ""
    for alias in node.names:
        if alias.name == "*":
            surface.stars.append(base)
            surface.hidden.setdefault(base, set()).update(surface.names())
        else:
            surface.imports[alias.asname or alias.name] = f"{base}.{alias.name}" if base else alias.name


def _take_target(surface: Surface, target: ast.expr, value: ast.expr, *, sure: bool) -> None:
    if isinstance(target, ast.Name):
        if target.id == "__all__":
            surface.public = _strings(value)
        surface.assigned.setdefault(target.id, []).append((value, None, sure))
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and matched(target, value):
        for one, own in zip(target.elts, value.elts, strict=True):
            _take_target(surface, one, own, sure=sure)
    else:
        surface.rebound.update(forms.target_names([target]))


def matched(target: ast.Tuple | ast.List, value: ast.Tuple | ast.List) -> bool:
    """Whether each part of a target gets a part of the value that is written on its own."""
    plain = not any(isinstance(e, ast.Starred) for e in (*target.elts, *value.elts))
    return plain and len(target.elts) == len(value.elts)


def _extends_public(surface: Surface, node: ast.AugAssign) -> bool:
    if not isinstance(node.target, ast.Name) or node.target.id != "__all__":
        return False
    surface.public = [*(surface.public or []), *(_strings(node.value) or [])]
    return True


def _strings(node: ast.expr) -> list[str] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    return [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]


def defined_again(surface: Surface, first: ast.stmt, second: ast.stmt, name: str = "") -> Problem:
    """Say that a later definition takes the place of one."""
    own = getattr(first, "name", "")
    message = f"`{own}` is defined again on line {second.lineno}, so this definition is not looked at"
    return Problem(surface.positions.place(first), message, name)


class World:
    """The surfaces that are known together, and what qualified names lead to."""

    def __init__(self, surfaces: Mapping[str, Surface]) -> None:
        self.surfaces = surfaces
        self._canonical: dict[str, str] = {}
        self._exports: dict[str, frozenset[str]] = {}
        self._scopes: dict[str, Scope] = {}
        self._aliases: dict[str, Type | None] = {}
        self._constants: dict[str, dict[str, ast.expr]] = {}

    def constants(self, module: str) -> dict[str, ast.expr]:
        """Return the names that a module binds exactly once, to an expression."""
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

    def split(self, qualified: str) -> tuple[str, list[str]] | None:
        """Return the module that defines a name, and the rest of the name."""
        parts = qualified.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:cut])
            if module in self.surfaces:
                return module, parts[cut:]
        return None

    def class_(self, qualified: str) -> tuple[str, ast.ClassDef] | None:
        """Return a class that is known, at whatever depth of its module, after the module's name."""
        split = self.split(qualified)
        node = None if split is None else self.surfaces[split[0]].classes.get(".".join(split[1]))
        return None if split is None or node is None else (split[0], node)

    def ancestors(self, bases: Iterable[str]) -> list[str]:
        """Return base classes and what they inherit from, each once, as far as their text is known."""
        found: dict[str, None] = {}
        pending = list(bases)
        while pending:
            base = pending.pop(0)
            if base in found:
                continue
            found[base] = None
            known = self.class_(base)
            if known is None:
                continue
            scope = self.scope(known[0])
            for expression in known[1].bases:
                target = expression.value if isinstance(expression, ast.Subscript) else expression
                qualified = scope.qualified(target)
                if qualified is not None:
                    pending.append(qualified)
        return list(found)

    def canonical(self, qualified: str) -> str:
        """Return the name under which something is defined: re-exports and plain aliases are followed."""
        if qualified not in self._canonical:
            self._canonical[qualified] = qualified  # an answer for names that lead to themselves
            self._canonical[qualified] = self._followed(qualified)
        return self._canonical[qualified]

    def _followed(self, qualified: str) -> str:
        for _ in range(50):
            split = None if qualified in self.surfaces else self.split(qualified)
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
            split = self.split(qualified)
            if split is None or len(split[1]) != 1:
                self._aliases[qualified] = None
            elif split[1][0] in self.surfaces[split[0]].assigned:
                self._aliases[qualified] = self._alias(*split)
            else:
                self._aliases[qualified] = None
                self._aliases[qualified] = self._plain_type(qualified, *split)
        return self._aliases[qualified]

    def _plain_type(self, qualified: str, module: str, rest: list[str]) -> Type | None:
        surface = self.surfaces[module]
        node = surface.classes.get(rest[0])
        if node is None or rest[0] in {*surface.functions, *surface.rebound, *surface.imports} or too_deep(node):
            return None
        return plain_type(qualified, node, self, self.scope(module))

    def named_type(self, qualified: str) -> Type | None:
        """Return the type that a name is an alias of, `unknown` for a variable or a function; None for all else."""
        found, split = self.alias(qualified), self.split(qualified)
        if found is not None or split is None or len(split[1]) != 1:
            return found
        surface, name = self.surfaces[split[0]], split[1][0]
        return types.UNKNOWN if name in surface.assigned or name in surface.functions else None

    def _alias(self, module: str, rest: list[str]) -> Type | None:
        name = rest[0]
        value = self.constants(module).get(name)
        if value is None or too_deep(value):
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


def _looks_like_type(value: ast.expr, scope: Scope, world: World, depth: int = 20) -> bool:
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
            split = world.split(qualified)
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
