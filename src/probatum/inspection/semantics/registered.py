"""Laying a cutout over that of a reference, so that places can be compared.

Both are upright already, so that there are four turns to try, or two of what is longer than broad, and a small shift; after that, turn,
scale and shift are refined by what remains different [1]_. Where the two do not come to look alike by that, key points are matched
instead [2]_. A booth sees the face on top of an item from about above, whatever its turn: nothing but turn, scale and shift is allowed.

References
----------
.. [1] Baker, Matthews. "Lucas-Kanade 20 years on: a unifying framework." IJCV 56 (2004) (inverse compositional, robust weights).
.. [2] Rublee, Rabaud, Konolige, Bradski. "ORB: an efficient alternative to SIFT or SURF." ICCV 2011.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from probatum.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Cutout

AGREED = 0.5  # of correlations, from which two cutouts show the same in the same place
_COARSE, _FINE = 56, 112  # pixels of the sides at which is compared
_SHIFT = 5  # pixels of the coarse size, either way
_LONG = 0.75  # breadth of length, below which an item is not turned by a right angle
_SAME = 0.02  # of scale: less is the same
_NEARLY = 0.3  # of the best turn: one that is as good as this is refined, too, for print tells more than colours
_STEPS = (10, 5)  # of refining at the coarse and at the fine size
_BROAD = 6.0  # of 112 pixels: light that changes over more is not print
_SOFT = 12.0  # of 255: print that is weaker counts less
_POINTS = 400
_FEWEST = 8  # key points that say the same


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How a cutout lies over a reference.

    Attributes
    ----------
    matrix : array of shape (3, 3), float64
        From pixels of the cutout to those of the reference; the last row is (0, 0, 1).
    agreement : float
        Correlation of what is seen of the item, once laid over: 1 is the same, 0 nothing in common.
    how : {"rectangle", "features"}
        Whether the turn was found by trying turns of the rectangle, or by key points.
    """

    matrix: NDArray[np.float64]
    agreement: float
    how: Literal["rectangle", "features"]


def registered(cutout: Cutout, reference: Cutout) -> Fit:
    """Lay a cutout over a reference.

    Notes
    -----
    About 4 CPU-milliseconds, and 10 where key points are asked.
    """
    fit = _refined(_by_rectangle(cutout, reference), cutout, reference, "rectangle")
    if fit.agreement >= AGREED:
        return fit
    found = _by_features(cutout, reference)
    if found is None:
        return fit
    other = _refined([found], cutout, reference, "features")
    return other if other.agreement > fit.agreement else fit


def _thumb(cutout: Cutout) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return colours less their mean over the item, 0 beside it, and how much of each pixel is of the item; at the coarse size."""
    import cv2
    import numpy as np

    if "thumb" in cutout.made:
        return cutout.made["thumb"]  # type: ignore[no-any-return] # made here
    side = _COARSE
    rgb = np.asarray(cv2.resize(cutout.rgb, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    share = np.asarray(cv2.resize(cutout.item.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA), np.float32)
    mean = (rgb * share[..., None]).sum(axis=(0, 1)) / max(float(share.sum()), 1.0)
    cutout.made["thumb"] = np.asarray((rgb - mean) * share[..., None], np.float32), share
    return cutout.made["thumb"]  # type: ignore[no-any-return] # made here


def _by_rectangle(cutout: Cutout, reference: Cutout) -> list[NDArray[np.float64]]:
    """Return turns of the rectangle, each with the scale and the shift by which colours agree best, if they do nearly as by another."""
    import cv2
    import numpy as np

    mine, share = _thumb(cutout)
    theirs = cv2.copyMakeBorder(_thumb(reference)[0], *(_SHIFT,) * 4, cv2.BORDER_CONSTANT)
    rows, columns = (np.flatnonzero(share.max(axis=axis) > 0.5) for axis in (1, 0))
    turns = (0, 2) if len(rows) < _LONG * max(len(columns), 1) else (0, 1, 2, 3)
    # A picture of the same camera has the same scale, whatever became of the outline.
    own, other = (float(np.hypot(*one.matrix[:, 0])) for one in (cutout, reference))
    scales = (1.0, other / own) if abs(other / own - 1) > _SAME else (1.0,)
    middle = (_COARSE - 1) / 2
    found: dict[int, tuple[float, NDArray[np.float64]]] = {}
    for scale in scales:
        scaled = mine
        if scale != 1:
            to = np.asarray([[scale, 0, middle * (1 - scale)], [0, scale, middle * (1 - scale)]])
            scaled = np.asarray(cv2.warpAffine(mine, to, (_COARSE, _COARSE)), np.float32)
        length = max(float(np.linalg.norm(scaled)), 1e-6)
        for turn in turns:
            scores = cv2.matchTemplate(theirs, np.ascontiguousarray(np.rot90(scaled, turn)), cv2.TM_CCORR) / length
            row, column = np.unravel_index(int(scores.argmax()), scores.shape)
            score = float(scores[row, column])
            if turn not in found or score > found[turn][0]:
                found[turn] = score, _turned(turn, scale, int(column) - _SHIFT, int(row) - _SHIFT, middle)
    best = max(score for score, _ in found.values())
    return [_resized(matrix, 224 / _COARSE) for score, matrix in found.values() if score >= best - _NEARLY * abs(best)]


def _turned(turn: int, scale: float, across: float, down: float, middle: float) -> NDArray[np.float64]:
    """Return the matrix of so many right angles against the clock and a scale, both around the middle, and a shift."""
    import numpy as np

    c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[turn]
    by = scale * np.asarray([[c, s], [-s, c]], np.float64)
    out = np.eye(3)
    out[:2, :2] = by
    out[:2, 2] = np.asarray([middle + across, middle + down]) - by @ np.asarray([middle, middle])
    return out


def _resized(matrix: NDArray[np.float64], by: float) -> NDArray[np.float64]:
    """Return the same matrix for pictures that are so many times as large; centres of pixels are at whole numbers."""
    import numpy as np

    larger = np.asarray([[by, 0, (by - 1) / 2], [0, by, (by - 1) / 2], [0, 0, 1]])
    return np.asarray(larger @ matrix @ np.linalg.inv(larger))


def _print(cutout: Cutout, side: int) -> NDArray[np.float32]:
    """Return what is printed: how much brighter places are than around them, in times that places around vary."""
    import cv2
    import numpy as np

    name = f"print {side}"
    if name in cutout.made:
        return cutout.made[name]  # type: ignore[no-any-return] # made here
    grey = cv2.cvtColor(cutout.rgb, cv2.COLOR_RGB2GRAY)
    small = np.asarray(cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    sigma = _BROAD * side / 112
    apart = small - cv2.GaussianBlur(small, (0, 0), sigma)
    cutout.made[name] = np.asarray(
        apart / (np.sqrt(cv2.GaussianBlur(apart * apart, (0, 0), sigma)) + np.float32(_SOFT)), np.float32
    )
    return cutout.made[name]  # type: ignore[no-any-return] # made here


def _refined(
    matrices: list[NDArray[np.float64]], cutout: Cutout, reference: Cutout, how: Literal["rectangle", "features"]
) -> Fit:
    """Return the best of some turns, scales and shifts, refined."""
    import cv2
    import numpy as np

    backs = [np.asarray(np.linalg.inv(matrix), np.float64) for matrix in matrices]  # from the reference to the cutout
    agreement = 0.0
    for side, steps in zip((_COARSE, _FINE), _STEPS, strict=True):
        mine, theirs = (_print(one, side) for one in (cutout, reference))
        weight = np.asarray(cv2.resize(reference.item.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA), np.float32)
        target = _target(theirs, weight)
        found = [_steps(_resized(back, side / 224), mine, target, steps) for back in backs]
        warp, agreement = max(found, key=lambda one: one[1])
        backs = [_resized(np.asarray(warp, np.float64), 224 / side)]
    return Fit(np.asarray(np.linalg.inv(backs[0]), np.float64), agreement, how)


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """What is refined to, pixel after pixel: print, its weight, print less its mean times weight, and how long that is.

    `slopes` are how print changes with scale, turn (both in pixels at the edge), and shift.
    """

    print: NDArray[np.float32]
    weight: NDArray[np.float32]
    total: float
    centred: NDArray[np.float32]
    length: float
    slopes: NDArray[np.float32]


def _target(theirs: NDArray[np.float32], weight: NDArray[np.float32]) -> _Target:
    import numpy as np

    side = theirs.shape[0]
    x = np.linspace(-1, 1, side, dtype=np.float32)
    across, down = np.zeros_like(theirs), np.zeros_like(theirs)
    across[:, 1:-1], down[1:-1] = (theirs[:, 2:] - theirs[:, :-2]) / 2, (theirs[2:] - theirs[:-2]) / 2
    slopes = np.empty((4, side, side), np.float32)
    slopes[0], slopes[1] = across * x + down * x[:, None], down * x - across * x[:, None]
    slopes[2], slopes[3] = across, down
    values, weights = theirs.ravel(), weight.ravel()
    total = max(float(weights.sum()), 1e-6)
    apart = values - np.float32(weights @ values / total)
    centred = weights * apart
    return _Target(values, weights, total, centred, float(centred @ apart), slopes.reshape(4, -1))


def _steps(
    warp: NDArray[np.float64], mine: NDArray[np.float32], target: _Target, steps: int
) -> tuple[NDArray[np.float64], float]:
    """Refine turn, scale and shift from one picture to the other; return the best of all steps, and how well it agrees."""
    import cv2
    import numpy as np

    side = mine.shape[0]
    half = np.float32((side - 1) / 2)
    best, kept = -1.0, warp
    for step in range(steps + 1):
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = np.asarray(cv2.warpAffine(mine, warp[:2], (side, side), flags=flags), np.float32).ravel()
        agreement = _correlation(seen, target)
        if agreement > best:
            best, kept = agreement, warp
        if step == steps:
            break
        error = seen - target.print
        weighted = target.slopes * (target.weight / (1 + error * error))
        try:
            scale, turn, right, low = np.linalg.solve(weighted @ target.slopes.T + 1e-3 * np.eye(4), weighted @ error)
        except np.linalg.LinAlgError:
            break
        change = np.eye(3)
        change[:2, :2] += np.asarray([[scale, -turn], [turn, scale]]) / half
        change[:2, 2] = np.asarray([right, low]) - (change[:2, :2] - np.eye(2)) @ np.asarray([half, half])
        warp = warp @ np.linalg.inv(change)
        if max(abs(scale), abs(turn), abs(right), abs(low)) < 0.02:
            steps = min(steps, step + 1)
    return kept, best


def _correlation(seen: NDArray[np.float32], target: _Target) -> float:
    weighted = target.weight * seen
    mean = float(weighted.sum()) / target.total
    length = max(float(weighted @ seen) - target.total * mean * mean, 0.0)
    return float(seen @ target.centred) / max(math.sqrt(length * target.length), 1e-6)


def _by_features(cutout: Cutout, reference: Cutout) -> NDArray[np.float64] | None:
    """Return turn, scale and shift that most matches of key points agree on."""
    import cv2
    import numpy as np

    opencv: Any = cv2  # whose types lack the detector
    finder = opencv.ORB_create(nfeatures=_POINTS, edgeThreshold=12, patchSize=24, fastThreshold=8)
    found = [
        finder.detectAndCompute(cv2.cvtColor(one.rgb, cv2.COLOR_RGB2GRAY), one.item.astype(np.uint8))
        for one in (cutout, reference)
    ]
    if any(points is None or len(points) < _FEWEST for _, points in found):
        return None
    matches = opencv.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(found[0][1], found[1][1])
    if len(matches) < _FEWEST:
        return None
    here = np.asarray([found[0][0][match.queryIdx].pt for match in matches], np.float32)
    there = np.asarray([found[1][0][match.trainIdx].pt for match in matches], np.float32)
    # Its samples are drawn from a fixed seed.
    matrix, inliers = opencv.estimateAffinePartial2D(here, there, ransacReprojThreshold=5.0)
    if matrix is None or int(inliers.sum()) < _FEWEST or not 0.4 < float(np.hypot(*matrix[:, 0])) < 2.5:
        return None
    return np.asarray(np.vstack([matrix, [0, 0, 1]]), np.float64)
