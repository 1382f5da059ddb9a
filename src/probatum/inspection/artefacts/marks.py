"""What people drew on pictures, and a set of views with it: what all formats of annotations are read into and written from.

Each format can say something that others cannot. What a `View` or a `Mark` has no field for is kept in `extra` under the name of its
format, and written again by the same; what a format has no place for goes under `probatum` there, and is read back.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import View, row_of
from probatum.inspection.artefacts.manifest import Quarantined
from probatum.inspection.artefacts.rle import Rle, mask_of
from probatum.records import dataclass
from probatum.source import Location

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OWN = "probatum"  # the place in other formats for what they have no place for
_MOST_JSON = 2 * 1024 * 1024 * 1024  # bytes of a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in a picture that somebody marked.

    Attributes
    ----------
    image : str
        As in `View.image`.
    label : str
        What is there, in the words of whoever marked it.
    box : tuple of 4 float or None
        Left, top, width, height, in pixels.
    polygons : tuple of tuple of float
        Each x, y, x, y, ... in pixels; together they are one place.
    rle : Rle or None
    mask : str
        Path of a picture whose pixels above zero are marked.
    attributes : mapping
    extra : mapping
    """

    image: str
    label: str
    box: tuple[float, float, float, float] | None = None
    polygons: tuple[tuple[float, ...], ...] = ()
    rle: Rle | None = None
    mask: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Views and what was marked on them.

    Attributes
    ----------
    views : tuple of View
    marks : tuple of Mark
    extra : mapping
        What a format says of all of them.
    quarantine : tuple of Quarantined
        What could not be read; `row` counts the pictures of the file.
    notes : tuple of str
        What was assumed, or could not be said.
    """

    views: tuple[View, ...]
    marks: tuple[Mark, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    quarantine: tuple[Quarantined, ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def marks_of(self) -> dict[str, list[Mark]]:
        """Return marks by picture, in their order."""
        found: dict[str, list[Mark]] = {}
        for mark in self.marks:
            found.setdefault(mark.image, []).append(mark)
        return found


def drawn(mark: Mark, height: int, width: int) -> NDArray[np.bool_]:
    """Return the marked pixels of a mark that has polygons, runs or a box; of shape (height, width).

    Raises
    ------
    ValueError
        If its runs are of a picture of another size.
    """
    import cv2
    import numpy as np

    found = np.zeros((height, width), np.uint8)
    if mark.rle is not None:
        if (mark.rle.height, mark.rle.width) != (height, width):
            raise ValueError("the mark is of a picture of another size")
        return mask_of(mark.rle)
    if mark.polygons:
        corners = [np.clip(np.array(p, np.float64).reshape(-1, 2), -1e5, 1e5) for p in mark.polygons]
        cv2.fillPoly(found, [np.round(c).astype(np.int32) for c in corners], (1,))
    elif mark.box is not None:
        left, top, wide, high = mark.box
        rows, columns = (slice(max(0, math.floor(a)), max(0, math.ceil(a + n))) for a, n in ((top, high), (left, wide)))
        found[rows, columns] = 1
    return found.astype(bool)


def read_json(path: Path) -> Any:
    """Return what a file of JSON says.

    Raises
    ------
    UnreadableArtefact
        If it is not there, is too large, or is no JSON.
    """
    try:
        size = path.stat().st_size
        if size <= _MOST_JSON:
            return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise no_dataset(path, why.lower() or "it is nested too deeply") from None
    raise no_dataset(path, f"its {size:,} bytes are more than {_MOST_JSON:,}")


def no_dataset(path: Path, why: str, advice: str = "") -> UnreadableArtefact:
    """Return the error of annotations that cannot be read."""
    return UnreadableArtefact(f"`{path.name}` cannot be read: {why[:200]}", help=advice, location=Location(path.as_posix()))


def under_own(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what probatum wrote into an object of another format."""
    own = value.get(OWN)
    return dict(own) if isinstance(own, dict) else {}


def of_format(extra: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what another format said of a picture; a manifest in CSV gives it back as text, and a column that is only called so says nothing."""
    value = extra.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    return dict(value) if isinstance(value, Mapping) else {}


def finite(value: object, length: int = 0) -> bool:
    """Whether a value is a list of numbers that are finite; of a length, unless that is 0."""
    return (
        isinstance(value, list)
        and len(value) == (length or len(value))
        and all(type(n) in (int, float) and math.isfinite(n) for n in value)
    )


def json_row(view: View, *, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a view says as JSON; `view_of` gives it back."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else list(value) if isinstance(value, tuple) else value
        for name, value in row_of(view).items()
        if name not in without
    }


def write_json(path: Path, value: Any) -> None:
    """Write JSON; what it has no type for becomes a text."""
    path.write_text(json.dumps(value, ensure_ascii=False, default=str), encoding="utf-8")
