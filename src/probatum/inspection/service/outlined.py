"""Outlines of damage that people drew on a picture, laid over what was cut out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from probatum.inspection.artefacts.marks import Mark, drawn
from probatum.inspection.semantics.damage_places import PLACES
from probatum.inspection.semantics.judged import JudgedView
from probatum.inspection.semantics.looked import SIDE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def covered(marks: Sequence[Mark], view: JudgedView) -> NDArray[np.float32] | None:
    """Return how much of each place outlines cover, of shape (196,); None if there are none that can be drawn."""
    import cv2
    import numpy as np

    high, wide = view.size
    found = np.zeros((high, wide), bool)
    for mark in marks:
        if mark.rle is not None or mark.polygons:
            try:
                found |= drawn(mark, high, wide)
            except ValueError:
                continue  # of a picture of another size
    if not found.any():
        return None
    laid = cv2.warpAffine(found.astype(np.float32), view.looked.cutout.matrix, (SIDE, SIDE))
    each = SIDE // PLACES
    shares: NDArray[np.float32] = np.asarray(laid.reshape(PLACES, each, PLACES, each).mean(axis=(1, 3)).ravel(), np.float32)
    return shares
