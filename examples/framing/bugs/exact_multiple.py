"""Seeded bug: `>=` for `>`, so that an exact multiple of the size ends with an empty part."""

from __future__ import annotations

from framing.split import count

from probatum.spec import ensures, invariant, requires


def split(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes."""
    requires(size > 0)
    ensures(lambda r: len(r) == count(len(data), size))
    parts: tuple[bytes, ...] = ()
    rest = data
    while len(rest) >= size:
        invariant(len(parts) + count(len(rest), size) == count(len(data), size))
        parts = (*parts, rest[:size])
        rest = rest[size:]
    return (*parts, rest)
