"""Bounds of a mean that hold at all times together, so that one may look after every value and stop whenever one likes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from probatum.stats.bounds import Bound

MEAN_SEQUENCE = "stats/mean-sequence/1"


@dataclass(slots=True, kw_only=True)
class MeanSequence:
    """A mean, as its values come in: the empirical-Bernstein confidence sequence.

    Parameters
    ----------
    lowest, highest : float
        Limits that no value can pass, known before looking.
    confidence : float in (0, 1), default 0.95
        Probability that no interval that is ever stated misses the mean.

    Notes
    -----
    With values scaled to [0, 1], the interval after t of them is [1]_ (theorem 2)

        ``sum(l_i x_i) / sum(l_i)  +-  (ln(2 / alpha) + sum(v_i psi(l_i))) / sum(l_i)``

    with ``v_i = 4 (x_i - m_{i-1})^2``, ``psi(l) = (-ln(1 - l) - l) / 4``,
    ``l_t = min(sqrt(2 ln(2 / alpha) / (s_{t-1} t ln(1 + t))), 1/2)``, and m and s the running mean and variance, which
    begin with one value of 1/2 and a variance of 1/4. Each weight is made of earlier values only. O(1) for each value.

    Assumes that the mean of each value, given all before it, is the same. If it changes, the interval is for the mean
    of those means with weights l_i.

    References
    ----------
    .. [1] Waudby-Smith, Ramdas. "Estimating means of bounded random variables by betting." Journal of the Royal
       Statistical Society B 86 (2024), arXiv:2010.09686.

    Examples
    --------
    >>> mean = MeanSequence()
    >>> for n in range(1000):
    ...     mean.add(n % 4 == 0)
    >>> bound = mean.bound()
    >>> round(bound.low, 3), round(bound.high, 3)
    (0.198, 0.305)
    """

    lowest: float = 0.0
    highest: float = 1.0
    confidence: float = 0.95
    trials: int = field(default=0, init=False)
    weights: float = field(default=0.0, init=False)
    weighted: float = field(default=0.0, init=False)
    penalty: float = field(default=0.0, init=False)
    _sum: float = field(default=0.5, init=False)
    _squares: float = field(default=0.25, init=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be promised."""
        if not (math.isfinite(self.lowest) and math.isfinite(self.highest) and self.lowest < self.highest):
            raise ValueError(f"[{self.lowest:g}, {self.highest:g}] is not a range")
        if not 0 < self.confidence < 1:
            raise ValueError(f"{self.confidence:g} is not a confidence")

    def add(self, value: float) -> None:
        """Take the next value.

        Raises
        ------
        ValueError
            If it is outside the limits.
        """
        if not self.lowest <= value <= self.highest:  # also refuses NaN
            raise ValueError(f"the value {value:g} is outside [{self.lowest:g}, {self.highest:g}]")
        x = (value - self.lowest) / (self.highest - self.lowest)
        before = self._sum / (self.trials + 1)
        variance = self._squares / (self.trials + 1)
        self.trials += 1
        t = self.trials
        weight = min(math.sqrt(2 * math.log(2 / (1 - self.confidence)) / (variance * t * math.log1p(t))), 0.5)
        self.weights += weight
        self.weighted += weight * x
        self.penalty += (x - before) ** 2 * (-math.log1p(-weight) - weight)
        self._sum += x
        self._squares += (x - self._sum / (t + 1)) ** 2

    def bound(self) -> Bound:
        """Return the interval after the values so far.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.trials < 1:
            raise ValueError("0 values are too few; at least 1 is needed")
        width = self.highest - self.lowest
        centre = self.weighted / self.weights
        reach = (math.log(2 / (1 - self.confidence)) + self.penalty) / self.weights * (1 + 1e-12)
        return Bound(
            method=MEAN_SEQUENCE,
            value=self.lowest + width * centre,
            low=self.lowest + width * max(0.0, centre - reach),
            high=self.lowest + width * min(1.0, centre + reach),
            confidence=self.confidence,
            family=1,
            counts={
                "trials": self.trials,
                "weights": self.weights,
                "weighted": self.weighted,
                "penalty": self.penalty,
                "lowest": self.lowest,
                "highest": self.highest,
            },
            assumptions=(
                "the mean of each value, given those before it, is the same",
                f"no value can be below {self.lowest:g} or above {self.highest:g}",
            ),
        )
