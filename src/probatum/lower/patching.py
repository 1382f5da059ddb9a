"""What code puts in the place of definitions of classes and modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from probatum.python import types as t
from probatum.python.program import Class, Module, Program
from probatum.python.scopes import children, walk

ANY = "*"  # the name of an attribute that is computed
_OF_CLASSES = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})  # class methods without a decorator
_CODE = frozenset({"__code__", "__defaults__", "__kwdefaults__"})  # attributes of functions that say what a call does
# What Python looks up in classes by itself, so that a class has other operators than those it defines.
_SPECIAL = frozenset(
    name
    for kind in (object, int, float, str, list, dict, type(iter(())), type(lambda: None))
    for name in dir(kind)
    if name.startswith("__") and name.endswith("__") and callable(getattr(kind, name, None))
) | {"__bool__", "__enter__", "__exit__", "__call__", "__bases__", "__mro_entries__", "__del__", "__set_name__", "__match_args__"}


@lru_cache(maxsize=8)
def assigned_from_outside(program: Program) -> Mapping[str, frozenset[str]]:
    """Return the attributes of classes and modules that code assigns, so that their definitions are not all there is.

    By the name of the attribute (`ANY`: one that is computed): the classes and modules whose it is, "" for what was not made out.
    """
    found: dict[str, set[str]] = {}
    definitions = _Definitions(program)
    for module in program.modules.values():
        for name, owner in _Assignments(program, module, definitions).found():
            found.setdefault(name, set()).add(owner)
    return {name: frozenset(classes) for name, classes in found.items()}


@lru_cache(maxsize=8)
def special(program: Program) -> frozenset[str]:
    """Return the methods that Python calls by itself and that code assigns to classes."""
    return frozenset(assigned_from_outside(program)) & _SPECIAL


class _Definitions:
    """The names that classes of a program define, and those that instances have of their own."""

    def __init__(self, program: Program) -> None:
        classes = [c for module in program.modules.values() for c in module.classes.values()]
        self.of_classes = {name for c in classes for name in _shared(c)}
        self.of_instances = {name for c in classes for name in _own(c)}


def _shared(class_: Class) -> set[str]:
    """Return the names that stand for one thing in all instances: methods and attributes of the class."""
    methods = {m.node.name for m in class_.methods.values() if m.kind not in ("property", "setter")}
    return {*methods, *class_.constants, *(name for name, field in class_.fields.items() if field.shared)}


def _own(class_: Class) -> set[str]:
    """Return the names that each instance has its own value for."""
    properties = {m.node.name for m in class_.methods.values() if m.kind in ("property", "setter")}
    return {*properties, *(name for name, field in class_.fields.items() if not field.shared)}


class _Assignments:
    """Looks through one module for assignments to attributes that are no instance's own."""

    def __init__(self, program: Program, module: Module, definitions: _Definitions) -> None:
        self.program, self.module, self.definitions = program, module, definitions
        self.known = {*module.classes, *module.imports}
        self.methods = {id(m.node): m for m in module.every_function()}

    def found(self) -> Iterator[tuple[str, str]]:
        """Yield names of attributes, and the class or module whose they are, or ""."""
        # Nodes, each with the classes of what names around it stand for (`type[C]`: the class itself), None at the top level.
        pending: list[tuple[ast.AST, Mapping[str, t.Type] | None]] = [(self.module.tree, None)]
        while pending:
            node, names = pending.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = {**(names or {}), **self._parameters(node)}
            match node:
                case ast.Attribute(ctx=ast.Store() | ast.Del(), attr=attribute, value=value):
                    yield from self._of(value, attribute, names)
                case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[value, name, *_]):
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        yield from self._of(value, name.value, names)
                    else:
                        yield from self._computed(value, names)
            pending.extend((child, names) for child in children(node))

    def _parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, t.Type]:
        """Return the classes of parameters that the body does not bind anew; of what is not known: unknown."""
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        found: dict[str, t.Type] = {one.arg: t.UNKNOWN for one in every}
        method = self.methods.get(id(node))
        if method is not None:
            found.update((p.name, p.type) for p in method.parameters)
            if method.owner and method.kind != "static" and method.parameters:
                own: t.Type = t.Instance(f"{self.module.name}.{method.owner}")
                of_class = method.kind == "class" or node.name in _OF_CLASSES
                found[method.parameters[0].name] = t.ClassObject(own) if of_class else own
        for inner in (n for s in node.body for n in walk(s)):
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                found[inner.id] = t.UNKNOWN
        return found

    def _of(self, value: ast.expr, attribute: str, names: Mapping[str, t.Type] | None) -> Iterator[tuple[str, str]]:
        root = value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in self.known and root.id not in (names or {}):
            name = self.module.imports.get(root.id, f"{self.module.name}.{root.id}")
            class_ = self.program.class_(name) if value is root else None
            other = name if value is root and name in self.program.modules else ""
            yield attribute, class_.qualified if class_ is not None else other
            if attribute in _CODE:
                yield self._function(value)
            return
        if attribute in _CODE:
            yield self._function(value)
        elif attribute not in self.definitions.of_classes and attribute not in _SPECIAL:
            return
        type_ = (names or {}).get(value.id, t.UNKNOWN) if isinstance(value, ast.Name) else t.UNKNOWN
        type_ = t.without_none(type_)
        own, of_class = (type_.of, True) if isinstance(type_, t.ClassObject) else (type_, False)
        if isinstance(own, t.Instance) and (class_ := self.program.class_(own.name)) is not None:
            # Of an instance, Python asks no method that it calls by itself.
            looked_up = attribute in self.definitions.of_classes or attribute == "__class__"
            if of_class or (looked_up and attribute not in self._of_instances(class_)):
                yield attribute, class_.qualified
        elif names is None or attribute not in self.definitions.of_instances:
            yield attribute, ""

    def _function(self, node: ast.expr) -> tuple[str, str]:
        """Return the function that an expression stands for, and whose it is, as far as that can be told."""
        match node:
            case ast.Attribute(attr=name):
                return name, ""
            case ast.Name(id=name) if name in self.module.imports:
                module, _, own = self.module.imports[name].rpartition(".")
                return own, module
            case ast.Name(id=name) if name in self.module.functions:
                return name, self.module.name
        return ANY, ""

    def _computed(self, value: ast.expr, names: Mapping[str, t.Type] | None) -> Iterator[tuple[str, str]]:
        """Yield what an assignment to an attribute with a computed name may concern; of instances it is taken to be their own."""
        if not isinstance(value, ast.Name):
            return
        type_ = (names or {}).get(value.id)
        if isinstance(type_, t.ClassObject) and isinstance(type_.of, t.Instance):
            yield ANY, type_.of.name
        elif type_ is None and value.id in self.known:
            yield ANY, self.module.imports.get(value.id, f"{self.module.name}.{value.id}")
        elif names is None:
            yield ANY, ""

    def _of_instances(self, class_: Class) -> set[str]:
        found: set[str] = set()
        waiting, seen = [class_.qualified], set()
        while waiting:
            one = self.program.class_(waiting.pop())
            if one is not None and one.qualified not in seen:
                seen.add(one.qualified)
                found |= _own(one)
                waiting += one.bases
        return found
