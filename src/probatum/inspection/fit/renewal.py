"""After a product got another version: does the threshold still keep its budget, and if not, which one does?

A calibration set holds scores of sound units against the references that were valid for them. Of a product that has another version, these say nothing any more. They
are exchanged for as many scores of sound units against the new version; until there are so many, no threshold is certified for the product, and the
others go on with what is certified from the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from probatum.records import dataclass
from probatum.stats.budgets import BudgetUnattainable
from probatum.stats.neyman_pearson import Threshold, threshold_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What holds from now on.

    Attributes
    ----------
    outcome : {"holds", "renewed", "without", "refused"}
        `holds`: the old threshold is at least the one that is certified from the exchanged scores. `renewed`: it is not, and `threshold` is to be used.
        `without`: too few scores of the new version; `threshold` is certified for all other products, and units of this one go to a person. `refused`:
        not even that.
    threshold : Threshold or None
        Certified; None if refused.
    missing : int
        How many more sound units of the new version are needed to exchange all.
    why : str
        One line.
    """

    outcome: Literal["holds", "renewed", "without", "refused"]
    threshold: Threshold | None
    missing: int
    why: str


def renewal(
    calibration: Mapping[str, Sequence[float]],
    product: str,
    fresh: Sequence[float],
    *,
    threshold: float,
    budget: float,
    confidence: float = 0.95,
) -> Renewal:
    """Say whether a threshold holds after a product got another version.

    Parameters
    ----------
    calibration : mapping of str to sequence of float
        Scores of sound units of the group whose threshold it is, by product; those of `product` against its old version.
    product : str
    fresh : sequence of float
        Scores of sound units of the product against its new version, in the order in which they came, none of them a reference. That they are sound
        must be known by other means than these scores: by an audit, as for all of a calibration set.
    threshold : float
        In use.
    budget, confidence : float
        As in `threshold_within`.

    Notes
    -----
    As many fresh scores are taken as there were old ones, the first ones, so that the product keeps its share of the group. Then the exchanged set is exchangeable with
    what is to come, if the share of the product stays as it is, and `threshold_within` certifies.
    """
    others = [score for name, scores in calibration.items() if name != product for score in scores]
    old = len(calibration.get(product, ()))
    wanted = max(old, 1)
    missing = max(0, wanted - len(fresh))
    try:
        found = threshold_within(others + list(fresh[:wanted]) if not missing else others, budget=budget, confidence=confidence)
    except BudgetUnattainable as error:
        return Renewal(outcome="refused", threshold=None, missing=missing, why=error.message)
    if missing:
        why = f"{missing} more sound units of the new version are needed; until then its units are not covered"
        return Renewal(outcome="without", threshold=found, missing=missing, why=why)
    if threshold >= found.value:
        return Renewal(
            outcome="holds", threshold=found, missing=0, why=f"{wanted} scores of the new version do not raise the threshold"
        )
    why = f"with {wanted} scores of the new version the threshold is {found.value:.6g}, and was {threshold:.6g}"
    return Renewal(outcome="renewed", threshold=found, missing=0, why=why)
