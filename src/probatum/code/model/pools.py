"""Small values of the types of Python, smaller ones first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

from probatum.code.model.constants import constants
from probatum.code.model.generics import standing_for, type_within
from probatum.code.model.values import Input, Items, Literal, Made, Pairs, Shared, Text, Value, Writer, parts
from probatum.lower.variables import substituted
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

DEEP = 3  # objects inside objects
_POOL = 24  # small values of one type


class Pools:
    """Small values for the parameters of one function, none twice; `ieee` as for `inputs.Maker`."""

    def __init__(self, program: Program, function: Function, *, ieee: bool = False) -> None:
        self.program, self.function, self.ieee = program, function, ieee
        self.module: Module = program.modules[function.module]
        self.types = {p.name: p.type for p in function.parameters}
        self.numbers, self.floats, self.strings, self.bytes = constants(self.module, function)
        self._pools: dict[tuple[Type, int], list[Value]] = {}
        self._shared = 0
        if function.owner and function.name.endswith(".__init__") and function.parameters:
            self.types[function.parameters[0].name] = Instance("")  # what a constructor is given: an object without fields

    def shared(self, value: Value) -> Shared:
        """Return a value that may stand in several places, as one object."""
        self._shared += 1
        return Shared(self._shared, value)

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
            case Instance():
                yield from self._instances(type_, deep)
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
            others = self.pool(Instance(f"{self.function.module}.{self.function.owner}"), DEEP) if self.function.owner else []
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
                    twice = self.shared(one)
                    yield Items(kind, (twice, twice))
        yield from (Items(kind, (a, b)) for a, b in product(few[:3], few[:3]) if a != b)
        yield from (Items(kind, (one,)) for one in own[3:10])
        if len(few) > 2:
            yield from (Items(kind, (few[0], few[1], few[2])), Items(kind, (few[1], few[0], few[1])))
            yield Items(kind, tuple(few[:4]))

    def _instances(self, type_: Instance, deep: int) -> Iterator[Value]:
        if deep > DEEP:
            return
        name = type_.name
        sources = [self._objects(own, type_, deep) for own in self._concrete(name)]
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

    def _objects(self, qualified: str, type_: Instance, deep: int) -> Iterator[Value]:
        class_, callee = self.program.class_(qualified), self._callee(qualified)
        if class_ is None or not callee:
            return
        if class_.kind in ("enum", "intenum"):
            yield from (Text(f"{callee}.{member}") for member in class_.constants)
            return
        known = standing_for(self.program, class_, type_)
        wanted = self._wanted(class_, known) if known is not None else None
        if wanted is None or known is None:
            return
        names = [n for n, _ in wanted]
        every = islice(_diagonal([self.pool(t, deep + 1) for _, t in wanted]), _POOL)
        plain = [Made(callee, tuple(zip(names, values, strict=True))) for values in every]
        yield from plain[:12]
        if class_.kind in ("class", "dataclass") and plain:
            yield from self._used(class_, known, plain[0], deep)
        yield from plain[12:]

    def _used(self, class_: Class, known: Mapping[str, Type], first: Value, deep: int) -> Iterator[Value]:
        """Yield objects on which methods have been called: what constructors cannot make."""
        if not isinstance(first, Made) or deep > 1:
            return
        for method in class_.methods.values():
            own = method.name.rpartition(".")[2]
            if own.startswith("_") or method.kind != "method":
                continue
            pools = [self.pool(substituted(p.type, known), deep + 1) for p in method.parameters[1:] if p.default is None]
            for values in islice(_diagonal(pools), 3):
                yield replace(first, calls=((own, values),))
                yield replace(first, calls=((own, values), (own, values)))
            for values in islice(_diagonal(pools), 1):
                yield replace(first, calls=((own, values),) * 4)

    def _wanted(self, class_: Class, known: Mapping[str, Type]) -> list[tuple[str, Type]] | None:
        """Return what the constructor must be given, by name."""
        seen: set[str] = set()
        pending = [class_]
        own_fields: dict[str, Type] = {}
        while pending:
            one = pending.pop(0)
            for name, method in one.methods.items():
                if name.rpartition(".")[2] == "__init__":
                    given = [p for p in method.parameters[1:] if p.passing not in (Passing.REST, Passing.REST_KEYWORDS)]
                    return [(p.name, type_within(self.program, class_, known, one.qualified, p.type)) for p in given]
            if one.kind in ("dataclass", "frozen"):
                own_fields = {
                    n: type_within(self.program, class_, known, one.qualified, f.type)
                    for n, f in one.fields.items()
                    if f.in_init and not f.shared
                } | own_fields
            for base in one.bases:
                found = self.program.class_(base)
                if found is not None and found.qualified not in seen:
                    seen.add(found.qualified)
                    pending.append(found)
        return list(own_fields.items())

    def _functions(self, parameters: tuple[Type, ...] | None, returns: Type, deep: int) -> Iterator[Value]:
        count = 1 if parameters is None else len(parameters)
        names = ["x", "y", "z", "v", "w"][:count] if parameters is not None and count <= 5 else ["*_"]
        writer = Writer(())
        values = [v for v in self.pool(returns, deep + 1) if not any(isinstance(p, Shared) for p in parts(v))]
        head = f"lambda {', '.join(names)}: " if names else "lambda: "
        texts = [writer.text(v) for v in values if not (isinstance(v, Made) and v.calls)]
        if parameters is not None and count == 1 and parameters[0] == returns:
            yield Text(head + "x")
        yield from (Text(head + t) for t in texts[:8])
        if parameters is not None and count == 1 and returns in (INT, FLOAT) and parameters[0] in (INT, FLOAT):
            yield from (Text(head + t) for t in ("x + 1", "-x", "2 * x", "x - 1"))
        yield from (Text(head + t) for t in texts[8:])


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
