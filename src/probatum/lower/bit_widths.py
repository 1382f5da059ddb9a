"""Numbers in a program that say how many bits something has: 2**n, and 2**n - 1, as powers that axioms of bits are about."""

from __future__ import annotations

import re

_BITS = re.compile(r"\bBit_(?:or|xor)\(")
_NUMBER = re.compile(r"(?<![\w.'])\d+(?![\w.'])")
_LEAST = 8  # what is less, a solver computes with
_MOST = 8


def powers_of_two(text: str) -> list[str]:
    """Return axioms, each that a number in a program is a power of two, or one less than it; none if no bits are put together.

    Examples
    --------
    >>> powers_of_two("assert Bit_or(a, b) <= 68719476735;")
    ['axiom Int_power2(36) == 68719476736;']
    """
    if not _BITS.search(text):
        return []
    found: dict[int, None] = {}
    for word in dict.fromkeys(_NUMBER.findall(text)):
        if len(word) > 160:
            continue
        number = int(word)
        for power in (number, number + 1):
            if power >= _LEAST and power & (power - 1) == 0:
                found.setdefault(power.bit_length() - 1)
    return [f"axiom Int_power2({n}) == {1 << n};" for n in list(found)[:_MOST]]


__all__ = ["powers_of_two"]
