"""A quantity of one's own that may differ between groups only so much: one column by another. `kind: measure`.

- {id: wer, kind: measure, numerator: edits, denominator: words, over: race, at_most: 0.05}
- {id: wait, kind: measure, numerator: days, over: sex, compare: ratio, at_least: 0.8}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import Compare, intersection
from probatum.project.fields import Fields, fault
from probatum.source import Location


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
    """

    id: str
    numerator: str
    denominator: str
    compare: Compare
    over: tuple[tuple[str, ...], ...]
    bound: float
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
    return MeasureRequirement(
        id=name,
        numerator=own.text("numerator"),
        denominator=own.text("denominator", ""),
        compare=compare,
        over=tuple(intersection(one, own, protected) for one in own.texts("over", tuple(protected))),
        bound=float(own.number(bound, low=0.0, high=math.inf if difference else 1.0)),
        location=own.node.location,
    )
