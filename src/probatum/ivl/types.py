"""Types, resolved: synonyms expanded, names bound, equal types equal.

A type is a value: two types are the same exactly if they compare equal. For the
types of polymorphic maps this needs names out of the way, so a variable that a
map type binds is a `Bound`: how many map binders lie between, and which of
them. `str` writes a type as Boogie does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class Basic:
    """`bool`, `int`, `real`, `string`, `rmode` or `regex`."""

    name: str

    def __str__(self) -> str:
        return self.name


BOOL = Basic("bool")
INT = Basic("int")
REAL = Basic("real")
STRING = Basic("string")
REGEX = Basic("regex")
ROUNDING = Basic("rmode")


@dataclass(frozen=True, slots=True)
class Bits:
    """`bv32`."""

    width: int

    def __str__(self) -> str:
        return f"bv{self.width}"


@dataclass(frozen=True, slots=True)
class Float:
    """`float24e8`: bits of the significand with the hidden one, and of the exponent."""

    significand: int
    exponent: int

    def __str__(self) -> str:
        return f"float{self.significand}e{self.exponent}"


@dataclass(frozen=True, slots=True, eq=False)
class TypeVariable:
    """A type parameter of a function, procedure, datatype or quantifier: itself, whatever its name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Bound:
    """A variable that an enclosing map type binds: `depth` 0 is the nearest such map type."""

    depth: int
    index: int

    def __str__(self) -> str:
        return f"'{self.depth}.{self.index}"


@dataclass(frozen=True, slots=True)
class Constructed:
    """A type constructor or a datatype, applied: `Pair int bool`."""

    name: str
    arguments: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *(_atom(a) for a in self.arguments)])


@dataclass(frozen=True, slots=True)
class Map:
    """`[int]bool`, or `<a>[T a]a` with one parameter, which its parts mention as `Bound`.

    `names` is how the source called the parameters, for messages only: neither
    equality nor `str` looks at it.
    """

    parameters: int
    domain: tuple[Type, ...]
    range: Type
    names: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return _written_map(self, [])


Type: TypeAlias = Basic | Bits | Float | TypeVariable | Bound | Constructed | Map


def substitute(type_: Type, to: Mapping[TypeVariable, Type]) -> Type:
    """Replace type variables. What is put in must be closed: it mentions no `Bound` of its surroundings."""
    match type_:
        case TypeVariable():
            return to.get(type_, type_)
        case Constructed(name=name, arguments=arguments) if arguments:
            return Constructed(name, tuple(substitute(a, to) for a in arguments))
        case Map(parameters=parameters, domain=domain, range=range_, names=names):
            return Map(parameters, tuple(substitute(d, to) for d in domain), substitute(range_, to), names)
        case _:
            return type_


def opened(map_type: Map, arguments: tuple[Type, ...]) -> tuple[tuple[Type, ...], Type]:
    """Return domain and range of a map type with types for its parameters."""
    return tuple(_open(d, arguments, 0) for d in map_type.domain), _open(map_type.range, arguments, 0)


def closed(parameters: tuple[TypeVariable, ...], domain: tuple[Type, ...], range_: Type) -> Map:
    """Return the map type that binds these variables: the inverse of `opened`."""
    own = {variable: index for index, variable in enumerate(parameters)}
    names = tuple(variable.name for variable in parameters)
    return Map(len(parameters), tuple(_close(d, own, 0) for d in domain), _close(range_, own, 0), names)


def variables(type_: Type) -> Iterator[TypeVariable]:
    """Yield the type variables in a type, from left to right, perhaps more than once."""
    match type_:
        case TypeVariable():
            yield type_
        case Constructed(arguments=arguments):
            for argument in arguments:
                yield from variables(argument)
        case Map(domain=domain, range=range_):
            for one in domain:
                yield from variables(one)
            yield from variables(range_)
        case _:
            return


def _open(type_: Type, arguments: tuple[Type, ...], depth: int) -> Type:
    match type_:
        case Bound(depth=own, index=index) if own == depth:
            return arguments[index]
        case Constructed(name=name, arguments=inner) if inner:
            return Constructed(name, tuple(_open(a, arguments, depth) for a in inner))
        case Map(parameters=parameters, domain=domain, range=range_, names=names):
            deeper = depth + (1 if parameters else 0)
            parts = tuple(_open(d, arguments, deeper) for d in domain)
            return Map(parameters, parts, _open(range_, arguments, deeper), names)
        case _:
            return type_


def _close(type_: Type, own: Mapping[TypeVariable, int], depth: int) -> Type:
    match type_:
        case TypeVariable() if type_ in own:
            return Bound(depth, own[type_])
        case Constructed(name=name, arguments=inner) if inner:
            return Constructed(name, tuple(_close(a, own, depth) for a in inner))
        case Map(parameters=parameters, domain=domain, range=range_, names=names):
            deeper = depth + (1 if parameters else 0)
            return Map(parameters, tuple(_close(d, own, deeper) for d in domain), _close(range_, own, deeper), names)
        case _:
            return type_


def _atom(type_: Type) -> str:
    text = str(type_)
    return f"({text})" if " " in text or isinstance(type_, Map) else text


def _written_map(type_: Map, outer: list[tuple[str, ...]]) -> str:
    names = tuple(f"{chr(ord('a') + (sum(map(len, outer)) + i) % 26)}" for i in range(type_.parameters))
    inner = [names, *outer] if names else outer
    head = f"<{','.join(names)}>" if names else ""
    parts = ",".join(_written(d, inner) for d in type_.domain)
    return f"{head}[{parts}]{_written(type_.range, inner)}"


def _written(type_: Type, binders: list[tuple[str, ...]]) -> str:
    match type_:
        case Bound(depth=depth, index=index) if depth < len(binders):
            return binders[depth][index]
        case Map():
            return _written_map(type_, binders)
        case Constructed(name=name, arguments=arguments) if arguments:
            parts = [f"({w})" if " " in (w := _written(a, binders)) or isinstance(a, Map) else w for a in arguments]
            return " ".join([name, *parts])
        case _:
            return str(type_)
