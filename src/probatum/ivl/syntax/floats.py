"""Which floating-point literals denote a value of their format.

A literal is `0x1.8e-1f24e8` (hexadecimal digits, an exponent of 16, the sizes
of significand and exponent), or `0NaN24e8`, `0+oo24e8`, `0-oo24e8`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_HEXADECIMAL = re.compile(r"(-?)0x([0-9a-fA-F]+)\.([0-9a-fA-F]+)e(-?[0-9]+)f([0-9]+)e([0-9]+)")
_SPECIAL = re.compile(r"0(NaN|nan|\+oo|-oo)([0-9]+)e([0-9]+)")
_MAXIMUM = 100_000  # bits: of the sizes, and of what the digits and the exponent of 16 denote


class Float(NamedTuple):
    """A literal taken apart.

    The value is `significand * 2**scale`, negated if `negative`; `special` is
    `NaN`, `+oo`, `-oo`, or empty.
    """

    special: str
    negative: bool
    significand: int
    scale: int
    significand_size: int
    exponent_size: int


def read(text: str) -> Float | None:
    """Take a literal apart; None if it is none, or has sizes that no format has."""
    if match := _SPECIAL.fullmatch(text):
        word = "NaN" if match[1] == "nan" else match[1]
        sizes = _sizes(match[2], match[3])
        return None if sizes is None else Float(word, word == "-oo", 0, 0, *sizes)
    if match := _HEXADECIMAL.fullmatch(text):
        sizes = _sizes(match[5], match[6])
        if sizes is None or len(match[2]) + len(match[3]) > _MAXIMUM // 4 or len(match[4]) > 30:
            return None
        scale = 4 * int(match[4]) - 4 * len(match[3])
        return Float("", match[1] == "-", int(match[2] + match[3], 16), scale, *sizes)
    return None


def representable(text: str) -> bool:
    """Whether Boogie takes the literal: nothing is cut off, and it is neither too large nor too small.

    A number below the smallest normal one may be rounded, if not to zero and not up to a normal one.
    """
    number = read(text)
    if number is None:
        return False
    if number.special or number.significand == 0:
        return True
    bits = number.significand.bit_length()
    bias = (1 << (number.exponent_size - 1)) - 1
    exponent = bits - 1 + number.scale + bias
    if exponent >= (1 << number.exponent_size) - 1:
        return False
    size = number.significand_size
    if exponent > 0:
        cut = bits - size
        return cut <= 0 or number.significand & ((1 << cut) - 1) == 0
    return _subnormal(number.significand, number.scale + bias - 1 + size - 1, size)


def _subnormal(significand: int, shift: int, size: int) -> bool:
    """Whether rounding to the spacing of subnormal numbers, `2**-shift`, stays among them."""
    if shift >= 0:
        return True
    if -shift > significand.bit_length() + 1:
        return False
    kept, tail = significand >> -shift, significand & ((1 << -shift) - 1)
    half = 1 << (-shift - 1)
    if tail > half or (tail == half and kept & 1):
        kept += 1
    return 0 < kept < 1 << (size - 1)


def _sizes(significand: str, exponent: str) -> tuple[int, int] | None:
    if len(significand) > 6 or len(exponent) > 6:
        return None
    sizes = int(significand), int(exponent)
    return sizes if 1 < sizes[0] <= _MAXIMUM and 1 < sizes[1] <= _MAXIMUM else None
