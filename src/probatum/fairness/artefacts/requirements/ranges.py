"""Ranges of inputs in which errors and gaps are bounded: `kind: ranges`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.requirements.slices import LOSSES
from probatum.project.document import suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location

_same_gap = {"accuracy": "error_rate", "error": "error_rate", "tpr": "fnr", "tnr": "fpr", "ppv": "fdr", "npv": "for"}
_DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesRequirement:
    """In every box of inputs, errors and gaps between groups are at most so large.

    Attributes
    ----------
    id : str
        Unique within the policy.
    features : tuple of str
        Attributes and columns by whose values boxes are made.
    error_at_most, gap_at_most : float or None
        Largest error rate, and largest difference of `metric` between groups; None: not asked.
    metric : str
        Of the gap.
    over : tuple of str
        Attributes whose groups are compared.
    min_rows : int
        Of a box, in each half; 0: a fiftieth of the rows, at least the policy's `min_cell`.
    depth : int
        Of the tree whose leaves are the boxes.
    seed : int
        Of the division into halves: boxes are found in one and tested in the other.
    """

    id: str
    features: tuple[str, ...]
    error_at_most: float | None
    gap_at_most: float | None
    metric: str
    over: tuple[str, ...]
    min_rows: int
    depth: int
    seed: int
    location: Location


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> RangesRequirement:
    """Read the fields of such a requirement."""
    limits = {key: float(own.number(key, low=0.0, high=1.0)) if key in own else None for key in ("error_at_most", "gap_at_most")}
    if all(value is None for value in limits.values()):
        raise fault(own.node.location, f"{own.what} bounds nothing", "add `error_at_most: 0.1`, `gap_at_most: 0.05` or both")
    metric = own.text("metric", "error_rate")
    metric = _same_gap.get(metric, metric)
    if metric not in LOSSES:
        raise fault(own.at("metric"), f"`{metric}` is not a rate", suggestion(metric, (*LOSSES, *_same_gap)))
    over = own.texts("over", ()) or tuple(protected)
    for one in over:
        if one not in protected:
            raise fault(own.at("over"), f"`{one}` is not a protected attribute", suggestion(one, list(protected)))
    depth = own.whole("depth", 2, low=1)
    if depth > _DEEPEST:
        raise fault(own.at("depth"), f"`depth` is {depth}", f"it must be at most {_DEEPEST}: deeper boxes are too small to test")
    features = own.texts("features")
    if not features:
        raise fault(own.node.location, f"{own.what} names no features", "say by what boxes are made: `features: [age, priors]`")
    return RangesRequirement(
        id=name,
        features=tuple(dict.fromkeys(features)),
        error_at_most=limits["error_at_most"],
        gap_at_most=limits["gap_at_most"],
        metric=metric,
        over=tuple(dict.fromkeys(over)),
        min_rows=own.whole("min_rows", 0),
        depth=depth,
        seed=own.whole("seed", 0),
        location=own.node.location,
    )
