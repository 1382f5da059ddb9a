"""Inputs of Python functions: values of their types as trees that can be made, shown, changed and made smaller.

`Maker` knows the small values of each type, and draws larger ones. Numbers and
strings of the program come first: a constant that a branch compares with is hard
to hit otherwise.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TypeAlias

from probatum.code.semantics.python import Case
from probatum.python.program import Class, Function, Module, Passing, Program
from probatum.python.types import (
    BOOL,
    BYTEARRAY,
    BYTES,
    FLOAT,
    INT,
    NEVER,
    NONE,
    OBJECT,
    STR,
    UNKNOWN,
    Callable,
    ClassObject,
    Collection,
    Instance,
    Ranged,
    Tuple,
    Type,
    Union,
    Variable,
)
from probatum.python.types import Mapping as MappingType

_DEEP = 3  # objects inside objects
_POOL = 24  # small values of one type


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

_BRACKETS = {"list": "[]", "tuple": "()", "set": "{}"}


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


class _Writer:
    """Writes values as expressions; what has a name of its own is made before."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.before: dict[str, str] = {}
        self.shared: dict[int, str] = {}

    def name(self) -> str:
        number = len(self.taken)
        letters = (f"{c}{n or ''}" for n in range(number + 2) for c in "abcdefgh")
        found = next(n for n in letters if n not in self.taken)
        self.taken.add(found)
        return found

    def text(self, value: Value) -> str:
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
    writer = _Writer({*given, *taken})
    counts: dict[int, int] = {}
    for value in given.values():
        for part in parts(value):
            if isinstance(part, Shared):
                counts[part.number] = counts.get(part.number, 0) + 1
    plain = {n: _unshared(v, {k for k, c in counts.items() if c == 1}) for n, v in given.items()}
    return Case({name: writer.text(value) for name, value in plain.items()}, writer.before)


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


def _unshared(value: Value, numbers: set[int]) -> Value:
    if isinstance(value, Shared) and value.number in numbers:
        return _unshared(value.value, numbers)
    own = inner(value)
    return with_inner(value, [_unshared(v, numbers) for v in own]) if own else value


class Maker:
    """Makes values of the types of one function's parameters.

    Parameters
    ----------
    ieee : bool
        Floats may be anything that a float can be. Otherwise they are numbers of few binary digits, with which
        sums and products are exact: that rounding breaks a contract is not what is looked for.
    """

    def __init__(self, program: Program, function: Function, generator: random.Random, *, ieee: bool = False) -> None:
        self.program, self.function, self.generator, self.ieee = program, function, generator, ieee
        self.module: Module = program.modules[function.module]
        self.types = {p.name: p.type for p in function.parameters}
        self.numbers, self.floats, self.strings, self.bytes = _constants(self.module, function)
        self._pools: dict[tuple[Type, int], list[Value]] = {}
        self._shared = 0
        if function.owner and function.name.endswith(".__init__") and function.parameters:
            self.types[function.parameters[0].name] = Instance("")  # what a constructor is given: an object without fields

    def possible(self) -> str:
        """Return why no input can be made, or ""."""
        for parameter in self.function.parameters:
            if not self.pool(self.types[parameter.name]):
                return f"no value of type `{parameter.type}` can be made for `{parameter.name}`"
        return ""

    # Small values

    def small(self) -> Iterator[Input]:
        """Yield inputs of small values, smaller ones first."""
        names: list[str] = []
        pools: list[list[Value]] = []
        for parameter in self.function.parameters:
            if parameter.default is None or parameter.passing in (Passing.REST, Passing.REST_KEYWORDS):
                names.append(parameter.name)
                pools.append(self.pool(self.types[parameter.name]))
        optional = [p for p in self.function.parameters if p.name not in names]
        if not names and not optional:
            yield {}
            return
        for values in _diagonal(pools):
            yield dict(zip(names, values, strict=True))
        if optional:
            every = [*names, *(p.name for p in optional)]
            for values in _diagonal([*pools, *(self.pool(p.type) for p in optional)]):
                yield dict(zip(every, values, strict=True))

    def pool(self, type_: Type, deep: int = 0) -> list[Value]:
        """Return small values of a type, none twice, smaller ones first; empty: nothing is known about it."""
        key = (type_, deep)
        if key not in self._pools:
            self._pools[key] = []  # of a type that is being worked out, which contains itself
            found = list(islice(dict.fromkeys(self._small(type_, deep)), _POOL))
            self._pools[key] = found
        return self._pools[key]

    def _small(self, type_: Type, deep: int) -> Iterator[Value]:
        match type_:
            case Ranged(low, high):
                yield from (Literal(n) for n in self._integers() if (low is None or n >= low) and (high is None or n <= high))
                ends = [e + d for e in (low, high) if e is not None for d in (0, 1, -1)]
                yield from (Literal(n) for n in ends if (low is None or n >= low) and (high is None or n <= high))
            case Tuple(items):
                yield from (Items("tuple", values) for values in _diagonal([self.pool(i, deep) for i in items]))
            case Collection(kind, item):
                yield from self._small_items(kind, item, deep)
            case MappingType(kind, key, value):
                keys, values = self.pool(key, deep), self.pool(value, deep)
                yield Pairs(kind, ())
                yield from (Pairs(kind, ((k, v),)) for k, v in islice(_diagonal([keys, values]), 12))
                yield from (
                    Pairs(kind, ((a, v), (b, w)))
                    for a, b, v, w in islice(product(keys[:2], keys[1:3], values[:2], values[:2]), 8)
                    if a != b
                )
            case Union(options):
                yield from _alternating([self.pool(o, deep) for o in options])
            case Instance("", _):
                callees = (self._callee(n) for n in self._concrete(f"{self.function.module}.{self.function.owner}"))
                yield from (Text(f"object.__new__({c})") for c in callees if c)
            case Instance(name):
                yield from self._instances(name, deep)
            case ClassObject(Instance(name)):
                yield from (Text(t) for t in (self._callee(n) for n in self._concrete(name)) if t)
            case Callable(parameters, returns):
                yield from self._functions(parameters, returns, deep)
            case Variable(_, bound, constraints):
                yield from self.pool(constraints[0] if constraints else bound or INT, deep)
            case _:
                yield from self._plain(type_)

    def _plain(self, type_: Type) -> Iterator[Value]:
        if type_ == INT:
            yield from map(Literal, self._integers())
        elif type_ == BOOL:
            yield from (Literal(False), Literal(True))
        elif type_ == FLOAT:
            yield from (Literal(float(f)) for f in (0, 1, -1, 0.5, 2, *self.floats, -0.5, 3, 0.25, 10, 100))
            if self.ieee:
                yield from (Literal(f) for f in (0.1, 0.3, float("inf"), float("nan"), -float("inf"), 1e308, 5e-324, -0.0))
        elif type_ == STR:
            yield from map(Literal, ("", "a", "b", *self.strings[:12], "ab", "0", " ", ",", "A", "aa", "é", *self.strings[12:]))
        elif type_ == BYTES:
            yield from map(Literal, (b"", b"\0", b"\1", b"\xff", *self.bytes[:8], b"\0\0", b"\0\1", b"a", b"\0\0\0\0"))
        elif type_ == BYTEARRAY:
            yield from (Items("bytearray", tuple(map(Literal, b))) for b in (b"", b"\0", b"\1", b"\xff", b"\0\1"))
        elif type_ == NONE:
            yield Literal(None)
        elif type_ in (OBJECT, UNKNOWN):
            others = self.pool(Instance(f"{self.function.module}.{self.function.owner}"), _DEEP) if self.function.owner else []
            plain: list[Value] = [*map(Literal, (0, 1, "", "a", None, -1, 2, True)), Items("list", ())]
            yield from _alternating([others, plain] if type_ == OBJECT else [plain])
        elif type_ == NEVER:
            return

    def _integers(self) -> Iterator[int]:
        yield from (0, 1, -1, 2, 3, -2)
        for number in self.numbers[:12]:
            yield from (number, number + 1, number - 1)
        yield from (4, 5, 7, 8, -3, 10, 16, 255, 256, -10, 100, 2**16, 2**31, 2**32, -(2**31), 2**64)

    def _small_items(self, kind: str, item: Type, deep: int) -> Iterator[Value]:
        if kind == "range":
            yield from (Text(f"range({n})") for n in (0, 1, 2, 3))
            yield from (Text("range(1, 3)"), Text("range(2, 0, -1)"), Text("range(-1, 2)"))
            return
        own = self.pool(item, deep)
        few = own[:6]
        yield Items(kind, ())
        for one in few[:3]:
            yield Items(kind, (one,))
        if kind not in ("set", "frozenset", "pset"):
            for one in few[:2]:
                yield Items(kind, (one, one))
                if isinstance(one, Items | Pairs | Made) and not (isinstance(one, Items) and one.kind == "tuple"):
                    self._shared += 1
                    yield Items(kind, (Shared(self._shared, one), Shared(self._shared, one)))
        yield from (Items(kind, (a, b)) for a, b in product(few[:3], few[:3]) if a != b)
        yield from (Items(kind, (one,)) for one in own[3:10])
        if len(few) > 2:
            yield from (Items(kind, (few[0], few[1], few[2])), Items(kind, (few[1], few[0], few[1])))
            yield Items(kind, tuple(few[:4]))

    def _instances(self, name: str, deep: int) -> Iterator[Value]:
        if deep > _DEEP:
            return
        sources = [self._objects(own, deep) for own in self._concrete(name)]
        if sources:
            yield from _alternating([list(islice(s, _POOL)) for s in sources])
            return
        module, _, own = name.rpartition(".")
        if module == "builtins":
            yield Text(f"{own}()")
        elif name in ("random.Random", "fractions.Fraction", "decimal.Decimal", "datetime.timedelta"):
            yield from (Made(name, (("", Literal(n)),)) for n in range(6))

    def _concrete(self, name: str) -> list[str]:
        """Return a class and those derived from it, without abstract ones."""
        known = {c.qualified: c for m in self.program.modules.values() for c in m.classes.values()}
        found: list[str] = []
        pending, seen = [name], {name}
        while pending:
            one = pending.pop(0)
            class_ = known.get(one) or self.program.class_(one)
            if class_ is None:
                continue
            sealed = any(b.endswith(".ADT") for b in class_.bases)  # of Nagini's: only the classes derived from it have instances
            if not sealed and not self._abstract(class_, known) and class_.kind != "protocol":
                found.append(class_.qualified)
            for other in known.values():
                if class_.qualified in other.bases and other.qualified not in seen:
                    seen.add(other.qualified)
                    pending.append(other.qualified)
        return found

    def _abstract(self, class_: Class, known: Mapping[str, Class]) -> bool:
        done: set[str] = set()
        pending: list[Class] = [class_]
        while pending:
            one = pending.pop(0)
            for name, method in one.methods.items():
                own = name.rpartition(".")[2]
                if own not in done:
                    done.add(own)
                    if method.abstract or _is_abstract(method):
                        return True
            pending.extend(known[b] for b in one.bases if b in known)
        return False

    def _callee(self, qualified: str) -> str:
        """Return how the module of the function names a class, or ""."""
        class_ = self.program.class_(qualified)
        if class_ is None:
            return ""
        if class_.module == self.module.name:
            return class_.name
        for local, meant in self.module.imports.items():
            if self.program.class_(meant) is class_:
                return local
            if meant == class_.module:
                return f"{local}.{class_.name}"
        return ""

    def _objects(self, qualified: str, deep: int) -> Iterator[Value]:
        class_, callee = self.program.class_(qualified), self._callee(qualified)
        if class_ is None or not callee:
            return
        if class_.kind in ("enum", "intenum"):
            yield from (Text(f"{callee}.{member}") for member in class_.constants)
            return
        wanted = self._wanted(class_)
        if wanted is None:
            return
        names = [n for n, _ in wanted]
        every = islice(_diagonal([self.pool(t, deep + 1) for _, t in wanted]), _POOL)
        plain = [Made(callee, tuple(zip(names, values, strict=True))) for values in every]
        yield from plain[:12]
        if class_.kind in ("class", "dataclass") and plain:
            yield from self._used(class_, plain[0], deep)
        yield from plain[12:]

    def _used(self, class_: Class, first: Value, deep: int) -> Iterator[Value]:
        """Yield objects on which methods have been called: what constructors cannot make."""
        if not isinstance(first, Made) or deep > 1:
            return
        for method in class_.methods.values():
            own = method.name.rpartition(".")[2]
            if own.startswith("_") or method.kind != "method":
                continue
            pools = [self.pool(p.type, deep + 1) for p in method.parameters[1:] if p.default is None]
            for values in islice(_diagonal(pools), 3):
                yield replace(first, calls=((own, values),))
                yield replace(first, calls=((own, values), (own, values)))

    def _wanted(self, class_: Class) -> list[tuple[str, Type]] | None:
        """Return what the constructor must be given, by name."""
        seen: set[str] = set()
        pending = [class_]
        own_fields: dict[str, Type] = {}
        while pending:
            one = pending.pop(0)
            for name, method in one.methods.items():
                if name.rpartition(".")[2] == "__init__":
                    given = [p for p in method.parameters[1:] if p.passing not in (Passing.REST, Passing.REST_KEYWORDS)]
                    return [(p.name, p.type) for p in given]
            if one.kind in ("dataclass", "frozen"):
                own_fields = {n: f.type for n, f in one.fields.items() if f.in_init and not f.shared} | own_fields
            for base in one.bases:
                found = self.program.class_(base)
                if found is not None and found.qualified not in seen:
                    seen.add(found.qualified)
                    pending.append(found)
        return list(own_fields.items())

    def _functions(self, parameters: tuple[Type, ...] | None, returns: Type, deep: int) -> Iterator[Value]:
        count = 1 if parameters is None else len(parameters)
        names = ["x", "y", "z", "v", "w"][:count] if parameters is not None and count <= 5 else ["*_"]
        writer = _Writer(())
        values = [v for v in self.pool(returns, deep + 1) if not any(isinstance(p, Shared) for p in parts(v))]
        head = f"lambda {', '.join(names)}: " if names else "lambda: "
        texts = [writer.text(v) for v in values if not (isinstance(v, Made) and v.calls)]
        if parameters is not None and count == 1 and parameters[0] == returns:
            yield Text(head + "x")
        yield from (Text(head + t) for t in texts[:8])
        if parameters is not None and count == 1 and returns in (INT, FLOAT) and parameters[0] in (INT, FLOAT):
            yield from (Text(head + t) for t in ("x + 1", "-x", "2 * x", "x - 1"))
        yield from (Text(head + t) for t in texts[8:])

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
        small = self.pool(type_, min(deep, _DEEP))
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
            if self.ieee and choose.random() < 0.3:
                return Literal(choose.uniform(-1, 1) * 10.0 ** choose.randrange(-3, 4))
            return Literal(choose.randrange(-8 * (much + 1), 8 * (much + 1)) / 4)
        if type_ == STR:
            return Literal("".join(choose.choice(self._letters()) for _ in range(choose.randrange(0, much + 2))))
        if type_ == BYTES:
            return Literal(bytes(self._byte() for _ in range(choose.randrange(0, 2 * much + 2))))
        if type_ == BYTEARRAY:
            return Items("bytearray", tuple(Literal(self._byte()) for _ in range(choose.randrange(0, 2 * much + 2))))
        return choose.choice(small) if small else Literal(None)

    def _letters(self) -> str:
        return "ab0 ,A-." + "".join(self.strings[:20])

    def _byte(self) -> int:
        return self.generator.choice((0, 0, 1, 2, 255, 128, self.generator.randrange(256)))

    def _between(self, low: int | None, high: int | None, much: int) -> int:
        choose = self.generator
        kind = choose.random()
        if kind < 0.3 and self.numbers:
            number = choose.choice(self.numbers) + choose.choice((-1, 0, 0, 1))
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
            self._shared += 1
            items[0] = items[-1] = Shared(self._shared, items[0])
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
            lengths = [n for n in map(_length, new.values()) if n is not None]
            if type_ == INT and lengths and choose.random() < 0.4:
                new[name] = Literal(choose.choice(lengths) + choose.choice((-1, 0, 1)))  # relations between a number and a length
            elif choose.random() < 0.2:
                new[name] = self.value(type_, much)
            else:
                new[name] = self.changed_value(new[name], much)
        return new

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
                letter = choose.choice(self._letters())
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


def _length(value: Value) -> int | None:
    match value:
        case Items(_, items):
            return len(items)
        case Literal(str() | bytes() as text):
            return len(text)
    return None


def _sorted(items: list[Value]) -> list[Value]:
    """Return literals in their order, if they have one."""
    values = [i.value for i in items if isinstance(i, Literal) and isinstance(i.value, int | float)]
    if len(values) == len(items):
        return [Literal(v) for v in sorted(values)]
    texts = [i.value for i in items if isinstance(i, Literal) and isinstance(i.value, str)]
    return [Literal(t) for t in sorted(texts)] if len(texts) == len(items) else items


def _diagonal(pools: Sequence[Sequence[Value]]) -> Iterator[tuple[Value, ...]]:
    """Yield one value of each pool in every combination, those with small indices first."""
    if not all(pools):
        return
    lengths = [len(p) for p in pools]
    for total in range(sum(lengths) - len(lengths) + 1):
        for indices in _adding_up(lengths, total):
            yield tuple(pool[i] for pool, i in zip(pools, indices, strict=True))


def _adding_up(lengths: Sequence[int], total: int) -> Iterator[tuple[int, ...]]:
    if not lengths:
        if total == 0:
            yield ()
        return
    for first in range(min(total, lengths[0] - 1) + 1):
        for rest in _adding_up(lengths[1:], total - first):
            yield (first, *rest)


def _alternating(pools: Sequence[Sequence[Value]]) -> Iterator[Value]:
    for index in range(max(map(len, pools), default=0)):
        for pool in pools:
            if index < len(pool):
                yield pool[index]


def _is_abstract(method: Function) -> bool:
    return any(ast.unparse(d).rpartition(".")[2] == "abstractmethod" for d in method.node.decorator_list)


def _constants(module: Module, function: Function) -> tuple[list[int], list[float], list[str], list[bytes]]:
    """Return the numbers and texts of a function and of its module, its own first; of names the words they consist of too."""
    numbers: dict[int, None] = {}
    floats: dict[float, None] = {}
    strings: dict[str, None] = {}
    raw: dict[bytes, None] = {}
    contract = function.contract
    clauses = [*contract.requires, *contract.ensures, *(contract.decreases or ())]
    for node in [*(n for c in clauses for n in ast.walk(c.expression)), *ast.walk(function.node), *ast.walk(module.tree)]:
        match node:
            case ast.Constant(value=bool()):
                continue
            case ast.Constant(value=int(number)) if len(numbers) < 60:
                numbers[number] = None
            case ast.Constant(value=float(number)) if len(floats) < 30:
                floats[number] = None
            case ast.Constant(value=str(text)) if len(text) < 40 and "\n" not in text and len(strings) < 60:
                strings[text] = None
            case ast.Constant(value=bytes(text)) if len(text) < 40 and len(raw) < 30:
                raw[text] = None
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and len(strings) < 100:
            strings[node.name] = None
            if "_" in node.name.strip("_"):
                strings[node.name.strip("_").partition("_")[2]] = None
    strings.pop("", None)
    numbers = {n: None for n in numbers if abs(n) > 2}
    return list(numbers), list(floats), list(strings), list(raw)
