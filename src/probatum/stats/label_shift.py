"""Did only the share of faulty things change? A test that holds for samples of any size."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from probatum.stats.bounds import Bound
from probatum.stats.prior_shift import Range

LABEL_SHIFT = "stats/label-shift/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixing:
    """Whether scores can be a mixture of those of sound and of faulty things.

    Attributes
    ----------
    bound : Bound
        From below, of the largest difference between the distribution of scores in use and the nearest mixture; above 0 if label
        shift is refuted.
    prevalence : (float, float) or None
        Shares of faulty things at which it is not refuted: an interval of the share in use, if label shift holds. None if refuted.
    """

    bound: Bound
    prevalence: tuple[float, float] | None

    @property
    def refuted(self) -> bool:
        """Whether something else changed than the share of faulty things."""
        return self.prevalence is None


def label_shift(
    sound: ArrayLike, faulty: ArrayLike, used: ArrayLike, *, prevalence: Range | None = None, confidence: float = 0.95
) -> Mixing:
    """Test that scores in use are distributed like a mixture of those of sound and of faulty things.

    Parameters
    ----------
    sound, faulty, used : array of shape (n,), each
        Scores of calibration, and of things in use of which it is not known what they are; NaN for those without a score.
    prevalence : Range, optional
        What is known of the share of faulty things in use.
    confidence : float in (0, 1), default 0.95
        Probability that label shift is not refuted if it holds.

    Returns
    -------
    Mixing

    Raises
    ------
    ValueError
        If an argument is outside its range, or there are no scores.

    Notes
    -----
    Each of the three empirical distributions is within ``sqrt(ln(6 / alpha) / (2 n))`` of its own with probability at least
    ``1 - alpha / 3`` [1]_. If at every share of faulty things some score tells the mixture from what is used by more than the three
    together, label shift is refuted. Not being refuted shows little where samples are small.

    References
    ----------
    .. [1] Massart. "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality." Annals of Probability 18 (1990).
    """
    known = prevalence or Range(0.0, 1.0)
    if not (0 <= known.low <= known.high <= 1 and 0 <= known.error < 1 - confidence < 1):
        raise ValueError(f"a prevalence in {known} does not fit a confidence of {confidence:g}")
    samples = [np.sort(np.asarray(one, dtype=np.float64)) for one in (used, sound, faulty)]
    if not all(len(one) for one in samples):
        raise ValueError("no scores of one of the three are no distribution; at least 1 of each is needed")
    points = np.unique(np.concatenate([one[~np.isnan(one)] for one in samples] + [np.array([np.inf])]))
    counts = np.stack([np.searchsorted(one, points, side="right") for one in samples], axis=1)
    sizes = np.array([len(one) for one in samples])
    reach = np.sqrt(math.log(6 / (1 - confidence - known.error)) / (2 * sizes))
    shares = counts / sizes

    def excess(pi: float) -> float:
        return float(np.abs(shares @ (1, pi - 1, -pi)).max() - reach @ (1, 1 - pi, pi))

    # Convex, so it is followed down to its least.
    low, high = known.low, known.high
    for _ in range(60):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if excess(left) <= excess(right) else (left, high)
    best = min((known.low, known.high, low, high), key=excess)
    # A few scores suffice to tell: those that tell most near the best share. They alone are recorded, and bound what is claimed.
    near = (min(known.high, max(known.low, best + step)) for step in (0, 1e-9, -1e-9, 1e-6, -1e-6, 1e-3, -1e-3))
    tellers = {int(np.abs(shares @ (1, pi - 1, -pi)).argmax()) for pi in (*near, known.low, known.high)}
    rows = [[int(k) for k in counts[at]] for at in sorted(tellers)]
    told = least_excess(rows, sizes.tolist(), reach.tolist(), (known.low, known.high)) - 1e-12
    return Mixing(
        bound=Bound(
            method=LABEL_SHIFT,
            value=float(np.abs(shares @ (1, best - 1, -best)).max()),
            low=max(0.0, told),
            high=None,
            confidence=confidence,
            family=1,
            counts={"rows": rows, "sizes": sizes.tolist(), "prevalence": [known.low, known.high, known.error]},
            assumptions=("scores in each of the three samples are independent, from one distribution",),
        ),
        prevalence=None if told > 0 else (_edge(excess, best, known.low), _edge(excess, best, known.high)),
    )


def least_excess(
    rows: Sequence[Sequence[int]], sizes: Sequence[int], reach: Sequence[float], prevalence: tuple[float, float]
) -> float:
    """Return by how much mixtures miss the scores in use beyond chance, at the share of faulty things where that is least.

    Parameters
    ----------
    rows : sequence of (used, sound, faulty)
        How many scores are no higher than some score, for each of a few of them.
    sizes, reach : sequence of 3 numbers
        How many scores there are, and how far their distribution may be from its own.
    prevalence : (float, float)
        Shares that are possible.

    Notes
    -----
    The largest of linear functions of the share: least at an end, or where two of them cross.
    """
    lines = []
    for row in rows:
        used, sound, faulty = (k / n for k, n in zip(row, sizes, strict=True))
        lines += [
            (sign * (used - sound) - reach[0] - reach[1], sign * (sound - faulty) + reach[1] - reach[2]) for sign in (1, -1)
        ]
    shares = [
        *prevalence,
        *((d - a) / (b - c) for (a, b), (d, c) in itertools.combinations(lines, 2) if b != c),
    ]
    low, high = prevalence
    return min(max(a + b * pi for a, b in lines) for pi in shares if low <= pi <= high)


def _edge(excess: Callable[[float], float], inside: float, outside: float) -> float:
    """Return where `excess` becomes positive on the way out, or the end if it does not."""
    if excess(outside) <= 0:
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if excess(middle) <= 0 else (inside, middle)
    return outside
