"""Marks as JSON, for formats that have no place for them."""

from __future__ import annotations

import json
from typing import Any

from probatum.inspection.artefacts.marks import Mark, finite
from probatum.inspection.artefacts.rle import read_rle, written_rle
from probatum.inspection.artefacts.unusable import LIMITS


def cell_of(mark: Mark) -> dict[str, Any]:
    """Return all of a mark but the picture it is on."""
    found: dict[str, Any] = {"label": mark.label}
    if mark.box is not None:
        found["box"] = list(mark.box)
    if mark.polygons:
        found["polygons"] = [list(p) for p in mark.polygons]
    if mark.rle is not None:
        found["rle"] = written_rle(mark.rle)
    if mark.mask:
        found["mask"] = mark.mask
    if mark.attributes:
        found["attributes"] = dict(mark.attributes)
    if mark.extra:
        found["extra"] = dict(mark.extra)
    return found


def mark_of(cell: Any, image: str) -> Mark | None:
    """Return the mark that an object tells; None if it tells none."""
    if not isinstance(cell, dict) or not isinstance(cell.get("label"), str):
        return None
    polygons = cell.get("polygons")
    drawn = isinstance(polygons, list) and all(finite(p) for p in polygons)
    attributes, extra = ({} if not isinstance(cell.get(name), dict) else cell[name] for name in ("attributes", "extra"))
    left = tuple(cell["box"]) if finite(cell.get("box"), 4) else None
    return Mark(
        image=image,
        label=cell["label"],
        box=left,
        polygons=tuple(tuple(p) for p in polygons) if drawn and isinstance(polygons, list) else (),
        rle=read_rle(cell.get("rle"), most_pixels=LIMITS.most_pixels),
        mask=str(cell.get("mask", "")),
        attributes=attributes,
        extra=extra,
    )


def marks_in(text: Any, image: str) -> list[Mark]:
    """Return the marks that a cell tells, which is a text of JSON, or a list."""
    try:
        cells = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return []
    return [mark for cell in cells if (mark := mark_of(cell, image)) is not None] if isinstance(cells, list) else []
