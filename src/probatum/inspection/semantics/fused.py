"""One score of an item from channels that fail differently, any of which may be absent; and the channel that the decision hangs on.

Views of a camera that stands aside differ more than those from above, whatever is wrong. So a channel of a view is first replaced by how
surprising it would be of a sound item before the same camera, and an item has the highest of its views.

A channel says a number on a scale of its own. It is replaced by how surprising that would be of a sound item: minus the logarithm of the share
of sound items of the same product, or material, or else of all, that say as much. Surprises are then weighed, and no weight is below 0: more of
anything never makes an item look better. What is beyond `RARE` has a weight of its own: a price label changes how an item looks more than most
damage does, and where damaged items are no longer more common than sound ones, more surprise says nothing more. For every set of channels there are weights of their own, so that a channel that is absent is
neither evidence of damage nor of soundness.

`fit.fusion` makes a `Fusion`. Start reading at `fused`.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KIND = "fusion/3"
CHANNELS = ("damage", "excess", "appearance", "relief", "residue", "pieces", "unusual")
POOLED = ""  # the group of all sound items, and all cameras together
RARE = 3.0  # a surprise: one in twenty sound items says as much, the logarithm of 20
_MOST_CHANNELS = 8  # of which there are 255 sets


@dataclass(frozen=True, slots=True)
class Scale:
    """What sound items say in one channel.

    Attributes
    ----------
    scores : tuple of float
        Of n sound items, ascending.
    edge : int
        How many scores are not in the tail.
    tail : float
        Scale of excesses over the highest score that is not in the tail.
    shape : float
        How heavy the tail is: 0 is exponential, and nearly 1 so heavy that excesses hardly have a mean.
    """

    scores: tuple[float, ...]
    edge: int
    tail: float
    shape: float = 0.0

    def surprise(self, score: float) -> float:
        """Return minus the logarithm of the share of sound items that say as much or more.

        Up to the edge it is that of a conformal p-value, ``(1 + those that do) / (1 + n)``. Beyond, where few or none do, it goes on as
        for a generalised Pareto distribution, so that what exceeds all of them is still ordered. That part is a score and no p-value.
        """
        n = len(self.scores)
        at_edge = self.scores[self.edge - 1]
        above = n - bisect_left(self.scores, min(score, at_edge))
        excess = max(score - at_edge, 0.0) / self.tail
        beyond = math.log1p(self.shape * excess) / self.shape if self.shape else excess
        return math.log((n + 1) / (above + 1)) + beyond


@dataclass(frozen=True, slots=True)
class Weights:
    """Of one set of channels: log-odds are the constant, and each weight times what it is of.

    Attributes
    ----------
    channels : tuple of str
    weights, beyond : tuple of float
        Of the surprise of each channel up to `RARE`, and of what it has beyond.
    constant : float
    """

    channels: tuple[str, ...]
    weights: tuple[float, ...]
    beyond: tuple[float, ...]
    constant: float

    def odds(self, surprises: Mapping[str, float]) -> float:
        """Return log-odds."""
        known = [bent(surprises[name]) for name in self.channels]
        parts = (low * below + more * above for (below, above), low, more in zip(known, self.weights, self.beyond, strict=True))
        return self.constant + math.fsum(parts)


def bent(surprise: float) -> tuple[float, float]:
    """Return what of a surprise is up to `RARE`, and what is beyond."""
    return min(surprise, RARE), max(surprise - RARE, 0.0)


@dataclass(frozen=True, slots=True)
class Fusion:
    """How channels become one score.

    Attributes
    ----------
    scales : mapping of (str, str) to Scale
        By channel and group; every channel has the group `POOLED`.
    weights : mapping of frozenset of str to Weights, or None
        By the channels that are there. None if no damaged item was at hand: then e-values are averaged.
    trained : float or None
        Share of damaged items that log-odds are of.
    cameras : mapping of (str, str) to Scale
        By channel and camera, of views; every channel has the camera `POOLED`. Empty where views are compared as they are.
    """

    scales: Mapping[tuple[str, str], Scale]
    weights: Mapping[frozenset[str], Weights] | None
    trained: float | None
    cameras: Mapping[tuple[str, str], Scale] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that are known, in a fixed order."""
        names = {channel for channel, _ in self.scales}
        return tuple(name for name in CHANNELS if name in names) + tuple(sorted(names - set(CHANNELS)))

    def item(self, views: Sequence[SeenView]) -> dict[str, float]:
        """Return the channels of an item: for each the highest of its views, on the scales of their cameras."""
        return item_scores(views, self.cameras)

    def surprises(self, scores: Mapping[str, float], groups: Sequence[str] = ()) -> dict[str, float]:
        """Return how surprising each channel is, of those that are there and known; groups from the finest to the coarsest."""
        found = {}
        for channel in self.channels:
            if channel in scores:
                group = next((name for name in groups if (channel, name) in self.scales), POOLED)
                found[channel] = self.scales[channel, group].surprise(scores[channel])
        return found

    def weighed(self, surprises: Mapping[str, float]) -> float:
        """Return one score from surprises of one channel or more."""
        if self.weights is None:
            return _mean_e_value(list(surprises.values()))
        return self.weights[frozenset(surprises)].odds(surprises)

    def model(self) -> Model:
        """Return what is kept in a file; the backbone is that of the channels, and is tied to them where the file is used."""
        import numpy as np

        described: dict[str, list[list[str | int | float]]] = {}
        arrays: dict[str, NDArray[np.float64]] = {}
        for name, scales in (("scales", self.scales), ("cameras", self.cameras)):
            keys = sorted(scales)
            described[name] = [[*key, (one := scales[key]).edge, one.tail, one.shape] for key in keys]
            arrays |= {f"{name}{at}": np.array(scales[key].scores, np.float64) for at, key in enumerate(keys)}
        weights = None
        if self.weights is not None:
            told = sorted((one for one in self.weights.values()), key=lambda one: one.channels)
            weights = [[list(one.channels), list(one.weights), list(one.beyond), one.constant] for one in told]
        return Model(KIND, "", {**described, "weights": weights, "trained": self.trained}, arrays)


@dataclass(frozen=True, slots=True)
class Fused:
    """The score of an item.

    Attributes
    ----------
    score : float
        Higher is worse: log-odds of damage at the share that weights were found at, or the logarithm of an e-value.
    surprises : mapping of str to float
    """

    score: float
    surprises: Mapping[str, float]


SeenView = tuple[str, Mapping[str, float]]  # the camera, and channels of what it saw


def item_scores(views: Sequence[SeenView], cameras: Mapping[tuple[str, str], Scale]) -> dict[str, float]:
    """Return for each channel the highest score of the views that have it, on the scales of their cameras where there are some.

    A camera that is not known is as all of them together.
    """
    found: dict[str, float] = {}
    for camera, scores in views:
        for name, value in scores.items():
            scale = cameras.get((name, camera)) or cameras.get((name, POOLED))
            told = value if scale is None or math.isnan(value) else scale.surprise(value)
            found[name] = told if name not in found or math.isnan(told) else max(found[name], told)
    return found


def fused(fusion: Fusion, scores: Mapping[str, float], groups: Sequence[str] = ()) -> Fused:
    """Return one score of an item.

    Parameters
    ----------
    fusion : Fusion
    scores : mapping of str to float
        By channel, of the item (`item_scores`). Channels that the fusion does not know are left out.
    groups : sequence of str
        The product, then its material, or however sound items were grouped: the first that is known counts.

    Returns
    -------
    Fused
        With a score of NaN, which alarms wherever a threshold is certified, if no channel is there or a score is not a number.
    """
    known = {name: score for name, score in scores.items() if name in fusion.channels}
    if not known or any(math.isnan(score) for score in known.values()):
        return Fused(math.nan, {})
    surprises = fusion.surprises(known, groups)
    return Fused(fusion.weighed(surprises), surprises)


def reason(fusion: Fusion, found: Fused, threshold: float) -> tuple[str, ...]:
    """Return the channels without which an item would not alarm: the fewest, and of equally many those after which the score is lowest.

    Nothing if it does not alarm, or alarms for want of a score. All channels if it alarms without any two of them.
    """
    if found.score <= threshold:
        return ()
    names = tuple(found.surprises)
    for many in (1, 2):
        flips = []
        for gone in itertools.combinations(names, many):
            left = {name: value for name, value in found.surprises.items() if name not in gone}
            # An item of which nothing is known is not sound: a channel that is alone is the reason itself.
            score = fusion.weighed(left) if left else -math.inf
            if score <= threshold:
                flips.append((score, gone))
        if flips:
            return min(flips)[1]
    return names


def _mean_e_value(surprises: Sequence[float]) -> float:
    """Logarithm of the mean of e-values, which needs no assumption on how channels depend on each other [1]_.

    Each is ``(1 - p + p log p) / (p (log p)^2)``, the mean of all calibrators ``k p^(k - 1)``.

    References
    ----------
    .. [1] Vovk, Wang. "E-values: calibration, combination and applications." Annals of Statistics 49 (2021), arXiv:1912.06116.
    """
    logs = []
    for surprise in surprises:
        if surprise < 1e-3:  # where the quotient below cancels: its limit is a half
            logs.append(math.log(0.5 + surprise / 6))
        else:
            logs.append(math.log1p(-math.exp(-surprise) * (1 + surprise)) + surprise - 2 * math.log(surprise))
    top = max(logs)
    return top + math.log(math.fsum(math.exp(one - top) for one in logs) / len(logs))


def fusion_of(model: Model) -> Fusion:
    """Return the fusion that a file holds.

    Raises
    ------
    UnreadableArtefact
        If it does not hold one.
    """
    try:
        found = _fusion_of(model)
    except (LookupError, TypeError, ValueError, AttributeError):
        found = None
    if model.kind != KIND or found is None:
        raise UnreadableArtefact("this model is no fusion of channels: its parts do not fit each other", help="make it again")
    return found


def _fusion_of(model: Model) -> Fusion | None:
    scales, cameras = (_scales(model, name) for name in ("scales", "cameras"))
    if scales is None or cameras is None:
        return None
    told, trained = model.settings["weights"], model.settings["trained"]
    weights = None
    if told is not None:
        weights = {}
        for names, values, beyond, constant in told:
            one = Weights(tuple(map(str, names)), tuple(map(float, values)), tuple(map(float, beyond)), float(constant))
            if not len(one.channels) == len(one.weights) == len(one.beyond) or not min(*one.weights, *one.beyond) >= 0:
                return None
            weights[frozenset(one.channels)] = one
    fusion = Fusion(scales, weights, None if trained is None else float(trained), cameras)
    complete = bool(fusion.channels) and all((channel, POOLED) in scales for channel in fusion.channels)
    complete = complete and all((channel, POOLED) in cameras for channel, _ in cameras)
    if weights is not None:
        complete = complete and set(weights) == set(subsets(fusion.channels)) and trained is not None
    return fusion if complete else None


def _scales(model: Model, name: str) -> dict[tuple[str, str], Scale] | None:
    found = {}
    for at, (channel, group, edge, tail, shape) in enumerate(model.settings[name]):
        scores = tuple(float(one) for one in model.arrays[f"{name}{at}"])
        found[str(channel), str(group)] = Scale(scores, int(edge), float(tail), float(shape))
        if list(scores) != sorted(scores) or not 0 < int(edge) <= len(scores) or not float(tail) > 0 or not 0 <= float(shape) < 1:
            return None
    return found


def subsets(channels: Sequence[str]) -> list[frozenset[str]]:
    """Return all sets of one channel or more.

    Raises
    ------
    ValueError
        If there are too many channels for that.
    """
    if len(channels) > _MOST_CHANNELS:
        raise ValueError(f"{len(channels)} channels are too many to weigh every set of them; {_MOST_CHANNELS} are possible")
    return [frozenset(chosen) for many in range(1, len(channels) + 1) for chosen in itertools.combinations(channels, many)]
