"""Manifests: one row for each picture, in CSV or Parquet, read as a stream and written again.

A row that says something impossible is kept apart with its number and the reason, and the others are read.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.inspection.artefacts.capture import COLUMNS, Capture, RowFault, View, captures, row_of, view_of
from probatum.project.document import suggestion
from probatum.records import dataclass
from probatum.source import Location

_NEEDED = ("capture_id", "image")
_BATCH = 4096  # rows that are in memory at once
_AS_JSON = {b"probatum": b"json"}  # of a column whose values have types that no column has
_TYPED = {  # own columns in Parquet; all others are texts
    "at": "timestamp",
    "units": "int64",
    "defect": "bool",
    "major_defect": "bool",
    "on_product": "bool",
    "severity": "float64",
    "inclusion_probability": "float64",
}


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that is not used.

    Attributes
    ----------
    row : int
        From 1, without the header.
    reason : str
        Lower case, one line.
    """

    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All of a manifest.

    Attributes
    ----------
    captures : tuple of Capture
    quarantine : tuple of Quarantined
    """

    captures: tuple[Capture, ...]
    quarantine: tuple[Quarantined, ...] = ()

    @property
    def views(self) -> tuple[View, ...]:
        """All views, unit by unit."""
        return tuple(view for capture in self.captures for view in capture.views)


def load(path: Path) -> Manifest:
    """Read a manifest into memory. A picture that a unit names twice is used once.

    Raises
    ------
    UnreadableArtefact
        If the file as a whole cannot be read.
    MissingExtra
        If it is Parquet, and pyarrow is not installed.
    """
    used: list[View] = []
    apart: list[Quarantined] = []
    seen: dict[tuple[str, str], int] = {}
    for found in stream(path):
        if isinstance(found, Quarantined):
            apart.append(found)
        elif (first := seen.setdefault((found.capture_id, found.image), found.row)) != found.row:
            apart.append(Quarantined(found.row, f"the picture stands in row {first} already, for the same unit"))
        else:
            used.append(found)
    return Manifest(captures=captures(used), quarantine=tuple(apart))


def stream(path: Path) -> Iterator[View | Quarantined]:
    """Yield what each row says, in the order of the file.

    Raises
    ------
    UnreadableArtefact
        If the file as a whole cannot be read; perhaps after some of it was.
    MissingExtra
        If it is Parquet, and pyarrow is not installed.
    """
    rows = _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path)
    for number, row in enumerate(rows, start=1):
        if isinstance(row, str):
            yield Quarantined(number, row)
            continue
        try:
            yield view_of(row, number)
        except RowFault as fault:
            yield Quarantined(number, str(fault))


def write_manifest(path: Path, views: Iterable[View]) -> None:
    """Write a manifest, which `stream` reads back.

    In Parquet nothing is lost. In CSV what is in `extra` becomes text, and an empty text there is missing.
    """
    rows = [row_of(view) for view in views]
    names = [name for name in COLUMNS if name in _NEEDED or any(name in row for row in rows)]
    further = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    if path.suffix.lower() == ".parquet":
        _write_parquet(path, rows, names, [*further])
        return
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*names, *further])
        writer.writerows([_as_text(row.get(name)) for name in (*names, *further)] for row in rows)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, default=str)
    return "" if value is None else str(value)


def _csv(path: Path) -> Iterator[dict[str, Any] | str]:
    """Yield rows, or why one is none."""
    try:
        # A byte that is not UTF-8 spoils its row, and no other.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            reader = csv.reader(text)
            names = next(reader, [])
            _check_names(path, names)
            while True:
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error as problem:
                    yield str(problem).lower()
                    continue
                if len(fields) == len(names):
                    yield dict(zip(names, (field or None for field in fields), strict=True))
                elif fields:
                    yield f"it has {len(fields)} fields, and the header has {len(names)}"
    except (OSError, csv.Error) as problem:
        raise _unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None


def _check_names(path: Path, names: Sequence[str]) -> None:
    if not all(name.isascii() or _is_utf8(name) for name in names):
        raise _unreadable(path, "its header is not UTF-8")
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise _unreadable(path, f"the column `{twice[:40]}` stands there twice")
    for needed in _NEEDED:
        if needed not in names:
            advice = suggestion(needed, [name for name in names if name.isprintable()][:50]) if names else ""
            raise _unreadable(path, f"it has no column `{needed}`", advice)


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _parquet(path: Path) -> Iterator[dict[str, Any] | str]:
    pa, parquet = _pyarrow()
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _check_names(path, names)
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
        # pa.ArrowException is one of the first three, whatever is wrong.
        raise _unreadable(path, str(problem).splitlines()[0] if str(problem) else "it is damaged") from None


def _values(pa: Any, column: Any, packed: bool) -> list[Any]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":  # Python's times have no nanoseconds
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return [None if value is None else json.loads(value) for value in values] if packed else values


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str], further: Sequence[str]) -> None:
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


def _unreadable(path: Path, why: str, advice: str = "") -> UnreadableArtefact:
    return UnreadableArtefact(
        f"the manifest `{path.name}` cannot be read: {why.strip()[:200]}",
        help=advice or "write CSV or Parquet with the columns `capture_id` and `image`, one row for each picture",
        location=Location(path.as_posix()),
    )
