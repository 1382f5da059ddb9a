"""Quantities of scores that may differ between groups only so much: `kind: scores`.

- {id: as-good, kind: scores, metric: auc, over: race, at_most: 0.05}
- {id: ranked-alike, kind: scores, metric: [xauc, ks], over: [race, sex], at_most: 0.1}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.group import intersection
from probatum.project.document import suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location

# Quantities of scores, and whether it must be known what turned out to be true.
SCORE_METRICS: Mapping[str, bool] = {"auc": True, "xauc": True, "ks": False, "ks_positive": True, "ks_negative": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresRequirement:
    """Quantities of scores that may differ between groups only so much.

    Attributes
    ----------
    id : str
        Unique within the policy.
    metrics : tuple of str
        `auc`: how often a positive scores above a negative of the same group; `xauc`: how much more often a positive
        of one group scores above a negative of another than the other way round; `ks`: the largest distance between
        the distributions of scores, of all, or of those who turned out positive or negative (`ks_positive`: the
        largest difference of the true positive rate at any threshold).
    over : tuple of tuple of str
        Attributes, or intersections of attributes, whose groups are compared.
    bound : float
        The largest difference.
    """

    id: str
    metrics: tuple[str, ...]
    over: tuple[tuple[str, ...], ...]
    bound: float
    location: Location


def family(required: ScoresRequirement) -> int:
    """Return how many claims a requirement makes: one for each quantity and each attribute, or intersection."""
    return len(required.metrics) * len(required.over)


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> ScoresRequirement:
    """Read the fields of such a requirement."""
    metrics = own.texts("metric")
    for metric in metrics:
        if metric not in SCORE_METRICS:
            advice = suggestion(metric, tuple(SCORE_METRICS))
            raise fault(own.at("metric"), f"`{metric}` is not a quantity of scores that is known", advice)
    return ScoresRequirement(
        id=name,
        metrics=metrics,
        over=tuple(intersection(one, own, protected) for one in own.texts("over", tuple(protected))),
        bound=float(own.number("at_most", low=0.0, high=1.0)),
        location=own.node.location,
    )
