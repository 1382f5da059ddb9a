"""Masks as lengths of runs, in both ways that COCO writes them.

The pixels of a mask are taken column by column; runs of unmarked and of marked ones follow each other, the first unmarked, perhaps of
length 0. They are written as a list of whole numbers, or packed into a text: each number, from the fourth on as the difference to
the one two before, in groups of five bits from the lowest, with a sixth bit where more follow, as the letter 48 places on.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Rle:
    """A mask.

    Attributes
    ----------
    height, width : int
    runs : tuple of int
        Their sum is height times width.
    packed : bool
        Written as a text.
    """

    height: int
    width: int
    runs: tuple[int, ...]
    packed: bool = False


def rle_of(mask: NDArray[np.bool_]) -> Rle:
    """Return the runs of a mask of shape (h, w).

    Examples
    --------
    >>> import numpy as np
    >>> rle_of(np.array([[False, True], [True, True]])).runs
    (1, 3)
    """
    import numpy as np

    flat = mask.astype(bool).ravel(order="F")
    changes = np.flatnonzero(np.diff(flat)) + 1
    ends = [0, *changes.tolist(), len(flat)] if len(flat) and not flat[0] else [0, 0, *changes.tolist(), len(flat)]
    return Rle(mask.shape[0], mask.shape[1], tuple(b - a for a, b in pairwise(ends)))


def mask_of(rle: Rle) -> NDArray[np.bool_]:
    """Return the mask, of shape (h, w)."""
    import numpy as np

    marked = np.arange(len(rle.runs)) % 2 == 1
    return np.repeat(marked, rle.runs).reshape((rle.height, rle.width), order="F")


def read_rle(value: object, *, most_pixels: int) -> Rle | None:
    """Return the runs that a `segmentation` of COCO tells; None if it tells none that make sense."""
    if not isinstance(value, dict) or set(value) != {"counts", "size"}:
        return None
    counts, size = value["counts"], value["size"]
    if not isinstance(size, list) or len(size) != 2 or not all(type(n) is int and n > 0 for n in size):
        return None
    if math.prod(size) > most_pixels:
        return None
    packed = isinstance(counts, str)
    runs = unpacked(counts) if packed else counts
    if not isinstance(runs, list) or not all(type(n) is int and n >= 0 for n in runs) or sum(runs) != math.prod(size):
        return None
    if packed and pack(runs) != counts:  # said in more letters than needed: kept as it is by whoever asked
        return None
    return Rle(size[0], size[1], tuple(runs), packed)


def written_rle(rle: Rle) -> dict[str, object]:
    """Return what COCO writes."""
    return {"counts": pack(list(rle.runs)) if rle.packed else list(rle.runs), "size": [rle.height, rle.width]}


def pack(runs: list[int]) -> str:
    """Write runs as a text.

    Examples
    --------
    >>> unpacked(pack([5, 3, 40, 2, 1000]))
    [5, 3, 40, 2, 1000]
    """
    letters = []
    for at, run in enumerate(runs):
        rest = run - runs[at - 2] if at > 2 else run
        while True:
            low, rest = rest & 31, rest >> 5
            # The last group's fifth bit is the sign, so it must agree with what is left.
            last = rest == (-1 if low & 16 else 0)
            letters.append(chr(48 + (low if last else low | 32)))
            if last:
                break
    return "".join(letters)


def unpacked(text: str) -> list[int] | None:
    """Read runs from a text; None if it is none."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        code = ord(letter) - 48
        if not 0 <= code < 64 or shift > 60:
            return None
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    return None if shift else runs
