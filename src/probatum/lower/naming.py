"""Which names of a module other code may mention, and what must have its value before a statement of the module can run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from probatum.python import forms
from probatum.python.program import Module, ModuleCode, Program
from probatum.python.scopes import bound_names, children

_definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Names that are looked up in the module, attributes of whatever object, and dotted names."""

    names: frozenset[str]
    attributes: frozenset[str]
    paths: frozenset[str] = frozenset()


@lru_cache(maxsize=8192)
def mentions(definition: ast.stmt) -> Mentions:
    """Return what running a function mentions, or what defining a class does and what its methods do."""
    names: set[str] = set()
    attributes: set[str] = set()
    paths: set[str] = set()
    pending: list[tuple[ast.AST, frozenset[str]]] = [(definition, frozenset())]
    while pending:
        node, hidden = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = hidden | bound_names(node)
            pending += [(s, inner) for s in node.body]
            evaluated = (*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d is not None))
            pending += [(e, hidden) for e in evaluated]
        elif isinstance(node, ast.expr):
            own = mentioned(node)
            names |= own.names - hidden
            attributes |= own.attributes
            paths |= own.paths
        elif isinstance(node, ast.Global):
            names |= set(node.names)
        elif isinstance(node, ast.AnnAssign):
            pending += [(c, hidden) for c in (node.target, node.value) if c is not None]
        else:
            pending += [(c, hidden) for c in children(node)]
    return Mentions(frozenset(names), frozenset(attributes), frozenset(paths))


def mentioned(expression: ast.expr) -> Mentions:
    """Return what evaluating an expression mentions."""
    attributes = [n for n in ast.walk(expression) if isinstance(n, ast.Attribute)]
    paths = (_path(n) for n in attributes)
    return Mentions(
        frozenset(forms.free_names(expression)), frozenset(n.attr for n in attributes), frozenset(filter(None, paths))
    )


def _path(node: ast.expr) -> str:
    """Return a dotted name; "" if it is something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


@lru_cache(maxsize=16)
def shared(program: Program, code: ModuleCode) -> frozenset[str]:
    """Return the variables of a module that code besides that of its top level may mention."""
    module = program.modules[code.module]
    own = {*module.constants, *module.variables}
    found: set[str] = set()
    for definition in definitions(module.tree):
        found |= mentions(definition).names
    for other in program.modules.values():
        if other is module:
            continue
        imported = [target for target in other.imports.values() if _leads_to(target, module.name)]
        found |= {target.removeprefix(f"{module.name}.").partition(".")[0] for target in imported}
        if imported:
            found |= {n.attr for n in ast.walk(other.tree) if isinstance(n, ast.Attribute)}
    found &= own
    waiting = list(found)
    while waiting:  # what constants are made of
        value = module.constants.get(waiting.pop())
        more = (forms.free_names(value) & own) - found if value is not None else set()
        found |= more
        waiting += more
    return frozenset(found)


def _leads_to(target: str, module: str) -> bool:
    return target == module or target.startswith(f"{module}.") or module.startswith(f"{target}.")


def definitions(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the functions and classes of a module, not those inside of them."""
    pending: list[ast.AST] = list(reversed(tree.body))
    while pending:
        node = pending.pop()
        if isinstance(node, _definitions):
            yield node
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))


def needed(module: Module, parts: Sequence[ast.AST], bound: frozenset[str]) -> dict[str, ast.AST]:
    """Return the names of a module that evaluating expressions may look up, each with the expression that does so first.

    Functions that are only named count as called. Of methods, those count that have a name which is mentioned, in
    classes that are bound already: no other class has instances.
    """
    found: dict[str, ast.AST] = {}
    seen: set[str] = set()  # of attributes
    own = {n.name: n for n in definitions(module.tree) if isinstance(n, _definitions)}
    for part in parts:
        names = set(forms.free_names(part)) if isinstance(part, ast.expr) else set()
        attributes = {n.attr for n in ast.walk(part) if isinstance(n, ast.Attribute)}
        waiting = [*names, *(f".{a}" for a in attributes)]
        while waiting:
            name = waiting.pop()
            if name.startswith("."):
                if name in seen:
                    continue
                seen.add(name)
                said = [_method(own[c], name[1:]) for c in own if c in bound and isinstance(own[c], ast.ClassDef)]
                for method in (m for m in said if m is not None):
                    inner = mentions(method)
                    waiting += [*inner.names, *(f".{a}" for a in inner.attributes)]
                continue
            if name in found:
                continue
            found[name] = part
            definition = own.get(name)
            if isinstance(definition, ast.ClassDef):
                for special in _special(definition):
                    inner = mentions(special)
                    waiting += [*inner.names, *(f".{a}" for a in inner.attributes)]
                waiting += [b.id for b in definition.bases if isinstance(b, ast.Name)]
            elif definition is not None:
                inner = mentions(definition)
                waiting += [*inner.names, *(f".{a}" for a in inner.attributes)]
    return found


def _method(definition: ast.stmt, name: str) -> ast.stmt | None:
    assert isinstance(definition, ast.ClassDef)
    return next((s for s in definition.body if isinstance(s, ast.FunctionDef) and s.name == name), None)


def _special(definition: ast.ClassDef) -> list[ast.FunctionDef]:
    return [s for s in definition.body if isinstance(s, ast.FunctionDef) and s.name.startswith("__") and s.name.endswith("__")]


@lru_cache(maxsize=4096)
def declared_global(node: ast.FunctionDef) -> frozenset[str]:
    """Return the names that a function declares `global`, right in its body at any depth of statements."""
    found: set[str] = set()
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Global):
            found.update(one.names)
        elif isinstance(one, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(one, _definitions):
            pending.extend(c for c in children(one) if not isinstance(c, ast.expr))
    return frozenset(found)


# --- what never changes ---------------------------------------------------------------------------------------------

_reading = frozenset(
    {"all", "any", "bool", "dict", "enumerate", "frozenset", "isinstance", "len", "list", "print", "repr", "reversed", "set"}
    | {"sorted", "str", "sum", "tuple", "zip"}
)
_choosing = frozenset({"max", "min"})  # which return one of several arguments
_quantifying = frozenset({"forall", "exists", "Forall", "Exists"})
_looking = frozenset({"get", "keys", "values", "items", "index", "count", "copy", "union", "intersection", "difference"})
_looking |= {"issubset", "issuperset", "isdisjoint", "symmetric_difference"}
_displays = ast.List | ast.Dict | ast.Set | ast.Tuple | ast.Constant


@lru_cache(maxsize=512)
def exposed(tree: ast.Module) -> Mentions:
    """Return the names, and the attributes, that stand where what they mean could be changed or kept by others."""
    names: set[str] = set()
    attributes: set[str] = set()
    own = _bound_anywhere(tree)
    pending: list[tuple[ast.AST, ast.AST | None, ast.AST | None]] = [(tree, None, None)]
    while pending:
        node, parent, above = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not _only_read(node, parent, above, own):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and not _only_read(node, parent, above, own):
            attributes.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            names.add(node.id)
        pending += [(c, node, parent) for c in children(node)]
    return Mentions(frozenset(names), frozenset(attributes))


def exposed_names(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names and the attributes of `exposed`."""
    said = exposed(tree)
    return said.names, said.attributes


def _bound_anywhere(tree: ast.Module) -> frozenset[str]:
    """Return all names that anything in a module binds, other than by importing."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, _definitions):
            found.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias) and (node.asname or node.name) in _reading | _choosing:
            found.add(node.asname or node.name)
    return frozenset(found)


def _only_read(node: ast.expr, parent: ast.AST | None, above: ast.AST | None, own: frozenset[str]) -> bool:
    """Whether an expression stands where the collection that it means is only looked at; `own`: names that are no builtins."""
    match parent:
        case ast.Subscript(value=value, ctx=ast.Load()):
            return True if value is node else not isinstance(node, ast.Slice)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
            return right is node and left is not node
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):  # another object is given the collection
            return isinstance(right if left is node else left, _displays)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            plain = name in _reading | _quantifying or (name in _choosing and len(arguments) == 1)
            return plain and name not in own and any(a is node for a in arguments)
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
            return iterated is node
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return test is node
        case ast.Attribute(value=value, attr=attribute, ctx=ast.Load()):
            return value is node and attribute in _looking and isinstance(above, ast.Call) and above.func is parent
        case ast.UnaryOp(op=ast.Not()) | ast.FormattedValue():
            return True
    return False


def never_changed(program: Program, module: Module, name: str) -> bool:
    """Whether a collection that a module names is only looked at, by all code that is known."""
    if name in exposed(module.tree).names:
        return False
    qualified = f"{module.name}.{name}"
    for other in program.modules.values():
        known = exposed(other.tree)
        if name in known.attributes:
            return False
        if other is not module and any(target == qualified and local in known.names for local, target in other.imports.items()):
            return False
        if other is not module and other.imports.get(name) == qualified and name in known.names:
            return False
    return True


# --- what certainly has a value --------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def surely_bound(tree: ast.Module) -> frozenset[str]:
    """Return the names that a module assigns whatever happens while it is imported, and that nothing deletes."""
    deleted = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)}
    return frozenset((_bound_by(tree.body) or set()) - deleted)


def _bound_by(body: Sequence[ast.stmt]) -> set[str] | None:
    """Return the names that statements bind on every way through them; None: there is no way through.

    A `with` may suppress what is raised in it, wherever that is.
    """
    found: set[str] = set()
    for statement in body:
        match statement:
            case ast.Assign(targets=targets):
                found |= {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()) | ast.AugAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {(a.asname or a.name).partition(".")[0] for a in names}
            case ast.If(body=then, orelse=other):
                found |= _on_all_ways([_bound_by(then), _bound_by(other)])
            case ast.Try(body=inner, handlers=handlers, orelse=other, finalbody=last):
                normal = _bound_by([*inner, *other])
                found |= _on_all_ways([normal, *(_bound_by(h.body) for h in handlers)]) | (_bound_by(last) or set())
            case ast.Raise():
                return None
    return found


def _on_all_ways(ways: Sequence[set[str] | None]) -> set[str]:
    known = [way for way in ways if way is not None]
    return set.intersection(*known) if known else set()
