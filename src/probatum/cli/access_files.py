"""Policies that commands about access are asked about: files, directories, collections with one policy a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import ProbatumError, UnreadableArtefact, UsageError
from probatum.source import Location, Source, decode

if TYPE_CHECKING:
    from probatum.access.artefacts import Kind, Policy
    from probatum.access.semantics import Settings


@dataclass(frozen=True, slots=True)
class Document:
    """A policy with what it was read from, so that another process can read it again."""

    name: str
    source: Source
    kind: str | None  # what was said about it, if anything; None leaves it to names and shape
    policy: Policy

    def to_json(self) -> dict[str, Any]:
        """Return what `document_from` needs."""
        return {"name": self.name, "path": self.source.path, "text": self.source.text().content, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read as a policy, and what to do about it."""

    message: str
    help: str

    def to_json(self) -> dict[str, str]:
        """Return the problem as JSON."""
        return {"message": self.message, "help": self.help}


@dataclass(slots=True)
class Collection:
    """Policies in the order in which they were named, and what could not be read."""

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_one(source: Source, kind: str | None, name: str = "") -> Document:
    """Read the policy in a source; `kind` overrides what its name and shape say.

    Raises
    ------
    ProbatumError
        If it cannot be read.
    """
    from probatum.access.artefacts import read

    [policy] = read(source, {"kinds": {"*": kind}} if kind else {})
    return Document(name or source.path, source, kind, policy)


def document_from(value: Mapping[str, Any]) -> Document:
    """Read again what `Document.to_json` wrote."""
    return read_one(Source(value["path"], value["text"].encode("utf-8", "surrogatepass")), value["kind"], value["name"])


def given(path: Path, kind: str | None) -> Document:
    """Read the policy in a file that was named, or in standard input (``-``).

    Raises
    ------
    ProbatumError
        If there is no such file or it is not a policy.
    """
    if str(path) == "-":
        return read_one(Source("standard input", sys.stdin.buffer.read()), kind)
    return read_one(Source(path.as_posix(), path.read_bytes()), kind or configured_kind(path))


def configured_kind(path: Path) -> str | None:
    """What the nearest configuration, or the folders below it, say about the kind of a policy."""
    from probatum.access.artefacts import kind_of

    base, options = configuration_of(path)
    try:
        place = path.resolve().relative_to(base).as_posix()
    except ValueError:
        place = path.name
    found: Kind | None = kind_of(place, options)
    return None if found is None else found.value


def configuration_of(path: Path) -> tuple[Path, Mapping[str, Any]]:
    """Return the directory that a path belongs to, and the options about access there."""
    from probatum.project import base_of
    from probatum.project.config import read_configuration
    from probatum.project.system import DiskSystem

    base = base_of(path)
    return base, read_configuration(DiskSystem(base)).of("access")


def settings_for(path: Path, arn_mode: str | None, multivalue: str | None) -> Settings:
    """How disputed points are read: as the command line says, else the nearest configuration, else the defaults."""
    from probatum.access.semantics import Settings

    known = configuration_of(path)[1] if path.exists() else {}
    asked = {"arn-mode": arn_mode, "multivalue": multivalue}
    return Settings.of({**known, **{name: value for name, value in asked.items() if value}})


def in_directory(root: Path) -> tuple[list[Source], Mapping[str, Any], list[Problem], list[str]]:
    """Find the policies below a directory as a check would: sources, options, what cannot be read, and notes.

    Paths are relative to the directory.
    """
    from probatum.project.config import read_configuration
    from probatum.project.discover import access_claim, discover
    from probatum.project.system import DiskSystem

    base, options = configuration_of(root)
    system = DiskSystem(base)
    within = root.resolve().relative_to(base).as_posix()
    check = read_configuration(system).check
    inventory = discover(
        system,
        [access_claim],
        within="" if within == "." else within,
        exclude=check["exclude"],
        max_bytes=int(check["max-file-mb"] * 1_000_000),
    )
    problems = [Problem(f"{p.location}: {p.reason}", "") for p in inventory.problems]
    sources: list[Source] = []
    for found in inventory.files["access"]:
        try:
            sources.append(Source(found.path, system.read(found.path)))
        except OSError as error:
            problems.append(
                Problem(f"{found.path}: cannot be read ({(error.strerror or str(error)).lower()})", "make it readable")
            )
    return sources, options, problems, list(inventory.notes)


def collect(paths: Sequence[Path], kind: str | None) -> Collection:
    """Read all policies in directories, files and collections (``.jsonl``); what cannot be read is a problem.

    Raises
    ------
    UsageError
        If something that was named does not exist.
    """
    from probatum.cli.asked import existing

    out = Collection()
    taken: set[str] = set()
    for path in paths:
        if existing(path).is_dir():
            sources, options, problems, notes = in_directory(path)
            out.problems += problems
            out.notes += notes
            for source in sources:
                _add(out, taken, source, kind or _kind_in(source.path, options))
        elif path.suffix == ".jsonl":
            for number, line in enumerate(path.read_bytes().splitlines(), 1):
                if line.strip():
                    _add_line(out, taken, Source(f"{path.as_posix()}:{number}", line), kind)
        else:
            _add(out, taken, Source(path.as_posix(), path.read_bytes()), kind or configured_kind(path))
    return out


def explained(error: ProbatumError) -> Problem:
    """Say an error in one line, with its place."""
    where = f"{error.location}: " if error.location is not None and error.location.path else ""
    return Problem(f"{where}{error.message}", error.help)


def members_of(text: str, path: str) -> dict[str, Any]:
    """Return the members of a JSON object as nodes that know where they stand.

    Raises
    ------
    UnreadableArtefact
        If it is not a JSON object, or has a key twice.
    """
    from probatum.access.artefacts.document import parse

    root = parse(text, path)
    if not isinstance(root.value, dict):
        raise UnreadableArtefact("a line should be a JSON object", help="write one object a line", location=Location(path))
    return root.value


def text_of(node: Any) -> str:
    """Return the text of a policy: of an object as it is written, of a string as it reads."""
    return node.value if type(node.value) is str else node.document.text[node.start : node.end]


def plain_value(node: Any) -> Any:
    """Return a value as `json.loads` would."""
    return json.loads(node.document.text[node.start : node.end])


def _kind_in(path: str, options: Mapping[str, Any]) -> str | None:
    from probatum.access.artefacts import kind_of

    found: Kind | None = kind_of(path, options)
    return None if found is None else found.value


def _add(out: Collection, taken: set[str], source: Source, kind: str | None, name: str = "") -> None:
    try:
        document = read_one(source, kind, _fresh(name or source.path, taken))
    except ProbatumError as error:
        out.problems.append(explained(error))
        return
    taken.add(document.name)
    out.documents.append(document)


def _fresh(name: str, taken: set[str]) -> str:
    return next(n for n in _numbered(name) if n not in taken)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} ({number})"
        number += 1


def _add_line(out: Collection, taken: set[str], source: Source, kind: str | None) -> None:
    try:
        text = decode(source.raw, source.path).content
        members = members_of(text, source.path)
    except ProbatumError as error:
        out.problems.append(explained(error))
        return
    if "Statement" not in members:
        body = next((members[n] for n in ("document", "Document", "PolicyDocument", "policy", "Policy") if n in members), None)
        if body is None:
            out.problems.append(
                Problem(f"{source.path}: there is no policy in this line", 'write a policy, or {"name": .., "document": ..}')
            )
            return
        text = text_of(body)
    called = next((members[n].value for n in ("name", "PolicyName", "Name", "id") if n in members), "")
    name = called if type(called) is str else ""
    _add(out, taken, Source(source.path, text.encode("utf-8", "surrogatepass")), kind, name)


def one_of_kinds(value: str | None) -> str | None:
    """Return the kind, if it is one.

    Raises
    ------
    UsageError
        If it is not.
    """
    from probatum.access.artefacts import Kind

    if value is not None and value not in {kind.value for kind in Kind}:
        raise UsageError(f"`{value}` is not a kind of policy", help=f"the kinds are {', '.join(kind.value for kind in Kind)}")
    return value
