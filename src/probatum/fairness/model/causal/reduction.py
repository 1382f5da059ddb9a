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

Right means consistent. Standard errors take both the influence function at the
fitted functions and, to first order, what each row does to the estimate by way
of the functions that are fitted to it (stacked estimating equations, as White,
Econometrica 1982, for models that need not be right). The latter vanishes where
all are right, and is what intervals rest on where one is wrong. Learners of
others do not tell it; with them, it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from probatum.fairness.model.causal.estimates import Influenced
from probatum.fairness.model.causal.nuisances import LARGEST_WEIGHT, Fold, Moved, Nuisances
from probatum.fairness.model.causal.regressions import Array
from probatum.fairness.semantics.causal_sample import CausalSample, folds


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
    size = sample.size
    own = np.empty(size)  # mu1(M, X, C)
    mixed = np.empty(size)  # sum_m pi0(m | C) mu1(m, X, C)
    ratio, odds = np.zeros(size), np.zeros(size)
    seen, expected = np.empty(size), np.empty(size)  # nu(M, C); sum_m pi0(m | C) nu(m, C)
    compared = np.empty(size)  # E[Y | R=0, C]
    moved = Moved(np.zeros(size), np.zeros(size))
    for fold in range(count):
        if not (placed == fold).any():
            continue
        part = Fold(sample, placed == fold, learn)
        test, mine = part.test, sample.mediator[part.test]
        rows = np.arange(len(mine))
        own[test], mixed[test] = part.mu[rows, mine], (part.pi0 * part.mu).sum(axis=1)
        seen[test], expected[test] = part.nu[rows, mine], (part.pi0 * part.nu).sum(axis=1)
        ratio[test], odds[test] = part.ratio, part.odds
        compared[test] = part.compared
        part.move(moved)
    return _combined(
        sample, own=own, mixed=mixed, seen=seen, expected=expected, compared=compared, ratio=ratio, odds=odds, moved=moved
    )


def _combined(
    sample: CausalSample,
    *,
    own: Array,
    mixed: Array,
    seen: Array,
    expected: Array,
    compared: Array,
    ratio: Array,
    odds: Array,
    moved: Moved,
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

    def estimate(terms: Array, fitting: Array) -> Influenced:
        value = float(terms.mean())
        # Only rows of group 1 carry the share of that group, which is estimated too.
        return Influenced(value, terms - inside * value + fitting, sample.clusters)

    counterfactual = estimate(inside * (weight * (y - own) + mixed) + outside * tilt * (seen - expected), moved.would)
    comparison = estimate(inside * compared + outside * tilt * (y - compared), moved.compared)
    mean = estimate(inside * y, np.zeros(sample.size))
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
