"""What code puts in the place of definitions of classes and modules."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from probatum.python import types as t
from probatum.python.program import Class, Module, Program
from probatum.python.scopes import children

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
        self.methods = {name for c in classes for name in _methods(c)}
        self.of_classes = {name for c in classes for name in _shared(c)}
        self.of_instances = {name for c in classes for name in _own(c)}


def _methods(class_: Class) -> set[str]:
    return {m.node.name for m in class_.methods.values() if m.kind not in ("property", "setter")}


def _shared(class_: Class) -> set[str]:
    """Return the names that stand for one thing in all instances: methods and attributes of the class."""
    return {*_methods(class_), *class_.constants, *(name for name, field in class_.fields.items() if field.shared)}


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
        # Nodes, each with the types of what names of functions around it stand for, and whether it is in none.
        pending: list[tuple[ast.AST, Mapping[str, t.Type], bool]] = [(self.module.tree, self._made(self.module.tree), True)]
        while pending:
            node, names, top = pending.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names, top = {**names, **self._parameters(node), **self._made(node)}, False
            match node:
                case ast.Attribute(ctx=ast.Store() | ast.Del(), attr=attribute, value=value):
                    yield from self._of(value, attribute, names, top=top)
                case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[value, name, *_]):
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        yield from self._of(value, name.value, names, top=top)
                    else:
                        yield from self._computed(value, names, top=top)
            pending.extend((child, names, top) for child in children(node))

    def _parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, t.Type]:
        """Return the types of parameters; of what is not known: unknown."""
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
        return found

    def _made(self, node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, t.Type]:
        """Return the types of variables that a body binds: those that hold nothing but new instances of one class; or unknown."""
        waiting: list[ast.AST] = list(node.body)
        found: dict[str, t.Type] = {}
        made: dict[int, t.Type] = {}  # by the nodes of targets
        for inner in waiting:
            if isinstance(inner, ast.Assign | ast.AnnAssign) and isinstance(inner.value, ast.Call):
                class_ = self._class_of(inner.value.func)
                for target in inner.targets if isinstance(inner, ast.Assign) else [inner.target]:
                    if class_ is not None:
                        made[id(target)] = t.Instance(class_.qualified)
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                own = made.get(id(inner), t.UNKNOWN)
                found[inner.id] = own if found.get(inner.id, own) == own else t.UNKNOWN
            if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                waiting += children(inner)
        return found

    def _class_of(self, node: ast.expr) -> Class | None:
        if not isinstance(node, ast.Name):
            return None
        return self.program.class_(self.module.imports.get(node.id, f"{self.module.name}.{node.id}"))

    def _of(self, value: ast.expr, attribute: str, names: Mapping[str, t.Type], *, top: bool) -> Iterator[tuple[str, str]]:
        root = value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in self.known and root.id not in names:
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
        type_ = names.get(value.id, t.UNKNOWN) if isinstance(value, ast.Name) else t.UNKNOWN
        type_ = t.without_none(type_)
        own, of_class = (type_.of, True) if isinstance(type_, t.ClassObject) else (type_, False)
        if isinstance(own, t.Instance) and (class_ := self.program.class_(own.name)) is not None:
            # What instances share they may have for themselves: that is looked at where it is read. A method is in the way then,
            # and those that Python calls by itself it looks up in the class.
            if of_class or attribute == "__class__" or (attribute in self.definitions.methods and attribute not in _own(class_)):
                yield attribute, class_.qualified
        elif top or attribute not in self.definitions.of_instances:
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

    def _computed(self, value: ast.expr, names: Mapping[str, t.Type], *, top: bool) -> Iterator[tuple[str, str]]:
        """Yield what an assignment to an attribute with a computed name may concern; of instances it is taken to be their own."""
        if not isinstance(value, ast.Name):
            return
        type_ = names.get(value.id)
        if isinstance(type_, t.ClassObject) and isinstance(type_.of, t.Instance):
            yield ANY, type_.of.name
        elif type_ is None and value.id in self.known:
            yield ANY, self.module.imports.get(value.id, f"{self.module.name}.{value.id}")
        elif top and not isinstance(type_, t.Instance):
            yield ANY, ""
