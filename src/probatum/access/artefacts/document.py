"""JSON with positions, read strictly: every value knows where it stands.

The standard library's reader keeps no positions, takes the last of two equal
keys, and accepts NaN. In a policy each of these can hide a statement, so this
reader refuses what RFC 8259 leaves open: equal keys, halves of surrogate pairs,
and nesting or sizes that no policy needs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote

from probatum.errors import UnreadableArtefact
from probatum.source import Location

MAX_CHARACTERS = 16 * 2**20  # the largest documents that services accept are far below 1 MiB
MAX_DEPTH = 200

_space = re.compile(r"[ \t\n\r]*")
_plain = re.compile(r'"([^"\\\x00-\x1f]*)"')
_string = re.compile(r'"([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*)"')
_escape = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_number = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_word = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_surrogate = re.compile("[\ud800-\udfff]")
_words: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
_letters = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Number(str):
    """A number as written: policies compare the text, so `1.0` must not become `1`."""

    __slots__ = ()


class Node:
    """A JSON value and where it stands in the text.

    Attributes
    ----------
    value : dict of str to Node, list of Node, str, Number, bool or None
    start, end : int
        Offsets into the text; `end` is one past the last character.
    name_start, name_end : int
        The same for the key, if the value is a member of an object.
    pointer : str
        JSON pointer from the root of the document.
    """

    __slots__ = ("document", "end", "name_end", "name_start", "pointer", "start", "value")

    def __init__(self, document: Document, value: Any, start: int, end: int, pointer: str) -> None:
        self.document = document
        self.value = value
        self.start = start
        self.end = end
        self.name_start = start
        self.name_end = end
        self.pointer = pointer

    @property
    def location(self) -> Location:
        """Where the value stands."""
        return self.document.location(self.start, self.end, self.pointer)

    @property
    def name_location(self) -> Location:
        """Where the member's key stands."""
        return self.document.location(self.name_start, self.name_end, self.pointer)

    def plain(self) -> Any:
        """Return the value as `json.loads` would, with numbers as their text."""
        match self.value:
            case dict():
                return {k: n.plain() for k, n in self.value.items()}
            case list():
                return [n.plain() for n in self.value]
            case other:
                return other


class Document:
    """A text that is being read, and how offsets into it become places in a file."""

    __slots__ = ("origin", "path", "starts", "text")

    def __init__(self, text: str, path: str, origin: Location | None = None) -> None:
        self.text = text
        self.path = path
        self.origin = origin  # of the string that contains the text, if it was embedded in another document
        self.starts = [0, *(m.end() for m in re.finditer("\n", text))] if origin is None else [0]

    def location(self, start: int, end: int, pointer: str) -> Location:
        """Return the place of a region; for an embedded text, of the string that contains it."""
        if self.origin is not None:
            return self.origin
        line, end_line = bisect_right(self.starts, start), bisect_right(self.starts, end)
        return Location(
            self.path, line, start - self.starts[line - 1] + 1, end_line, end - self.starts[end_line - 1] + 1, pointer
        )

    def fail(self, message: str, offset: int, *, advice: str = "", end: int | None = None, pointer: str = "") -> NoReturn:
        """Raise the error that the text cannot be read at an offset."""
        where = self.location(offset, offset + 1 if end is None else end, pointer)
        raise UnreadableArtefact(message, help=advice or "write it as JSON (RFC 8259)", location=where)


def parse(text: str, path: str, origin: Location | None = None) -> Node:
    """Read one JSON value that takes up the whole text.

    Parameters
    ----------
    text : str
        Without byte order mark.
    path : str
        For messages and locations.
    origin : Location, optional
        The string of another document that the text was found in. All locations
        are then that string's.

    Raises
    ------
    UnreadableArtefact
        With the position of the first character that cannot be part of JSON, of
        the second of two equal keys, or of what is nested or sized beyond limits.
    """
    document = Document(text, path, origin)
    if len(text) > MAX_CHARACTERS:
        document.fail(
            f"`{path}` has {len(text)} characters; documents of more than {MAX_CHARACTERS} are not read",
            0,
            advice="split the file, or exclude it in the configuration",
        )
    start = _skip(text, 0)
    if start == len(text):
        document.fail(f"`{path}` is empty", 0, advice="write the document, or exclude the file in the configuration")
    root = _read(document, start, "", 0)
    rest = _skip(text, root.end)
    if rest != len(text):
        document.fail(
            f"{_shown(text, rest)} follows the end of the document",
            rest,
            advice="keep one document in a file; JSON has no comments",
        )
    return root


def parse_file(content: str, path: str) -> Node:
    """Read the JSON document of a file, percent-encoded or not.

    Raises
    ------
    UnreadableArtefact
        As `parse`; in a percent-encoded file, every location is its beginning.
    """
    start = Location(path, 1, 1, 1, 1)
    text = _decoded(content, start)
    return parse(text, path, start if text is not content else None)


def parse_embedded(node: Node) -> Node:
    """Read the JSON document in a string value, percent-encoded or not.

    Raises
    ------
    UnreadableArtefact
        As `parse`; every location is that of the string.
    """
    return parse(_decoded(node.value, node.location), node.document.path, node.location)


def _decoded(text: str, where: Location) -> str:
    # Undo the percent-encoding in which interfaces return documents, if it is there.
    if text.lstrip()[:3].upper() not in ("%7B", "%5B", "%22", "%0A", "%20"):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise UnreadableArtefact(
            "the percent-encoded document is not valid UTF-8",
            help="write the document as plain JSON",
            location=where,
        ) from None


def _skip(text: str, offset: int) -> int:
    return _space.match(text, offset).end()  # type: ignore[union-attr]  # matches anywhere


def _read(document: Document, at: int, pointer: str, depth: int) -> Node:
    # One frame a level, so that the depth limit is far below the interpreter's.
    text = document.text
    first = text[at : at + 1]
    if first == '"':
        value, end = _text(document, at)
        return Node(document, value, at, end, pointer)
    if first in ("{", "["):
        if depth >= MAX_DEPTH:
            document.fail(f"values are nested more than {MAX_DEPTH} deep", at, advice="a policy needs no such depth")
        node = Node(document, {} if first == "{" else [], at, at, pointer)
        closing = "}" if first == "{" else "]"
        end = _skip(text, at + 1)
        if text[end : end + 1] == closing:
            node.end = end + 1
            return node
        while True:
            if first == "{":
                end = _member(document, node, end, depth)
            else:
                item = _read(document, end, f"{pointer}/{len(node.value)}", depth + 1)
                node.value.append(item)
                end = item.end
            end = _skip(text, end)
            mark = text[end : end + 1]
            if mark == closing:
                node.end = end + 1
                return node
            if mark != ",":
                document.fail(f"expected `,` or `{closing}`, found {_shown(text, end)}", end)
            end = _skip(text, end + 1)
            if text[end : end + 1] == closing:
                document.fail(f"`,` is followed by `{closing}`", end, advice="remove the last comma")
    number = _number.match(text, at)
    if number is not None:
        return Node(document, Number(number.group()), at, number.end(), pointer)
    word = _word.match(text, at)
    if word is None or word.group() not in _words:
        advice = "strings stand in double quotes" if first == "'" else "JSON has no comments" if first in ("/", "#") else ""
        document.fail(f"expected a value, found {_shown(text, at)}", at, advice=advice)
    return Node(document, _words[word.group()], at, word.end(), pointer)


def _member(document: Document, node: Node, at: int, depth: int) -> int:
    text = document.text
    if text[at : at + 1] != '"':
        advice = "keys stand in double quotes" if text[at : at + 1] != "/" else "JSON has no comments"
        document.fail(f"expected a key, found {_shown(text, at)}", at, advice=advice)
    name, name_end = _text(document, at)
    pointer = f"{node.pointer}/{name.replace('~', '~0').replace('/', '~1')}"
    if name in node.value:
        earlier = node.value[name].name_location
        document.fail(
            f"`{name}` is given twice in one object, first in line {earlier.line}",
            at,
            end=name_end,
            pointer=pointer,
            advice="keep one of them: most readers silently take the last",
        )
    colon = _skip(text, name_end)
    if text[colon : colon + 1] != ":":
        document.fail(f"expected `:` after a key, found {_shown(text, colon)}", colon)
    value = _read(document, _skip(text, colon + 1), pointer, depth + 1)
    value.name_start, value.name_end = at, name_end
    node.value[name] = value
    return value.end


def _text(document: Document, at: int) -> tuple[str, int]:
    plain = _plain.match(document.text, at)
    if plain is not None:
        value, end = plain.group(1), plain.end()
    else:
        string = _string.match(document.text, at)
        if string is None:
            _bad_string(document, at)
        # Escapes of surrogate halves are joined by way of UTF-16, as in JavaScript.
        value, end = _escape.sub(_unescaped, string.group(1)), string.end()
        if "\\u" in string.group(1):
            value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    half = _surrogate.search(value)
    if half is not None:
        document.fail(
            f"`\\u{ord(half.group()):04x}` is half of a surrogate pair, so the string is not text",
            at,
            end=end,
            advice="write the whole character",
        )
    return value, end


def _unescaped(match: re.Match[str]) -> str:
    code, letter = match.groups()
    return chr(int(code, 16)) if code is not None else _letters[letter]


def _bad_string(document: Document, at: int) -> NoReturn:
    # Find out why no string starts here; only reached for text that is not JSON.
    text, offset = document.text, at + 1
    while offset < len(text):
        if text[offset] < " ":
            name = {"\n": "a line break", "\t": "a tab", "\r": "a carriage return"}.get(text[offset], "a control character")
            document.fail(f"a string contains {name}", offset, advice="close the string, or write the character as an escape")
        if text[offset] == "\\":
            escape = _escape.match(text, offset)
            if escape is None:
                document.fail(f"`{text[offset : offset + 2]}` is not an escape", offset, advice="write `\\\\` for a backslash")
            offset = escape.end()
        else:
            offset += 1
    document.fail("a string is not closed", at, advice="close it with a double quote")


def _shown(text: str, offset: int) -> str:
    if offset >= len(text):
        return "the end of the file"
    word = _word.match(text, offset)
    return f"`{word.group()[:40]}`" if word is not None else f"`{text[offset]}`"
