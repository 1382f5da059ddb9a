r"""Classes that have no instances: whose `__new__` gives back something else, under a `typing.cast`.

    class Lines(DBC):
        @require(lambda lines: all("\n" not in line for line in lines))
        def __new__(cls, lines: Sequence[str]) -> "Lines":
            return cast(Lines, lines)

        def __len__(self) -> int:
            raise NotImplementedError("only for type annotations")

At run time `Lines(xs)` is `xs` itself, and no method of the class ever runs: Python calls `__init__` only if
`__new__` returns an instance. So the class is another name for the type of what is cast, wherever it stands in an
annotation. What `__new__` requires holds when it is called and is known of nothing else, for a list may change afterwards.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from probatum.python import types
from probatum.python.annotations import Annotations, literal_type
from probatum.python.scopes import Scope, walk

if TYPE_CHECKING:
    from probatum.python.surfaces import World
    from probatum.python.types import Type

_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})
_DECORATORS = frozenset({"typing.final", "typing_extensions.final", "icontract.invariant"})
_WITHOUT_NEW = frozenset({"icontract.DBC", "abc.ABC", "builtins.object"})  # bases that leave `__new__` to the others
_PLAIN = frozenset({"int", "bool", "float", "str", "bytes", "bytearray"})


def constructor_of(node: ast.ClassDef) -> ast.FunctionDef | None:
    """Return the `__new__` that a class defines, if that is one plain definition."""
    found = [s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__new__"]
    return found[0] if len(found) == 1 and found[0].args.args else None


def plain_type(name: str, node: ast.ClassDef, world: World, scope: Scope) -> Type | None:
    """Return the type of what calls of a class give back, if that is never an instance of it; None: it may be one.

    Parameters
    ----------
    name : str
        The qualified name of the class.
    scope : Scope
        Of its module's top level.
    """
    if node.keywords or not all(_leaves_it(d, scope) for d in node.decorator_list):
        return None
    if any(isinstance(s, ast.FunctionDef) and s.name == "__new__" for s in node.body):
        new = constructor_of(node)
        cast = _only_cast(new, scope, name) if new is not None else None
        found = _type_of(cast.args[1], new, scope) if cast is not None and new is not None else None
        return None if found is None or _may_be_one(found) else found
    above = [scope.qualified(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases]
    own = [base for base in above if base not in _WITHOUT_NEW]
    return world.alias(own[0]) if len(own) == 1 and own[0] is not None and names_class(own[0], world) else None


def names_class(qualified: str, world: World) -> bool:
    """Whether a qualified name is that of a class at the top level of a module that is known."""
    split = world.split(qualified)
    return split is not None and len(split[1]) == 1 and split[1][0] in world.surfaces[split[0]].classes


def _leaves_it(decorator: ast.expr, scope: Scope) -> bool:
    """Whether a decorator gives back the class itself."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return scope.qualified(target) in _DECORATORS


def _only_cast(new: ast.FunctionDef, scope: Scope, name: str) -> ast.Call | None:
    """Return the cast that a constructor ends with, if it returns nothing else and makes no use of its class."""
    inner = scope.inside(new)
    own = new.args.args[0].arg
    nodes = [n for s in new.body for n in walk(s)]
    if any(isinstance(n, ast.Name) and n.id == own for n in nodes):
        return None
    if any(isinstance(n, ast.Name) and n.id == "super" for n in nodes) or any(
        isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Yield | ast.YieldFrom) for n in nodes
    ):
        return None
    returned = [n.value for n in nodes if isinstance(n, ast.Return)]
    if len(returned) != 1 or not isinstance(new.body[-1], ast.Return):
        return None
    value = returned[0]
    if not (isinstance(value, ast.Call) and len(value.args) == 2 and not value.keywords):
        return None
    if inner.qualified(value.func) not in _CASTS:
        return None
    target = value.args[0]
    if isinstance(target, ast.Constant) and isinstance(target.value, str):
        return value if target.value == name.rpartition(".")[2] else None
    return value if scope.qualified(target) == name else None


def returned_name(new: ast.FunctionDef) -> str:
    """Return the parameter that such a constructor gives back as it was passed; "" if it computes what it gives back."""
    last = new.body[-1]
    value = last.value.args[1] if isinstance(last, ast.Return) and isinstance(last.value, ast.Call) else None
    if not isinstance(value, ast.Name):
        return ""
    stored = {n.id for s in new.body for n in walk(s) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    return "" if value.id in stored or value.id not in {a.arg for a in ast.walk(new.args) if isinstance(a, ast.arg)} else value.id


def _type_of(value: ast.expr, new: ast.FunctionDef, scope: Scope) -> Type | None:
    """Return the declared type of what is cast: of a parameter, of a local variable, or of what is written there."""
    reader = Annotations(scope)
    given = [*new.args.posonlyargs, *new.args.args, *new.args.kwonlyargs]
    known = {a.arg: reader.read(a.annotation) for a in given if a.annotation is not None}
    if isinstance(value, ast.Name):
        found = known.get(value.id)
        declared = [
            s for s in new.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and s.target.id == value.id
        ]
        if found is None and len(declared) == 1:
            found = reader.read(declared[0].annotation)
        return None if reader.problems else found
    found = literal_type(value, known=known, scope=scope)
    return None if reader.problems else found


def _may_be_one(found: Type) -> bool:
    """Whether a value of a type may be an instance of a class that somebody wrote, and so of this one."""
    match found:
        case types.Union(options=options):
            return any(map(_may_be_one, options))
        case types.Plain(name=name):
            return name not in _PLAIN
        case types.Ranged() | types.Tuple() | types.Collection() | types.Mapping():
            return False
    return True


__all__ = ["constructor_of", "names_class", "plain_type", "returned_name"]
