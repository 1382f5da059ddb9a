"""Seeded bug: a body that ends before its final frame is accepted."""

from __future__ import annotations

from framing.frames import Frame, take_frame
from framing.sequence import body, extends

from probatum.spec import decreases, ensures, invariant, requires


def parse(data: bytes, frame_length: int) -> tuple[Frame, ...] | None:
    """Return the frames of a body; None if there is none."""
    requires(0 < frame_length <= 4294967295)
    ensures(lambda r: (r is None) == (body(data, frame_length, 1) is None))
    frames: tuple[Frame, ...] = ()
    rest = data
    while len(rest) > 0:
        invariant(extends(body(data, frame_length, 1), frames, body(rest, frame_length, len(frames) + 1)))
        decreases(len(rest))
        taken = take_frame(rest, frame_length)
        if taken is None:
            return None
        frame, rest = taken
        if frame.sequence != len(frames) + 1:
            return None
        frames = (*frames, frame)
        if frame.final:
            return frames
    return frames
