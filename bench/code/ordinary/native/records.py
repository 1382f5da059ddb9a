"""Records of a type, a length and a value."""
# twin: `if len(data) < 3 + length:` becomes `if len(data) < 2 + length:`; then `parse_record` is wrong

from dataclasses import dataclass

from probatum.spec import ensures, raises, requires


class ParseError(ValueError):
    pass


@dataclass(frozen=True)
class Record:
    kind: int
    value: bytes


def encode_record(record: Record) -> bytes:
    requires(0 <= record.kind < 256, len(record.value) < 65536)
    ensures(lambda r: len(r) == 3 + len(record.value))
    return bytes([record.kind]) + len(record.value).to_bytes(2, "big") + record.value


def parse_record(data: bytes) -> tuple[Record, bytes]:
    raises(ParseError)
    ensures(lambda r: len(r[0].value) + len(r[1]) + 3 == len(data))
    ensures(lambda r: encode_record(r[0]) + r[1] == data)
    if len(data) < 3:
        raise ParseError("truncated header")
    kind = data[0]
    length = int.from_bytes(data[1:3], "big")
    if len(data) < 3 + length:
        raise ParseError("truncated value")
    return Record(kind, data[3 : 3 + length]), data[3 + length :]


def round_trip(record: Record, rest: bytes) -> tuple[Record, bytes]:
    requires(0 <= record.kind < 256, len(record.value) < 65536)
    ensures(lambda r: r == (record, rest))
    return parse_record(encode_record(record) + rest)
