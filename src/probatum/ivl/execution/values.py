"""What variables hold: immutable values that are equal exactly if the language says so."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from probatum.ivl.types import BOOL, INT, REAL, STRING, Basic, Bits, Constructed, Map, Type, TypeVariable, substitute

_SMALL = 4  # how far random integers mostly go: defects live near the edges of small cases


class NoValue(Exception):
    """A type that values are not made of here, such as a float or a polymorphic map; the text names it."""


@dataclass(frozen=True, slots=True)
class Element:
    """A member of an uninterpreted type: number `index` of it."""

    type_name: str
    index: int


@dataclass(frozen=True, slots=True)
class Built:
    """A value of a datatype."""

    constructor: str
    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A map: finitely many entries that differ from the rest. Keys are tuples, one value per index."""

    rest: Value
    entries: frozenset[tuple[tuple[Value, ...], Value]] = frozenset()

    def at(self, key: tuple[Value, ...]) -> Value:
        """Return the value at a key.

        Raises
        ------
        NoValue
            If it depends on whether the key is one that is listed, and that is not certain.
        """
        entries = dict(self.entries)
        if key in entries:
            return entries[key]
        self._certainly_new(key, entries)
        return self.rest

    def with_entry(self, key: tuple[Value, ...], value: Value) -> Table:
        """Return the map that differs at one key; an entry equal to the rest is none, so that equal maps are equal.

        Raises
        ------
        NoValue
            As for `at`.
        """
        entries = dict(self.entries)
        if entries.pop(key, None) is None:
            self._certainly_new(key, entries)
        if value != self.rest or type(value) is not type(self.rest):
            entries[key] = value
        return Table(self.rest, frozenset(entries.items()))

    def _certainly_new(self, key: tuple[Value, ...], entries: Mapping[tuple[Value, ...], Value]) -> None:
        # Maps that are written differently may still be equal, and so may what contains them.
        if entries and any(map(_has_map, key)):
            raise NoValue("maps as indexes of a map are not told apart")


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A map given by a lambda: can be looked up, and compared with nothing but itself."""

    compute: Callable[[tuple[Value, ...]], Value]

    def at(self, key: tuple[Value, ...]) -> Value:
        """Return the value at a key."""
        return self.compute(key)

    def with_entry(self, key: tuple[Value, ...], value: Value) -> Computed:
        """Return the map that differs at one key.

        Raises
        ------
        NoValue
            If the key contains a map: it is not certain which other key equals it.
        """
        if any(map(_has_map, key)):
            raise NoValue("maps as indexes of a map are not told apart")
        return Computed(lambda other: value if other == key else self.compute(other))


Value: TypeAlias = bool | int | Fraction | str | Element | Built | Table | Computed

Fields: TypeAlias = tuple[str, tuple[Type, ...]]
Shapes: TypeAlias = Mapping[str, tuple[tuple[TypeVariable, ...], tuple[Fields, ...]]]
"""For the name of a datatype: its parameters, and its constructors with the types of their fields."""


def constructors(type_: Type | None, shapes: Shapes) -> tuple[Fields, ...] | None:
    """Return the constructors of a type with the types of their fields; None if it is no datatype."""
    if not isinstance(type_, Constructed) or type_.name not in shapes:
        return None
    parameters, found = shapes[type_.name]
    if not parameters:
        return found
    to = dict(zip(parameters, type_.arguments, strict=True))
    return tuple((name, tuple(substitute(f, to) for f in fields)) for name, fields in found)


def _has_map(value: Value) -> bool:
    return isinstance(value, Table | Computed) or (isinstance(value, Built) and any(map(_has_map, value.fields)))


def default(type_: Type, shapes: Shapes) -> Value:
    """Return the plainest value of a type: false, 0, the empty string, the first constructor that ends.

    Raises
    ------
    NoValue
        If values of the type are not handled.
    """
    return _made(type_, shapes, lambda: 0, depth=0)


def random_value(type_: Type, shapes: Shapes, generator: random.Random) -> Value:
    """Return a random value, small more often than not."""

    def number() -> int:
        chance = generator.random()
        if chance < 0.8:
            return generator.randint(-_SMALL, _SMALL)
        if chance < 0.95:
            return generator.randint(-50, 50)
        return generator.choice((-(2**31), 2**31, 2**64, -1000, 1000))

    value = _made(type_, shapes, number, depth=0)
    if isinstance(value, Table) and isinstance(type_, Map):
        for _ in range(generator.randint(0, 3)):
            key = tuple(_made(d, shapes, number, depth=1) for d in type_.domain)
            value = value.with_entry(key, _made(type_.range, shapes, number, depth=1))
    return value


def _made(type_: Type, shapes: Shapes, number: Callable[[], int], *, depth: int) -> Value:
    match type_:
        case Basic() if type_ == BOOL:
            return number() % 2 == 1
        case Basic() if type_ == INT:
            return number()
        case Basic() if type_ == REAL:
            return Fraction(number(), 2 if number() % 3 == 1 else 1)
        case Basic() if type_ == STRING:
            return "ab"[: abs(number()) % 3]
        case Bits(width=width):
            return number() % (1 << width)
        case Map(parameters=0, range=range_):
            return Table(_made(range_, shapes, number, depth=depth + 1))
        case Constructed() if (known := constructors(type_, shapes)) is not None:
            if depth > 6:  # deep enough: prefer a constructor without fields
                known = tuple(sorted(known, key=lambda c: len(c[1])))[:1]
            if depth > 30:
                raise NoValue(f"`{type_}` has no small value")
            name, fields = known[abs(number()) % len(known)]
            return Built(name, tuple(_made(f, shapes, number, depth=depth + 1) for f in fields))
        case Constructed():
            return Element(str(type_), abs(number()) % (_SMALL + 1))
    raise NoValue(f"values of type `{type_}` are not executed")


def fits(value: Value, type_: Type, shapes: Shapes) -> bool:
    """Whether a value has a type."""
    match type_, value:
        case (Basic(), bool()):
            return type_ == BOOL
        case (Basic(), int()):
            return type_ == INT
        case (Basic(), Fraction()):
            return type_ == REAL
        case (Basic(), str()):
            return type_ == STRING
        case (Bits(width=width), int()):
            return not isinstance(value, bool) and 0 <= value < 1 << width
        case (Map(parameters=0, domain=domain, range=range_), Table(rest=rest, entries=entries)):
            return fits(rest, range_, shapes) and all(
                len(key) == len(domain)
                and all(fits(k, d, shapes) for k, d in zip(key, domain, strict=True))
                and fits(one, range_, shapes)
                for key, one in entries
            )
        case (Constructed(), Built(constructor=name, fields=fields)):
            types = dict(constructors(type_, shapes) or ()).get(name)
            return (
                types is not None
                and len(types) == len(fields)
                and all(fits(f, t, shapes) for f, t in zip(fields, types, strict=True))
            )
        case (Constructed(), Element(type_name=name)):
            return name == str(type_) and constructors(type_, shapes) is None
    return False


def to_json(value: Value) -> Any:
    """Return a value as JSON; a computed map has none (`NoValue`)."""
    match value:
        case bool():
            return value
        case int():
            return {"int": str(value)}
        case Fraction():
            return {"real": str(value)}
        case str():
            return {"string": value}
        case Element(type_name=name, index=index):
            return {"of": name, "index": index}
        case Built(constructor=constructor, fields=fields):
            return {"constructor": constructor, "fields": [to_json(f) for f in fields]}
        case Table(rest=rest, entries=entries):
            rows = [[[to_json(k) for k in key], to_json(v)] for key, v in entries]
            return {"rest": to_json(rest), "entries": sorted(rows, key=repr)}
        case Computed():
            raise NoValue("a map given by a lambda has no finite text")


def from_json(value: Any) -> Value:
    """Rebuild a value.

    Raises
    ------
    NoValue
        If this is no value.
    """
    match value:
        case bool():
            return value
        case {"int": str(digits)}:
            return int(digits)
        case {"real": str(digits)}:
            return Fraction(digits)
        case {"string": str(text)}:
            return text
        case {"of": str(name), "index": int(index)}:
            return Element(name, index)
        case {"constructor": str(constructor), "fields": list(fields)}:
            return Built(constructor, tuple(from_json(f) for f in fields))
        case {"rest": rest, "entries": list(entries)}:
            table = Table(from_json(rest))
            for key, one in entries:
                table = table.with_entry(tuple(from_json(k) for k in key), from_json(one))
            return table
    raise NoValue(f"`{value!r:.60}` is not a value")
