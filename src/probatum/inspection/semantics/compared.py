"""How one view of an item differs from views of the same product that are known to be good.

Four channels, because they fail differently: print that looks like a hole has no depth, and powder beside a bag leaves the bag as it was.

- `appearance`: colours outside of the range of the references at that place, and features of the backbone that no reference has anywhere.
- `relief`: heights outside of the range of the references.
- `residue`: what lies beside the item on the tray.
- `pieces`: units that stand apart in the references, and do not stand here.

How much references differ among themselves, where there are several, is what differences are measured by: a bag that never lies twice the
same way has to differ more. Colours and features are measured place by place, and what references say of a place is told by most of them: one that
is damaged there excuses little there, and nothing elsewhere. Scales are global: the same number means the same in every picture.

Start reading at `compared`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from probatum.inspection.semantics import relief as heights
from probatum.inspection.semantics import shades as colours
from probatum.inspection.semantics.plumb import plumb
from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Cutout, Looked

CHANNELS = ("appearance", "relief", "residue", "pieces")
SIDE = 28  # places of a map
# What is fixed here was chosen on the synthetic booth, seeds 1 to 3, 11, 21 to 23 and 31 to 36; `bench/inspection/differences.py` measures it on others.
_TOP = 5  # places whose mean is the score of a map: fewer are noise
_ALIGNED = 0.2  # agreement with the references, below which places of the two have nothing in common
_SHADES, _FEATURES, _MM = 1.0, 0.15, 1.0  # added to how references differ among themselves: noise of any picture
_ALONE = (4.0, 0.6, 0.8)  # by which an only reference is taken to differ from another one, everywhere
_ANYWHERE = (
    0.2  # of the most that the middle one of the references differs by anywhere: places without print may show some one day
)
_ODD = 2.0  # times what the middle one of the references differs by at a place: one that differs more counts as if it did not
_OFTEN = 2.0  # times the mean of that: by which features of a place are taken to differ
_CAPPED = 10.0  # times the median: what differs more is a damaged reference
_LITTLE = 0.5  # of differences of colours: less is nothing, in a logarithm
_SAME = 0.05  # of what features differ by anyway: less is nothing
_WEIGHT = 3.0  # of features over colours, as an exponent
_DOUBT = 8.0  # how much less differences mean where little agrees: what is laid badly differs


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """How an item differs from its references.

    Attributes
    ----------
    scores : mapping of str to float
        By channel, higher is worse. A channel that cannot be had is absent.
    maps : mapping of str to array of shape (28, 28), float32
        Where, by channel, over the cutout; on the scale of the score. NaN where nothing can be said.
    nearest : tuple of int
        References by place in what was given, the most similar first.
    units : tuple of (int, int) or None
        How many units the references have, and how many of them are missing here; None if none stand apart, or depth is missing.
    """

    scores: Mapping[str, float]
    maps: Mapping[str, NDArray[np.float32]]
    nearest: tuple[int, ...]
    units: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Pristine:
    """References of one product and camera, made ready once for comparing many items with them."""

    references: tuple[Looked, ...]
    shades: colours.Shades
    relief: heights.Relief | None
    features: NDArray[np.float32]
    item: NDArray[np.bool_]
    usual: Usual


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """By how much references differ among themselves.

    Attributes
    ----------
    shades, features : array of shape (28, 28), float32
        At each place.
    mm : float
        Of heights, anywhere.
    """

    shades: NDArray[np.float32]
    features: NDArray[np.float32]
    mm: float


def pristine(references: Sequence[Looked]) -> Pristine:
    """Make references ready.

    Parameters
    ----------
    references : sequence of Looked
        Of one product and one camera, one or more, from `look_at_references`.

    Raises
    ------
    ValueError
        If there are none, or two backbones looked at them.
    """
    import cv2
    import numpy as np

    if not references:
        raise ValueError("there is no reference to compare with")
    if len({one.backbone for one in references}) > 1:
        raise ValueError("references were looked at by several backbones, which cannot be compared")
    # One that lies as no other does, a wrong product for example, would widen all ranges.
    laid = [one.cutout for one in references if one.cutout.agreement is None or one.cutout.agreement >= _ALIGNED]
    shades = colours.shades(laid or [one.cutout for one in references])
    relief = heights.relief(laid or [one.cutout for one in references])
    features = np.stack([_unit(one.stride16) for one in references])
    size = (features.shape[3], features.shape[2])
    share = np.mean(
        [cv2.resize(one.cutout.item.astype(np.float32), size, interpolation=cv2.INTER_AREA) for one in references], axis=0
    )
    item = share > 0.5
    own = (
        [_apart(one, np.delete(features, at, 0)).min(axis=0) * item for at, one in enumerate(features)]
        if len(features) > 1
        else []
    )
    usual = Usual(
        shades=_usual_shades([_pooled(one) for one in shades.own]),
        features=_usual_features(own),
        mm=_differ([_top(_pooled(np.nan_to_num(one))) for one in relief.own]) if relief is not None and relief.own else _ALONE[2],
    )
    return Pristine(tuple(references), shades, relief, features, item, usual)


def _usual_shades(own: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return by how much colours of a place differ: as they do there or next to it on the most different reference."""
    import cv2
    import numpy as np

    if not own:
        return np.full((SIDE, SIDE), _ALONE[0], np.float32)
    most = np.asarray(cv2.dilate(np.max(own, axis=0), np.ones((3, 3), np.uint8)), np.float32)
    return most + np.float32(_ANYWHERE * float(np.median([_top(one) for one in own])))


def _usual_features(own: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return by how much features of a place differ: as on most references there; they weigh most, so that one alone is not believed."""
    import cv2
    import numpy as np

    if not own:
        return np.full((SIDE, SIDE), _ALONE[1], np.float32)
    some = np.stack(own)
    often = _OFTEN * np.minimum(some, _ODD * np.median(some, axis=0)).mean(axis=0)
    usual = often + _ANYWHERE * float(np.median(some.max(axis=(1, 2))))
    return np.asarray(cv2.resize(usual.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)


def _differ(own: Sequence[float]) -> float:
    """Return how much heights of references differ: as the most different one does, but for one that differs much more than most do."""
    import numpy as np

    return float(min(max(own), _CAPPED * float(np.median(own))))


def compared(looked: Looked, references: Sequence[Looked] | Pristine) -> Compared:
    """Compare a view of an item with references.

    Parameters
    ----------
    looked : Looked
        From `look` with `like=references`, so that it lies as they do. Of one that could be laid over none, `appearance` is of
        features only, which are compared wherever they are, and neither `relief` nor `pieces` is said.
    references : sequence of Looked, or Pristine
        Of the same product and camera. None at all leave `residue` only.

    Raises
    ------
    ValueError
        If several backbones looked.

    Notes
    -----
    About 4 CPU-milliseconds with `Pristine`.
    """
    known = references if isinstance(references, Pristine) else pristine(references) if references else None
    scores: dict[str, float] = {}
    maps: dict[str, NDArray[np.float32]] = {}
    nearest: tuple[int, ...] = ()
    units = None
    if looked.cutout.beside is not None and looked.cutout.spill is not None:
        scores["residue"] = looked.cutout.beside
        maps["residue"] = _pooled(looked.cutout.spill.astype("float32"))
    if known is not None:
        if looked.backbone != known.references[0].backbone:
            raise ValueError("another backbone looked at the references, and what two of them say cannot be compared")
        maps["appearance"], scores["appearance"], nearest = _appearance(looked, known)
        if _lies(looked, known) and known.relief is not None and looked.cutout.height is not None:
            height = plumb(looked.cutout.height, looked.cutout.item)
            scores["relief"], maps["relief"] = _relief(looked.cutout, height, known, known.relief)
            units, lost = _pieces(height, known.relief, maps)
            if lost is not None:
                scores["pieces"] = lost
    return Compared(scores, maps, nearest, units)


def _lies(looked: Looked, known: Pristine) -> bool:
    """Return whether an item lies as its references do."""
    agreement = looked.cutout.agreement
    return any(one is looked for one in known.references) or (agreement is not None and agreement >= _ALIGNED)


def _appearance(looked: Looked, known: Pristine) -> tuple[NDArray[np.float32], float, tuple[int, ...]]:
    import cv2
    import numpy as np

    lies = _lies(looked, known)
    seen = _unit(looked.stride16)
    apart = _apart(seen, known.features)
    nearest = tuple(
        int(at)
        for at in np.argsort(apart[:, known.item].mean(axis=1) if known.item.any() else np.zeros(len(apart)), kind="stable")
    )
    features = np.asarray(cv2.resize(apart.min(axis=0) * known.item, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)
    found = _WEIGHT * np.log(np.maximum(features / (known.usual.features + _FEATURES), _SAME))
    if lies:
        shades = _pooled(colours.different(looked.cutout, known.shades)) / (known.usual.shades + _SHADES)
        found = found + np.log(shades + _LITTLE)
    agreement = looked.cutout.agreement if lies and looked.cutout.agreement is not None else 1.0
    found = (found - np.log(1 + _DOUBT * (1 - agreement))).astype(np.float32)
    return found, _top(found), nearest


def _relief(
    cutout: Cutout, height: NDArray[np.float32], known: Pristine, relief: heights.Relief
) -> tuple[float, NDArray[np.float32]]:
    import numpy as np

    doubt = 1 + _DOUBT * (1 - (cutout.agreement if cutout.agreement is not None else 1.0))
    apart = heights.different(height, relief) / np.float32((known.usual.mm + _MM) * doubt)
    blind = _pooled(np.isnan(apart).astype(np.float32)) > 0.5
    found = _pooled(np.nan_to_num(apart))
    return _top(found), np.where(blind, np.nan, found).astype(np.float32)


def _pieces(
    height: NDArray[np.float32], relief: heights.Relief, maps: dict[str, NDArray[np.float32]]
) -> tuple[tuple[int, int] | None, float | None]:
    import numpy as np

    lost = heights.lacking(height, relief)
    known = [part for part in lost if not math.isnan(part)]
    if not known:
        return None, None
    where = np.zeros((heights.SIDE, heights.SIDE), np.float32)
    for unit, part in zip(relief.units, lost, strict=True):
        where[unit] = part
    maps["pieces"] = _pooled(where)
    return (len(lost), sum(part > heights.MISSING for part in known)), max(known)


def _unit(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale the vector of each place to length one."""
    import numpy as np

    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=0, keepdims=True), 1e-6), np.float32)


def _apart(seen: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one less the cosine of each place with the most similar one of each reference."""
    import numpy as np

    flat = seen.reshape(len(seen), -1)
    best = [(one.reshape(len(one), -1).T @ flat).max(axis=0) for one in known]
    return np.float32(1) - np.stack(best).reshape(len(known), *seen.shape[1:]).astype(np.float32)


def _pooled(values: NDArray[np.float32]) -> NDArray[np.float32]:
    import cv2
    import numpy as np

    return np.asarray(cv2.resize(np.asarray(values, np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)


def _top(values: NDArray[np.float32]) -> float:
    """Return the mean of the highest places."""
    import numpy as np

    return float(np.partition(values.ravel(), values.size - _TOP)[values.size - _TOP :].mean())
