"""What the numbers of a text denote.

Their size is limited, so that a short text cannot ask for a number that fills the memory.
"""

from __future__ import annotations

from fractions import Fraction

MAXIMUM_DIGITS = 4000
"""How many digits a number may have, and how large the exponent of a decimal may be."""


def natural(text: str) -> int | None:
    """Return the value of `12`, or None if it has too many digits."""
    return int(text) if len(text) <= MAXIMUM_DIGITS else None


def bits(text: str) -> tuple[int, int] | None:
    """Return value and width of `12bv8`, or None if one of them has too many digits."""
    value, _, width = text.partition("bv")
    if len(value) > MAXIMUM_DIGITS or len(width) > 9:
        return None
    return int(value), int(width)


def rational(text: str) -> Fraction | None:
    """Return the value of `1.5` or `15e-1`, or None if it has too many digits."""
    mantissa, _, exponent = text.partition("e")
    whole, _, part = mantissa.partition(".")
    negative, exponent = exponent.startswith("-"), exponent.lstrip("-").lstrip("0") or "0"
    if len(whole) + len(part) > MAXIMUM_DIGITS or len(exponent) > 6 or int(exponent) > MAXIMUM_DIGITS:
        return None
    power = -int(exponent) if negative else int(exponent)
    return Fraction(int(whole + part)) * Fraction(10) ** (power - len(part))
