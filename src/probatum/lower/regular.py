r"""What the text of a regular expression says of the strings that it matches.

An expression is read as a sequence of parts, each of which takes so many characters of a set. Where that is all that
it says, it is known which strings match (`ways`); where it says more (lookahead, references, letters of either case),
what is known holds of all strings that match, and which do is open.

    read(r"mask = (?P<mask>[01X]{36})\Z", 0).groups[1]  # from the part 7 to the part 8, 36 characters of `01X`
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

from probatum.lower.terms import apply, conjunction, disjunction, negation
from probatum.records import dataclass

_LAST = 0x10FFFF
_LONGEST = 1000  # characters of an expression
_DEEPEST = 40  # groups of an expression, which may be inside of one another
_WAYS = 8  # in which an expression may match, beyond which they are not told apart
_PARTS = 64  # of one way
_LARGEST = 1 << 16  # times that something is repeated, beyond which there is no bound

_ASCII = {
    "DIGIT": ((48, 57),),
    "SPACE": ((9, 13), (32, 32)),
    "WORD": ((48, 57), (65, 90), (95, 95), (97, 122)),
}


class Unreadable(Exception):
    """An expression that is no expression, or says what is not known here; the message says which."""


@dataclass(frozen=True, slots=True)
class Characters:
    """A set of characters: those in ranges of code points, and those of kinds (`DIGIT`, `NOT_SPACE`); or all others.

    A range includes both of its ends.
    """

    ranges: tuple[tuple[int, int], ...]
    kinds: frozenset[str] = frozenset()
    others: bool = False

    def __or__(self, other: Characters) -> Characters:
        """Return a set that contains both."""
        if self == other:
            return self
        if self.others or other.others:
            return ANY
        return Characters(_joined((*self.ranges, *other.ranges)), self.kinds | other.kinds)

    def inside(self, *ranges: tuple[int, int]) -> bool:
        """Whether all are in one of some ranges."""
        known = not self.kinds and not self.others
        return known and all(any(low <= a and b <= high for low, high in ranges) for a, b in self.ranges)

    @property
    def decimal(self) -> bool:
        """Whether all are digits, of any script."""
        return self.kinds <= {"DIGIT"} and Characters(self.ranges, others=self.others).inside((48, 57))

    def holds(self, character: str) -> str:
        """Return the condition, in the Boogie language, that a character is one of them."""
        code = apply("char_code", character)
        parts = [f"({code} == {a})" if a == b else f"({a} <= {code} && {code} <= {b})" for a, b in self.ranges]
        if self.ranges == ((0, _LAST),):
            parts = ["true"]
        for kind in sorted(self.kinds):
            known = apply(f"Char_{kind.removeprefix('NOT_').lower()}", character)
            parts.append(negation(known) if kind.startswith("NOT_") else known)
        return negation(disjunction(*parts)) if self.others else disjunction(*parts)


ANY = Characters(((0, _LAST),))
NOTHING = Characters(())


@dataclass(frozen=True, slots=True)
class Part:
    """So many characters of a set; `high` None: any number from `low` on."""

    characters: Characters
    low: int = 1
    high: int | None = 1

    @property
    def fixed(self) -> bool:
        """Whether it is always as long."""
        return self.low == self.high

    def condition(self, length: str) -> str:
        """Return the condition that a length is possible."""
        if self.fixed:
            return f"({length} == {self.low})"
        above = "true" if self.high is None else f"({length} <= {self.high})"
        return conjunction(f"({self.low} <= {length})", above)


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of a group.

    Attributes
    ----------
    span : tuple of int or None
        The parts that it consists of, from the first on and up to the second.
    part : Part or None
        What it matches, if it does; None: nothing is known.
    within : int or None
        The part that it is in, if it is in one.
    words : tuple of str
        If there are any: it is one of them.
    """

    span: tuple[int, int] | None = None
    part: Part | None = None
    within: int | None = None
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Expression:
    """What an expression says.

    Attributes
    ----------
    parts : list of Part
    groups : dict of int to Group
    anchors : list of tuple
        A number of parts, and where what follows them begins: `start` or `end` of the string, or `line`: at its end,
        or at a line feed that ends it.
    ways : list of list of Part, or None
        The strings that match are exactly those of one of these ways; None: that is not known.
    opened, closed : bool
        What is before or behind a match matters: the expression says there that the string or a line begins, or ends.
    names : dict of str to int
    """

    count: int = 0
    names: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    groups: dict[int, Group] = field(default_factory=dict)
    anchors: list[tuple[int, str]] = field(default_factory=list)
    ways: list[list[Part]] | None = None
    opened: bool = False
    closed: bool = False


def read(text: str, flags: int) -> Expression:
    """Read a regular expression for strings.

    Raises
    ------
    Unreadable
        If CPython does not compile it, or if it is too large.
    """
    if len(text) > _LONGEST or text.count("(") > _DEEPEST:
        raise Unreadable(f"a regular expression of more than {_LONGEST} characters or {_DEEPEST} groups")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text, flags)
            tree = importlib.import_module("re._parser").parse(text, flags)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise Unreadable(f"the regular expression `{text}`, which CPython does not compile: {error}") from None
    known = re.ASCII | re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE | re.UNICODE
    if tree.state.flags & ~int(known):
        raise Unreadable(f"the flags of the regular expression `{text}`")
    found = Expression(tree.state.groups - 1, dict(tree.state.groupdict))
    _flatten(list(tree), tree.state.flags, found)
    found.ways = _whole(list(tree), tree.state.flags, found)
    return found


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def _others(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the code points that are in none of some ranges."""
    found, start = [], 0
    for low, high in _joined(ranges):
        if start < low:
            found.append((start, low - 1))
        start = high + 1
    return (*found, (start, _LAST)) if start <= _LAST else tuple(found)


def _kind(name: str, flags: int) -> Characters:
    """Return the characters of a category, as the parser names it: `CATEGORY_NOT_DIGIT`."""
    own = name.removeprefix("CATEGORY_")
    plain = own.removeprefix("NOT_")
    if plain not in _ASCII:
        return ANY
    if flags & re.ASCII:
        return Characters(_ASCII[plain] if plain == own else _others(_ASCII[plain]))
    return Characters((), frozenset({own}))


def _characters(operation: str, given: Any, flags: int) -> Characters | None:
    """Return the set that a single character is matched with; None if it is something else."""
    match operation:
        case "ANY":
            return ANY if flags & re.DOTALL else Characters(_others([(10, 10)]))
        case "LITERAL" | "NOT_LITERAL" | "IN" if flags & re.IGNORECASE:
            return ANY
        case "LITERAL":
            return Characters(((given, given),))
        case "NOT_LITERAL":
            return Characters(_others([(given, given)]))
        case "IN":
            return _set(given, flags)
    return None


def _set(items: Sequence[tuple[Any, Any]], flags: int) -> Characters:
    found, negated = NOTHING, False
    for operation, given in items:
        match str(operation):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found |= Characters(((given, given),))
            case "RANGE":
                found |= Characters((tuple(given),))
            case "CATEGORY":
                found |= _kind(str(given), flags)
            case _:
                return ANY
    if not negated:
        return found
    return Characters(found.ranges, found.kinds, others=True) if found.kinds else Characters(_others(found.ranges))


def _flags(flags: int, added: int, removed: int) -> int:
    """Return the flags inside of a group; those for which letters a category has exclude each other."""
    if added & (re.ASCII | re.UNICODE):
        flags &= ~(re.ASCII | re.UNICODE)
    return (flags | added) & ~removed


def sequence(parts: Iterable[Part]) -> Part:
    """Return what parts match one after the other, as one part."""
    characters, low, high = NOTHING, 0, 0
    bounded: int | None = high
    for one in parts:
        characters |= one.characters
        low += one.low
        bounded = None if bounded is None or one.high is None else bounded + one.high
    return Part(characters, low, bounded)


def _either(parts: Sequence[Part]) -> Part:
    characters = NOTHING
    for one in parts:
        characters |= one.characters
    highs = [one.high for one in parts]
    return Part(characters, min(one.low for one in parts), None if None in highs else max(h for h in highs if h is not None))


def _summary(tree: Sequence[tuple[Any, Any]], flags: int) -> Part:
    """Return what a part of an expression matches, as one part."""
    return sequence(_one(str(operation), given, flags) for operation, given in tree)


def _one(operation: str, given: Any, flags: int) -> Part:
    single = _characters(operation, given, flags)
    if single is not None:
        return Part(single)
    match operation:
        case "SUBPATTERN":
            _, added, removed, inner = given
            return _summary(inner, _flags(flags, added, removed))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            low, high, inner = given
            own = _summary(inner, flags)
            most = None if high >= _LARGEST or own.high is None or own.high * high >= _LARGEST else own.high * high
            return Part(own.characters, own.low * low, most)
        case "BRANCH":
            return _either([_summary(one, flags) for one in given[1]])
        case "ATOMIC_GROUP":
            return _summary(given, flags)
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return Part(NOTHING, 0, 0)
    return Part(ANY, 0, None)


def _flatten(tree: Sequence[tuple[Any, Any]], flags: int, found: Expression) -> None:
    for operation, given in tree:
        match str(operation):
            case "SUBPATTERN":
                number, added, removed, inner = given
                start, own = len(found.parts), _flags(flags, added, removed)
                _flatten(inner, own, found)
                if number is not None:
                    part = sequence(found.parts[start:])
                    found.groups[number] = Group((start, len(found.parts)), part, words=_words(inner, own))
            case "AT":
                where = _anchor(str(given), flags)
                if where:
                    found.anchors.append((len(found.parts), where))
            case "ASSERT" | "ASSERT_NOT":
                pass  # it takes nothing, and groups in it may be anywhere
            case name:
                _loose(name, given, flags, found)
                found.parts.append(_one(name, given, flags))


def _anchor(name: str, flags: int) -> str:
    if name == "AT_BEGINNING_STRING" or (name == "AT_BEGINNING" and not flags & re.MULTILINE):
        return "start"
    if name == "AT_END_STRING":
        return "end"
    return "line" if name == "AT_END" and not flags & re.MULTILINE else ""


def _loose(name: str, given: Any, flags: int, found: Expression) -> None:
    """Note groups that may take no part: those of something that is there at most once."""
    inner: list[Any] = []
    if name in ("MAX_REPEAT", "MIN_REPEAT") and given[1] == 1:
        inner = [given[2]]
    elif name == "BRANCH":
        inner = list(given[1])
    for tree in inner:
        for operation, own in tree:
            if str(operation) == "SUBPATTERN":
                number, added, removed, body = own
                within = _flags(flags, added, removed)
                if number is not None:
                    found.groups[number] = Group(None, _summary(body, within), len(found.parts), _words(body, within))
                _loose("BRANCH", (None, [body]), within, found)
            else:
                _loose(str(operation), own, flags, found)


# --- exactly which strings match -------------------------------------------------------------------------------------


def _whole(tree: Sequence[tuple[Any, Any]], flags: int, found: Expression) -> list[list[Part]] | None:
    """Return the ways of an expression, without what stands at its ends for the ends of the string."""
    first, last = 0, len(tree)
    while first < last and _is_at(tree[first], ("AT_BEGINNING", "AT_BEGINNING_STRING")):
        first += 1
    while first < last and _is_at(tree[last - 1], ("AT_END", "AT_END_STRING")):
        last -= 1
    found.opened, found.closed = first > 0, last < len(tree)
    return _ways(tree[first:last], flags)


def _is_at(node: tuple[Any, Any], names: tuple[str, ...]) -> bool:
    return str(node[0]) == "AT" and str(node[1]) in names


def _ways(tree: Sequence[tuple[Any, Any]], flags: int) -> list[list[Part]] | None:
    """Return the ways in which a sequence matches: as many parts one after the other; None if there are too many, or others."""
    found: list[list[Part]] = [[]]
    for operation, given in tree:
        own = _ways_of(str(operation), given, flags)
        if own is None:
            return None
        found = [[*a, *b] for a in found for b in own]
        if len(found) > _WAYS or any(len(one) > _PARTS for one in found):
            return None
    return found


def _ways_of(operation: str, given: Any, flags: int) -> list[list[Part]] | None:
    single = None if flags & re.IGNORECASE and operation != "ANY" else _characters(operation, given, flags)
    if single is not None:
        return [[Part(single)]]
    match operation:
        case "SUBPATTERN":
            _, added, removed, inner = given
            return _ways(inner, _flags(flags, added, removed))
        case "BRANCH":
            branches = [_ways(one, flags) for one in given[1]]
            found = [way for own in branches if own is not None for way in own]
            return None if None in branches or len(found) > _WAYS else found
        case "MAX_REPEAT" | "MIN_REPEAT":
            low, high, inner = given
            own = _ways(inner, flags)
            if own is None:
                return None
            if len(own) == 1 and len(own[0]) == 1 and own[0][0] == Part(own[0][0].characters) and (low, high) != (0, 1):
                return [[Part(own[0][0].characters, low, None if high >= _LARGEST else high)]]
            if high > 3:
                return None
            repeated: list[list[Part]] = []
            for times in range(low, high + 1):
                ways: list[list[Part]] = [[]]
                for _ in range(times):
                    ways = [[*a, *b] for a in ways for b in own]
                    if len(ways) > _WAYS:
                        return None
                repeated += ways
            return repeated if len(repeated) <= _WAYS else None
    return None


def _words(tree: Sequence[tuple[Any, Any]], flags: int) -> tuple[str, ...]:
    """Return the few strings that a part of an expression matches; nothing if they are not few."""
    ways = _ways(tree, flags) or []
    words = []
    for way in ways:
        word = ""
        for part in way:
            ranges = part.characters.ranges
            if not part.fixed or part.characters.kinds or part.characters.others or len(ranges) != 1 or part.low > 20:
                return ()
            if ranges[0][0] != ranges[0][1]:
                return ()
            word += chr(ranges[0][0]) * part.low
        words.append(word)
    return tuple(dict.fromkeys(words))
