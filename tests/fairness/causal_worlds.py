"""Made samples whose causal decomposition is known: for the tests of estimators."""

import numpy as np

from probatum.fairness.model.causal.nuisances import Nuisances
from probatum.fairness.model.causal.regressions import linear, shares
from probatum.fairness.semantics.causal_sample import CausalSample

GAIN = np.array([0.0, 1.5, 3.0])  # of the outcome, by mediator value
BASE = np.array([[0.0, 0.0], [0.2, 0.6], [-0.3, 1.0]])  # log-odds of mediator values in group 0: constant, slope in C


def expit(z):
    return 1 / (1 + np.exp(-z))


def softmax(scores):
    mass = np.exp(scores - scores.max(axis=1, keepdims=True))
    return mass / mass.sum(axis=1, keepdims=True)


def draw(size: int, seed: int) -> CausalSample:
    """C moves everything; X lies between group and mediator, and moves the outcome too."""
    chance = np.random.default_rng(seed)
    c = chance.normal(size=size)
    r = (chance.random(size) < expit(-0.2 + 0.8 * c)).astype(np.int64)
    x = 0.5 * c + 0.8 * r + chance.normal(size=size)
    towards = BASE[:, 0] + np.outer(c, BASE[:, 1]) + np.outer(r, [0, 0.2, 0.5]) + np.outer(r * x, [0, 0.6, 1.0])
    p = softmax(towards)
    m = (chance.random(size)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    y = 1 + GAIN[m] + 1.0 * x + 0.4 * c + 0.4 * r + chance.normal(size=size)
    return CausalSample(group=r, outcome=y, mediator=m, levels=("a", "b", "c"), confounders=x[:, None], baseline=c[:, None])


def truth() -> dict[str, float]:
    """Means of group 1, as it is and with the mediator of group 0, and of group 0 with the baseline of group 1: by quadrature."""
    c = np.linspace(-9, 9, 20_001)
    mass = np.exp(-c * c / 2) * expit(-0.2 + 0.8 * c)
    mass /= mass.sum()
    others = softmax(BASE[:, 0] + np.outer(c, BASE[:, 1])) @ GAIN
    x = np.linspace(-7, 7, 281)
    noise = np.exp(-x * x / 2) / np.exp(-x * x / 2).sum()
    c_few, mass_few = c[::50], mass[::50] / mass[::50].sum()
    own = np.zeros(len(c_few))
    for e, w in zip(x, noise, strict=True):
        at = 0.5 * c_few + 0.8 + e
        own += w * (softmax(BASE[:, 0] + np.outer(c_few, BASE[:, 1]) + [0, 0.2, 0.5] + np.outer(at, [0, 0.6, 1.0])) @ GAIN)
    rest = 1 + 1.0 * (0.5 * c + 0.8) + 0.4 * c + 0.4
    return {
        "mean": float(mass_few @ own + mass @ rest),
        "would": float(mass @ (others + rest)),
        "compared": float(mass @ (1 + others + 1.0 * 0.5 * c + 0.4 * c)),
    }


class ByBaselineAlone:
    """A wrong outcome model: it knows C, and not the two indicators of M and the X that stand before it."""

    def __init__(self, features, target):
        self.fitted = linear(features[:, 3:], target)

    def __call__(self, new):
        return self.fitted(new[:, 3:])

    def back(self, new, slope):
        return self.fitted.back(new[:, 3:], slope)


WRONG = {
    "none": Nuisances(),
    "mu": Nuisances(outcome=ByBaselineAlone),
    "pi1": Nuisances(mediator=shares),
    "pi0": Nuisances(mediator_of_others=shares),
    "e": Nuisances(group=shares),
    "mu and pi1": Nuisances(outcome=ByBaselineAlone, mediator=shares),
    "mu and pi0": Nuisances(outcome=ByBaselineAlone, mediator_of_others=shares),
}
