"""Classes of values, as `dataclasses` makes them, in a third of the time.

Half of a start of probatum was making classes: before Python 3.13 `dataclasses` compiles each method of each class on its
own. Here only `__init__` is compiled, and all classes share the others. Everything that `dataclasses` says of
such a class stays true (`fields`, `replace`, `asdict`, `match`), and one may inherit from the other. There is no `InitVar`.

Type checkers see `dataclasses.dataclass` itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from operator import attrgetter
    from reprlib import recursive_repr
    from typing import Any

    class _Absent:
        """Stands where no argument is given, and the field has a factory."""

        def __repr__(self) -> str:
            return "<factory>"

    _ABSENT = _Absent()
    _WRITTEN = ("__init__", "__repr__", "__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__getstate__")
    _PARAMETERS = "__dataclass_params__"

    def dataclass(
        cls: type | None = None,
        /,
        *,
        eq: bool = True,
        order: bool = False,
        frozen: bool = False,
        kw_only: bool = False,
        slots: bool = False,
    ) -> Any:
        """Make a class of values: `dataclasses.dataclass` with these of its options."""

        def made(cls: type) -> type:
            if any(getattr(base, _PARAMETERS).frozen for base in cls.__mro__[1:] if hasattr(base, _PARAMETERS)):
                # Rare, and `dataclasses` makes what inherits from a frozen class only if it freezes that itself.
                return dataclasses.dataclass(eq=eq, order=order, frozen=frozen, kw_only=kw_only, slots=slots)(cls)
            return _made(cls, eq=eq, order=order, frozen=frozen, kw_only=kw_only, slots=slots)

        return made if cls is None else made(cls)

    def _made(cls: type, *, eq: bool, order: bool, frozen: bool, kw_only: bool, slots: bool) -> type:
        written = {name for name in _WRITTEN if cls.__dict__.get(name) is not None}
        if cls.__doc__ is None:
            cls.__doc__ = cls.__qualname__  # else `dataclasses` writes one, which takes as long as all the rest
        cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        found = dataclasses.fields(cls)
        shared: dict[str, Any] = {
            "__init__": _initialiser(cls, found, frozen=frozen),
            "__repr__": _represented([f.name for f in found if f.repr]),
        }
        if eq:
            shared |= _comparisons(_values([f.name for f in found if f.compare]), order=order)
            hashed = [f.name for f in found if (f.compare if f.hash is None else f.hash)]
            shared["__hash__"] = _hashing(_values(hashed)) if frozen else None
        for name, method in shared.items():
            if name not in written:
                setattr(cls, name, method)
        if frozen:
            if slots and "__getstate__" not in written:
                cls.__getstate__, cls.__setstate__ = _state, _restore
            getattr(cls, _PARAMETERS).frozen = True
            cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
        return cls

    def _initialiser(cls: type, found: Sequence[dataclasses.Field], *, frozen: bool) -> Callable[..., None]:
        """Compile `__init__`: it is called often, and has to be as fast as one that is written by hand."""
        missing = dataclasses.MISSING
        names: dict[str, Any] = {"_set_field": object.__setattr__, "_absent": _ABSENT}
        positional: list[str] = []
        named: list[str] = []
        body: list[str] = []
        for field in found:
            name, value, parameter = field.name, field.name, field.name
            if field.default_factory is not missing:
                names[f"_make_{name}"] = field.default_factory
                value = f"_make_{name}()"
            if field.init:
                if field.default is not missing:
                    names[f"_default_{name}"] = field.default
                    parameter = f"{name}=_default_{name}"
                elif field.default_factory is not missing:
                    parameter, value = f"{name}=_absent", f"{value} if {name} is _absent else {name}"
                (named if field.kw_only else positional).append(parameter)
            elif field.default_factory is missing:
                continue  # the class has its default, or `__post_init__` sets it
            body.append(f" _set_field(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append(" self.__post_init__()")
        parameters = ", ".join(["self", *positional, *(["*", *named] if named else [])])
        exec(f"def __init__({parameters}):\n" + ("\n".join(body) or " pass"), names)  # noqa: S102 - names of fields are identifiers
        made: Callable[..., None] = names["__init__"]
        made.__qualname__ = f"{cls.__qualname__}.__init__"
        made.__module__ = cls.__module__
        made.__annotations__ = {f.name: f.type for f in found if f.init} | {"return": None}
        return made

    def _values(names: Sequence[str]) -> Callable[[object], tuple[Any, ...]]:
        """Return what gives the values of some fields."""
        if len(names) > 1:
            return attrgetter(*names)
        if not names:
            return lambda _: ()
        [name] = names
        return lambda own: (getattr(own, name),)

    def _represented(names: Iterable[str]) -> Callable[[object], str]:
        @recursive_repr()
        def represented(self: object) -> str:
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

        return represented

    def _comparisons(values: Callable[[object], tuple[Any, ...]], *, order: bool) -> Mapping[str, Any]:
        def equal(self: object, other: object) -> bool:
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def less(self: object, other: object) -> bool:
            return values(self) < values(other) if other.__class__ is self.__class__ else NotImplemented

        def at_most(self: object, other: object) -> bool:
            return values(self) <= values(other) if other.__class__ is self.__class__ else NotImplemented

        def greater(self: object, other: object) -> bool:
            return values(self) > values(other) if other.__class__ is self.__class__ else NotImplemented

        def at_least(self: object, other: object) -> bool:
            return values(self) >= values(other) if other.__class__ is self.__class__ else NotImplemented

        ordering = {"__lt__": less, "__le__": at_most, "__gt__": greater, "__ge__": at_least}
        return {"__eq__": equal, **(ordering if order else {})}

    def _hashing(values: Callable[[object], tuple[Any, ...]]) -> Callable[[object], int]:
        def hashed(self: object) -> int:
            return hash(values(self))

        return hashed

    def _refuse_to_set(_: object, name: str, __: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(_: object, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def _state(self: object) -> list[Any]:
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def _restore(self: object, state: Iterable[Any]) -> None:
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)
