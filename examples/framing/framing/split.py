"""Cutting plaintext into the parts that frames hold, and putting it together again."""

from __future__ import annotations

from probatum.spec import decreases, ensures, invariant, lemma, pure, requires


@pure
def cut(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes: each but the last has the size, the last is not longer; there is always one.

    Where the length is a multiple of the size, the last part is full.
    """
    requires(size > 0)
    ensures(lambda r: len(r) == count(len(data), size))
    if len(data) <= size:
        return (data,)
    return (data[:size], *cut(data[size:], size))


@pure
def count(length: int, size: int) -> int:
    """Return how many parts there are of so many bytes."""
    requires(length >= 0, size > 0)
    ensures(lambda r: r >= 1)
    if length <= size:
        return 1
    return 1 + count(length - size, size)


@pure
def joined(parts: tuple[bytes, ...]) -> bytes:
    """Return what parts are parts of."""
    decreases(len(parts))
    if len(parts) == 0:
        return b""
    return parts[0] + joined(parts[1:])


# = message-body.md#final-frame
# | When the length of the Plaintext is an exact multiple of the Frame Length (including if it is equal to the frame length), the Final Frame encrypted content length SHOULD be equal to the frame length but MAY be 0.
def split(data: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of bytes, as `cut` does, for any number of them."""
    requires(size > 0)
    ensures(lambda r: r == cut(data, size))
    parts: tuple[bytes, ...] = ()
    rest = data
    while len(rest) > size:
        invariant(parts + cut(rest, size) == cut(data, size))
        parts = (*parts, rest[:size])
        rest = rest[size:]
    return (*parts, rest)


def reassemble(parts: tuple[bytes, ...]) -> bytes:
    """Return what parts are parts of, as `joined` does, for any number of them."""
    ensures(lambda r: r == joined(parts))
    whole = b""
    for i in range(len(parts)):
        invariant(whole + joined(parts[i:]) == joined(parts))
        whole = whole + parts[i]
    return whole


@lemma
def nothing_is_lost(data: bytes, size: int) -> None:
    """What was cut and joined is what it was."""
    requires(size > 0)
    ensures(joined(cut(data, size)) == data)
    if len(data) > size:
        nothing_is_lost(data[size:], size)


@pure
def fits(parts: tuple[bytes, ...], size: int) -> bool:
    """Whether there is a part, each but the last has the size, and the last is not longer."""
    decreases(len(parts))
    if len(parts) == 0:
        return False
    if len(parts) == 1:
        return len(parts[0]) <= size
    return len(parts[0]) == size and fits(parts[1:], size)


@lemma
def parts_fit(data: bytes, size: int) -> None:
    """The parts have the lengths that frames need."""
    requires(size > 0)
    ensures(fits(cut(data, size), size))
    if len(data) > size:
        parts_fit(data[size:], size)


@lemma
def as_many_as_needed(length: int, size: int) -> None:
    """There are as many parts as bytes need, and no more: the quotient, rounded up."""
    requires(length > 0, size > 0)
    ensures((count(length, size) - 1) * size < length <= count(length, size) * size)
    if length > size:
        as_many_as_needed(length - size, size)


@lemma
def not_too_many(length: int, size: int, limit: int) -> None:
    """So many bytes as a number of parts hold are cut into no more parts than that."""
    requires(0 <= length <= limit * size, size > 0, limit > 0)
    ensures(count(length, size) <= limit)
    if length > size:
        not_too_many(length - size, size, limit - 1)
