"""Seeded bug: the tag is not looked at if there is nothing to open."""

from __future__ import annotations

from framing.stand_in import unseal

from probatum.spec import ensures, requires


def genuine(key: bytes, header: bytes, tag: bytes) -> bool:
    """Whether a tag is that of a header."""
    requires(len(tag) == 16)
    ensures(lambda r: r == (unseal(key, b"", header, b"", tag) is not None))
    return len(tag) == 16
