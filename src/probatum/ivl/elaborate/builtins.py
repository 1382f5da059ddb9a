"""Literals in SMT-LIB's words, and the heads of functions that solvers know: `{:builtin "..."}` and `{:bvbuiltin "..."}`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from probatum.ivl import terms
from probatum.ivl.syntax import floats, tree
from probatum.ivl.terms import Sort
from probatum.ivl.unsupported import Unsupported

ROUNDINGS: Final = {
    "RNE": "roundNearestTiesToEven",
    "RNA": "roundNearestTiesToAway",
    "RTP": "roundTowardPositive",
    "RTN": "roundTowardNegative",
    "RTZ": "roundTowardZero",
}

# Operators that work on arrays index by index; None: the head depends on the element's sort.
_POINTWISE: Final = {
    "MapConst": None,
    "MapEq": None,
    "MapIte": None,
    "MapAdd": "(_ map (+ (Int Int) Int))",
    "MapSub": "(_ map (- (Int Int) Int))",
    "MapMul": "(_ map (* (Int Int) Int))",
    "MapDiv": "(_ map (div (Int Int) Int))",
    "MapMod": "(_ map (mod (Int Int) Int))",
    "MapIff": "(_ map (= (Bool Bool) Bool))",
    "MapGt": "(_ map (> (Int Int) Int))",
    "MapGe": "(_ map (>= (Int Int) Int))",
    "MapLt": "(_ map (< (Int Int) Int))",
    "MapLe": "(_ map (<= (Int Int) Int))",
    "MapOr": "(_ map or)",
    "MapAnd": "(_ map and)",
    "MapNot": "(_ map not)",
    "MapImp": "(_ map =>)",
}


def builtin(function: tree.Function) -> str | None:
    """Return what a function is called in SMT-LIB, if its attributes say so."""
    for key in ("bvbuiltin", "builtin"):
        one = tree.attribute(function.attributes, key)
        if one is not None and one.values and isinstance(one.values[0], str):
            text = one.values[0]
            if key == "bvbuiltin" and text.startswith(("sign_extend ", "zero_extend ")):
                return f"(_ {text})"
            return text
    return None


def written(sort: Sort) -> str:
    """Return a sort as SMT-LIB text."""
    parts = [sort.head, *map(str, sort.indices), *map(written, sort.arguments)]
    return f"({' '.join(parts)})" if len(parts) > 1 else sort.head


def head(text: str, arguments: Sequence[Sort], result: Sort) -> tuple[str, tuple[str, ...]]:
    """Return the head of an operator for a builtin's text at these sorts, and rounding modes that stand before its arguments.

    `fp.add RNE` is the operator `fp.add` whose first argument is fixed.
    """
    if text in _POINTWISE:
        return _pointwise(text, arguments, result), ()
    if text == "seq.empty":
        return f"(as seq.empty {written(result)})", ()
    words = text.split()
    fixed: list[str] = []
    while len(words) > 1 and (words[-1] in ROUNDINGS or words[-1] in ROUNDINGS.values()):
        fixed.insert(0, words.pop())
    return " ".join(words), tuple(fixed)


def _pointwise(text: str, arguments: Sequence[Sort], result: Sort) -> str:
    known = _POINTWISE[text]
    if known is not None:
        return known
    if text == "MapConst":
        return f"(as const {written(result)})"
    # The pointwise function takes elements, so a map with several indexes has to be one with one index here.
    array = arguments[0] if text == "MapEq" else result
    if array.head != "Array":
        raise Unsupported(f"`{text}` on something that is no map")
    element = written(array.arguments[1])
    if text == "MapEq":
        return f"(_ map (= ({element} {element}) Bool))"
    return f"(_ map (ite (Bool {element} {element}) {element}))"


# Literals


def bits(value: int, width: int) -> str:
    """Return a bit-vector literal."""
    return f"#x{value:0{width // 4}x}" if width % 4 == 0 else f"#b{value:0{width}b}"


def string(text: str) -> str:
    """Return a string literal; a quote is doubled, and what is not printable ASCII is escaped by its number."""
    plain = text.replace('\\"', '"')
    return '"' + "".join(_character(c) for c in plain) + '"'


def _character(c: str) -> str:
    if c == '"':
        return '""'
    return c if " " <= c <= "~" else f"\\u{{{ord(c):x}}}"


def floating(text: str) -> tuple[str, Sort]:
    """Return a float literal as SMT-LIB text, with its sort.

    `0x1.8e0f24e8` is 1.5: digits and exponent are of base 16, the exponent written in decimal.
    A value between two floats is rounded to nearest, ties to even.
    """
    number = floats.read(text)
    if number is None:
        raise Unsupported(f"the float literal `{text}`")
    significand, exponent = number.significand_size, number.exponent_size
    sort = terms.floating(exponent, significand)
    if number.special:
        return f"(_ {number.special} {exponent} {significand})", sort
    bias = 2 ** (exponent - 1) - 1
    lowest = 2 - bias - significand  # the exponent of the last bit of the smallest floats
    length = number.significand.bit_length()
    # Far outside of the format the exact exponent does not matter, and its power of two would not fit in memory.
    scale = max(min(number.scale, bias + 1), lowest - length - 2)
    # The place of the last bit that is kept, so that `significand` bits remain, or fewer for a subnormal.
    last = max(scale + length - significand, lowest)
    kept = number.significand << (scale - last) if scale >= last else round(Fraction(number.significand, 2 ** (last - scale)))
    if kept.bit_length() > significand:  # rounded up to the next power of two
        kept, last = kept >> 1, last + 1
    biased = last - lowest + (1 if kept.bit_length() == significand else 0) if kept else 0
    if biased >= 2**exponent - 1:
        return f"(_ {'-' if number.negative else '+'}oo {exponent} {significand})", sort
    fraction = kept & (2 ** (significand - 1) - 1)
    return f"(fp #b{int(number.negative)} #b{biased:0{exponent}b} #b{fraction:0{significand - 1}b})", sort
