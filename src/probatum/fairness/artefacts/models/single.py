"""Numbers of 32 bits, as values of 64."""

from __future__ import annotations

import math
import struct


def single(value: float) -> float:
    """Return the number of 32 bits nearest to a value, ties to even; infinite where it is too large."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded
