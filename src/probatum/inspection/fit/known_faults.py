"""Keep the patches of faults that people outlined, and say of the pictures that were learnt from what they would be, were they new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from probatum.inspection.fit.bank import Made
from probatum.inspection.fit.linear_head import linear_head
from probatum.inspection.semantics.bank import Unusual, unusual
from probatum.inspection.semantics.known_faults import KnownFaults, alike
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST = 8  # faulty pictures
_THIRDS = 3  # what separates faults is learnt from two of them for the pictures of the other one
_RIDGE = 0.03  # of the direction that separates faults
_PRISTINE = 3000  # places of pristine pictures that it is learnt from, at most twice as many
_COVERED = 0.2  # of the most that the outline covers of any place: places of the border of a fault show little of it


@dataclass(frozen=True, slots=True, eq=False)
class Faulty:
    """A picture of a faulty unit.

    Attributes
    ----------
    looks : sequence of arrays of shape (rows, columns, c), float32
        One of each level.
    outline : array of shape (h, w), bool, or None
        Where the fault is, in the picture as it was taken: a mask, or drawn from boxes, polygons or runs (`artefacts.marks.drawn`).
        Without it, or where it is empty, the fault is taken to be where the picture is most unusual.
    """

    looks: Sequence[NDArray[np.float32]]
    outline: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """Known faults, and what `alike` says of the pictures that were learnt from, each without its own patches,
    and without a third of the pictures that it is in.

    Attributes
    ----------
    faults : KnownFaults
    pristine : tuple of tuple of float
        Of pristine pictures, in their order. What is trained beside is to be trained with these.
    faulty : tuple of tuple of float
    """

    faults: KnownFaults
    pristine: tuple[tuple[float, ...], ...]
    faulty: tuple[tuple[float, ...], ...]


def known_faults(made: Made, pristine: Sequence[Sequence[NDArray[np.float32]]], faulty: Sequence[Faulty]) -> Learnt:
    """Keep patches of faults.

    Parameters
    ----------
    made : fit.bank.Made
    pristine : sequence of sequences of arrays of shape (rows, columns, c), float32
        The pictures that the bank was made of, in the same order.
    faulty : sequence of Faulty
        8 or more. Pictures of one unit are not new to each other: better take one of each.

    Raises
    ------
    ValueError
        If there are too few faulty pictures, or pictures are others than those of the bank or of other levels.
    MissingExtra
        If SciPy is not installed.
    """
    import numpy as np

    levels = len(made.bank.levels)
    if len(faulty) < _LEAST:
        raise ValueError(f"{len(faulty)} faulty pictures are too few to know faults by; {_LEAST} or more are needed")
    if len(pristine) != len(made.pristine):
        raise ValueError(f"the bank was made of {len(made.pristine)} pictures, and these are {len(pristine)}")
    if any(len(looks) != levels for looks in (*pristine, *(one.looks for one in faulty))):
        raise ValueError(f"not all pictures are looked at in the {levels} sizes of the bank")
    found = [
        told for one in faulty if (told := unusual(made.bank, one.looks)) is not None
    ]  # without items it always says something
    where = [_places(one, told) for one, told in zip(faulty, found, strict=True)]
    parts = [[one.looks[at][places[at]] for one, places in zip(faulty, where, strict=True)] for at in range(levels)]
    source = [np.repeat(np.arange(len(part)), [len(patches) for patches in part]) for part in parts]
    backbone = made.bank.backbone
    faults = KnownFaults(tuple(map(np.concatenate, parts)), _directions(pristine, parts, backbone), backbone, len(faulty))
    others = [
        replace(
            faults,
            directions=_directions(
                [looks for at, looks in enumerate(pristine) if at % _THIRDS != third],
                [[patches for at, patches in enumerate(part) if at % _THIRDS != third] for part in parts],
                backbone,
            ),
        )
        for third in range(_THIRDS)
    ]
    return Learnt(
        faults,
        tuple(
            alike(others[at % _THIRDS], looks, told) for at, (looks, told) in enumerate(zip(pristine, made.pristine, strict=True))
        ),
        tuple(
            alike(others[at % _THIRDS], one.looks, told, [of == at for of in source])
            for at, (one, told) in enumerate(zip(faulty, found, strict=True))
        ),
    )


def _directions(
    pristine: Sequence[Sequence[NDArray[np.float32]]], parts: Sequence[Sequence[NDArray[np.float32]]], backbone: str
) -> tuple[NDArray[np.float32], ...]:
    """Return, of each level, in what direction patches of faults lie from those of pristine pictures; each fault counts the same."""
    import numpy as np

    made = []
    for at, part in enumerate(parts):
        good = np.concatenate([looks[at].reshape(-1, looks[at].shape[-1]) for looks in pristine])
        counts = np.concatenate([np.full(len(patches), 1 / len(patches)) for patches in part])
        few = good[:: max(1, len(good) // _PRISTINE)]
        head = linear_head(few, np.concatenate(part), scores=0, backbone=backbone, ridge=_RIDGE, counts=counts)
        made.append(head.weights / head.scale)
    return tuple(made)


def _places(one: Faulty, found: Unusual) -> list[NDArray[np.bool_]]:
    """Return which places of each level show the fault; at least one."""
    import cv2
    import numpy as np

    if one.outline is not None and one.outline.any():
        outline = one.outline.astype(np.float32)
        shares = [cv2.resize(outline, look.shape[1::-1], interpolation=cv2.INTER_AREA) for look in one.looks]
        if all(share.max() > 0 for share in shares):
            return [np.asarray(share >= _COVERED * share.max()) for share in shares]
    made = [np.zeros(look.shape[:2], bool) for look in one.looks]
    for places, at in zip(made, found.places, strict=True):
        places[at] = True
    return made
