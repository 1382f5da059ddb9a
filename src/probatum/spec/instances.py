"""Invariants of classes, checked around the public methods of their instances."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import wraps
from types import FunctionType
from typing import Any, TypeVar

from probatum.spec import checks
from probatum.spec.definitions import property_of

C = TypeVar("C", bound=type)

_KEPT = "__probatum_invariants__"
_COROUTINE = 0x80  # the flag of code that `async def` makes
_AROUND = "__probatum_checked__"
# Run while an instance comes or goes, or to look at it in any state.
_NOT_AROUND = frozenset(
    {
        "__new__",
        "__del__",
        "__repr__",
        "__getattribute__",
        "__getattr__",
        "__setattr__",
        "__delattr__",
        "__init_subclass__",
        "__class_getitem__",
        "__invariant__",
        "__post_init__",
        "__reduce__",
        "__reduce_ex__",
        "__getstate__",
        "__setstate__",
        "__sizeof__",
        "__dir__",
        "__format__",
    }
)
_asking = threading.local()  # instances whose invariant is being evaluated: its own calls are not checked


def invariants_on(conditions: Sequence[Callable[[Any], object]]) -> Callable[[C], C]:
    """Return the decorator for a class with these invariants, and with the one that its `__invariant__` returns."""

    def decorate(owner: C) -> C:
        if checks.level == 0:
            return owner
        own = list(conditions)
        if "__invariant__" in vars(owner):
            own.append(vars(owner)["__invariant__"])
        setattr(owner, _KEPT, (*getattr(owner, _KEPT, ()), *((owner, c) for c in own)))
        for base in owner.__mro__[:-1]:
            _around(owner, base)
        _follow(owner)
        return owner

    return decorate


def _around(owner: type, base: type) -> None:
    """Check around the public methods that instances of `owner` get from `base`."""
    for name, value in list(vars(base).items()):
        public = not name.startswith("_") or (name.startswith("__") and name.endswith("__") and name not in _NOT_AROUND)
        if not public or (base is not owner and name in vars(owner)):
            continue
        if isinstance(value, FunctionType) and not hasattr(value, _AROUND):
            setattr(owner, name, _checked(value, owner))
        elif isinstance(value, property):
            setattr(owner, name, property_of(value, lambda part: part if hasattr(part, _AROUND) else _checked(part, owner)))
    if "__init__" not in vars(owner) and base is owner and vars(object)["__init__"] is getattr(owner, "__init__", None):
        setattr(owner, "__init__", _checked(_nothing, owner))  # noqa: B010 - the type checker knows why nobody should


def _nothing(_self: object) -> None:
    """Initialise nothing."""


def _follow(owner: Any) -> None:
    """Let classes that are derived be checked too."""
    if "__init_subclass__" in vars(owner) and hasattr(vars(owner)["__init_subclass__"], _AROUND):
        return
    before = vars(owner).get("__init_subclass__")

    def follow(cls: Any, /, **more: Any) -> None:
        if before is not None:
            before.__get__(None, cls)(**more)
        else:
            super(owner, cls).__init_subclass__(**more)
        if checks.level:
            _around(cls, cls)

    owner.__init_subclass__ = classmethod(follow)


def _checked(function: Any, owner: type) -> Any:
    starts = function.__name__ in ("__init__", "_nothing")

    def unchecked(instance: object) -> bool:
        return checks.level < 2 or id(instance) in getattr(_asking, "ids", ())

    around: Any
    if function.__code__.co_flags & _COROUTINE if isinstance(function, FunctionType) else False:

        @wraps(function)
        async def around(self: Any, *arguments: Any, **more: Any) -> Any:
            if unchecked(self):
                return await function(self, *arguments, **more)
            _ask(self, type(self))
            result = await function(self, *arguments, **more)
            _ask(self, type(self))
            return result

    else:

        @wraps(function)
        def around(self: Any, *arguments: Any, **more: Any) -> Any:
            if unchecked(self):
                return function(self, *arguments, **more)
            if not starts:
                _ask(self, type(self))
            result = function(self, *arguments, **more)
            # A constructor has established what its own class says; that of a derived class goes on.
            _ask(self, owner if starts else type(self))
            return result

    setattr(around, _AROUND, True)
    return around


def _ask(instance: object, kind: type) -> None:
    ids: set[int] = _asking.__dict__.setdefault("ids", set())
    ids.add(id(instance))
    try:
        for owner, condition in getattr(kind, _KEPT, ()):
            if not condition(instance):
                raise _violation(instance, owner, condition)
    finally:
        ids.discard(id(instance))


def _violation(instance: object, owner: type, condition: Any) -> checks.ContractViolation:
    import ast

    text = _condition_text(condition)
    name = condition.__code__.co_varnames[0] if condition.__code__.co_argcount else "self"
    namespace = {**condition.__globals__, name: instance}
    values: dict[str, str] = {}
    try:
        parts = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        parts = None
    if parts is not None:
        values = checks.values_in(parts.body, namespace, {name})
    return checks.ContractViolation("class_invariant", owner.__qualname__, text, values)


def _condition_text(condition: Any) -> str:
    import ast
    import linecache

    code = condition.__code__
    lines = linecache.getlines(code.co_filename, condition.__globals__)
    unknown = "(its source cannot be read)"
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return unknown
    positions = [p for p in code.co_positions() if p[0] is not None and p[2] is not None and p[1] is not None and p[0] > 0]
    inside = [(p[0], p[2]) for p in positions if p[2] != 0 or p[3] != 0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno:
            body = node.body
            start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
            if all(start <= (line or 0, column or 0) <= end for line, column in inside):
                return checks.one_line(ast.unparse(body))
        if isinstance(node, ast.FunctionDef) and node.name == "__invariant__" and condition.__name__ == "__invariant__":
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            returned = [s.value for s in node.body if isinstance(s, ast.Return) and s.value is not None]
            if first == code.co_firstlineno and len(returned) == 1:
                return checks.one_line(ast.unparse(returned[0]))
    return unknown
