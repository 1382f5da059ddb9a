"""One unit and its views: what a manifest says of each picture, and of the unit that all of them show.

The unit is what is judged: scores, calibration and guarantees are by capture, never by picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from probatum.inspection.artefacts.depth import UNITS
from probatum.records import dataclass

QUERY, REFERENCE = "query", "reference"
TYPES = ("crush", "tear", "hole", "opened", "deconstruction", "spill", "missing_unit", "superficial")
# What Kaputt calls them. What went through a wall may be a hole or a tear there; the wider word stands for both.
_TYPES_OF_KAPUTT = {"actuation": "opened", "deformation": "crush", "penetration": "hole", "spillage": "spill"}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One picture of a unit, and what is known of both. Empty or None where nobody said.

    Attributes
    ----------
    capture_id : str
        The unit, in one pass through one station.
    image, crop, mask, depth : str
        Paths within the folder of the manifest, with forward slashes; `archive.zip!name` is a member of an archive. A mask is of
        the item, not of its damage.
    view : str
        Which camera or side: `top`, `left`, ...
    role : {"query", "reference"}
        A reference shows how the product should be.
    item_identifier : str
        The product.
    depth_unit : str
        Of the values in `depth`; "" to infer it.
    barcode, camera, station, shift, vendor, lot, item_material, annotator, source : str
    at : datetime or None
        UTC.
    units : int or None
        How many pieces the set must have.
    defect, major_defect : bool or None
    defect_types : tuple of str
        Of `TYPES`.
    severity : float or None
        0 to 1.
    on_product : bool or None
        Whether the damage is on the product, and not only on what it is packed in.
    split : str
        As `train` or `test`.
    inclusion_probability : float or None
        With which the unit was drawn to be annotated; in (0, 1].
    extra : mapping
        Further columns, by name.
    row : int
        Of the manifest, from 1 without its header; 0 if it is from none.
    fault : str
        Why its row cannot be used, as the quarantine says it; "" if it can. Then it has only what could be read, perhaps no `image`.
    """

    capture_id: str
    image: str
    view: str = ""
    role: str = QUERY
    item_identifier: str = ""
    crop: str = ""
    mask: str = ""
    depth: str = ""
    depth_unit: str = ""
    barcode: str = ""
    camera: str = ""
    station: str = ""
    shift: str = ""
    vendor: str = ""
    lot: str = ""
    at: datetime | None = None
    item_material: str = ""
    units: int | None = None
    defect: bool | None = None
    major_defect: bool | None = None
    defect_types: tuple[str, ...] = ()
    severity: float | None = None
    on_product: bool | None = None
    split: str = ""
    inclusion_probability: float | None = None
    annotator: str = ""
    source: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
    row: int = field(default=0, compare=False)
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One unit.

    Attributes
    ----------
    capture_id : str
    views : tuple of View
        At least one, in the order of the manifest.
    contradictions : tuple of str
        Columns in which its views differ though the unit has but one value: `item_identifier`, ...
    """

    capture_id: str
    views: tuple[View, ...]
    contradictions: tuple[str, ...] = ()

    @property
    def item_identifier(self) -> str:
        """The product; "" if nobody said, or views differ."""
        return "" if "item_identifier" in self.contradictions else _first(view.item_identifier for view in self.views)

    @property
    def defect(self) -> bool | None:
        """Whether any view says that it is damaged; None if none says anything."""
        said = [view.defect for view in self.views if view.defect is not None]
        return any(said) if said else None

    @property
    def at(self) -> datetime | None:
        """When its first view was taken."""
        return min((view.at for view in self.views if view.at is not None), default=None)


class RowFault(Exception):
    """A row that says something impossible: the message is the reason, in lower case, as it stands in the quarantine."""


_OF_UNIT = ("item_identifier", "role", "units", "split", "lot", "vendor")  # of which a unit has but one


def captures(views: Iterable[View]) -> tuple[Capture, ...]:
    """Bring views of the same unit together, in the order in which units first occur."""
    found: dict[str, list[View]] = {}
    for view in views:
        found.setdefault(view.capture_id, []).append(view)
    return tuple(Capture(capture_id=name, views=tuple(own), contradictions=_differing(own)) for name, own in found.items())


def _differing(views: Sequence[View]) -> tuple[str, ...]:
    said = {name: {getattr(view, name) for view in views} - {"", None} for name in _OF_UNIT}
    return tuple(name for name, values in said.items() if len(values) > 1)


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")


def view_of(row: Mapping[str, Any], number: int = 0) -> View:
    """Return the view that a row describes.

    Parameters
    ----------
    row : mapping of str to object
        Texts, as in CSV, or values with types, as in Parquet. None, "" and NaN are missing.
    number : int

    Raises
    ------
    RowFault
        At the first thing that cannot be so.
    """
    for name, value in row.items():
        if isinstance(value, str) and not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise RowFault(f"`{name}` is not UTF-8")
    own = {name: read(name, row[name]) for name, read in COLUMNS.items() if name in row and not _missing(row[name])}
    for name in ("capture_id", "image"):
        if name not in own:
            raise RowFault(f"`{name}` is missing")
    if own.get("major_defect") and own.get("defect") is False:
        raise RowFault("`major_defect` is true and `defect` is false")
    extra = {str(name): value for name, value in row.items() if name not in COLUMNS and value is not None}
    return View(**own, extra=extra, row=number)


def doubtful(row: Mapping[str, Any], number: int, why: str) -> View | None:
    """Return what can be read of a row that says something impossible; None if not even which unit it is about.

    Parameters
    ----------
    row : mapping of str to object
    number : int
    why : str
        It cannot be used.
    """
    own: dict[str, Any] = {"image": ""}
    for name, read in COLUMNS.items():
        value = row.get(name)
        if _missing(value) or (isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value)):
            continue
        try:
            own[name] = read(name, value)
        except RowFault:
            continue
    return View(**own, row=number, fault=why) if "capture_id" in own else None


def row_of(view: View) -> dict[str, Any]:
    """Return what a view says, by column, without what nobody said; `view_of` gives it back."""
    own = {name: getattr(view, name) for name in COLUMNS}
    return {name: value for name, value in own.items() if value not in ("", None, ())} | dict(view.extra)


def misnamed(name: str) -> str:
    """Return why a path may not stand in a manifest; "" if it may. Where it really leads is seen when it is read."""
    if not name.strip() or "\0" in name or any(ord(letter) < 32 for letter in name):
        return "is no path"
    if "://" in name:
        return "is an address, and nothing is fetched"
    if "\\" in name:
        return "has backslashes: write `/`"
    if name.startswith(("/", "~")) or re.match(r"[A-Za-z]:", name):
        return "is not relative to the folder of the manifest"
    if ".." in re.split(r"[/!]", name):
        return "leads out of the folder of the manifest"
    return ""


def type_of_damage(name: str) -> str:
    """Return one of `TYPES`.

    Raises
    ------
    RowFault
        If the name is none, nor one of Kaputt's.
    """
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    found = _TYPES_OF_KAPUTT.get(plain, plain)
    if found not in TYPES:
        raise RowFault(f"`{name.strip()[:40]}` is no type of damage: write {', '.join(TYPES)}")
    return found


def _missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _text(name: str, value: Any) -> str:
    found = str(value)
    if not found.strip() and name in ("capture_id", "image"):
        raise RowFault(f"`{name}` is missing")
    return found


def _path(name: str, value: Any) -> str:
    found = _text(name, value)
    if why := misnamed(found):
        raise RowFault(f"`{name}` {why}")
    return found


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        found = str(value).strip().lower()
        if found not in choices:
            raise RowFault(f"`{name}` is `{str(value)[:40]}`: write {' or '.join(choices)}")
        return found

    return read


def _truth(name: str, value: Any) -> bool:
    found = {"true": True, "1": True, "1.0": True, "yes": True, "false": False, "0": False, "0.0": False, "no": False}.get(
        str(value).strip().lower()
    )
    if found is None:
        raise RowFault(f"`{name}` is `{str(value)[:40]}`: write true or false")
    return found


def _number(name: str, value: Any, *, low: float, high: float) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RowFault(f"`{name}` is `{str(value)[:40]}`, which is no number") from None
    if not low <= found <= high:
        raise RowFault(f"`{name}` is {found:g}, and not within {low:g} and {high:g}")
    return found


def _whole(name: str, value: Any) -> int:
    found = _number(name, value, low=1, high=1_000_000)
    if found != int(found):
        raise RowFault(f"`{name}` is {found:g}, which is no whole number")
    return int(found)


def _share(name: str, value: Any) -> float:
    found = _number(name, value, low=0.0, high=1.0)
    if found == 0 and name == "inclusion_probability":
        raise RowFault("`inclusion_probability` is 0: what could not be drawn cannot be there")
    return found


def _time(name: str, value: Any) -> datetime:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RowFault(f"`{name}` is `{str(value)[:40]}`: write a time as 2026-03-02T14:05:00Z") from None


def _damage(name: str, value: Any) -> tuple[str, ...]:
    del name
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(dict.fromkeys(type_of_damage(str(part)) for part in parts if str(part).strip()))


# Column -> what reads its value. Order is that of files that are written.
COLUMNS: Mapping[str, Callable[[str, Any], Any]] = {
    "capture_id": _text,
    "view": _text,
    "role": _one_of(QUERY, REFERENCE),
    "item_identifier": _text,
    "image": _path,
    "crop": _path,
    "mask": _path,
    "depth": _path,
    "depth_unit": _one_of(*UNITS),
    "barcode": _text,
    "camera": _text,
    "station": _text,
    "shift": _text,
    "vendor": _text,
    "lot": _text,
    "at": _time,
    "item_material": _text,
    "units": _whole,
    "defect": _truth,
    "major_defect": _truth,
    "defect_types": _damage,
    "severity": _share,
    "on_product": _truth,
    "split": _text,
    "inclusion_probability": _share,
    "annotator": _text,
    "source": _text,
}
