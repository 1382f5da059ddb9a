"""Teach a linear judge with a few pictures of faulty units: logistic regression, with a penalty, both kinds weighing as much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probatum.errors import MissingExtra
from probatum.inspection.semantics.linear_head import SCORES, LinearHead

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RIDGE = 1.0  # of weights, where the loss is a mean over pictures
_LEAST = 5  # pictures of each kind
_FLOOR = 1e-3  # of a scale


def linear_head(
    pristine: NDArray[np.float32],
    faulty: NDArray[np.float32],
    *,
    scores: int,
    backbone: str,
    ridge: float = RIDGE,
    counts: NDArray[np.float64] | None = None,
) -> LinearHead:
    """Find weights.

    Parameters
    ----------
    pristine, faulty : array of shape (n, d), float32
        What `pooled` returns of pictures; of pristine ones that are in the bank, with what the others say of them (`fit.bank.Made`).
        5 or more of each.
    scores : int
        How many of the first numbers are scores of the bank, and of known faults: they weigh more from the start.
    backbone : str
        Digest of the network.
    ridge : float above 0
    counts : array of shape (n,), float64
        How much each of the faulty ones counts beside the others; all the same, if left out.

    Raises
    ------
    ValueError
        If there are too few pictures.
    MissingExtra
        If SciPy is not installed.

    Notes
    -----
    The loss is convex and the search begins with zero, so the same pictures give the same weights.
    """
    import numpy as np

    try:
        from scipy.optimize import minimize
        from scipy.special import expit
    except ImportError as error:
        raise MissingExtra(
            "a head is taught with SciPy, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    if min(len(pristine), len(faulty)) < _LEAST:
        raise ValueError(f"{len(faulty)} faulty and {len(pristine)} pristine pictures are too few; {_LEAST} of each are needed")
    mean = pristine.mean(axis=0, dtype=np.float64)
    scale = np.maximum(pristine.std(axis=0, dtype=np.float64), _FLOOR)
    scale[:scores] /= SCORES
    seen = np.concatenate([pristine, faulty]).astype(np.float64)
    seen = (seen - mean) / scale
    sign = np.repeat([-1.0, 1.0], [len(pristine), len(faulty)])
    counts = np.ones(len(faulty)) if counts is None else counts
    share = np.concatenate([np.full(len(pristine), 0.5 / len(pristine)), 0.5 * counts / counts.sum()])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (seen @ weights[:-1] + weights[-1])
        pull = -sign * share * expit(-margin)
        value = float(share @ np.logaddexp(0, -margin) + ridge / 2 * (weights[:-1] @ weights[:-1]))
        return value, np.append(seen.T @ pull + ridge * weights[:-1], pull.sum())

    found = minimize(loss, np.zeros(seen.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    return LinearHead(
        mean.astype(np.float32), scale.astype(np.float32), found[:-1].astype(np.float32), float(found[-1]), backbone
    )
