"""The static types that annotations name, as values.

Types are structural where Python's are (`list[int]`), and nominal for classes.
`read_type` in `annotations.py` makes them; nothing here knows the syntax tree.
"""

from __future__ import annotations

from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A static type; the base of all others."""


@dataclass(frozen=True, slots=True)
class Plain(Type):
    """A type without parts: `int`, `bool`, `float`, `str`, `bytes`, `None`, `object`, `never`; or `unknown`: nobody said."""

    name: str

    def __str__(self) -> str:
        return self.name


INT, BOOL, FLOAT, STR, BYTES = Plain("int"), Plain("bool"), Plain("float"), Plain("str"), Plain("bytes")
BYTEARRAY = Plain("bytearray")
NONE, OBJECT, NEVER, UNKNOWN = Plain("None"), Plain("object"), Plain("never"), Plain("unknown")


@dataclass(frozen=True, slots=True)
class Ranged(Type):
    """Integers between two bounds, each included; None is no bound. Its values are ints at run time."""

    low: int | None
    high: int | None

    def __str__(self) -> str:
        return f"int in [{'' if self.low is None else self.low}, {'' if self.high is None else self.high}]"


@dataclass(frozen=True, slots=True)
class Tuple(Type):
    """`tuple[A, B]`: so many items, each of its type."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items)) or '()'}]"


@dataclass(frozen=True, slots=True)
class Collection(Type):
    """A type with one kind of item.

    `kind` is `list`, `set`, `frozenset`, `tuple` (`tuple[T, ...]`), `deque`, `range`, `sequence`
    (`Sequence`: a list, tuple, str, bytes or range of which only reading is known), `iterable`,
    `iterator`, or `pseq`, `pset`, `pmultiset` (mathematical values of Nagini's contracts).
    """

    kind: str
    item: Type

    def __str__(self) -> str:
        return f"tuple[{self.item}, ...]" if self.kind == "tuple" else f"{self.kind}[{self.item}]"


@dataclass(frozen=True, slots=True)
class Mapping(Type):
    """`dict[K, V]`; `kind` is `dict`, `defaultdict`, `Counter`, `mapping` (only reading is known)."""

    kind: str
    key: Type
    value: Type

    def __str__(self) -> str:
        return f"{self.kind}[{self.key}, {self.value}]"


@dataclass(frozen=True, slots=True)
class Union(Type):
    """One of several types, never nested, at least two; `Optional[T]` is `Union((T, NONE))`."""

    options: tuple[Type, ...]

    def __str__(self) -> str:
        return " | ".join(map(str, self.options))


@dataclass(frozen=True, slots=True)
class Instance(Type):
    """An instance of a class, or of one derived from it.

    `name` is the qualified name: `module.Class`, or `builtins.ValueError`.
    """

    name: str
    arguments: tuple[Type, ...] = ()

    def __str__(self) -> str:
        own = self.name.rpartition(".")[2]
        return f"{own}[{', '.join(map(str, self.arguments))}]" if self.arguments else own


@dataclass(frozen=True, slots=True)
class ClassObject(Type):
    """The class itself: `type[C]`."""

    of: Type

    def __str__(self) -> str:
        return f"type[{self.of}]"


@dataclass(frozen=True, slots=True)
class Callable(Type):
    """A function value; `parameters` is None if nobody said."""

    parameters: tuple[Type, ...] | None
    returns: Type

    def __str__(self) -> str:
        own = "..." if self.parameters is None else f"[{', '.join(map(str, self.parameters))}]"
        return f"Callable[{own}, {self.returns}]"


@dataclass(frozen=True, slots=True)
class Variable(Type):
    """A type variable, with its bound, or the types it stands for one of."""

    name: str
    bound: Type | None = None
    constraints: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return self.name


def union(*options: Type) -> Type:
    """Return the union of types: flat, without repetition, in the order given; one option is itself."""
    flat: dict[Type, None] = {}
    for option in options:
        for one in option.options if isinstance(option, Union) else (option,):
            if one != NEVER:
                flat[one] = None
    if not flat:
        return NEVER
    return next(iter(flat)) if len(flat) == 1 else Union(tuple(flat))


def optional(inner: Type) -> Type:
    """Return the type of something or None."""
    return union(inner, NONE)


def without_none(type_: Type) -> Type:
    """Return the type without None."""
    return union(*(o for o in type_.options if o != NONE)) if isinstance(type_, Union) else type_
