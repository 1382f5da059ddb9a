"""The records of a log, one at a time, with their lines: JSON lines, JSON, CSV, Parquet; compressed or not.

A record that cannot be read is `Unread`, with the reason, and the next one is
read: nothing is lost and nothing is guessed. Files may be larger than memory.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

from probatum.errors import UnreadableArtefact
from probatum.source import Location

LONGEST = 32 * 1024 * 1024  # bytes of a line, and of a value of a JSON array
_SHOWN = 200  # characters of what was not read
_BUFFER = 1 << 20  # bytes, of which the first show what kind of JSON it is
_FIRST_LINES = 50  # of which one that is an object shows that all are
_CHUNK = 1 << 20  # characters that are read at once
_JSON_LINES = (".jsonl", ".ndjson", ".json", ".log", ".txt")
_DELIMITED = {".csv": ",", ".tsv": "\t"}
_SEPARATORS = ",;\t|"  # of which a header of CSV shows which one it is
_foreign = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as Python keeps them
_blanks = re.compile(r"[ \t\r\n]*")
_number = re.compile(r"[0-9.eE+-]*")


class _Readable(Protocol):
    def read1(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in one place of a log.

    Attributes
    ----------
    line : int
        Of its beginning, from 1; the row, in a table.
    value : Any
        As JSON; a row is a mapping of column to text (CSV) or value (Parquet).
    """

    line: int
    value: Any


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read.

    Attributes
    ----------
    line : int
    reason : str
        In lower case.
    start : str
        Its beginning; "" if it is not text.
    """

    line: int
    reason: str
    start: str


def records(path: Path, shown: str) -> Iterator[Record | Unread]:
    """Yield the records of a file.

    Parameters
    ----------
    path : Path
    shown : str
        What messages call it; its ending says what it is.

    Raises
    ------
    UnreadableArtefact
        If the file as a whole is not a log: it is of no known kind, or is not there.
    """
    name = shown.lower().removesuffix(".gz")
    ending = next((e for e in (*_JSON_LINES, *_DELIMITED, ".parquet") if name.endswith(e)), None)
    if ending is None or (ending == ".parquet" and shown.lower().endswith(".gz")):
        raise UnreadableArtefact(
            f"`{shown}` is no log that can be read",
            help=f"write it as one of {', '.join((*_JSON_LINES[:3], *_DELIMITED, '.parquet'))}",
            location=Location(shown),
        )
    try:
        if ending == ".parquet":
            yield from _rows(path, shown)
            return
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream: _Readable = gzip.GzipFile(fileobj=raw) if packed else raw
            yield from _until_damage(_delimited(stream, _DELIMITED[ending]) if ending in _DELIMITED else _json(stream))
    except OSError as error:
        raise UnreadableArtefact(
            f"`{shown}` cannot be read ({(error.strerror or str(error)).lower()})",
            help="see that it is there and may be read",
            location=Location(shown),
        ) from None


def _until_damage(found: Iterator[Record | Unread]) -> Iterator[Record | Unread]:
    line = 0
    try:
        for one in found:
            line = one.line
            yield one
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Unread(line + 1, f"the compressed file is damaged ({str(error).lower()})", "")


def _json(stream: _Readable) -> Iterator[Record | Unread]:
    """Lines, if the first one that is not empty is a value, or another one an object; otherwise one value, or the items of one array."""
    buffered = io.BufferedReader(_Whole(stream), _BUFFER)
    head = buffered.peek(_BUFFER)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield Unread(1, "the file is in UTF-16; logs are read in UTF-8", "")
        return
    first, *others = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", _FIRST_LINES)
    # A broken first line must not make one document of all: the lines of a document that is laid out are no objects of their own.
    lines = first[:1] not in (b"[", b"{") or _is_value(first) or (first[:1] == b"{" and any(map(_is_object, others)))
    # Junk among lines costs those lines; a file that begins with none is no text at all.
    if b"\0" in head[:4096] and not (lines and first[:1] in (b"[", b"{")):
        yield Unread(1, "the file is not text", "")
        return
    yield from _lines(buffered) if lines else _document(buffered)


def _is_object(line: bytes) -> bool:
    return line[:1] == b"{" and line.strip() != b"{}" and _is_value(line)


def _is_value(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(stream: io.BufferedReader[Any]) -> Iterator[Record | Unread]:
    number = 0
    while True:
        number += 1
        line = stream.readline(LONGEST + 1)
        if not line:
            return
        if len(line) > LONGEST:
            start = line[:_SHOWN].decode("utf-8", "replace")
            while line and not line.endswith(b"\n"):
                line = stream.readline(_BUFFER)
            yield Unread(number, f"the line is longer than {LONGEST:,} bytes", start)
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        found = _parsed(number, line)
        if isinstance(found, Record) and isinstance(found.value, list):
            yield from (Record(number, item) for item in found.value)
        else:
            yield found


def _parsed(line: int, raw: bytes) -> Record | Unread:
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return Unread(line, f"it is not UTF-8 at byte {error.start + 1}", raw[:_SHOWN].decode("utf-8", "replace"))
    try:
        return Record(line, _decode(text))
    except RecursionError:
        return Unread(line, "it is nested too deeply", text[:_SHOWN])
    except ValueError as error:
        reason = error.msg.lower() if isinstance(error, json.JSONDecodeError) else str(error)
        column = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        return Unread(line, f"it is not JSON ({reason}{column})", text[:_SHOWN])


def _no_number(name: str) -> Any:
    raise ValueError(f"`{name}` is no number of JSON")


_decode = json.JSONDecoder(parse_constant=_no_number).decode


def _document(stream: io.BufferedReader[Any]) -> Iterator[Record | Unread]:
    """Yield the items of one array, read as far as they are needed; or the one value that there is."""
    text = _Text(io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline=""))
    try:
        if text.character() != "[":
            yield text.record()
            return
        text.skip()
        while text.character() != "]":
            yield text.record()
            if text.character() == ",":
                text.skip()
            elif text.character() != "]":
                yield Unread(text.line, "it is not JSON (a comma, or the end of the array, is missing)", text.start())
                if not text.character():
                    return
    except RecursionError:
        yield Unread(text.line, "it is nested too deeply, and what follows is not read", text.start())
    except ValueError as error:
        reason = error.msg.lower() if isinstance(error, json.JSONDecodeError) else str(error)
        yield Unread(text.line, f"it is not JSON ({reason}), and what follows is not read", text.start())


class _Text:
    """A text of JSON values, of which a part is held."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._held = ""
        self._at = 0  # in what is held
        self._decoder = json.JSONDecoder(parse_constant=_no_number)
        self.line = 1

    def character(self) -> str:
        """Return the next character that is not blank, which stays the next; "" at the end."""
        while True:
            blank = _blanks.match(self._held, self._at)
            end = self._at if blank is None else blank.end()
            self.line += self._held.count("\n", self._at, end)
            self._at = end
            if end < len(self._held) or not self._more():
                return self._held[end : end + 1]

    def skip(self) -> None:
        """Pass one character."""
        self._at += 1

    def start(self) -> str:
        """Return the beginning of what comes next."""
        return _shown(self._held[self._at : self._at + _SHOWN])

    def record(self) -> Record | Unread:
        """Return the next value, with its line."""
        self.character()
        line, start = self.line, self.start()
        value, raw = self._value()
        return Unread(line, "it is not UTF-8", start) if _foreign.search(raw) else Record(line, value)

    def _value(self) -> tuple[Any, str]:
        """Return the next value, and how it is written."""
        if not self.character():
            raise ValueError("it ends where a value is expected")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                # What cannot be read may be what has not come yet.
                if not self._more():
                    raise
                continue
            if _number.fullmatch(self._held, end) and self._more():  # what is held may end within a number
                continue
            raw = self._held[self._at : end]
            self.line += raw.count("\n")
            self._at = end
            return value, raw

    def _more(self) -> bool:
        left = len(self._held) - self._at
        if left > LONGEST:
            raise ValueError(f"a value is longer than {LONGEST:,} characters")
        # Twice as much each time, so that a long value is not begun too often.
        read = self._stream.read(max(_CHUNK, left))
        self._held, self._at = self._held[self._at :] + read, 0
        return bool(read)


def _delimited(stream: _Readable, delimiter: str) -> Iterator[Record | Unread]:
    raw = io.BufferedReader(_Whole(stream), _BUFFER)
    delimiter = _delimiter(raw.peek(_BUFFER), delimiter)
    text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
    rows = csv.reader(_no_nul(text), delimiter=delimiter, strict=True)
    line = 1
    header: list[str] | None = None
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unread(line, f"it is not CSV ({error})", "")
            line = rows.line_num + 1
            if header is None:
                return
            continue
        began, line = line, rows.line_num + 1
        if not row:
            continue
        if header is None:
            header = [_shown(name) for name in row]
        elif any(map(_foreign.search, row)):
            yield Unread(began, "it is not UTF-8", _shown(delimiter.join(row)[:_SHOWN]))
        elif len(row) != len(header):
            yield Unread(began, f"it has {len(row)} fields, and the header {len(header)}", delimiter.join(row)[:_SHOWN])
        else:
            yield Record(began, dict(zip(header, row, strict=True)))


def _delimiter(head: bytes, usual: str) -> str:
    """Return what parts the names of a header: `usual`, unless only another separator is there."""
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("latin-1")
    if usual in first:
        return usual
    return max(_SEPARATORS, key=first.count) if any(separator in first for separator in _SEPARATORS) else usual


def _shown(text: str) -> str:
    return _foreign.sub("\ufffd", text)


def _no_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "\ufffd")


def _rows(path: Path, shown: str) -> Iterator[Record]:
    from probatum.runner.tables import QueryFailed, Tables

    row = 0
    try:
        with Tables(path.parent, threads=1) as tables:
            for batch in tables.stream("select * from read_parquet($file)", file=path):
                for values in batch:
                    row += 1
                    yield Record(row, {name: _plain(value) for name, value in values.items()})
    except QueryFailed as problem:
        raise UnreadableArtefact(
            f"`{shown}` cannot be read ({problem.message.removeprefix('the query cannot be answered: ').replace(str(path), shown)})",
            help="write it again",
            location=Location(shown),
        ) from None


def _plain(value: Any) -> Any:
    """Return a value of DuckDB as JSON would have it; times as seconds since 1970, UTC."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return str(value)


class _Whole(io.RawIOBase):
    """Bytes of a stream that may be compressed, so that it can be buffered."""

    def __init__(self, stream: _Readable) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # Only as much as comes at once: damage further on must not hide what comes before.
        read = self._stream.read1(len(buffer))
        buffer[: len(read)] = read
        return len(read)
