"""How like faults that people outlined a place is: the bank says what no pristine unit showed, and this what is known to be a fault.

A place counts by its distance to the nearest patch of the bank less half of its distance to the nearest patch of a known fault. A new
kind of fault is far from both, and still stands out; a mark of the grinding that pristine units seldom show does so less. With the
whole distance in place of half of it, only what is known would be found. Beside it stands what separates places of known faults from
pristine ones in general: a direction in which they differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model
from probatum.inspection.semantics.bank import BLUR, Unusual, distances
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIND = "known-faults/1"
SHARE = 0.5  # of the distance to known faults


@dataclass(frozen=True, slots=True, eq=False)
class KnownFaults:
    """Patches of faults; made by `fit.known_faults`.

    Attributes
    ----------
    levels : tuple of arrays of shape (n, c), float32
        Of each level of the bank that they are used with.
    directions : tuple of arrays of shape (c,), float32
        Of each level: the farther in it, the more a place is like a fault.
    backbone : str
        Digest of the network that patches are of.
    pictures : int
        That they are of.
    """

    levels: tuple[NDArray[np.float32], ...]
    directions: tuple[NDArray[np.float32], ...]
    backbone: str
    pictures: int

    def model(self) -> Model:
        """Return what is kept in a file."""
        arrays = {f"level{at}": patches for at, patches in enumerate(self.levels)}
        arrays |= {f"direction{at}": direction for at, direction in enumerate(self.directions)}
        return Model(KIND, self.backbone, {"pictures": self.pictures, "levels": len(self.levels)}, arrays)


def known_faults_of(model: Model) -> KnownFaults:
    """Return the patches that a file holds.

    Raises
    ------
    UnreadableArtefact
        If it does not hold any.
    """
    try:
        count = int(model.settings["levels"])
        levels, directions = (tuple(model.arrays[f"{name}{at}"] for at in range(count)) for name in ("level", "direction"))
        made = KnownFaults(levels, directions, model.backbone, int(model.settings["pictures"]))
        fits = bool(levels) and all(
            one.ndim == 2
            and min(one.shape) > 0
            and one.shape[1:] == direction.shape
            and {one.dtype.str, direction.dtype.str} == {"<f4"}
            for one, direction in zip(levels, directions, strict=True)
        )
    except (LookupError, TypeError, ValueError, AttributeError):
        fits = False
    if model.kind != KIND or not fits:
        raise UnreadableArtefact("this model holds no known faults: its parts do not fit each other", help="make it again")
    return made


def alike(
    faults: KnownFaults,
    looks: Sequence[NDArray[np.float32]],
    found: Unusual,
    without: Sequence[NDArray[np.bool_] | None] = (),
) -> tuple[float, ...]:
    """Say how much a picture looks like known faults rather than like pristine units.

    Parameters
    ----------
    faults : KnownFaults
    looks : sequence of arrays of shape (rows, columns, c), float32
        One of each level, of the network that the faults are of.
    found : Unusual
        What the bank says of the picture.
    without : sequence of arrays of shape (n,), bool, or None
        Of each level, patches of faults that are left out; none, if left out.

    Returns
    -------
    tuple of float
        Of each level by distances, and then of each level by its direction; of the place that does so most. Higher is worse. In
        units that differ from one to another.

    Raises
    ------
    ValueError
        If there are not as many looks as levels, they are of other widths, or no patch is left.
    """
    import cv2
    import numpy as np

    if not len(looks) == len(found.apart) == len(faults.levels):
        raise ValueError(f"{len(looks)} looks cannot be compared with faults of {len(faults.levels)} levels")
    said: list[float] = []
    along: list[float] = []
    for at, (known, look, out) in enumerate(zip(faults.levels, looks, without or [None] * len(looks), strict=True)):
        apart = found.apart[at] - np.float32(SHARE) * distances(known, look, out)
        for told, places in ((said, apart), (along, look @ faults.directions[at])):
            told.append(float(cv2.GaussianBlur(places, (0, 0), BLUR).max()))
    return (*said, *along)
