"""Writes random expressions of the language that is proved, and names what random programs use."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HEADER = '''"""Programs that were made at random."""

from dataclasses import dataclass
from enum import Enum

from probatum.spec import decreases, ensures, invariant, modifies, old, raises, requires


'''
# What programs use: of functions with contracts, a caller may know nothing else.
HELPERS = """class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 5


class Odd(ValueError):
    pass


@dataclass
class Box:
    x: int
    y: int

    def bump(self, by: int) -> int:
        modifies(self)
        ensures(lambda r: r == old(self.x) + by)
        ensures(self.x == old(self.x) + by)
        ensures(self.y == old(self.y))
        self.x += by
        return self.x

    def swap(self) -> None:
        self.x, self.y = self.y, self.x


@dataclass(frozen=True)
class Point:
    x: int
    y: int

    def far(self) -> int:
        ensures(lambda r: r == (self.x if self.x > self.y else self.y))
        return self.x if self.x > self.y else self.y


class Base:
    def __init__(self, n: int) -> None:
        ensures(self.n == n)
        self.n = n

    def kind(self, by: int) -> int:
        return self.n + by


class Derived(Base):
    def __init__(self, n: int) -> None:
        ensures(self.n == n + 1)
        super().__init__(n + 1)


def twice(x: int) -> int:
    ensures(lambda r: r == 2 * x)
    return x + x


def larger(x: int, y: int) -> int:
    ensures(lambda r: r == (x if x > y else y))
    if x > y:
        return x
    return y


def halves(x: int) -> tuple[int, int]:
    ensures(lambda r: r == (x // 2, x % 2))
    return x // 2, x - 2 * (x // 2)


def pick(xs: list[int], at: int) -> int:
    requires(-len(xs) <= at < len(xs))
    ensures(lambda r: r == xs[at])
    return xs[at]


def joined(s: str, t: str) -> str:
    ensures(lambda r: r == s + t)
    return s + t


def even(x: int) -> int:
    raises(Odd, when=x % 2 != 0)
    ensures(lambda r: r == x // 2)
    if x % 2 != 0:
        raise Odd
    return x // 2


def extended(xs: list[int], x: int) -> None:
    modifies(xs)
    ensures(xs == old(xs) + [x])
    xs.append(x)


"""
VALUES = ("int", "bool", "float", "str", "bytes", "tuple[int, int]", "int | None", "Color")  # what is never changed
MOST = 10**6  # larger integers say nothing new, and take longer
ALWAYS = ("int", "bool", "list[int]")
KINDS = (
    "str", "bytes", "float", "set[int]", "dict[int, int]", "dict[str, int]", "tuple[int, int]", "int | None",
    "list[list[int]]", "Box", "Point", "Color", "Base",
)  # fmt: skip
FEATURES = (
    "while", "while", "for", "try", "finally", "match", "comprehension", "alias", "function", "bits", "methods", "break",
    "unpack", "builtin", "nested", "slices",
)  # fmt: skip
ORDERS = ('"big"', '"little"')


@dataclass
class Expressions:
    """Writes expressions of one program; `types` are those of the variables that certainly have a value.

    Attributes
    ----------
    chance : Random
    kinds, features : of str
        What the program may have.
    own : list of (str, tuple of str, str)
        Functions of the program: name, types of parameters, type of what is returned.
    spent : int
        Expressions in the statement under way.
    """

    chance: random.Random
    kinds: tuple[str, ...] = ALWAYS
    features: frozenset[str] = frozenset()
    types: dict[str, str] = field(default_factory=dict)
    own: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    spent: int = 0

    def names(self, kind: str) -> list[str]:
        return [n for n, t in self.types.items() if t == kind]

    def one(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def flip(self, share: float) -> bool:
        return self.chance.random() < share

    def expression(self, kind: str, depth: int = 2) -> str:
        own = self.names(kind)
        self.spent += 1
        if depth <= 0 or self.spent > 25 or self.flip(0.25):
            return self.chance.choice(own) if own and self.flip(0.75) else self.literal(kind)
        return self.chance.choice(list(self.choices(kind, depth - 1)))()

    def seldom(self) -> bool:
        """Whether to use something that is outside of the language today: it costs the whole program."""
        return self.flip(0.03)

    def number(self) -> str:
        return str(self.chance.randint(-9, 9))

    def literal(self, kind: str) -> str:
        chance, number = self.chance, self.number()
        least = 0 if self.flip(0.1) else 1  # displays without items have a type of their own
        match kind:
            case "int":
                return number
            case "bool":
                return self.one("True", "False")
            case "float":
                return self.one("0.0", "0.5", "1.0", "-2.5", "0.1", "3.0", "1e3", "-0.75", "7.25")
            case "list[int]":
                return "[" + ", ".join(self.number() for _ in range(chance.randint(least, 4))) + "]"
            case "list[list[int]]":
                return "[" + ", ".join(self.literal("list[int]") for _ in range(chance.randint(1, 2))) + "]"
            case "str":
                return repr("".join(chance.choice("abc 1Z\u00e9") for _ in range(chance.randint(0, 4))))
            case "bytes":
                return repr(bytes(chance.choice(b"\x00\x01az\xff") for _ in range(chance.randint(0, 4))))
            case "tuple[int, int]":
                return f"({number}, {self.number()})"
            case "set[int]":
                return "{" + ", ".join(self.number() for _ in range(chance.randint(1, 4))) + "}"
            case "int | None":
                return self.one("None", number)
            case "Box" | "Point":
                return f"{kind}({number}, {self.number()})"
            case "Color":
                return "Color." + self.one("RED", "GREEN", "BLUE")
            case "Base":
                return self.one("Base", "Derived") + f"({number})"
            case "dict[str, int]":
                keys = chance.sample(["a", "b", "", "xy"], chance.randint(1, 3))
                return "{" + ", ".join(f"{k!r}: {self.number()}" for k in keys) + "}"
            case _:
                keys = chance.sample(range(-2, 4), chance.randint(1, 3))
                return "{" + ", ".join(f"{k}: {self.number()}" for k in keys) + "}"

    def choices(self, kind: str, depth: int) -> Iterator[Callable[[], str]]:
        """Yield ways to write an expression of a type."""

        def sub(kind: str = "int") -> str:
            return self.expression(kind, depth)

        has = self.kinds.__contains__
        use = self.features.__contains__
        for name, parameters, result in self.own:
            if result == kind:
                yield lambda name=name, parameters=parameters: f"{name}({', '.join(map(sub, parameters))})"
        if kind in VALUES or self.seldom():
            yield lambda: f"({sub(kind)} if {sub('bool')} else {sub(kind)})"
        match kind:
            case "int":
                yield from self.numbers(sub)
            case "bool":
                yield from self.truths(sub)
            case "float":
                yield lambda: f"({sub('float')} {self.one('+', '-', '*')} {sub('float')})"
                yield lambda: f"({sub('float')} {self.one('+', '-', '*')} {sub('int')})"
                yield lambda: f"({sub('float')} / {self.one('2', '4.0', '3', '-0.5')})"
                yield lambda: f"({sub()} / {self.one('2', '5', '-4', '3')})"
                yield lambda: f"(-{sub('float')})"
                if use("builtin"):
                    yield lambda: f"abs({sub('float')})"
                    yield lambda: f"float({sub()})"
                    yield lambda: f"{self.one('min', 'max')}({sub('float')}, {sub('float')})"
            case "list[int]":
                yield lambda: f"({sub(kind)} + {sub(kind)})"
                yield lambda: f"{sub(kind)}{self.slice(depth)}"
                yield lambda: f"[{sub()}, {sub()}]"
                yield lambda: f"([{sub()}] * {self.one('0', '1', '2', '3')})"
                if use("builtin"):
                    yield lambda: f"sorted({sub(kind)})"
                    yield lambda: f"list(reversed({sub(kind)}))"
                    yield lambda: f"list(range({self.one('3', '1, 4', '5, 0, -2', '2')}))"
                    yield (
                        lambda: (
                            f"{self.one('list', 'sorted')}({sub(self.chance.choice([k for k in ('list[int]', 'tuple[int, int]', 'dict[int, int]', 'bytes') if k in self.kinds]))})"
                        )
                    )
                if use("comprehension"):
                    yield lambda: self.comprehension("[", "]", depth)
                if has("list[list[int]]"):
                    yield lambda: f"{self.pick('list[list[int]]')}[{self.one('0', '-1', '1')}]"
                if has("dict[int, int]"):
                    yield lambda: f"list({sub('dict[int, int]')}{self.one('', '.keys()', '.values()')})"
            case "list[list[int]]":
                yield lambda: f"[{sub('list[int]')}, {sub('list[int]')}]"
                yield lambda: f"{sub(kind)}[{self.one('0', '1', '')}:]"
                yield lambda: f"({sub(kind)} + {sub(kind)})"
            case "str":
                yield lambda: f"({sub(kind)} + {sub(kind)})"
                yield lambda: f"joined({sub(kind)}, {sub(kind)})"
                yield lambda: f"{sub(kind)}{self.slice(depth)}"
                yield lambda: f"({sub(kind)} * {self.one('0', '1', '2')})"
                yield lambda: f"{sub(kind)}[{self.one('0', '-1', '1')}]"
                yield lambda: f"str({sub()})"
                if use("methods"):
                    yield lambda: f"{sub(kind)}.{self.one('upper()', 'lower()', 'strip()', 'lstrip()', 'rstrip()')}"
                    yield lambda: f"{sub(kind)}.replace({sub(kind)}, {sub(kind)})"
                    yield lambda: f"{sub(kind)}.{self.one('rjust', 'ljust', 'zfill')}({self.one('1', '4')})"
                    yield lambda: f"{sub(kind)}.join([{sub(kind)}, {sub(kind)}])"
                    if self.seldom():
                        yield lambda: 'f"' + self.one("a", "") + "{" + self.chance.choice(self.names("int") or ["1"]) + '}b"'
            case "bytes":
                yield lambda: f"({sub(kind)} + {sub(kind)})"
                yield lambda: f"{sub(kind)}{self.slice(depth)}"
                yield lambda: f"bytes([{self.one('0', '7', '255')}, {self.one('1', '128')}])"
                yield lambda: f"({sub()} % 256).to_bytes({self.one('1', '2', '3')}, {self.one(*ORDERS)})"
            case "tuple[int, int]":
                yield lambda: f"halves({sub()})"
                yield lambda: f"({sub()}, {sub()})"
                if use("builtin"):
                    yield lambda: f"divmod({sub()}, {self.one('2', '-3', sub())})"
            case "dict[int, int]":
                yield lambda: "{" + f"{sub()}: {sub()}" + "}"
                yield lambda: f"({sub(kind)} | {sub(kind)})"
                if use("comprehension"):
                    yield lambda: self.comprehension("{", "}", depth, pairs=True)
            case "dict[str, int]":
                yield lambda: "{" + f"{self.expression('str', 0)}: {sub()}" + "}"
            case "set[int]":
                yield lambda: f"({sub(kind)} {self.one('|', '&', '-', '^')} {sub(kind)})"
                yield lambda: "{" + f"{sub()}, {sub()}" + "}"
                yield lambda: f"set({sub('list[int]')})"
                if use("comprehension"):
                    yield lambda: self.comprehension("{", "}", depth)
            case "int | None":
                yield sub
                if has("dict[int, int]"):
                    yield lambda: f"{sub('dict[int, int]')}.get({sub()})"
            case "Point" | "Box":
                yield lambda: f"{kind}({sub()}, {sub()})"
            case "Base":
                yield lambda: f"{self.one('Base', 'Derived')}({sub()})"
            case "Color":
                yield lambda: self.literal(kind)

    def pick(self, kind: str) -> str:
        """Return a variable of a type, or else a literal."""
        names = self.names(kind)
        return self.chance.choice(names) if names else self.literal(kind)

    def numbers(self, sub: Callable[..., str]) -> Iterator[Callable[[], str]]:
        has = self.kinds.__contains__
        use = self.features.__contains__
        for _ in range(2):
            yield lambda: f"({sub()} {self.one('+', '-', '*')} {sub()})"
        yield lambda: f"({sub()} {self.one('//', '%')} {self.one('2', '3', '-2', '-3', '7', sub())})"
        yield lambda: f"(-{sub()})"
        yield lambda: f"{self.one('abs', 'twice')}({sub()})"
        yield lambda: f"{self.one('min', 'max', 'larger')}({sub()}, {sub()})"
        sized = [k for k in ("list[int]", "str", "bytes", "dict[int, int]", "set[int]") if k in self.kinds]
        yield lambda: f"len({sub(self.chance.choice(sized))})"
        yield lambda: f"int({sub('bool')})"
        at = self.one("0", "-1", "1", "-2", sub())
        yield lambda: f"{self.pick('list[int]')}[{at}]"
        yield lambda: f"pick({self.pick('list[int]')}, {at})"
        if use("bits"):
            yield lambda: f"({sub()} {self.one('&', '|', '^')} {sub()})"
            yield lambda: f"({sub()} {self.one('<<', '>>')} {self.one('1', '2', '3')})"
            yield lambda: f"(~{sub()})"
        if use("try"):
            yield lambda: f"even({sub()})"
        if use("builtin"):
            yield lambda: f"{self.one('sum', 'min', 'max')}({sub('list[int]')})"
            yield lambda: f"({sub()} ** {self.one('0', '1', '2', '3')})"
            yield lambda: f"pow({sub()}, 2)"
        if use("methods"):
            yield lambda: f"{sub('list[int]')}.{self.one('count', 'index')}({sub()})"
        if use("comprehension"):
            yield lambda: f"sum({self.comprehension('', '', 0)})"
        if has("tuple[int, int]"):
            yield lambda: f"{sub('tuple[int, int]')}[{self.one('0', '1', '-1')}]"
        for kind in ("dict[int, int]", "dict[str, int]"):
            if has(kind):
                key = "str" if "str" in kind else "int"
                yield lambda kind=kind, key=key: f"{self.pick(kind)}[{sub(key)}]"
                yield lambda kind=kind, key=key: f"{self.pick(kind)}.get({sub(key)}, {sub()})"
        if has("bytes"):
            yield lambda: f"{self.pick('bytes')}[{self.one('0', '-1', '1')}]"
            yield lambda: f"int.from_bytes({sub('bytes')}[:2], {self.one(*ORDERS)})"
        if has("str") and use("methods"):
            yield lambda: f"{sub('str')}.{self.one('find', 'count', 'rfind')}({sub('str')})"
            yield lambda: self.one('ord("a")', 'ord("Z")')
        if has("float") and self.seldom():
            yield lambda: f"int({sub('float')})"
        for kind in ("Box", "Point"):
            if has(kind):
                yield lambda kind=kind: f"{self.pick(kind)}.{self.one('x', 'y')}"
        if has("Point"):
            yield lambda: f"{self.pick('Point')}.far()"
        if has("Base") and self.names("Base"):
            yield lambda: f"{self.pick('Base')}.n"
        if has("Color"):
            yield lambda: f"{self.pick('Color')}.value"
        if has("int | None") and (names := self.names("int | None")):
            name = self.chance.choice(names)
            yield lambda: f"({name} if {name} is not None else {sub()})"

    def truths(self, sub: Callable[..., str]) -> Iterator[Callable[[], str]]:
        compare = self.one("==", "!=", "<", "<=", ">", ">=")
        yield lambda: f"({sub('int')} {compare} {sub('int')})"
        yield lambda: f"({sub('int')} <= {sub('int')} < {sub('int')})"
        yield lambda: f"({sub('bool')} {self.one('and', 'or')} {sub('bool')})"
        yield lambda: f"(not {sub('bool')})"
        holding = [k for k in ("list[int]", "dict[int, int]", "tuple[int, int]", "set[int]") if k in self.kinds]
        yield lambda: f"({sub('int')} {self.one('in', 'not in')} {sub(self.chance.choice(holding))})"
        apart = ("Base", "Box", "int | None", "" if self.seldom() else "list[list[int]]")
        same = [k for k in (*ALWAYS, *KINDS) if k in self.kinds and k not in apart]
        kind = self.chance.choice(same)
        yield lambda: f"({sub(kind)} {self.one('==', '!=')} {sub(kind)})"
        ordered = [k for k in ("int", "str", "float", "tuple[int, int]") if k in self.kinds]
        own = self.one("list[int]", "bytes") if self.seldom() else self.chance.choice(ordered)
        yield lambda: f"({sub(own)} {compare} {sub(own)})"
        if "set[int]" in self.kinds:
            yield lambda: f"({sub('set[int]')} {self.one('<=', '<', '>=')} {sub('set[int]')})"
            yield lambda: f"{sub('set[int]')}.isdisjoint({sub('set[int]')})"
        if "str" in self.kinds:
            yield lambda: f"({sub('str')} in {sub('str')})"
        if "methods" in self.features and "str" in self.kinds:
            yield lambda: f"{sub('str')}.{self.one('startswith', 'endswith')}({sub('str')})"
        if "comprehension" in self.features:
            yield lambda: f"{self.one('any', 'all')}(i {compare} {self.number()} for i in {sub('list[int]')})"
        if self.names("int | None"):
            yield lambda: f"({self.pick('int | None')} is {self.one('', 'not ')}None)"
        if "builtin" in self.features:
            yield lambda: f"bool({sub(self.chance.choice(holding))})"
        if "alias" in self.features and len(names := self.names("list[int]")) > 1:
            yield lambda: f"({self.chance.choice(names)} is {self.chance.choice(names)})"

    def comprehension(self, begin: str, end: str, depth: int, *, pairs: bool = False) -> str:
        over = self.expression("list[int]", depth) if self.flip(0.7) else f"range({self.one('3', '1, 4')})"
        item = self.one("i", "i + 1", "i * 2", "-i", "i * i", "i % 3")
        condition = self.one("", "", " if i > 0", " if i % 2 == 0", f" if i != {self.number()}")
        return f"{begin}{'i: ' if pairs else ''}{item} for i in {over}{condition}{end}"

    def slice(self, depth: int) -> str:
        start = self.one("", "1", "-2", self.expression("int", depth - 1))
        stop = self.one("", "2", "-1", self.expression("int", depth - 1))
        step = self.one("", "", ":2") if "slices" in self.features else ""
        if step and self.flip(0.5):
            return self.one("[::-1]", "[::2]")
        if step and not self.seldom():
            step = ""
        return f"[{start}:{stop}{step}]"
