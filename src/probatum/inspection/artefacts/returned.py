"""A table of units that customers sent back: one row for each time that one came back.

    capture_id,at,confirmed
    7f3a,2026-03-02T14:05:00Z,true
    91bc,2026-03-04,

`confirmed` says whether somebody looked, and it was damaged when it was shipped; it is empty where nobody did. Other columns are passed over. A row that says
something impossible makes the whole table unusable: what is counted here is a bound, and rows that are missing would not show.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import COLUMNS, RowFault
from probatum.records import dataclass
from probatum.source import Location

_NAMES = ("capture_id", "at", "confirmed")
_ADVICE = "write a table with the columns capture_id, at, confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A unit that came back.

    Attributes
    ----------
    unit : str
    at : datetime
        When.
    confirmed : bool
        Whether somebody looked, and it was damaged when it was shipped: not on its way, and not by the customer.
    line : int
        Of the file; 0 if it is from none.
    """

    unit: str
    at: datetime
    confirmed: bool
    line: int = field(default=0, compare=False)


def read_returns(path: Path) -> tuple[Return, ...]:
    """Read a table of returns, in CSV.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with its line.
    """
    found: list[Return] = []
    line = 1
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            reader = csv.reader(text, strict=True)
            names = next(reader, [])
            for name in _NAMES:
                if name not in names:
                    raise _fault(path, 1, f"it has no column `{name}`", _ADVICE)
            for fields in reader:
                line = reader.line_num
                if fields:
                    found.append(_row(path, line, names, fields))
    except OSError as problem:
        raise _fault(path, None, (problem.strerror or "it cannot be read").lower(), _ADVICE) from None
    except csv.Error as problem:
        raise _fault(path, line + 1, str(problem).lower(), _ADVICE) from None
    return tuple(found)


def _row(path: Path, line: int, names: list[str], fields: list[str]) -> Return:
    if len(fields) != len(names):
        raise _fault(path, line, f"a row has {len(fields)} fields, and the header has {len(names)}", "correct this line")
    if any("\ud800" <= letter <= "\udfff" for own in fields for letter in own):
        raise _fault(path, line, "a row is not UTF-8", "save it as CSV in UTF-8")
    row: Mapping[str, str] = dict(zip(names, fields, strict=True))
    if not row["capture_id"].strip() or not row["at"].strip():
        raise _fault(path, line, "a row names no unit, or no time", "correct this line")
    try:
        confirmed = bool(COLUMNS["defect"]("confirmed", row["confirmed"])) if row["confirmed"].strip() else False
        return Return(unit=row["capture_id"], at=COLUMNS["at"]("at", row["at"]), confirmed=confirmed, line=line)
    except RowFault as problem:
        raise _fault(path, line, str(problem), "correct this line, or take it out if nothing came back") from None


def _fault(path: Path, line: int | None, why: str, advice: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{path.name}` is no table of returns: {why}", help=advice, location=Location(path.as_posix(), line)
    )
