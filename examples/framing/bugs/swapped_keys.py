"""Seeded bug: two data keys are swapped before the parts are opened."""

from __future__ import annotations

from framing.stand_in import seal, unseal

from probatum.spec import ensures


def there_and_back(first: bytes, second: bytes, one: bytes, other: bytes) -> tuple[bytes | None, bytes | None]:
    """Seal two parts with two data keys, and open them."""
    ensures(lambda r: r == (one, other))
    content, tag = seal(first, b"1", b"", one)
    other_content, other_tag = seal(second, b"2", b"", other)
    return unseal(second, b"1", b"", content, tag), unseal(first, b"2", b"", other_content, other_tag)
