"""Linear, logistic and multinomial regression, as far as nuisance functions need them.

A learner is a function of data that returns a prediction function, so any other
one can take its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Regressor: TypeAlias = Callable[[Array, Array], Callable[[Array], Array]]
"""From features (n, p) and targets (n,) to a function from features (m, p) to predictions (m,)."""
Classifier: TypeAlias = Callable[[Array, NDArray[np.int64], int], Callable[[Array], Array]]
"""From features (n, p), codes (n,) and the number of codes K to a function from features (m, p) to probabilities (m, K)."""

RIDGE = 1e-3  # in units of one observation: keeps separated classes finite, and moves nothing that data speak about
_STEPS = 100
_CLOSE = 1e-10


class _Scaled:
    """Features with mean 0 and deviation 1 in the data they were fitted on, and a constant before them."""

    def __init__(self, features: Array) -> None:
        self._mean = features.mean(axis=0)
        spread = features.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)

    def __call__(self, features: Array) -> Array:
        return np.column_stack([np.ones(len(features)), (features - self._mean) / self._spread])


def linear(features: Array, target: Array) -> Callable[[Array], Array]:
    """Least squares; of coefficients that data do not tell apart, the shortest ones."""
    scaled = _Scaled(features)
    beta = np.linalg.lstsq(scaled(features), target, rcond=None)[0]
    return lambda new: scaled(new) @ beta


def logistic(features: Array, target: Array) -> Callable[[Array], Array]:
    """Logistic regression by Newton's method; targets may be any numbers between 0 and 1."""
    scaled = _Scaled(features)
    beta = multinomial_fit(scaled(features), np.column_stack([1 - target, target]))
    return lambda new: probabilities(scaled(new), beta)[:, 1]


def multinomial(features: Array, codes: NDArray[np.int64], count: int) -> Callable[[Array], Array]:
    """Multinomial logistic regression by Newton's method; a class that does not occur gets next to nothing."""
    scaled = _Scaled(features)
    beta = multinomial_fit(scaled(features), np.eye(count)[codes])
    return lambda new: probabilities(scaled(new), beta)


def shares(features: Array, codes: NDArray[np.int64], count: int) -> Callable[[Array], Array]:
    """How often each class occurs, whatever the features are."""
    del features
    found = np.bincount(codes, minlength=count) / max(1, len(codes))
    return lambda new: np.tile(found, (len(new), 1))


def probabilities(design: Array, beta: Array) -> Array:
    """Probabilities of K classes, of shape (n, K), from coefficients of shape (p, K - 1) of all but the first."""
    scores = np.column_stack([np.zeros(len(design)), design @ beta])
    scores -= scores.max(axis=1, keepdims=True)
    mass = np.exp(scores)
    found: Array = mass / mass.sum(axis=1, keepdims=True)
    return found


def multinomial_fit(design: Array, target: Array) -> Array:
    """Maximise the likelihood of shares `target` of shape (n, K), less half a ridge on every coefficient.

    Returns
    -------
    array of shape (p, K - 1)
    """
    width, free = design.shape[1], target.shape[1] - 1
    beta = np.zeros((width, free))

    def value(at: Array) -> float:
        scores = np.column_stack([np.zeros(len(design)), design @ at])
        top = scores.max(axis=1)
        return float(
            (target * scores).sum() - (top + np.log(np.exp(scores - top[:, None]).sum(axis=1))).sum()
        ) - 0.5 * RIDGE * float((at * at).sum())

    best = value(beta)
    for _ in range(_STEPS):
        fitted = probabilities(design, beta)[:, 1:]
        slope = design.T @ (target[:, 1:] - fitted) - RIDGE * beta
        step = np.linalg.solve(curvature(design, fitted), slope.T.ravel()).reshape(free, width).T
        scale = 1.0
        while scale > 1e-8:
            moved = value(beta + scale * step)
            if moved >= best - 1e-12 * abs(best):
                break
            scale /= 2
        else:
            return beta
        beta = beta + scale * step
        gain, best = moved - best, moved
        if np.abs(scale * step).max() < _CLOSE or (scale == 1.0 and gain < 1e-14 * max(1.0, abs(best))):
            break
    return beta


def curvature(design: Array, fitted: Array) -> Array:
    """Return minus the second derivative of the penalised likelihood, for coefficients class by class."""
    width, free = design.shape[1], fitted.shape[1]
    found = np.empty((free * width, free * width))
    for k in range(free):
        for other in range(k, free):
            weight = fitted[:, k] * ((k == other) - fitted[:, other])
            block = design.T @ (design * weight[:, None])
            found[k * width : (k + 1) * width, other * width : (other + 1) * width] = block
            found[other * width : (other + 1) * width, k * width : (k + 1) * width] = block.T
    found[np.diag_indices_from(found)] += RIDGE
    return found


def of_estimator(make: Callable[[], Any]) -> tuple[Regressor, Classifier]:
    """Make learners of an estimator as scikit-learn has them.

    Parameters
    ----------
    make : callable
        Returns a new estimator with `fit` and `predict`, or `predict_proba` and `classes_`.

    Returns
    -------
    regressor, classifier
        A regressor takes the probability of 1 if the estimator has `predict_proba`.
    """

    def classifier(features: Array, codes: NDArray[np.int64], count: int) -> Callable[[Array], Array]:
        fitted = make().fit(features, codes)

        def predict(new: Array) -> Array:
            found = np.zeros((len(new), count))
            found[:, np.asarray(fitted.classes_, dtype=np.int64)] = fitted.predict_proba(new)
            return found

        return predict

    def regressor(features: Array, target: Array) -> Callable[[Array], Array]:
        estimator = make()
        if not hasattr(estimator, "predict_proba"):
            fitted = estimator.fit(features, target)
            return lambda new: np.asarray(fitted.predict(new), dtype=np.float64)
        chance = classifier(features, target.astype(np.int64), 2)
        return lambda new: chance(new)[:, 1]

    return regressor, classifier
