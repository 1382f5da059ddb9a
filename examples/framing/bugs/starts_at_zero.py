"""Seeded bug: the first frame has the number 0."""

from __future__ import annotations

from framing.frames import Frame

from probatum.spec import ensures, forall, requires


def numbered(parts: tuple[bytes, ...], frame_length: int) -> tuple[Frame, ...]:
    """Return parts as frames that are not sealed."""
    requires(0 < frame_length <= 4294967295, 0 < len(parts) <= 4294967295)
    requires(all(len(part) == frame_length for part in parts))
    ensures(lambda r: len(r) == len(parts) and forall(range(len(r)), lambda i: r[i].sequence == i + 1))
    frames: tuple[Frame, ...] = ()
    for i in range(len(parts)):
        frames = (*frames, Frame(i, bytes(12), parts[i], bytes(16), i + 1 == len(parts)))
    return frames
