"""Models that are fitted to rows, and what each row moves an estimate by that is made of them: by differences.

If coefficients solve ``sum of equations(row, beta) = 0``, a row moves them by
``-(derivative of the sum)^-1 equations(row, beta)`` to first order, whether the
model is right or not; see Stefanski and Boos, American Statistician 2002.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from probatum.fairness.recheck.fitted import Chooser

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_STEP = 1e-5


class Model(Protocol):
    """A fitted model: what it predicts with any coefficients, and its estimating equations."""

    beta: Array

    def __call__(self, features: Array, beta: Array | None = None) -> Array:
        """Predict."""

    def equations(self, target: Array, beta: Array) -> Array:
        """Return what each row to which it was fitted adds, of shape (rows, coefficients)."""


class Choice(Chooser):
    """Multinomial logistic regression."""

    def __init__(self, features: Array, shares: Array) -> None:
        super().__init__(features, shares)
        self._features = features

    def equations(self, target: Array, beta: Array) -> Array:
        """Return the scores of the rows to which it was fitted."""
        return self.scores(self._features, target, beta)


class Event:
    """Logistic regression: of the probability of 1."""

    def __init__(self, features: Array, target: Array) -> None:
        import numpy as np

        self._both = Choice(features, np.stack([1 - target, target], axis=1))
        self.beta = self._both.beta

    def __call__(self, features: Array, beta: Array | None = None) -> Array:
        """Return probabilities of 1."""
        return self._both(features, beta)[:, 1]

    def equations(self, target: Array, beta: Array) -> Array:
        """Return the scores of the rows to which it was fitted."""
        import numpy as np

        return self._both.equations(np.stack([1 - target, target], axis=1), beta)


class Line:
    """Least squares."""

    def __init__(self, features: Array, target: Array) -> None:
        import numpy as np

        self._centre = features.mean(axis=0)
        scale = features.std(axis=0)
        self._scale = np.where(scale > 0, scale, 1.0)
        self._design = self._wide(features)
        self.beta: Array = np.linalg.pinv(self._design, rcond=1e-12) @ target

    def _wide(self, features: Array) -> Array:
        import numpy as np

        return np.column_stack([np.ones(len(features)), (features - self._centre) / self._scale])

    def __call__(self, features: Array, beta: Array | None = None) -> Array:
        """Return what is expected."""
        return self._wide(features) @ (self.beta if beta is None else beta)

    def equations(self, target: Array, beta: Array) -> Array:
        """Return what is 0 in sum: each feature times the residual."""
        found: Array = self._design * (target - self._design @ beta)[:, None]
        return found


@dataclass(frozen=True, slots=True)
class Piece:
    """A model, the rows to which it was fitted, and its targets: numbers, or what the first model says with some coefficients."""

    model: Model
    rows: NDArray[np.bool_]
    target: Array | Callable[[Array], Array]


def moved_by(pieces: Sequence[Piece], total: Callable[[Sequence[Array]], Array], size: int) -> Array:
    """Return what each row moves the k numbers of `total` by, by way of the coefficients of all pieces: shape (k, size)."""
    import numpy as np

    betas = [piece.model.beta for piece in pieces]

    def with_one(at: int, moved: Array) -> Array:
        return total([*betas[:at], moved, *betas[at + 1 :]])

    slopes = [_slope(partial(with_one, at), beta) for at, beta in enumerate(betas)]
    found = np.zeros((len(slopes[0]), size))
    for at in reversed(range(len(pieces))):  # those whose targets come from the first model are done before it
        own = pieces[at]
        inner = -_slope(partial(_sums, own, betas[0]), betas[at])
        weights = slopes[at] @ np.linalg.pinv(inner, rcond=1e-9)
        target = own.target(betas[0]) if callable(own.target) else own.target
        found[:, own.rows] += weights @ own.model.equations(target, betas[at]).T
        if callable(own.target):
            through = _slope(partial(_sums, own, beta=betas[at]), betas[0])
            slopes[0] = slopes[0] + weights @ through
    return found


def _sums(piece: Piece, first: Array, beta: Array) -> Array:
    """Return the sum of a piece's equations, with coefficients of the first model and its own."""
    target = piece.target(first) if callable(piece.target) else piece.target
    sums: Array = piece.model.equations(target, beta).sum(axis=0)
    return sums


def _slope(of: Callable[[Array], Array], at: Array) -> Array:
    """Return the derivative of a vector by coefficients, of shape (len of the vector, number of coefficients)."""
    import numpy as np

    columns = []
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += _STEP
        down[place] -= _STEP
        columns.append((of(up) - of(down)) / (2 * _STEP))
    return np.stack(columns, axis=-1)
