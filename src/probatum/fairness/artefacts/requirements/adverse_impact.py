"""Selection rates by the four-fifths rule: `kind: adverse-impact`.

- {id: four-fifths, kind: adverse-impact, over: [sex, race, sex*race], at_least: 0.8}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import intersection
from probatum.project.fields import Fields
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseImpactRequirement:
    """No group's selection rate is below a share of that of the group with the highest rate.

    Attributes
    ----------
    id : str
        Unique within the policy.
    over : tuple of tuple of str
        Attributes, or intersections of attributes, whose groups are compared.
    at_least : float in (0, 1]
        Smallest ratio; 0.8 is that of 29 CFR 1607.4D.
    least_share : float
        Groups with a smaller share of the people whose group is known are named, and not compared.
    """

    id: str
    over: tuple[tuple[str, ...], ...]
    at_least: float
    least_share: float
    location: Location


def family(requirements: Iterable[AdverseImpactRequirement]) -> int:
    """Return how many claims such requirements make: one for each attribute, or intersection."""
    return sum(len(one.over) for one in requirements)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> AdverseImpactRequirement:
    """Read the fields of such a requirement."""
    return AdverseImpactRequirement(
        id=name,
        over=tuple(intersection(one, own, protected) for one in own.texts("over", tuple(protected))),
        at_least=float(own.number("at_least", 0.8, low=1e-6, high=1.0)),
        least_share=float(own.number("least_share", 0.02, low=0.0, high=0.5)),
        location=own.node.location,
    )
