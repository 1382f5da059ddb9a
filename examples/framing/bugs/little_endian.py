"""Seeded bug: the length is written with the least significant byte first."""

from __future__ import annotations

from framing.wire import decode_u16

from probatum.spec import UInt16, ensures, reveal


def encode_length(n: UInt16) -> bytes:
    """Return two bytes."""
    ensures(lambda r: len(r) == 2 and decode_u16(r) == n)
    reveal(decode_u16)
    return bytes([n % 256, n // 256])
