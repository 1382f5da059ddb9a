"""Functions that the doubly robust estimate needs and nobody asks about, and what fitting them does to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probatum.fairness.model.causal.regressions import Array, Classifier, Regressor, Traced, linear, logistic, multinomial
from probatum.fairness.semantics.causal_sample import CausalSample

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


@dataclass(frozen=True, slots=True)
class Moved:
    """What each row moves two estimates by, by way of the functions fitted to it: arrays of shape (n,), added to in place.

    Attributes
    ----------
    would, compared : array
        In units of an influence function.
    """

    would: Array
    compared: Array


class Fold:
    """The functions learnt on all rows but some, and what they predict for those.

    Attributes
    ----------
    test : array of shape (n,), bool
        The rows that are predicted, t in number.
    pi0, mu, nu : array of shape (t, K)
    compared : array of shape (t,)
        The outcome of group 0 given C.
    ratio, odds : array of shape (t,)
        pi0 / pi1 of the mediator that was seen; e / (1 - e). Not cut.
    """

    def __init__(self, sample: CausalSample, test: NDArray[np.bool_], learn: Nuisances) -> None:
        self.test = test
        self._sample, self._train = sample, ~test
        self._one, self._other = ~test & (sample.group == 1), ~test & (sample.group == 0)
        self._indicators = np.eye(len(sample.levels))
        self._known = np.column_stack([sample.confounders, sample.baseline])
        baseline, one, other, train = sample.baseline, self._one, self._other, self._train
        levels = len(sample.levels)
        regress = logistic if sample.binary else linear
        averaged = learn.averaged or regress
        seen = self._indicators[sample.mediator[one]][:, 1:]
        self._outcome = (learn.outcome or regress)(np.column_stack([seen, self._known[one]]), sample.outcome[one])
        self._mediator = learn.mediator(self._known[one], sample.mediator[one], levels)
        self._of_others = learn.mediator_of_others(baseline[other], sample.mediator[other], levels)
        self._group = learn.group(baseline[train], sample.group[train], 2)
        self._plain = averaged(baseline[other], sample.outcome[other])
        self._averaged = [averaged(baseline[one], self._outcome(self._as(m, one))) for m in range(levels)]
        self._pi1 = self._mediator(self._known[test])[np.arange(int(test.sum())), sample.mediator[test]]
        self._e = self._group(baseline[test])[:, 1]
        self.pi0 = self._of_others(baseline[test])
        self.mu = np.column_stack([self._outcome(self._as(m, test)) for m in range(levels)])
        self.nu = np.column_stack([one_level(baseline[test]) for one_level in self._averaged])
        self.compared = self._plain(baseline[test])
        self.ratio = self.pi0[np.arange(len(self._pi1)), sample.mediator[test]] / np.maximum(self._pi1, 1e-300)
        self.odds = self._e / np.maximum(1 - self._e, 1e-300)

    def _as(self, level: int, rows: NDArray[np.bool_]) -> Array:
        """Return what the outcome is regressed on, as if the mediator had one value in all of these rows."""
        return np.column_stack([np.tile(self._indicators[level, 1:], (int(rows.sum()), 1)), self._known[rows]])

    def move(self, moved: Moved) -> None:
        """Add what the rows to which functions are fitted move estimates by.

        The chain rule: derivatives of the estimates by what is predicted for the rows of this fold (a weight that is cut
        does not move), then of that by each row that was fitted.
        """
        test, c = self.test, self._sample.baseline[self.test]
        y, indicated = self._sample.outcome[test], self._indicators[self._sample.mediator[test]]
        one = self._sample.group[test] == 1
        share = float((self._sample.group == 1).mean())
        inside, outside = one / share, (~one) / share
        limit = LARGEST_WEIGHT * share / (1 - share)
        weight, tilt = np.minimum(self.ratio, LARGEST_WEIGHT), outside * np.minimum(self.odds, limit)
        off = inside * (self.ratio <= LARGEST_WEIGHT) * (y - (self.mu * indicated).sum(axis=1)) / np.maximum(self._pi1, 1e-300)
        by_e = outside * (self.odds <= limit) / np.maximum(1 - self._e, 1e-300) ** 2
        mixture = off[:, None] * indicated + inside[:, None] * self.mu - tilt[:, None] * self.nu

        _add(moved.would, self._of_others, self._other, c, mixture)
        _add(moved.would, self._mediator, self._one, self._known[test], -(off * self.ratio)[:, None] * indicated)
        for m in range(len(self._indicators)):
            slope = inside * (self.pi0[:, m] - weight * indicated[:, m])
            _add(moved.would, self._outcome, self._one, self._as(m, test), slope)
            by_target = _add(moved.would, self._averaged[m], self._one, c, tilt * (indicated[:, m] - self.pi0[:, m]))
            if by_target is not None:  # what nu is fitted to is what the regression of the outcome says
                _add(moved.would, self._outcome, self._one, self._as(m, self._one), by_target)
        drawn = ((indicated - self.pi0) * self.nu).sum(axis=1)
        _add(moved.would, self._group, self._train, c, np.outer(by_e * drawn, [0, 1]))
        _add(moved.compared, self._group, self._train, c, np.outer(by_e * (y - self.compared), [0, 1]))
        _add(moved.compared, self._plain, self._other, c, inside - tilt)


def _add(to: Array, fitted: Callable[[Array], Array], rows: NDArray[np.bool_], features: Array, slope: Array) -> Array | None:
    """Add what rows move an estimate by, and return its derivative by their targets; None of learners that do not tell."""
    if not isinstance(fitted, Traced):
        return None
    moved, by_target = fitted.back(features, slope)
    to[rows] += moved
    return by_target
