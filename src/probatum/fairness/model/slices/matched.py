"""Two groups compared among items that are alike in what they are matched on.

Items are put into strata of the covariates (numbers in bins); strata that do not
have both groups are left out, and counted. The second group is weighted to the
strata of the first, and the difference of the two ratios has the variance of its
linear part, by clusters. This is coarsened exact matching [1]_.

References
----------
.. [1] Iacus, King, Porro. "Causal Inference without Balance Checking: Coarsened Exact Matching." Political Analysis 20 (2012).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.model.slices.frame import frame_of
from probatum.fairness.semantics.items import title_of
from probatum.fairness.semantics.relation import Relation
from probatum.project.document import suggestion

_FEWEST = 5  # clusters of a group, below which no variance is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What the comparison says.

    Attributes
    ----------
    difference, low, high : float or None
        Of the first group's loss less the second's, among matched items; None where it is not known.
    unmatched : float or None
        The same among all items.
    rows : tuple of int
        Matched items of each.
    strata, dropped : int
        With both groups; items of both groups in strata without the other.
    """

    loss: str
    groups: tuple[str, str]
    on: tuple[str, ...]
    difference: float | None
    low: float | None
    high: float | None
    unmatched: float | None
    confidence: float
    rows: tuple[int, int]
    strata: int
    dropped: int

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        own = {name: getattr(self, name) for name in self.__slots__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in own.items()}


def compare(
    policy: Policy,
    required: SlicesRequirement,
    relation: Relation,
    *,
    attribute: str,
    groups: tuple[str, str],
    on: tuple[str, ...],
) -> Matched:
    """Compare the losses of two groups.

    Raises
    ------
    UnreadableArtefact
        If the table has no such attribute or column, or nobody of a group.
    """
    import numpy as np
    from scipy.stats import t

    frame = frame_of(policy, replace(required, features=(attribute, *on), pairs=()), relation)
    features = {feature.name: (feature, codes) for feature, codes in zip(frame.features, frame.codes, strict=True)}
    if attribute not in features:
        raise UnreadableArtefact(f"the attribute `{attribute}` has no groups", help="name another", location=required.location)
    feature, own = features[attribute]
    names = {str(c["is"]): first for c, first, _ in feature.choices if c.get("is") is not None}
    for name in groups:
        if name not in names:
            raise UnreadableArtefact(
                f"nobody is in the group `{name}` of `{attribute}`",
                help=suggestion(name, list(names)),
                location=required.location,
            )
    members = [own == names[name] for name in groups]
    stratum = np.zeros(len(own), np.int64)
    for name in on:
        if name in features:  # a column with one value tells nobody apart
            matched, codes = features[name]
            stratum = np.unique(stratum * matched.width + codes, return_inverse=True)[1]
    size = int(stratum.max()) + 1
    den = [np.bincount(stratum[m], frame.den[m], minlength=size) for m in members]
    both = (den[0] > 0) & (den[1] > 0)
    inside = [m & both[stratum] for m in members]
    weight = np.zeros(size)
    weight[both] = den[0][both] / den[1][both]
    rows = (int(inside[0].sum()), int(inside[1].sum()))
    weights = [np.where(inside[0], 1.0, 0.0), np.where(inside[1], weight[stratum], 0.0)]
    ratio = [_ratio(frame.num, frame.den, w) for w in weights]
    plain = [_ratio(frame.num, frame.den, m.astype(np.float64)) for m in members]
    result = Matched(
        loss=title_of(required),
        groups=groups,
        on=on,
        difference=None,
        low=None,
        high=None,
        unmatched=_less(plain[0], plain[1]),
        confidence=1 - policy.alpha,
        rows=rows,
        strata=int(both.sum()),
        dropped=int(sum(int(m.sum()) for m in members) - sum(rows)),
    )
    one, other = ratio
    if one is None or other is None:
        return result
    # The weights of the second group are what the strata have; within a stratum its mean varies, and so does the first's.
    total = float((frame.den * weights[0]).sum())
    influence = weights[0] * (frame.num - one * frame.den) / total - weights[1] * (frame.num - other * frame.den) / total
    inner = np.bincount(stratum, weights[1] * (frame.num - other * frame.den), minlength=size)
    # Shares of strata are the first group's: each of its items also moves the second's standard.
    mean = np.divide(inner, den[0], out=np.zeros(size), where=den[0] > 0)
    influence -= weights[0] * frame.den * mean[stratum] / total
    # Within strata, the second group's items are compared with the mean of their own stratum.
    influence += weights[1] * frame.den * mean[stratum] / total
    sums = np.bincount(frame.cluster, influence)
    clusters = [len(np.unique(frame.cluster[m])) for m in inside]
    few = min(clusters)
    if few < _FEWEST:
        return replace(result, difference=one - other)
    error = math.sqrt(float(sums @ sums) * few / (few - 1))
    reach = float(t.isf(policy.alpha / 2, few - 1)) * error
    return replace(result, difference=one - other, low=one - other - reach, high=one - other + reach)


def _ratio(num: Any, den: Any, weight: Any) -> float | None:
    total = float((den * weight).sum())
    return float((num * weight).sum()) / total if total > 0 else None


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
