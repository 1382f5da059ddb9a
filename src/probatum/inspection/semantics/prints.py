"""Small things that are printed on a product, and whether they lie in a picture as they lie on a reference.

Key points of both are matched by what is around them [1]_. Each match says by which turn, scale and shift the reference became what is
seen, so each is tried as the truth, and the largest number of others that say nearly the same is the answer: no chance is in it.

References
----------
.. [1] Lowe. "Distinctive image features from scale-invariant keypoints." IJCV 60 (2004). With roots of the shares in a descriptor, as
   Arandjelovic, Zisserman. "Three things everyone should know to improve object retrieval." CVPR 2012.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 336  # pixels that the longer side is scaled to
_MOST = 300  # key points of a picture
_CONTRAST = 0.03
_RATIO = 0.85  # of distances to the nearest and to the next descriptor, below which a match tells something
_NEAR = 27.0  # pixels of the reference within which a match is where another one says it is: a side of a carton may be bent
_ALIKE = 0.5  # factor of scale as a logarithm, and radians, within which two matches agree


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """Key points of a picture.

    Attributes
    ----------
    places : array of shape (n,), complex128
        Column + i row, in pixels of the scaled picture.
    turns : array of shape (n,), complex128
        Size times the unit number at the angle.
    descriptors : array of shape (n, 128), float32
        Of length one.
    """

    places: NDArray[np.complex128]
    turns: NDArray[np.complex128]
    descriptors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.places)


def prints(picture: NDArray[np.uint8]) -> Prints:
    """Find key points.

    Parameters
    ----------
    picture : array of shape (h, w, 3), uint8
        RGB. A reference should show the product and nothing else: what is beside it would be matched as well.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """
    import numpy as np

    try:
        import cv2

        opencv: Any = cv2  # whose types lack the detector
    except ImportError as error:
        raise MissingExtra(
            "key points are found by OpenCV, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    scale = SIDE / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    grey = cv2.resize(
        cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    )
    points, found = opencv.SIFT_create(nfeatures=_MOST, contrastThreshold=_CONTRAST).detectAndCompute(grey, None)
    if found is None:
        return Prints(np.zeros(0, dtype=complex), np.zeros(0, dtype=complex), np.zeros((0, 128), dtype=np.float32))
    places = np.array([complex(*point.pt) for point in points])
    turns = np.array([point.size for point in points]) * np.exp(1j * np.deg2rad([point.angle for point in points]))
    shares = found / np.maximum(found.sum(axis=1, keepdims=True), 1e-7)
    return Prints(places, turns, np.sqrt(shares).astype(np.float32))


def agreeing(seen: Prints, reference: Prints) -> int:
    """Return how many points of a reference are seen where one turn, scale and shift puts them; 0 to the points it has."""
    import numpy as np

    if len(seen) < 2 or len(reference) < 2:
        return 0
    cosines = seen.descriptors @ reference.descriptors.T
    rows, best = np.arange(len(seen)), cosines.argmax(axis=1)
    first = cosines[rows, best].copy()
    cosines[rows, best] = -1.0
    # The square of the distance of unit vectors is 2 - 2 cos.
    telling = np.flatnonzero((1 - first) < _RATIO**2 * (1 - cosines.max(axis=1)))
    telling = telling[np.argsort(-first[telling], kind="stable")]
    # One match for each place of the reference, the best: a place may have several points, of several angles.
    _, once = np.unique(np.round(reference.places[best[telling]]), return_index=True)
    mine = telling[once]
    theirs = best[mine]
    if len(mine) < 2:
        return 0
    maps = reference.turns[theirs] / seen.turns[mine]  # what each match says of turn and scale
    at, to = seen.places[mine], reference.places[theirs]
    away = np.abs(maps[:, None] * (at[None] - at[:, None]) + to[:, None] - to[None])
    apart = maps[:, None] / maps[None]
    near = (away < _NEAR) & (np.abs(np.log(np.abs(apart))) < _ALIKE) & (np.abs(np.angle(apart)) < _ALIKE)
    return int(near.sum(axis=1).max())
