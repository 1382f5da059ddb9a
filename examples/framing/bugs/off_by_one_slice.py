"""Seeded bug: a slice begins one byte too late."""

from __future__ import annotations

from framing.split import cut, joined, nothing_is_lost

from probatum.spec import ensures, invariant, requires


def split(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes."""
    requires(size > 0)
    ensures(lambda r: joined(r) == data)
    parts: tuple[bytes, ...] = ()
    rest = data
    while len(rest) > size:
        invariant(parts + cut(rest, size) == cut(data, size))
        parts = (*parts, rest[:size])
        rest = rest[size + 1 :]
    nothing_is_lost(data, size)
    return (*parts, rest)
