"""Seeded bug: the first bit is taken for a sign."""

from __future__ import annotations

from framing.wire import decode_u16

from probatum.spec import ensures, requires


def decode_u32(b: bytes) -> int:
    """Return the number that four bytes stand for."""
    requires(len(b) == 4)
    ensures(lambda r: 0 <= r <= 4294967295)
    n = decode_u16(b[:2]) * 65536 + decode_u16(b[2:])
    return n - 4294967296 if n > 2147483647 else n
