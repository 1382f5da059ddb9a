"""Reading a gallery strictly, and writing it: what is no gallery, or was changed by anything but commands, is refused as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NoReturn

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.inspection.artefacts.capture import misnamed
from probatum.inspection.artefacts.gallery import (
    ACTIONS,
    CONFIRMED,
    RETIRED,
    SCHEMA,
    START,
    STATES,
    Gallery,
    Line,
    Reference,
    Version,
    versions_digest,
)
from probatum.project.document import Node, parse
from probatum.project.fields import Fields, fault
from probatum.source import Location, Text

_DEEPEST = 12
_digest = re.compile(r"[0-9a-f]{64}")


def read_gallery(text: Text) -> Gallery:
    """Read a gallery.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead; or where it was changed by hand.
    """
    try:
        value = json.loads(text.content, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = Location(text.path, error.lineno, error.colno)
        raise fault(where, f"`{text.path}` is not JSON ({error.msg.lower()})", "correct it at this place") from None
    except (ValueError, RecursionError) as error:
        raise fault(Location(text.path), f"`{text.path}` is not JSON ({error})", "correct the file") from None
    try:
        found, digest = _gallery(_node(value, text.path, "", 0), text.path)
    except UnreadableArtefact as problem:
        raise _with_line(problem, text) from None
    if why := next(problems(found), "" if digest == found.digest else "the last line of its journal is another one"):
        advice = "take the last copy that was changed by commands only, and make the change anew"
        raise fault(Location(text.path), f"`{text.path}` was changed by hand: {why}", advice)
    return found


def to_text(gallery: Gallery) -> str:
    """Return the content of the file, which `read_gallery` gives back."""
    value = {
        "schema": SCHEMA,
        "digest": gallery.digest,
        "versions": [version.to_json() for version in gallery.versions],
        "journal": [line.to_json() for line in gallery.journal],
    }
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def problems(gallery: Gallery) -> Iterator[str]:
    """Yield what is wrong with the journal: a line that was changed, or versions that were changed without it."""
    before = START
    for number, line in enumerate(gallery.journal, start=1):
        if line.before != before:
            yield f"line {number} of its journal does not follow the one before"
        before = line.digest
    if not gallery.journal:
        yield "it has no journal"
    elif gallery.journal[-1].versions != versions_digest(gallery.versions):
        yield "its versions are not those of the last line of its journal"


def _gallery(root: Node, path: str) -> tuple[Gallery, str]:
    """Return the gallery, and which line it says is the last of its journal."""
    own = Fields(root, "the gallery")
    own.text("schema", choices=[SCHEMA])
    digest = own.text("digest")
    versions = tuple(_version(node) for node in _many(own, "versions"))
    journal = tuple(_line(node) for node in _many(own, "journal"))
    own.close()
    before = ("", 0)
    for one in versions:
        if one.number != 1 + before[1] * (one.product == before[0]) or one.product < before[0]:
            after = f"version {one.number} of `{one.product}` follows {before[1]} of `{before[0]}`"
            raise fault(one.location, after, "products stand in the order of their names, and versions are numbered from 1")
        if one.replaces is not None and one.replaces >= one.number:
            raise fault(one.location, f"version {one.number} replaces {one.replaces}", "only an earlier one can be replaced")
        before = (one.product, one.number)
    return Gallery(versions=versions, journal=journal, path=path), digest


def _version(node: Node) -> Version:
    own = Fields(node, "the version")
    begins, ends = _time(own, "valid_from"), _time(own, "valid_until")
    manifest = own.text("manifest")
    if why := misnamed(manifest):
        raise fault(own.at("manifest"), f"`manifest` {why}", "name a file beside the gallery")
    replaces = own.whole("replaces", low=1) if _is_there(own, "replaces") else None
    found = Version(
        product=own.text("product"),
        number=own.whole("version", low=1),
        state=own.text("state", choices=STATES),
        valid_from=begins,
        valid_until=ends,
        manifest=manifest,
        references=_references(own),
        replaces=replaces,
        by=own.text("by"),
        at=_when(own),
        why=own.text("why"),
        location=node.location,
    )
    own.close()
    if begins is not None and ends is not None and ends < begins:
        raise fault(own.at("valid_until"), "`valid_until` is before `valid_from`", "correct one of them")
    if (ends is None) == (found.state == RETIRED) and found.state in (CONFIRMED, RETIRED):
        raise fault(
            own.at("state"), f"a {found.state} version {_ending(ends)}", "what is retired has an end, and nothing else has"
        )
    return found


def _ending(ends: datetime | None) -> str:
    return "has no `valid_until`" if ends is None else "has a `valid_until`"


def _references(own: Fields) -> tuple[Reference, ...]:
    node = own.get("references")
    if node is None or not isinstance(node.value, dict) or not node.value:
        where = own.node.location if node is None else node.location
        raise fault(where, "`references` names no unit", "name at least one: `capture_id: {path: SHA-256}`")
    found = []
    for name, files in node.value.items():
        if not name or not isinstance(files.value, dict) or not files.value:
            raise fault(files.location, f"the reference `{name[:40]}` names no file", "write `{path: SHA-256}`")
        for path, digest in files.value.items():
            if why := misnamed(path):
                raise fault(digest.location, f"`{path[:60]}` {why}", "name a file in the folder of the manifest")
            if not isinstance(digest.value, str) or not _digest.fullmatch(digest.value):
                raise fault(digest.location, f"`{path[:60]}` has no SHA-256", "write 64 hexadecimal digits, in lower case")
        found.append(Reference(capture_id=name, files={path: digest.value for path, digest in files.value.items()}))
    return tuple(found)


def _line(node: Node) -> Line:
    own = Fields(node, "the line of the journal")
    found = Line(
        action=own.text("action", choices=ACTIONS),
        product=_perhaps(own, "product"),
        version=own.whole("version"),
        by=own.text("by"),
        at=_when(own),
        why=own.text("why"),
        versions=own.text("versions"),
        before=_perhaps(own, "before"),
    )
    own.close()
    return found


def _many(own: Fields, name: str) -> tuple[Node, ...]:
    node = own.get(name)
    if node is None or not isinstance(node.value, tuple):
        raise fault(own.at(name), f"`{name}` is no list", "write it as a list; it may be empty")
    return node.value


def _perhaps(own: Fields, name: str) -> str:
    """Return a text that may be empty."""
    node = own.get(name)
    if node is None or not isinstance(node.value, str):
        raise fault(own.at(name), f"`{name}` of {own.what} is no text", "write a text; it may be empty")
    return node.value


def _is_there(own: Fields, name: str) -> bool:
    node = own.get(name)
    return node is not None and node.value is not None


def _time(own: Fields, name: str) -> datetime | None:
    if not _is_there(own, name):
        return None
    text = own.text(name)
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise fault(own.at(name), f"`{name}` is `{text[:40]}`, which is no time with a zone", "write it as 2026-03-02T14:05:00Z")


def _when(own: Fields) -> datetime:
    found = _time(own, "at")
    if found is None:
        raise fault(own.at("at"), f"{own.what} has no `at`", "write when it was made, as 2026-03-02T14:05:00Z")
    return found


def _node(value: Any, path: str, pointer: str, depth: int) -> Node:
    """Return a value of JSON as one of a document: its places are pointers, for lines would take ten times as long."""
    where = Location(path, pointer=pointer)
    if depth > _DEEPEST:
        raise fault(where, "it is nested too deeply", "a gallery needs no such depth")
    if isinstance(value, list):
        return Node(tuple(_node(one, path, f"{pointer}/{at}", depth + 1) for at, one in enumerate(value)), where, {})
    if isinstance(value, dict):
        names = {key: f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}" for key in value}
        own = {key: _node(one, path, names[key], depth + 1) for key, one in value.items()}
        return Node(own, where, {key: Location(path, pointer=name) for key, name in names.items()})
    return Node(value, where, {})


def _with_line(problem: UnreadableArtefact, text: Text) -> UnreadableArtefact:
    """Return what is wrong with the line where it is: JSON is read again, as YAML, where that is installed."""
    try:
        _gallery(parse(text, extra="inspection"), text.path)
    except UnreadableArtefact as found:
        return found if found.message == problem.message else problem
    except MissingExtra:
        pass
    return problem


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"`{next(name for name in names if names.count(name) > 1)[:60]}` occurs twice in one object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
