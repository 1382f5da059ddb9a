"""Universal Binary JSON, as far as XGBoost writes it (draft 12: typed, counted containers).

Source: ubjson.org, "Type Reference"; XGBoost `src/common/json.cc`.
"""

from __future__ import annotations

import struct
from typing import Any

_numbers = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q", b"d": ">f", b"D": ">d"}
_words: dict[bytes, Any] = {b"Z": None, b"T": True, b"F": False}
_DEEPEST = 200


class UbjError(ValueError):
    """The bytes are not UBJSON."""


def decode(raw: bytes) -> Any:
    """Decode one value.

    Raises
    ------
    UbjError
    """
    reader = _Reader(raw)
    value = reader.value(reader.take(1), 0)
    if reader.at != len(raw):
        raise UbjError("something follows the value")
    return value


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def take(self, many: int) -> bytes:
        part = self.raw[self.at : self.at + many]
        if many < 0 or len(part) != many:
            raise UbjError("it ends too early")
        self.at += many
        return part

    def value(self, marker: bytes, depth: int) -> Any:
        if depth > _DEEPEST:
            raise UbjError("it is nested too deeply")
        if marker in _numbers:
            form = _numbers[marker]
            return struct.unpack(form, self.take(struct.calcsize(form)))[0]
        if marker in _words:
            return _words[marker]
        if marker in (b"S", b"H"):
            return self.text()
        if marker == b"C":
            return self.take(1).decode("latin-1")
        if marker == b"[":
            return self._list(depth)
        if marker == b"{":
            return self._mapping(depth)
        raise UbjError(f"there is no type {marker!r}")

    def text(self) -> str:
        try:
            return self.take(self.length()).decode("utf-8")
        except UnicodeDecodeError:
            raise UbjError("a text is not UTF-8") from None

    def length(self) -> int:
        marker = self.take(1)
        if marker not in _numbers or marker in (b"d", b"D"):
            raise UbjError("a length is no whole number")
        return int(self.value(marker, 0))

    def _shape(self) -> tuple[bytes | None, int | None]:
        kind: bytes | None = None
        if self.raw[self.at : self.at + 1] == b"$":
            self.take(1)
            kind = self.take(1)
        if self.raw[self.at : self.at + 1] == b"#":
            self.take(1)
            return kind, self.length()
        if kind is not None:
            raise UbjError("a typed container has no length")
        return None, None

    def _list(self, depth: int) -> list[Any]:
        kind, many = self._shape()
        if kind is not None and many is not None and kind in _numbers:
            form = _numbers[kind]
            size = struct.calcsize(form)
            return list(struct.unpack(f">{many}{form[1]}", self.take(many * size)))
        if many is not None:
            return [self.value(kind or self.take(1), depth + 1) for _ in range(self._plausible(many))]
        found = []
        while (marker := self.take(1)) != b"]":
            found.append(self.value(marker, depth + 1))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        kind, many = self._shape()
        found: dict[str, Any] = {}
        if many is not None:
            for _ in range(self._plausible(many)):
                key = self.text()
                found[key] = self.value(kind or self.take(1), depth + 1)
            return found
        while self.raw[self.at : self.at + 1] != b"}":
            key = self.text()
            found[key] = self.value(self.take(1), depth + 1)
        self.take(1)
        return found

    def _plausible(self, many: int) -> int:
        if many < 0 or many > len(self.raw):
            raise UbjError("a length is beyond the end")
        return many
