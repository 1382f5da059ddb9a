"""What the functions of the prelude are in CPython, and what an axiom says of given values.

A sequence is a tuple, a set a frozenset, a dict a tuple of its items in their
order, a byte and a character are numbers. Where a function's meaning raises
`Outside` nothing is said of its value, and it gets an arbitrary one: an axiom
that says something of it is found out.
"""

from __future__ import annotations

import bisect
import itertools
import math
import operator
import random
import re
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.ivl import types
from probatum.ivl.syntax import tree
from probatum.lower.floating import is_light

BYTE, CHAR = types.Constructed("byte"), types.Constructed("char")


class Outside(Exception):
    """Python has no value here."""


class TooLarge(Exception):
    """Python has a value here that is too large for a test."""


@dataclass(frozen=True)
class Table:
    """A map to integers that is 0 but at some places."""

    items: frozenset[tuple[Any, int]]

    def __getitem__(self, key):
        return dict(self.items).get(key, 0)

    def set(self, key, value):
        return Table(frozenset((k, v) for k, v in {**dict(self.items), key: value}.items() if v))


@dataclass(frozen=True)
class Rule:
    """A map of which only the few places matter at which it is looked up: the same number is the same map."""

    number: int
    range: types.Type

    def __getitem__(self, key):
        return _anything("map", (self.number, key), self.range)


def _inside(condition):
    if not condition:
        raise Outside


def _small(number, most):
    if number > most:
        raise TooLarge
    return number


def _at(s, i):
    _inside(0 <= i < len(s))
    return s[i]


def _slice(s, i, j):
    _inside(0 <= i <= j <= len(s))
    return s[i:j]


def _update(s, i, x):
    _inside(0 <= i < len(s))
    items = list(s)
    items[i] = x
    return tuple(items)


def _insert(s, i, x):
    _inside(0 <= i <= len(s))
    items = list(s)
    items.insert(i, x)
    return tuple(items)


def _remove(s, i):
    _inside(0 <= i < len(s))
    items = list(s)
    del items[i]
    return tuple(items)


def _first(candidates):
    for one in candidates:
        return one
    raise Outside


def _differ(s, t):
    return _first(i for i in range(min(len(s), len(t))) if s[i] != t[i])


def _find(s, t):
    return next((i for i in range(len(s) + 1) if s[i : i + len(t)] == t), -1)


def _number(value, low, high):
    _inside(low <= value <= high)
    return value


def _power(a, n):
    _inside(n >= 0)
    return a ** _small(n, 2000)


def _divided(operation):
    def meaning(a, b):
        _inside(b)
        return operation(a, b)

    return meaning


def _to_bytes(n, length, big, signed):
    _inside(length >= 0)
    try:
        return tuple(n.to_bytes(_small(length, 100), "big" if big else "little", signed=signed))
    except OverflowError as problem:
        raise Outside from problem


def _shift(operation):
    def meaning(a, n):
        _inside(n >= 0)
        return operation(a, _small(n, 2000))

    return meaning


def _string(s):
    return "".join(map(chr, s))


def _characters(text):
    return tuple(map(ord, text))


def _text(operation):
    return lambda *arguments: _characters(operation(*map(_string, arguments)))


def _split(s, u):
    _inside(u)
    parts = []
    while (place := _find(s, u)) >= 0:
        parts.append(s[:place])
        s = s[place + len(u) :]
    return (*parts, s)


def _str_split(s, u):
    _inside(u)
    return tuple(map(_characters, _string(s).split(_string(u))))


def _bytes_split(s, u):
    _inside(u)
    return tuple(map(tuple, bytes(s).split(bytes(u))))


def _replace(s, u, v):
    if not u:  # `"ab".replace("", "-")` is `-a-b-`
        return tuple(x for y in s for x in (*v, y)) + v
    parts = _split(s, u)
    return tuple(x for i, part in enumerate(parts) for x in ((*v, *part) if i else part))


def _range(a, b, d):
    _inside(d != 0)
    _small(abs(b - a) // abs(d), 1000)
    return tuple(range(a, b, d))


def _get(m, k):
    _inside(k in dict(m))
    return dict(m)[k]


def _without(m, k):
    return tuple((key, value) for key, value in m if key != k)


def _items(d):
    return tuple(d.items())


def _str_of_int(i):
    _small(abs(i), 10**4000)
    return _characters(str(i))


def _str_to_int(s):
    try:
        return int(_string(s))
    except ValueError as problem:
        raise Outside from problem


def _works(function, *arguments):
    try:
        function(*arguments)
    except (ValueError, OverflowError, ZeroDivisionError):
        return False
    return True


def _value(function, *arguments):
    _inside(_works(function, *arguments))
    return function(*arguments)


def _not_empty(function):
    def meaning(s, *others):
        _inside(s)
        return function(s, *others)

    return meaning


SPACES = tuple(c for c in range(0x110000) if chr(c).isspace())


def _truncated(number):
    _inside(math.isfinite(number))
    return int(number)


def _match(found):
    _inside(found is not None)
    return found


def _found(function, known, s):
    _inside(known)
    return tuple(map(_characters, function(_string(s))))


def _edge(edge, m, g):
    _inside(0 <= g <= m.re.groups)
    return edge(g)


def _parts(split, s, u, n):
    _inside(u)
    return tuple(map(_characters, split(_string(s), _string(u), min(max(n, -1), 2**60))))


def _known(table, key):
    _inside(key in table)
    return table[key]


def _choice(n, k):
    return _at(list(itertools.combinations(range(_small(n, 60)), 2)), k)


def _chosen(n, i, j):
    _inside(0 <= i < j < n)
    return i, j


def _root(f):
    _inside(not f < 0)
    return f**0.5


def _rounded(f):
    _inside(math.isfinite(f))
    return round(f)


PATTERNS = tuple(map(re.compile, ("", "a", r"(?P<n>a)?b", r"\d+", "(0)|(x)|-", r"\s*(.)?", "|a")))
MATCHES = tuple(p.search(text) for p in PATTERNS for text in ("", "ab", " b0", "-") if p.search(text))

MEANINGS: Mapping[str, Callable[..., Any]] = {
    "Int_floordiv": _divided(operator.floordiv),
    "Int_mod": _divided(operator.mod),
    "Int_pow": _power,
    "Int_gcd": math.gcd,
    "Int_power2": lambda n: _power(2, n),
    "Int_power2_listed": lambda n: _power(2, n),
    "Bytes_power": lambda n: _power(256, n),
    "Bytes_power_listed": lambda n: _power(256, n),
    "Bit_and": lambda a, b: a & b,
    "Bit_or": lambda a, b: a | b,
    "Bit_xor": lambda a, b: a ^ b,
    "Bit_ends": lambda a, n: a % (1 << _small(max(n, 0), 2000)) == 0,
    "Bit_shl": _shift(lambda a, n: a << n),
    "Bit_shr": _shift(lambda a, n: a >> n),
    "Seq_len": len,
    "Seq_at": _at,
    "Seq_empty": lambda: (),
    "Seq_push": lambda s, x: (*s, x),
    "Seq_concat": lambda s, t: s + t,
    "Seq_slice": _slice,
    "Seq_update": _update,
    "Seq_equal": lambda s, t: s == t,
    "Seq_differ": _differ,
    "Seq_index_of": lambda s, x: s.index(x) if x in s else -1,
    "Seq_has": lambda s, x: x in s,
    "Seq_insert": _insert,
    "Seq_remove": _remove,
    "Seq_reverse": lambda s: tuple(reversed(s)),
    "Seq_repeat": lambda x, n: (x,) * max(_small(n, 50), 0),
    "Seq_times": lambda s, n: s * max(_small(n, 50), 0),
    "Bag": lambda s: Table(frozenset(Counter(s).items())),
    "Seq_counted": lambda s, x: s.count(x),
    "Mentioned": lambda x: True,
    "Seq_range": _range,
    "Seq_sum": sum,
    "Seq_min": _not_empty(min),
    "Seq_max": _not_empty(max),
    "Seq_is_sorted": lambda s: list(s) == sorted(s),
    "Seq_unsorted": lambda s: _first(i for i in range(len(s) - 1) if s[i] > s[i + 1]),
    "Seq_sorted": lambda s: tuple(sorted(s)),
    "Set_has": lambda s, x: x in s,
    "Set_card": len,
    "Set_empty": frozenset,
    "Set_add": lambda s, x: s | {x},
    "Set_remove": lambda s, x: s - {x},
    "Set_union": lambda s, t: s | t,
    "Set_intersect": lambda s, t: s & t,
    "Set_minus": lambda s, t: s - t,
    "Set_subset": lambda s, t: s <= t,
    "Set_common": lambda s, t: _first(s & t),
    "Set_outside": lambda s, t: _first(s - t),
    "Set_equal": lambda s, t: s == t,
    "Set_differ": lambda s, t: _first(s ^ t),
    "Set_within": lambda s, low, high: all(low <= x < high for x in s),
    "Set_stray": lambda s, low, high: _first(x for x in s if not low <= x < high),
    "Set_of": frozenset,
    "Set_order": lambda s, n: tuple(sorted(s, key=lambda x: hash((x, n)))),
    "Map_has": lambda m, k: k in dict(m),
    "Map_get": _get,
    "Map_len": len,
    "Map_empty": lambda: (),
    "Map_set": lambda m, k, v: _items({**dict(m), k: v}),
    "Map_remove": _without,
    "Map_update": lambda m, n: _items({**dict(m), **dict(n)}),
    "Map_keys": lambda m: tuple(dict(m).keys()),
    "Map_values": lambda m: tuple(dict(m).values()),
    "Map_equal": lambda m, n: dict(m) == dict(n),
    "Map_same": lambda m, n: m == n,
    "Map_differ": lambda m, n: _first(k for k, _ in (*m, *n) if (k, dict(m).get(k)) not in n or (k, dict(n).get(k)) not in m),
    "Map_zip": lambda s, v: _items(dict(zip(s, v, strict=False))),
    "Map_zip_place": lambda s, v, k: _first(i for i in range(min(len(s), len(v)) - 1, -1, -1) if s[i] == k),
    "Seq_make": lambda n, f: tuple(f[i] for i in range(_small(n, 50))),
    "Seq_map": lambda s, f: tuple(f[x] for x in s),
    "Seq_map_differ": lambda s, f, g: _first(i for i, x in enumerate(s) if f[x] != g[x]),
    "Seq_filter": lambda s, p: tuple(x for x in s if p[x]),
    "Seq_find": _find,
    "Seq_replace": _replace,
    "byte_of": lambda i: _number(i, 0, 255),
    "byte_int": lambda b: b,
    "Bytes_value": lambda s, big: int.from_bytes(bytes(s), "big" if big else "little"),
    "Bytes_to_int": lambda s, big, signed: int.from_bytes(bytes(s), "big" if big else "little", signed=signed),
    "Int_to_bytes": _to_bytes,
    "Bytes_join": lambda u, p: tuple(bytes(u).join(map(bytes, p))),
    "Bytes_split": _bytes_split,
    "char_of": lambda i: _number(i, 0, 0x10FFFF),
    "char_code": lambda c: c,
    "Str_join": lambda u, p: _characters(_string(u).join(map(_string, p))),
    "Str_split": _str_split,
    "Str_longer": lambda p: next((i for i, x in enumerate(p) if len(x) != 1), 0),
    "Str_uneven": lambda p: next((i for i, x in enumerate(p) if len(x) != len(p[0])), 0),
    "Str_breaking": lambda p, u: next((i for i, x in enumerate(p) if _string(u) in _string(x)), 0),
    "Str_less": lambda s, t: _string(s) < _string(t),
    "Str_of_int": _str_of_int,
    "Str_to_int": _str_to_int,
    "Str_lower": _text(str.lower),
    "Str_upper": _text(str.upper),
    "Seq_trim_start": lambda s, c: next((i for i, x in enumerate(s) if x not in c), len(s)),
    "Seq_trim_end": lambda s, c: next((i for i in range(len(s), 0, -1) if s[i - 1] not in c), 0),
    "Seq_rfind": lambda s, t: next((i for i in range(len(s), -1, -1) if s[i : i + len(t)] == t), -1),
    "Seq_occurrences": lambda s, t: len(_split(s, t)) - 1 if t else len(s) + 1,
    "Seq_sorted_by": lambda s, key: tuple(sorted(s, key=lambda x: key[x])),
    "Seq_least": _not_empty(lambda s, key: min(range(len(s)), key=lambda i: key[s[i]])),
    "Text_sorted": lambda s: tuple(sorted(s)),
    "Str_isdigit": lambda s: _string(s).isdigit(),
    "Str_isdecimal": lambda s: _string(s).isdecimal(),
    "Str_isnumeric": lambda s: _string(s).isnumeric(),
    "Str_isalpha": lambda s: _string(s).isalpha(),
    "Str_isalnum": lambda s: _string(s).isalnum(),
    "Str_isspace": lambda s: _string(s).isspace(),
    "Str_isupper": lambda s: _string(s).isupper(),
    "Str_islower": lambda s: _string(s).islower(),
    "Str_isascii": lambda s: _string(s).isascii(),
    "Str_not_digit": lambda s: _first(i for i, c in enumerate(s) if not 48 <= c <= 57),
    "Str_not_ascii": lambda s: _first(i for i, c in enumerate(s) if c > 127),
    "Str_not_decimal": lambda s: _first(i for i, c in enumerate(s) if not chr(c).isdecimal()),
    "Float_int": _truncated,
    "Char_digit": lambda c: re.fullmatch(r"\d", chr(c)) is not None,
    "Char_space": lambda c: re.fullmatch(r"\s", chr(c)) is not None,
    "Char_word": lambda c: re.fullmatch(r"\w", chr(c)) is not None,
    "Pattern_groups": lambda p: p.groups,
    "Pattern_index": lambda p, n: p.groupindex.get(n, 0),
    "Pattern_matches": lambda p, s: p.match(_string(s)) is not None,
    "Pattern_fullmatches": lambda p, s: p.fullmatch(_string(s)) is not None,
    "Pattern_searches": lambda p, s: p.search(_string(s)) is not None,
    "Pattern_match": lambda p, s: _match(p.match(_string(s))),
    "Pattern_fullmatch": lambda p, s: _match(p.fullmatch(_string(s))),
    "Pattern_search": lambda p, s: _match(p.search(_string(s))),
    "Pattern_findall": lambda p, s: _found(p.findall, p.groups <= 1, s),
    "Pattern_split": lambda p, s: _found(p.split, p.groups == 0, s),
    "Pattern_sub": lambda p, t, s: _characters(p.sub(lambda _: _string(t), _string(s))),
    "Match_pattern": lambda m: m.re,
    "Match_string": lambda m: _characters(m.string),
    "Match_start": lambda m, g: _edge(m.start, m, g),
    "Match_end": lambda m, g: _edge(m.end, m, g),
    "Match_cut": lambda *_: _inside(False),  # what is said of these two is written for each expression
    "Pattern_miss": lambda *_: _inside(False),
    "Str_is_int": lambda s: _works(int, _string(s)),
    "Str_spaces": lambda: SPACES,
    "Str_words": lambda s: tuple(map(_characters, _string(s).split())),
    "Str_lines": lambda s: tuple(map(_characters, _string(s).splitlines())),
    "Str_odd_end": lambda s: _first(i for i, c in enumerate(s) if c != 10 and len(f"a{chr(c)}b".splitlines()) > 1),
    "Str_encodable": lambda s: _works(str.encode, _string(s)),
    "Str_encode": lambda s: tuple(_value(str.encode, _string(s))),
    "Bytes_decodable": lambda b: _works(bytes.decode, bytes(b)),
    "Bytes_decode": lambda b: _characters(_value(bytes.decode, bytes(b))),
    "Bytes_hex": lambda b: _characters(bytes(b).hex()),
    "Str_is_hex": lambda s: _works(bytes.fromhex, _string(s)),
    "Str_unhex": lambda s: tuple(_value(bytes.fromhex, _string(s))),
    "Int_bits": lambda n: n.bit_length(),
    "Int_ones": lambda n: n.bit_count(),
    "Map_of_keys": lambda s, v: _items(dict.fromkeys(s, v)),
    "Map_counts": lambda s: _items(Counter(s)),
    "Int_float": lambda i: float(i) if abs(i) < 2**1023 else math.copysign(math.inf, i),
    "Int_ratio": lambda a, b: _value(operator.truediv, a, b),
    "Float_below": lambda f, i: f < i,
    "Float_above": lambda f, i: f > i,
    "Float_equals": lambda f, i: f == i,
    "Floats_sum": lambda s: float(sum(s)),
    "Floats_least": lambda s, low: all(f >= low for f in s),
    "Floats_most": lambda s, high: all(f <= high for f in s),
    "Floats_lower": lambda s, low: next((k for k, f in enumerate(s) if not f >= low), -1),
    "Floats_higher": lambda s, high: next((k for k, f in enumerate(s) if not f <= high), -1),
    "Float_share": lambda f, i: _value(operator.truediv, f, i),
    "Float_light": is_light,
    "Floats_min": lambda s: _value(min, s),
    "Floats_max": lambda s: _value(max, s),
    "Str_cut": lambda s, u, n: _parts(str.split, s, u, n),
    "Str_cut_last": lambda s, u, n: _parts(str.rsplit, s, u, n),
    "Str_cut_words": lambda s, n: tuple(map(_characters, _string(s).split(None, min(max(n, -1), 2**60)))),
    "Str_of_base": lambda i, b: _characters(_known({0: bin, 1: oct, 2: hex}, b)(i)),
    "Str_capitalize": _text(str.capitalize),
    "Str_title": _text(str.title),
    "Str_swapcase": _text(str.swapcase),
    "Str_casefold": _text(str.casefold),
    "Seq_bisect_left": bisect.bisect_left,
    "Seq_bisect_right": bisect.bisect_right,
    "Seq_least_float": _not_empty(lambda s, key: min(range(len(s)), key=lambda i: key[s[i]])),
    "Seq_nan_key": lambda s, key: next((i for i, x in enumerate(s) if math.isnan(key[x])), -1),
    "Pair_places": operator.mul,
    "Pair_row": _divided(operator.floordiv),
    "Pair_column": _divided(operator.mod),
    "Pair_number": lambda i, j, n: i * n + j,
    "Choice_count": lambda n: n * (n - 1) // 2 if n > 1 else 0,
    "Choice_first": lambda n, k: _choice(n, k)[0],
    "Choice_second": lambda n, k: _choice(n, k)[1],
    "Choice_number": lambda n, i, j: list(itertools.combinations(range(_small(n, 60)), 2)).index(_chosen(n, i, j)),
    "Float_mod": lambda a, b: _value(operator.mod, a, b),
    "Float_floordiv": lambda a, b: _value(operator.floordiv, a, b),
    "Float_power": lambda f, n: _value(operator.pow, f, n),
    "Float_power_fits": lambda f, n: _works(operator.pow, f, n),
    "Float_root": _root,
    "Float_round": _rounded,
    "Float_rounded": lambda f, n: round(f, _number(n, 0, 400)),
    "Floats_nan": lambda s: next((k for k, f in enumerate(s) if math.isnan(f)), -1),
}


def floating(text: str) -> float:
    """Return the float that a literal writes."""
    special = {"0NaN53e11": "nan", "0+oo53e11": "inf", "0-oo53e11": "-inf"}
    if text in special:
        return float(special[text])
    mantissa, exponent = text.replace("0x", "").removesuffix("f53e11").split("e")  # its exponent counts hexadecimal digits
    return float.fromhex(mantissa) * 16.0 ** int(exponent)


def draw(type_: types.Type, r: random.Random, size: int = 4) -> Any:
    """Return a value of a type; values are often equal to others, or next to them, or at a power of two."""
    match type_:
        case types.Basic(name="int"):
            return _integer(r)
        case types.Basic(name="bool"):
            return r.random() < 0.5
        case types.Constructed(name="byte"):
            return r.choice((0, 1, 127, 128, 255, r.randrange(256)))
        case types.Constructed(name="char"):
            return r.choice((10, 13, 32, 45, 48, 57, 65, 97, 98, 0xDF, 0x130, 0x3A3, 0xD800, 0x1F600, r.randrange(0x110000)))
        case types.Constructed(name="Pattern"):
            return r.choice(PATTERNS)
        case types.Constructed(name="Match"):
            return r.choice(MATCHES)
        case types.Constructed(name="Seq", arguments=(item,)):
            length = r.choice((0, 1, 1, 2, 2, 3, 4, 8)) if size else 0
            pool = [draw(item, r, size // 2) for _ in range(r.choice((1, 2, 8)))]
            return tuple(r.choice(pool) for _ in range(length))
        case types.Constructed(name="Set", arguments=(item,)):
            return frozenset(draw(item, r, size // 2) for _ in range(r.randrange(4)))
        case types.Constructed(name="Map", arguments=(key, value)):
            return _items({draw(key, r, size // 2): draw(value, r, size // 2) for _ in range(r.randrange(4))})
        case types.Float():
            return r.choice((0.0, -0.0, 0.1, 1.0, -1.5, 2.0**60, float("inf"), float("nan"), r.random(), r.uniform(-9, 9)))
        case types.Map():
            return Rule(r.randrange(10**6), type_.range)
    raise AssertionError(f"no values of {type_}")


def _integer(r):
    kind = r.random()
    if kind < 0.6:
        return r.randrange(-3, 9)
    if kind < 0.7:
        return r.randrange(-300, 300)
    if kind < 0.8:
        return r.choice((-1, 1)) * 2 ** r.randrange(130) + r.randrange(-1, 2)
    if kind < 0.9:
        return r.randrange(-9, 99) << r.choice((4, 8, 16, 32, 48, 64, r.randrange(130)))
    return r.randrange(-(2**70), 2**70)


@dataclass
class Meaning:
    """Evaluates expressions; notes which premises were ever true."""

    met: set[tree.Binary] = field(default_factory=set)
    premises: set[tree.Binary] = field(default_factory=set)

    def value(self, e: tree.Expression, values: Mapping[tree.Variable, Any], at: Mapping[types.TypeVariable, types.Type]) -> Any:
        """Return the value of an expression for values of its variables and types of its type variables."""
        match e:
            case tree.Literal(kind=tree.LiteralKind.FLOAT):
                return floating(e.text)
            case tree.Literal():
                return e.value
            case tree.Identifier():
                return values[e.decl]
            case tree.Unary():
                inner = self.value(e.operand, values, at)
                return -inner if e.operator == "-" else not inner
            case tree.Binary():
                return self._binary(e, values, at)
            case tree.Application():
                return self._application(e, values, at)
            case tree.Ascription():
                return self.value(e.operand, values, at)
            case tree.IfThenElse():
                return self.value(e.then if self.value(e.condition, values, at) else e.otherwise, values, at)
            case tree.Let():
                inner = {b: self.value(v, values, at) for b, v in zip(e.bound, e.values, strict=True)}
                return self.value(e.body, {**values, **inner}, at)
            case tree.Select(indexes=[index]):
                return self.value(e.map, values, at)[self.value(index, values, at)]
            case tree.Store(indexes=[index]):
                return self.value(e.map, values, at).set(self.value(index, values, at), self.value(e.value, values, at))
        raise AssertionError(f"no meaning for {type(e).__name__} at {e.position}")

    def _binary(self, e, values, at):
        left = self.value(e.left, values, at)
        match e.operator:
            case "==>":
                self.premises.add(e)
                if left:
                    self.met.add(e)
                return not left or self.value(e.right, values, at)
            case "&&":
                return left and self.value(e.right, values, at)
            case "||":
                return left or self.value(e.right, values, at)
        right = self.value(e.right, values, at)
        match e.operator:
            case "==" | "<==>" if isinstance(left, float):
                return struct.pack("d", left) == struct.pack("d", right) or (math.isnan(left) and math.isnan(right))
            case "==" | "<==>":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
            case "<=":
                return left <= right
            case ">":
                return left > right
            case ">=":
                return left >= right
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "div" | "mod" if right == 0:
                return _anything(e.operator, (left, right), types.INT)
            case "div":
                return left // right if right > 0 else -(left // -right)
            case "mod":
                return left % abs(right)
        raise AssertionError(f"no meaning for `{e.operator}`")

    def _application(self, e, values, at):
        arguments = [self.value(one, values, at) for one in e.arguments]
        decl = e.decl
        assert isinstance(decl, tree.Function)
        if decl.body is not None:
            inner = {v: types.substitute(t, at) for v, t in zip(decl.type_variables, e.type_args, strict=True)}
            return self.value(decl.body, dict(zip(decl.arguments, arguments, strict=True)), inner)
        try:
            return MEANINGS[decl.name](*arguments)
        except Outside:
            return _anything(decl.name, tuple(arguments), types.substitute(e.type, at))


def _anything(name, arguments, type_):
    """A value of which nothing is known but that it is always the same for the same arguments."""
    return draw(type_, random.Random(repr((name, arguments))))
