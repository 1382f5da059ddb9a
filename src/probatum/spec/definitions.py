"""From a function that has been defined to the one that checks its contract: finds its source, and puts the new code in its place."""

from __future__ import annotations
import __future__ as features

import ast
import linecache
import sys
import warnings
from collections.abc import Callable
from types import CellType, CodeType, FunctionType
from typing import Any, TypeVar

from probatum.spec import checks
from probatum.spec.pieces import CannotRewrite
from probatum.spec.rewriting import NO_TYPE_PARAMETERS, Bounds, Definition, Rewriter

D = TypeVar("D")

_MADE = "__made__"
_done = "__probatum_contract__"  # marks a function that has been seen to
# File -> its text, and its functions by place; no text: it is what was loaded, whatever is in the file now.
_trees: dict[str, tuple[str | None, dict[tuple[int, str], Definition]]] = {}
# By identity, with the code itself to keep it: code that is equal may come from another module, where names mean something else.
_codes: dict[tuple[int, int, tuple[tuple[str, Bounds], ...]], tuple[CodeType, CodeType | None]] = {}
_features = sum({getattr(features, name).compiler_flag for name in features.all_feature_names})
_plain_names = frozenset({"int", "bool", "float", "str", "bytes", "object", "None", "list", "dict", "set", "tuple", "Any"})


def contract_of(definition: D) -> D:
    """Return a function that checks its contract, or a class whose methods do.

    Raises
    ------
    TypeError
        If it is neither, such as the result of another decorator.
    """
    found: Any = definition
    if isinstance(found, FunctionType):
        found = _function(found)
    elif isinstance(found, staticmethod | classmethod):
        found = type(found)(contract_of(found.__func__))
    elif isinstance(found, property):
        found = property_of(found, contract_of)
    elif isinstance(found, type):
        _class(found)
    else:
        raise TypeError(
            f"`@contract` stands on a function or a class, and this is a {type(found).__name__}: put it below the others"
        )
    result: D = found
    return result


def property_of(value: property, change: Callable[[Any], Any]) -> property:
    """Return a property with each of its functions changed."""
    parts: list[Any] = [value.fget, value.fset, value.fdel]
    get, put, delete = (None if part is None else change(part) for part in parts)
    return property(get, put, delete, value.__doc__)


def here(definition: D) -> D:
    """Do what `contract_of` does for what can be rewritten, and leave everything else as it is; `install` puts it everywhere."""
    return contract_of(definition) if isinstance(definition, FunctionType) else definition


def here_class(definition: D) -> D:
    """Check the invariant that a class has as a method; `install` puts it on classes that have one."""
    if isinstance(definition, type):
        from probatum.spec.instances import invariants_on

        return invariants_on(())(definition)
    return definition


def lemma_of(function: D) -> D:
    """Return a function that does nothing if what it proves is not checked now."""
    if isinstance(function, FunctionType) and checks.level < 2:

        def proved(*_arguments: object, **_more: object) -> None:
            """Stand for a lemma: what it says has been proved, or is not of interest."""

        replaced: Any = _like(function, proved.__code__, ())
        replaced.__defaults__ = replaced.__kwdefaults__ = None
        result: D = replaced
        return result
    return function


def _class(owner: type) -> None:
    for name, value in list(vars(owner).items()):
        if isinstance(value, FunctionType | staticmethod | classmethod | property):
            changed = contract_of(value)
            if changed is not value:
                setattr(owner, name, changed)
    if "__invariant__" in vars(owner):
        here_class(owner)


def _function(function: FunctionType) -> FunctionType:
    if getattr(function, _done, False):
        return function
    where = f"{function.__module__}.{function.__qualname__}"
    level = _built_in(function)
    try:
        bounds = _bounds(function)
        key = (id(function.__code__), level, tuple(bounds.items()))
        if key not in _codes:
            _codes[key] = (function.__code__, _rewritten(function, level, bounds))
        code = _codes[key][1]
    except CannotRewrite as why:
        warnings.warn(f"the contract of `{where}` is not checked at its end: {why}", RuntimeWarning, stacklevel=4)
        return function
    if code is None:
        return function
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    function.__globals__.setdefault("__probatum__", checks)
    made = _like(function, code, tuple(cells[name] for name in code.co_freevars))
    setattr(made, _done, True)
    return made


def _like(function: FunctionType, code: CodeType, cells: tuple[CellType, ...]) -> FunctionType:
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, cells or None)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__dict__.update(function.__dict__)
    for name in ("__annotate__",) if sys.version_info >= (3, 14) else ("__annotations__",):
        setattr(made, name, getattr(function, name))
    for name in ("__doc__", "__module__", "__qualname__", *(("__type_params__",) if sys.version_info >= (3, 12) else ())):
        setattr(made, name, getattr(function, name))
    return made


def _built_in(function: FunctionType) -> int:
    if checks.level == 0:
        return 0
    from probatum.spec.proved import level_of

    return min(checks.level, level_of(function.__code__.co_filename, function.__qualname__))


def _rewritten(function: FunctionType, level: int, bounds: dict[str, Bounds]) -> CodeType | None:
    code = function.__code__
    definition = _definition(function)
    if definition is None:
        if not _mentions_contracts(function):
            return None
        raise CannotRewrite("its source cannot be read")
    try:
        made = Rewriter(definition, function.__qualname__, _Names(function), level, bounds).rewritten()
        if made is None:
            return None
        return _compiled(made, code)
    except RecursionError as error:
        raise CannotRewrite("it is nested too deeply") from error


class _Names:
    """Says which name of `probatum.spec` an expression stands for, as the function sees it."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        self.local = {*function.__code__.co_varnames, *function.__code__.co_cellvars}
        self.cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))

    def __call__(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            value = self.value(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            value = self.attribute(node)
        else:
            return ""
        return _words().get(id(value), "") if callable(value) else ""

    def value(self, name: str) -> Any:
        if name in self.local:
            return None
        if name in self.cells:
            try:
                return self.cells[name].cell_contents
            except ValueError:  # assigned later
                return None
        return self.function.__globals__.get(name)

    def attribute(self, node: ast.Attribute) -> Any:
        names: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        value = self.value(inner.id) if isinstance(inner, ast.Name) else None
        for name in reversed(names):
            if not isinstance(value, type(sys)):  # attributes of modules alone: others may run code
                return None
            value = vars(value).get(name)
        return value


def _words() -> dict[int, str]:
    from probatum import spec

    found = _words.__dict__.get("known")
    if found is None:
        found = {id(value): name for name in spec.__all__ if callable(value := vars(spec).get(name))}
        _words.__dict__["known"] = found
    result: dict[int, str] = found
    return result


def _mentions_contracts(function: FunctionType) -> bool:
    names = _Names(function)
    return any(names(ast.Name(n, ast.Load())) for n in function.__code__.co_names)


# Source


def remember_tree(filename: str, tree: ast.Module) -> None:
    """Keep the tree of a module that has been compiled by us."""
    _trees[filename] = (None, _functions(tree))


def _functions(tree: ast.AST) -> dict[tuple[int, str], Definition]:
    found: dict[tuple[int, str], Definition] = {}
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found[(first, node.name)] = node
        pending.extend(ast.iter_child_nodes(node))
    return found


def _definition(function: FunctionType) -> Definition | None:
    filename = function.__code__.co_filename
    known = _trees.get(filename)
    if known is None or known[0] is not None:
        linecache.checkcache(filename)
        text = "".join(linecache.getlines(filename, function.__globals__))
        if not text:
            return None
        if known is None or known[0] != text:
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
            known = _trees[filename] = (text, _functions(tree))
    found = known[1].get((function.__code__.co_firstlineno, function.__code__.co_name))
    if found is None:
        return None
    a, code = found.args, function.__code__
    own = tuple(p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs))
    # The file may have changed since it was loaded: parameters that differ show it.
    theirs = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return found if len(own) == len(theirs) and all(t.endswith(o) for o, t in zip(own, theirs, strict=True)) else None


def _compiled(made: Definition, code: CodeType) -> CodeType:
    """Compile a function as it was compiled in its place: with the same names from outside, in a class of the same name."""
    # Under a name of its own: within the factory, a call of itself must go on meaning the name outside.
    made.name = _MADE
    inner: ast.stmt = made
    outside: list[ast.stmt] = []
    parts = getattr(code, "co_qualname", "").split(".")
    owner = parts[-2] if len(parts) > 1 and parts[-2] != "<locals>" else ""
    if owner:  # names that begin with two underscores mean those of the class
        inner = ast.ClassDef(name=owner, bases=[], keywords=[], body=[made], decorator_list=[], **NO_TYPE_PARAMETERS)
        if owner not in code.co_freevars:
            outside = [ast.Global([owner])]
    names = [ast.arg(n) for n in code.co_freevars]
    factory = ast.FunctionDef(
        name="__factory__",
        args=ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[]),
        body=[*outside, inner],
        decorator_list=[],
        **NO_TYPE_PARAMETERS,
    )
    module = ast.Module([ast.copy_location(factory, made)], [])
    whole = compile(
        ast.fix_missing_locations(module), code.co_filename, "exec", flags=code.co_flags & _features, dont_inherit=True
    )
    pending = [whole]
    while pending:
        one = pending.pop(0)
        for constant in one.co_consts:
            if isinstance(constant, CodeType):
                if constant.co_name == _MADE:
                    return _named(constant, code)
                pending.append(constant)
    raise CannotRewrite("its code has no place")  # pragma: no cover - it was just put there


def _named(made: CodeType, code: CodeType) -> CodeType:
    """Give code, and that of the body within, the names that tracebacks show."""
    constants = tuple(_named(c, code) if isinstance(c, CodeType) and c.co_name == "__body__" else c for c in made.co_consts)
    return made.replace(
        co_name=code.co_name, co_qualname=code.co_qualname, co_firstlineno=code.co_firstlineno, co_consts=constants
    )


# Refined integers


def _bounds(function: FunctionType) -> dict[str, Bounds]:
    try:
        annotations = function.__annotations__
    except Exception:  # noqa: BLE001 - annotations are the user's code, evaluated late
        return {}
    found: dict[str, Bounds] = {}
    for name, annotation in annotations.items():
        value = annotation
        if isinstance(value, str):
            value = _evaluated(value, function)
        bounds = bounds_of(value)
        if bounds is not None:
            found[name] = bounds
    a = function.__code__
    rest = a.co_varnames[a.co_argcount + a.co_kwonlyargcount :][: bool(a.co_flags & 4) + bool(a.co_flags & 8)]
    return {name: b for name, b in found.items() if name not in rest}


def _evaluated(text: str, function: FunctionType) -> object:
    if text in _plain_names or not any(c.isalpha() for c in text):
        return None
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    try:
        return eval(text, function.__globals__, {n: c.cell_contents for n, c in cells if c.cell_contents is not None})  # noqa: S307 - the program's own annotation
    except Exception:  # noqa: BLE001 - names that only type checkers see
        return None


def bounds_of(annotation: object) -> Bounds | None:
    """Return the bounds that an annotation sets on an integer; None if it sets none."""
    if getattr(annotation, "__metadata__", None) is not None:
        base = annotation.__origin__  # type: ignore[attr-defined]  # `Annotated` has both
        if base is not int:
            return None
        low: int | None = None
        high: int | None = None
        for extra in annotation.__metadata__:  # type: ignore[attr-defined]  # as above
            below, above = _ends(extra)
            low = below if low is None or (below is not None and below > low) else low
            high = above if high is None or (above is not None and above < high) else high
        return None if low is None and high is None else Bounds(low, high)
    options: tuple[object, ...] = getattr(annotation, "__args__", ())
    if type(None) in options and len(options) == 2 and _is_union(annotation):
        inner = bounds_of(next(o for o in options if o is not type(None)))
        return None if inner is None else Bounds(inner.low, inner.high, optional=True)
    return None


def _is_union(annotation: object) -> bool:
    return type(annotation).__name__ in ("UnionType", "_UnionGenericAlias", "Union")


def _ends(extra: object) -> tuple[int | None, int | None]:
    """Return the bounds that a part of `Annotated` sets: ours, and those of `annotated_types`."""
    found: dict[str, int | None] = {}
    for name in ("low", "high", "ge", "gt", "le", "lt"):
        value = getattr(extra, name, None)
        found[name] = value if isinstance(value, int) else None
    below = [v for v in (found["low"], found["ge"], None if found["gt"] is None else found["gt"] + 1) if v is not None]
    above = [v for v in (found["high"], found["le"], None if found["lt"] is None else found["lt"] - 1) if v is not None]
    return max(below, default=None), min(above, default=None)
