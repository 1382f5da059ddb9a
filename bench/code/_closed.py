"""Makes closed programs, and claims about their results of which CPython says which are true.

A program computes `v` from literals, by one construct of `_closed_constructs.py` with others inside. What may be
claimed of `v` is made from what CPython computes: the value, values close to it (one more, negated, permuted, of another
type), lengths, orders, types. CPython evaluates each claim; one that raises, or whose value is no bool, is left out.
"""

import math
import random
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from textwrap import dedent, indent
from types import CodeType

from _closed_constructs import EXPRESSIONS, HEADER, KINDS, LITERALS, SEQUENCES

NAME = "closed"  # of the function
LARGEST = 40  # characters of a value as text, by part; larger ones say nothing new
CLAIMS = 6  # of each program that are false; and half as many true ones
CAUGHT = ("ZeroDivisionError", "IndexError", "KeyError", "ValueError", "OverflowError", "TypeError", "struct.error")


@dataclass(frozen=True)
class Program:
    """A program that CPython ran: its construct, its lines, and claims about `v` with their truth."""

    construct: str
    body: str
    claims: tuple[tuple[str, bool], ...]

    def text(self) -> str:
        """Return a module whose last function makes each claim on a way of its own; the last claim is that there is no such way."""
        # A handler of `KeyError` says less in a module that has a mapping whose lookups do not raise.
        used = [name for name in COLLECTIONS if name in self.body] or ["deque"]
        lines = [HEADER.replace("$collections", ", ".join(used)), "", f"def {NAME}(way: int) -> None:", indent(self.body, "    ")]
        for number, (claim, _) in enumerate((*self.claims, ("False", False))):
            lines += [f"    if way == {number}:", f"        assert {claim}", "        return"]
        return "\n".join(lines) + "\n"


def constructs() -> list[tuple[str, str]]:
    """Return all constructs, each with the kind of its value, or "" for a sequence of statements."""
    own = [(kind, line) for kind, lines in EXPRESSIONS.items() for line in dedent(lines).strip().splitlines()]
    return own + [("", text.strip()) for text in SEQUENCES.split("---")]


ALL = constructs()
BY_KIND = {kind: [line for own, line in ALL if own == kind] for kind in KINDS}
MODULE: dict[str, object] = {"__name__": "closed"}
COLLECTIONS = ("Counter", "defaultdict", "deque")
exec(compile(HEADER.replace("$collections", ", ".join(COLLECTIONS)), "closed", "exec"), MODULE)  # noqa: S102 - it stands in this folder


def make(seed: int, *, construct: int | None = None) -> Program:
    """Return the program of a seed; `construct` is the number of the construct that is outermost."""
    chance = random.Random(seed)
    while True:
        kind, text = ALL[construct] if construct is not None else chance.choice(ALL)
        body = _Writer(chance).body(kind, text)
        made = observed(body, chance) or (observed(_catching(body), chance) if chance.random() < 0.5 else None)
        if made is not None:
            return Program(text, *made)


class _Writer:
    """Fills the holes of a construct."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.given: dict[str, tuple[str, str]] = {}  # variables: kind, value

    def body(self, kind: str, text: str) -> str:
        if not kind:
            inner = self.filled(text, 1)
        elif text.startswith("f'"):
            inner = "v = " + self.filled(text, -1)
        else:
            inner = "v = " + self.filled(text, 2)
        return "\n".join([f"{name}: {KINDS[kind]} = {value}" for name, (kind, value) in self.given.items()] + [inner])

    def filled(self, text: str, depth: int) -> str:
        return re.sub(r"\$(\w)", lambda match: self.value(match[1], depth), text)

    def value(self, kind: str, depth: int) -> str:
        roll = self.chance.random()
        if depth < 0 or roll < 0.3:
            return self.variable(kind)
        if depth > 0 and roll < 0.3 + 0.15 * depth:
            plain = [line for line in BY_KIND[kind] if not line.startswith("f'") and ":=" not in line]
            return f"({self.filled(self.chance.choice(plain), depth - 1)})"
        literal = self.literal(kind)
        return literal if literal[0] in "['\"b{RT" else f"({literal})"

    def literal(self, kind: str) -> str:
        return self.chance.choice(LITERALS[kind].split("|"))

    def variable(self, kind: str) -> str:
        own = [name for name, (other, _) in self.given.items() if other == kind]
        if own and self.chance.random() < 0.5:
            return self.chance.choice(own)
        name = f"{kind}_{len(self.given)}"
        self.given[name] = (kind, self.literal(kind))
        return name


def _catching(body: str) -> str:
    """Return a program whose result is which exception ends this one."""
    lines = ["try:", indent(body, "    "), "    raised = 0"]
    for number, name in enumerate(CAUGHT):
        lines += [f"except {name}:", f"    raised = {number + 1}"]
    return "\n".join([*lines, "except Exception:", "    raised = -1", "v = raised"])


def observed(body: str, chance: random.Random) -> tuple[str, tuple[tuple[str, bool], ...]] | None:
    """Run a program; return it with claims about its result, or None if it raises or its result cannot be written."""
    try:
        value = _result(compile(body, "closed", "exec"))
        written(value)
    except (SyntaxError, Unwritten):
        return None
    except Exception:  # noqa: BLE001 - whatever a random program raises makes it another program
        return None
    found: dict[str, bool] = {}
    for claim in dict.fromkeys(claims(value)):
        try:
            holds = eval(claim, {**MODULE, "v": value})  # noqa: S307 - claims of this module
        except Exception:  # noqa: BLE001, S112 - a claim without a value is none
            continue
        if isinstance(holds, bool):
            found[claim] = holds
    wrong = [claim for claim, holds in found.items() if not holds]
    right = [claim for claim, holds in found.items() if holds]
    picked = (
        chance.sample(wrong, min(CLAIMS, len(wrong))) + right[:1] + chance.sample(right[1:], min(CLAIMS // 2, len(right[1:])))
    )
    return body, tuple((claim, found[claim]) for claim in picked)


def _result(code: CodeType) -> object:
    space: dict[str, object] = dict(MODULE)
    exec(code, space)  # noqa: S102 - it was made here
    return space["v"]


class Unwritten(Exception):
    """A value that no short expression gives."""


def written(value: object) -> str:
    """Return an expression for a value."""
    match value:
        case float() if math.isnan(value):
            return "math.nan"
        case float() if math.isinf(value):
            return "math.inf" if value > 0 else "-math.inf"
        case bool() | None:
            return str(value)
        case Enum():
            return f"{type(value).__name__}.{value.name}"
        case tuple() if hasattr(value, "_fields"):
            return f"{type(value).__name__}({', '.join(map(written, value))})"
        case defaultdict():
            raise Unwritten
        case Counter():
            return f"Counter({_pairs(value)})"
        case dict():
            return _pairs(value)
        case deque():
            return f"deque([{', '.join(map(written, value))}])"
        case frozenset():
            return f"frozenset({{{', '.join(map(written, value))}}})" if value else "frozenset()"
        case set():
            return f"{{{', '.join(map(written, value))}}}" if value else "set()"
        case list():
            return f"[{', '.join(map(written, value))}]"
        case tuple():
            return f"({', '.join(map(written, value))}{',' * (len(value) == 1)})"
        case int() | float() | str() | bytes() | bytearray() | range():
            text = repr(value)
        case _ if is_dataclass(value):
            text = f"{type(value).__name__}({', '.join(written(getattr(value, f.name)) for f in fields(value))})"
        case _:
            raise Unwritten
    if len(text) > LARGEST:
        raise Unwritten
    return text


def _pairs(value: dict) -> str:
    return "{" + ", ".join(f"{written(k)}: {written(w)}" for k, w in value.items()) + "}"


def claims(value: object) -> Iterator[str]:
    """Yield claims about `v`; the first says what it is."""
    own = written(value)
    nan = "math.nan" in own
    yield "math.isnan(v)" if own == "math.nan" else f"v == {own}"
    yield f"v != {own}"
    for other in others(value):
        text = written(other)
        yield f"v == {text}"
        yield f"v != {text}"
        if type(other) is type(value) and isinstance(value, (int, float, str, bytes, list, tuple)):
            yield f"v < {text}"
            yield f"v >= {text}"
    match value:
        case bool():
            yield from ("v", "not v", "v is True", "v is False")
        case int():
            yield from ("v > 0", "v < 0", "v % 2 == 0", f"v == {-value}", f"str(v) == {str(value + 1)!r}")
        case float():
            yield from ("v == v", "v != v", "math.copysign(1.0, v) < 0", "math.copysign(1.0, v) > 0", "math.isnan(v)", "v in [v]")
        case str() | bytes() | bytearray() | list() | tuple() | dict() | set() | frozenset() | deque() | range():
            n = len(value)
            yield from (f"len(v) == {n}", f"len(v) == {n + 1}", f"len(v) < {n}", "bool(v)", "not v")
    match value:
        case dict() if not nan:
            for order in _orders(list(value)):
                yield f"list(v) == {written(order)}"
            for order in _orders(list(value.values())):
                yield f"list(v.values()) == {written(order)}"
            yield from (f"{written(key)} in v" for key in value)
        case list() | deque() | range() | tuple() if len(value) and not nan:
            yield from (f"v[{at}] == {written(value[one])}" for at in (0, -1) for one in (0, -1))
            yield f"{written(value[0])} in v"
            yield f"{written(value[0])} not in v"
        case set() | frozenset() if not nan:
            yield from (f"sorted(v) == {written(order)}" for order in _orders(sorted(value)))
        case str():
            yield from (f"v == {text!r}" for text in (value.upper(), value.strip(), value[::-1], value[1:]))
    if isinstance(value, Enum):
        yield f"v is {own}"
        yield from (f"v is {written(one)}" for one in type(value))
    if value is None:
        yield from ("v is None", "v is not None")


def _orders(items: list) -> list[list]:
    return [items, items[::-1], items[1:] + items[:1], items[1:]]


def others(value: object) -> list:
    """Return values close to this one; some may be equal to it."""
    match value:
        case bool():
            return [not value, int(value), int(not value)]
        case Enum():
            return [one for one in type(value) if one is not value]
        case int():
            return [value + 1, value - 1, -value, *([float(value), float(value + 1)] if abs(value) < 2**53 else []), value == 1]
        case float():
            return [value + 1.0, -value, math.nextafter(value, math.inf), math.nan, 0.0, round(value, 1)]
        case str():
            return [value + "x", value[::-1], value.swapcase(), value[:-1], value.replace("a", "b")]
        case bytes() | bytearray():
            return [value + b"x", value[::-1], value[:-1], bytes(value), bytes(reversed(value))]
        case None:
            return []
        case range():
            return [range(value.start, value.stop + value.step, value.step), value[::-1], value[1:]]
        case tuple() if hasattr(value, "_fields"):
            return [tuple(value), type(value)(*reversed(value)), *(type(value)(*items) for items in _changed(list(value)))]
        case list() | tuple() | deque():
            same = type(value)
            items = list(value)
            return [same(one) for one in (items[::-1], items[1:], [*items, *items[:1]], *_changed(items))] + [tuple(items), items]
        case set() | frozenset():
            return [type(value)(one) for one in (value ^ {99}, list(value)[1:], *_changed(list(value)))]
        case Counter():
            return [Counter(dict(one)) for one in _changed_items(value)]
        case dict():
            return [dict(one) for one in (list(value.items())[::-1], *_changed_items(value))]
        case _ if is_dataclass(value):
            return [type(value)(*one) for one in _changed([getattr(value, f.name) for f in fields(value)])]
    return []


def _changed(items: list) -> Iterator[list]:
    for at, item in enumerate(items[:3]):
        for other in others(item)[:3]:
            yield [*items[:at], other, *items[at + 1 :]]


def _changed_items(value: dict) -> Iterator[list]:
    items = list(value.items())
    yield items[1:]
    for at, (key, item) in enumerate(items[:3]):
        for other in others(item)[:2]:
            yield [*items[:at], (key, other), *items[at + 1 :]]
        for other in others(key)[:1]:
            yield [*items[:at], (other, item), *items[at + 1 :]]
