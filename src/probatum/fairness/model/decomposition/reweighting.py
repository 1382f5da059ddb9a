"""One group reweighted to the characteristics of the other; and gaps between quantiles.

References
----------
.. [1] DiNardo, Fortin, Lemieux. "Labor market institutions and the distribution of wages." Econometrica 64 (1996).
.. [2] Huber, Lechner, Wunsch. "The performance of estimators based on the propensity score."
   J. Econometrics 175 (2013): trimming of large relative weights.
.. [3] Firpo, Fortin, Lemieux. "Unconditional quantile regressions." Econometrica 77 (2009).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from probatum.fairness.artefacts.requirements.decomposition import Reference
from probatum.fairness.model.decomposition.fits import NoFit, Spread, likeliest
from probatum.fairness.model.decomposition.oaxaca import twofold
from probatum.fairness.model.decomposition.resampling import resampled
from probatum.fairness.model.decomposition.sample import Floats, Sample, without_dependent
from probatum.fairness.model.decomposition.terms import NOT_CAUSAL, Split, Term, terms_of

Statistic = Callable[[Floats, Floats], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How well one group can stand for the other.

    Attributes
    ----------
    trimmed : float
        Share of the second group's weight that is left out because single decisions would count too much.
    effective : float
        Of the second group's decisions, how many equally weighted ones would be as precise.
    largest : float
        Largest relative weight that is left.
    """

    trimmed: float
    effective: float
    largest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights under which the second group has the characteristics of the first.

    Attributes
    ----------
    factor : array of shape (n,)
        Of one decision; 0 for the first group and for what is trimmed.
    moves : array of shape (n, p)
        How each decision moves the coefficients of the model of the group.
    overlap : Overlap
    """

    factor: Floats
    moves: Floats
    overlap: Overlap


def counterfactual(sample: Sample) -> Weights:
    """Return weights by the odds of the group given characteristics, trimmed.

    Raises
    ------
    NoFit
        If characteristics tell the groups apart without error: nobody can stand for anybody.
    """
    z = sample.with_constant
    try:
        fit = likeliest(z, sample.first.astype(float), sample.weight, many=sample.many)
    except NoFit as problem:
        raise NoFit(f"the groups cannot be compared: {problem}") from None
    second = ~sample.first
    predicted = z @ fit.b
    odds = np.exp(np.clip(predicted - predicted[second].max(initial=0.0), -700, 0))
    factor = np.where(second, odds, 0.0)
    weighted = factor * sample.weight
    relative = factor * sample.mass / weighted.sum()
    n = sample.n
    heavy = relative > np.sqrt(n) / n
    trimmed = float(weighted[heavy].sum() / weighted.sum())
    factor = np.where(heavy, 0.0, factor)
    weighted = factor * sample.weight
    if not weighted.sum() > 0:
        raise NoFit("the groups cannot be compared: single decisions would have to stand for all others")
    effective = float(weighted.sum() ** 2 / (sample.many * (factor * sample.mass) ** 2).sum())
    largest = float((factor * sample.mass).max() / weighted.sum())
    return Weights(
        factor=factor / weighted.sum(),
        moves=fit.influence(z),
        overlap=Overlap(trimmed=trimmed, effective=effective, largest=largest),
    )


def mean(y: Floats, weight: Floats) -> float:
    """Weighted mean."""
    return float(weight @ y / weight.sum())


def quantile_of(share: float) -> Statistic:
    """Return the weighted quantile: the smallest outcome below or at which are at least this share."""

    def of(y: Floats, weight: Floats) -> float:
        order = np.argsort(y, kind="stable")
        reached = np.cumsum(weight[order])
        return float(y[order][np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))])

    return of


def reweighted(
    sample: Sample,
    statistic: Statistic = mean,
    *,
    name: str = "mean",
    draws: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
) -> Split:
    """Split a gap of any statistic into composition and structure.

    Parameters
    ----------
    statistic : callable
        Of outcomes and weights.
    draws : int
        Bootstrap samples for standard errors; with 0 only the mean has any, from its influences.

    Returns
    -------
    Split
        Terms `gap`, `composition` (the second group reweighted, less as it is) and `structure`
        (the first group less the second reweighted).

    Raises
    ------
    NoFit
        If the groups do not overlap.
    """
    sample = without_dependent(sample)

    def parts(own: Sample) -> Floats:
        factor = counterfactual(own).factor * own.many * own.mass
        # The factor is of odds, to which a decision's own weight belongs as well.
        one = statistic(own.y[own.first], own.weight[own.first])
        other = statistic(own.y[~own.first], own.weight[~own.first])
        between = statistic(own.y[~own.first], factor[~own.first])
        return np.array([one - other, between - other, one - between])

    values, names = parts(sample), ("gap", "composition", "structure")
    weights = counterfactual(sample)
    terms: tuple[Term, ...] = tuple(Term(label, float(value)) for label, value in zip(names, values, strict=True))
    notes = [
        f"{weights.overlap.effective:,.0f} of {sample.size(False):,} decisions of `{sample.pair[1]}` count effectively when reweighted"
    ]
    if weights.overlap.trimmed:
        notes.append(f"{weights.overlap.trimmed:.1%} of the weight is trimmed: few decisions would stand for many")
    if draws:
        found = resampled(sample, parts, draws=draws, seed=seed)
        low, high = found.interval(confidence)
        terms = tuple(
            Term(label, float(value), float(se), float(a), float(b))
            for label, value, se, a, b in zip(names, values, found.se, low, high, strict=True)
        )
    elif statistic is mean:
        terms = _of_means(sample, weights, values, names, confidence)
    return Split(
        method="reweighting",
        title=f"{name} of `{sample.pair[0]}` less {name} of `{sample.pair[1]}`",
        terms=terms,
        n=(sample.size(True), sample.size(False)),
        units=sample.n if sample.cluster is None else len(np.unique(sample.cluster)),
        confidence=confidence,
        assumptions=(NOT_CAUSAL, "the odds of the group follow a logit model of the characteristics", "trimming is fixed"),
        notes=tuple(notes),
        facts=(("overlap", {"trimmed": weights.overlap.trimmed, "effective": weights.overlap.effective}),),
    )


def _of_means(sample: Sample, weights: Weights, values: Floats, names: tuple[str, ...], confidence: float) -> tuple[Term, ...]:
    first, y, z = sample.first, sample.y, sample.with_constant
    between = mean(y[~first], (weights.factor * sample.weight)[~first])
    own = weights.factor * sample.mass
    pull = (weights.factor * sample.weight * (y - between)) @ z
    d_between = own * (y - between) + weights.moves @ pull
    moves = {}
    for g in (True, False):
        total = float(sample.weight[first == g].sum())
        moves[g] = np.where(first == g, sample.mass * (y - mean(y[first == g], sample.weight[first == g])) / total, 0.0)
    spread = Spread(sample.many, sample.cluster)
    spread.add(np.column_stack([moves[True] - moves[False], d_between - moves[False], moves[True] - d_between]))
    cov, free = spread.covariance(coefficients=z.shape[1] + 2)
    return terms_of(names, values, cov, free=free, confidence=confidence)


def quantiles(sample: Sample, share: float, *, reference: Reference = Reference.SECOND, confidence: float = 0.95) -> Split:
    """Split a gap between quantiles by regressions of recentred influences.

    Parameters
    ----------
    share : float in (0, 1)

    Raises
    ------
    NoFit
        If outcomes have no density at a quantile: many of them are equal.

    Notes
    -----
    The density is a Gaussian kernel's with Silverman's bandwidth. Its own error is not in the standard errors.
    """
    replaced = sample.y.copy()
    for g, name in ((True, sample.pair[0]), (False, sample.pair[1])):
        rows = sample.first == g
        y, weight = sample.y[rows], sample.weight[rows]
        at = quantile_of(share)(y, weight)
        if mean((y == at).astype(float), weight) > 0.05:
            raise NoFit(f"many outcomes of `{name}` are {at:g}, so its quantile has no density")
        middle = mean(y, weight)
        spread = float(np.sqrt(mean((y - middle) ** 2, weight)))
        quarter = quantile_of(0.75)(y, weight) - quantile_of(0.25)(y, weight)
        width = 0.9 * min(spread, quarter / 1.349 or spread) * float(sample.many[rows].sum()) ** -0.2
        if not width > 0:
            raise NoFit(f"outcomes of `{name}` do not vary")
        height = mean(np.exp(-0.5 * ((y - at) / width) ** 2), weight) / (width * np.sqrt(2 * np.pi))
        replaced[rows] = at + (share - (y <= at)) / height
    found = twofold(replace(sample, y=replaced), reference=reference, confidence=confidence)
    return replace(
        found,
        method=f"quantile {share:g}, {reference.value}",
        title=f"quantile {share:g} of `{sample.pair[0]}` less that of `{sample.pair[1]}`",
        assumptions=(*found.assumptions, "small changes of characteristics: influences are linear"),
    )
