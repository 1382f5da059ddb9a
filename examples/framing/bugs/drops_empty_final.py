"""Seeded bug: an empty final part is left out, and with it the frame that ends the body."""

from __future__ import annotations

from framing.split import cut, fits, parts_fit

from probatum.spec import ensures, invariant, requires


def split(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes."""
    requires(size > 0)
    ensures(lambda r: fits(r, size))
    parts: tuple[bytes, ...] = ()
    rest = data
    while len(rest) > size:
        invariant(parts + cut(rest, size) == cut(data, size))
        parts = (*parts, rest[:size])
        rest = rest[size:]
    parts_fit(data, size)
    return (*parts, rest) if len(rest) > 0 else parts
