"""Constructs of Python that closed programs consist of: expressions by kind of value, and short sequences of statements.

In a construct `$i` stands for an integer, `$s` for a text, and so on (`KINDS`): a literal, a variable, or another
construct of that kind. A sequence of statements leaves what it observed in `v`.
"""

HEADER = """
import bisect
import functools
import itertools
import math
import operator
import struct
from collections import $collections
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import NamedTuple, Optional


class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Pair(NamedTuple):
    x: int
    y: int = 7


@dataclass(frozen=True, order=True)
class Point:
    x: int
    y: int = 0

    def moved(self, by: int) -> "Point":
        return replace(self, x=self.x + by)


@dataclass
class Box:
    n: int
    items: list[int] = field(default_factory=list)

    def put(self, item: int) -> int:
        self.items.append(item)
        self.n += 1
        return self.n


class Shape:
    sides = 0

    def __init__(self, size: int) -> None:
        self.size = size

    def area(self) -> int:
        return 0

    def twice(self) -> int:
        return 2 * self.area()

    @property
    def label(self) -> str:
        return "shape" + str(self.sides)


class Square(Shape):
    sides = 4

    def area(self) -> int:
        return self.size * self.size


class Bag:
    def __init__(self, items: list[int]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item: int) -> bool:
        return -item in self.items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bag) and len(other.items) == len(self.items)

    def __getitem__(self, at: int) -> int:
        return self.items[at] * 10

    def __add__(self, other: "Bag") -> "Bag":
        return Bag(self.items + other.items)


class Guard:
    def __init__(self, seen: list[int], quiet: bool) -> None:
        self.seen = seen
        self.quiet = quiet

    def __enter__(self) -> int:
        self.seen.append(1)
        return len(self.seen)

    def __exit__(self, kind: object, value: object, trace: object) -> bool:
        self.seen.append(2)
        return self.quiet


def spread(first: int, *rest: int, by: int = 2, **named: int) -> int:
    return first + by * sum(rest) + len(named)


def defaulted(x: int, y: int = 3, z: int = 5) -> tuple[int, int, int]:
    return (x, y, z)


def appended(xs: list[int], x: int) -> int:
    xs.append(x)
    return len(xs)


def halved(n: int) -> int:
    if n < 0:
        raise ValueError("negative")
    return n // 2


def order(log: list[int], n: int) -> int:
    log.append(n)
    return n
"""

KINDS = {
    "i": "int",
    "n": "int",  # small and not negative
    "b": "bool",
    "f": "float",
    "s": "str",
    "y": "bytes",
    "w": "bytearray",
    "l": "list[int]",
    "t": "list[str]",
    "g": "list[float]",
    "m": "list[list[int]]",
    "p": "tuple[int, int]",
    "d": "dict[str, int]",
    "e": "dict[int, int]",
    "z": "set[int]",
    "q": "frozenset[int]",
    "o": "int | None",
    "u": "int | str",
    "r": "range",
    "k": "deque[int]",
    "c": "Counter[str]",
    "C": "Color",
    "L": "Level",
    "N": "Pair",
    "P": "Point",
    "S": "Shape",
}

LITERALS = {
    "i": "0|1|-1|2|3|-7|10|255|-128|2**63|10**20|7",
    "n": "0|1|2|3|4",
    "b": "True|False",
    "f": "0.0|-0.0|1.0|0.5|-1.5|0.1|2.5|3.5|math.inf|-math.inf|math.nan|1e16|5e-324|-7.0",
    "s": "''|'a'|'ab'|'ba'|'é'|'ß'|'aXa'|' a '|'12'|'-3'|'٣'|'a\\nb'|'😀'|'a,b,,c'|'Ab'|'0'",
    "y": "b''|b'a'|b'\\xff\\x00'|b'ab '|b'\\x01\\x02\\x03\\x04'|b'aXa'",
    "w": "bytearray()|bytearray(b'ab')|bytearray(b'\\xff\\x00\\x01')",
    "l": "[1]|[3, 1, 2]|[0, 0]|[2, -1, 2, 5]|[1, 2, 3, 4, 5]|[True, 2]",
    "t": "['a']|['b', 'a']|['', 'x', 'é']",
    "g": "[1.0]|[0.5, -0.0, 2.5]|[math.nan, 1.0]|[0.1, 0.2, 0.3]",
    "m": "[[1], [2]]|[[], [1, 2]]|[[3, 1], [3]]",
    "p": "(1, 2)|(0, 0)|(3, -1)",
    "d": "{'a': 1}|{'b': 2, 'a': 1}|{'x': 0, 'y': -1, 'z': 5}",
    "e": "{1: 2}|{3: 4, 1: 2}|{0: 0, -1: 5}|{1: 2, True: 3}",
    "z": "{1}|{1, 2, 3}|{0, -1}|{5, 3}|set()",
    "q": "frozenset()|frozenset([1])|frozenset({2, 3, 2})",
    "o": "None|0|3",
    "u": "0|'a'|7|''",
    "r": "range(0)|range(3)|range(5, 0, -2)|range(-3, 4, 3)|range(10, 2)",
    "k": "deque([1, 2, 3])|deque([4])",
    "c": "Counter('aab')|Counter(['x', 'y', 'x'])",
    "C": "Color.RED|Color.GREEN|Color.BLUE",
    "L": "Level.LOW|Level.HIGH",
    "N": "Pair(1, 2)|Pair(3)|Pair(y=1, x=0)",
    "P": "Point(1, 2)|Point(0)|Point(2, -1)",
    "S": "Shape(2)|Square(3)|Square(0)",
}

# Expressions, one a line, by the kind of their value.
EXPRESSIONS = {
    "i": """
        $i + $i
        $i - $i
        $i * $i
        -$i
        ~$i
        $i // $i
        $i % $i
        $i ** $n
        $i & $i
        $i | $i
        $i ^ $i
        $i << $n
        $i >> $n
        divmod($i, $i)[0]
        divmod($i, $i)[1]
        abs($i)
        pow($i, $n)
        pow($i, $n, 7)
        $i + $b
        $b + $b
        $b - $b
        -$b
        ~$b
        int($b)
        int($f)
        int($s)
        round($f)
        round($i, -1)
        bisect.bisect_left($l, $i)
        bisect.bisect(sorted($l), $i)
        len($d.keys() - {'a', 'b'})
        sum(a * b for a, b in itertools.product($l, $l))
        max($d, key=lambda k: $d[k] / 2).count('a')
        math.floor($f)
        math.ceil($f)
        math.trunc($f)
        math.isqrt($n)
        math.gcd($i, $i)
        math.lcm($i, $n)
        math.comb($n, $n)
        math.perm($n, $n)
        math.factorial($n)
        $i.bit_length()
        $i.bit_count()
        len($s)
        len($y)
        len($l)
        len($d)
        len($z)
        len($r)
        len($k)
        len($m)
        len($q)
        sum($l)
        sum($r)
        sum($b for _ in range($n))
        max($l)
        min($l)
        max($i, $i)
        min($i, $i, $b)
        max($l, key=abs)
        min($l, key=lambda x: x * x)
        max($l, key=lambda x: -x)
        max($z)
        min($q)
        max($d.values())
        max($l, default=$i)
        $l[$i]
        $l[-1]
        $l[0]
        $p[0]
        $p[-1]
        $r[$n]
        $r[-1]
        $k[0]
        $y[$n]
        $y[-1]
        $d['a']
        $d.get('a', $i)
        $e.get($i, $i)
        $e[1]
        $c['a']
        $c['nothing']
        $l.index($i)
        $l.count($i)
        $l.pop()
        $l.pop($n)
        $p.index($i)
        $s.find($s)
        $s.rfind($s)
        $s.count($s)
        $s.index($s)
        $y.find($y)
        $y.count($y)
        ord('a')
        ord($s)
        int.from_bytes($y, 'big')
        int.from_bytes($y, 'little', signed=True)
        int.from_bytes($i.to_bytes(2, 'big', signed=True), 'little')
        struct.unpack('>H', b'\\x01\\x02')[0]
        struct.unpack('<h', $y)[0]
        struct.calcsize('>HIB')
        $C.value
        Color($n).value
        $L.value
        $L + $i
        $N.x
        $N.y
        $N[1]
        $N._replace(x=$i).x
        sum($N)
        $P.x
        $P.moved($i).x
        $S.area()
        $S.twice()
        $S.sides
        Square($i).area()
        Square.sides
        spread($i, $i, $i)
        spread($i, *$l)
        spread($i, by=$i)
        spread($i, a=$i, b=$i)
        defaulted($i, z=$i)[2]
        defaulted(*$p)[2]
        halved($i)
        (lambda x, y=2: x * y)($i)
        ($i if $b else $i)
        ($i or $i)
        ($i and $i)
        ($b and $i)
        ($o or $i)
        sum(x for x in $l if x > 0)
        sum(x * y for x in $l for y in $l)
        sum(1 for x in $s if x == 'a')
        sum(i * x for i, x in enumerate($l))
        sum(x * y for x, y in zip($l, $l))
        len({x % 2 for x in $l})
        len([x for row in $m for x in row])
        functools.reduce(operator.add, $l, $i)
        functools.reduce(lambda a, b: a * 2 + b, $l)
        list(itertools.accumulate($l))[-1]
        next(x for x in $l if x > 0)
        next((x for x in $l if x > 100), $i)
        next(iter($l))
        list(map(abs, $l))[0]
        (y := $i) + y
        hash($i) - hash($i)
        len(Bag($l) + Bag($l))
        Bag($l)[0]
        """,
    "n": """
        len($s)
        abs($n)
        $n % 3
        len($l)
        """,
    "b": """
        $i == $i
        $i != $i
        $i < $i
        $i <= $i < $i
        $i < $i > $i
        $i == $i == $i
        $i == $b
        $i == $f
        $f == $f
        $f != $f
        $f < $f
        $f <= $f
        $f < $i
        not $f == $f
        $f in $g
        $f in [$f]
        $f == math.nan
        math.isnan($f)
        math.isinf($f)
        math.isfinite($f)
        math.copysign(1.0, $f) < 0
        math.isclose($f, $f)
        $s == $s
        $s < $s
        $s in $s
        $s not in $s
        $s.startswith($s)
        $s.endswith($s)
        $s.startswith(('a', 'b'))
        $s.isdigit()
        $s.isdecimal()
        $s.isnumeric()
        $s.isalpha()
        $s.isalnum()
        $s.isupper()
        $s.islower()
        $s.isspace()
        $s.isascii()
        $y == $y
        $y < $y
        $y in $y
        $n in $y
        $w == $y
        $l == $l
        $l < $l
        $l <= $l
        $l is $l
        $i in $l
        $i not in $z
        $i in $r
        $i in $p
        $f in $l
        $b in $l
        $i in $e
        $s in $d
        $s in $t
        $p == $p
        $p < $p
        $p == $N
        $N == $N
        $N < $N
        $P == $P
        $P < $P
        $C == $C
        $C is $C
        $L == $i
        $L < $L
        $L is Level.LOW
        $d == $d
        $e == $e
        $z == $z
        $z <= $z
        $z < $z
        $z.isdisjoint($z)
        $z == $q
        $z.issubset($l)
        $r == $r
        $r == range(0, 4, 2)
        $k == $k
        $g == $g
        $g == [x for x in $g]
        $c == $c
        $o is None
        $o == $i
        $u == $i
        $u == 'a'
        isinstance($u, int)
        isinstance($u, str) and $u == ''
        isinstance($b, int)
        isinstance($S, Square)
        isinstance($N, tuple)
        isinstance($L, int)
        type($S) is Shape
        $b and $b
        $b or $b
        not $b
        not $i
        not $s
        not $l
        not $f
        bool($d)
        bool($z)
        bool($r)
        $b == 1
        $b < $b
        $b ^ $b
        $b & $b
        $b is True
        all($l)
        any($l)
        any(x == $i for x in $l)
        all(x < y for x, y in zip($l, $l[1:]))
        all(x > 0 for x in $z)
        any(math.isnan(x) for x in $g)
        all(c.isdigit() for c in $s)
        Bag($l) == Bag($l)
        $i in Bag($l)
        bool(Bag($l))
        bool($S)
        $d.keys() == $d.keys()
        $d.keys() >= {'a'}
        $e.items() == $e.items()
        $m == $m
        [1] == (1,)
        hash($s) == hash($s)
        """,
    "f": """
        $f + $f
        $f - $f
        $f * $f
        $f / $f
        $i / $i
        $f + $i
        $b * $f
        -$f
        abs($f)
        float($i)
        float($b)
        float($s)
        float('nan')
        float('-inf')
        math.sqrt($f)
        math.fabs($f)
        math.copysign($f, $f)
        min($f, $f)
        max($f, $f)
        max($g)
        min($g)
        sum($g)
        sum($g, 0.5)
        round($f, 1)
        round($f, 2)
        $f % $f
        $f // $f
        $f ** 2
        $f ** $n
        $f ** $i
        $n ** 0.5
        $f ** 0.5
        math.tan($f)
        math.atan2($f, $f)
        math.exp($f)
        math.log10($f)
        $g[0]
        sorted($g)[0]
        ($f if $b else $f)
        $f or $f
        $f and $f
        $i * 0.5
        sum(x for x in $g)
        """,
    "s": """
        $s + $s
        $s * $n
        $s[$i]
        $s[$i:$i]
        $s[::-1]
        $s[-2:]
        $s[:-1]
        $s.upper()
        $s.lower()
        $s.strip()
        $s.lstrip('a')
        $s.rstrip(' a')
        $s.replace($s, $s)
        $s.replace('a', 'b', 1)
        $s.zfill(4)
        $s.zfill($n)
        $s.center($n)
        $s.center(7, '-')
        $s.capitalize()
        $s.title()
        $s.swapcase()
        $s.casefold()
        bin($i)
        oct($i)
        hex($i)
        min($t)
        max($t)
        $s.ljust($n, 'x')
        $s.rjust(5)
        $s.removeprefix($s)
        $s.removesuffix('a')
        $s.join($t)
        ','.join($t)
        ''.join(reversed($s))
        ''.join(sorted($s))
        ''.join(c for c in $s if c != 'a')
        str($i)
        str($b)
        str($o)
        str($L)
        str($f)
        repr($s)
        repr($b)
        repr($l)
        repr($i)
        chr($n)
        chr(ord('a') + $n)
        f'{$i}'
        f'{$s}{$i}'
        f'{$i:03d}'
        f'{$i:x}'
        f'{$b}'
        f'{$s!r}'
        f'{$s:>4}'
        f'{$f:.1f}'
        f'a{$i}b{$o}'
        '%d' % $i
        '{}-{}'.format($i, $s)
        $y.hex()
        $y.decode()
        $y.decode('latin-1')
        $s.encode().decode()
        $t[0]
        $t[-1]
        max($t)
        min($s, $s)
        min($t, key=len)
        $s.split(',')[0]
        $s.partition($s)[0]
        $s.partition(',')[2]
        $s.rpartition('a')[0]
        $s.splitlines()[0]
        next(iter($d))
        list($d)[-1]
        $S.label
        $C.name
        $L.name
        ($s if $b else $s)
        ($s or 'none')
        sorted($d)[0]
        """,
    "y": """
        $y + $y
        $y * $n
        $y[$i:$i]
        $y[::-1]
        $y[1:]
        bytes($n)
        bytes($l)
        bytes([$n, $n])
        bytes($w)
        $s.encode()
        $s.encode('ascii')
        $i.to_bytes(2, 'big')
        $n.to_bytes(1, 'little')
        $i.to_bytes(1, 'little', signed=True)
        struct.pack('>H', $n)
        struct.pack('<i', $i)
        struct.pack('>BH', $n, $n)
        b''.join([$y, $y])
        $y.replace(b'a', b'')
        $y.strip(b'a')
        $y.lstrip()
        $y.rjust(4, b'0')
        $y.removeprefix(b'a')
        bytes.fromhex('0aff')
        bytes.fromhex($y.hex())
        bytes(x ^ 1 for x in $y)
        bytes(reversed($y))
        """,
    "w": """
        $w + $y
        bytearray($y)
        bytearray($n)
        $w[1:]
        """,
    "l": """
        $l + $l
        $l * $n
        $l[$i:$i]
        $l[::-1]
        $l[::2]
        $l[1::2]
        $l[-1::-1]
        $l[-2:0:-1]
        $l[3:0:-2]
        $l[:-1]
        $l[-2:]
        $l.copy()
        sorted($l)
        sorted($l, reverse=True)
        sorted($l, key=lambda x: -x)
        sorted($l, key=abs)
        sorted($l, key=lambda x: x % 2)
        sorted($l, key=lambda x: x % 2, reverse=True)
        sorted($z)
        list(reversed($l))
        list($r)
        list(range($n))
        list(range($i, $i, -1))
        list($p)
        list($y)
        list($k)
        list($d.values())
        list($e)
        list($e.keys())
        list(map(abs, $l))
        list(map(lambda x: x + 1, $l))
        list(filter(None, $l))
        list(filter(lambda x: x > 1, $l))
        list(zip($l, $l))[0:1] and $l
        [x for x in $l]
        [x * 2 for x in $l if x % 2 == 0]
        [x for row in $m for x in row]
        [x + y for x in $l for y in $l]
        [x for x, y in zip($l, $l) if x < y]
        [i for i, x in enumerate($l) if x > 1]
        [i for i, x in enumerate($l, 5)]
        [v for k, v in $d.items()]
        [k for k in $e]
        [len(s) for s in $t]
        [ord(c) for c in $s]
        [b for b in $y]
        [x if x > 0 else -x for x in $l]
        [y for x in $l if (y := x * x) > 3]
        [*$l, *$p]
        [$i, *$l]
        [$i, $b, $i]
        list(itertools.chain($l, $l))
        list(itertools.accumulate($l))
        list(itertools.islice($l, 2))
        [a - b for a, b in itertools.pairwise($l)]
        [a - b for a, b in itertools.combinations($l, 2)]
        [a - b for a, b in itertools.product($l, $l)]
        list(itertools.repeat($i, $n))
        list($N)
        [x for x in Bag($l)]
        """,
    "t": """
        $s.split(',')
        $s.split()
        $s.splitlines()
        list($s)
        list($d)
        sorted($t)
        sorted($t, key=len)
        $t + [$s]
        [str(x) for x in $l]
        [s.upper() for s in $t]
        list($s.partition(','))
        $s.split('a', 1)
        $s.split('a', $i)
        $s.split(None, $n)
        $s.rsplit('a', 1)
        $s.rsplit('a', $n)
        sorted($d, key=lambda k: $d[k] if k in $d else 0)
        """,
    "g": """
        $g + [$f]
        [x / 2 for x in $l]
        [float(x) for x in $l]
        sorted($g)
        $g[::-1]
        list(reversed($g))
        """,
    "m": """
        [$l, $l]
        [[x] for x in $l]
        [[0] * 2 for _ in range(2)]
        [list(range(n)) for n in range(3)]
        [[0] * 2] * 2
        sorted($m)
        sorted($m, key=len)
        $m[::-1]
        """,
    "p": """
        ($i, $i)
        divmod($i, $i)
        tuple($l)
        tuple(sorted($l))
        $p[::-1]
        $p + ($i,)
        $p * $n
        $p[1:]
        max($p, $p)
        (*$p, $i)
        tuple(x + 1 for x in $l)
        (lambda a, b: (b, a))(*$p)
        struct.unpack('>BB', $y)
        max(zip($l, $l))
        sorted($e.items())[0]
        """,
    "d": """
        {$s: $i, $s: $i}
        {**$d, $s: $i}
        $d | $d
        {k: v + 1 for k, v in $d.items()}
        {k: v for k, v in $d.items() if v > 0}
        {s: len(s) for s in $t}
        {c: i for i, c in enumerate($s)}
        dict(zip($t, $l))
        dict($d)
        dict(a=$i, b=$i)
        $d.copy()
        dict.fromkeys($t, 0)
        dict(sorted($d.items()))
        """,
    "e": """
        {$i: $i, $b: $i}
        {x: x * x for x in $l}
        {v: k for k, v in enumerate($l)}
        {x % 2: x for x in $l}
        $e | {$i: $i}
        dict(enumerate($l))
        {k: v for v, k in $e.items()}
        """,
    "z": """
        set($l)
        {x % 3 for x in $l}
        $z | $z
        $z & $z
        $z - $z
        $z ^ $z
        {$i, $b, $i}
        set($r)
        $z.union($l)
        $z.intersection($z)
        set($p)
        set($e)
        {*$l, $i}
        """,
    "q": """
        frozenset($l)
        frozenset($z)
        $q | $q
        $q & $z
        frozenset(x for x in $l)
        """,
    "o": """
        ($i if $b else None)
        $d.get('a')
        $e.get($i)
        max($l, default=None)
        next((x for x in $l if x > 2), None)
        """,
    "u": """
        ($i if $b else $s)
        """,
    "r": """
        range($n)
        range($n, $n)
        range($i, $i, 3)
        $r[1:]
        $r[::-1]
        """,
    "k": """
        deque($l)
        deque($r)
        $k.copy()
        deque(x for x in $l)
        """,
    "c": """
        Counter($s)
        Counter($t)
        """,
    "C": """
        Color($n)
        Color['RED']
        ($C if $b else $C)
        [c for c in Color][$n]
        max(Color, key=lambda c: c.value)
        """,
    "L": """
        Level($n)
        max($L, $L)
        min(Level)
        """,
    "N": """
        Pair($i, $i)
        Pair(*$p)
        Pair(y=$i, x=$i)
        $N._replace(y=$i)
        """,
    "P": """
        Point($i, $i)
        $P.moved($i)
        replace($P, y=$i)
        max($P, $P)
        """,
    "S": """
        ($S if $b else $S)
        Square($n)
        """,
}

# Sequences of statements; each ends with what it observed in `v`.
SEQUENCES = """
xs = $l
ys = xs
ys.append($i)
v = (xs, len(ys), xs is ys)
---
xs = $l
ys = xs[:]
ys += [$i]
v = (xs, ys, xs is ys)
---
xs = $l
xs[$i] = $i
v = xs
---
xs = $l
xs[$i:$i] = $l
v = xs
---
xs = [1, 2, 3, 4]
xs[::2] = [$i, $i]
v = xs
---
xs = $l
del xs[$i]
v = xs
---
xs = $l
del xs[$i:$i]
v = xs
---
xs = $l
xs.insert($i, $i)
v = xs
---
xs = $l
xs.remove($i)
v = xs
---
xs = $l
xs.sort(key=lambda x: x % 3, reverse=$b)
v = xs
---
xs = $l
xs.reverse()
xs.extend($p)
v = xs
---
xs = $l
xs *= $n
v = xs
---
xs = $l
for x in xs[:]:
    if x > 1:
        xs.remove(x)
v = xs
---
t = 0
for i in $r:
    t += i
    if t > 3:
        break
else:
    t = -1
v = t
---
t = []
for x in $l:
    if x % 2:
        continue
    t.append(x)
v = t
---
t = 0
for i, c in enumerate($s):
    if c == 'a':
        t += i
v = t
---
t = []
for k, w in $d.items():
    t.append(k + str(w))
v = t
---
t = []
for a, b in zip($l, $t):
    t.append(b * a)
v = t
---
n = $n
t = 0
while n > 0:
    n -= 1
    t += n
v = (n, t)
---
d = $d
d[$s] = $i
del d['a']
d['a'] = 9
v = list(d)
---
d = $d
d['a'] = $i
v = (list(d), d)
---
d = $e
d[True] = $i
v = (d, len(d))
---
d = $d
v = (d.pop('a', $i), d)
---
d = $d
v = (d.setdefault($s, $i), d)
---
d = $d
d.update($d)
v = list(d.items())
---
d = $d
d |= {'q': 1}
v = d
---
d = $d
v = (d.popitem(), len(d))
---
d: dict[str, list[int]] = {}
for s in $t:
    d.setdefault(s, []).append(len(s))
v = d
---
d: defaultdict[str, int] = defaultdict(int)
for s in $t:
    d[s] += 1
v = (len(d), d['a'], len(d), 'a' in d)
---
d: defaultdict[int, list[int]] = defaultdict(list)
for x in $l:
    d[x % 2].append(x)
v = (d[0], d[1], len(d))
---
c = Counter($s)
c['a'] += 1
v = (c['a'], c['zz'], len(c), 'zz' in c)
---
c = Counter($t)
v = (sum(c.values()), c['a'])
---
z = $z
z.add($i)
z.discard($i)
v = (z, len(z))
---
z = $z
y = z
z |= {$i}
v = (y, z is y)
---
z = $z
y = z
z = z - {$i}
v = (y, z)
---
z = $z
z.remove($i)
v = z
---
q = $k
q.appendleft($i)
a = q.popleft()
q.append($i)
b = q.pop()
v = (a, b, list(q))
---
q = $k
q.extendleft([1, 2])
v = list(q)
---
w = $w
w.append($n)
w += $y
w[0] = 7
v = (bytes(w), len(w))
---
w = $w
x = w
x.extend(b'zz')
v = (w == x, len(w))
---
a, b = $p
a, b = b, a
v = (a, b)
---
a, *b = $l
v = (a, b)
---
*a, b = $l
v = (a, b)
---
(a, b), c = $p, $i
v = a + b + c
---
a = b = $l
a.append(1)
v = b
---
i = 0
xs = $l
i, xs[i] = 1, $i
v = (i, xs)
---
log: list[int] = []
t = order(log, 1) + order(log, 2) * order(log, 3)
v = (log, t)
---
log: list[int] = []
t = order(log, $i) < order(log, $i) < order(log, $i)
v = (log, t)
---
log: list[int] = []
t = order(log, $i) and order(log, 2) or order(log, 3)
v = (log, t)
---
log: list[int] = []
xs = [0, 0, 0]
xs[order(log, 1)] = order(log, 2)
v = (log, xs)
---
log: list[int] = []
xs = [0, 0, 0]
xs[order(log, 1)] += order(log, 2)
v = (log, xs)
---
log: list[int] = []
d = {order(log, 1): order(log, 2), order(log, 3): order(log, 4)}
v = log
---
log: list[int] = []
t = defaulted(order(log, 1), z=order(log, 2), y=order(log, 3))
v = (log, t)
---
log: list[int] = []
t = order(log, 1) if order(log, $i) else order(log, 3)
v = (log, t)
---
try:
    t = $l[$i]
except IndexError:
    t = -100
v = t
---
try:
    t = $d[$s]
except KeyError:
    t = -100
else:
    t += 1
finally:
    u = 5
v = (t, u)
---
try:
    t = $i // $i
except ZeroDivisionError as problem:
    t = -100
v = t
---
try:
    t = int($s)
except ValueError:
    t = -100
v = t
---
try:
    t = halved($i)
except (KeyError, ValueError):
    t = -100
v = t
---
t = 0
try:
    try:
        t += halved($i)
    finally:
        t += 10
except ValueError:
    t += 100
v = t
---
t = 0
for i in range(3):
    try:
        if i == 1:
            continue
        t += i
    finally:
        t += 10
v = t
---
def inner() -> int:
    try:
        return $i
    finally:
        log.append(1)
log: list[int] = []
a = inner()
v = (a, log)
---
def inner(x: int) -> int:
    try:
        return halved(x)
    except ValueError:
        return -1
    finally:
        if x == 3:
            return 33
v = (inner($i), inner(3))
---
seen: list[int] = []
with Guard(seen, False) as n:
    seen.append(n + 10)
v = seen
---
seen: list[int] = []
with Guard(seen, True) as n:
    seen.append(halved($i))
v = seen
---
seen: list[int] = []
with Guard(seen, True) as a, Guard(seen, $b) as b:
    seen.append(a * 10 + b)
    raise ValueError
v = seen
---
match $i:
    case 0 | 1:
        t = 'few'
    case n if n < 0:
        t = 'negative'
    case _:
        t = 'many'
v = t
---
match $p:
    case (0, y):
        t = y
    case (x, 0):
        t = x
    case (x, y):
        t = x + y
v = t
---
match $P:
    case Point(x=0):
        t = 0
    case Point(x, y) if x > y:
        t = x
    case Point():
        t = -1
v = t
---
match $u:
    case int():
        t = 1
    case str():
        t = 2
v = t
---
match $o:
    case None:
        t = 1
    case n:
        t = n
v = t
---
match $C:
    case Color.RED:
        t = 1
    case Color.GREEN | Color.BLUE:
        t = 2
v = t
---
match $b:
    case 1:
        t = 1
    case _:
        t = 2
v = t
---
b = Box($i)
c = b
c.n += 1
d = Box($i, [1])
v = (b.n, c is b, b == d, len(d.items))
---
b = Box($i)
c = Box($i)
b.put($i)
v = (b.n, b.items, c.items, b == c)
---
b = Box(1, $l)
c = replace(b, n=2)
c.items.append(5)
v = (b.items, c.n, b.n)
---
s = $S
s.size += 1
v = (s.area(), s.sides, s.label)
---
s = Square(2)
s.sides = $i
v = (s.sides, Square.sides, Shape.sides, s.label)
---
shapes: list[Shape] = [Shape(1), Square(2), Square(3)]
v = ([s.area() for s in shapes], sum(s.sides for s in shapes))
---
a = Bag($l)
b = Bag($l)
v = (a == b, a != b, a is b, len(a), bool(a))
---
p = $N
x, y = p
v = (x, y, p == (x, y), len(p), p._replace(x=0).x)
---
p = $P
q = p.moved($i)
v = (p == q, p < q, q.x, hash(p) == hash(Point(p.x, p.y)))
---
def add(a: int, b: int = 2) -> int:
    return a + b + n
n = $i
a = add(1)
n = $i
v = (a, add(1, 1))
---
def twice(xs: list[int]) -> list[int]:
    xs.append(0)
    return xs
a = $l
b = twice(a)
v = (a, a is b)
---
f = lambda x: x + n
n = 1
a = f(1)
n = 5
v = (a, f(1))
---
xs = $l
if (n := len(xs)) > 2:
    t = n
else:
    t = -n
v = (t, n)
---
x = 5
xs = [x for x in $l]
v = (x, xs)
---
x = 5
t = sum(x for x in $l)
v = (x, t)
---
rows = [[0] * 2] * 2
rows[0][0] = $i
v = rows
---
rows = [[0] * 2 for _ in range(2)]
rows[0][0] = $i
v = rows
---
m = $m
n = m[:]
n[0].append(7)
n.append([])
v = (m, n)
---
m = $m
m[0] += [1]
v = m
---
a = $l
t = (a, a)
a.append(9)
v = t
---
x = $i
x += x
x -= 3
x *= 2
x //= 3
x %= 5
v = x
---
x = $i
x <<= $n
x |= 1
x &= 255
x ^= 3
v = x
---
s = $s
s += 'x'
s *= 2
v = s
---
x = $f
x += $f
x /= 2
v = x
---
e = $g
v = (e[0] in e, e == e, e.count(e[0]))
---
n = $f
v = (n in [n], [n] == [n], (n,) == (n,), n == n)
---
x: int | None = $o
if x is None:
    t = 0
elif x > 0:
    t = x
else:
    t = -1
v = t
---
u: int | str = $u
if isinstance(u, int):
    t = u + 1
else:
    t = len(u)
v = t
---
it = iter($l)
a = next(it)
b = next(it, -1)
v = (a, b)
---
it = map(lambda x: x + 1, $l)
a = list(it)
v = a
---
z = zip($l, $t)
v = list(z)
---
r = $r
v = (len(r), list(r), $i in r, r[0:2] == r)
---
v = ($i, $s, $b)
---
v = ($f, $i, $b)
---
v = [$p, $p]
---
v = ($l, $z, $d)
---
v = {$i: $s, $i: $s}
---
v = ($t, $y, $N)
---
v = sorted([$p, $p, $p])
---
v = sorted([$p, $p, $p], key=lambda p: p[1])
---
v = {$p: $i}
---
v = max([$s, $s, $s], key=len)
---
v = list(enumerate($t, $n))
---
v = list(zip($l, $s))
---
v = [$o, $o]
---
v = ($e, list($e), list($e.values()))
---
v = list($d.items())
---
v = {$C: $i, $C: $i}
---
v = ($C, $L, $P)
---
v = $s.split(',')
---
v = $s.partition($s)
---
v = {k: [x for x in $l if x % 2 == k] for k in (0, 1)}
"""
