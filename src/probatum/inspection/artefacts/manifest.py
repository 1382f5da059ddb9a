"""Manifests: one row for each picture, in CSV or Parquet, read as a stream and written again.

A row that says something impossible is kept apart with its number and the reason, and the others are read.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import COLUMNS, Capture, RowFault, View, captures, doubtful, row_of, view_of
from probatum.inspection.artefacts.parquet_rows import check_names, parquet_rows, unreadable, write_parquet
from probatum.records import dataclass
from probatum.source import Location

_NEEDED = ("capture_id", "image")
_JUDGED_BY = ("item_identifier", "role", "units", "depth", "depth_unit", "mask", "barcode", "view", "camera", "split")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that is not used.

    Attributes
    ----------
    row : int
        From 1, without the header.
    reason : str
        Lower case, one line.
    view : View or None
        What can be read of it; None if not even its unit, or if nothing is lost without it.
    """

    row: int
    reason: str
    view: View | None = field(default=None, compare=False)


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

    @property
    def everything(self) -> tuple[Capture, ...]:
        """All units that are named, with rows that cannot be used as views with a `fault`: who judges may leave out none."""
        more: dict[str, list[View]] = {}
        for row in self.quarantine:
            if row.view is not None:
                more.setdefault(row.view.capture_id, []).append(row.view)
        if not more:
            return self.captures
        known = (captures((*own.views, *more.pop(own.capture_id, ())))[0] for own in self.captures)
        return (*known, *captures(view for views in more.values() for view in views))


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
    seen: dict[tuple[str, str], View] = {}
    for found in stream(path):
        if isinstance(found, Quarantined):
            apart.append(found)
        elif (first := seen.setdefault((found.capture_id, found.image), found)) is not found:
            apart.append(_again(found, first))
        else:
            used.append(found)
    return Manifest(captures=captures(used), quarantine=tuple(apart))


def _again(view: View, first: View) -> Quarantined:
    """Return why a row is not used whose picture the unit has already: if it says something else, the unit is in doubt."""
    other = next((name for name in _JUDGED_BY if getattr(view, name) != getattr(first, name)), "")
    if not other:
        return Quarantined(view.row, f"the picture stands in row {first.row} already, for the same unit")
    why = f"row {first.row} has the same picture of the same unit, and another `{other}`"
    return Quarantined(view.row, why, replace(view, fault=why))


def stream(path: Path) -> Iterator[View | Quarantined]:
    """Yield what each row says, in the order of the file.

    Raises
    ------
    UnreadableArtefact
        If the file as a whole cannot be read; perhaps after some of it was.
    MissingExtra
        If it is Parquet, and pyarrow is not installed.
    """
    rows: Iterator[dict[str, Any] | str | _Misfit]
    rows = parquet_rows(path, _NEEDED) if path.suffix.lower() == ".parquet" else _csv(path)
    for number, row in enumerate(rows, start=1):
        if isinstance(row, str):
            yield Quarantined(number, row)
            continue
        if isinstance(row, _Misfit):
            yield Quarantined(number, row.why, doubtful(row.fields, number, row.why))
            continue
        try:
            yield view_of(row, number)
        except RowFault as fault:
            yield Quarantined(number, str(fault), doubtful(row, number, str(fault)))


def write_manifest(path: Path, views: Iterable[View]) -> None:
    """Write a manifest, which `stream` reads back.

    In Parquet nothing is lost. In CSV what is in `extra` becomes text, and an empty text there is missing.
    """
    rows = [row_of(view) for view in views]
    names = [name for name in COLUMNS if name in _NEEDED or any(name in row for row in rows)]
    further = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    if path.suffix.lower() == ".parquet":
        write_parquet(path, rows, names, [*further])
        return
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*names, *further])
        writer.writerows([_as_text(row.get(name)) for name in (*names, *further)] for row in rows)


def append_to_manifest(path: Path, views: Iterable[View], names: Sequence[str]) -> None:
    """Write views at the end of a manifest in CSV, which is begun if it is not there.

    Parameters
    ----------
    path : Path
    views : iterable of View
    names : sequence of str
        Columns of a manifest that is begun; one that is there keeps its own.

    Raises
    ------
    UnreadableArtefact
        If it is there and cannot be read, or has no column for something that a view says.
    """
    header = _header(path) or list(names)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if not path.is_file() or not path.stat().st_size:
        writer.writerow(header)
    for row in map(row_of, views):
        lost = next((name for name in row if name not in header), "")
        if lost:
            raise UnreadableArtefact(
                f"`{path.name}` has no column `{lost}`",
                help="add it to the header and an empty field to each row, or begin another folder",
                location=Location(path.as_posix(), 1),
            )
        writer.writerow([_as_text(row.get(name)) for name in header])
    # One write, so that who reads meanwhile sees no half of a row.
    with path.open("ab") as file:
        file.write(out.getvalue().encode())


def _header(path: Path) -> list[str]:
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            names = next(csv.reader(text), [])
    except (OSError, csv.Error) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None
    if names:
        check_names(path, names, _NEEDED)
    return names


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


@dataclass(frozen=True, slots=True)
class _Misfit:
    """A row with more or fewer fields than there are columns: those before the fault are where they belong."""

    fields: Mapping[str, str]
    why: str


def _csv(path: Path) -> Iterator[dict[str, Any] | str | _Misfit]:
    """Yield rows, or why one is none."""
    try:
        # A byte that is not UTF-8 spoils its row, and no other.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            reader = csv.reader(text)
            names = next(reader, [])
            check_names(path, names, _NEEDED)
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
                    why = f"it has {len(fields)} fields, and the header has {len(names)}"
                    yield _Misfit(dict(zip(names, fields, strict=False)), why)
    except (OSError, csv.Error) as problem:
        raise unreadable(path, getattr(problem, "strerror", None) or str(problem)) from None
