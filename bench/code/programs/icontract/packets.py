"""Data split into packets and joined again."""

import icontract


@icontract.require(lambda size: size > 0)
@icontract.ensure(lambda data, result: b"".join(result) == data)
@icontract.ensure(lambda size, result: all(0 < len(packet) <= size for packet in result))
def split(data: bytes, size: int) -> list[bytes]:
    packets: list[bytes] = []
    at = 0
    while at < len(data):
        packets.append(data[at : at + size])
        at += size
    return packets


@icontract.ensure(lambda packets, result: result == b"".join(packets))
def join(packets: list[bytes]) -> bytes:
    data = b""
    i = 0
    while i < len(packets):
        data += packets[i]
        i += 1
    return data


@icontract.require(lambda size: size > 0)
@icontract.ensure(lambda data, result: result == data)
def roundtrip(data: bytes, size: int) -> bytes:
    return join(split(data, size))
