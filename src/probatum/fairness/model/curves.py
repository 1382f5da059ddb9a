"""ROC and calibration of each group as they are drawn: with bands, and not more points than can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics import scores as score_metrics
from probatum.fairness.semantics.relation import Relation
from probatum.fairness.semantics.score_counts import Scores, score_counts
from probatum.stats.bounds import clopper_pearson

_CORNERS = 200
_MOST = 50  # groups with a curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The ROC curve of a group.

    Attributes
    ----------
    points : tuple of (fpr, tpr)
        From (0, 0) to (1, 1).
    positives, negatives : int
    across, up : float or None
        How far true rates at any threshold are from those seen at most, for all thresholds and
        groups at once; None where rows are weighted.
    """

    points: tuple[tuple[float, float], ...]
    positives: float
    negatives: float
    across: float | None
    up: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """People of similar scores: their mean score, how many they are, and how often the truth was positive, with bounds."""

    score: float
    rows: float
    positive: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Curves of the groups of an attribute.

    Attributes
    ----------
    unit : bool
        Scores lie between 0 and 1, so that they may be probabilities.
    span : (low, high)
        Of all scores.
    left_out : int
        Groups beyond the largest ones.
    """

    roc: Mapping[str, Curve]
    calibration: Mapping[str, tuple[Bin, ...]]
    unit: bool
    span: tuple[float, float]
    left_out: int


def curves(policy: Policy, relation: Relation, over: str) -> Curves:
    """Return the curves of the groups of one attribute, or of an intersection such as `race*sex`.

    Notes
    -----
    ROC: the distribution of scores within each class is within sqrt(log(2 / a) / 2n) of the true one
    everywhere with probability 1 - a [1]_ [2]_; a is alpha, shared by both classes of all groups.
    Calibration: exact intervals of Clopper and Pearson, alpha shared by all bins of all groups.
    ROC bands and calibration each hold with the policy's confidence, and not both together.

    References
    ----------
    .. [1] Massart. "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality." Annals of Probability 18(3), 1990.
    .. [2] Campbell. "Advances in statistical methodology for the evaluation of diagnostic and
       laboratory tests." Statistics in Medicine 13, 1994.
    """
    everyone = score_counts(policy, relation, tuple(over.split("*")))
    kept = dict(sorted(((n, s) for n, s in everyone.items() if len(s.score)), key=lambda item: -item[1].rows)[:_MOST])
    if not kept:
        return Curves(roc={}, calibration={}, unit=True, span=(0.0, 1.0), left_out=0)
    low, high = min(float(s.score[0]) for s in kept.values()), max(float(s.score[-1]) for s in kept.values())
    unit = low >= 0 and high <= 1
    span = (0.0, 1.0) if unit or low == high else (low, high)
    exact = not policy.decision.weight
    rocs = {name: curve for name, own in kept.items() if (curve := score_metrics.roc(own)) is not None}
    bins = {name: _bins(own, span) for name, own in kept.items()} if unit or low < high else {}
    return Curves(
        roc={name: curve_of(curve, policy.alpha / (2 * len(rocs)), exact=exact) for name, curve in rocs.items()},
        calibration=_bounded(bins, policy.alpha, exact=exact),
        unit=unit,
        span=span,
        left_out=len(everyone) - len(kept),
    )


def curve_of(curve: score_metrics.Roc, alpha: float, *, exact: bool) -> Curve:
    """Return a curve as it is drawn, with the error of each of its two distributions spent as `alpha`."""
    corners = list(zip(curve.fpr.tolist(), curve.tpr.tolist(), strict=True))
    if len(corners) > _CORNERS:
        kept = sorted({round(n * (len(corners) - 1) / (_CORNERS - 1)) for n in range(_CORNERS)})
        corners = [corners[n] for n in kept]
    reach = [sqrt(log(2 / alpha) / (2 * n)) if exact else None for n in (curve.negatives, curve.positives)]
    return Curve(points=tuple(corners), positives=curve.positives, negatives=curve.negatives, across=reach[0], up=reach[1])


def band(curve: Curve) -> tuple[tuple[float, float], ...]:
    """Return the outline of all places where the true curve may run: upper edge from the left, lower edge back."""
    if curve.across is None or curve.up is None:
        return ()
    above = [(max(0.0, x - curve.across), min(1.0, y + curve.up)) for x, y in curve.points]
    below = [(min(1.0, x + curve.across), max(0.0, y - curve.up)) for x, y in curve.points]
    return ((0.0, 0.0), *above, (1.0, 1.0), *reversed(below))


def _bins(own: Scores, span: tuple[float, float]) -> tuple[score_metrics.Bin, ...]:
    return score_metrics.reliability(own, low=span[0], high=span[1])


def _bounded(bins: Mapping[str, tuple[score_metrics.Bin, ...]], alpha: float, *, exact: bool) -> Mapping[str, tuple[Bin, ...]]:
    family = max(1, sum(len(own) for own in bins.values()))
    found = {}
    for name, own in bins.items():
        row = []
        for one in own:
            n = round(one.weight)
            hits = min(n, round(one.positive * n))
            bound = clopper_pearson(hits, n, confidence=1 - alpha, family=family) if exact and n else None
            ends = (bound.low, bound.high) if bound is not None else (None, None)
            row.append(Bin(score=one.score, rows=one.weight, positive=one.positive, low=ends[0], high=ends[1]))
        found[name] = tuple(row)
    return found
