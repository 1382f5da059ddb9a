"""Named tuples that a call makes: as the class statements that mean the same.

    P = namedtuple("P", "x y")                      class P(NamedTuple): x: object; y: object
    P = NamedTuple("P", [("x", int)])               class P(NamedTuple): x: int
    class P(Base, NamedTuple("P", [("x", int)])):   class P(Base, NamedTuple): x: int; ...

The name `__NamedTuple__`, which modules are given for it, is that of the class in `typing`.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping

from probatum.python import forms

NAME, QUALIFIED = "__NamedTuple__", "typing.NamedTuple"
_MAKERS = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple", "collections.namedtuple"})
_Fields = list[tuple[str, ast.expr | None, ast.expr | None]]  # names, types and defaults


def class_made(name: str, value: ast.expr, at: ast.Assign, imports: Mapping[str, str]) -> ast.ClassDef | None:
    """Return the class statement for `name = namedtuple(...)`; None if the value is no such call, or none that is known."""
    fields = _fields(value, imports)
    if fields is None or not isinstance(value, ast.Call):
        return None
    title = value.args[0]
    if not (isinstance(title, ast.Constant) and title.value == name):
        return None
    class_ = ast.ClassDef(name, [_base(value)], [], _declarations(fields, value) or [ast.Pass()], [])
    return forms.placed(class_, at)


def class_derived(node: ast.ClassDef, imports: Mapping[str, str]) -> ast.ClassDef:
    """Return a class statement without calls that make a named tuple as a base; the same if there is none.

    What the class declares itself is no field of such a tuple, so a class that does both stays as it is.
    """
    found = [(base, fields) for base in node.bases if (fields := _fields(base, imports)) is not None]
    if len(found) != 1 or any(isinstance(s, ast.AnnAssign) for s in node.body):
        return node
    [(made, fields)] = found
    bases = [_base(made) if base is made else base for base in node.bases]
    body = [*_declarations(fields, made), *node.body]
    return ast.copy_location(ast.ClassDef(node.name, bases, node.keywords, body, node.decorator_list), node)


def _base(at: ast.expr) -> ast.Name:
    return forms.placed(ast.Name(NAME, ast.Load()), at)


def _declarations(fields: _Fields, at: ast.expr) -> list[ast.stmt]:
    return [
        forms.placed(ast.AnnAssign(ast.Name(name, ast.Store()), type_ or ast.Name("object", ast.Load()), default, 1), at)
        for name, type_, default in fields
    ]


def _fields(node: ast.expr, imports: Mapping[str, str]) -> _Fields | None:
    """Return the fields that a call gives a named tuple; None if it does not, or in a way that is not known."""
    if not isinstance(node, ast.Call) or _qualified(node.func, imports) not in _MAKERS or len(node.args) != 2:
        return None
    fields = _typed(node) if _qualified(node.func, imports).endswith(".NamedTuple") else _untyped(node)
    if fields is None:
        return None
    names = [name for name, _, _ in fields]
    usable = all(n.isidentifier() and not n.startswith("_") and not keyword.iskeyword(n) for n in names)
    return fields if usable and len(set(names)) == len(names) else None


def _qualified(node: ast.expr, imports: Mapping[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return imports.get(name, "")
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in imports:
            return f"{imports[name]}.{attribute}"
    return ""


def _typed(node: ast.Call) -> _Fields | None:
    given = node.args[1]
    if node.keywords or not isinstance(given, ast.List | ast.Tuple):
        return None
    found: _Fields = []
    for one in given.elts:
        match one:
            case ast.Tuple(elts=[ast.Constant(value=str(name)), type_]):
                found.append((name, type_, None))
            case _:
                return None
    return found


def _untyped(node: ast.Call) -> _Fields | None:
    match node.args[1]:
        case ast.Constant(value=str(text)):
            names = text.replace(",", " ").split()
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            strings = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
            if len(strings) != len(parts):
                return None
            names = strings
        case _:
            return None
    defaults: list[ast.expr] = []
    for one in node.keywords:
        if one.arg != "defaults" or not isinstance(one.value, ast.List | ast.Tuple) or len(one.value.elts) > len(names):
            return None
        defaults = list(one.value.elts)
    values = [None] * (len(names) - len(defaults)) + list(defaults)
    return [(name, None, value) for name, value in zip(names, values, strict=True)]
