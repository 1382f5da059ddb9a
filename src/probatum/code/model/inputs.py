"""Inputs of Python functions, drawn at random and changed.

`Maker` knows the small values of each type, and draws larger ones. Numbers and
strings of the program come first: a constant that a branch compares with is hard
to hit otherwise.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from probatum.code.model.pools import DEEP, Pools
from probatum.code.model.values import Input, Items, Literal, Made, Pairs, Shared, Value, inner, length, with_inner
from probatum.python.program import Function, Program
from probatum.python.types import (
    BYTEARRAY,
    BYTES,
    FLOAT,
    INT,
    STR,
    Collection,
    Instance,
    Ranged,
    Tuple,
    Type,
    Union,
    Variable,
)
from probatum.python.types import Mapping as MappingType

_LETTERS = "ab0 ,A-."
# Numbers as text; letters that are longer in upper case, in lower case, in bytes, or no digits of ASCII; ends of lines.
_PIECES = ("-1", "10", "1.5", "\u00df", "\u0130", "\u20ac", "\u0663", "\n", "\t", "\0")


class Maker:
    """Makes values of the types of one function's parameters.

    Parameters
    ----------
    ieee : bool
        Floats may be anything that a float can be. Otherwise they are numbers of few binary digits, with which
        sums and products are exact: that rounding breaks a contract is not what is looked for.
    """

    def __init__(self, program: Program, function: Function, generator: random.Random, *, ieee: bool = False) -> None:
        self.function, self.generator = function, generator
        self.pools = Pools(program, function, ieee=ieee)
        self.types = self.pools.types

    def possible(self) -> str:
        """Return why no input can be made, or ""."""
        for parameter in self.function.parameters:
            if not self.pool(self.types[parameter.name]):
                return f"no value of type `{parameter.type}` can be made for `{parameter.name}`"
        return ""

    def small(self) -> Iterator[Input]:
        """Yield inputs of small values, smaller ones first."""
        return self.pools.small()

    def pool(self, type_: Type, deep: int = 0) -> list[Value]:
        """Return small values of a type, none twice, smaller ones first; empty: nothing is known about it."""
        return self.pools.pool(type_, deep)

    # Larger values

    def draw(self, much: int) -> Input:
        """Return a random input; `much` says about how large parts of it are."""
        given: Input = {}
        for parameter in self.function.parameters:
            if parameter.default is not None and self.generator.random() < 0.3:
                continue
            given[parameter.name] = self.value(self.types[parameter.name], much)
        return given

    def value(self, type_: Type, much: int, deep: int = 0) -> Value:
        """Return a random value of a type."""
        choose = self.generator
        small = self.pool(type_, min(deep, DEEP))
        if small and choose.random() < 0.35:
            return choose.choice(small)
        match type_:
            case Ranged(low, high):
                return Literal(self._between(low, high, much))
            case Tuple(items):
                return Items("tuple", tuple(self.value(i, much, deep) for i in items))
            case Collection(kind, item) if kind != "range":
                return self._several(kind, item, much, deep)
            case MappingType(kind, key, value):
                count = choose.randrange(0, 2 + much // 2)
                return Pairs(
                    kind, tuple((self.value(key, much, deep + 1), self.value(value, much, deep + 1)) for _ in range(count))
                )
            case Union(options):
                return self.value(choose.choice(options), much, deep)
            case Variable(_, bound, constraints):
                return self.value(constraints[0] if constraints else bound or INT, much, deep)
            case Instance() if small:
                one = choose.choice(small)
                return self.changed_value(one, much) if choose.random() < 0.7 else one
        if type_ == INT:
            return Literal(self._between(None, None, much))
        if type_ == FLOAT:
            if self.pools.ieee and choose.random() < 0.3:
                return Literal(choose.uniform(-1, 1) * 10.0 ** choose.randrange(-3, 4))
            return Literal(choose.randrange(-8 * (much + 1), 8 * (much + 1)) / 4)
        if type_ == STR:
            return Literal(self._text(much))
        if type_ == BYTES:
            return Literal(bytes(self._byte() for _ in range(choose.randrange(0, 2 * much + 2))))
        if type_ == BYTEARRAY:
            return Items("bytearray", tuple(Literal(self._byte()) for _ in range(choose.randrange(0, 2 * much + 2))))
        return choose.choice(small) if small else Literal(None)

    def _text(self, much: int) -> str:
        """Return a word of the program, letters, or several of both."""
        choose = self.generator
        words = self.pools.strings[:20]
        if words and choose.random() < 0.3:
            return choose.choice(words)
        if words and choose.random() < 0.3:
            pieces = [*words, *_PIECES, *_LETTERS]
            return "".join(choose.choice(pieces) for _ in range(choose.randrange(1, 4)))
        if choose.random() < 0.1:
            return "".join(choose.choice((*_PIECES, *_LETTERS)) for _ in range(choose.randrange(1, 3)))
        return "".join(choose.choice(self._letters()) for _ in range(choose.randrange(0, much + 2)))

    def _letters(self) -> str:
        return _LETTERS + "".join(self.pools.strings[:20])

    def _byte(self) -> int:
        return self.generator.choice((0, 0, 1, 2, 255, 128, self.generator.randrange(256)))

    def _between(self, low: int | None, high: int | None, much: int) -> int:
        choose = self.generator
        kind = choose.random()
        if kind < 0.3 and self.pools.numbers:
            number = choose.choice(self.pools.numbers) + choose.choice((-1, 0, 0, 1))
        elif kind < 0.9:
            number = choose.randrange(-1 - much, 3 + 2 * much)
        else:
            number = choose.choice((1, -1)) * (2 ** choose.randrange(4, 66) + choose.choice((-1, 0, 1)))
        if low is not None and number < low:
            number = low + choose.randrange(0, 3 + much)
        if high is not None and number > high:
            number = max(high - choose.randrange(0, 3), low if low is not None else high - 3)
        return number

    def _several(self, kind: str, item: Type, much: int, deep: int) -> Value:
        choose = self.generator
        count = choose.randrange(0, 2 + much)
        items: list[Value] = []
        few = [self.value(item, much, deep + 1) for _ in range(2)] if choose.random() < 0.4 else []
        for _ in range(count):
            again = few and choose.random() < 0.7
            items.append(choose.choice(few) if again else self.value(item, much, deep + 1))
        if items and choose.random() < 0.4:
            items = _sorted(items)
        if len(items) > 1 and choose.random() < 0.15 and isinstance(items[0], Items | Pairs | Made):
            items[0] = items[-1] = self.pools.shared(items[0])
        return Items(kind, tuple(items))

    # Changes

    def changed(self, given: Mapping[str, Value], much: int) -> Input:
        """Return an input that differs from another one in one place, or in a few."""
        choose = self.generator
        new = dict(given)
        if not new:
            return self.draw(much)
        for _ in range(choose.choice((1, 1, 1, 2, 3))):
            name = choose.choice(sorted(new))
            type_ = self.types[name]
            lengths = [n for n in map(length, new.values()) if n is not None]
            if type_ == INT and lengths and choose.random() < 0.4:
                new[name] = Literal(choose.choice(lengths) + choose.choice((-1, 0, 1)))  # relations between a number and a length
            elif choose.random() < 0.2:
                new[name] = self.value(type_, much)
            elif isinstance(type_, Collection) and type_.kind != "range" and choose.random() < 0.3:
                new[name] = self._longer(new[name], type_.item, much)
            else:
                new[name] = self.changed_value(new[name], much)
        return new

    def _longer(self, value: Value, item: Type, much: int) -> Value:
        """Return a collection with one more item, at the end more often than elsewhere: what began well may go on."""
        if not isinstance(value, Items):
            return value
        at = len(value.items) if self.generator.random() < 0.7 else self.generator.randrange(len(value.items) + 1)
        return replace(value, items=(*value.items[:at], self.value(item, much, 1), *value.items[at:]))

    def changed_value(self, value: Value, much: int) -> Value:
        """Return a value of the same shape that differs in one place."""
        choose = self.generator
        match value:
            case Literal(bool(plain)):
                return Literal(not plain)
            case Literal(int(number)):
                return Literal(
                    choose.choice((number + 1, number - 1, -number, 2 * number, number // 2, number + much, number ^ 1))
                )
            case Literal(float(number)) if number == number and abs(number) < 1e300:  # noqa: PLR0124 - not a nan
                return Literal(choose.choice((number + 1, number - 1, -number, 2 * number, number / 2)))
            case Literal(str(text)):
                at = choose.randrange(len(text) + 1)
                letter = choose.choice([*self._letters(), *self.pools.strings[:8], *_PIECES])
                return Literal(
                    choose.choice(
                        (
                            text[:at] + letter + text[at:],
                            text[:at] + text[at + 1 :],
                            text + text[:1],
                            text[:at] + letter + text[at + 1 :],
                        )
                    )
                )
            case Literal(bytes(text)):
                at = choose.randrange(len(text) + 1)
                byte = bytes((self._byte(),))
                return Literal(
                    choose.choice(
                        (text[:at] + byte + text[at:], text[:at] + text[at + 1 :], text[:at] + byte + text[at + 1 :], text + text)
                    )
                )
            case Items(kind, items) if kind != "tuple":
                return self._changed_items(value, items, much)
            case Made(_, _, calls) if calls and choose.random() < 0.3:
                return replace(value, calls=(*calls, choose.choice(calls)))
            case Items() | Pairs() | Made() | Shared():
                own = list(inner(value))
                if isinstance(value, Pairs) and choose.random() < 0.5 and own:
                    at = choose.randrange(len(value.pairs))
                    return replace(value, pairs=value.pairs[:at] + value.pairs[at + 1 :])
                if not own:
                    return value
                at = choose.randrange(len(own))
                own[at] = self.changed_value(own[at], much)
                return with_inner(value, own)
        return value

    def _changed_items(self, value: Items, items: tuple[Value, ...], much: int) -> Value:
        choose = self.generator
        if not items:
            return value
        at, other = choose.randrange(len(items)), choose.randrange(len(items))
        way = choose.randrange(8)
        if way == 0:
            new = items[:at] + items[at + 1 :]
        elif way == 1:
            new = items[: at + 1] + items[at:]
        elif way == 2:
            swapped = list(items)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            new = tuple(swapped)
        elif way == 3:
            new = tuple(_sorted(list(items)))
        elif way == 4:
            new = (*items, self.changed_value(items[at], much))
        elif way == 5:
            new = (*items[:at], items[other], *items[at + 1 :])
        else:
            new = (*items[:at], self.changed_value(items[at], much), *items[at + 1 :])
        if value.kind == "bytearray":
            new = tuple(Literal(v.value % 256) if isinstance(v, Literal) and isinstance(v.value, int) else v for v in new)
        return replace(value, items=new)


def _sorted(items: list[Value]) -> list[Value]:
    """Return literals in their order, if they have one."""
    values = [i.value for i in items if isinstance(i, Literal) and isinstance(i.value, int | float)]
    if len(values) == len(items):
        return [Literal(v) for v in sorted(values)]
    texts = [i.value for i in items if isinstance(i, Literal) and isinstance(i.value, str)]
    return [Literal(t) for t in sorted(texts)] if len(texts) == len(items) else items
