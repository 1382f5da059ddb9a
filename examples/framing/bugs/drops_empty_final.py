"""Seeded bug: an empty final part is left out, and with it the frame that ends the body."""

from __future__ import annotations

from framing.split import fits

from probatum.spec import ensures, requires


def split(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes."""
    requires(size > 0)
    ensures(lambda r: fits(r, size))
    parts: tuple[bytes, ...] = ()
    rest = data
    while len(rest) > 0:
        parts = (*parts, rest[:size])
        rest = rest[size:]
    return parts
