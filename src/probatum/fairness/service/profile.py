"""What a record keeps of a table: its digests, its columns, and how many rows, gaps and outcomes each group has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.semantics.columns import columns
from probatum.fairness.semantics.memory import Held
from probatum.fairness.semantics.relation import Relation, opened, quoted
from probatum.fairness.service.outcomes import truth
from probatum.source import Data, Source

GAP = "(missing)"
_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    own = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            own.update(chunk)
    return own.hexdigest()


def source_of(table: Any, name: str) -> Source:
    """Return a table that a program has as one that can be opened: a path, a DataFrame, columns, or a list of rows."""
    if isinstance(table, Source):
        return table
    if isinstance(table, str | Path):
        return Data(Path(table).name, b"", place=str(Path(table).resolve()))
    if isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table):
        names = list(dict.fromkeys(key for row in table for key in row))
        return Held(name, b"", frame={key: [row.get(key) for row in table] for key in names})
    return Held(name, b"", frame=table)


def profile(
    table: Any, name: str, *, protected: Mapping[str, str], label: str = "", positive: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what a record keeps of a table.

    Parameters
    ----------
    table : path, DataFrame, mapping of columns, or list of mappings
    protected : mapping of str to str
        Attribute to column; attributes whose column is absent are left out.
    label : str
        Column of the outcome.
    positive : sequence of str
        Spellings of its positive value, see `outcomes`. Where none is given and the column does not hold truth
        values, outcomes are not counted, and it is said why.

    Raises
    ------
    UnreadableArtefact
        If it is no table.
    """
    source = source_of(table, name)
    with opened(source) as relation:
        found: dict[str, Any] = {"kind": "data", "name": name}
        if isinstance(source, Data) and source.place:
            place = Path(source.place)
            found |= {"sha256": file_digest(place), "bytes": place.stat().st_size}
        return found | _counted(relation, protected, label, positive)


def _counted(relation: Relation, protected: Mapping[str, str], label: str, positive: Sequence[str]) -> dict[str, Any]:
    known = columns(relation)
    names = list(relation.columns)
    gaps = {name: f"({known[name].value}) is null" if name in known else f"{quoted(name)} is null" for name in names}
    asked = ", ".join(f"count(*) filter ({gaps[name]}) as c{n}" for n, name in enumerate(names))
    happened, unknown = truth(relation, label, positive) if label in relation.columns else ("", "")
    text = " || chr(31) || ".join(f"coalesce(cast({quoted(name)} as varchar), chr(30))" for name in names)
    [hashed] = relation.sql(
        f"select sha256(coalesce(string_agg(h, '' order by h), '')) as d from (select sha256({text}) as h from {{table}})"  # noqa: S608 - quoted
    )
    groups: dict[str, dict[str, Any]] = {}
    whole: dict[str, Any] = {}
    wanted = {attribute: column for attribute, column in protected.items() if column in relation.columns}
    for attribute, column in (("", ""), *wanted.items()):
        group = f"coalesce(nullif(trim(cast({quoted(column)} as varchar)), ''), '{GAP}')" if column else "''"
        rows = relation.sql(
            f"select {group} as probatum_group, count(*) as probatum_rows, sum({happened or 0}) as probatum_hits, {asked} "  # noqa: S608 - quoted
            "from {table} group by 1 order by 1"
        )
        parts = {
            row["probatum_group"]: {
                "rows": int(row["probatum_rows"]),
                **({"positive": int(row["probatum_hits"] or 0)} if happened else {}),
                "missing": {name: int(row[f"c{n}"]) for n, name in enumerate(names) if row[f"c{n}"]},
            }
            for row in rows
        }
        if column:
            groups[attribute] = parts
        else:
            whole = parts.get("", {"rows": 0, "missing": {}})
    return {
        "rows": whole["rows"],
        "rows_sha256": hashed["d"],
        "schema": [{"name": name, "type": kind} for name, kind in relation.columns.items()],
        **({"label": label, "positive": whole.get("positive", 0)} if happened else {}),
        **({"outcomes": f"not counted: {unknown}"} if unknown else {}),
        "missing": whole["missing"],
        "groups": groups,
    }


def table_or_file(
    path: Path, name: str, *, protected: Mapping[str, str], label: str = "", positive: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what a record keeps of a file: of a table as above, of any other its digest, and why it is no table."""
    try:
        return profile(path, name, protected=protected, label=label, positive=positive)
    except UnreadableArtefact as problem:
        return {
            "kind": "data",
            "name": name,
            "sha256": file_digest(path),
            "bytes": path.stat().st_size,
            "unread": problem.message,
        }
