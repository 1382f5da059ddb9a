"""One frame: its fields, its bytes, and reading it back."""

from __future__ import annotations

from dataclasses import dataclass

from framing.wire import decode_u32, decoded_u32, encode_u32, encoded_u32
from probatum.spec import check, ensures, implies, lemma, opaque, pure, requires, reveal

IV_LENGTH = 12
TAG_LENGTH = 16
SEQUENCE_NUMBER_END = 4294967295  # FF FF FF FF where a sequence number would be: a final frame follows
LONGEST = 4294967295  # bytes in a frame, and frames in a message


@dataclass(frozen=True)
class Frame:
    """A frame; its content is encrypted."""

    sequence: int
    iv: bytes
    content: bytes
    tag: bytes
    final: bool


@pure
def encodable(frame: Frame) -> bool:
    """Whether the number and the length of a frame fit into four bytes each."""
    return 0 <= frame.sequence <= LONGEST and len(frame.content) <= LONGEST


# = message-body.md#sequence-number-end
# | The value MUST be encoded as the 4 bytes `FF FF FF FF` in hexadecimal notation.
# = message-body.md#final-frame
# | The length of the plaintext to be encrypted in the Final Frame MUST be greater than or equal to 0 and less than or equal to the Frame Length.
# = message-body.md#encrypted-content
# | The length of the encrypted content of a Regular Frame MUST be equal to the Frame Length.
# = message-body.md#authentication-tag
# | The authentication tag length MUST be equal to the authentication tag length of the algorithm suite
# = message-body.md#iv
# | The IV length MUST be equal to the IV length of the algorithm suite specified by the Algorithm Suite ID field.
@pure
@opaque
def well_formed(frame: Frame, frame_length: int) -> bool:
    """Whether the fields of a frame have the lengths they must have.

    A regular frame is never called `FF FF FF FF`: that is what tells the two kinds apart.
    """
    ensures(lambda r: implies(r, encodable(frame)))
    if not encodable(frame) or len(frame.iv) != IV_LENGTH or len(frame.tag) != TAG_LENGTH:
        return False
    if frame.final:
        return len(frame.content) <= frame_length
    return len(frame.content) == frame_length and frame.sequence != SEQUENCE_NUMBER_END


@pure
@opaque
def encode_frame(frame: Frame) -> bytes:
    """Return the bytes of a frame."""
    requires(encodable(frame))
    ensures(lambda r: len(r) > 0)
    start = encode_u32(frame.sequence) + frame.iv
    if frame.final:
        return encode_u32(SEQUENCE_NUMBER_END) + start + encode_u32(len(frame.content)) + frame.content + frame.tag
    return start + frame.content + frame.tag


@pure
def take_regular(data: bytes, frame_length: int) -> tuple[Frame, bytes] | None:
    """Return the regular frame at the start of bytes, and what follows it; None if there is none."""
    requires(0 < frame_length <= LONGEST)
    size = 16 + frame_length
    if len(data) < size + 16:
        return None
    frame = Frame(decode_u32(data[:4]), data[4:16], data[16:size], data[size : size + 16], final=False)
    return frame, data[size + 16 :]


# = decrypt.md#decrypt-the-message-body
# | this operation MUST ensure that the length of the encrypted content field is less than or equal to the frame length deserialized in the message header.
@pure
def take_final(data: bytes, frame_length: int) -> tuple[Frame, bytes] | None:
    """Return the final frame at the start of bytes, and what follows it; None if there is none."""
    requires(0 < frame_length <= LONGEST)
    if len(data) < 24:
        return None
    length = decode_u32(data[20:24])
    size = 24 + length
    if length > frame_length or len(data) < size + 16:
        return None
    frame = Frame(decode_u32(data[4:8]), data[8:20], data[24:size], data[size : size + 16], final=True)
    return frame, data[size + 16 :]


# = decrypt.md#decrypt-the-message-body
# | this operation MUST use the first 4 bytes of a frame to determine if the frame MUST be deserialized as a final frame or regular frame.
@pure
@opaque
def take_frame(data: bytes, frame_length: int) -> tuple[Frame, bytes] | None:
    """Return the frame at the start of bytes, and what follows it; None if there is none."""
    requires(0 < frame_length <= LONGEST)
    ensures(lambda r: r is None or len(r[1]) < len(data))
    if len(data) < 4:
        return None
    if decode_u32(data[:4]) == SEQUENCE_NUMBER_END:
        return take_final(data, frame_length)
    return take_regular(data, frame_length)


@lemma
def regular_is_taken(frame: Frame, rest: bytes, frame_length: int) -> None:
    """A regular frame is read back."""
    requires(0 < frame_length <= LONGEST, well_formed(frame, frame_length), not frame.final)
    ensures(take_frame(encode_frame(frame) + rest, frame_length) == (frame, rest))
    reveal(well_formed)
    reveal(encode_frame)
    reveal(take_frame)
    decoded_u32(frame.sequence)
    data = encode_frame(frame) + rest
    check(data[:4] == encode_u32(frame.sequence))
    check(data[4:16] == frame.iv)
    check(data[16 : 16 + frame_length] == frame.content)
    check(data[16 + frame_length : 32 + frame_length] == frame.tag)
    check(data[32 + frame_length :] == rest)


@lemma
def final_has_fields(data: bytes, frame: Frame, rest: bytes, frame_length: int) -> None:
    """What has the fields of a final frame at their places is read as that frame."""
    requires(0 < frame_length <= LONGEST, frame.final, len(frame.content) <= frame_length)
    requires(len(data) == 40 + len(frame.content) + len(rest))
    requires(decode_u32(data[:4]) == SEQUENCE_NUMBER_END, decode_u32(data[4:8]) == frame.sequence)
    requires(data[8:20] == frame.iv, decode_u32(data[20:24]) == len(frame.content))
    requires(data[24 : 24 + len(frame.content)] == frame.content)
    requires(data[24 + len(frame.content) : 40 + len(frame.content)] == frame.tag)
    requires(data[40 + len(frame.content) :] == rest)
    ensures(take_frame(data, frame_length) == (frame, rest))
    reveal(take_frame)


@lemma
def final_is_taken(frame: Frame, rest: bytes, frame_length: int) -> None:
    """A final frame is read back."""
    requires(0 < frame_length <= LONGEST, well_formed(frame, frame_length), frame.final)
    ensures(take_frame(encode_frame(frame) + rest, frame_length) == (frame, rest))
    reveal(well_formed)
    reveal(encode_frame)
    reveal(take_frame)
    decoded_u32(frame.sequence)
    decoded_u32(SEQUENCE_NUMBER_END)
    decoded_u32(len(frame.content))
    data = encode_frame(frame) + rest
    size = 24 + len(frame.content)
    check(data[:4] == encode_u32(SEQUENCE_NUMBER_END), data[4:8] == encode_u32(frame.sequence))
    check(data[8:20] == frame.iv, data[20:24] == encode_u32(len(frame.content)))
    check(data[24:size] == frame.content, data[size : size + 16] == frame.tag)
    check(data[size + 16 :] == rest)
    final_has_fields(data, frame, rest, frame_length)


@lemma
def frame_is_taken(frame: Frame, rest: bytes, frame_length: int) -> None:
    """A frame is read back, whatever follows it, and what follows is left."""
    requires(0 < frame_length <= LONGEST, well_formed(frame, frame_length))
    ensures(take_frame(encode_frame(frame) + rest, frame_length) == (frame, rest))
    if frame.final:
        final_is_taken(frame, rest, frame_length)
    else:
        regular_is_taken(frame, rest, frame_length)


@pure
def is_frame(data: bytes, frame_length: int) -> bool:
    """Whether bytes are a frame and what follows it."""
    requires(0 < frame_length <= LONGEST)
    taken = take_frame(data, frame_length)
    if taken is None:
        return False
    frame = taken[0]
    return well_formed(frame, frame_length) and encode_frame(frame) + taken[1] == data


@lemma
def taken_frame(data: bytes, frame_length: int) -> None:
    """What was read as a frame is one, and nothing is lost."""
    requires(0 < frame_length <= LONGEST, take_frame(data, frame_length) is not None)
    ensures(is_frame(data, frame_length))
    reveal(well_formed)
    reveal(encode_frame)
    reveal(take_frame)
    encoded_u32(data[:4])
    if decode_u32(data[:4]) == SEQUENCE_NUMBER_END:
        encoded_u32(data[4:8])
        encoded_u32(data[20:24])


@lemma
def cut_frame_is_not_taken(frame: Frame, size: int, frame_length: int) -> None:
    """A part of a frame is not read as a frame."""
    requires(0 < frame_length <= LONGEST, well_formed(frame, frame_length), 0 <= size < len(encode_frame(frame)))
    ensures(take_frame(encode_frame(frame)[:size], frame_length) is None)
    reveal(well_formed)
    reveal(encode_frame)
    reveal(take_frame)
    decoded_u32(frame.sequence)
    decoded_u32(SEQUENCE_NUMBER_END)
    decoded_u32(len(frame.content))
