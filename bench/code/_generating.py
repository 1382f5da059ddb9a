"""Makes random programs of the language that is proved, and observes in CPython what they do.

A program is a function without arguments, with functions of its own in front.
Each program draws on some of the features alone (sets, exceptions, objects,
aliases, ...), so that many programs have few of them, and any two meet often.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from types import CodeType

from _random_expressions import ALWAYS, FEATURES, HELPERS, KINDS, MOST, Expressions

ANNOTATED = ("list", "dict", "set", "int |", "float")
STEPS = 2_000  # heads of loops in one run
CAUGHT = (
    "ZeroDivisionError",
    "IndexError",
    "KeyError",
    "ValueError",
    "Odd",
    "(IndexError, KeyError)",
    "Exception",
    "LookupError",
)
States = dict[int, dict[tuple[str, ...], None]]  # by the number of a loop, what held at its head


class Unusable(Exception):
    """A program that CPython does not end normally, or whose values are too large."""


@dataclass(frozen=True)
class Loop:
    """The head of a loop, where states are observed: its number, condition, and the expressions whose values are its state."""

    number: int
    indent: str
    condition: str
    state: tuple[str, ...]


@dataclass
class Maker(Expressions):
    """Writes one program."""

    fixed: set[str] = field(default_factory=set)  # counters of loops, which nothing else assigns
    lines: list[str | Loop] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    loops: int = 0
    inside: int = 0  # loops around
    count: int = 0

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind[0].lower()}{self.count}"

    def put(self, level: int, text: str) -> None:
        self.lines.append("    " * level + text)
        self.spent = 0

    def define(self, level: int, name: str, kind: str, value: str) -> None:
        annotation = f": {kind}" if kind.startswith(ANNOTATED) or kind == "Base" else ""
        self.put(level, f"{name}{annotation} = {value}")
        self.types[name] = kind

    def block(self, level: int, size: int, depth: int) -> None:
        """Write statements; variables that only they assign are forgotten afterwards."""
        before = dict(self.types)
        start = len(self.lines)
        for _ in range(size):
            self.statement(level, depth)
        if len(self.lines) == start:
            self.put(level, "pass")
        self.types = before

    def statement(self, level: int, depth: int) -> None:
        kind = self.chance.choice(self.kinds)
        use = self.features.__contains__
        assignable = [n for n in self.names(kind) if n not in self.fixed]
        roll = self.chance.random()
        if roll < 0.25 or not assignable:
            self.define(level, self.fresh(kind), kind, self.expression(kind))
        elif roll < 0.35:
            self.put(level, f"{self.chance.choice(assignable)} = {self.expression(kind)}")
        elif roll < 0.62 or depth <= 0:
            self.change(level, kind, self.chance.choice(assignable))
        elif roll < 0.72:
            self.put(level, f"if {self.expression('bool')}:")
            self.block(level + 1, self.chance.randint(1, 2), depth - 1)
            if self.flip(0.3):
                self.put(level, f"elif {self.expression('bool')}:")
                self.block(level + 1, 1, depth - 1)
            if self.flip(0.6):
                self.put(level, "else:")
                self.block(level + 1, self.chance.randint(1, 2), depth - 1)
        else:
            ways = [own for name, own in (
                ("while", self.loop), ("for", self.rounds), ("try", self.attempt), ("match", self.cases),
                ("alias", self.alias), ("unpack", self.unpack), ("break", self.leave),
            ) if use(name)]  # fmt: skip
            if ways:
                self.chance.choice(ways)(level, depth)
            else:
                self.change(level, kind, self.chance.choice(assignable))

    def change(self, level: int, kind: str, name: str) -> None:
        def sub(kind: str = "int") -> str:
            return self.expression(kind, 1)

        use = self.features.__contains__
        match kind:
            case "int":
                signs = ["+=", "-=", "*=", "//=", "%="] + (["&=", "|=", "^=", "<<="] if use("bits") else [])
                sign = self.chance.choice(signs)
                self.put(level, f"{name} {sign} {self.one('1', '2') if sign == '<<=' else sub()}")
            case "float":
                self.put(level, f"{name} {self.one('+=', '-=', '*=')} {sub('float')}")
            case "list[int]":
                at = self.one("0", "-1", sub())
                ways = [
                    f"{name}.append({sub()})",
                    f"{name}[{at}] = {sub()}",
                    f"{name}[{at}] += {sub()}",
                    f"{name} += {sub(kind)}",
                    f"{name}.pop()",
                ]
                if use("methods"):
                    ways += [f"{name}.insert({at}, {sub()})", f"{name}.reverse()", f"{name}.sort()", f"{name}.remove({sub()})"]
                    ways += [f"{name}.extend({sub(kind)})", f"{name}.clear()", f"del {name}[{at}]", f"extended({name}, {sub()})"]
                    ways += [f"{name}.pop({at})"]
                if use("slices"):
                    ways.append(f"{name}[{self.one('0:1', ':2', '1:')}] = {sub(kind)}")
                    ways += [f"del {name}[{self.one(':1', '1:')}]"] if self.seldom() else []
                self.put(level, self.one(*ways))
            case "list[list[int]]":
                at = self.one("0", "-1", "1")
                ways = [
                    f"{name}[{at}].append({sub()})",
                    f"{name}[{at}] = {sub('list[int]')}",
                    f"{name}.append({sub('list[int]')})",
                    f"{name}[{at}] += {sub('list[int]')}",
                ]
                self.put(level, self.one(*ways))
            case "dict[int, int]" | "dict[str, int]":
                key = sub("str" if "str" in kind else "int")
                ways = [f"{name}[{key}] = {sub()}"] * 2
                if use("methods"):
                    ways += [
                        f"{name}.pop({key}, 0)",
                        f"{name}.setdefault({key}, {sub()})",
                        f"del {name}[{key}]",
                        f"{name}.update({sub(kind)})",
                        f"{name}[{key}] += {sub()}",
                    ]
                self.put(level, self.one(*ways))
            case "set[int]":
                ways = [
                    f"{name}.add({sub()})",
                    f"{name}.discard({sub()})",
                    f"{name} |= {sub(kind)}",
                    f"{name} -= {sub(kind)}",
                    f"{name}.remove({sub()})",
                ]
                self.put(level, self.one(*ways))
            case "str" | "bytes":
                self.put(level, f"{name} += {sub(kind)}")
            case "bool":
                self.put(level, f"{name} = not {name}")
            case "Box":
                ways = [f"{name}.bump({sub()})", f"{name}.x += {sub()}", f"{name}.y = {sub()}", f"{name}.swap()"]
                self.put(level, self.one(*ways))
            case "Base":
                self.put(level, self.one(f"{name}.n = {name}.kind({sub()})", f"{name}.n += {sub()}"))
            case "tuple[int, int]":
                self.put(level, f"{name} = ({name}[1], {name}[0])")
            case _:
                self.put(level, f"{name} = {self.expression(kind)}")

    def alias(self, level: int, depth: int) -> None:
        """Give what a variable holds a second name, and change it by that."""
        del depth
        kinds = [k for k in ("list[int]", "Box", "set[int]", "dict[int, int]", "list[list[int]]") if self.names(k)]
        if not kinds:
            return
        kind = self.chance.choice(kinds)
        old = self.chance.choice(self.names(kind))
        name = self.fresh(kind)
        self.put(level, f"{name} = {old}")
        self.types[name] = kind
        self.change(level, kind, self.one(name, old))

    def unpack(self, level: int, depth: int) -> None:
        del depth
        first, second = self.fresh("int"), self.fresh("int")
        numbers = [n for n in self.names("int") if n not in self.fixed]
        lists = self.names("list[int]")
        ways = [
            f"{first}, {second} = {self.expression('int', 1)}, {self.expression('int', 1)}",
            f"{first} = {second} = {self.expression('int', 1)}",
        ]
        if lists and self.seldom():
            ways.append(f"{first}, {second}, *_ = {self.chance.choice(lists)}")
        if "tuple[int, int]" in self.kinds:
            ways.append(f"{first}, {second} = {self.expression('tuple[int, int]', 1)}")
        self.put(level, self.one(*ways))
        self.types[first] = self.types[second] = "int"
        if len(numbers) > 1 and self.flip(0.5):
            one, other = self.chance.sample(numbers, 2)
            self.put(level, f"{one}, {other} = {other}, {one}")

    def leave(self, level: int, depth: int) -> None:
        if self.inside:
            self.put(level, f"if {self.expression('bool', 1)}:")
            self.put(level + 1, self.one("break", "continue", "break"))
        else:
            self.rounds(level, depth)

    def attempt(self, level: int, depth: int) -> None:
        self.put(level, "try:")
        self.block(level + 1, self.chance.randint(1, 2), depth - 1)
        if self.flip(0.4):
            self.put(level + 1, f"if {self.expression('bool', 1)}:")
            self.put(level + 2, "raise " + self.one("ValueError", "Odd", "Odd('x')", "KeyError(1)", "IndexError()"))
        last = "finally" in self.features and self.flip(0.6)
        if not last or self.flip(0.6):
            caught = self.one(*CAUGHT)
            self.put(level, f"except {caught}{self.one('', ' as problem')}:")
            self.block(level + 1, 1, depth - 1)
            if self.flip(0.3) and caught != "Exception":
                self.put(level, f"except {self.one('Exception', 'ValueError', 'ArithmeticError')}:")
                self.block(level + 1, 1, depth - 1)
            if self.flip(0.3):
                self.put(level, "else:")
                self.block(level + 1, 1, depth - 1)
        if last:
            self.put(level, "finally:")
            self.block(level + 1, 1, depth - 1)

    def cases(self, level: int, depth: int) -> None:
        pairs = "tuple[int, int]" in self.kinds and self.flip(0.5)
        points = "Point" in self.kinds and self.flip(0.5)
        kind = "Point" if points else "tuple[int, int]" if pairs else "int"
        self.put(level, f"match {self.expression(kind, 1)}:")
        for _ in range(self.chance.randint(1, 2)):
            number = self.number()
            pattern = f"{number} | {self.number()}"
            if kind == "Point":
                pattern = self.one(f"Point({number}, _)", f"Point(x={number})", "Point(first, second)")
            elif kind != "int":
                pattern = self.one(f"({number}, _)", "(first, second)", f"(_, {number})")
            guard = f" if {self.expression('bool', 1)}" if self.flip(0.3) or "first" in pattern else ""
            self.put(level + 1, f"case {pattern}{guard}:")
            self.block(level + 2, 1, depth - 1)
        if self.flip(0.7):
            self.put(level + 1, "case _:")
            self.block(level + 2, 1, depth - 1)

    def rounds(self, level: int, depth: int) -> None:
        """Write a loop over what is known, for which no invariant is needed."""
        name = self.fresh("int")
        before = dict(self.types)
        ways = [
            f"for {name} in range({self.one('2', '3', '1, 3', '4, 0, -2')}):",
            f"for {name} in [{self.number()}, {self.number()}]:",
        ]
        if lists := self.names("list[int]"):
            ways.append(f"for {name} in {self.chance.choice(lists)}[:2]:")
        if "bytes" in self.kinds:
            ways.append(f"for {name} in {self.literal('bytes')}:")
        if "dict[int, int]" in self.kinds:
            ways.append(f"for {name} in {self.literal('dict[int, int]')}:")
        head = self.one(*ways)
        if self.flip(0.2):
            other = self.fresh("int")
            head = self.one(
                f"for {other}, {name} in enumerate([{self.number()}, {self.number()}]):",
                f"for {other}, {name} in zip([{self.number()}, {self.number()}], [{self.number()}, 1]):",
            )
            self.types[other] = "int"
            self.fixed.add(other)
        self.put(level, head)
        self.types[name] = "int"
        self.fixed.add(name)
        self.inside += 1
        self.block(level + 1, self.chance.randint(1, 2), depth - 1)
        self.inside -= 1
        self.types = before
        if self.flip(0.25):
            self.put(level, "else:")
            self.block(level + 1, 1, depth - 1)

    def loop(self, level: int, depth: int) -> None:
        counter, rounds, number = self.fresh("int"), self.chance.randint(1, 4), self.loops
        self.loops += 1
        self.put(level, f"{counter} = 0")
        self.types[counter] = "int"
        self.fixed.add(counter)
        condition = f"{counter} < {rounds}"
        if self.flip(0.3):
            condition += f" and {self.expression('bool', 1)}"
        self.lines.append(Loop(number, "    " * level, condition, tuple(self.state())))
        self.put(level + 1, f"decreases({rounds} - {counter})")
        self.put(level + 1, f"{counter} += 1")
        self.inside += 1
        self.block(level + 1, self.chance.randint(1, 3), depth - 1)
        self.inside -= 1
        if self.flip(0.25):
            self.put(level, "else:")
            self.block(level + 1, 1, depth - 1)

    def state(self) -> Iterator[str]:
        """Yield expressions that say what variables hold, and which of them hold the same object."""
        for name, kind in self.types.items():
            yield from parts(name, kind)
        if "alias" in self.features:
            for kind in ("list[int]", "Box", "set[int]", "dict[int, int]"):
                names = self.names(kind)
                yield from (f"({one} is {other})" for n, one in enumerate(names) for other in names[n + 1 :])

    def asked(self) -> list[str]:
        """Return what may be asked at the end: mostly what the last statements are about."""
        found = [part for name, kind in self.types.items() for part in parts(name, kind)]
        last = " ".join(line for line in self.lines[-5:] if isinstance(line, str))
        late = [part for part in found if re.search(rf"\b{part.partition('.')[0]}\b", last)]
        return late if late and self.flip(0.75) else found

    def function(self) -> None:
        """Write a function without contract: its body stands for every call."""
        name = f"own{len(self.own)}_"
        kinds = [k for k in ("int", "int", "bool", "list[int]", "str", "tuple[int, int]") if k in self.kinds]
        parameters = tuple(self.chance.choice(kinds) for _ in range(self.chance.randint(1, 2)))
        result = self.chance.choice(kinds)
        inner = Maker(self.chance, self.kinds, self.features - {"while", "function", "break", "for"}, count=100)
        for kind in parameters:
            inner.types[inner.fresh(kind)] = kind
        head = ", ".join(f"{n}: {k}" for n, k in inner.types.items())
        for _ in range(self.chance.randint(0, 2)):
            inner.statement(1, 1)
        if self.flip(0.5):
            inner.put(1, f"if {inner.expression('bool', 1)}:")
            inner.put(2, f"return {inner.expression(result, 1)}")
        inner.put(1, f"return {inner.expression(result)}")
        self.functions += [f"def {name}({head}) -> {result}:", *map(str, inner.lines), "", ""]
        self.own.append((name, parameters, result))


def parts(name: str, kind: str) -> list[str]:
    """Return the expressions whose values say what a variable holds."""
    match kind:
        case "Box":
            return [f"{name}.x", f"{name}.y"]
        case "Base":
            return [f"{name}.n"]
        case _:
            return [name]


@dataclass(frozen=True)
class Made:
    """A program: its functions, its lines with invariants, what is asserted at its end, and what is wrong to assert."""

    functions: tuple[str, ...]
    lines: tuple[str, ...]
    name: str
    observed: str
    other: str
    features: tuple[str, ...] = ()

    def text(self, title: str, value: str) -> str:
        own = "\n".join(self.functions).replace("own0_", f"own0_{title}").replace("own1_", f"own1_{title}")
        body = "\n".join(self.lines).replace("own0_", f"own0_{title}").replace("own1_", f"own1_{title}")
        between = "\n" if own else ""
        return f"{own}{between}def {title}() -> None:\n{body}\n    assert {self.name} == {value}\n"


def make(seed: int) -> Made:
    """Return the program of a seed: the first that CPython ends normally, of those that follow from it."""
    chance = random.Random(seed)
    while True:
        kinds = (*ALWAYS, *(k for k in KINDS if chance.random() < 0.22))
        if "dict[str, int]" in kinds and "str" not in kinds:
            kinds = (*kinds, "str")
        features = frozenset(f for f in FEATURES if chance.random() < 0.3)
        maker = Maker(chance, kinds, features)
        if "function" in features:
            for _ in range(chance.randint(1, 2)):
                maker.function()
        for kind in ("int", "int", "list[int]", chance.choice(kinds)):
            maker.define(1, maker.fresh(kind), kind, maker.literal(kind))
        for _ in range(chance.randint(3, 8)):
            maker.statement(1, 2)
        wanted = chance.choice(maker.asked())
        try:
            value, states = observe(maker, wanted)
        except Unusable:
            continue
        lines = tuple(line for item in maker.lines for line in _with_invariant(item, states))
        return Made(tuple(maker.functions), lines, wanted, written(value), written(another(value)), (*kinds, *sorted(features)))


def observe(maker: Maker, wanted: str) -> tuple[object, States]:
    """Run a program in this CPython; return a value at its end, and what held at the heads of its loops."""
    states: States = {}
    left = STEPS

    def seen(number: int, **values: object) -> bool:
        nonlocal left
        left -= 1
        if left < 0 or any(_size(v) > MOST for v in values.values()):
            raise Unusable
        loop = next(item for item in maker.lines if isinstance(item, Loop) and item.number == number)
        state = tuple(f"{e} == {written(v)}" for e, v in zip(loop.state, values.values(), strict=True))
        states.setdefault(number, {})[state] = None
        return True

    def nothing(*_: object, **__: object) -> None:
        return None

    def required(*conditions: object) -> None:
        if not all(conditions):  # what would be refuted is the call, not what the program observes
            raise Unusable

    space: dict[str, object] = {"decreases": nothing, "requires": required, "__seen__": seen, "__name__": "observed"}
    lines = [
        item
        if isinstance(item, str)
        else f"{item.indent}while __seen__({item.number}, {', '.join(f's{n}={e}' for n, e in enumerate(item.state))}) and ({item.condition}):"
        for item in maker.lines
    ]
    text = "\n".join([*maker.functions, "def program():", *lines, f"    return {wanted}"])
    try:
        exec(_compiled_helpers(), space)  # noqa: S102 - it is a constant of this file
        exec(compile(text, "random", "exec"), space)  # noqa: S102 - it was made here
        value = space["program"]()
    except (ArithmeticError, LookupError, ValueError, UnboundLocalError, MemoryError):
        raise Unusable from None
    if _size(value) > MOST:
        raise Unusable
    return value, states


@cache
def _compiled_helpers() -> CodeType:
    """Return the functions that programs call; of their contracts only what a call must keep."""
    imports = "from dataclasses import dataclass\nfrom enum import Enum\n"
    said = ("ensures(", "modifies(", "raises(")
    lines = (line for line in HELPERS.split("\n") if not line.strip().startswith(said))
    return compile(imports + "\n".join(lines), "helpers", "exec")


def _size(value: object) -> float:
    match value:
        case bool() | None | Enum():
            return 0
        case int() | float():
            return min(float("inf"), abs(value)) if value == value else float("inf")  # noqa: PLR0124 - nan
        case list() | tuple() | set():
            return max([len(value) * 20000, *map(_size, value)])  # states list their items, in invariants of every loop
        case dict():
            return max([len(value) * 20000, *map(_size, value), *map(_size, value.values())])
        case str() | bytes():
            return len(value) * 10000  # long texts count as large numbers do
        case _:
            return 0


def written(value: object) -> str:
    """Return the expression of a value."""
    if isinstance(value, Enum):
        return f"Color.{value.name}"
    if isinstance(value, set):
        return "{" + ", ".join(map(repr, sorted(value))) + "}" if value else "set()"
    return repr(value)


def _with_invariant(item: str | Loop, states: States) -> list[str]:
    if isinstance(item, str):
        return [item]
    lines = [f"{item.indent}while {item.condition}:"]
    found = list(states.get(item.number, ()))
    if found:
        same = [column[0] for column in zip(*found, strict=True) if len(set(column)) == 1]
        ways = [" and ".join(part for part in state if part not in same) for state in found]
        lines += [f"{item.indent}    invariant({' and '.join(same)})"] if same else []
        lines += [f"{item.indent}    invariant({' or '.join(f'({way})' for way in ways)})"] if len(found) > 1 else []
    return lines


def another(value: object) -> object:
    """Return a value that is not this one, and close to it."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case None:
            return 0
        case list():
            return [*value, [0] if value and isinstance(value[0], list) else 0]
        case set():
            return value ^ {99}
        case str():
            return value + "x"
        case bytes():
            return value + b"x"
        case tuple():
            return (value[0] + 1, *value[1:])
        case dict():
            return value | {"q" if any(isinstance(k, str) for k in value) else 99: 0}
        case Enum():
            return next(one for one in type(value) if one is not value)
        case _:  # a frozen dataclass
            return type(value)(value.x + 1, value.y)
