"""Sealing parts as frames with several data keys in turn, and opening the frames with the same keys in the same order."""

from __future__ import annotations

from framing.bound import body_aad, iv_of
from framing.frames import LONGEST, TAG_LENGTH, Frame, well_formed
from framing.seal import AT_ONCE, seal, unseal
from framing.sequence import complete
from framing.split import fits
from probatum.spec import check, decreases, ensures, forall, invariant, lemma, opaque, pure, requires, reveal


@pure
@opaque
def key_of(keys: tuple[bytes, ...], sequence: int) -> bytes:
    """Return the key of the frame with a number: keys take turns."""
    requires(len(keys) > 0, sequence >= 1)
    return keys[(sequence - 1) % len(keys)]


# = encrypt.md#construct-a-frame
# | Sequence Number: MUST be the sequence number of this frame, as determined above.
# = encrypt.md#construct-a-frame
# | IV: MUST be the IV used when calculating the encrypted content above
# = encrypt.md#construct-a-frame
# | Encrypted Content: MUST be the encrypted content calculated above.
# = encrypt.md#construct-a-frame
# | Authentication Tag: MUST be the authentication tag output when calculating the encrypted content above.
@pure
@opaque
def seal_frame(keys: tuple[bytes, ...], message_id: bytes, part: bytes, sequence: int, final: bool) -> Frame:
    """Return the frame that holds a part."""
    requires(len(keys) > 0, len(message_id) <= 32, 1 <= sequence <= LONGEST, len(part) <= AT_ONCE)
    ensures(lambda r: r.sequence == sequence and r.final == final and r.iv == iv_of(sequence))
    ensures(lambda r: len(r.content) == len(part) and len(r.tag) == TAG_LENGTH)
    iv = iv_of(sequence)
    done = seal(key_of(keys, sequence), iv, body_aad(message_id, sequence, len(part), final), part)
    return Frame(sequence, iv, done[0], done[1], final)


# = decrypt.md#decrypt-the-message-body
# | If this decryption fails, this operation MUST immediately halt and fail.
# = decrypt.md#decrypt-the-message-body
# | The IV is the sequence number used in the message body AAD above, padded to the IV length with 0.
@pure
@opaque
def open_frame(keys: tuple[bytes, ...], message_id: bytes, frame: Frame) -> bytes | None:
    """Return the part that a frame holds; None if it was not sealed for this place in this message."""
    requires(len(keys) > 0, len(message_id) <= 32)
    if not 1 <= frame.sequence <= LONGEST or len(frame.content) > AT_ONCE or len(frame.tag) != TAG_LENGTH:
        return None
    iv = iv_of(frame.sequence)
    if frame.iv != iv:
        return None
    aad = body_aad(message_id, frame.sequence, len(frame.content), frame.final)
    return unseal(key_of(keys, frame.sequence), iv, aad, frame.content, frame.tag)


@lemma
def frame_is_opened(keys: tuple[bytes, ...], message_id: bytes, part: bytes, sequence: int, final: bool) -> None:
    """A sealed part is opened."""
    requires(len(keys) > 0, len(message_id) <= 32, 1 <= sequence <= LONGEST, len(part) <= AT_ONCE)
    ensures(open_frame(keys, message_id, seal_frame(keys, message_id, part, sequence, final)) == part)
    reveal(seal_frame)
    reveal(open_frame)


@pure
def short(parts: tuple[bytes, ...]) -> bool:
    """Whether the cipher takes each part at once."""
    decreases(len(parts))
    return len(parts) == 0 or (len(parts[0]) <= AT_ONCE and short(parts[1:]))


@pure
def sealed(keys: tuple[bytes, ...], message_id: bytes, parts: tuple[bytes, ...], first: int) -> tuple[Frame, ...]:
    """Return parts as frames, numbered from `first`; the last is final."""
    requires(len(keys) > 0, len(message_id) <= 32, first >= 1, first + len(parts) - 1 <= LONGEST, short(parts))
    decreases(len(parts))
    if len(parts) == 0:
        return ()
    head = seal_frame(keys, message_id, parts[0], first, len(parts) == 1)
    return (head, *sealed(keys, message_id, parts[1:], first + 1))


@pure
def opened(keys: tuple[bytes, ...], message_id: bytes, frames: tuple[Frame, ...]) -> tuple[bytes, ...] | None:
    """Return the parts that frames hold; None if one of them does not open."""
    requires(len(keys) > 0, len(message_id) <= 32)
    decreases(len(frames))
    if len(frames) == 0:
        return ()
    head = open_frame(keys, message_id, frames[0])
    if head is None:
        return None
    more = opened(keys, message_id, frames[1:])
    if more is None:
        return None
    return (head, *more)


# = encrypt.md#construct-a-frame
# | If this is the first frame sequentially, this value MUST be 1. Otherwise, this value MUST be 1 greater than the value of the sequence number of the previous frame.
def seal_all(keys: tuple[bytes, ...], message_id: bytes, parts: tuple[bytes, ...]) -> tuple[Frame, ...]:
    """Return parts as frames, as `sealed` does, for any number of them."""
    requires(len(keys) > 0, len(message_id) <= 32, len(parts) <= LONGEST)
    requires(forall(range(len(parts)), lambda i: len(parts[i]) <= AT_ONCE))
    ensures(lambda r: r == sealed(keys, message_id, parts, 1))
    each_is_short(parts)
    frames: tuple[Frame, ...] = ()
    for i in range(len(parts)):
        invariant(short(parts[i:]))
        invariant(frames + sealed(keys, message_id, parts[i:], i + 1) == sealed(keys, message_id, parts, 1))
        frames = (*frames, seal_frame(keys, message_id, parts[i], i + 1, i + 1 == len(parts)))
    return frames


def open_all(keys: tuple[bytes, ...], message_id: bytes, frames: tuple[Frame, ...]) -> tuple[bytes, ...] | None:
    """Return the parts that frames hold, as `opened` does, for any number of them."""
    requires(len(keys) > 0, len(message_id) <= 32)
    ensures(lambda r: r == opened(keys, message_id, frames))
    parts: tuple[bytes, ...] = ()
    for i in range(len(frames)):
        invariant(goes_on(opened(keys, message_id, frames), parts, opened(keys, message_id, frames[i:])))
        part = open_frame(keys, message_id, frames[i])
        if part is None:
            return None
        parts = (*parts, part)
    return parts


@pure
def goes_on(whole: tuple[bytes, ...] | None, done: tuple[bytes, ...], left: tuple[bytes, ...] | None) -> bool:
    """Whether the whole is what is done and then what is left."""
    if left is None:
        return whole is None
    return whole == done + left


@lemma
def sealed_is_opened(keys: tuple[bytes, ...], message_id: bytes, parts: tuple[bytes, ...], first: int) -> None:
    """Frames are opened with the keys, and in the order, in which they were sealed."""
    requires(len(keys) > 0, len(message_id) <= 32, first >= 1, first + len(parts) - 1 <= LONGEST, short(parts))
    ensures(opened(keys, message_id, sealed(keys, message_id, parts, first)) == parts)
    decreases(len(parts))
    if len(parts) > 0:
        check((parts[0], *parts[1:]) == parts)
        frames = sealed(keys, message_id, parts, first)
        check(frames[0] == seal_frame(keys, message_id, parts[0], first, len(parts) == 1))
        check(frames[1:] == sealed(keys, message_id, parts[1:], first + 1))
        frame_is_opened(keys, message_id, parts[0], first, len(parts) == 1)
        sealed_is_opened(keys, message_id, parts[1:], first + 1)


@lemma
def sealed_is_complete(
    keys: tuple[bytes, ...], message_id: bytes, parts: tuple[bytes, ...], frame_length: int, first: int
) -> None:
    """Parts that fit make a whole body."""
    requires(len(keys) > 0, len(message_id) <= 32, first >= 1, first + len(parts) - 1 <= LONGEST, short(parts))
    requires(0 < frame_length <= LONGEST, fits(parts, frame_length))
    ensures(complete(sealed(keys, message_id, parts, first), frame_length, first))
    decreases(len(parts))
    reveal(well_formed)
    if len(parts) > 1:
        sealed_is_complete(keys, message_id, parts[1:], frame_length, first + 1)


@lemma
def fitting_is_short(parts: tuple[bytes, ...], size: int) -> None:
    """Parts that fit into frames are short enough if the frames are."""
    requires(0 < size <= AT_ONCE, fits(parts, size))
    ensures(short(parts), forall(range(len(parts)), lambda i: len(parts[i]) <= AT_ONCE))
    decreases(len(parts))
    if len(parts) > 1:
        fitting_is_short(parts[1:], size)


@lemma
def each_is_short(parts: tuple[bytes, ...]) -> None:
    """The cipher takes all parts if it takes each."""
    requires(forall(range(len(parts)), lambda i: len(parts[i]) <= AT_ONCE))
    ensures(short(parts))
    decreases(len(parts))
    if len(parts) > 0:
        each_is_short(parts[1:])


@lemma
def keys_take_turns(keys: tuple[bytes, ...], sequence: int) -> None:
    """After each key has been used once, the first is used again."""
    requires(len(keys) > 0, sequence >= 1)
    ensures(key_of(keys, sequence + len(keys)) == key_of(keys, sequence))
    reveal(key_of)
