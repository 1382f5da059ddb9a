"""Data split into packets and joined again, over mathematical sequences, which is what Nagini 1.2.0 can prove of them."""

from nagini_contracts.contracts import Assert, Ensures, Invariant, PSeq, Pure, Requires, Result
from nagini_contracts.obligations import MustTerminate


@Pure
def joined(packets: PSeq[PSeq[int]], none: PSeq[int]) -> PSeq[int]:
    Requires(len(none) == 0)
    return none if len(packets) == 0 else joined(packets.take(len(packets) - 1), none) + packets[len(packets) - 1]


def split(data: PSeq[int], size: int, none: PSeq[int], packets: PSeq[PSeq[int]]) -> PSeq[PSeq[int]]:
    Requires(MustTerminate(2))
    Requires(size > 0 and len(none) == 0 and len(packets) == 0)
    Ensures(joined(Result(), none) == data)
    at = 0
    while at < len(data):
        Invariant(MustTerminate(len(data) - at))
        Invariant(at >= 0 and len(none) == 0 and at <= len(data))
        Invariant(joined(packets, none) == data.take(at))
        last = at + size if at + size <= len(data) else len(data)
        packet = data.take(last).drop(at)
        longer = packets + PSeq(packet)
        Assert(longer.take(len(longer) - 1) == packets)
        Assert(longer[len(longer) - 1] == packet)
        Assert(data.take(at) + packet == data.take(last))
        packets = longer
        at = last
    Assert(data.take(len(data)) == data)
    return packets


def join(packets: PSeq[PSeq[int]], none: PSeq[int]) -> PSeq[int]:
    Requires(MustTerminate(2))
    Requires(len(none) == 0)
    Ensures(Result() == joined(packets, none))
    data = none
    i = 0
    while i < len(packets):
        Invariant(MustTerminate(len(packets) - i))
        Invariant(0 <= i and i <= len(packets) and len(none) == 0)
        Invariant(data == joined(packets.take(i), none))
        Assert(packets.take(i + 1).take(i) == packets.take(i))
        data = data + packets[i]
        i += 1
    Assert(packets.take(len(packets)) == packets)
    return data


def roundtrip(data: PSeq[int], size: int, none: PSeq[int], packets: PSeq[PSeq[int]]) -> PSeq[int]:
    Requires(MustTerminate(3))
    Requires(size > 0 and len(none) == 0 and len(packets) == 0)
    Ensures(Result() == data)
    return join(split(data, size, none, packets), none)
