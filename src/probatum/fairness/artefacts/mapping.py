"""Mappings from health records to tables: which resource is a row, and by which path each column is found.

    rows: Patient
    columns:
      id: id
      race: extension[url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-race].extension[url=ombCategory].valueCoding.display
      systolic: {resource: Observation, refers: subject.reference, where: {code.coding.code: 8480-6},
                 take: valueQuantity.value, choose: last, by: effectiveDateTime}
      died: {take: [deceasedBoolean, deceasedDateTime], choose: whether}
      hospital: {resource: Organization, follow: managingOrganization.reference, take: name}

A path is names with dots between them; `[name=text]` keeps the members of a list that say so, `[2]` one of them. Of several
paths the first that leads to a value is taken. Other resources are those that name the row's (`refers`), or that the row's
names (`follow`). `choose` says which of several values: `first`, `last` (in the order of `by`), `lowest`, `highest`, `all`
(in alphabetical order, with semicolons between), `whether` there is one that is not false, or `count` for how many
resources there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from probatum.project.document import Node, parse
from probatum.project.fields import Fields, fault
from probatum.source import Location, Text

CHOICES = ("first", "last", "lowest", "highest", "all", "whether", "count")
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
    take : tuple of Path
        Within the row's resource, or another one: the first that leads to a value; empty where resources are counted.
    resource : str
        The kind of the other resource; "" for the row's own.
    refers : Path or None
        Where the other resource names the row's.
    follow : Path or None
        Where the row's resource names the other one.
    where : mapping of Path to str
        What the other resource must say.
    choose : str
    by : Path or None
    """

    name: str
    take: tuple[Path, ...]
    resource: str = ""
    refers: Path | None = None
    follow: Path | None = None
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
    return TableMapping(rows, tuple(_column(name, value) for name, value in node.value.items()), text.digest)


def _column(name: str, value: Node) -> MappedColumn:
    if isinstance(value.value, str):
        return MappedColumn(name=name, take=(_path(value.value, value.location),))
    own = Fields(value, f"the column `{name}`")
    resource, choose = own.text("resource", ""), own.text("choose", "first", choices=CHOICES)
    refers, follow, by = (own.text(key, "") for key in ("refers", "follow", "by"))
    take = tuple(_path(path, own.at("take")) for path in own.texts("take", ()))
    if choose != "count" and not take:
        raise fault(value.location, f"the column `{name}` says not what to take", "add `take: path`")
    if refers and follow:
        raise fault(
            own.at("follow"), f"the column `{name}` has both `refers` and `follow`", "keep the one that says who names whom"
        )
    tests = _tests(own)
    if not resource and (refers or follow or by or tests or choose == "count"):
        raise fault(
            value.location, f"the column `{name}` names no other resource", "add `resource: Observation`, or another kind"
        )
    own.close()
    return MappedColumn(
        name=name,
        take=take,
        resource=resource,
        refers=None if follow or not resource else _path(refers or "subject.reference", own.at("refers")),
        follow=_path(follow, own.at("follow")) if follow else None,
        where=tests,
        choose=choose,
        by=_path(by, own.at("by")) if by else None,
    )


def _tests(own: Fields) -> Mapping[Path, str]:
    where = own.get("where")
    if where is None:
        return {}
    if not isinstance(where.value, dict):
        raise fault(where.location, "`where` is not a mapping", "write `path: text`")
    return {_path(key, where.keys[key]): str(test.value) for key, test in where.value.items()}


def _path(text: str, where: Location) -> Path:
    parts: list[tuple[str, tuple[str, ...]]] = []
    at = 0
    while at < len(text):
        found = _part.match(text, at)
        if found is None or (found.end() < len(text) and text[found.end()] != ".") or found.end() == len(text) - 1:
            raise fault(where, f"`{text}` is not a path", "write names with dots between them, as in `name.family`")
        parts.append((found[1], tuple(_test.findall(found[2]))))
        at = found.end() + 1
    return Path(tuple(parts), text)
