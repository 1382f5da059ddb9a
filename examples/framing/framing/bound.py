"""What a frame is bound to: its initialization vector, and the data that is authenticated with it."""

from __future__ import annotations

from framing.frames import IV_LENGTH, Frame, encodable
from framing.wire import decoded_u32, encode_u32, encode_u64
from probatum.spec import UInt32, check, ensures, lemma, opaque, pure, requires, reveal

REGULAR = b"AWSKMSEncryptionClient Frame"
FINAL = b"AWSKMSEncryptionClient Final Frame"


# = encrypt.md#construct-a-frame
# | The IV is the sequence number used in the message body AAD above, padded to the IV length.
@pure
@opaque
def iv_of(sequence: UInt32) -> bytes:
    """Return the initialization vector of the frame with a number: the number, after zeros."""
    ensures(lambda r: len(r) == IV_LENGTH)
    return bytes([0, 0, 0, 0, 0, 0, 0, 0]) + encode_u32(sequence)


# = message-body.md#iv
# | Each frame in the Framed Data MUST include an IV that is unique within the message.
@lemma
def iv_is_unique(one: UInt32, other: UInt32) -> None:
    """Frames with different numbers have different initialization vectors; the header has that of number 0."""
    requires(iv_of(one) == iv_of(other))
    ensures(one == other)
    reveal(iv_of)
    decoded_u32(one)
    decoded_u32(other)
    check(iv_of(one)[8:] == encode_u32(one), iv_of(other)[8:] == encode_u32(other))


# = message-body-aad.md#body-aad-content
# | The regular frames in framed data MUST use the value `AWSKMSEncryptionClient Frame`.
# = message-body-aad.md#body-aad-content
# | The final frame in framed data MUST use the value `AWSKMSEncryptionClient Final Frame`.
# = message-body-aad.md#sequence-number
# | For framed data, the value of this field MUST be the frame sequence number.
# = message-body-aad.md#content-length
# | For framed data, this value MUST equal the length, in bytes, of the plaintext being encrypted in this frame.
@pure
@opaque
def body_aad(message_id: bytes, sequence: UInt32, length: UInt32, final: bool) -> bytes:
    """Return what is authenticated with a frame: which message, which kind, which number, how long."""
    ensures(lambda r: len(r) <= len(message_id) + 46)
    return message_id + (FINAL if final else REGULAR) + encode_u32(sequence) + encode_u64(length)


@lemma
def aad_tells_frames_apart(message_id: bytes, one: Frame, other: Frame) -> None:
    """Within a message, regular frames with different numbers are authenticated with different data."""
    requires(encodable(one), encodable(other), not one.final, not other.final)
    requires(aad_of(message_id, one) == aad_of(message_id, other))
    ensures(one.sequence == other.sequence)
    reveal(body_aad)
    decoded_u32(one.sequence)
    decoded_u32(other.sequence)
    start = len(message_id) + len(REGULAR)
    check(aad_of(message_id, one)[start : start + 4] == encode_u32(one.sequence))
    check(aad_of(message_id, other)[start : start + 4] == encode_u32(other.sequence))


@pure
def aad_of(message_id: bytes, frame: Frame) -> bytes:
    """Return what is authenticated with a frame."""
    requires(encodable(frame))
    return body_aad(message_id, frame.sequence, len(frame.content), frame.final)
