"""Is what comes now like what came before? Ranks that say how extreme a score is, and bets on them that grow when it is not.

If things are exchangeable, the rank of each among all up to it, with ties broken by a coin, is uniform and independent of those
before. Whoever bets on anything else does not gain on average: capital that reaches 20 is an alarm that is false with probability
at most one in twenty, whenever one looks and however long.
"""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc

from probatum.evidence import Estimate
from probatum.stats.e_values import log_mean

JUMPS = "stats/jump-martingale/1"
POWERS = "stats/power-martingale/1"

RATES = (1e-4, 1e-3, 1e-2, 0.1, 1.0)  # of jumps; fixed before any data
SIDES = (-1, 0, 1)


def p_values(calibration: ArrayLike, scores: ArrayLike, *, seed: int | None = None) -> NDArray[np.float64]:
    """Return how probable a score so high is, for each of several, among those of a calibration set.

    Parameters
    ----------
    calibration : array of shape (n,)
        Higher is more extreme; NaN, which is above all, where there is none.
    scores : array
        Exchangeable with those of calibration, if the hypothesis holds.
    seed : int, optional
        Of the coin that breaks ties: then values are uniform. Without it they are no smaller than with any coin.

    Returns
    -------
    array
        In (0, 1]. Each is valid for itself: at most p with probability at most p. They depend on each other through the calibration
        set, so that a product of them is no evidence; `Ranks` makes independent ones.

    Notes
    -----
    ``(above + u (tied + 1)) / (n + 1)``, with u = 1 where no coin is tossed [1]_. O((n + m) log n).

    References
    ----------
    .. [1] Vovk, Gammerman, Shafer. "Algorithmic Learning in a Random World." Springer (2005), chapter 2.

    Examples
    --------
    >>> p_values([1.0, 2.0, 2.0, 3.0], [0.0, 2.0, 5.0]).tolist()
    [1.0, 0.8, 0.2]
    """
    known, values = np.sort(_ranked(calibration)), _ranked(scores)
    up_to, below = (np.searchsorted(known, values, side=side) for side in ("right", "left"))
    coin = 1.0 if seed is None else 1 - np.random.default_rng(seed).random(values.shape)  # in (0, 1]
    return np.asarray((len(known) - up_to + coin * (up_to - below + 1)) / (len(known) + 1), dtype=np.float64)


def _ranked(scores: ArrayLike) -> NDArray[np.float64]:
    """Return scores in which what is missing is above everything else, and tied with its like."""
    values = np.asarray(scores, dtype=np.float64)
    return np.where(np.isnan(values), np.inf, np.where(values == np.inf, np.finfo(np.float64).max, values))


@dataclass(slots=True)
class Ranks:
    """Ranks of things as they come, each among all before it: uniform and independent if all are exchangeable.

    Parameters
    ----------
    seed : int
        Of the coin that breaks ties.
    before : iterable of float
        Scores of things that came before, on whose order nothing is bet.

    Notes
    -----
    Smoothed online conformal p-values (Vovk, Gammerman, Shafer, theorem 8.1). O(n) for each, with a small constant.

    Examples
    --------
    >>> ranks = Ranks(seed=1, before=range(99))
    >>> ranks.add(1000.0) < 0.01
    True
    """

    seed: int
    before: Iterable[float] = ()
    _sorted: list[float] = field(init=False)
    _coin: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Sort what came before."""
        self._sorted = sorted(_ranked(list(self.before)).tolist())
        self._coin = random.Random(self.seed)  # noqa: S311 - a coin that can be tossed again, not a secret

    def add(self, score: float) -> float:
        """Return the rank of the next score, from above, in (0, 1]; NaN is above all."""
        value = float(_ranked(score))
        low, high = bisect.bisect_left(self._sorted, value), bisect.bisect_right(self._sorted, value)
        above = len(self._sorted) - high
        self._sorted.insert(high, value)
        return (above + (1 - self._coin.random()) * (high - low + 1)) / len(self._sorted)


@dataclass(slots=True)
class JumpMartingale:
    """Capital of bets that p-values become smaller, or larger, or spread: against drift of any kind.

    Parameters
    ----------
    rates : tuple of float in (0, 1]
        How readily the bet changes: one martingale for each, and the mean of all.

    Notes
    -----
    The simple jumper [1]_: capital in three accounts, which bet on small, on no and on large p-values; each p multiplies them by
    ``1 + e (p - 1/2)`` for e of -1, 0, 1, after a share of all capital has been divided equally. The mean over several rates is a
    martingale too. Computed with logarithms, so that nothing over- or underflows.

    Assumes p-values that are uniform and independent if nothing changes, as from `Ranks`.

    References
    ----------
    .. [1] Vovk, Petej, Nouretdinov, Ahlberg, Carlsson, Gammerman. "Retrain or not retrain: conformal test martingales for
       change-point detection." COPA 2021, arXiv:2102.10439.

    Examples
    --------
    >>> bets = JumpMartingale()
    >>> for _ in range(40):
    ...     bets.add(0.05)
    >>> bets.alarms(confidence=0.99)
    True
    """

    rates: tuple[float, ...] = RATES
    seen: list[float] = field(default_factory=list, init=False)
    _accounts: list[list[float]] = field(init=False)  # shares of the capital at each rate
    _logs: list[float] = field(init=False)
    _peak: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Divide the first capital."""
        if not self.rates or not all(0 < rate <= 1 for rate in self.rates):
            raise ValueError(f"{self.rates} are not rates of jumps; each is above 0 and at most 1")
        self._accounts = [[1 / 3] * 3 for _ in self.rates]
        self._logs = [0.0] * len(self.rates)

    def add(self, p: float) -> None:
        """Take the next p-value.

        Raises
        ------
        ValueError
            If it is outside [0, 1].
        """
        _uniform(p)
        self.seen.append(p)
        for at, rate in enumerate(self.rates):
            accounts = [
                ((1 - rate) * one + rate / 3) * (1 + side * (p - 0.5))
                for one, side in zip(self._accounts[at], SIDES, strict=True)
            ]
            capital = math.fsum(accounts)
            self._accounts[at] = [one / capital for one in accounts]
            self._logs[at] += math.log(capital)
        self._peak = max(self._peak, self.log_e_value)

    @property
    def log_e_value(self) -> float:
        """Natural logarithm of the capital now: of an e-value at any time that is chosen without knowing what comes."""
        return log_mean(self._logs)

    def alarms(self, *, confidence: float = 0.95) -> bool:
        """Whether the capital has ever been ``1 / (1 - confidence)``: if nothing changes, that happens at most so seldom (Ville)."""
        return self._peak >= -math.log1p(-confidence)

    def estimate(self, quantity: str) -> Estimate:
        """Return the capital now as evidence, with all p-values."""
        return _evidence(JUMPS, quantity, self.log_e_value, {"p": list(self.seen), "rates": list(self.rates)})


@dataclass(slots=True)
class PowerMartingale:
    """Capital of bets that p-values are small: against scores that rise. One number for each stream, whatever its length.

    Notes
    -----
    The mixture of ``e p^(e - 1)`` over e in (0, 1), which for n p-values with ``-sum(ln p) = L`` is the integral of
    ``e^n exp(L (1 - e))`` [1]_: an incomplete gamma function, or where that is small, a series. O(sqrt(n)) for each. Does not depend
    on order, so it is slow to see a change late in a long stream; begin anew, or use `JumpMartingale`.

    Assumes p-values that are uniform and independent if nothing changes, as from `Ranks`.

    References
    ----------
    .. [1] Vovk, Nouretdinov, Gammerman. "Testing exchangeability on-line." ICML 2003.

    Examples
    --------
    >>> bets = PowerMartingale()
    >>> for _ in range(10):
    ...     bets.add(0.05)
    >>> bets.alarms(confidence=0.99)
    True
    """

    seen: int = field(default=0, init=False)
    logs: float = field(default=0.0, init=False)
    _peak: float = field(default=0.0, init=False)

    def add(self, p: float) -> None:
        """Take the next p-value; as in `JumpMartingale.add`."""
        _uniform(p)
        self.seen += 1
        self.logs -= math.log(max(p, 1e-16))  # capital stays finite, and is less than it might be
        if self.logs > self.seen:  # else the integrand is nowhere more than 1
            self._peak = max(self._peak, self.log_e_value)

    @property
    def log_e_value(self) -> float:
        """Natural logarithm of the capital now; see `JumpMartingale.log_e_value`."""
        n, logs = self.seen, self.logs
        if logs > n + 1:  # then the incomplete gamma function is at least one half
            return logs + math.lgamma(n + 1) - (n + 1) * math.log(logs) + math.log(float(gammainc(n + 1, logs)))
        term, total, k = 1.0, 1.0, 0
        while term > total * 1e-17:
            k += 1
            term *= logs / (n + 1 + k)
            total += term
        return math.log(total / (n + 1))

    def alarms(self, *, confidence: float = 0.95) -> bool:
        """Whether the capital has ever been ``1 / (1 - confidence)``; see `JumpMartingale.alarms`."""
        return self._peak >= -math.log1p(-confidence)

    def estimate(self, quantity: str) -> Estimate:
        """Return the capital now as evidence, with what it follows from."""
        return _evidence(POWERS, quantity, self.log_e_value, {"trials": self.seen, "logs": self.logs})


def _uniform(p: float) -> None:
    if not 0 <= p <= 1:  # also refuses NaN
        raise ValueError(f"{p:g} is not a p-value")


def _evidence(method: str, quantity: str, log: float, counts: dict[str, object]) -> Estimate:
    """Return an e-value as evidence: at least so large. Its confidence is ``1 - 1 / e``, and 1/2 where there is next to none."""
    value = math.exp(min(700.0, log))
    return Estimate(
        method=method,
        quantity=quantity,
        value=value,
        low=value * (1 - 1e-9),
        high=None,
        confidence=min(1 - 1e-9, max(0.5, 1 - 1 / value)),  # nearer to 1 than that, it would be rounding
        counts=counts,
        unit="e-value",
    )
