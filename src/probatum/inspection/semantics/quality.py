"""Is a view good enough to be judged? Reasons why not, each with what to do, and a score.

A view that is not is never "no damage": it goes to whoever can look again, and counts against the budget.

Limits are of pictures of a booth, in units that do not depend on its resolution. They were set from what each flaw is, not from any
data that is reported on, and are arguments.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from probatum.inspection.artefacts.depth import Depth
from probatum.inspection.artefacts.picture import Picture
from probatum.inspection.semantics.rough_item import rough_item
from probatum.inspection.semantics.tray import tray

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["black", "over-exposed", "flat", "blurred", "empty", "cut-off", "several-items", "depth-dead", "depth-misaligned"]
SIDES = ("left", "right", "top", "bottom")
_FULL = 250  # of 255: a colour that the sensor could not count further
_ENOUGH = 400  # pixels of a side for measures of light
_OPPOSITE = {"left": "right", "right": "left", "top": "down", "bottom": "up"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where a view stops being good enough.

    Attributes
    ----------
    brightest : float
        The lightness, of 255, below which 99.5 % of pixels of a picture are black together: a lamp is off, or a lens is covered.
    clipped : float
        The share of the item's pixels with two colours of three at 250 or more, above which too little is to be seen on it.
    contrast : float
        The standard deviation of lightness, of 255, below which a picture shows nothing, not even a tray.
    sharpness_p : float
        How rarely a usual picture is as blurred: below it a view is blurred. Of n usual pictures no p-value is below 1 / (n + 1), so
        with fewer than 99 nothing is said at 1 %.
    least_item : float
        The share of a picture below which what is there is no item.
    cut : float
        The share of a side of a picture that an item may cover before it is cut off there.
    second : float
        The share of the largest piece from which another piece is an item of its own.
    dead : float
        The share of the item's pixels without depth above which depth says nothing.
    shift : float
        The share of a picture's width by which depth may lie beside it.
    """

    brightest: float = 40.0
    clipped: float = 0.25
    contrast: float = 1.0
    sharpness_p: float = 0.01
    least_item: float = 0.004
    cut: float = 0.02
    second: float = 0.15
    dead: float = 0.5
    shift: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a view is not good enough.

    Attributes
    ----------
    kind : str
    why : str
        Lower case, one line.
    advice : str
        To whoever stands at the booth.
    """

    kind: Kind
    why: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good a view is.

    Attributes
    ----------
    score : float
        0 to 1; of the worst measure. Below 0.5 if and only if there is a flaw.
    flaws : tuple of Flaw
    measures : mapping of str to float
        By the name of the threshold.
    unsaid : tuple of str
        What could not be looked at, and why.
    """

    score: float
    flaws: tuple[Flaw, ...]
    measures: Mapping[str, float]
    unsaid: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether there is no flaw."""
        return not self.flaws


@dataclass(frozen=True, slots=True)
class Usual:
    """How sharp pictures of one camera usually are.

    Attributes
    ----------
    sharpness : tuple of float
        Ascending: see `sharpness`.
    """

    sharpness: tuple[float, ...]

    def p_value(self, value: float) -> float:
        """Return how rarely a picture is as blurred: valid if usual pictures and this one are exchangeable [1]_.

        References
        ----------
        .. [1] Vovk, Gammerman, Shafer. "Algorithmic Learning in a Random World." 2005 (conformal p-values).
        """
        return (1 + bisect.bisect_right(self.sharpness, value)) / (len(self.sharpness) + 1)


def usual(pictures: Sequence[Picture]) -> Usual:
    """Return how sharp pictures are, each over its item."""
    return Usual(tuple(sorted(sharpness(picture.rgb, rough_item(picture.rgb)) for picture in pictures)))


def sharpness(rgb: NDArray[np.uint8], item: NDArray[np.bool_] | None = None) -> float:
    """Return the logarithm of the variance of the Laplacian of lightness over an item; more is sharper.

    Smoothed first over one pixel, so that noise of a dark picture does not pass for detail. It depends on what is on the item,
    so it is compared with usual pictures, and never with a number [1]_.

    References
    ----------
    .. [1] Pech-Pacheco et al. "Diatom autofocusing in brightfield microscopy: a comparative study." ICPR 2000 (variance of Laplacian).
    """
    import cv2
    import numpy as np

    grey = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 1.0).astype(np.float32)
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    if item is not None and item.any():
        edges = edges[cv2.dilate(item.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0]
    return math.log(float(edges.var()) + 1e-6)


def sharpness_of(picture: Picture, *, depth: Depth | None = None, item: NDArray[np.bool_] | None = None) -> float:
    """Return the sharpness of a view, over its item as `quality` finds it."""
    return sharpness(picture.rgb, rough_item(picture.rgb, None if depth is None else depth.mm) if item is None else item)


def quality(
    picture: Picture,
    *,
    depth: Depth | None = None,
    item: NDArray[np.bool_] | None = None,
    units: int | None = None,
    usual: Usual | None = None,
    thresholds: Thresholds | None = None,
) -> Quality:
    """Say how good a view is.

    Parameters
    ----------
    picture : Picture
    depth : Depth, optional
        Of the same size.
    item : array of shape (h, w), bool, optional
        Which pixels are of items, where that is known better than `rough_item` says.
    units : int, optional
        How many pieces may lie there; one if nobody says.
    usual : Usual, optional
        Of the same camera; without it nothing is said of blur.
    thresholds : Thresholds, optional
    """
    looking = _Looking(picture, depth, item, thresholds or Thresholds())
    # In the dark, and in glare, masks and edges are noise.
    lit = looking.light()
    if lit and looking.item(units or 1):
        looking.blur(usual)
    if looking.depth() and lit:
        looking.alignment()
    return looking.result()


def guidance(quality: Quality) -> str:
    """Return one line for whoever stands at the booth; "" if nothing is to be done."""
    return "; ".join(dict.fromkeys(flaw.advice for flaw in quality.flaws))


class _Looking:
    """What was found so far."""

    def __init__(self, picture: Picture, depth: Depth | None, item: NDArray[np.bool_] | None, limits: Thresholds) -> None:
        self._rgb, self._mm, self._limits = picture.rgb, None if depth is None else depth.mm, limits
        self._item = rough_item(self._rgb, self._mm) if item is None else item
        self._flaws: list[Flaw] = []
        self._measures: dict[str, float] = {}
        self._unsaid: list[str] = []
        self._score = 1.0

    def light(self) -> bool:
        """Look at light and return whether anything else can be seen."""
        import cv2
        import numpy as np

        # Every n-th pixel, not means of them: a mean is not clipped.
        step = max(1, max(self._item.shape) // _ENOUGH)
        rgb, item = np.ascontiguousarray(self._rgb[::step, ::step]), self._item[::step, ::step]
        grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        fine = self._at_least(
            "brightest",
            _quantile(grey, 0.995),
            "black",
            "the picture is black",
            "see whether the lamp is on and the lens is free",
        )
        if fine:
            # Two of three: a sensor adds noise to what is clipped too, and a pure colour may fill one channel.
            full = rgb >= _FULL
            red, green, blue = (full[..., channel] for channel in range(3))
            white = (red & green) | (blue & (red | green))
            clipped = float(white[item].mean() if item.any() else white.mean())
            fine = self._at_most(
                "clipped",
                clipped,
                "over-exposed",
                f"{clipped:.0%} of the item is white",
                "expose for a shorter time, or dim the lamp",
            )
        if fine:
            fine = self._at_least(
                "contrast", float(grey.std()), "flat", "the picture shows one even shade", "see whether the lens is free"
            )
        return fine

    def item(self, units: int) -> bool:
        """Look whether one item is there, whole; return whether any is."""
        import cv2
        import numpy as np

        share = float(self._item.mean())
        if not self._at_least("least_item", share, "empty", "there is no item", "put the item on the tray"):
            return False
        sides = {"left": self._item[:, 0], "right": self._item[:, -1], "top": self._item[0], "bottom": self._item[-1]}
        covered = {side: float(line.mean()) for side, line in sides.items()}
        cut = [side for side in SIDES if covered[side] > self._limits.cut]
        where = " and ".join(cut) or "no"
        if len(cut) >= 3:
            advice = "lay the item across, or use a camera that is farther away: it does not fit"
        else:
            advice = f"move the item {' and '.join(_OPPOSITE[side] for side in cut)}: its {where} side is cut off"
        self._at_most("cut", max(covered.values()), "cut-off", f"the item is cut off at its {where} side", advice)
        _, _, about, _ = cv2.connectedComponentsWithStats(self._item.astype(np.uint8))
        areas = np.sort(about[1:, cv2.CC_STAT_AREA])[::-1]
        next_one = float(areas[units] / areas[0]) if len(areas) > units else 0.0
        many = int((areas > self._limits.second * areas[0]).sum())
        self._at_most(
            "second",
            next_one,
            "several-items",
            f"{many} pieces lie there, and {units} may",
            "take the others off the tray; if they are parts of one item, look at it by hand",
        )
        return True

    def blur(self, usual: Usual | None) -> None:
        """Look whether the item is as sharp as items usually are."""
        if usual is None or 1 / (len(usual.sharpness) + 1) > self._limits.sharpness_p:
            needed = math.ceil(1 / self._limits.sharpness_p) - 1
            have = 0 if usual is None else len(usual.sharpness)
            self._unsaid.append(f"blur: {have} usual pictures of this camera are there, and {needed} are needed")
            return
        p = usual.p_value(sharpness(self._rgb, self._item))
        # Strictly below would need one picture more; at the limit it is blurred, as a test at that level says.
        self._at_least(
            "sharpness_p",
            p,
            "blurred",
            f"one of {1 / p:.0f} usual pictures is as blurred",
            "let the item lie still; clean and focus the lens",
            strict=True,
        )

    def depth(self) -> bool:
        """Look whether depth is there, and return it."""
        import numpy as np

        if self._mm is None:
            return False
        seen = np.isfinite(self._mm)
        missing = float(1 - (seen[self._item] if self._item.any() else seen).mean())
        if seen.any() and float(np.nanmax(self._mm) - np.nanmin(self._mm)) == 0.0:
            missing = 1.0  # one and the same distance everywhere is what a camera says that sees nothing
        why = f"{missing:.0%} of the item has no depth"
        return self._at_most("dead", missing, "depth-dead", why, "see whether the depth camera runs; dull what shines")

    def alignment(self) -> None:
        """Look whether depth is where the picture is."""
        if self._mm is None:
            return
        found = misalignment(self._rgb, self._mm)
        if found is None:
            self._unsaid.append("alignment of depth: it has too few edges in common with the picture")
        else:
            self._at_most(
                "shift",
                found,
                "depth-misaligned",
                f"depth lies {found:.0%} of the width beside the picture",
                "register depth to the colour camera again",
            )

    def result(self) -> Quality:
        return Quality(score=self._score, flaws=tuple(self._flaws), measures=dict(self._measures), unsaid=tuple(self._unsaid))

    def _at_least(self, name: str, measure: float, kind: Kind, why: str, advice: str, *, strict: bool = False) -> bool:
        limit = float(getattr(self._limits, name))
        fine = measure > limit if strict else measure >= limit
        return self._noted(
            name, measure, fine, measure / (limit + measure) if measure else 0.0, Flaw(kind=kind, why=why, advice=advice)
        )

    def _at_most(self, name: str, measure: float, kind: Kind, why: str, advice: str) -> bool:
        limit = float(getattr(self._limits, name))
        return self._noted(name, measure, measure <= limit, limit / (limit + measure), Flaw(kind=kind, why=why, advice=advice))

    def _noted(self, name: str, measure: float, fine: bool, score: float, flaw: Flaw) -> bool:
        self._measures[name] = measure
        # At the limit a measure scores one half; a hair is added or taken so that the score says what the flaw says.
        self._score = min(self._score, max(score, 0.5) if fine else min(score, 0.499))
        if not fine:
            self._flaws.append(flaw)
        return fine


def _quantile(grey: NDArray[np.uint8], share: float) -> float:
    """Return a quantile, with a line between two values, as NumPy does; eight bits are counted, not sorted."""
    import numpy as np

    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    place = share * (grey.size - 1)
    low, high = np.searchsorted(counts, [math.floor(place) + 1, math.ceil(place) + 1])
    return float(low + (high - low) * (place - math.floor(place)))


_SIDE = 64  # pixels at which edges are compared
_SLANT_MM = 20.0  # from corner to corner of a picture, from which heights are compared, and not depth
_CORNER = 8  # pixels
_SOME = 4000  # depths whose middle stands for those that are missing
_REACH = 0.25  # of the width: how far away a better place for depth is looked for
_ALIKE = 0.25  # correlation of edges from which they are of the same things
_BETTER = 1.3  # times the correlation where it lies: less may be shadows


def _aslant(mm: NDArray[np.float32]) -> bool:
    """Return whether corners of a picture are not equally far away: its tray lies aslant, or things lie in its corners."""
    import numpy as np

    corners = [
        mm[rows, columns]
        for rows in (slice(_CORNER), slice(-_CORNER, None))
        for columns in (slice(_CORNER), slice(-_CORNER, None))
    ]
    levels = [float(one[known].mean()) for one in corners if (known := np.isfinite(one)).any()]
    return len(levels) > 1 and max(levels) - min(levels) > _SLANT_MM


def misalignment(rgb: NDArray[np.uint8], mm: NDArray[np.float32]) -> float | None:
    """Return how far depth lies beside its picture, as a share of the width; None if they have too few edges in common.

    Edges of what stands up are edges in both. Where those of depth fit far better somewhere else, it lies beside.
    """
    import cv2
    import numpy as np

    seen = np.isfinite(mm)
    if _aslant(mm):  # whose depth has edges of its own, at the border of the picture and of what is missing
        mm = mm - tray(mm).depth(*mm.shape)
    some = mm[seen]
    middle = np.median(some[:: 1 + len(some) // _SOME])
    filled = np.where(seen, mm, middle).astype(np.float32)
    of_depth, of_picture = (
        _edges(np.asarray(cv2.resize(values, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32))
        for values in (filled, cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32))
    )
    norm = float(np.linalg.norm(of_depth) * np.linalg.norm(of_picture))
    if norm == 0:
        return None
    product = np.fft.rfft2(of_picture, (2 * _SIDE,) * 2) * np.conj(np.fft.rfft2(of_depth, (2 * _SIDE,) * 2))
    alike = np.fft.fftshift(np.fft.irfft2(product)) / norm
    reach = round(_REACH * _SIDE)
    near = alike[_SIDE - reach : _SIDE + reach + 1, _SIDE - reach : _SIDE + reach + 1]
    y, x = np.unravel_index(int(near.argmax()), near.shape)
    if near[y, x] < _ALIKE:
        return None
    here = float(near[reach - 1 : reach + 2, reach - 1 : reach + 2].max())
    return math.hypot(float(y - reach), float(x - reach)) / _SIDE if near[y, x] > _BETTER * max(here, 0.0) else 0.0


def _edges(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return where values change, capped so that one edge does not outweigh all others; less their mean."""
    import cv2
    import numpy as np

    smooth = cv2.GaussianBlur(values, (0, 0), 1.0)
    steep = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    capped = np.minimum(steep, np.quantile(steep, 0.98))
    return np.asarray(capped - capped.mean(), dtype=np.float32)
