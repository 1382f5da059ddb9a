"""Finding how channels are weighed, from items that trained none of them and that calibrate nothing later.

Sound items give the scales, damaged ones the weights: a logistic regression whose weights are not negative. With no damaged item,
e-values are averaged, which needs none. What people cleared after an alarm belongs among the sound items: it shows which surprise is
no damage.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.inspection.semantics.fused import POOLED, Fusion, Scale, SeenView, Weights, bent, item_scores, subsets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_SOUND = 50  # items with a channel, below which it is not used
FEWEST_OF_GROUP = 200  # sound items, below which a product or a material has no scale of its own
FEWEST_DAMAGED = 10  # items, below which nothing is weighed
_TAIL = 0.05  # share of sound items that show how scores go on beyond them
_SHAPES = (0.3, 0.9)  # of a tail, at least and at most
_RIDGE = 1.0  # of a weight, in units of one item's loss


@dataclass(frozen=True, slots=True)
class Scored:
    """An item with its channels.

    Attributes
    ----------
    scores : mapping of str to float
        By channel; those that are absent are not there.
    damaged : bool
    groups : sequence of str
        From the finest to the coarsest, say its product and its material.
    """

    scores: Mapping[str, float]
    damaged: bool
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """An item with the channels of each of its views.

    Attributes
    ----------
    views : sequence of (str, mapping of str to float)
        The camera, and scores by channel; those that are absent are not there.
    damaged : bool
    groups : sequence of str
        From the finest to the coarsest, say its product and its material.
    """

    views: tuple[SeenView, ...]
    damaged: bool
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TooFewSound:
    """Nothing was fused, for want of sound items."""

    sound: int

    @property
    def why(self) -> str:
        """One line for people."""
        return f"no channel has scores of {FEWEST_SOUND} sound items, among {self.sound}; what is unusual cannot be told yet"


def fuse_views(items: Sequence[Seen], *, fewest_of_group: int = FEWEST_OF_GROUP) -> Fusion | TooFewSound:
    """Make a fusion of items whose views are of several cameras, each of which has scales of its own; else as `fuse`."""
    cameras = _camera_scales([view for one in items if not one.damaged for view in one.views])
    told = [Scored(item_scores(one.views, cameras), one.damaged, one.groups) for one in items]
    return fuse(told, fewest_of_group=fewest_of_group, cameras=cameras)


def _camera_scales(views: Sequence[SeenView]) -> dict[tuple[str, str], Scale]:
    """Return scales of what views of sound items say, by channel and camera, and for those of which there are few, of all together."""
    found: dict[tuple[str, str], Scale] = {}
    for channel in sorted({name for _, scores in views for name in scores}):
        having = [(camera, told[channel]) for camera, scores in views if channel in (told := _finite(scores))]
        if len(having) < FEWEST_SOUND:
            continue
        found[channel, POOLED] = scale(score for _, score in having)
        for camera, count in Counter(camera for camera, _ in having).items():
            if count >= FEWEST_SOUND and camera != POOLED:
                found[channel, camera] = scale(score for other, score in having if other == camera)
    return found


def fuse(
    items: Sequence[Scored],
    *,
    fewest_of_group: int = FEWEST_OF_GROUP,
    cameras: Mapping[tuple[str, str], Scale] | None = None,
) -> Fusion | TooFewSound:
    """Make a fusion.

    Parameters
    ----------
    items : sequence of Scored
        Of a fold of its own. Scores that are not finite are left out.
    fewest_of_group : int
        Sound items that a group needs for scales of its own.
    cameras : mapping of (str, str) to Scale, optional
        That scores of items are on already.

    Returns
    -------
    Fusion or TooFewSound

    Notes
    -----
    For each set of channels weights are found on all items that have these, and by these alone: what a decision would be without a
    channel is what a system without that channel would decide. O(2^channels x items); six channels and a thousand items take
    about a second.
    """
    sound = [one for one in items if not one.damaged]
    scales = _scales(sound, fewest_of_group)
    if not scales:
        return TooFewSound(len(sound))
    bare = Fusion(scales, None, None, cameras or {})
    damaged = [one for one in items if one.damaged]
    if len(damaged) < FEWEST_DAMAGED:
        return bare
    known = [(bare.surprises(_finite(one.scores), one.groups), one.damaged) for one in items]
    trained = len(damaged) / len(items)
    weights = {}
    for chosen in subsets(bare.channels):
        order = tuple(name for name in bare.channels if name in chosen)
        rows = [([told[name] for name in order], bad) for told, bad in known if chosen <= set(told)]
        weights[chosen] = _weighed(order, rows, trained)
    return Fusion(scales, weights, trained, bare.cameras)


def _finite(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: score for name, score in scores.items() if math.isfinite(score)}


def _scales(sound: Sequence[Scored], fewest_of_group: int) -> dict[tuple[str, str], Scale]:
    found: dict[tuple[str, str], Scale] = {}
    names = {name for one in sound for name in one.scores}
    for channel in sorted(names):
        having = [(score, one.groups) for one in sound if channel in (told := _finite(one.scores)) for score in (told[channel],)]
        if len(having) < FEWEST_SOUND:
            continue
        found[channel, POOLED] = scale(score for score, _ in having)
        for group, count in Counter(group for _, groups in having for group in set(groups)).items():
            if count >= fewest_of_group and group != POOLED:
                found[channel, group] = scale(score for score, groups in having if group in groups)
    return found


def scale(scores: Iterable[float]) -> Scale:
    """Return the scale of scores of sound items.

    Notes
    -----
    Above a high quantile, excesses of most distributions are about those of a generalised Pareto distribution, of which both parameters
    follow from two probability-weighted moments [1]_. The shape is kept within limits: a bounded tail would leave what is beyond it
    without an order, and a few dozen excesses do not show that a tail is light.

    References
    ----------
    .. [1] Hosking, Wallis. "Parameter and quantile estimation for the generalized Pareto distribution." Technometrics 29 (1987).
    """
    ordered = tuple(sorted(scores))
    n = len(ordered)
    edge = n - max(1, min(n - 1, round(_TAIL * n)))
    excesses = [score - ordered[edge - 1] for score in ordered[edge:]]
    many = len(excesses)
    mean = math.fsum(excesses) / many
    least = 1e-6 * max(abs(ordered[edge - 1]), ordered[-1] - ordered[0], 1e-9)
    if mean <= least:
        return Scale(ordered, edge, least)
    # The mean of excesses, each times the share of those above it.
    second = math.fsum(excess * (many - at - 0.65) / many for at, excess in enumerate(excesses)) / many
    shape = min(max(2 - mean / (mean - 2 * second), _SHAPES[0]), _SHAPES[1]) if mean > 2 * second else _SHAPES[1]
    return Scale(ordered, edge, mean * (1 - shape), shape)


def _weighed(order: tuple[str, ...], rows: Sequence[tuple[list[float], bool]], trained: float) -> Weights:
    import numpy as np
    from scipy.optimize import minimize

    odds = math.log(trained / (1 - trained))
    bad = np.array([one for _, one in rows], bool)
    if not rows or not bad.any() or bad.all():
        # Nobody has seen these channels together with and without damage: surprises count as they are.
        return Weights(order, (1.0,) * len(order), (1.0,) * len(order), odds - len(order))
    # First of each channel what is up to a rare surprise, then of each what is beyond.
    given = np.array([[bent(value)[part] for part in (0, 1) for value in values] for values, _ in rows], np.float64)
    # Whatever the shares are among items that have these channels, log-odds are of the same share for all sets.
    counts = np.where(bad, trained / bad.mean(), (1 - trained) / (~bad).mean())
    sign = np.where(bad, -1.0, 1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        off = sign * (given @ weights[:-1] + weights[-1])
        slope = counts * sign * np.exp(-np.logaddexp(0, -off))
        ridge = weights[:-1]
        return (
            float((counts * np.logaddexp(0, off)).sum() + 0.5 * _RIDGE * (ridge**2).sum()),
            np.concatenate([slope @ given + _RIDGE * ridge, [slope.sum()]]),
        )

    start = np.concatenate([np.full(2 * len(order), 0.3), [odds]])
    limits = [(0.0, None)] * (2 * len(order)) + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 500})
    least = [max(0.0, float(one)) for one in found.x[:-1]]
    return Weights(order, tuple(least[: len(order)]), tuple(least[len(order) :]), float(found.x[-1]))
