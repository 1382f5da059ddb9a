"""The cipher: AES-256-GCM of the `cryptography` package, behind two functions with contracts.

What these two promise is taken on trust; everything else is proved from it.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from framing.frames import IV_LENGTH, TAG_LENGTH
from probatum.spec import ensures, pure, requires, trusted

AT_ONCE = 2147483647  # bytes that the package takes at once


def derived(key: bytes) -> bytes:
    """Return the key for the cipher that a data key gives: HKDF with SHA-512, as the suite 0x0478 says it, without a salt."""
    return HKDF(SHA512(), 32, None, b"\x04\x78DERIVEKEY").derive(key)


@pure
@trusted
def seal(key: bytes, iv: bytes, aad: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """Return ciphertext and tag."""
    requires(len(iv) == IV_LENGTH, len(aad) <= AT_ONCE, len(plaintext) <= AT_ONCE)
    ensures(lambda r: len(r[0]) == len(plaintext) and len(r[1]) == TAG_LENGTH)
    ensures(lambda r: unseal(key, iv, aad, r[0], r[1]) == plaintext)
    sealed = AESGCM(derived(key)).encrypt(iv, plaintext, aad)
    return sealed[:-TAG_LENGTH], sealed[-TAG_LENGTH:]


@pure
@trusted
def unseal(key: bytes, iv: bytes, aad: bytes, ciphertext: bytes, tag: bytes) -> bytes | None:
    """Return the plaintext; None if the tag is not that of this ciphertext, data and key."""
    requires(len(iv) == IV_LENGTH, len(aad) <= AT_ONCE, len(tag) == TAG_LENGTH, len(ciphertext) <= AT_ONCE)
    ensures(lambda r: r is None or len(r) == len(ciphertext))
    try:
        return AESGCM(derived(key)).decrypt(iv, ciphertext + tag, aad)
    except InvalidTag:
        return None
