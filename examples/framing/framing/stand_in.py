"""A stand-in for the cipher, of the standard library alone: it authenticates, and hides nothing.

It keeps the same promises as `seal`. Inputs that break a contract are replayed
where the `cryptography` package may be absent; the seeded bugs use this one.
"""

from __future__ import annotations

from hashlib import sha256

from framing.frames import TAG_LENGTH
from framing.wire import encode_u64
from probatum.spec import ensures, pure, requires, trusted


def tag_of(key: bytes, iv: bytes, aad: bytes, plaintext: bytes) -> bytes:
    """Return a digest of everything, each with its length."""
    return sha256(b"".join(encode_u64(len(x)) + x for x in (key, iv, aad, plaintext))).digest()[:TAG_LENGTH]


@pure
@trusted
def seal(key: bytes, iv: bytes, aad: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """Return what stands for ciphertext, and its tag."""
    ensures(lambda r: len(r[0]) == len(plaintext) and len(r[1]) == TAG_LENGTH)
    ensures(lambda r: unseal(key, iv, aad, r[0], r[1]) == plaintext)
    return plaintext, tag_of(key, iv, aad, plaintext)


@pure
@trusted
def unseal(key: bytes, iv: bytes, aad: bytes, ciphertext: bytes, tag: bytes) -> bytes | None:
    """Return the plaintext; None if the tag is not that of this ciphertext, data and key."""
    requires(len(tag) == TAG_LENGTH)
    ensures(lambda r: r is None or len(r) == len(ciphertext))
    return ciphertext if tag_of(key, iv, aad, ciphertext) == tag else None
