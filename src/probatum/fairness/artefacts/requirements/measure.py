"""A quantity of one's own that may differ between groups only so much: one column by another. `kind: measure`.

- {id: wer, kind: measure, numerator: edits, denominator: words, over: race, at_most: 0.05}
- {id: wait, kind: measure, numerator: days, over: sex, compare: ratio, at_least: 0.8}
- {id: grade, kind: measure, numerator: points, range: [0, 100], over: sex, at_most: 5}
- {id: typical, kind: measure, numerator: costs, statistic: median, over: sex, at_most: 200}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import Compare, intersection
from probatum.project.fields import Fields, fault
from probatum.source import Location

_STATISTICS = ("mean", "median")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRequirement:
    """The sum of one column by the sum of another, which may differ between groups only so much.

    Attributes
    ----------
    id : str
        Unique within the policy.
    numerator : str
        Column.
    denominator : str
        Column of numbers of at least 0; "" for the number of rows.
    compare : Compare
    over : tuple of tuple of str
        Attributes, or intersections of attributes, whose groups are compared.
    bound : float
        The largest difference, or the smallest ratio.
    median : bool
        The quantity is the median of `numerator`, and not a ratio of sums.
    span : tuple of float, or None
        What no numerator by its denominator can be below or above, known before looking.
    """

    id: str
    numerator: str
    denominator: str
    compare: Compare
    over: tuple[tuple[str, ...], ...]
    bound: float
    median: bool = False
    span: tuple[float, float] | None = None
    location: Location


def family(required: MeasureRequirement) -> int:
    """Return how many claims a requirement makes: one for each attribute, or intersection."""
    return len(required.over)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> MeasureRequirement:
    """Read the fields of such a requirement."""
    compare = Compare(own.text("compare", Compare.DIFFERENCE.value, choices=[c.value for c in Compare]))
    difference = compare is Compare.DIFFERENCE
    bound, other = ("at_most", "at_least") if difference else ("at_least", "at_most")
    if other in own:
        raise fault(own.at(other), f"a {compare.value} is bounded by `{bound}`", f"write `{bound}: ...`")
    denominator = own.text("denominator", "")
    median = own.text("statistic", "mean", choices=_STATISTICS) == "median"
    if median and denominator:
        raise fault(own.at("denominator"), "a median is of one column", "leave out `denominator`, or `statistic: median`")
    return MeasureRequirement(
        id=name,
        numerator=own.text("numerator"),
        denominator=denominator,
        compare=compare,
        over=tuple(intersection(one, own, protected) for one in own.texts("over", tuple(protected))),
        bound=float(own.number(bound, low=0.0, high=math.inf if difference else 1.0)),
        median=median,
        span=_span(own),
        location=own.node.location,
    )


def _span(own: Fields) -> tuple[float, float] | None:
    node = own.get("range")
    if node is None:
        return None
    values = [item.value for item in node.value] if isinstance(node.value, tuple) else []
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v)]
    if len(values) != 2 or len(numbers) != 2 or numbers[0] >= numbers[1]:
        raise fault(
            node.location, "`range` is not two ascending numbers", "write what no value can be below or above, as in `[0, 100]`"
        )
    return numbers[0], numbers[1]
