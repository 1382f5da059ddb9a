"""Kaputt: tables in `datasets/{query,reference}-{train,validation,test}.parquet`, and pictures in folders named after their columns.

Paths in a column `query_image` are relative to the folder `query-image`, and so on. A `query_mask` is of the item, and not of its
damage: it becomes `View.mask`. A query is one unit; so is each reference, which has no name there. What Kaputt has no column for is
a further column, which its readers pass over. The layout is that which the readers of anomalib 2.7 and FiftyOne expect [1]_.

References
----------
.. [1] Höfer et al. "Kaputt: A Large-Scale Dataset for Visual Defect Detection." ICCV 2025, arXiv:2510.05903.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from probatum.inspection.artefacts.capture import QUERY, REFERENCE, RowFault, View, row_of, type_of_damage, view_of
from probatum.inspection.artefacts.formats.marks_in_cells import cell_of, marks_in
from probatum.inspection.artefacts.manifest import Quarantined
from probatum.inspection.artefacts.marks import OWN, Dataset, Mark, no_dataset
from probatum.inspection.artefacts.parquet_rows import parquet_rows, write_parquet

_MEDIA = ("image", "crop", "mask")
_NEEDED = {QUERY: ("capture_id", "query_image"), REFERENCE: ("item_identifier", "reference_image")}
_COLUMNS = {
    QUERY: ("capture_id", "item_identifier", "item_material", "defect", "major_defect", "defect_types"),
    REFERENCE: ("item_identifier",),
}
_ORIGINAL, _OURS, _MARKS = "kaputt_defect_types", OWN + "_defect_types", OWN + "_marks"
_UNSPLIT = "unsplit"
_WORDS = {"opened": "actuation", "crush": "deformation", "tear": "penetration", "hole": "penetration", "spill": "spillage"}


def read_kaputt(folder: Path) -> Dataset:
    """Read all tables in `datasets`, or those beside `sample-data` if there are no others.

    Raises
    ------
    UnreadableArtefact
        If there is no such table, or one is damaged.
    MissingExtra
        If pyarrow is not installed.
    """
    views: list[View] = []
    marks: list[Mark] = []
    apart: list[Quarantined] = []
    for path, role, split in _tables(folder):
        for number, row in enumerate(parquet_rows(path, _NEEDED[role]), start=1):
            try:
                view = _view(row, role, split, number)
                marks += marks_in(row.get(_MARKS), view.image)
            except RowFault as fault:
                apart.append(Quarantined(number, f"{path.name}: {fault}"))
                continue
            views.append(view)
    notes = ("masks are of items, and not of damage", "each reference is a unit of its own")
    return Dataset(views=tuple(views), marks=tuple(marks), quarantine=tuple(apart), notes=notes)


def write_kaputt(dataset: Dataset, folder: Path) -> tuple[str, ...]:
    """Write the tables, and return what Kaputt has no column for. Pictures are not copied.

    Raises
    ------
    MissingExtra
        If pyarrow is not installed.
    """
    (folder / "datasets").mkdir(parents=True, exist_ok=True)
    marks = dataset.marks_of()
    tables: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for view in dataset.views:
        tables.setdefault((view.role, view.split), []).append(_row(view, marks.pop(view.image, [])))
    further: dict[str, None] = {}
    for (role, split), rows in tables.items():
        names = [*_COLUMNS[role], *(f"{role}_{part}" for part in _MEDIA)]
        more = [name for row in rows for name in row if name not in names]
        further |= dict.fromkeys(more)
        write_parquet(folder / "datasets" / f"{role}-{_file_of(split)}.parquet", rows, names, [*dict.fromkeys(more)])
    lost = tuple(f"not written: what a format says of all pictures (`{name}`)" for name in dataset.extra)
    return (*((f"further columns: {', '.join(further)}",) if further else ()), *lost)


def _tables(folder: Path) -> Iterator[tuple[Path, str, str]]:
    found = [path for role in (QUERY, REFERENCE) for path in sorted((folder / "datasets").glob(f"{role}-*.parquet"))]
    found = found or [path for role in (QUERY, REFERENCE) for path in sorted((folder / "sample-data").glob(f"{role}-*.parquet"))]
    if not found:
        raise no_dataset(
            folder, "there is no `datasets/query-*.parquet`", "name the folder that has `datasets`, as Kaputt is unpacked"
        )
    for path in found:
        role, _, split = path.stem.partition("-")
        yield path, role, "" if split == _UNSPLIT else unquote(split)


def _file_of(split: str) -> str:
    return quote(split, safe="").replace(_UNSPLIT, "%75nsplit") if split else _UNSPLIT


def _view(row: Mapping[str, Any], role: str, split: str, number: int) -> View:
    paths = {part: _read_path(row.get(f"{role}_{part}"), f"{role}-{part}") for part in _MEDIA}
    if deep := _read_path(row.get(f"{role}_depth"), f"{role}-depth"):  # a column that others add as Kaputt would; ours is `depth`
        paths["depth"] = deep
    known = {f"{role}_{part}" for part in (*_MEDIA, "depth")} | {_MARKS, _OURS}
    own = {name: value for name, value in row.items() if name not in known}
    if role == REFERENCE:
        own = {"capture_id": f"{REFERENCE}:{row.get('reference_image')}"} | {k: v for k, v in own.items() if v is not None}
    said = own.get("defect_types")
    types = _types(said)
    ours = _types(row.get(_OURS))
    if ours and _in_their_words(ours) == said:
        types = ours
    if said is not None and _in_their_words(types) != said:
        own[_ORIGINAL] = said
    return view_of({"role": role, "split": split} | own | paths | {"defect_types": types}, number)


def _read_path(value: Any, folder: str) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    if value.startswith("/"):
        raise RowFault(f"a path in `{folder}` is not relative")
    return posixpath.normpath(f"{folder}/{value}")


def _types(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(type_of_damage(part) for part in str(value or "").split(",") if part.strip()))


def _in_their_words(types: Sequence[str]) -> str | None:
    return ",".join(dict.fromkeys(_WORDS.get(name, name) for name in types)) or None


def _row(view: View, marks: Sequence[Mark]) -> dict[str, Any]:
    own = row_of(view)
    row = {name: value for name, value in own.items() if name not in {"role", "split", "defect_types", _ORIGINAL, *_MEDIA}}
    for part in _MEDIA:
        if name := own.get(part):
            row[f"{view.role}_{part}"] = posixpath.relpath(name, f"{view.role}-{part}")
    original = view.extra.get(_ORIGINAL)
    theirs = original if original is not None and _types(original) == view.defect_types else _in_their_words(view.defect_types)
    if theirs is not None:
        row["defect_types"] = theirs
    if view.defect_types and _types(theirs) != view.defect_types:
        row[_OURS] = ",".join(view.defect_types)
    if view.role == REFERENCE and view.capture_id == f"{REFERENCE}:{row['reference_image']}":
        del row["capture_id"]
    if marks:
        row[_MARKS] = json.dumps([cell_of(mark) for mark in marks], default=str)
    return row
