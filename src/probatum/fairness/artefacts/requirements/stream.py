"""Quantities of a table that grows, looked at as often as one likes: `kind: stream`.

- {id: always, kind: stream, metric: selection_rate, over: sex, at_most: 0.05}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import METRICS, intersection
from probatum.project.fields import Fields
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequirement:
    """A quantity whose average so far may differ between groups by at most `bound`, whenever one looks."""

    id: str
    metric: str
    over: tuple[tuple[str, ...], ...]
    bound: float
    location: Location


def family(requirements: Iterable[StreamRequirement]) -> int:
    """Return how many claims such requirements make: one for each attribute, or intersection."""
    return sum(len(one.over) for one in requirements)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> StreamRequirement:
    """Read the fields of such a requirement."""
    return StreamRequirement(
        id=name,
        metric=own.text("metric", choices=METRICS),
        over=tuple(intersection(one, own, protected) for one in own.texts("over", tuple(protected))),
        bound=float(own.number("at_most", low=0.0, high=1.0)),
        location=own.node.location,
    )
