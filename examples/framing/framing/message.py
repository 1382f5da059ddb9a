"""Whole messages: a header, its tag, and a body of frames."""

from __future__ import annotations

from framing.bound import iv_of
from framing.frames import LONGEST, TAG_LENGTH
from framing.header import FRAMED, Header, encodable_header, encode_header, header_is_taken, take_header
from framing.keys import fitting_is_short, open_all, opened, seal_all, sealed_is_complete, sealed_is_opened
from framing.seal import AT_ONCE, seal, unseal
from framing.sequence import body, body_is_taken, numbered, parse, serialise
from framing.split import joined, not_too_many, nothing_is_lost, parts_fit, reassemble, split
from framing.wire import ParseError
from probatum.spec import check, ensures, lemma, opaque, pure, raises, requires, reveal

# The body.


@pure
def usable(keys: tuple[bytes, ...], message_id: bytes, frame_length: int) -> bool:
    """Whether there is a key, and the lengths are possible."""
    return len(keys) > 0 and len(message_id) <= 32 and 0 < frame_length <= AT_ONCE


@pure
def opened_body(keys: tuple[bytes, ...], message_id: bytes, frame_length: int, data: bytes) -> bytes | None:
    """Return the plaintext of a body; None if bytes are not exactly one, or it was not sealed with these keys for this message."""
    requires(usable(keys, message_id, frame_length))
    taken = body(data, frame_length, 1)
    if taken is None or len(taken[1]) > 0:
        return None
    parts = opened(keys, message_id, taken[0])
    if parts is None:
        return None
    return joined(parts)


# = message-body.md#framed-data
# | The number of frames in a single message MUST be less than or equal to `2^32 - 1`.
# = encrypt.md#construct-the-body
# | If there are not enough input consumable plaintext bytes to create a new regular frame, then this operation MUST construct a final frame
def encrypt_body(keys: tuple[bytes, ...], message_id: bytes, frame_length: int, plaintext: bytes) -> bytes:
    """Return plaintext as the bytes of sealed frames."""
    requires(usable(keys, message_id, frame_length), len(plaintext) <= LONGEST * frame_length)
    ensures(lambda r: opened_body(keys, message_id, frame_length, r) == plaintext)
    parts = split(plaintext, frame_length)
    not_too_many(len(plaintext), frame_length, LONGEST)
    parts_fit(plaintext, frame_length)
    fitting_is_short(parts, frame_length)
    frames = seal_all(keys, message_id, parts)
    sealed_is_complete(keys, message_id, parts, frame_length, 1)
    numbered(frames, frame_length, 1)
    data = serialise(frames)
    body_is_taken(frames, b"", frame_length, 1)
    sealed_is_opened(keys, message_id, parts, 1)
    nothing_is_lost(plaintext, frame_length)
    return data


# = decrypt.md#decrypt-the-message-body
# | This operation MUST NOT release any unauthenticated plaintext.
def decrypt_body(keys: tuple[bytes, ...], message_id: bytes, frame_length: int, data: bytes) -> bytes:
    """Return the plaintext of a body.

    Raises
    ------
    ParseError
        If bytes are not exactly one body, or it was not sealed with these keys for this message.
    """
    requires(usable(keys, message_id, frame_length))
    ensures(lambda r: r == opened_body(keys, message_id, frame_length, data))
    raises(ParseError, when=opened_body(keys, message_id, frame_length, data) is None)
    frames, tail = parse(data, frame_length)
    if len(tail) > 0:
        raise ParseError(f"{len(tail)} bytes follow the final frame")
    parts = open_all(keys, message_id, frames)
    if parts is None:
        raise ParseError("a frame was not sealed with these keys, in this place, for this message")
    return reassemble(parts)


# The header and its tag.


# = encrypt.md#construct-the-header
# | The IV has a value of 0.
@pure
@opaque
def header_tag(key: bytes, header: bytes) -> bytes:
    """Return the tag of a header body."""
    requires(len(header) <= AT_ONCE)
    ensures(lambda r: len(r) == TAG_LENGTH)
    return seal(key, iv_of(0), header, b"")[1]


# = decrypt.md#verify-the-header
# | If this tag verification fails, this operation MUST immediately halt and fail.
@pure
@opaque
def genuine(key: bytes, header: bytes, tag: bytes) -> bool:
    """Whether a tag is that of a header body."""
    requires(len(header) <= AT_ONCE, len(tag) == TAG_LENGTH)
    return unseal(key, iv_of(0), header, b"", tag) is not None


@lemma
def tag_is_genuine(key: bytes, header: bytes) -> None:
    """The tag that was made is accepted."""
    requires(len(header) <= AT_ONCE)
    ensures(genuine(key, header, header_tag(key, header)))
    reveal(header_tag)
    reveal(genuine)
    check(seal(key, iv_of(0), header, b"")[0] == b"")


# The whole.


@pure
def opened_message(keys: tuple[bytes, ...], data: bytes) -> tuple[Header, bytes] | None:
    """Return the header and the plaintext of a message; None if bytes are not exactly one that was sealed with these keys."""
    requires(len(keys) > 0)
    taken = take_header(data)
    if taken is None:
        return None
    header = taken[0]
    rest = taken[1]
    start = data[: len(data) - len(rest)]
    if len(start) > AT_ONCE or len(rest) < TAG_LENGTH or not genuine(keys[0], start, rest[:TAG_LENGTH]):
        return None
    if header.end.content_type != FRAMED or not usable(keys, header.start.message_id, header.end.frame_length):
        return None
    plaintext = opened_body(keys, header.start.message_id, header.end.frame_length, rest[TAG_LENGTH:])
    if plaintext is None:
        return None
    return header, plaintext


def encrypt_message(keys: tuple[bytes, ...], header: Header, plaintext: bytes) -> bytes:
    """Return a message: decrypting it gives back the header and the plaintext, whatever they are."""
    requires(encodable_header(header), len(encode_header(header)) <= AT_ONCE, header.end.content_type == FRAMED)
    requires(usable(keys, header.start.message_id, header.end.frame_length))
    requires(len(plaintext) <= LONGEST * header.end.frame_length)
    ensures(lambda r: opened_message(keys, r) == (header, plaintext))
    start = encode_header(header)
    tag = header_tag(keys[0], start)
    rest = encrypt_body(keys, header.start.message_id, header.end.frame_length, plaintext)
    header_is_taken(header, tag + rest)
    tag_is_genuine(keys[0], start)
    message = start + (tag + rest)
    check(message[: len(start)] == start, (tag + rest)[:TAG_LENGTH] == tag, (tag + rest)[TAG_LENGTH:] == rest)
    return message


# = decrypt.md#decrypt-the-message-body
# | Once the message header is successfully parsed, the next sequential bytes MUST be deserialized according to the message body spec.
def decrypt_message(keys: tuple[bytes, ...], data: bytes) -> tuple[Header, bytes]:
    """Return the header and the plaintext of a message.

    Raises
    ------
    ParseError
        If bytes are not exactly one message that was sealed with these keys.
    """
    requires(len(keys) > 0)
    ensures(lambda r: r == opened_message(keys, data))
    raises(ParseError, when=opened_message(keys, data) is None)
    taken = take_header(data)
    if taken is None:
        raise ParseError("this is not the header of a message")
    header, rest = taken
    start = data[: len(data) - len(rest)]
    if len(start) > AT_ONCE or len(rest) < TAG_LENGTH or not genuine(keys[0], start, rest[:TAG_LENGTH]):
        raise ParseError("the header was not sealed with these keys")
    if header.end.content_type != FRAMED or not usable(keys, header.start.message_id, header.end.frame_length):
        raise ParseError("the body is not framed")
    plaintext = decrypt_body(keys, header.start.message_id, header.end.frame_length, rest[TAG_LENGTH:])
    return header, plaintext
