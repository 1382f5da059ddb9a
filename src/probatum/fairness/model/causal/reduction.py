"""How much of a disparity would go if a mediator were distributed alike: doubly robust, with its influence function.

Group 1 is given the distribution that the mediator M has in group 0 among people
with the same baseline C. With mu1 = E[Y | R=1, M, X, C] and pi_r the
distributions of M, the mean outcome of group 1 would be

    psi = E[ E[ sum_m pi0(m | C) mu1(m, X, C) | R=1, C ] | R=1 ],

if nothing unmeasured moves both M and Y given R, X and C, and every m that
occurs in group 0 can occur in group 1. The estimand is that of VanderWeele and
Robinson (Epidemiology 2014) and of Jackson and VanderWeele (Epidemiology 2018).
The estimator adds the mean of the efficient influence function at cross-fitted
nuisance functions, as Chernozhukov et al. (Econometrics Journal 2018) do.

It stays right if any one of mu1, pi1, pi0 and e (the probability of group 1
given C) is wrong, and not if mu1 and pi1, or mu1 and pi0, are.

Right means consistent. The standard error takes the influence function at the
fitted functions and not that of fitting them, which is exact to first order if
all are right. With mu1 badly wrong, intervals of psi held in simulation, and
those of the difference to the mean of group 1 were seen to be too short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.regressions import Array, Classifier, Regressor, linear, logistic, multinomial
from probatum.fairness.semantics.causal_sample import CausalSample, folds

LARGEST_WEIGHT = 50.0  # a row that stands for more than so many others is cut to so many, and counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisances:
    """How the functions that nobody asks about are learnt; None: logistic for events, linear for other outcomes.

    Attributes
    ----------
    outcome : Regressor
        mu1, of columns (indicators of M, X, C).
    mediator : Classifier
        pi1, of columns (X, C), in group 1.
    mediator_of_others : Classifier
        pi0, of columns C, in group 0.
    group : Classifier
        e, of columns C.
    averaged : Regressor
        nu(m, C): mu1(m, X, C) averaged over X in group 1; and the outcome of group 0 given C.
    """

    outcome: Regressor | None = None
    mediator: Classifier = multinomial
    mediator_of_others: Classifier = multinomial
    group: Classifier = multinomial
    averaged: Regressor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Whether the data can say anything about what is asked.

    Attributes
    ----------
    unsupported : float
        Share of group 0 whose mediator has a value that never occurs in group 1.
    trimmed : float
        Share of rows whose weight was cut to `LARGEST_WEIGHT`.
    largest : float
        The largest weight before that.
    effective : float
        Rows of group 1 that equally weighted rows would need for the same precision (Kish).
    """

    unsupported: float
    trimmed: float
    largest: float
    effective: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """A disparity in two parts: `initial` = `reduction` + `remaining`, given baseline.

    Attributes
    ----------
    mean : Influenced
        Mean outcome of group 1.
    counterfactual : Influenced
        psi: the same, if its mediator were distributed as in group 0.
    comparison : Influenced
        Mean outcome of group 0, had it the baseline of group 1.
    crude : Influenced
        Difference of the two groups' means, nothing taken into account.
    overlap : Overlap
    """

    mean: Influenced
    counterfactual: Influenced
    comparison: Influenced
    crude: Influenced
    overlap: Overlap

    @property
    def initial(self) -> Influenced:
        """The disparity among people with the same baseline."""
        return self.mean - self.comparison

    @property
    def reduction(self) -> Influenced:
        """What would go."""
        return self.mean - self.counterfactual

    @property
    def remaining(self) -> Influenced:
        """What would stay."""
        return self.counterfactual - self.comparison


def doubly_robust(sample: CausalSample, *, nuisances: Nuisances | None = None, count: int = 5, seed: int = 0) -> Reduction:
    """Estimate all parts.

    Parameters
    ----------
    sample : CausalSample
        At least `count` rows of each group.
    count : int
        Folds; each row's nuisance functions are learnt on the other folds.
    seed : int
        Of the folds.
    """
    learn = nuisances or Nuisances()
    placed = folds(sample, count, seed)
    size, levels = sample.size, len(sample.levels)
    one = sample.group == 1
    indicators = np.eye(levels)
    own = np.empty(size)  # mu1(M, X, C)
    mixed = np.empty(size)  # sum_m pi0(m | C) mu1(m, X, C)
    ratio, odds = np.zeros(size), np.zeros(size)
    seen, expected = np.empty(size), np.empty(size)  # nu(M, C); sum_m pi0(m | C) nu(m, C)
    compared = np.empty(size)  # E[Y | R=0, C]
    regress = logistic if sample.binary else linear
    averaged = learn.averaged or regress
    for fold in range(count):
        test, train = placed == fold, placed != fold
        if not test.any():
            continue
        first, other = train & one, train & ~one
        both = np.column_stack([sample.confounders, sample.baseline])
        outcome = (learn.outcome or regress)(
            np.column_stack([indicators[sample.mediator[first]][:, 1:], both[first]]), sample.outcome[first]
        )
        pi1 = learn.mediator(both[first], sample.mediator[first], levels)(both[test])
        pi0 = learn.mediator_of_others(sample.baseline[other], sample.mediator[other], levels)(sample.baseline[test])
        e = learn.group(sample.baseline[train], sample.group[train], 2)(sample.baseline[test])[:, 1]
        at, nu = np.empty((int(test.sum()), levels)), np.empty((int(test.sum()), levels))
        for m in range(levels):
            given = np.tile(indicators[m, 1:], (size, 1))
            at[:, m] = outcome(np.column_stack([given[test], both[test]]))
            fitted = outcome(np.column_stack([given[first], both[first]]))
            nu[:, m] = averaged(sample.baseline[first], fitted)(sample.baseline[test])
        rows, mine = np.arange(int(test.sum())), sample.mediator[test]
        own[test], mixed[test] = at[rows, mine], (pi0 * at).sum(axis=1)
        seen[test], expected[test] = nu[rows, mine], (pi0 * nu).sum(axis=1)
        ratio[test] = pi0[rows, mine] / np.maximum(pi1[rows, mine], 1e-300)
        odds[test] = e / np.maximum(1 - e, 1e-300)
        compared[test] = averaged(sample.baseline[other], sample.outcome[other])(sample.baseline[test])
    return _combined(sample, own=own, mixed=mixed, seen=seen, expected=expected, compared=compared, ratio=ratio, odds=odds)


def _combined(
    sample: CausalSample, *, own: Array, mixed: Array, seen: Array, expected: Array, compared: Array, ratio: Array, odds: Array
) -> Reduction:
    """Put nuisance values together: means, and the influence functions around them."""
    one = sample.group == 1
    share = float(one.mean())
    inside, outside = one / share, (~one) / share
    # Odds are relative to those of the groups' sizes, so that 1 is no weight at all.
    relative = odds * (1 - share) / share
    weight, tilt = np.minimum(ratio, LARGEST_WEIGHT), np.minimum(relative, LARGEST_WEIGHT) * share / (1 - share)
    cut = np.where(one, ratio > LARGEST_WEIGHT, relative > LARGEST_WEIGHT)
    y = sample.outcome

    def estimate(terms: Array) -> Influenced:
        value = float(terms.mean())
        # Only rows of group 1 carry the share of that group, which is estimated too.
        return Influenced(value, terms - inside * value, sample.clusters)

    counterfactual = estimate(inside * (weight * (y - own) + mixed) + outside * tilt * (seen - expected))
    comparison = estimate(inside * compared + outside * tilt * (y - compared))
    mean = estimate(inside * y)
    others = float(y[~one].mean())
    plain = Influenced(others, np.where(one, 0.0, (y - others) / (1 - share)), sample.clusters)
    used = weight[one]
    present = np.bincount(sample.mediator[one], minlength=len(sample.levels)) > 0
    return Reduction(
        mean=mean,
        counterfactual=counterfactual,
        comparison=comparison,
        crude=mean - plain,
        overlap=Overlap(
            unsupported=float((~present)[sample.mediator[~one]].mean()),
            trimmed=float(cut.mean()),
            largest=float(max(ratio[one].max(), relative[~one].max())),
            effective=float(used.sum() ** 2 / max(1e-300, used @ used)),
        ),
    )
