"""Rows of Parquet, as mappings from names of columns to values, in batches; and back, without loss."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.project.document import suggestion
from probatum.source import Location

_BATCH = 4096  # rows that are in memory at once
_AS_JSON = {b"probatum": b"json"}  # of a column whose values have types that no column has
_TYPED = {  # columns of known types; all others are texts
    "at": "timestamp",
    "units": "int64",
    "defect": "bool",
    "major_defect": "bool",
    "on_product": "bool",
    "severity": "float64",
    "inclusion_probability": "float64",
}


def parquet_rows(path: Path, needed: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file.

    Raises
    ------
    UnreadableArtefact
        If the file is not Parquet, is damaged, or lacks a column of `needed`.
    MissingExtra
        If pyarrow is not installed.
    """
    pa, parquet = _pyarrow()
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            check_names(path, names, needed)
            packed = {field.name for field in file.schema_arrow if (field.metadata or {}).items() >= _AS_JSON.items()}
            for batch in file.iter_batches(batch_size=_BATCH):
                columns = {name: _values(pa, batch.column(at), name in packed) for at, name in enumerate(names)}
                for values in zip(*columns.values(), strict=True):
                    yield dict(zip(columns, values, strict=True))
    except (
        OSError,
        ValueError,
        TypeError,
        OverflowError,
        MemoryError,
        RecursionError,
        NotImplementedError,
        KeyError,
        IndexError,
    ) as problem:
        # Exceptions of Arrow are among these, whatever is wrong: NotImplementedError for a type that it cannot read.
        raise unreadable(path, str(problem).splitlines()[0] if str(problem) else "it is damaged") from None


def _values(pa: Any, column: Any, packed: bool) -> list[Any]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":  # Python's times have no nanoseconds
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return [None if value is None else json.loads(value) for value in values] if packed else values


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str], further: Sequence[str]) -> None:
    """Write rows with columns of known types, and with further ones of whatever types their values have.

    Raises
    ------
    MissingExtra
        If pyarrow is not installed.
    """
    pa, parquet = _pyarrow()
    own = {"timestamp": pa.timestamp("us", tz="UTC"), "int64": pa.int64(), "bool": pa.bool_(), "float64": pa.float64()}
    fields = [pa.field(name, own.get(_TYPED.get(name, ""), pa.string())) for name in names]
    fields += [_further(pa, name, [row.get(name) for row in rows]) for name in further]
    with parquet.ParquetWriter(path, pa.schema(fields)) as writer:
        rest = iter(rows)
        while some := list(islice(rest, _BATCH)):
            columns = [pa.array([_cell(field, row.get(field.name)) for row in some], field.type) for field in fields]
            writer.write_table(pa.table(columns, schema=pa.schema(fields)))


def _further(pa: Any, name: str, values: Sequence[Any]) -> Any:
    """Return a field that all values fit into, as they are or as JSON."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) == 1 and kinds <= {str, bool, int, float, bytes, datetime}:
        try:
            kind = pa.array(values).type
            return pa.field(name, pa.timestamp("us", tz=kind.tz) if pa.types.is_timestamp(kind) else kind)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            pass
    return pa.field(name, pa.string(), metadata=_AS_JSON)


def _cell(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if (field.metadata or {}).items() >= _AS_JSON.items():
        return json.dumps(value, default=str)
    return ",".join(value) if isinstance(value, tuple) else value


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra(
            "Parquet is read by pyarrow, which is not installed", help="pip install 'probatum[inspection]'"
        ) from None
    return pa, parquet


def check_names(path: Path, names: Sequence[str], needed: Sequence[str]) -> None:
    """Raise what is wrong with a header: `UnreadableArtefact` for names that are no text, stand twice, or are missing."""
    if not all(name.isascii() or _is_utf8(name) for name in names):
        raise unreadable(path, "its header is not UTF-8")
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise unreadable(path, f"the column `{twice[:40]}` stands there twice")
    for name in needed:
        if name not in names:
            advice = suggestion(name, [other for other in names if other.isprintable()][:50]) if names else ""
            raise unreadable(path, f"it has no column `{name}`", advice)


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def unreadable(path: Path, why: str, advice: str = "") -> UnreadableArtefact:
    """Return the error of a table that cannot be read."""
    return UnreadableArtefact(
        f"the manifest `{path.name}` cannot be read: {why.strip()[:200]}",
        help=advice or "write CSV or Parquet with the columns `capture_id` and `image`, one row for each picture",
        location=Location(path.as_posix()),
    )
