"""FHIR bundles as rows: what a mapping takes from each resource, and from those that refer to it.

Bundles as in HL7 FHIR R4 (https://hl7.org/fhir/R4/bundle.html): JSON with `entry`, each with a `resource` and perhaps a
`fullUrl`; or one resource to a line (NDJSON).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Mapped:
    """A table that a mapping made, and what to know of it: values that were passed over, units that differ, who is not there."""

    rows: list[dict[str, Any]]
    notes: tuple[str, ...]


def mapped(sources: Iterable[Source], mapping: TableMapping) -> Mapped:
    """Return one row for each resource of the kind that the mapping names, in their order.

    Resources whose status is `entered-in-error` are left out, and of several versions of one the last is taken.
    """
    kinds = {mapping.rows, *(column.resource for column in mapping.columns)} - {""}
    kept: dict[str, tuple[str, dict[str, Any]]] = {}
    seen = wrong = 0
    for source in sources:
        for url, resource in resources(source):
            if resource["resourceType"] not in kinds:
                continue
            seen += 1
            if resource.get("status") == "entered-in-error":
                wrong += 1
                continue
            named = f"{resource['resourceType']}/{resource['id']}" if resource.get("id") else f"#{seen}"
            key = url or named
            if key in kept and _version(kept[key][1]) > _version(resource):
                continue
            kept[key] = (url, resource)
    own = [(url, one) for url, one in kept.values() if one["resourceType"] == mapping.rows]
    found: list[dict[str, Any]] = [{} for _ in own]
    notes = [f"{wrong:,} resources were entered in error, and are left out"] if wrong else []
    if seen - wrong > len(kept):
        notes.append(f"{seen - wrong - len(kept):,} resources occur more than once; of each the last version is taken")
    for column in mapping.columns:
        others = [(url, one) for url, one in kept.values() if one["resourceType"] == column.resource and _meant(column, one)]
        linked = _linked(column, mapping.rows, own, others)
        for row, these in zip(found, linked, strict=True):
            row[column.name] = _chosen(column, these)
        notes += _notes(column, linked, others)
    return Mapped(found, tuple(dict.fromkeys(notes)))


def _version(resource: Mapping[str, Any]) -> str:
    """Return when a resource was last changed, as texts that compare as moments of one server do."""
    meta = resource.get("meta")
    return str(meta.get("lastUpdated") or "") if isinstance(meta, Mapping) else ""


def _meant(column: MappedColumn, one: Mapping[str, Any]) -> bool:
    return all(wanted in map(str, values(one, path)) for path, wanted in column.where.items())


Named: TypeAlias = tuple[str, dict[str, Any]]


def _linked(column: MappedColumn, kind: str, own: Sequence[Named], others: Sequence[Named]) -> list[list[dict[str, Any]]]:
    """Return the resources that a column is taken from, for each row."""
    if not column.resource:
        return [[one] for _, one in own]
    found: dict[str, list[dict[str, Any]]] = {}
    if column.follow is not None:
        for url, one in others:
            for name in _names(url, column.resource, one):
                found.setdefault(name, []).append(one)
        wanted = [[str(name) for name in values(one, column.follow)] for _, one in own]
        return [
            _distinct(other for name in names for key in _references(name) for other in found.get(key, ())) for names in wanted
        ]
    for _, one in others:
        for reference in values(one, column.refers) if column.refers else ():
            for key in _references(str(reference)):
                found.setdefault(key, []).append(one)
    return [_distinct(other for name in sorted(_names(url, kind, one)) for other in found.get(name, ())) for url, one in own]


def _names(url: str, kind: str, resource: Mapping[str, Any]) -> set[str]:
    return {url, f"{kind}/{resource['id']}" if resource.get("id") else ""} - {""}


def _references(text: str) -> list[str]:
    """Return what a reference names: an absolute one ends in the relative one, and either may end in a version."""
    plain = text.partition("/_history/")[0]
    return list(dict.fromkeys((plain, "/".join(plain.split("/")[-2:]))))


def _distinct(resources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({id(one): one for one in resources}.values())


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


def _taken(column: MappedColumn, one: Mapping[str, Any]) -> list[Any]:
    """Return the plain values of the first path that leads to any."""
    for path in column.take:
        plain = [value for value in values(one, path) if isinstance(value, str | int | float | bool)]
        if plain:
            return plain
    return []


def _chosen(column: MappedColumn, own: list[dict[str, Any]]) -> Any:
    if column.choose == "count" or not column.take:
        return len(own)
    if column.by is not None:
        when = column.by
        own = sorted(own, key=lambda one: str(first(one, when) or ""))
    taken = [values for one in own if (values := _taken(column, one))]
    every = [value for values in taken for value in values]
    match column.choose:
        case "whether" if column.follow is not None and not own:
            return None  # of nobody nothing is known
        case "whether":
            return any(value is not False for value in every)
        case "all":
            return "; ".join(sorted({str(value) for value in every})) or None
        case "lowest" | "highest":
            numbers = [values[0] for values in taken if isinstance(values[0], int | float)]
            pick = min if column.choose == "lowest" else max
            return pick(numbers) if numbers else None
    return (taken[-1] if column.choose == "last" else taken[0])[0] if taken else None


def _notes(column: MappedColumn, linked: Sequence[Sequence[dict[str, Any]]], others: Sequence[Named]) -> list[str]:
    """Say what a column's values do not: that there were others, that their units differ, that nobody is named."""
    found = []
    used = [one for these in linked for one in these]
    several = sum(any(len(set(map(str, _taken(column, one)))) > 1 for one in these) for these in linked)
    if column.choose in ("first", "last") and several:
        found.append(f"`{column.name}`: {several:,} rows have several values at once, and one is taken; `choose: all` keeps them")
    units = Counter(unit for one in used if (unit := _unit(column, one)))
    if len(units) > 1 and column.choose != "count":
        told = ", ".join(f"{unit[:24]} {many:,}" for unit, many in units.most_common(5))
        found.append(
            f"`{column.name}`: values have different units ({told}); keep one, as in `where: {{valueQuantity.unit: ...}}`"
        )
    lost = len(others) - len(_distinct(used)) if column.refers is not None else 0
    if lost:
        found.append(f"{lost:,} of {len(others):,} {column.resource} name nobody who is a row")
    alone = sum(not these for these in linked) if column.follow is not None else 0
    if alone:
        found.append(f"{alone:,} of {len(linked):,} rows name no {column.resource} that is there")
    return found


def _unit(column: MappedColumn, one: Mapping[str, Any]) -> str:
    """Return the unit of the quantity whose value a column takes."""
    for path in column.take:
        if path.parts[-1][0] == "value" and values(one, path):
            around = Path(path.parts[:-1], path.text)
            return next((str(q.get("unit") or q.get("code") or "") for q in values(one, around) if isinstance(q, Mapping)), "")
    return ""


def _none(source: Source) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{source.path}` is neither a FHIR bundle nor lines of resources",
        help="name JSON in which every resource has a `resourceType`",
        location=Location(source.path),
    )
