"""What of a text in a file that others get can be taken out by itself, and the words in it, whatever the format of the file.

No format is parsed as a whole: what leaks, leaks from comments and from keys that nobody knows, too. JSON
is divided into the innermost items of its lists; YAML into items of lists, and lines of blocks; everything else into lines.
"""

from __future__ import annotations

import csv
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from probatum.dialogue.artefacts.utterance import GAP, normalised

_PAIRS = (("source", "target"), ("heard", "meant"), ("from", "to"), ("said", "meant"))

_tokens = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_quoted = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"|(?<![A-Za-z0-9])'([^'\n]+)'(?![A-Za-z0-9])|`([^`\n]+)`|[“„]([^“”„\n]+)[“”]|«([^»\n]+)»"
)
_marked = re.compile(r"\[([^\]\[]+)\](?:\([^()]*\)|\{[^{}]*\})")  # a value in an example of Rasa
_begins = re.compile(r"^\s*(?:#+\s*|//\s*|>\s*)?(?:[-*+•]\s+|[0-9]+[.)]\s+)?")
_keyed = re.compile(r"^[\"']?[\w .-]{1,40}[\"']?\s*[:=]\s+")
_parts = re.compile(r"\t| -> | => | → |\||;")
_ends = re.compile(r"\s*\([^()]*\)(?::.*)?$")
_template = re.compile(r"[{}<>|]")
# What a format calls its own things by: chosen by who wrote it.
_NAMES = frozenset(
    {"intent", "intentname", "entity", "action", "role", "type", "schema", "version", "language", "locale", "rewrite"}
)
_named = re.compile(r"^\s*(?:-\s+)?[\"']?(\w+)[\"']?\s*:")
_comma = re.compile(r"\s*,\s*")
_item = re.compile(r"^(\s*)- ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A part of a file that can be taken out by itself.

    Attributes
    ----------
    place : str
        As people are told: `line 12`, `text 3`.
    line : int or None
        From 1.
    phrases : tuple of str
        Whole phrases in it, normalised, each once.
    lines : tuple of str
        All words in it, normalised, line by line.
    pair : (str, str) or None
        What is said, and what it becomes, normalised; None where they have gaps.
    fragments : tuple of str
        What stands between gaps, normalised: nobody need have said it as it is.
    start, end : int
        The characters without which the file is the same but for this entry; -1 where the file is no text.
    new : str
        What stands there instead.
    """

    place: str
    line: int | None = None
    phrases: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    pair: tuple[str, str] | None = None
    fragments: tuple[str, ...] = ()
    start: int = -1
    end: int = -1
    new: str = ""


def entries_of(text: str, name: str) -> tuple[Entry, ...]:
    """Divide a text; `name` is that of its file, whose ending tells YAML and tables."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return tuple(_of_json(text))
    ending = name.lower().rpartition(".")[2]
    return tuple(_of_lines(text, yaml=ending in ("yaml", "yml"), delimiter={"csv": ",", "tsv": "\t"}.get(ending, "")))


def pair_of(said: str, becomes: str) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    """Return a pair, normalised, and no fragments; no pair, and the fragments of both, where one has a gap."""
    if GAP not in said.split() and GAP not in becomes.split():
        return (normalised(said), normalised(becomes)), ()
    return None, tuple(dict.fromkeys((*fragments_of(said), *fragments_of(becomes))))


def fragments_of(text: str) -> tuple[str, ...]:
    """Return what stands between the gaps of a text, normalised; empty where it has none."""
    words = text.split()
    if GAP not in words:
        return ()
    parts = " ".join("\0" if word == GAP else word for word in words).split("\0")
    return tuple(n for part in parts if (n := normalised(part)))


def phrases_in(line: str, delimiter: str = "") -> tuple[str, ...]:
    """Return what may be a whole phrase in a line, normalised: the line without its marks, what is quoted, fields of a table."""
    found: dict[str, None] = {}
    plain = _marked.sub(r"\1", line)
    bare = _begins.sub("", plain, count=1)
    for text in (plain, bare, _ends.sub("", bare), _keyed.sub("", bare, count=1)):
        for part in (text, *_parts.split(text)):
            found[part] = None
            found[_ends.sub("", part)] = None
    for match in _quoted.finditer(plain):
        quoted = next(group for group in match.groups() if group is not None)
        found[_string(quoted) if match[1] is not None else quoted] = None
    if delimiter:
        found |= dict.fromkeys(_fields(line, delimiter))
    return tuple(dict.fromkeys(n for part in found if not _template.search(part) and (n := normalised(part))))


# --- JSON ---------------------------------------------------------------------


@dataclass(slots=True)
class _Inside:
    """A list or an object that is open while JSON is read."""

    opened: str
    start: int
    texts: list[str]
    members: dict[str, str]
    key: str = ""
    comma: int = -1  # the place of the comma before the next item


def _of_json(text: str) -> Iterator[Entry]:
    lines = _Lines(text)
    inside: list[_Inside] = []
    waiting: str | None = None  # a string that may be a key
    where = (0, 0)

    def entry(start: int, end: int, texts: list[str], members: dict[str, str], comma: int, *, listed: bool) -> Entry:
        pair = next(((members[a], members[b]) for a, b in _PAIRS if a in members and b in members), None)
        phrases = dict.fromkeys(phrase for one in texts for line in one.splitlines() for phrase in phrases_in(line))
        two, fragments = pair_of(*pair) if pair is not None else (None, ())
        line = lines.number(start)
        if listed and comma >= 0:
            start = comma
        elif listed:
            after = _comma.match(text, end)
            end = after.end() if after else end
        return Entry(
            place=f"line {line}", line=line, phrases=tuple(phrases), start=start, end=end, new="" if listed else '""',
            lines=tuple(n for one in texts for row in one.splitlines() if (n := normalised(row))),
            pair=two, fragments=fragments,
        )  # fmt: skip  # one entry

    def value(string: str) -> Iterator[Entry]:
        held = next((n for n in range(len(inside) - 1, -1, -1) if inside[n].opened == "["), None)
        if held is None:
            yield entry(*where, [string], {}, -1, listed=False)
        elif held == len(inside) - 1:
            yield entry(*where, [string], {}, inside[held].comma, listed=True)
        else:  # of the object that is an item of the innermost list, at whatever depth
            item = inside[held + 1]
            item.texts.append(string)
            if item is inside[-1]:
                item.members.setdefault(item.key, string)

    for token in _tokens.finditer(text):
        kind = token[0]
        if waiting is not None and kind != ":":
            if not inside or inside[-1].opened == "[" or inside[-1].key.lower() not in _NAMES:
                yield from value(waiting)
            waiting = None
        if kind == ":":
            if waiting is not None and inside:
                inside[-1].key = waiting
            waiting = None
        elif kind in "{[":
            inside.append(_Inside(kind, token.start(), [], {}))
        elif kind in "}]":
            closed = inside.pop()
            if closed.texts and inside and inside[-1].opened == "[":
                yield entry(closed.start, token.end(), closed.texts, closed.members, inside[-1].comma, listed=True)
        elif kind == ",":
            if inside and inside[-1].opened == "[":
                inside[-1].comma = token.start()
        elif kind[0] == '"':
            waiting, where = _string(kind[1:-1]), token.span()
    if waiting is not None:
        yield from value(waiting)


def _string(escaped: str) -> str:
    try:
        return str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        return escaped


# --- lines --------------------------------------------------------------------


def _of_lines(text: str, *, yaml: bool, delimiter: str) -> Iterator[Entry]:
    rows = text.splitlines(keepends=True)
    header = _fields(rows[0].strip("\r\n\ufeff"), delimiter or "\t") if rows else []
    pair = next(((header.index(a), header.index(b)) for a, b in _PAIRS if a in header and b in header), None)
    delimiter = delimiter or ("\t" if pair is not None else "")
    names = {name for name in header if name.lower() in _NAMES} if delimiter else set()
    at = 0
    for number, row in enumerate(rows, start=1):
        start, at = at, at + len(row)
        line = row.strip()
        if not line or (delimiter and number == 1):
            continue
        key = _named.match(row) if yaml else None
        if key is not None and key[1].lower() in _NAMES:
            continue
        end = at
        if yaml and not line.startswith("#"):
            start, end = _block(rows, number - 1, start)
        if line[0] in "{[" and line[-1] in "}]":
            strings = tuple(dict.fromkeys(_strings(line)))
            phrases = tuple(dict.fromkeys(p for one in strings for part in one.splitlines() for p in phrases_in(part)))
            lines = tuple(n for one in strings for part in one.splitlines() if (n := normalised(part)))
        else:
            told = line
            if delimiter and not names.isdisjoint(header):
                cells = zip(header, _fields(row.rstrip("\r\n"), delimiter), strict=False)
                told = delimiter.join(cell for name, cell in cells if name not in names)
            phrases, lines = phrases_in(told, delimiter), tuple(n for n in (normalised(_marked.sub(r"\1", told)),) if n)
        fields = _fields(row.rstrip("\r\n"), delimiter) if pair is not None else []
        two, fragments = pair_of(fields[pair[0]], fields[pair[1]]) if pair and len(fields) == len(header) else (None, ())
        yield Entry(
            place=f"line {number}", line=number, phrases=phrases, lines=lines, pair=two, fragments=fragments, start=start, end=end
        )


def _block(rows: list[str], index: int, start: int) -> tuple[int, int]:
    """Return the characters of the item of a list of YAML to which a line belongs, or of the line."""
    indent = len(rows[index]) - len(rows[index].lstrip())
    first = index
    if _item.match(rows[index]) is None:
        while first and not (_item.match(rows[first]) and _indent(rows[first]) < indent):
            if rows[first].strip() and _indent(rows[first]) < indent:
                indent = _indent(rows[first])
            first -= 1
        if _item.match(rows[first]) is None:
            return start, start + len(rows[index])
    own = _indent(rows[first])
    last = first + 1
    while last < len(rows) and rows[last].strip() and _indent(rows[last]) > own:
        last += 1
    begin = start - sum(map(len, rows[first:index]))
    return begin, begin + sum(map(len, rows[first:last]))


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


def _strings(line: str) -> Iterator[str]:
    """Yield the values of a line of JSON that are strings; keys are none."""
    tokens = [match[0] for match in _tokens.finditer(line)]
    key = ""
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token[0] == '"' and following == ":":
            key = _string(token[1:-1]).lower()
        elif token[0] == '"' and key not in _NAMES:
            yield _string(token[1:-1])


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


class _Lines:
    """Numbers of lines of places in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def number(self, place: int) -> int:
        """Return the line, from 1."""
        return bisect_right(self._starts, place)
