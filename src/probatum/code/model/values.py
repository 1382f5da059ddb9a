"""Values of Python as trees, which can be written down, looked into, and put together again.

An input is such a tree for each parameter.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from probatum.code.semantics.python import Case


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a string, bytes, a truth value or None."""

    value: int | float | str | bytes | bool | None


@dataclass(frozen=True, slots=True)
class Text:
    """An expression that is not looked into: a function, a member of an enum, a class."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A collection; `kind` as in `types.Collection`."""

    kind: str
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A dictionary."""

    kind: str
    pairs: tuple[tuple[Value, Value], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """An object: the class, the arguments of its constructor by name ("" by position), and calls of its methods after that."""

    callee: str
    arguments: tuple[tuple[str, Value], ...]
    calls: tuple[tuple[str, tuple[Value, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """One object in several places: all with the same number are the first of them."""

    number: int
    value: Value


Value: TypeAlias = Literal | Text | Items | Pairs | Made | Shared
Input: TypeAlias = dict[str, Value]


def size(value: Value) -> int:
    """How much there is to a value; an input is made smaller by making this less."""
    match value:
        case Literal(bool() | None as plain):
            return 1 + bool(plain)
        case Literal(int(number)):
            return 1 + 2 * abs(number).bit_length() + (number < 0)
        case Literal(float(number)):
            return 2 + len(repr(number))
        case Literal(str() | bytes() as text):
            return 1 + 2 * len(text)
        case Text(text):
            return len(text)
        case Items(_, items):
            return 2 + sum(2 + size(i) for i in items)
        case Pairs(_, pairs):
            return 2 + sum(2 + size(k) + size(v) for k, v in pairs)
        case Made(_, arguments, calls):
            return 3 + sum(size(a) for _, a in arguments) + sum(3 + sum(map(size, own)) for _, own in calls)
        case Shared(_, inner):
            return 1 + size(inner)
    raise AssertionError(value)


def read(text: str) -> Value | None:
    """Return the value that an expression of literals denotes; None: it is something else."""
    try:
        return _tree(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _tree(plain: object) -> Value:
    if plain is None or isinstance(plain, int | float | str | bytes):
        return Literal(plain)
    if isinstance(plain, list | tuple | set):
        return Items(type(plain).__name__, tuple(map(_tree, plain)))
    if isinstance(plain, dict):
        return Pairs("dict", tuple((_tree(k), _tree(v)) for k, v in plain.items()))
    raise ValueError(type(plain).__name__)


def parts(value: Value) -> Iterator[Value]:
    """Yield a value and everything in it."""
    pending = [value]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(inner(one))


def inner(value: Value) -> tuple[Value, ...]:
    """Return the values directly in a value."""
    match value:
        case Items(_, items):
            return items
        case Pairs(_, pairs):
            return tuple(x for pair in pairs for x in pair)
        case Made(_, arguments, calls):
            return (*(a for _, a in arguments), *(a for _, own in calls for a in own))
        case Shared(_, one):
            return (one,)
    return ()


def with_inner(value: Value, new: Sequence[Value]) -> Value:
    """Return the value with other values in it, as many as there were."""
    match value:
        case Items():
            return replace(value, items=tuple(new))
        case Pairs():
            return replace(value, pairs=tuple(zip(new[::2], new[1::2], strict=True)))
        case Made(_, arguments, calls):
            given = tuple((name, one) for (name, _), one in zip(arguments, new, strict=False))
            rest = iter(new[len(arguments) :])
            return replace(value, arguments=given, calls=tuple((m, tuple(islice(rest, len(own)))) for m, own in calls))
        case Shared(number, _):
            return Shared(number, new[0])
    return value


def length(value: Value) -> int | None:
    """Return how many items or letters there are; None: it has no length."""
    match value:
        case Items(_, items):
            return len(items)
        case Literal(str() | bytes() as text):
            return len(text)
    return None


class Writer:
    """Writes values as expressions; what has a name of its own is made before."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.before: dict[str, str] = {}
        self.shared: dict[int, str] = {}

    def name(self) -> str:
        """Return a name that nothing has yet."""
        number = len(self.taken)
        letters = (f"{c}{n or ''}" for n in range(number + 2) for c in "abcdefgh")
        found = next(n for n in letters if n not in self.taken)
        self.taken.add(found)
        return found

    def text(self, value: Value) -> str:
        """Return an expression for a value; `before` then holds what it needs."""
        match value:
            case Literal(plain):
                return _plain(plain)
            case Text(text):
                return text
            case Items(kind, items):
                return self._items(kind, [self.text(i) for i in items])
            case Pairs(kind, pairs):
                inner = "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in pairs) + "}"
                wrapped = {"defaultdict": f"collections.defaultdict(int, {inner})", "Counter": f"collections.Counter({inner})"}
                return wrapped.get(kind, inner)
            case Made(callee, arguments, calls):
                made = f"{callee}({', '.join(f'{n}={self.text(a)}' if n else self.text(a) for n, a in arguments)})"
                if not calls:
                    return made
                name = self.name()
                self.before[name] = made
                for number, (method, own) in enumerate(calls):
                    self.before[f"_{name}{number}"] = f"{name}.{method}({', '.join(map(self.text, own))})"
                return name
            case Shared(number, inner):
                if number not in self.shared:
                    text = self.text(inner)
                    if text.isidentifier() and text in self.before:
                        self.shared[number] = text
                    else:
                        self.shared[number] = name = self.name()
                        self.before[name] = text
                return self.shared[number]
        raise AssertionError(value)

    def _items(self, kind: str, items: list[str]) -> str:
        inner = ", ".join(items)
        match kind:
            case "tuple":
                return f"({inner},)" if len(items) == 1 else f"({inner})"
            case "list" | "sequence" | "iterable" | "pseq":
                return f"[{inner}]"
            case "set" | "pset":
                return f"{{{inner}}}" if items else "set()"
            case "iterator":
                return f"iter([{inner}])"
            case "deque":
                return f"collections.deque([{inner}])"
            case "bytearray":
                return f"bytearray([{inner}])"
        return f"{kind}([{inner}])"


def _plain(value: object) -> str:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 - a nan
        return f"float({str(value)!r})"
    return repr(value)


def case_of(given: Mapping[str, Value], taken: Iterable[str] = ()) -> Case:
    """Return an input as expressions; names for shared objects avoid those that are taken."""
    writer = Writer({*given, *taken})
    counts: dict[int, int] = {}
    for value in given.values():
        for part in parts(value):
            if isinstance(part, Shared):
                counts[part.number] = counts.get(part.number, 0) + 1
    plain = {n: _unshared(v, {k for k, c in counts.items() if c == 1}) for n, v in given.items()}
    return Case({name: writer.text(value) for name, value in plain.items()}, writer.before)


def _unshared(value: Value, numbers: set[int]) -> Value:
    if isinstance(value, Shared) and value.number in numbers:
        return _unshared(value.value, numbers)
    own = inner(value)
    return with_inner(value, [_unshared(v, numbers) for v in own]) if own else value
