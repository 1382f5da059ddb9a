"""Are people who are alike treated alike? Each is compared with the nearest others, by Euclidean distance.

Distances are computed exactly and blockwise: O(n^2 p) time, O(n) memory.
Columns are compared as they are; bring them to scales that mean something.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_BLOCK = 4_000_000  # distances in memory at once


def consistency(features: ArrayLike, outcomes: ArrayLike, *, neighbours: int = 5) -> float | None:
    """Return one less the mean distance of an outcome from the mean outcome of the nearest rows, itself among them.

    Parameters
    ----------
    features : array of float, (n, p)
    outcomes : array of float, (n,)
    neighbours : int >= 1

    Returns
    -------
    float or None
        None with fewer rows than neighbours.

    Raises
    ------
    ValueError
        If a feature or an outcome is missing or infinite, or shapes disagree.

    References
    ----------
    .. [1] Zemel, Wu, Swersky, Pitassi, Dwork. "Learning fair representations." ICML 2013.
    """
    import numpy as np

    x, y = _checked(features, outcomes)
    if len(x) < neighbours or neighbours < 1:
        return None
    apart = [np.abs(y[rows] - y[near].mean(axis=1)).sum() for rows, near in _nearest(x, x, neighbours)]
    return 1.0 - float(sum(apart)) / len(x)


def flip_test(features: ArrayLike, decisions: ArrayLike, facet: ArrayLike, *, neighbours: int = 5) -> float | None:
    """Return how the facet's decisions compare with those of the nearest others: favoured less disfavoured, by its size.

    Each member of the facet is compared with the majority among its nearest rows outside (one
    row, if there are at most ten outside). This is Clarify's approximation of the flip test [1]_.

    Returns
    -------
    float or None
        Positive where members are selected while their likes are not. None if the facet or the
        rest is empty.

    References
    ----------
    .. [1] Black, Yeom, Fredrikson. "FlipTest: fairness testing via optimal transport." FAT* 2020, arXiv:1906.09218.
    """
    import numpy as np

    x, y = _checked(features, decisions)
    inside = np.asarray(facet, dtype=bool)
    if inside.shape != y.shape:
        raise ValueError(f"there are {len(y)} rows, and the facet is told for {inside.size}")
    own, rest = x[inside], x[~inside]
    if not len(own) or not len(rest):
        return None
    wanted = min(neighbours, len(rest)) if len(rest) > 10 else 1
    mine, theirs = y[inside], y[~inside]
    balance = 0.0
    for rows, near in _nearest(own, rest, wanted):
        alike = theirs[near].mean(axis=1) > 0.5
        balance += float((mine[rows].astype(bool) & ~alike).sum()) - float((~mine[rows].astype(bool) & alike).sum())
    return balance / len(own)


def _checked(features: ArrayLike, outcomes: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    x, y = np.asarray(features, dtype=float), np.asarray(outcomes, dtype=float).reshape(-1)
    x = x.reshape(len(x), -1)
    if len(x) != len(y):
        raise ValueError(f"there are {len(x)} rows of features, and {len(y)} outcomes")
    if not np.isfinite(x).all() or not np.isfinite(y).all():
        raise ValueError("a feature or an outcome is missing or infinite; leave such rows out")
    return x, y


def _nearest(points: NDArray[np.float64], among: NDArray[np.float64], wanted: int) -> Iterator[tuple[slice, NDArray[np.intp]]]:
    """Yield blocks of points, and for each point the indices of its nearest; of equally near ones the first."""
    import numpy as np

    step = max(1, _BLOCK // max(1, len(among)))
    for start in range(0, len(points), step):
        block = points[start : start + step]
        far: Any = np.zeros((len(block), len(among)))
        for column in range(points.shape[1]):  # not by the product of matrices, which cancels for near points
            far += (block[:, column, None] - among[None, :, column]) ** 2
        yield slice(start, start + len(block)), np.argsort(far, axis=1, kind="stable")[:, :wanted]
