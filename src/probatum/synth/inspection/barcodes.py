"""Bars of EAN-13 (ISO/IEC 15420), so that a scanner can read what is printed if the picture is fine enough."""

from __future__ import annotations

_left = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
# Which of the first six digits that are drawn are of the other parity: the first digit says it.
_parity = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")


def bars(digits: str) -> str:
    """Return 95 modules, `1` for black, of thirteen digits.

    Raises
    ------
    ValueError
        If these are not thirteen digits, or the last one does not check the others.
    """
    if len(digits) != 13 or not digits.isdigit():
        raise ValueError(f"`{digits}` is not thirteen digits")
    if sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10:
        raise ValueError(f"the last digit of `{digits}` does not check the others")
    flipped = str.maketrans("01", "10")
    right = [code.translate(flipped) for code in _left]
    first = "".join(
        _left[int(digit)] if way == "L" else right[int(digit)][::-1]
        for digit, way in zip(digits[1:7], _parity[int(digits[0])], strict=True)
    )
    return "101" + first + "01010" + "".join(right[int(digit)] for digit in digits[7:]) + "101"
