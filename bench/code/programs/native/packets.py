"""Data split into packets and joined again."""

from probatum.spec import decreases, ensures, forall, invariant, pure, requires


@pure
def joined(packets: tuple[bytes, ...]) -> bytes:
    decreases(len(packets))
    return b"" if len(packets) == 0 else joined(packets[:-1]) + packets[-1]


def split(data: bytes, size: int) -> list[bytes]:
    requires(size > 0)
    ensures(lambda r: joined(tuple(r)) == data)
    ensures(lambda r: forall(range(len(r)), lambda k: 0 < len(r[k]) <= size))
    packets: list[bytes] = []
    at = 0
    while at < len(data):
        invariant(at >= 0, joined(tuple(packets)) == data[:at])
        invariant(forall(range(len(packets)), lambda k: 0 < len(packets[k]) <= size))
        decreases(len(data) - at)
        packets.append(data[at : at + size])
        at += size
    return packets


def join(packets: list[bytes]) -> bytes:
    ensures(lambda r: r == joined(tuple(packets)))
    data = b""
    i = 0
    while i < len(packets):
        invariant(0 <= i <= len(packets), data == joined(tuple(packets[:i])))
        decreases(len(packets) - i)
        data += packets[i]
        i += 1
    return data


def roundtrip(data: bytes, size: int) -> bytes:
    requires(size > 0)
    ensures(lambda r: r == data)
    return join(split(data, size))
