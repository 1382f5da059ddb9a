"""Unsigned integers as bytes, most significant first, and fields that say how long they are."""

from __future__ import annotations

from probatum.spec import UInt16, UInt32, UInt64, ensures, lemma, opaque, pure, requires, reveal


class ParseError(ValueError):
    """Bytes that are not what they should be."""


# What is opaque is known outside of its own lemmas by its contract and by them alone: proofs stay small.


# = message-header.md#structure
# | The message header is a sequence of bytes that MUST be in big-endian format.
@pure
@opaque
def encode_u16(n: UInt16) -> bytes:
    """Return two bytes."""
    ensures(lambda r: len(r) == 2)
    return bytes([n // 256, n % 256])


@pure
@opaque
def decode_u16(b: bytes) -> UInt16:
    """Return the number that two bytes stand for."""
    requires(len(b) == 2)
    return b[0] * 256 + b[1]


@pure
@opaque
def encode_u32(n: UInt32) -> bytes:
    """Return four bytes."""
    ensures(lambda r: len(r) == 4)
    return encode_u16(n // 65536) + encode_u16(n % 65536)


@pure
@opaque
def decode_u32(b: bytes) -> UInt32:
    """Return the number that four bytes stand for."""
    requires(len(b) == 4)
    return decode_u16(b[:2]) * 65536 + decode_u16(b[2:])


@pure
@opaque
def encode_u64(n: UInt64) -> bytes:
    """Return eight bytes."""
    ensures(lambda r: len(r) == 8)
    return encode_u32(n // 4294967296) + encode_u32(n % 4294967296)


@pure
@opaque
def decode_u64(b: bytes) -> UInt64:
    """Return the number that eight bytes stand for."""
    requires(len(b) == 8)
    return decode_u32(b[:4]) * 4294967296 + decode_u32(b[4:])


@pure
def encode_field(content: bytes) -> bytes:
    """Return bytes, after two bytes that say how many they are."""
    requires(len(content) < 65536)
    return encode_u16(len(content)) + content


@pure
def take_field(data: bytes) -> tuple[bytes, bytes] | None:
    """Return the field at the start of bytes, and what follows it; None if there is not enough."""
    if len(data) < 2:
        return None
    size = decode_u16(data[:2])
    if len(data) < 2 + size:
        return None
    return data[2 : 2 + size], data[2 + size :]


@pure
def is_field(data: bytes) -> bool:
    """Whether what is read as a field is one, and nothing is lost."""
    taken = take_field(data)
    if taken is None:
        return False
    content = taken[0]
    return len(content) < 65536 and encode_field(content) + taken[1] == data


# Both ways: what was encoded is decoded, and no other bytes stand for the same.


@lemma
def decoded_u16(n: UInt16) -> None:
    """What was encoded is decoded."""
    ensures(decode_u16(encode_u16(n)) == n)
    reveal(encode_u16)
    reveal(decode_u16)


@lemma
def encoded_u16(b: bytes) -> None:
    """No other bytes stand for the same number."""
    requires(len(b) == 2)
    ensures(encode_u16(decode_u16(b)) == b)
    reveal(encode_u16)
    reveal(decode_u16)


@lemma
def decoded_u32(n: UInt32) -> None:
    """What was encoded is decoded."""
    ensures(decode_u32(encode_u32(n)) == n)
    reveal(encode_u32)
    reveal(decode_u32)
    decoded_u16(n // 65536)
    decoded_u16(n % 65536)


@lemma
def encoded_u32(b: bytes) -> None:
    """No other bytes stand for the same number."""
    requires(len(b) == 4)
    ensures(encode_u32(decode_u32(b)) == b)
    reveal(encode_u32)
    reveal(decode_u32)
    encoded_u16(b[:2])
    encoded_u16(b[2:])


@lemma
def decoded_u64(n: UInt64) -> None:
    """What was encoded is decoded."""
    ensures(decode_u64(encode_u64(n)) == n)
    reveal(encode_u64)
    reveal(decode_u64)
    decoded_u32(n // 4294967296)
    decoded_u32(n % 4294967296)


@lemma
def encoded_u64(b: bytes) -> None:
    """No other bytes stand for the same number."""
    requires(len(b) == 8)
    ensures(encode_u64(decode_u64(b)) == b)
    reveal(encode_u64)
    reveal(decode_u64)
    encoded_u32(b[:4])
    encoded_u32(b[4:])


@lemma
def most_significant_first(b: bytes) -> None:
    """The first byte counts most, as `int.from_bytes(b, "big")` has it."""
    requires(len(b) == 4)
    ensures(decode_u32(b) == ((b[0] * 256 + b[1]) * 256 + b[2]) * 256 + b[3])
    reveal(decode_u32)
    reveal(decode_u16)


@lemma
def field_is_taken(content: bytes, rest: bytes) -> None:
    """A field is read back, whatever follows it."""
    requires(len(content) < 65536)
    ensures(take_field(encode_field(content) + rest) == (content, rest))
    decoded_u16(len(content))


@lemma
def taken_field(data: bytes) -> None:
    """What was read as a field is one, and nothing is lost."""
    requires(take_field(data) is not None)
    ensures(is_field(data))
    encoded_u16(data[:2])
