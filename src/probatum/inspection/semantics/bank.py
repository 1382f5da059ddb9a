"""How unlike all that pristine units showed a place is: the distance to the nearest of a bank of patches.

A bank has several levels, such as looks of several sizes. Distances of different levels are not in the same unit, nor are they
alike from one product to another; so each is told in how the most unusual places of *pristine* pictures vary, which were not in the
bank when they were scored: 0 is what the most unusual place of a pristine picture is on average, 1 a standard deviation more. That
scale is the same for all pictures, so a heat map of a pristine unit looks empty. After [1]_, but for the scale.

References
----------
.. [1] Roth, Pemula, Zepeda, Scholkopf, Brox, Gehler. "Towards Total Recall in Industrial Anomaly Detection." CVPR 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model
from probatum.inspection.semantics.surface import Sizes, joined
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Looked

CHANNEL = "unusual"
KIND = "bank/1"
BLUR = 0.7  # of places, before the most unusual one is looked for: one that stands alone is more often noise
_NEARLY_ZERO = 1e-6  # a place of the bank itself has no distance, and its logarithm is wanted


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Patches of pristine units, and the scale of distances to them.

    Attributes
    ----------
    patches : array of shape (n, c), float32
    centre, spread : float
        Mean and standard deviation, over pristine pictures, of the logarithm of the distance of the most unusual place.
    """

    patches: NDArray[np.float32]
    centre: float
    spread: float


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """What pristine units look like; made by `fit.bank`.

    Attributes
    ----------
    levels : tuple of Level
    backbone : str
        Digest of the network that patches are of.
    pictures : int
        That it was made of.
    sizes : Sizes or None
        How pictures are looked at, in a bank of surfaces; None in one of items.
    """

    levels: tuple[Level, ...]
    backbone: str
    pictures: int
    sizes: Sizes | None = None

    def model(self) -> Model:
        """Return what is kept in a file."""
        sizes = self.sizes
        settings = {
            "pictures": self.pictures,
            "scales": [[level.centre, level.spread] for level in self.levels],
            "sizes": None if sizes is None else [list(sizes.factors), sizes.light, sizes.gain],
        }
        return Model(KIND, self.backbone, settings, {f"level{at}": level.patches for at, level in enumerate(self.levels)})


def bank_of(model: Model) -> Bank:
    """Return the bank that a file holds.

    Raises
    ------
    UnreadableArtefact
        If it does not hold one.
    """
    try:
        scales = [(float(centre), float(spread)) for centre, spread in model.settings["scales"]]
        levels = tuple(Level(model.arrays[f"level{at}"], *scale) for at, scale in enumerate(scales))
        told = model.settings["sizes"]
        sizes = None if told is None else Sizes(factors=tuple(map(float, told[0])), light=float(told[1]), gain=float(told[2]))
        made = Bank(levels, model.backbone, int(model.settings["pictures"]), sizes)
        fits = bool(levels) and all(
            level.patches.ndim == 2 and min(level.patches.shape) > 0 and level.patches.dtype.str == "<f4" and level.spread > 0
            for level in levels
        )
        fits = fits and (
            sizes is None or (len(sizes.factors) == len(levels) and min(*sizes.factors, sizes.light, sizes.gain) > 0)
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        fits = False
    if model.kind != KIND or not fits:
        raise UnreadableArtefact("this model is no bank: its parts do not fit each other", help="make it again")
    return made


@dataclass(frozen=True, slots=True, eq=False)
class Unusual:
    """How unusual a picture is.

    Attributes
    ----------
    score : float
        Mean over levels of how unusual their most unusual place is, in standard deviations; higher is worse.
    levels : tuple of float
        The same of each level.
    places : tuple of (int, int)
        Row and column of the most unusual place of each level.
    map : array of shape (rows, columns), float32
        Of the level with most places: the mean over levels at each place, on the same scale.
    apart : tuple of arrays of shape (rows, columns), float32
        Of each level, the distance of each place to the nearest patch.
    """

    score: float
    levels: tuple[float, ...]
    places: tuple[tuple[int, int], ...]
    map: NDArray[np.float32]
    apart: tuple[NDArray[np.float32], ...] = ()


def unusual(
    bank: Bank, looks: Sequence[NDArray[np.float32]], *, items: Sequence[NDArray[np.bool_] | None] = ()
) -> Unusual | None:
    """Compare a picture with a bank.

    Parameters
    ----------
    bank : Bank
    looks : sequence of arrays of shape (rows, columns, c), float32
        One of each level of the bank, of the network that the bank is of.
    items : sequence of arrays of shape (rows, columns), bool, or None
        Of each level, which places are the item; all, if left out. Others have nothing to do with the score.

    Returns
    -------
    Unusual or None
        None if no place of a level is the item: nothing can be said then.

    Raises
    ------
    ValueError
        If there are not as many looks as levels, or they are of other widths.
    """
    if len(looks) != len(bank.levels) or (items and len(items) != len(looks)):
        raise ValueError(f"{len(looks)} looks cannot be compared with a bank of {len(bank.levels)} levels")
    found = [distances(level.patches, look) for level, look in zip(bank.levels, looks, strict=True)]
    return judged(found, [(level.centre, level.spread) for level in bank.levels], items or [None] * len(found))


def judged(
    found: Sequence[NDArray[np.float32]],
    scales: Sequence[tuple[float, float]],
    items: Sequence[NDArray[np.bool_] | None],
) -> Unusual | None:
    """Say what distances, of each level and place, come to on the scale of pristine pictures: `centre` and `spread` of each level."""
    import cv2
    import numpy as np

    maps, places = [], []
    for places_of, (centre, spread), item in zip(found, scales, items, strict=True):
        if item is not None and not item.any():
            return None
        map_ = ((height(places_of) - centre) / spread).astype(np.float32)
        at = np.unravel_index((map_ if item is None else np.where(item, map_, -np.inf)).argmax(), map_.shape)
        maps.append(map_)
        places.append((int(at[0]), int(at[1])))
    scores = tuple(float(map_[at]) for map_, at in zip(maps, places, strict=True))
    finest = max(maps, key=np.size)
    sized = [cv2.resize(map_, finest.shape[::-1], interpolation=cv2.INTER_LINEAR) for map_ in maps]
    return Unusual(float(np.mean(scores)), scores, tuple(places), np.mean(sized, axis=0, dtype=np.float32), tuple(found))


def item_look(looked: Looked) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return one look of an item that was cut out, at stride 16, and which of its places are the item for the most part."""
    import cv2
    import numpy as np

    look = joined(looked.stride16)
    share = cv2.resize(looked.cutout.item.astype(np.float32), look.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(look), np.asarray(share > 0.5)


def distances(
    patches: NDArray[np.float32], look: NDArray[np.float32], without: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Euclidean distance of each place of a look to the nearest patch.

    Parameters
    ----------
    patches : array of shape (n, c), float32
    look : array of shape (rows, columns, c), float32
    without : array of shape (n,), bool
        Patches that are left out.

    Returns
    -------
    array of shape (rows, columns), float32

    Raises
    ------
    ValueError
        If they are of other widths, or no patch is left.
    """
    import numpy as np

    if patches.shape[1] != look.shape[-1]:
        raise ValueError(f"patches of {look.shape[-1]} numbers cannot be compared with a bank of {patches.shape[1]}")
    if len(patches) == 0 or (without is not None and without.all()):
        raise ValueError("there is no patch to compare with")
    vectors = look.reshape(-1, look.shape[-1])
    squared = (-2 * vectors) @ patches.T
    squared += np.einsum("nc,nc->n", patches, patches)
    if without is not None:
        squared[:, without] = np.inf
    # Anew, as a difference: a sum of large numbers loses what is small.
    apart = np.linalg.norm(vectors - patches[squared.argmin(axis=1)], axis=1)
    return np.asarray(apart.reshape(look.shape[:2]), dtype=np.float32)


def height(places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logarithms of distances, of shape (rows, columns), blurred a little: they vary by the share of what they are."""
    import cv2
    import numpy as np

    blurred = np.asarray(cv2.GaussianBlur(places, (0, 0), BLUR), dtype=np.float32)
    return np.asarray(np.log(blurred + np.float32(_NEARLY_ZERO)), dtype=np.float32)
