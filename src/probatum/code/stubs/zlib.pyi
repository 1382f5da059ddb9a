"""Checksums: some value in their range, the same for the same bytes."""

from probatum.spec import ensures, pure

@pure
def crc32(data: bytes, /) -> int:
    ensures(lambda r: 0 <= r < 4294967296)
    ...

@pure
def adler32(data: bytes, /) -> int:
    ensures(lambda r: 0 <= r < 4294967296)
    ...
