"""Linear, logistic and multinomial regression, as far as nuisance functions need them.

A learner is a function of data that returns a prediction function, so any other
one can take its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

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


@runtime_checkable
class Traced(Protocol):
    """A fitted function that knows what each row it was fitted on does to its predictions."""

    def __call__(self, features: Array) -> Array:
        """Predict."""

    def back(self, features: Array, slope: Array) -> tuple[Array, Array]:
        """Return what each fitted row moves a functional by, and the functional's derivative by each row's target.

        Parameters
        ----------
        features : array of shape (m, p)
        slope : array of shape of the predictions
            Derivative of the functional by the predictions for `features`.

        Returns
        -------
        moved : array of shape (n,)
            To first order, by the estimating equation (White 1982), which need not be that of the true model.
        by_target : array of shape (n,), or (n, K)
        """


class _Linear:
    def __init__(self, features: Array, target: Array) -> None:
        self._scaled = _Scaled(features)
        self._design = self._scaled(features)
        self._beta = np.linalg.lstsq(self._design, target, rcond=None)[0]
        self._residual = target - self._design @ self._beta

    def __call__(self, features: Array) -> Array:
        found: Array = self._scaled(features) @ self._beta
        return found

    def back(self, features: Array, slope: Array) -> tuple[Array, Array]:
        through = np.linalg.pinv(self._design.T @ self._design, hermitian=True) @ (self._scaled(features).T @ slope)
        by_target: Array = self._design @ through
        return by_target * self._residual, by_target


class _Multinomial:
    def __init__(self, features: Array, target: Array) -> None:
        self._scaled = _Scaled(features)
        self._design = self._scaled(features)
        self._beta = multinomial_fit(self._design, target)
        self._fitted = probabilities(self._design, self._beta)
        self._target = target

    def __call__(self, features: Array) -> Array:
        return probabilities(self._scaled(features), self._beta)

    def back(self, features: Array, slope: Array) -> tuple[Array, Array]:
        design = self._scaled(features)
        chance = probabilities(design, self._beta)
        by_score = chance * (slope - (slope * chance).sum(axis=1, keepdims=True))
        by_beta = design.T @ by_score[:, 1:]
        through = np.linalg.solve(curvature(self._design, self._fitted[:, 1:]), by_beta.T.ravel())
        by_target: Array = self._design @ through.reshape(by_beta.shape[::-1]).T
        moved: Array = (by_target * (self._target - self._fitted)[:, 1:]).sum(axis=1)
        return moved, by_target


class _Logistic:
    def __init__(self, features: Array, target: Array) -> None:
        self._both = _Multinomial(features, np.column_stack([1 - target, target]))

    def __call__(self, features: Array) -> Array:
        return self._both(features)[:, 1]

    def back(self, features: Array, slope: Array) -> tuple[Array, Array]:
        moved, by_target = self._both.back(features, np.column_stack([np.zeros(len(slope)), slope]))
        return moved, by_target[:, 0]


class _Shares:
    def __init__(self, codes: NDArray[np.int64], count: int) -> None:
        self._target = np.eye(count)[codes]
        self._found = np.bincount(codes, minlength=count) / max(1, len(codes))

    def __call__(self, features: Array) -> Array:
        return np.tile(self._found, (len(features), 1))

    def back(self, features: Array, slope: Array) -> tuple[Array, Array]:
        del features
        by_target = np.tile(slope.sum(axis=0) / max(1, len(self._target)), (len(self._target), 1))
        return ((self._target - self._found) * by_target).sum(axis=1), by_target


def linear(features: Array, target: Array) -> Traced:
    """Least squares; of coefficients that data do not tell apart, the shortest ones."""
    return _Linear(features, target)


def logistic(features: Array, target: Array) -> Traced:
    """Logistic regression by Newton's method; targets may be any numbers between 0 and 1."""
    return _Logistic(features, target)


def multinomial(features: Array, codes: NDArray[np.int64], count: int) -> Traced:
    """Multinomial logistic regression by Newton's method; a class that does not occur gets next to nothing."""
    return _Multinomial(features, np.eye(count)[codes])


def shares(features: Array, codes: NDArray[np.int64], count: int) -> Traced:
    """How often each class occurs, whatever the features are."""
    del features
    return _Shares(codes, count)


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
