"""Columns that are each made of one feature: rounded, moved, scaled, with missing values filled in.

What a tree tests of such a column is a test of the feature itself, at other numbers. These are found by bisection among
all numbers of 64 bits, with the arithmetic of the file; so a test says of every value what it says of the column.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace

from probatum.fairness.artefacts.models.single import single

_LARGEST = 1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a matrix.

    Attributes
    ----------
    feature : int
        Its place among the inputs.
    narrow : bool
        Its numbers have 32 bits: so each step is rounded.
    steps : tuple of (str, float)
        What is done to the feature, in turn: `add`, `sub`, `from` (a number less the value), `mul`, `div`, `fill`, `round`.
    """

    feature: int
    narrow: bool
    steps: tuple[tuple[str, float], ...] = ()

    def then(self, step: str, number: float = 0.0) -> Column:
        """Return it with one more step."""
        return replace(self, steps=(*self.steps, (step, number)))

    def narrowed(self) -> Column:
        """Return it in numbers of 32 bits."""
        return self if self.narrow else replace(self.then("round"), narrow=True)

    def value(self, feature: float) -> float:
        """Return what it is for a value of the feature."""
        found = feature
        for step, number in self.steps:
            match step:
                case "fill":
                    found = number if math.isnan(found) else found
                case "round":
                    found = single(found)
                case _:
                    found = _done(step, found, number)
                    found = single(found) if self.narrow else found
        return found

    def layers(self) -> list[tuple[float, float]]:
        """Return factor and summand of each step that changes numbers; rounding is for the bounds to allow for."""
        found = []
        for step, number in self.steps:
            match step:
                case "add":
                    found.append((1.0, number))
                case "sub":
                    found.append((1.0, -number))
                case "from":
                    found.append((-1.0, number))
                case "mul":
                    found.append((number, 0.0))
                case "div":
                    found.append((1.0 / number, 0.0))
        return found


def _done(step: str, value: float, number: float) -> float:
    try:
        match step:
            case "add":
                return value + number
            case "sub":
                return value - number
            case "from":
                return number - value
            case "mul":
                return value * number if number or math.isnan(value) else 0.0
        return value / number
    except OverflowError:
        return math.copysign(math.inf, value) * math.copysign(1.0, number)


def last_where(holds: Callable[[float], bool]) -> float:
    """Return the largest finite number of which a test holds, that holds up to some number and not above; else -inf."""
    low, high = _place(-_LARGEST), _place(_LARGEST)
    if not holds(-_LARGEST):
        return -math.inf
    if holds(_LARGEST):
        return _LARGEST
    while high - low > 1:
        middle = (low + high) // 2
        if holds(_number(middle)):
            low = middle
        else:
            high = middle
    return _number(low)


def _place(value: float) -> int:
    """Return where a number stands in the order of all numbers of 64 bits."""
    [bits] = struct.unpack("<q", struct.pack("<d", value))
    return int(bits) if bits >= 0 else -(int(bits) & 0x7FFFFFFFFFFFFFFF)


def _number(place: int) -> float:
    bits = place if place >= 0 else -place | -0x8000000000000000
    found: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return found
