"""Where things are and what they hash to: locations, digests, decoded text.

A `Location` is a place that a person can look at. Text is one kind of place;
the region of an image, the turn of a conversation, the slice of a table and the
path through a graph are others. All have a `path` so that every outcome can be
sorted, filtered by file and shown by tools that know nothing but files.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

from probatum.errors import UnreadableArtefact
from probatum.records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text file; also the base of all other kinds of place.

    Attributes
    ----------
    path : str
        Relative to the checked directory, with forward slashes, on every system.
    line, column : int or None
        From 1, in code points; None when the whole file is meant.
    end_line, end_column : int or None
        The first position after the region.
    pointer : str
        JSON pointer (RFC 6901) of the value, where the file is JSON.
    """

    kind: ClassVar[str] = "text"

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    pointer: str = ""

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def sort_key(self) -> tuple[str, int, int, str]:
        """Order of outcomes: by file, then position, then whatever else tells places apart."""
        return (self.path, self.line or 0, self.column or 0, canonical_json(self.to_json()))

    def to_json(self) -> dict[str, Any]:
        """Return the place as JSON; `kind`, `path`, `line` and `column` are always there."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"kind": self.kind} | {k: list(v) if isinstance(v, tuple) else v for k, v in own.items()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Location:
        """Rebuild any kind of place from its JSON."""
        rest = {k: _tuples(v) for k, v in value.items() if k != "kind"}
        return _kinds[value.get("kind", "text")](**rest)


@dataclass(frozen=True, slots=True, order=True)
class ImageRegion(Location):
    """A region of an image, after its orientation tag has been applied."""

    kind: ClassVar[str] = "image"

    view: str = ""
    width_px: int = 0
    height_px: int = 0
    polygon: tuple[tuple[float, float], ...] = ()  # (x, y) in pixels, clockwise; empty means the whole image


@dataclass(frozen=True, slots=True, order=True)
class TurnSpan(Location):
    """Turns of one conversation, or characters of one turn."""

    kind: ClassVar[str] = "turns"

    session: str = ""
    first_turn: int = 0
    last_turn: int = 0
    start: int | None = None  # characters into the first turn
    end: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class TableSlice(Location):
    """Rows of a table that satisfy a predicate."""

    kind: ClassVar[str] = "table"

    predicate: str = ""
    rows: int = 0
    sample_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class GraphPath(Location):
    """A path through a graph: a network, a call graph, a chain of roles."""

    kind: ClassVar[str] = "graph"

    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()  # edges[i] joins nodes[i] and nodes[i + 1]


_kinds: dict[str, type[Location]] = {k.kind: k for k in (Location, ImageRegion, TurnSpan, TableSlice, GraphPath)}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and no non-finite numbers: equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: bytes | str) -> str:
    """Lower-case hexadecimal SHA-256 of bytes, or of text as UTF-8 (lone surrogates kept apart)."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()


def digest_of(value: Any) -> str:
    """Digest of a JSON value by its canonical text."""
    return digest(canonical_json(value))


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read: relative path, bytes, digest. Nothing is decoded yet."""

    path: str
    raw: bytes

    @property
    def digest(self) -> str:
        """Digest of the bytes."""
        return digest(self.raw)

    def text(self) -> Text:
        """Decode as text; see `decode`."""
        return decode(self.raw, self.path)


def beside(path: str, name: str) -> str | None:
    """Return the path of a file that the file at `path` names, or None if it is outside the checked directory."""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
    return None if joined.startswith(("../", "/")) or joined in ("..", ".") else joined


DATA = "data:"  # before the name of an input that is read in place: a table may be larger than memory


@dataclass(frozen=True, slots=True)
class Data(Source):
    """A file that is read in place, and not into memory: its bytes are where `place` says, and `raw` is empty.

    Attributes
    ----------
    place : str
        Absolute path.
    known : str
        Digest of the content, which was compared just before.
    """

    place: str = ""
    known: str = ""

    @property
    def digest(self) -> str:
        """Digest of the bytes."""
        return self.known


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded content of a file, with its digest and the encoding it was in."""

    path: str
    content: str
    digest: str
    encoding: str = "utf-8"

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1 and in code points, of an offset into `content`."""
        before = self.content.count("\n", 0, offset)
        start = self.content.rfind("\n", 0, offset) + 1
        return before + 1, offset - start + 1


_marks = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decode(raw: bytes, path: str) -> Text:
    """Decode a text file: UTF-8, or what its byte order mark says.

    Raises
    ------
    UnreadableArtefact
        If the bytes are not text in that encoding, or contain NUL characters.
    """
    encoding = next((name for mark, name in _marks if raw.startswith(mark)), "utf-8")
    try:
        content = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableArtefact(
            f"`{path}` is not valid {encoding.upper().removesuffix('-SIG')}: byte {error.start} cannot be decoded",
            help="save the file as UTF-8",
            location=Location(path),
        ) from None
    if "\x00" in content:
        line = content.count("\n", 0, content.index("\x00")) + 1
        raise UnreadableArtefact(
            f"`{path}` contains a NUL character, so it is not text",
            help="save the file as UTF-8 text, or exclude it in the configuration",
            location=Location(path, line),
        )
    return Text(path, content, digest(raw), encoding)
