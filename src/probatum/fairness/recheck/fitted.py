"""Regressions as rechecks fit them: by a general optimiser and by the pseudo-inverse, and by nothing that rules use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

RIDGE = 1e-3  # part of the method: a penalty on every coefficient


class Chooser:
    """Multinomial logistic regression, by a general optimiser."""

    def __init__(self, features: Array, shares: Array) -> None:
        """Fit shares of classes, of shape (n, K), to features of shape (n, p)."""
        import numpy as np
        from scipy.optimize import minimize
        from scipy.special import log_softmax

        self._centre = features.mean(axis=0)
        scale = features.std(axis=0)
        self._scale = np.where(scale > 0, scale, 1.0)
        self.classes = shares.shape[1]
        design = self.design(features)
        shape = (design.shape[1], self.classes - 1)

        def loss(flat: Array) -> tuple[float, Array]:
            beta = flat.reshape(shape)
            logs = log_softmax(np.column_stack([np.zeros(len(design)), design @ beta]), axis=1)
            slope = design.T @ (np.exp(logs) - shares)[:, 1:] + RIDGE * beta
            return float(RIDGE / 2 * (beta**2).sum() - (shares * logs).sum()), slope.ravel()

        answer = minimize(
            loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-7}
        )
        self.beta: Array = answer.x.reshape(shape)

    def design(self, features: Array) -> Array:
        """Return a constant and features on the scale of the data, of shape (n, p + 1)."""
        import numpy as np

        return np.column_stack([np.ones(len(features)), (features - self._centre) / self._scale])

    def __call__(self, features: Array, beta: Array | None = None) -> Array:
        """Return probabilities of classes, of shape (n, K)."""
        import numpy as np
        from scipy.special import softmax

        at = self.beta if beta is None else beta
        found: Array = softmax(np.column_stack([np.zeros(len(features)), self.design(features) @ at]), axis=1)
        return found

    def scores(self, features: Array, shares: Array, beta: Array) -> Array:
        """Derivative of each row's likelihood, less its part of the penalty, of shape (n, coefficients)."""
        import numpy as np

        design = self.design(features)
        left = (shares - self(features, beta))[:, 1:]
        found: Array = np.einsum("ij,ik->ijk", design, left).reshape(len(design), -1)
        return found


def regression(features: Array, target: Array, *, event: bool) -> Callable[[Array], Array]:
    """Return a logistic regression of an event, by the optimiser, or least squares of a number, by the pseudo-inverse."""
    import numpy as np

    if event:
        fitted = Chooser(features, np.stack([1 - target, target], axis=1))
        return lambda new: fitted(new)[:, 1]
    inverse = np.linalg.pinv(np.column_stack([np.ones(len(features)), features]), rcond=1e-12) @ target
    return lambda new: inverse[0] + new @ inverse[1:]
