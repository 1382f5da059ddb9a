"""Random programs: what CPython observes must be provable, and anything else must not.

    python bench/code/random_programs.py [--programs 10000] [--seed 0] [--batch 50] [--replay] [--write FOLDER] [--only-generate]

Each program is a function without arguments: integers with `//` and `%`, bools,
chained comparisons, `and`, `or`, conditional expressions, `if`, `while` with few
rounds, lists with negative indices and slices, tuples, dicts, strings, bytes,
calls of small functions with contracts, `try` with `except`. It is run in CPython;
programs that end in an exception are made anew. Then there are two of it: one
ends with `assert v == observed`, the other with `assert v == other`, where `other`
is one more (or the opposite, or one item longer).

Loops carry an invariant that lists the states that were observed at their head;
nothing less would follow from values alone. Run time of `probatum.spec` is not
involved: while programs are observed, its names stand for nothing, but that a call must keep what is required.

No disagreement is tolerated: the first must not be refuted, the second must not be
proved. How many of the first are proved is counted. Unit: programs; seconds of CPU.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import _ours

HEADER = '"""Programs that were made at random."""\n\nfrom probatum.spec import decreases, ensures, invariant, requires\n\n\n'
# Functions that programs call: all that a caller may know of them is their contracts.
HELPERS = """def twice(x: int) -> int:
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


"""
MOST = 10**6  # larger integers say nothing new, and take longer
KINDS = ("int", "bool", "list[int]", "str", "tuple[int, int]", "dict[int, int]", "bytes")


class Unusable(Exception):
    """A program that CPython does not end normally, or whose values are too large."""


@dataclass
class Maker:
    """Writes one program; `types` are those of the variables that certainly have a value."""

    chance: random.Random
    types: dict[str, str] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)  # counters of loops, which nothing else assigns
    lines: list[str] = field(default_factory=list)
    loops: int = 0
    count: int = 0

    def names(self, kind: str) -> list[str]:
        return [n for n, t in self.types.items() if t == kind]

    def one(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def expression(self, kind: str, depth: int = 2) -> str:
        own = self.names(kind)
        if depth <= 0 or self.chance.random() < 0.25:
            return self.chance.choice(own) if own and self.chance.random() < 0.75 else self.literal(kind)
        return getattr(self, "make_" + kind.partition("[")[0])(depth - 1)

    def literal(self, kind: str) -> str:
        number = str(self.chance.randint(-9, 9))
        match kind:
            case "int":
                return number
            case "bool":
                return self.one("True", "False")
            case "list[int]":
                return "[" + ", ".join(str(self.chance.randint(-9, 9)) for _ in range(self.chance.randint(0, 4))) + "]"
            case "str":
                return repr("".join(self.chance.choice("abcxyz") for _ in range(self.chance.randint(0, 4))))
            case "bytes":
                return repr(bytes(self.chance.choice(b"\x00\x01az\xff") for _ in range(self.chance.randint(0, 4))))
            case "tuple[int, int]":
                return f"({number}, {self.chance.randint(-9, 9)})"
            case _:
                keys = self.chance.sample(range(-2, 4), self.chance.randint(0, 3))
                return "{" + ", ".join(f"{k}: {self.chance.randint(-9, 9)}" for k in keys) + "}"

    def make_int(self, depth: int) -> str:
        def sub(kind: str = "int") -> str:
            return self.expression(kind, depth)

        choices = [
            lambda: f"({sub()} {self.one('+', '-', '*')} {sub()})",
            lambda: f"({sub()} {self.one('//', '%')} {self.one('2', '3', '-2', '-3', '7', sub())})",
            lambda: f"(-{sub()})",
            lambda: f"({sub()} if {sub('bool')} else {sub()})",
            lambda: f"{self.one('abs', 'twice')}({sub()})",
            lambda: f"{self.one('min', 'max', 'larger')}({sub()}, {sub()})",
            lambda: f"len({sub(self.chance.choice(['list[int]', 'str', 'bytes', 'dict[int, int]']))})",
            lambda: f"{sub('tuple[int, int]')}[{self.one('0', '1', '-1')}]",
            lambda: f"int({sub('bool')})",
        ]
        if lists := self.names("list[int]"):
            name = self.chance.choice(lists)
            at = self.one("0", "-1", "1", "-2", sub())
            choices += [lambda: f"{name}[{at}]", lambda: f"pick({name}, {at})", lambda: f"{name}.count({sub()})"]
        if dicts := self.names("dict[int, int]"):
            table = self.chance.choice(dicts)
            choices += [lambda: f"{table}[{sub()}]", lambda: f"{table}.get({sub()}, {sub()})"]
        if data := self.names("bytes"):
            choices.append(lambda: f"{self.chance.choice(data)}[{self.one('0', '-1', '1')}]")
        return self.chance.choice(choices)()

    def make_bool(self, depth: int) -> str:
        def sub(kind: str) -> str:
            return self.expression(kind, depth)

        compare = self.one("==", "!=", "<", "<=", ">", ">=")
        return self.chance.choice(
            [
                lambda: f"({sub('int')} {compare} {sub('int')})",
                lambda: f"({sub('int')} <= {sub('int')} < {sub('int')})",
                lambda: f"({sub('bool')} {self.one('and', 'or')} {sub('bool')})",
                lambda: f"(not {sub('bool')})",
                lambda: (
                    f"({sub('int')} {self.one('in', 'not in')} {sub(self.one('list[int]', 'dict[int, int]', 'tuple[int, int]'))})"
                ),
                lambda: f"({sub('str')} {self.one('==', '!=')} {sub('str')})",
                lambda: f"({sub('list[int]')} == {sub('list[int]')})",
            ]
        )()

    def slice(self, depth: int) -> str:
        start = self.one("", "1", "-2", self.expression("int", depth - 1))
        stop = self.one("", "2", "-1", self.expression("int", depth - 1))
        return f"[{start}:{stop}]"

    def make_list(self, depth: int) -> str:
        if self.chance.random() < 0.5:
            return f"({self.expression('list[int]', depth)} + {self.expression('list[int]', depth)})"
        return f"{self.expression('list[int]', depth)}{self.slice(depth)}"

    def make_str(self, depth: int) -> str:
        kind = self.chance.random()
        if kind < 0.4:
            return f"({self.expression('str', depth)} + {self.expression('str', depth)})"
        if kind < 0.6:
            return f"joined({self.expression('str', depth)}, {self.expression('str', depth)})"
        return f"{self.expression('str', depth)}{self.slice(depth)}"

    def make_bytes(self, depth: int) -> str:
        if self.chance.random() < 0.5:
            return f"({self.expression('bytes', depth)} + {self.expression('bytes', depth)})"
        return f"{self.expression('bytes', depth)}{self.slice(depth)}"

    def make_tuple(self, depth: int) -> str:
        if self.chance.random() < 0.3:
            return f"halves({self.expression('int', depth)})"
        return f"({self.expression('int', depth)}, {self.expression('int', depth)})"

    def make_dict(self, depth: int) -> str:
        return "{" + f"{self.expression('int', 0)}: {self.expression('int', depth)}" + "}"

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"{kind[0]}{self.count}"

    def put(self, level: int, text: str) -> None:
        self.lines.append("    " * level + text)

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
        kind = self.chance.choice(KINDS)
        assignable = [n for n in self.names(kind) if n not in self.fixed]
        roll = self.chance.random()
        if roll < 0.3 or not assignable:
            name = self.fresh(kind)
            annotation = f": {kind}" if kind.startswith(("list", "dict")) else ""
            self.put(level, f"{name}{annotation} = {self.expression(kind)}")
            self.types[name] = kind
        elif roll < 0.45:
            self.put(level, f"{self.chance.choice(assignable)} = {self.expression(kind)}")
        elif roll < 0.65:
            self.change(level, kind, self.chance.choice(assignable))
        elif depth <= 0:
            self.put(level, f"{self.chance.choice(assignable)} = {self.expression(kind)}")
        elif roll < 0.8:
            self.put(level, f"if {self.expression('bool')}:")
            self.block(level + 1, self.chance.randint(1, 2), depth - 1)
            if self.chance.random() < 0.6:
                self.put(level, "else:")
                self.block(level + 1, self.chance.randint(1, 2), depth - 1)
        elif roll < 0.9:
            self.loop(level, depth)
        else:
            self.put(level, "try:")
            self.block(level + 1, self.chance.randint(1, 2), depth - 1)
            self.put(level, f"except {self.one('ZeroDivisionError', 'IndexError', 'KeyError', '(IndexError, KeyError)')}:")
            self.block(level + 1, 1, depth - 1)

    def change(self, level: int, kind: str, name: str) -> None:
        match kind:
            case "int":
                self.put(level, f"{name} {self.one('+=', '-=', '*=', '//=', '%=')} {self.expression('int', 1)}")
            case "list[int]":
                at = self.one("0", "-1", self.expression("int", 1))
                value = self.expression("int", 1)
                change = self.one(
                    f"{name}.append({value})", f"{name}[{at}] = {value}", f"{name} += {self.expression(kind, 1)}", f"{name}.pop()"
                )
                self.put(level, change)
            case "dict[int, int]":
                self.put(level, f"{name}[{self.expression('int', 1)}] = {self.expression('int', 1)}")
            case "str" | "bytes":
                self.put(level, f"{name} += {self.expression(kind, 1)}")
            case "bool":
                self.put(level, f"{name} = not {name}")
            case _:
                self.put(level, f"{name} = ({name}[1], {name}[0])")

    def loop(self, level: int, depth: int) -> None:
        counter, rounds, number = self.fresh("int"), self.chance.randint(1, 4), self.loops
        self.loops += 1
        self.put(level, f"{counter} = 0")
        self.types[counter] = "int"
        self.fixed.add(counter)
        condition = f"{counter} < {rounds}"
        if self.chance.random() < 0.3:
            condition += f" and {self.expression('bool', 1)}"
        self.put(level, f"while {condition}:")
        seen = ", ".join(f"{n}={n}" for n in self.types)
        self.put(level + 1, f"__seen__({number}, {seen})")
        self.put(level + 1, f"decreases({rounds} - {counter})")
        self.put(level + 1, f"{counter} += 1")
        self.block(level + 1, self.chance.randint(1, 3), depth - 1)


@dataclass(frozen=True)
class Made:
    """A program: its lines with invariants, what is asserted at its end, and what is wrong to assert."""

    lines: tuple[str, ...]
    name: str
    observed: str
    other: str

    def text(self, title: str, value: str) -> str:
        return "\n".join([f"def {title}() -> None:", *self.lines, f"    assert {self.name} == {value}"]) + "\n"


def make(seed: int) -> Made:
    """Return the program of a seed: the first that CPython ends normally, of those that follow from it."""
    chance = random.Random(seed)
    while True:
        maker = Maker(chance)
        for kind in ("int", "int", "list[int]", some_kind(chance)):
            name = maker.fresh(kind)
            annotation = f": {kind}" if kind.startswith(("list", "dict")) else ""
            maker.put(1, f"{name}{annotation} = {maker.literal(kind)}")
            maker.types[name] = kind
        for _ in range(chance.randint(3, 8)):
            maker.statement(1, 2)
        name = chance.choice(list(maker.types))
        try:
            value, states = observe(maker.lines, name)
        except Unusable:
            continue
        lines = tuple(line for text in maker.lines for line in _with_invariant(text, states))
        return Made(lines, name, repr(value), repr(another(value)))


def some_kind(chance: random.Random) -> str:
    return chance.choice(KINDS)


def observe(lines: list[str], name: str) -> tuple[object, dict[int, list[dict[str, object]]]]:
    """Run a program in this CPython; return the value of a variable at its end, and the states at the heads of its loops."""
    states: dict[int, list[dict[str, object]]] = {}

    def seen(number: int, **values: object) -> None:
        kept = {n: list(v) if isinstance(v, list) else dict(v) if isinstance(v, dict) else v for n, v in values.items()}
        if any(_size(v) > MOST for v in kept.values()):
            raise Unusable
        if kept not in states.setdefault(number, []):
            states[number].append(kept)

    def nothing(*_: object) -> None:
        return None

    def required(*conditions: object) -> None:
        if not all(conditions):  # what would be refuted is the call, not what the program observes
            raise Unusable

    space: dict[str, object] = {"requires": required, "ensures": nothing, "decreases": nothing, "__seen__": seen}
    # The head of a loop is reached once more than its body begins: the state in which the condition fails is seen behind it.
    text = "\n".join(["def program():", *_seen_behind(lines), f"    return {name}"])
    try:
        exec(compile(HELPERS + text, "random", "exec"), space)  # noqa: S102 - it was made here, a few lines above
        value = space["program"]()
    except (ArithmeticError, LookupError, ValueError, UnboundLocalError, MemoryError):
        raise Unusable from None
    if _size(value) > MOST:
        raise Unusable
    return value, states


def _seen_behind(lines: list[str]) -> list[str]:
    """Add what records the state in which a loop is left, where its `else` would be."""
    found: list[str] = []
    open_: list[tuple[int, str]] = []
    for line in [*lines, ""]:
        indent = len(line) - len(line.lstrip())
        while open_ and (not line or indent <= open_[-1][0]):
            column, call = open_.pop()
            found += [" " * column + "else:", " " * (column + 4) + call]
        if not line:
            break
        if line.lstrip().startswith("while "):
            open_.append((indent, ""))
        elif line.lstrip().startswith("__seen__"):
            open_[-1] = (open_[-1][0], line.strip())
        found.append(line)
    return found


def _size(value: object) -> int:
    if isinstance(value, int):
        return abs(value)
    if isinstance(value, list | tuple):
        return max([len(value), *map(_size, value)])
    if isinstance(value, dict):
        return max([len(value), *map(_size, value), *map(_size, value.values())])
    return len(value) * 10000 if isinstance(value, str | bytes) else 0  # long texts count as large numbers do


def _with_invariant(line: str, states: dict[int, list[dict[str, object]]]) -> list[str]:
    if not line.lstrip().startswith("__seen__"):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    number = int(line.partition("(")[2].partition(",")[0])
    found = states.get(number, [])
    ways = [" and ".join(f"{n} == {v!r}" for n, v in state.items()) for state in found]
    return [f"{indent}invariant({' or '.join(f'({way})' for way in ways)})"] if ways else []


def another(value: object) -> object:
    """Return a value that is not this one, and close to it."""
    if isinstance(value, bool):
        return not value
    match value:
        case int():
            return value + 1
        case list():
            return [*value, 0]
        case str():
            return value + "x"
        case bytes():
            return value + b"x"
        case tuple():
            return (value[0] + 1, *value[1:])
        case dict():
            return value | {99: 0}
        case _:
            raise TypeError(type(value).__name__)


def verify(path: Path, *, replay: bool) -> tuple[dict[str, _ours.Verdict], float, str]:
    """Return the verdict of every function of a file, the CPU seconds, and what kept it from being checked; the one hook to ours."""
    said = _ours.check(path, every_function=True, limit_s=3000, options=() if replay else ("--no-replay",))
    return {f.subject.rpartition(".")[2]: f for f in said.functions}, said.used.cpu_s, said.problem


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare proofs with what CPython observes.")
    parser.add_argument("--programs", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the others follow")
    parser.add_argument("--batch", type=int, default=50, help="programs in a file")
    parser.add_argument("--replay", action="store_true", help="let wrong assertions be refuted by runs, too")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="leave the files there")
    parser.add_argument("--only-generate", action="store_true", help="run programs in CPython alone")
    given = parser.parse_args()
    right: Counter = Counter()
    wrong: Counter = Counter()
    reasons: Counter = Counter()
    disagreements, cpu_s = [], 0.0
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.write or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for begin in range(given.seed, given.seed + given.programs, given.batch):
            numbers = range(begin, min(begin + given.batch, given.seed + given.programs))
            made = {n: make(n) for n in numbers}
            texts = [f"{m.text(f'right_{n}', m.observed)}\n\n{m.text(f'wrong_{n}', m.other)}" for n, m in made.items()]
            path = folder / f"programs_{begin}.py"
            path.write_text(HEADER + HELPERS + "\n\n".join(texts), encoding="utf-8")
            if given.only_generate:
                continue
            verdicts, used, problem = verify(path, replay=given.replay)
            cpu_s += used
            if problem:
                print(f"{path.name}: {problem}")
            for n in numbers:
                first, second = verdicts.get(f"right_{n}"), verdicts.get(f"wrong_{n}")
                right[first.verdict if first else "silent"] += 1
                wrong[second.verdict if second else "silent"] += 1
                if first and first.verdict != "proved":
                    reasons[f"{first.verdict}: {first.message.replace(f'right_{n}', 'right')}"] += 1
                if first and first.verdict == "refuted":
                    disagreements.append(f"program {n}: what CPython observes is refuted")
                if second and second.verdict == "proved":
                    disagreements.append(f"program {n}: what CPython does not observe is proved")
            print(
                f"{numbers[-1] - given.seed + 1} programs: right {dict(right)}, wrong {dict(wrong)}, {cpu_s:.0f} s CPU",
                flush=True,
            )
    for reason, number in reasons.most_common(15):
        print(f"   {number} times: {reason}")
    for line in disagreements:
        print(f"DISAGREEMENT {line}")
    print(f"{len(disagreements)} disagreements in {given.programs} programs")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
