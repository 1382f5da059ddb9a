"""The header of a message: which suite, which message, what it is about, which encrypted data keys, how long frames are."""

from __future__ import annotations

from dataclasses import dataclass

from framing.frames import LONGEST
from framing.wire import (
    decode_u16,
    decode_u32,
    decoded_u16,
    decoded_u32,
    encode_field,
    encode_u16,
    encode_u32,
    field_is_taken,
    take_field,
)
from probatum.spec import check, decreases, ensures, lemma, opaque, pure, requires, reveal

NON_FRAMED = 1
FRAMED = 2


@dataclass(frozen=True)
class Pair:
    """A key and a value of the encryption context."""

    key: bytes
    value: bytes


@dataclass(frozen=True)
class DataKey:
    """A data key, encrypted by a key provider."""

    provider: bytes
    information: bytes
    encrypted: bytes


# Fields.


@pure
def encodable_pair(pair: Pair) -> bool:
    """Whether the lengths of a pair fit into two bytes each."""
    return len(pair.key) < 65536 and len(pair.value) < 65536


@pure
@opaque
def encode_pair(pair: Pair) -> bytes:
    """Return the bytes of a pair."""
    requires(encodable_pair(pair))
    return encode_field(pair.key) + encode_field(pair.value)


@pure
@opaque
def take_pair(data: bytes) -> tuple[Pair, bytes] | None:
    """Return the pair at the start of bytes, and what follows it; None if there is none."""
    key = take_field(data)
    if key is None:
        return None
    value = take_field(key[1])
    if value is None:
        return None
    return Pair(key[0], value[0]), value[1]


@lemma
def pair_is_taken(pair: Pair, rest: bytes) -> None:
    """A pair is read back, whatever follows it."""
    requires(encodable_pair(pair))
    ensures(take_pair(encode_pair(pair) + rest) == (pair, rest))
    reveal(encode_pair)
    reveal(take_pair)
    value = encode_field(pair.value)
    check(encode_pair(pair) + rest == encode_field(pair.key) + (value + rest))
    field_is_taken(pair.key, value + rest)
    field_is_taken(pair.value, rest)


@pure
def encodable_data_key(key: DataKey) -> bool:
    """Whether the lengths of an entry fit into two bytes each."""
    return len(key.provider) < 65536 and len(key.information) < 65536 and len(key.encrypted) < 65536


@pure
@opaque
def encode_data_key(key: DataKey) -> bytes:
    """Return the bytes of an entry."""
    requires(encodable_data_key(key))
    return encode_field(key.provider) + (encode_field(key.information) + encode_field(key.encrypted))


@pure
@opaque
def take_data_key(data: bytes) -> tuple[DataKey, bytes] | None:
    """Return the entry at the start of bytes, and what follows it; None if there is none."""
    provider = take_field(data)
    if provider is None:
        return None
    information = take_field(provider[1])
    if information is None:
        return None
    encrypted = take_field(information[1])
    if encrypted is None:
        return None
    return DataKey(provider[0], information[0], encrypted[0]), encrypted[1]


@lemma
def data_key_is_taken(key: DataKey, rest: bytes) -> None:
    """An entry is read back, whatever follows it."""
    requires(encodable_data_key(key))
    ensures(take_data_key(encode_data_key(key) + rest) == (key, rest))
    reveal(encode_data_key)
    reveal(take_data_key)
    information = encode_field(key.information)
    encrypted = encode_field(key.encrypted)
    check(encode_data_key(key) + rest == encode_field(key.provider) + (information + (encrypted + rest)))
    field_is_taken(key.provider, information + (encrypted + rest))
    field_is_taken(key.information, encrypted + rest)
    field_is_taken(key.encrypted, rest)


# Lists of them.


@pure
def encodable_pairs(pairs: tuple[Pair, ...]) -> bool:
    """Whether each pair can be encoded."""
    decreases(len(pairs))
    return len(pairs) == 0 or (encodable_pair(pairs[0]) and encodable_pairs(pairs[1:]))


@pure
def encode_pairs(pairs: tuple[Pair, ...]) -> bytes:
    """Return the bytes of pairs, without their number."""
    requires(encodable_pairs(pairs))
    decreases(len(pairs))
    if len(pairs) == 0:
        return b""
    return encode_pair(pairs[0]) + encode_pairs(pairs[1:])


@pure
def take_pairs(data: bytes, count: int) -> tuple[tuple[Pair, ...], bytes] | None:
    """Return so many pairs at the start of bytes, and what follows them; None if there are fewer."""
    requires(count >= 0)
    decreases(count)
    if count == 0:
        return (), data
    head = take_pair(data)
    if head is None:
        return None
    more = take_pairs(head[1], count - 1)
    if more is None:
        return None
    return (head[0], *more[0]), more[1]


@lemma
def pairs_are_taken(pairs: tuple[Pair, ...], rest: bytes) -> None:
    """Pairs are read back, whatever follows them."""
    requires(encodable_pairs(pairs))
    ensures(take_pairs(encode_pairs(pairs) + rest, len(pairs)) == (pairs, rest))
    decreases(len(pairs))
    if len(pairs) > 0:
        more = pairs[1:]
        check((pairs[0], *more) == pairs)
        pair_is_taken(pairs[0], encode_pairs(more) + rest)
        pairs_are_taken(more, rest)


@pure
def encodable_data_keys(keys: tuple[DataKey, ...]) -> bool:
    """Whether each entry can be encoded."""
    decreases(len(keys))
    return len(keys) == 0 or (encodable_data_key(keys[0]) and encodable_data_keys(keys[1:]))


@pure
def encode_data_keys(keys: tuple[DataKey, ...]) -> bytes:
    """Return the bytes of entries, without their number."""
    requires(encodable_data_keys(keys))
    decreases(len(keys))
    if len(keys) == 0:
        return b""
    return encode_data_key(keys[0]) + encode_data_keys(keys[1:])


@pure
def take_data_keys(data: bytes, count: int) -> tuple[tuple[DataKey, ...], bytes] | None:
    """Return so many entries at the start of bytes, and what follows them; None if there are fewer."""
    requires(count >= 0)
    decreases(count)
    if count == 0:
        return (), data
    head = take_data_key(data)
    if head is None:
        return None
    more = take_data_keys(head[1], count - 1)
    if more is None:
        return None
    return (head[0], *more[0]), more[1]


@lemma
def data_keys_are_taken(keys: tuple[DataKey, ...], rest: bytes) -> None:
    """Entries are read back, whatever follows them."""
    requires(encodable_data_keys(keys))
    ensures(take_data_keys(encode_data_keys(keys) + rest, len(keys)) == (keys, rest))
    decreases(len(keys))
    if len(keys) > 0:
        more = keys[1:]
        check((keys[0], *more) == keys)
        data_key_is_taken(keys[0], encode_data_keys(more) + rest)
        data_keys_are_taken(more, rest)


# = message-header.md#key-value-pairs-length
# | When the encryption context is empty, the value of this field MUST be 0.
# = message-header.md#key-value-pairs
# | When the encryption context is empty, this field MUST NOT be included in the AAD.
@pure
@opaque
def encode_context(pairs: tuple[Pair, ...]) -> bytes:
    """Return the encryption context as a field: the number of pairs and the pairs; nothing if there are none."""
    requires(encodable_context(pairs))
    if len(pairs) == 0:
        return encode_field(b"")
    return encode_field(encode_u16(len(pairs)) + encode_pairs(pairs))


@pure
def encodable_context(pairs: tuple[Pair, ...]) -> bool:
    """Whether the lengths and the number of pairs fit into two bytes each."""
    return encodable_pairs(pairs) and len(pairs) < 65536 and len(encode_pairs(pairs)) < 65534


# = structures.md#key-value-pair-count
# | The value of this field MUST be greater than 0.
@pure
@opaque
def take_context(data: bytes) -> tuple[tuple[Pair, ...], bytes] | None:
    """Return the encryption context at the start of bytes, and what follows it; None if there is none."""
    field = take_field(data)
    if field is None:
        return None
    content = field[0]
    if len(content) == 0:
        return (), field[1]
    if len(content) < 2:
        return None
    count = decode_u16(content[:2])
    pairs = take_pairs(content[2:], count)
    if pairs is None or count == 0 or len(pairs[1]) > 0:
        return None
    return pairs[0], field[1]


@lemma
def context_is_taken(pairs: tuple[Pair, ...], rest: bytes) -> None:
    """An encryption context is read back, whatever follows it."""
    requires(encodable_context(pairs))
    ensures(take_context(encode_context(pairs) + rest) == (pairs, rest))
    reveal(encode_context)
    reveal(take_context)
    if len(pairs) == 0:
        field_is_taken(b"", rest)
    else:
        content = encode_u16(len(pairs)) + encode_pairs(pairs)
        field_is_taken(content, rest)
        decoded_u16(len(pairs))
        check(content[:2] == encode_u16(len(pairs)), content[2:] == encode_pairs(pairs))
        check(encode_pairs(pairs) + b"" == encode_pairs(pairs))
        pairs_are_taken(pairs, b"")


@pure
def encodable_keys(keys: tuple[DataKey, ...]) -> bool:
    """Whether there is an entry, and their lengths and number fit into two bytes each."""
    return 0 < len(keys) < 65536 and encodable_data_keys(keys)


@pure
@opaque
def encode_keys(keys: tuple[DataKey, ...]) -> bytes:
    """Return the number of entries and the entries."""
    requires(encodable_keys(keys))
    return encode_u16(len(keys)) + encode_data_keys(keys)


# = message-header.md#encrypted-data-key-count
# | This value MUST be greater than 0.
@pure
@opaque
def take_keys(data: bytes) -> tuple[tuple[DataKey, ...], bytes] | None:
    """Return the entries at the start of bytes, and what follows them; None if there are none."""
    if len(data) < 2:
        return None
    count = decode_u16(data[:2])
    if count == 0:
        return None
    return take_data_keys(data[2:], count)


@lemma
def keys_are_taken(keys: tuple[DataKey, ...], rest: bytes) -> None:
    """Entries are read back, whatever follows them."""
    requires(encodable_keys(keys))
    ensures(take_keys(encode_keys(keys) + rest) == (keys, rest))
    reveal(encode_keys)
    reveal(take_keys)
    data = encode_keys(keys) + rest
    decoded_u16(len(keys))
    check(data[:2] == encode_u16(len(keys)), data[2:] == encode_data_keys(keys) + rest)
    data_keys_are_taken(keys, rest)


# The beginning and the end, which differ between the versions of the format.


@dataclass(frozen=True)
class Start:
    """Which version, suite and message."""

    version: int
    suite: int
    message_id: bytes


@dataclass(frozen=True)
class End:
    """What the body is like, and the data of the suite."""

    content_type: int
    frame_length: int
    suite_data: bytes


# = message-header.md#header-body-version-1-0
# | The value of the `Version` field MUST be `01` in the Version 1.0 header body.
# = message-header.md#header-body-version-2-0
# | The value of the `Version` field MUST be `02` in the Version 2.0 header body.
@pure
def encodable_start(start: Start) -> bool:
    """Whether the version is known, and the message is named as it asks."""
    if not 0 <= start.suite < 65536:
        return False
    return (start.version == 1 and len(start.message_id) == 16) or (start.version == 2 and len(start.message_id) == 32)


# = message-header.md#type
# | The type (hex) of this field MUST be a value that exists in the following table:
@pure
@opaque
def encode_start(start: Start) -> bytes:
    """Return the bytes of the beginning."""
    requires(encodable_start(start))
    if start.version == 1:
        return bytes([1, 128]) + (encode_u16(start.suite) + start.message_id)
    return bytes([2]) + (encode_u16(start.suite) + start.message_id)


# = message-header.md#version-1
# | The version (hex) of this field MUST be a value that exists in the following table:
@pure
@opaque
def take_start(data: bytes) -> tuple[Start, bytes] | None:
    """Return the beginning, and what follows it; None if it is of no known version."""
    if len(data) >= 20 and data[0] == 1 and data[1] == 128:
        return Start(1, decode_u16(data[2:4]), data[4:20]), data[20:]
    if len(data) >= 35 and data[0] == 2:
        return Start(2, decode_u16(data[1:3]), data[3:35]), data[35:]
    return None


@lemma
def start_is_taken(start: Start, rest: bytes) -> None:
    """The beginning is read back, whatever follows it."""
    requires(encodable_start(start))
    ensures(take_start(encode_start(start) + rest) == (start, rest))
    reveal(encode_start)
    reveal(take_start)
    decoded_u16(start.suite)
    data = encode_start(start) + rest
    if start.version == 1:
        check(data[0] == 1, data[1] == 128, data[2:4] == encode_u16(start.suite))
        check(data[4:20] == start.message_id, data[20:] == rest)
    else:
        check(data[0] == 2, data[1:3] == encode_u16(start.suite))
        check(data[3:35] == start.message_id, data[35:] == rest)


# = message-header.md#content-type
# | The value (hex) of this field MUST be a value that exists in the following table:
# = message-header.md#frame-length
# | When the content type is non-framed, the value of this field MUST be 0.
# = encrypt.md#frame-length
# | This value MUST be greater than 0 and MUST NOT exceed the value 2^32 - 1.
# = message-header.md#algorithm-suite-data
# | The length of the suite data field MUST be equal to the Algorithm Suite Data Length value of the algorithm suite
@pure
def encodable_end(end: End, version: int) -> bool:
    """Whether the kind of body is known, its frame length is one, and the data of the suite are as long as the version asks."""
    if len(end.suite_data) != (0 if version == 1 else 32):
        return False
    if end.content_type == NON_FRAMED:
        return end.frame_length == 0
    return end.content_type == FRAMED and 0 < end.frame_length <= LONGEST


# = message-header.md#reserved
# | that MUST have the value (hex) of `00 00 00 00`.
# = message-header.md#iv-length
# | This value MUST be equal to the IV length value of the algorithm suite specified by the Algorithm Suite ID field.
@pure
@opaque
def encode_end(end: End, version: int) -> bytes:
    """Return the bytes of the end."""
    requires(1 <= version <= 2, encodable_end(end, version))
    if version == 1:
        return bytes([end.content_type, 0, 0, 0, 0, 12]) + encode_u32(end.frame_length)
    return bytes([end.content_type]) + (encode_u32(end.frame_length) + end.suite_data)


@pure
@opaque
def take_end(data: bytes, version: int) -> tuple[End, bytes] | None:
    """Return the end, and what follows it; None if there is none."""
    requires(1 <= version <= 2)
    if version == 1:
        if len(data) < 10 or data[1:6] != bytes([0, 0, 0, 0, 12]):
            return None
        end = End(data[0], decode_u32(data[6:10]), b"")
        return (end, data[10:]) if encodable_end(end, version) else None
    if len(data) < 37:
        return None
    end = End(data[0], decode_u32(data[1:5]), data[5:37])
    return (end, data[37:]) if encodable_end(end, version) else None


@lemma
def end_is_taken(end: End, version: int, rest: bytes) -> None:
    """The end is read back, whatever follows it."""
    requires(1 <= version <= 2, encodable_end(end, version))
    ensures(take_end(encode_end(end, version) + rest, version) == (end, rest))
    reveal(encode_end)
    reveal(take_end)
    decoded_u32(end.frame_length)
    data = encode_end(end, version) + rest
    if version == 1:
        check(data[0] == end.content_type, data[1:6] == bytes([0, 0, 0, 0, 12]))
        check(data[6:10] == encode_u32(end.frame_length), data[10:] == rest)
        check(end.suite_data == b"")
    else:
        check(data[0] == end.content_type, data[1:5] == encode_u32(end.frame_length))
        check(data[5:37] == end.suite_data, data[37:] == rest)


# The whole.


@dataclass(frozen=True)
class Header:
    """The body of a header."""

    start: Start
    context: tuple[Pair, ...]
    data_keys: tuple[DataKey, ...]
    end: End


@pure
def encodable_header(header: Header) -> bool:
    """Whether everything has a place in the format."""
    return (
        encodable_start(header.start)
        and encodable_context(header.context)
        and encodable_keys(header.data_keys)
        and encodable_end(header.end, header.start.version)
    )


@pure
@opaque
def encode_header(header: Header) -> bytes:
    """Return the bytes of a header body."""
    requires(encodable_header(header))
    end = encode_end(header.end, header.start.version)
    return encode_start(header.start) + (encode_context(header.context) + (encode_keys(header.data_keys) + end))


@pure
@opaque
def take_header(data: bytes) -> tuple[Header, bytes] | None:
    """Return the header body at the start of bytes, and what follows it; None if there is none."""
    start = take_start(data)
    if start is None:
        return None
    context = take_context(start[1])
    if context is None:
        return None
    keys = take_keys(context[1])
    if keys is None:
        return None
    version = start[0].version
    if not 1 <= version <= 2:
        return None
    end = take_end(keys[1], version)
    if end is None:
        return None
    return Header(start[0], context[0], keys[0], end[0]), end[1]


@lemma
def header_is_taken(header: Header, rest: bytes) -> None:
    """A header is read back, whatever follows it."""
    requires(encodable_header(header))
    ensures(take_header(encode_header(header) + rest) == (header, rest))
    reveal(encode_header)
    reveal(take_header)
    end = encode_end(header.end, header.start.version) + rest
    keys = encode_keys(header.data_keys) + end
    context = encode_context(header.context) + keys
    check(encode_header(header) + rest == encode_start(header.start) + context)
    start_is_taken(header.start, context)
    context_is_taken(header.context, keys)
    keys_are_taken(header.data_keys, end)
    end_is_taken(header.end, header.start.version, rest)
