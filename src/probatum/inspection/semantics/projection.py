"""Directions in which products differ more than pictures of one product do: linear discriminants, in closed form.

A plain distance between pictures is mostly one of backgrounds, light and pose. How much those vary is seen in pictures of the same
product, whichever it is; directions are scaled down by that, and only those kept in which products differ [1]_. The covariance within
products is shrunk towards a multiple of the identity [2]_, for there are always fewer pictures than directions.

References
----------
.. [1] Rao. "The utilization of multiple measurements in problems of biological classification." JRSS B 10 (1948).
.. [2] Friedman. "Regularized discriminant analysis." JASA 84 (1989).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHRINK = 0.1  # of the mean variance within products, which is added to all
WIDTH = 128  # at most


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A linear map, and then length one.

    Attributes
    ----------
    centre : array of shape (d,), float32
    directions : array of shape (d, k), float32
        k at most `WIDTH`.
    """

    centre: NDArray[np.float32]
    directions: NDArray[np.float32]

    def project(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return vectors of shape (n, k) and of length one, but for those that are the centre: they are 0."""
        import numpy as np

        seen: NDArray[np.float32] = (units(vectors) - self.centre) @ self.directions
        return units(seen).astype(np.float32)


def units(vectors: NDArray[Any]) -> NDArray[Any]:
    """Scale vectors to length one, but for those that are 0."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.finfo(np.float32).tiny)  # type: ignore[no-any-return] # NumPy's own types lose it


def discriminants(
    vectors: NDArray[np.float32], product: NDArray[np.intp], *, shrink: float = SHRINK, width: int = WIDTH
) -> Projection:
    """Find the directions.

    Parameters
    ----------
    vectors : array of shape (n, d), float32
    product : array of shape (n,), int
        Of 0 to the number of products less one, each at least once. Two products or more.
    shrink : float above 0
    width : int
        Of the projection, if there are more products than that.

    Raises
    ------
    ValueError
        If there are fewer than two products, or one has no picture.

    Notes
    -----
    Where no product has two pictures, nothing is known of how pictures of one vary: vectors are then centred, and no more.
    O(n^2 d).
    """
    import numpy as np

    count = np.bincount(product)
    if len(count) < 2 or (count == 0).any():
        raise ValueError("directions in which products differ need two products or more, and a picture of each")
    length = units(vectors.astype(np.float64))
    means = np.zeros((len(count), vectors.shape[1]))
    np.add.at(means, product, length)
    means /= count[:, None]
    centre = length.mean(axis=0)
    within = length - means[product]
    variances, axes = np.zeros(0), np.zeros((0, vectors.shape[1]))
    if (count > 1).any():
        _, spread, axes = np.linalg.svd(within / np.sqrt(len(within)), full_matrices=False)
        variances = spread**2
    # White: (S + t I)^(-1/2), where S is known in a few directions only and t I everywhere.
    floor = shrink * variances.mean() if variances.sum() > 0 else 1.0
    gain = 1 / np.sqrt(variances + floor) - 1 / np.sqrt(floor)

    def white(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values / np.sqrt(floor) + ((values @ axes.T) * gain) @ axes  # type: ignore[no-any-return] # NumPy's own types lose it

    apart = white(means - centre)
    _, strength, found = np.linalg.svd(apart, full_matrices=False)
    kept = found[: min(width, int((strength > strength[0] * 1e-6).sum()))]
    return Projection(centre.astype(np.float32), white(kept).T.astype(np.float32))
