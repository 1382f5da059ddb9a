"""Bets that from some moment on scores lie above all that came before: sharper than general ones where a change is abrupt.

A product that is given another look, a sensor that is exchanged: what comes after is not a little but clearly different, and a stream
of few things must do. Each bet assumes one moment of change, and counts what has been high since.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from probatum.evidence import Estimate

RISES = "stats/rise-martingale/1"

SHARES = (0.2, 0.5, 0.9)  # of what comes after a change, that is high: fixed before any data
WIDTHS = (1.0, 2.0)  # how far down high reaches, times how many there were
_KEPT = 256  # moments of change that are still bet on
_SLOWNESS = 100  # so many things after the beginning half of the capital has been bet


@dataclass(slots=True)
class RiseMartingale:
    """Capital of bets that scores are high from some moment on.

    Parameters
    ----------
    before : int
        How many scores were known before the first rank, which is then one among ``before + 1``.

    Notes
    -----
    For each moment c of change and each of six ways, a bet on the density ``(1 - s) + s / t`` for ranks of at most t, and ``1 - s``
    for the others: s is the share of things that are high after the change, and t, of at most 1/2, a width times the number of
    those that were high since c and this one, of all. If k things lie above n others, bets on them gain ``ln((n + k) / k)`` each, which no bet
    of fixed size does: five above thirty are more than a thousandfold what was bet. Of the capital, a share of ``100 / (c + 100)^2`` is
    bet on the moment c. The sum of test martingales with such weights is one: at any time it is an e-value of the hypothesis that
    ranks are uniform and independent [1]_ [2]_, as those of `exchangeability.Ranks` are where nothing changes.

    Only the last 256 moments are bet on; what was bet on others is given up, so that an e-value is less than it might be.
    O(min(n, 256)) for each.

    References
    ----------
    .. [1] Vovk, Nouretdinov, Gammerman. "Testing exchangeability on-line." ICML 2003.
    .. [2] Shin, Ramdas, Rinaldo. "E-detectors: a nonparametric framework for sequential change detection." New England Journal of
       Statistics in Data Science 2 (2024), arXiv:2203.03532: mixtures over moments of change.

    Examples
    --------
    >>> bets = RiseMartingale(before=30)
    >>> for high in range(1, 8):
    ...     bets.add(high / (30 + high) * 0.5)
    >>> bets.alarms(confidence=0.999), bets.since
    (True, 0)
    """

    before: int
    seen: list[float] = field(default_factory=list, init=False)
    _logs: NDArray[np.float64] = field(init=False)  # of the capital of each bet, (moments, ways)
    _high: NDArray[np.int64] = field(init=False)
    _moments: list[int] = field(default_factory=list, init=False)
    _peak: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Begin with all capital unused."""
        if self.before < 0:
            raise ValueError(f"{self.before} is no number of scores")
        self._logs = np.empty((0, len(_ways)))
        self._high = np.empty((0, len(_ways)), np.int64)

    def add(self, p: float) -> None:
        """Take the next rank.

        Raises
        ------
        ValueError
            If it is outside [0, 1].
        """
        if not 0 <= p <= 1:  # also refuses NaN
            raise ValueError(f"{p:g} is not a p-value")
        at = len(self.seen)
        self.seen.append(p)
        kept = slice(-(_KEPT - 1), None)
        self._moments = [*self._moments[kept], at]
        self._logs = np.vstack([self._logs[kept], np.full((1, len(_ways)), math.log(stake(at) / len(_ways)))])
        self._high = np.vstack([self._high[kept], np.zeros((1, len(_ways)), np.int64)])
        shares, widths = _ways[:, 0], _ways[:, 1]
        top = np.minimum(0.5, widths * (self._high + 1) / (self.before + at + 1))
        hit = p <= top
        self._logs += np.log(1 - shares + np.where(hit, shares / top, 0.0))
        self._high += hit
        self._peak = max(self._peak, self.log_e_value)

    @property
    def log_e_value(self) -> float:
        """Natural logarithm of the capital now: of an e-value at any time that is chosen without knowing what comes."""
        unused = math.log(_SLOWNESS / (len(self.seen) + _SLOWNESS))
        if not self._logs.size:
            return unused
        top = max(unused, float(self._logs.max()))
        return top + math.log(math.exp(unused - top) + float(np.exp(self._logs - top).sum()))

    @property
    def since(self) -> int:
        """Place, from 0, of the first thing after the change, if there was one: the moment whose bets have most capital now."""
        if not self._logs.size:
            return 0
        return self._moments[int(np.argmax(np.logaddexp.reduce(self._logs, axis=1)))]

    def alarms(self, *, confidence: float = 0.95) -> bool:
        """Whether the capital has ever been ``1 / (1 - confidence)``: if nothing changes, that happens at most so seldom (Ville)."""
        return self._peak >= -math.log1p(-confidence)

    def estimate(self, quantity: str) -> Estimate:
        """Return the capital now as evidence, with all ranks."""
        log = self.log_e_value
        value = math.exp(min(700.0, log))
        return Estimate(
            method=RISES,
            quantity=quantity,
            value=value,
            low=value * (1 - 1e-9),
            high=None,
            confidence=min(1 - 1e-9, max(0.5, 1 - 1 / value)),
            counts={"p": list(self.seen), "before": self.before},
            unit="e-value",
        )


def stake(moment: int) -> float:
    """Share of the first capital that is bet on a moment of change: over all moments they sum to 1.

    Examples
    --------
    >>> round(sum(stake(moment) for moment in range(1_000_000)), 3)
    1.0
    """
    return _SLOWNESS / (moment + _SLOWNESS) - _SLOWNESS / (moment + 1 + _SLOWNESS)


_ways = np.array([(share, width) for share in SHARES for width in WIDTHS])
