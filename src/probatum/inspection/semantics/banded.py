"""A band of scores between two thresholds, in which a person looks."""

from __future__ import annotations

from probatum.inspection.semantics.goods import Goods

BETWEEN = "its score lies between the two thresholds"


def lower(goods: Goods, threshold: float) -> float:
    """Return from which score on a person looks: `threshold` itself where the policy asks for no band."""
    if goods.policy.budget.band is None or goods.calibration is None or goods.calibration.band is None:
        return threshold
    return goods.calibration.band.low.value
