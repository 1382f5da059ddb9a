"""Quantities of a table that grows, looked at as often as one likes: `kind: stream`.

- {id: always, kind: stream, metric: selection_rate, over: sex, at_most: 0.05}
- {id: each-month, kind: stream, metric: fpr, over: race, at_most: 0.1, time: decided, window: month}
- {id: lately, kind: stream, metric: selection_rate, over: sex, at_most: 0.1, window: 500}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import METRICS, intersection
from probatum.project.document import suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location

CALENDAR = ("hour", "day", "week", "month", "quarter", "year")
_ORDERS = ("rows", "time")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequirement:
    """A quantity whose average may differ between groups by at most `bound`, whenever one looks.

    Attributes
    ----------
    metric : str
        Name of a quantity, see `semantics.metrics`.
    over : tuple of tuple of str
        Attributes, or intersections of attributes, whose groups are compared.
    time : str
        Column of when decisions were made; "" if they came in the order of the rows.
    window : str or int
        Averages are over each hour, day, ... of the calendar, or over as many rows one after the other; 0 for
        all decisions so far.
    sort : bool
        Whether rows may be stored in another order than that of their times.
    """

    id: str
    metric: str
    over: tuple[tuple[str, ...], ...]
    bound: float
    time: str = ""
    window: str | int = 0
    sort: bool = False
    location: Location


def family(requirements: Iterable[StreamRequirement]) -> int:
    """Return how many claims such requirements make: one for each attribute, or intersection."""
    return sum(len(one.over) for one in requirements)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> StreamRequirement:
    """Read the fields of such a requirement."""
    time = own.text("time", "")
    window = _window(own)
    order = own.text("order", "rows", choices=_ORDERS)
    if isinstance(window, str) and not time:
        raise fault(own.at("window"), f"a window of a {window} needs the time of each decision", "name its column: `time: ...`")
    if order == "time" and not time:
        raise fault(own.at("order"), "there is no time to order by", "name its column: `time: ...`")
    return StreamRequirement(
        id=name,
        metric=own.text("metric", choices=METRICS),
        over=tuple(intersection(one, own, protected) for one in own.texts("over", tuple(protected))),
        bound=float(own.number("at_most", low=0.0, high=1.0)),
        time=time,
        window=window,
        sort=order == "time",
        location=own.node.location,
    )


def _window(own: Fields) -> str | int:
    node = own.get("window")
    if node is None:
        return 0
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 2:
            raise fault(node.location, f"a window of {value} rows compares nobody", "write a number of rows of at least 2")
        return value
    if not isinstance(value, str) or value not in CALENDAR:
        said = f"`{value}`" if isinstance(value, str | float | bool) else "neither"
        help_ = suggestion(value, CALENDAR) if isinstance(value, str) else f"write a number, or one of {', '.join(CALENDAR)}"
        raise fault(node.location, f"a `window` is a number of rows or a part of the calendar, and not {said}", help_)
    return value
