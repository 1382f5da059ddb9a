"""Quantities that may differ between groups only so much: `kind: group`, which is the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from probatum.fairness.artefacts.attribute import Attribute
from probatum.project.document import suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location

METRICS = (
    "selection_rate",
    "base_rate",
    "tpr",
    "fpr",
    "tnr",
    "fnr",
    "ppv",
    "npv",
    "fdr",
    "for",
    "accuracy",
    "error_rate",
)


class Compare(str, Enum):
    """How two groups are compared."""

    DIFFERENCE = "difference"  # the larger less the smaller
    RATIO = "ratio"  # the smaller by the larger


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRequirement:
    """Quantities that may differ between groups only so much.

    Attributes
    ----------
    id : str
        Unique within the policy.
    metrics : tuple of str
        Names of quantities, see `semantics.metrics`.
    compare : Compare
    over : tuple of tuple of str
        Attributes, or intersections of attributes, whose groups are compared.
    bound : float
        The largest difference, or the smallest ratio.
    given : tuple of str
        Columns within whose strata groups are compared.
    """

    id: str
    metrics: tuple[str, ...]
    compare: Compare
    over: tuple[tuple[str, ...], ...]
    bound: float
    given: tuple[str, ...] = ()
    location: Location


def family(required: GroupRequirement) -> int:
    """Return how many claims a requirement makes: one for each quantity and each attribute, or intersection."""
    return len(required.metrics) * len(required.over)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> GroupRequirement:
    """Read the fields of such a requirement."""
    metrics = own.texts("metric")
    for metric in metrics:
        if metric not in METRICS:
            raise fault(own.at("metric"), f"`{metric}` is not a quantity that is known", suggestion(metric, METRICS))
    compare = Compare(own.text("compare", Compare.DIFFERENCE.value, choices=[c.value for c in Compare]))
    over = own.texts("over", tuple(protected))
    bound_name = "at_most" if compare is Compare.DIFFERENCE else "at_least"
    other = "at_least" if compare is Compare.DIFFERENCE else "at_most"
    if other in own:
        raise fault(own.at(other), f"a {compare.value} is bounded by `{bound_name}`", f"write `{bound_name}: ...`")
    return GroupRequirement(
        id=name,
        metrics=metrics,
        compare=compare,
        over=tuple(intersection(one, own, protected) for one in over),
        bound=float(own.number(bound_name, low=0.0, high=1.0)),
        given=own.texts("given", ()),
        location=own.node.location,
    )


def intersection(text: str, own: Fields, protected: Mapping[str, Attribute]) -> tuple[str, ...]:
    """Return the attributes that `race*sex` names."""
    names = tuple(part.strip() for part in text.split("*"))
    for name in names:
        if name not in protected:
            raise fault(
                own.at("over"), f"`{name}` is not a protected attribute of this policy", suggestion(name, list(protected))
            )
    return names
