"""Masks as run lengths, as COCO writes them: columns one after the other, first how many pixels are outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def runs(mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Return `size` and `counts` of a mask."""
    flat = mask.ravel(order="F")
    turns = np.flatnonzero(np.diff(flat)) + 1
    ends = np.concatenate([[0], turns, [flat.size]])
    counts = [int(count) for count in np.diff(ends)]
    return {"size": [int(side) for side in mask.shape], "counts": [0, *counts] if flat.size and flat[0] else counts}


def mask_of(counts: Sequence[int], size: Sequence[int]) -> NDArray[np.bool_]:
    """Return the mask that run lengths describe."""
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape((size[0], size[1]), order="F")


def box(mask: NDArray[np.bool_]) -> list[int]:
    """Return left, top, width and height of a mask; of an empty one, zeros."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return [0, 0, 0, 0]
    return [int(columns[0]), int(rows[0]), int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1)]
