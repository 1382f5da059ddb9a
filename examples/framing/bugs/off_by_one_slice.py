"""Seeded bug: a slice begins one byte too late."""

from __future__ import annotations

from framing.split import joined

from probatum.spec import ensures, requires


def split(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes."""
    requires(size > 0)
    ensures(lambda r: joined(r) == data)
    parts: tuple[bytes, ...] = ()
    rest = data
    while len(rest) > size:
        parts = (*parts, rest[:size])
        rest = rest[size + 1 :]
    return (*parts, rest)
