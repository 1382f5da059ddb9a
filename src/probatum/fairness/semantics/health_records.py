"""FHIR bundles as rows: what a mapping takes from each resource, and from those that refer to it.

Bundles as in HL7 FHIR R4 (https://hl7.org/fhir/R4/bundle.html): JSON with `entry`, each with a `resource` and perhaps a
`fullUrl`; or one resource to a line (NDJSON).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.mapping import MappedColumn, Path, TableMapping
from probatum.source import Location, Source


def resources(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources of a bundle, or of lines of resources, each with its `fullUrl`.

    Raises
    ------
    UnreadableArtefact
        If it is neither.
    """
    content = source.text().content
    try:
        values = [json.loads(content)]
    except ValueError:
        try:
            values = [json.loads(line) for line in content.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise _none(source) from None
    except RecursionError:
        raise _none(source) from None
    for value in values:
        if not isinstance(value, dict) or "resourceType" not in value:
            raise _none(source)
        if value["resourceType"] != "Bundle":
            yield "", value
            continue
        entries = value.get("entry") or []
        if not isinstance(entries, list):
            raise _none(source)
        for entry in entries:
            own = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(own, dict) and "resourceType" in own:
                yield str(entry.get("fullUrl") or ""), own


def rows(sources: Iterable[Source], mapping: TableMapping) -> list[dict[str, Any]]:
    """Return one row for each resource of the kind that the mapping names, in their order."""
    own: list[tuple[str, dict[str, Any]]] = []
    others: dict[str, list[dict[str, Any]]] = {column.resource: [] for column in mapping.columns if column.resource}
    for source in sources:
        for url, resource in resources(source):
            if resource["resourceType"] == mapping.rows:
                own.append((url, resource))
            if resource["resourceType"] in others:
                others[resource["resourceType"]].append(resource)
    referring = {column.name: _referring(column, others[column.resource]) for column in mapping.columns if column.resource}
    found = []
    for url, resource in own:
        names = {url, f"{mapping.rows}/{resource.get('id', '')}"} - {"", f"{mapping.rows}/"}
        row: dict[str, Any] = {}
        for column in mapping.columns:
            if column.resource:
                row[column.name] = _chosen(
                    column, [one for name in sorted(names) for one in referring[column.name].get(name, ())]
                )
            else:
                row[column.name] = None if column.take is None else first(resource, column.take)
        found.append(row)
    return found


def values(resource: Any, path: Path) -> list[Any]:
    """Return everything that a path leads to."""
    here = [resource]
    for name, tests in path.parts:
        following: list[Any] = []
        for one in here:
            value = one.get(name) if isinstance(one, Mapping) else None
            members = value if isinstance(value, list) else [] if value is None else [value]
            for test in tests:
                key, equals, wanted = test.partition("=")
                if equals:
                    members = [m for m in members if isinstance(m, Mapping) and str(m.get(key)) == wanted]
                else:
                    members = members[int(test) : int(test) + 1] if test.isdecimal() else []
            following += members
        here = following
    return here


def first(resource: Any, path: Path) -> Any:
    """Return the first plain value that a path leads to, or None."""
    return next((one for one in values(resource, path) if isinstance(one, str | int | float | bool)), None)


def _referring(column: MappedColumn, others: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in others:
        if column.refers is None or any(wanted not in map(str, values(one, path)) for path, wanted in column.where.items()):
            continue
        for name in values(one, column.refers):
            # An absolute reference ends in the relative one.
            text = str(name)
            for key in {text, "/".join(text.split("/")[-2:])}:
                found.setdefault(key, []).append(one)
    return found


def _chosen(column: MappedColumn, own: list[dict[str, Any]]) -> Any:
    distinct = list({id(one): one for one in own}.values())
    if column.choose == "count" or column.take is None:
        return len(distinct)
    if column.by is not None:
        when = column.by
        distinct.sort(key=lambda one: str(first(one, when) or ""))
    taken = [value for one in distinct if (value := first(one, column.take)) is not None]
    if not taken:
        return None
    if column.choose in ("lowest", "highest"):
        numbers = [value for value in taken if isinstance(value, int | float)]
        pick = min if column.choose == "lowest" else max
        return pick(numbers) if numbers else None
    return taken[-1] if column.choose == "last" else taken[0]


def _none(source: Source) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{source.path}` is neither a FHIR bundle nor lines of resources",
        help="name JSON in which every resource has a `resourceType`",
        location=Location(source.path),
    )
