"""Mappings from health records to tables: which resource is a row, and by which path each column is found.

    rows: Patient
    columns:
      id: id
      race: extension[url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-race].extension[url=ombCategory].valueCoding.display
      systolic: {resource: Observation, refers: subject.reference, where: {code.coding.code: 8480-6},
                 take: valueQuantity.value, choose: last, by: effectiveDateTime}

A path is names with dots between them; `[name=text]` keeps the members of a list that say so, `[2]` one of them. Where a
path leads to several values, the first is taken; `choose` says which of several resources: `first`, `last` (in the order
of `by`), `lowest`, `highest`, or `count` for how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from probatum.project.document import parse
from probatum.project.fields import Fields, fault
from probatum.source import Text

CHOICES = ("first", "last", "lowest", "highest", "count")
_part = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)((?:\[[^\[\]]*\])*)")
_test = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Path:
    """A path into a resource: names, each with tests of the members of its list."""

    parts: tuple[tuple[str, tuple[str, ...]], ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """How a column is found.

    Attributes
    ----------
    take : Path or None
        Within the row's resource, or another one; None where resources are counted.
    resource : str
        The kind of the other resource; "" for the row's own.
    refers : Path or None
        Where the other resource names the row's.
    where : mapping of Path to str
        What the other resource must say.
    choose : str
    by : Path or None
    """

    name: str
    take: Path | None
    resource: str = ""
    refers: Path | None = None
    where: Mapping[Path, str] = field(default_factory=dict)
    choose: str = "first"
    by: Path | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A mapping: the kind of resource that is a row, and the columns."""

    rows: str
    columns: tuple[MappedColumn, ...]
    digest: str


def read_mapping(text: Text) -> TableMapping:
    """Read a mapping.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with its line.
    """
    root = Fields(parse(text, extra="fairness"), "the mapping")
    rows = root.text("rows")
    node = root.get("columns")
    if node is None or not isinstance(node.value, dict) or not node.value:
        raise fault(
            root.node.location if node is None else node.location,
            "the mapping names no `columns`",
            "add `columns:` with lines `name: path`",
        )
    root.close()
    found = []
    for name, value in node.value.items():
        if isinstance(value.value, str):
            found.append(MappedColumn(name=name, take=_path(value.value, value.location)))
            continue
        own = Fields(value, f"the column `{name}`")
        choose = own.text("choose", "first", choices=CHOICES)
        refers, by, take = (own.text(key, "") for key in ("refers", "by", "take"))
        where = own.get("where")
        tests: dict[Path, str] = {}
        if where is not None:
            if not isinstance(where.value, dict):
                raise fault(where.location, "`where` is not a mapping", "write `path: text`")
            tests = {_path(key, where.keys[key]): str(test.value) for key, test in where.value.items()}
        resource = own.text("resource")
        if choose != "count" and not take:
            raise fault(value.location, f"the column `{name}` says not what to take", "add `take: path`")
        found.append(
            MappedColumn(
                name=name,
                take=_path(take, own.at("take")) if take else None,
                resource=resource,
                refers=_path(refers or "subject.reference", own.at("refers")),
                where=tests,
                choose=choose,
                by=_path(by, own.at("by")) if by else None,
            )
        )
        own.close()
    return TableMapping(rows, tuple(found), text.digest)


def _path(text: str, where: object) -> Path:
    from probatum.source import Location

    parts: list[tuple[str, tuple[str, ...]]] = []
    at = 0
    while at < len(text):
        found = _part.match(text, at)
        if found is None or (found.end() < len(text) and text[found.end()] != ".") or found.end() == len(text) - 1:
            assert isinstance(where, Location)  # noqa: S101 - who asks gives a place
            raise fault(where, f"`{text}` is not a path", "write names with dots between them, as in `name.family`")
        parts.append((found[1], tuple(_test.findall(found[2]))))
        at = found.end() + 1
    return Path(tuple(parts), text)
