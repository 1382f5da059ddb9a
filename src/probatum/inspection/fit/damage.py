"""Training a damage head from labels of items, and from masks where there are some: on the processor, in minutes.

A label says that an item is damaged and not where. So an item is judged by the places that look worst on the view that looks worst,
and only these are changed by its label [1]_; the places of a sound item are all sound. Where damage was outlined, places are also told
one by one. Damaged and sound items count the same in all, whatever their shares are: `stats.prior_shift` says what follows elsewhere.

References
----------
.. [1] Andrews, Tsochantaridis, Hofmann. "Support vector machines for multiple-instance learning." NIPS 2002.
.. [2] Kingma, Ba. "Adam: a method for stochastic optimization." ICLR 2015, arXiv:1412.6980.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.inspection.semantics.damage import TOP, TYPES, Head, extent, pooled, usual
from probatum.inspection.semantics.damage_places import RELIEF

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = 5  # damaged items, and sound ones: with fewer nothing is trained
FEWEST_OF_TYPE = 8  # items of a type, below which it is not told
FEWEST_SEVERITIES = 30  # of items that are held back to learn how bad damage is
_HELD = 5  # every so many-th damaged item is, once there are enough
_COVERED, _CLEAR = 0.1, 0.0  # shares of a place that masks cover: from the first on it is damaged, and up to the second it is not
_BATCH = 32  # items
_EPOCHS, _LEAST_STEPS = 20, 240
_RATE, _DECAY = 6e-3, 5e-3
_DROPPED = 0.1  # share of features that are left out of each step, so that the head does not lean on few of them
_TOP_AT_FIRST = 60  # places
_BLIND = 0.15  # share of items that are shown without their depth


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A labelled item.

    Attributes
    ----------
    views : sequence of arrays of shape (196, c)
        Features of places (`semantics.damage_places.places`), one for each view, of one float type.
    damaged : bool
    types : set of str or None
        None where nobody said; then it teaches no type.
    severity : float or None
    masks : sequence of arrays of shape (196,), or None
        Share of each place that outlines of damage cover, one for each view; None where nothing was outlined.
    """

    views: Sequence[NDArray[Any]]
    damaged: bool
    types: frozenset[str] | None = None
    severity: float | None = None
    masks: Sequence[NDArray[Any]] | None = None


@dataclass(frozen=True, slots=True)
class TooFew:
    """Nothing was trained, for want of labels."""

    damaged: int
    sound: int

    @property
    def why(self) -> str:
        """One line for people."""
        return f"{self.damaged} damaged and {self.sound} sound items are too few to train on; {FEWEST} of each are needed"


def train(examples: Sequence[Example], *, backbone: str, seed: int = 0, hidden: int = 32, epochs: int = _EPOCHS) -> Head | TooFew:
    """Train a head.

    Parameters
    ----------
    examples : sequence of Example
        In any share of damaged and sound ones.
    backbone : str
        Digest of the backbone that looked at all of them.
    seed : int
        The same seed and examples give the same head on one machine.
    hidden : int
        Width.
    epochs : int
        Times that each item is seen, at least; more often where there are few.

    Returns
    -------
    Head or TooFew

    Raises
    ------
    ValueError
        If examples have different features, or a label fits no view.

    Notes
    -----
    By Adam [2]_ with a rate that falls along a cosine. About 15 CPU-seconds for 640 items of two views, linear in items and epochs;
    features are taken as they are given, so those of 16 bits take half of the memory.
    """
    import numpy as np

    damaged = sum(one.damaged for one in examples)
    if min(damaged, len(examples) - damaged) < FEWEST:
        return TooFew(damaged, len(examples) - damaged)
    _check(examples)
    held = _held(examples)
    used = [one for at, one in enumerate(examples) if at not in held]
    counts = {name: sum(name in (one.types or ()) for one in used) for name in TYPES}
    types = tuple(name for name in TYPES if counts[name] >= FEWEST_OF_TYPE)
    rng = np.random.default_rng(seed)
    sample = np.concatenate([np.asarray(used[at].views[0], np.float32) for at in rng.permutation(len(used))[:200]])
    centre, spread = sample.mean(axis=0), sample.std(axis=0) + np.float32(1e-3)
    centre[-1], spread[-1] = 0, 1  # whether there is depth
    lessons = _Lessons(used, types, centre, spread)
    weights = _descend(lessons, rng, hidden=hidden, epochs=epochs)
    head = Head(
        backbone=backbone,
        centre=centre,
        spread=spread,
        inner=weights[0],
        inner_bias=weights[1],
        outer=weights[2],
        outer_bias=weights[3],
        types=types,
        severity=None,
        trained_with={"damaged": sum(one.damaged for one in used), "sound": len(examples) - damaged, **counts},
    )
    learnt = _severity(head, [examples[at] for at in held])
    return Head(**{**{name: getattr(head, name) for name in Head.__slots__}, "severity": learnt})


def _check(examples: Sequence[Example]) -> None:
    shapes = {tuple(view.shape) for one in examples for view in one.views}
    if len(shapes) != 1 or any(not one.views for one in examples):
        raise ValueError(
            f"views of shapes {sorted(shapes)} cannot be learnt from together; each item needs a view, and all the same features"
        )
    for one in examples:
        if one.masks is not None and len(one.masks) != len(one.views):
            raise ValueError(f"{len(one.masks)} masks are not one for each of {len(one.views)} views")
        if not one.damaged and one.types:
            raise ValueError("a sound item has types of damage")


def _held(examples: Sequence[Example]) -> frozenset[int]:
    """Items that only teach how bad damage is: of those that the head has learnt, it is too sure."""
    told = [at for at, one in enumerate(examples) if one.damaged and one.severity is not None]
    held = told[::_HELD]
    return frozenset(held) if len(held) >= FEWEST_SEVERITIES else frozenset()


@dataclass
class _Lessons:
    """Examples as arrays; views of an item with fewer than others are repeated."""

    examples: Sequence[Example]
    types: tuple[str, ...]
    centre: NDArray[np.float32]
    spread: NDArray[np.float32]
    views: int = field(init=False)
    labels: NDArray[np.float32] = field(init=False)  # (n, 1 + t), NaN where nobody said
    weights: NDArray[np.float32] = field(init=False)  # (n,)

    def __post_init__(self) -> None:
        import numpy as np

        self.views = max(len(one.views) for one in self.examples)
        self.labels = np.array([self._label(one) for one in self.examples], np.float32)
        bad = self.labels[:, 0] > 0
        self.weights = np.where(bad, 0.5 / bad.mean(), 0.5 / (~bad).mean()).astype(np.float32)

    def _label(self, one: Example) -> list[float]:
        if one.damaged and one.types is None:
            return [1.0] + [float("nan")] * len(self.types)
        return [float(one.damaged)] + [float(name in (one.types or ())) for name in self.types]

    def batch(self, chosen: NDArray[np.intp], blind: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return usual features (b, views, 196, c), and what is known of places (b, views, 196, 1 + t), NaN for nothing."""
        import numpy as np

        features, told = [], []
        for at in chosen:
            one = self.examples[at]
            order = [view % len(one.views) for view in range(self.views)]
            features.append(np.stack([np.asarray(one.views[view], np.float32) for view in order]))
            told.append(np.stack([self._told(one, view, self.labels[at]) for view in order]))
        stacked = np.stack(features)
        stacked[blind, :, :, -RELIEF:] = 0
        return usual(stacked, self.centre, self.spread), np.stack(told)

    def _told(self, one: Example, view: int, label: NDArray[np.float32]) -> NDArray[np.float32]:
        import numpy as np

        told = np.full((len(one.views[view]), len(label)), np.nan, np.float32)
        if not one.damaged:
            told[:] = 0
        elif one.masks is not None:
            covered = np.asarray(one.masks[view], np.float32)
            told[covered <= _CLEAR] = 0
            # Of several types nobody said which is where.
            sure = label if np.nansum(label[1:]) <= 1 else np.where(label > 0, [1.0] + [np.nan] * (len(label) - 1), label)
            told[covered >= _COVERED] = sure
        return told


def _descend(lessons: _Lessons, rng: np.random.Generator, *, hidden: int, epochs: int) -> list[NDArray[np.float32]]:
    import numpy as np

    count, outputs, features = len(lessons.examples), lessons.labels.shape[1], len(lessons.centre)
    weights = [
        rng.normal(0, np.sqrt(2 / features), (features, hidden)).astype(np.float32),
        np.zeros(hidden, np.float32),
        rng.normal(0, np.sqrt(1 / hidden), (hidden, outputs)).astype(np.float32),
        np.full(outputs, -2, np.float32),
    ]
    first, second = [np.zeros_like(one) for one in weights], [np.zeros_like(one) for one in weights]
    parts = -(-count // _BATCH)
    steps = max(_LEAST_STEPS, epochs * parts)
    queue: list[NDArray[np.intp]] = []
    for step in range(1, steps + 1):
        if not queue:
            queue = np.array_split(rng.permutation(count), parts)
        chosen = queue.pop()
        given, told = lessons.batch(chosen, rng.random(len(chosen)) < _BLIND)
        kept = (rng.random(features) >= _DROPPED).astype(np.float32) / np.float32(1 - _DROPPED)
        slopes = _slopes(weights, given * kept, told, (lessons.labels[chosen], lessons.weights[chosen], _top(step / steps)))
        rate = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        for at, slope in enumerate(slopes):
            first[at] = 0.9 * first[at] + 0.1 * slope
            second[at] = 0.999 * second[at] + 0.001 * slope * slope
            move = first[at] / (1 - 0.9**step) / (np.sqrt(second[at] / (1 - 0.999**step)) + 1e-8)
            decay = _DECAY * weights[at] if weights[at].ndim > 1 else 0
            weights[at] = (weights[at] - rate * (move + decay)).astype(np.float32)
    return weights


def _top(done: float) -> int:
    """How many places judge an item while the head learns: many at first, when nobody knows which are worst, few from the middle on."""
    return max(TOP, round(_TOP_AT_FIRST * math.pow(TOP / _TOP_AT_FIRST, min(1.0, 2 * done))))


def _slopes(
    weights: Sequence[NDArray[np.float32]],
    given: NDArray[np.float32],
    told: NDArray[np.float32],
    whole: tuple[NDArray[np.float32], NDArray[np.float32], int],
) -> list[NDArray[np.float32]]:
    """Return derivatives of the loss by all weights: of items (labels, what they count, places that judge), and of places that are told."""
    import numpy as np

    inner, inner_bias, outer, outer_bias = weights
    flat = given.reshape(-1, given.shape[-1])
    before = flat @ inner + inner_bias
    after = np.maximum(before, 0)
    said = (after @ outer + outer_bias).reshape(told.shape)
    back = _of_places(said, told) + _of_items(said, *whole)
    back = back.reshape(-1, outer.shape[1])
    into = (back @ outer.T) * (before > 0)
    return [flat.T @ into, into.sum(axis=0), after.T @ back, back.sum(axis=0)]


def _of_items(
    said: NDArray[np.float32], labels: NDArray[np.float32], counts: NDArray[np.float32], top: int
) -> NDArray[np.float32]:
    import numpy as np

    slope = np.zeros_like(said)
    worst = np.argpartition(-said, top - 1, axis=2)[:, :, :top]
    scores = np.take_along_axis(said, worst, axis=2).mean(axis=2)
    view = scores.argmax(axis=1)
    off = np.nan_to_num(_sigmoid(scores.max(axis=1)) - labels) * counts[:, None] / (len(said) * top)
    item, output = np.indices(view.shape)
    item, view, output = item[:, None], view[:, None], output[:, None]
    slope[item, view, worst[item, view, np.arange(top)[None, :, None], output], output] = off[:, None]
    return slope


def _of_places(said: NDArray[np.float32], told: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each output: damaged places count the same in all as those that are sound.

    Where none is known to be damaged nothing is said of single places, for then they could only be said to be sound.
    """
    import numpy as np

    bad, sound = told > 0.5, told < 0.5
    many, few = (known.sum(axis=(0, 1, 2), dtype=np.float32) for known in (sound, bad))
    sure = _sigmoid(said)
    slope = bad * (sure - 1) / np.maximum(few, 1) + sound * sure / np.maximum(many, 1)
    return np.asarray(0.5 * slope * (few > 0), np.float32)


def _sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), np.float32)


def _severity(head: Head, held: Sequence[Example]) -> tuple[float, float, float] | None:
    """Least squares, with weights that are not negative, of items that the head has not learnt."""
    import numpy as np
    from scipy.optimize import minimize

    if not held:
        return None
    known = []
    for one in held:
        said = [head.answers(np.asarray(view, np.float32))[:, 0] for view in one.views]
        known.append((max(float(pooled(places[:, None])[0]) for places in said), max(extent(places) for places in said)))
    scores, extents = np.array(known).T
    wanted = np.array([one.severity for one in held], np.float64)

    def loss(weights: NDArray[np.float64]) -> float:
        guess = 1 / (1 + np.exp(-np.clip(weights[0] * scores + weights[1] * extents + weights[2], -60, 60)))
        return float(((guess - wanted) ** 2).sum() + 1e-3 * (weights**2).sum())

    found = minimize(loss, np.array([0.1, 0.1, 0.0]), method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)])
    return float(max(found.x[0], 0.0)), float(max(found.x[1], 0.0)), float(found.x[2])
