"""Seeded bug: parts are opened in another order than that in which they were sealed."""

from __future__ import annotations

from framing.stand_in import seal, unseal

from probatum.spec import ensures


def there_and_back(key: bytes, one: bytes, other: bytes) -> tuple[bytes | None, bytes | None]:
    """Seal two parts, and open them."""
    ensures(lambda r: r == (one, other))
    content, tag = seal(key, b"1", b"", one)
    other_content, other_tag = seal(key, b"2", b"", other)
    return unseal(key, b"1", b"", other_content, other_tag), unseal(key, b"2", b"", content, tag)
