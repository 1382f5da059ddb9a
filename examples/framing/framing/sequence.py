"""All frames of a body, in their order; everything else is rejected.

A body starts with frame 1, each frame is numbered one higher than the one
before it, the last is final and no other is. Reading stops after it; what
follows is left.
"""

from __future__ import annotations

from framing.frames import (
    LONGEST,
    Frame,
    cut_frame_is_not_taken,
    encodable,
    encode_frame,
    frame_is_taken,
    take_frame,
    taken_frame,
    well_formed,
)
from framing.wire import ParseError
from probatum.spec import check, decreases, ensures, forall, implies, invariant, lemma, pure, raises, requires


# = message-body.md#sequence-number
# | Framed Data MUST start at Sequence Number 1.
# = message-body.md#sequence-number
# | Subsequent frames MUST be in order and MUST contain an increment of 1 from the previous frame.
# = message-body.md#final-frame
# | Framed data MUST contain exactly one final frame.
# = message-body.md#final-frame
# | The final frame MUST be the last frame.
@pure
def complete(frames: tuple[Frame, ...], frame_length: int, first: int) -> bool:
    """Whether frames are a whole body, or the end of one that goes on with the number `first`."""
    ensures(lambda r: implies(r, writable(frames)))
    decreases(len(frames))
    if len(frames) == 0:
        return False
    head = frames[0]
    if not well_formed(head, frame_length) or head.sequence != first:
        return False
    if head.final:
        return len(frames) == 1
    return complete(frames[1:], frame_length, first + 1)


@pure
def writable(frames: tuple[Frame, ...]) -> bool:
    """Whether frames can be encoded, whatever their order."""
    decreases(len(frames))
    return len(frames) == 0 or (encodable(frames[0]) and writable(frames[1:]))


@pure
def serialised(frames: tuple[Frame, ...]) -> bytes:
    """Return the bytes of frames."""
    requires(writable(frames))
    decreases(len(frames))
    if len(frames) == 0:
        return b""
    return encode_frame(frames[0]) + serialised(frames[1:])


@pure
def body(data: bytes, frame_length: int, first: int) -> tuple[tuple[Frame, ...], bytes] | None:
    """Return the frames at the start of bytes, and what follows them; None if they are no whole body."""
    requires(0 < frame_length <= LONGEST)
    decreases(len(data))
    taken = take_frame(data, frame_length)
    if taken is None:
        return None
    frame = taken[0]
    if frame.sequence != first:
        return None
    if frame.final:
        return (frame,), taken[1]
    more = body(taken[1], frame_length, first + 1)
    if more is None:
        return None
    return (frame, *more[0]), more[1]


def serialise(frames: tuple[Frame, ...]) -> bytes:
    """Return the bytes of frames, as `serialised` does, for any number of them."""
    requires(forall(range(len(frames)), lambda i: encodable(frames[i])))
    ensures(lambda r: r == serialised(frames))
    each_is_writable(frames)
    data = b""
    for i in range(len(frames)):
        invariant(writable(frames[i:]))
        invariant(data + serialised(frames[i:]) == serialised(frames))
        data = data + encode_frame(frames[i])
    return data


def parse(data: bytes, frame_length: int) -> tuple[tuple[Frame, ...], bytes]:
    """Return the frames at the start of bytes, and what follows them, as `body` does, for any number of them.

    Raises
    ------
    ParseError
        If there is no whole body.
    """
    requires(0 < frame_length <= LONGEST)
    ensures(lambda r: r == body(data, frame_length, 1))
    raises(ParseError, when=body(data, frame_length, 1) is None)
    frames: tuple[Frame, ...] = ()
    rest = data
    while True:
        invariant(extends(body(data, frame_length, 1), frames, body(rest, frame_length, len(frames) + 1)))
        decreases(len(rest))
        taken = take_frame(rest, frame_length)
        if taken is None:
            raise ParseError(f"frame {len(frames) + 1} is not there, or not whole")
        frame, rest = taken
        if frame.sequence != len(frames) + 1:
            raise ParseError(f"frame {len(frames) + 1} is expected, and it is frame {frame.sequence}")
        frames = (*frames, frame)
        if frame.final:
            return frames, rest


@pure
def extends(
    whole: tuple[tuple[Frame, ...], bytes] | None, done: tuple[Frame, ...], left: tuple[tuple[Frame, ...], bytes] | None
) -> bool:
    """Whether one reading is what is done and then what is left to read."""
    if left is None:
        return whole is None
    return whole == (done + left[0], left[1])


# The round trip: serialising and parsing undo one another.


@lemma
def body_is_taken(frames: tuple[Frame, ...], tail: bytes, frame_length: int, first: int) -> None:
    """A body is read back, whatever follows it, and what follows is left."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, first))
    ensures(body(serialised(frames) + tail, frame_length, first) == (frames, tail))
    decreases(len(frames))
    more = frames[1:]
    frame_is_taken(frames[0], serialised(more) + tail, frame_length)
    check((frames[0], *more) == frames)
    if not frames[0].final:
        body_is_taken(more, tail, frame_length, first + 1)


@pure
def is_body(data: bytes, frame_length: int, first: int) -> bool:
    """Whether what is read as a body is one, and nothing is lost."""
    requires(0 < frame_length <= LONGEST)
    taken = body(data, frame_length, first)
    if taken is None:
        return False
    frames = taken[0]
    return complete(frames, frame_length, first) and serialised(frames) + taken[1] == data


@lemma
def taken_body(data: bytes, frame_length: int, first: int) -> None:
    """What was read as a body is one, and nothing is lost."""
    requires(0 < frame_length <= LONGEST, body(data, frame_length, first) is not None)
    ensures(is_body(data, frame_length, first))
    decreases(len(data))
    taken_frame(data, frame_length)
    taken = take_frame(data, frame_length)
    if taken is not None and not taken[0].final:
        taken_body(taken[1], frame_length, first + 1)


@lemma
def one_reading(frames: tuple[Frame, ...], tail: bytes, others: tuple[Frame, ...], other_tail: bytes, frame_length: int) -> None:
    """The same bytes are never two bodies: no body is the start of another."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, 1), complete(others, frame_length, 1))
    requires(serialised(frames) + tail == serialised(others) + other_tail)
    ensures(frames == others, tail == other_tail)
    body_is_taken(frames, tail, frame_length, 1)
    body_is_taken(others, other_tail, frame_length, 1)


# What is rejected.


# = message-body.md#sequence-number-1
# | The Final Frame Sequence number MUST be equal to the total number of frames in the Framed Data.
@lemma
def numbered(frames: tuple[Frame, ...], frame_length: int, first: int) -> None:
    """The frames of a body are numbered one after the other, and the last, and no other, is final."""
    requires(complete(frames, frame_length, first))
    ensures(len(frames) > 0)
    ensures(forall(range(len(frames)), lambda i: frames[i].sequence == first + i))
    ensures(forall(range(len(frames)), lambda i: frames[i].final == (i == len(frames) - 1)))
    ensures(forall(range(len(frames)), lambda i: well_formed(frames[i], frame_length)))
    decreases(len(frames))
    if not frames[0].final:
        numbered(frames[1:], frame_length, first + 1)


# = decrypt.md#decrypt-the-message-body
# | If this is framed data and the first frame sequentially, this value MUST be 1. Otherwise, this value MUST be 1 greater than the value of the sequence number of the previous frame.
@lemma
def wrong_number(frames: tuple[Frame, ...], tail: bytes, frame_length: int, first: int, k: int) -> None:
    """Where the first frame that is out of order comes before the end, there is no body."""
    requires(0 < frame_length <= LONGEST, writable(frames), 0 <= k < len(frames))
    requires(forall(range(len(frames)), lambda i: well_formed(frames[i], frame_length)))
    requires(forall(range(k), lambda i: not frames[i].final))
    requires(frames[k].sequence != first + k)
    ensures(body(serialised(frames) + tail, frame_length, first) is None)
    decreases(k)
    more = frames[1:]
    frame_is_taken(frames[0], serialised(more) + tail, frame_length)
    if k == 0:
        check(frames[0].sequence != first)
    else:
        wrong_number(more, tail, frame_length, first + 1, k - 1)


@lemma
def never_final(frames: tuple[Frame, ...], frame_length: int, first: int) -> None:
    """Without a final frame, there is no body: nobody can cut it between two frames."""
    requires(0 < frame_length <= LONGEST, writable(frames))
    requires(forall(range(len(frames)), lambda i: well_formed(frames[i], frame_length)))
    requires(forall(range(len(frames)), lambda i: not frames[i].final))
    ensures(body(serialised(frames), frame_length, first) is None)
    decreases(len(frames))
    if len(frames) > 0:
        frame_is_taken(frames[0], serialised(frames[1:]), frame_length)
        never_final(frames[1:], frame_length, first + 1)


@lemma
def truncated(frames: tuple[Frame, ...], size: int, frame_length: int, first: int) -> None:
    """A body that ends anywhere before its end is rejected."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, first), 0 <= size < len(serialised(frames)))
    ensures(body(serialised(frames)[:size], frame_length, first) is None)
    decreases(len(frames))
    more = frames[1:]
    start = len(encode_frame(frames[0]))
    if size < start:
        cut_frame_is_not_taken(frames[0], size, frame_length)
    else:
        frame_is_taken(frames[0], serialised(more)[: size - start], frame_length)
        if not frames[0].final:
            truncated(more, size - start, frame_length, first + 1)


@pure
def swapped(frames: tuple[Frame, ...], i: int, j: int) -> tuple[Frame, ...]:
    """Return frames in which two have changed places."""
    requires(0 <= i < j < len(frames))
    return (*frames[:i], frames[j], *frames[i + 1 : j], frames[i], *frames[j + 1 :])


@lemma
def reordered(frames: tuple[Frame, ...], i: int, j: int, tail: bytes, frame_length: int) -> None:
    """Frames that have changed places are rejected."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, 1), 0 <= i < j < len(frames))
    ensures(body(serialised(swapped(frames, i, j)) + tail, frame_length, 1) is None)
    numbered(frames, frame_length, 1)
    others = swapped(frames, i, j)
    all_writable(others, frame_length)
    wrong_number(others, tail, frame_length, 1, i)


@lemma
def duplicated(frames: tuple[Frame, ...], i: int, j: int, tail: bytes, frame_length: int) -> None:
    """A frame that comes once more, anywhere before the end, is rejected."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, 1), 0 <= i < len(frames), 0 <= j < len(frames))
    requires(i != j or i < len(frames) - 1)  # after the last frame, it is what follows the body
    ensures(body(serialised((*frames[:j], frames[i], *frames[j:])) + tail, frame_length, 1) is None)
    numbered(frames, frame_length, 1)
    others = (*frames[:j], frames[i], *frames[j:])
    all_writable(others, frame_length)
    if i == j:
        check(others[j + 1].sequence == j + 1)
        wrong_number(others, tail, frame_length, 1, j + 1)
    else:
        wrong_number(others, tail, frame_length, 1, j)


@lemma
def lost(frames: tuple[Frame, ...], i: int, tail: bytes, frame_length: int) -> None:
    """A body without one of the frames before the last is rejected."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, 1), 0 <= i < len(frames) - 1)
    ensures(body(serialised(frames[:i] + frames[i + 1 :]) + tail, frame_length, 1) is None)
    numbered(frames, frame_length, 1)
    others = frames[:i] + frames[i + 1 :]
    all_writable(others, frame_length)
    wrong_number(others, tail, frame_length, 1, i)


@lemma
def lost_end(frames: tuple[Frame, ...], size: int, frame_length: int) -> None:
    """A body without its last frames is rejected."""
    requires(0 < frame_length <= LONGEST, complete(frames, frame_length, 1), 0 <= size < len(frames))
    ensures(body(serialised(frames[:size]), frame_length, 1) is None)
    numbered(frames, frame_length, 1)
    all_writable(frames[:size], frame_length)
    never_final(frames[:size], frame_length, 1)


@lemma
def each_is_writable(frames: tuple[Frame, ...]) -> None:
    """Frames can be encoded if each of them can."""
    requires(forall(range(len(frames)), lambda i: encodable(frames[i])))
    ensures(writable(frames))
    decreases(len(frames))
    if len(frames) > 0:
        each_is_writable(frames[1:])


@lemma
def all_writable(frames: tuple[Frame, ...], frame_length: int) -> None:
    """What is well formed can be encoded."""
    requires(forall(range(len(frames)), lambda i: well_formed(frames[i], frame_length)))
    ensures(writable(frames))
    decreases(len(frames))
    if len(frames) > 0:
        all_writable(frames[1:], frame_length)
