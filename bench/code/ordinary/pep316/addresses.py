"""Addresses of four numbers."""
# twin: `return a * 2**24 + b * 2**16 + c * 2**8 + d` becomes `return a * 2**24 + b * 2**16 + c * 2**9 + d`; then `to_int` is wrong

from typing import Optional, Tuple

Address = Tuple[int, int, int, int]


def is_address(address: Address) -> bool:
    """
    post: __return__ == all(0 <= part < 256 for part in address)
    """
    a, b, c, d = address
    return 0 <= a < 256 and 0 <= b < 256 and 0 <= c < 256 and 0 <= d < 256


def to_int(address: Address) -> int:
    """
    pre: is_address(address)
    post: 0 <= __return__ < 2**32
    post: from_int(__return__) == address
    """
    a, b, c, d = address
    return a * 2**24 + b * 2**16 + c * 2**8 + d


def from_int(number: int) -> Address:
    """
    pre: 0 <= number < 2**32
    post: is_address(__return__)
    """
    return number >> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255


def parse(text: str) -> Optional[int]:
    """Return one part as a number, or None.

    post: __return__ is None or 0 <= __return__ <= 255
    """
    if not text.isdigit() or len(text) > 3:
        return None
    try:
        number = int(text)
    except ValueError:
        return None
    return number if number <= 255 else None
