"""One view of an item, cut out, turned upright and looked at: what everything that compares or judges begins with.

Start reading at `look`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra
from probatum.inspection.artefacts.unusable import Unusable
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.infer.vision.backbone import Backbone
    from probatum.inspection.semantics.segment import Segmented

SIDE = 224  # pixels of a cutout: what backbones were trained at
MARGIN = 0.06  # of the side, on each side of the item
RESIDUE = 6.0  # times that the tray varies, from which what lies there is no tray
_FLAT = 0.35  # of an item within a few millimetres of one height: it has a face on top
_FACE_MM = 4.0
_TRIED = 3  # references that an item is laid over, until one agrees
_DOUBTFUL = 0.2  # agreement below which where it was laid means nothing


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """An item, upright in a square.

    Attributes
    ----------
    rgb : array of shape (224, 224, 3), uint8
        What is beyond the picture is as its border.
    item : array of shape (224, 224), bool
    height : array of shape (224, 224), float32, or None
        Millimetres above the tray, NaN where depth is missing; None without depth.
    spill : array of shape (224, 224), bool, or None
        What lies on the tray beside the item, and is no tray: powder, liquid, parts. None if nothing of the tray is seen.
    matrix : array of shape (2, 3), float64
        From pixels of the picture (column, row) to those of the cutout.
    beside : float or None
        How clearly something lies beside the item, in the whole picture: as many times that the tray varies are exceeded on an area of
        a hundredth of the item's. None if nothing of the tray is seen.
    agreement : float or None
        Correlation with the reference that it was laid over; None if it was laid over none.
    """

    rgb: NDArray[np.uint8]
    item: NDArray[np.bool_]
    height: NDArray[np.float32] | None
    spill: NDArray[np.bool_] | None
    matrix: NDArray[np.float64]
    beside: float | None = None
    agreement: float | None = None
    made: dict[str, Any] = field(default_factory=dict, init=False, repr=False)  # of this, once, by whoever needs it often


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A cutout, and what a backbone says of it.

    Attributes
    ----------
    cutout : Cutout
    stride8 : array of shape (c, 28, 28), float32
    stride16 : array of shape (c, 14, 14), float32
    stride32 : array of shape (c, 7, 7), float32
        With c = 0, and one place, where the backbone has no such layer.
    embedding : array of shape (d,), float32
    backbone : str
        Digest of what looked: what two backbones say cannot be compared.
    """

    cutout: Cutout
    stride8: NDArray[np.float32]
    stride16: NDArray[np.float32]
    stride32: NDArray[np.float32]
    embedding: NDArray[np.float32]
    backbone: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is known of one view of an item.

    Attributes
    ----------
    rgb : array of shape (h, w, 3), uint8
    mm : array of shape (h, w), float32, or None
        Depth in millimetres, NaN where it is missing.
    mask : array of shape (h, w), bool, or None
        Where the item is; found if not given.
    empty : array of shape (h, w, 3), uint8, or None
        The same view of the empty tray.
    """

    rgb: NDArray[np.uint8]
    mm: NDArray[np.float32] | None = None
    mask: NDArray[np.bool_] | None = None
    empty: NDArray[np.uint8] | None = None


def look(
    backbone: Backbone,
    rgb: NDArray[np.uint8],
    *,
    mm: NDArray[np.float32] | None = None,
    mask: NDArray[np.bool_] | None = None,
    empty: NDArray[np.uint8] | None = None,
    like: Sequence[Looked] = (),
    early: bool = False,
) -> Looked | Unusable:
    """Cut an item out of a picture, and look at it.

    Parameters
    ----------
    backbone : Backbone
    rgb, mm, mask, empty
        As in a `View`.
    like : sequence of Looked
        References that it is to lie as, from `look_at_references`: whoever compares it with them wants that.
    early : bool
        Whether `stride8` and `stride16` are enough, as they are for `compared` and `damage`; the rest is then not there.

    Returns
    -------
    Looked or Unusable
        Unusable if there is no item in the picture.

    Raises
    ------
    ValueError
        If arrays are not of the size of the picture.
    MissingExtra
        If OpenCV is not installed.
    """
    cut = cutout(rgb, mm=mm, mask=mask, empty=empty, like=[one.cutout for one in like])
    return cut if isinstance(cut, Unusable) else _looked(backbone, cut, early=early)


def look_at_references(backbone: Backbone, views: Sequence[View]) -> tuple[Looked | Unusable, ...]:
    """Look at references of one product, from one camera, all turned as the one that is most like the others.

    Returns
    -------
    tuple of Looked or Unusable
        One for each, in the same order.
    """
    import numpy as np

    from probatum.inspection.semantics.registered import registered

    free = [cutout(view.rgb, mm=view.mm, mask=view.mask, empty=view.empty) for view in views]
    usable = [cut for cut in free if isinstance(cut, Cutout)]
    agreement = np.eye(len(usable))
    for one, other in combinations(range(len(usable)), 2):
        agreement[one, other] = agreement[other, one] = registered(usable[one], usable[other]).agreement
    frame = usable[int(np.median(agreement, axis=1).argmax())] if usable else None
    out: list[Looked | Unusable] = []
    for view, cut in zip(views, free, strict=True):
        laid = cut
        if cut is not frame and frame is not None:
            laid = cutout(view.rgb, mm=view.mm, mask=view.mask, empty=view.empty, like=[frame])
        out.append(laid if isinstance(laid, Unusable) else _looked(backbone, laid))
    return tuple(out)


def _looked(backbone: Backbone, cut: Cutout, *, early: bool = False) -> Looked:
    seen = backbone.features([cut.rgb], early=early)
    return Looked(cut, seen.stride8[0], seen.stride16[0], seen.stride32[0], seen.embedding[0], backbone.digest)


def cutout(
    rgb: NDArray[np.uint8],
    *,
    mm: NDArray[np.float32] | None = None,
    mask: NDArray[np.bool_] | None = None,
    empty: NDArray[np.uint8] | None = None,
    like: Sequence[Cutout] = (),
) -> Cutout | Unusable:
    """Cut an item out of a picture; parameters as of `look`."""
    try:
        from probatum.inspection.semantics.segment import segmented

        found = segmented(rgb, mm=mm, mask=mask, empty=empty)
    except ImportError as error:
        raise MissingExtra(
            "items are cut out by OpenCV, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    if found is None:
        return Unusable("empty", "no item stands out from the tray", "see that there is one in the picture, or give its mask")
    matrix = upright(found)
    return _laid(rgb, found, matrix, like) if like else cut_by(rgb, found, matrix)


def _laid(rgb: NDArray[np.uint8], found: Segmented, matrix: NDArray[np.float64], like: Sequence[Cutout]) -> Cutout:
    """Cut out an item again, to lie as one of some references, if it can be laid over any."""
    import numpy as np

    from probatum.inspection.semantics.registered import AGREED, registered

    fits = []
    free = cut_by(rgb, found, matrix, briefly=True)
    for reference in like[:_TRIED]:
        fits.append(registered(free, reference))
        if fits[-1].agreement >= AGREED:
            break
    fit = max(fits, key=lambda one: one.agreement)
    if fit.agreement < _DOUBTFUL:
        return replace(cut_by(rgb, found, matrix), agreement=fit.agreement)
    whole = fit.matrix @ np.vstack([matrix, [0, 0, 1]])
    return replace(cut_by(rgb, found, whole[:2]), agreement=fit.agreement)


def upright(found: Segmented) -> NDArray[np.float64]:
    """Return the matrix (2, 3) that turns an item upright, its longer side across, and makes it fill a cutout.

    The smallest rectangle around the face on top decides how it is turned, if it has one: sides are seen from where a camera stands,
    and would make it askew. All of the item is in the cutout.
    """
    import cv2
    import numpy as np

    face = _face(found)
    points = _outline(face)
    corners = cv2.boxPoints(cv2.minAreaRect(points)).astype(np.float64)
    along = max((corners[1] - corners[0], corners[2] - corners[1]), key=lambda side: float(np.hypot(*side)))
    angle = float(np.arctan2(along[1], along[0]))
    angle -= np.pi * round(angle / np.pi)  # the turn of less than half a right angle either way
    c, s = np.cos(angle), np.sin(angle)
    turn = np.asarray([[c, s], [-s, c]])
    turned = _outline(found.item).reshape(-1, 2).astype(np.float64) @ turn.T
    low, high = turned.min(axis=0), turned.max(axis=0) + 1
    by = SIDE * (1 - 2 * MARGIN) / float((high - low).max())
    return np.concatenate([by * turn * found.scale, (SIDE / 2 - by * (low + high) / 2)[:, None]], axis=1)


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    import cv2
    import numpy as np

    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(np.concatenate(outlines), np.int32)


def _face(found: Segmented) -> NDArray[np.bool_]:
    """Return the face on top of an item, or all of it where it has none, or nothing is known of that."""
    import cv2
    import numpy as np

    if found.height is None:
        return found.item
    height = np.where(found.item, found.height, np.nan)
    known = height[np.isfinite(height)]
    if len(known) < found.item.sum() / 2:
        return found.item
    counts = np.bincount(np.maximum(np.round(known), 0).astype(np.intp))
    most = int(np.convolve(counts, np.ones(5, np.intp), mode="same").argmax())
    with np.errstate(invalid="ignore"):
        level = (np.abs(height - most) <= _FACE_MM).astype(np.uint8)
    level = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return level.astype(bool) if level.sum() >= _FLAT * found.item.sum() else found.item


def cut_by(rgb: NDArray[np.uint8], found: Segmented, matrix: NDArray[np.float64], *, briefly: bool = False) -> Cutout:
    """Cut out what was found, by a matrix from pixels of the picture to those of the cutout; `briefly`, colours and item only."""
    import cv2
    import numpy as np

    own = matrix.copy()
    own[:, :2] /= found.scale  # from pixels of what was found
    picture, by = rgb, matrix
    if np.hypot(*matrix[:, 0]) < 0.7:  # made smaller first, so that no pixel is skipped
        shrunk = float(np.hypot(*matrix[:, 0]))
        size = (max(1, round(rgb.shape[1] * shrunk)), max(1, round(rgb.shape[0] * shrunk)))
        picture = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
        by = matrix / np.asarray([size[0] / rgb.shape[1], size[1] / rgb.shape[0], 1.0])

    def warped(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.warpAffine(values, own, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.float32)

    height = None
    if found.height is not None and not briefly:
        known = warped(np.isfinite(found.height).astype(np.float32))
        with np.errstate(invalid="ignore", divide="ignore"):
            height = np.where(known > 0.5, warped(np.nan_to_num(found.height)) / known, np.nan).astype(np.float32)
    beside = None if briefly else _exceeded(found)
    return Cutout(
        rgb=np.asarray(
            cv2.warpAffine(picture, by, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
        ),
        item=warped(found.item.astype(np.float32)) > 0.5,
        height=height,
        spill=None if beside is None else warped(found.beside) > RESIDUE,
        matrix=matrix,
        beside=beside,
    )


def _exceeded(found: Segmented) -> float | None:
    import numpy as np

    area = max(1, round(0.01 * float(found.item.sum())))
    values = found.beside.ravel()
    if not (values > 0).any():
        return None
    return float(np.partition(values, len(values) - area)[len(values) - area])
