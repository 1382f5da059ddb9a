"""What a change does to people who were drawn to get it: its effect at any time, and an alarm if it harms.

Each user is drawn once, with a probability that is known, and counts once, with
one outcome between 0 and 1: their share of requests that failed. The unit is the
user, because requests of one user are alike.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from probatum.evidence import Estimate
from probatum.stats.bounds import Bound
from probatum.stats.e_values import log_mean
from probatum.stats.sequences import MeanSequence

STOP_LOSS = "stats/stop-loss/1"

# What the alarm bets on: outcomes less these, each with these shares of the most that can be bet. Fixed before any data.
CENTRES = (0.0, 0.5, 1.0)
BETS = (0.05, 0.1, 0.2, 0.4, 0.8)


@dataclass(slots=True, kw_only=True)
class Effect:
    """Difference of the mean outcome with the change and without, at all times together.

    Parameters
    ----------
    rarest : float in (0, 1/2]
        Smallest probability of either arm that any user may have: 0.05 for a hold-out of 5 %, fixed before looking.
    confidence : float in (0, 1), default 0.95

    Notes
    -----
    For a user with outcome Y, drawn to be treated (A = 1) with probability e, ``(A - e) (Y - m) / (e (1 - e))`` has the
    effect as its mean, for any m that is known before the user comes; here m is the mean outcome so far, which keeps its
    variance small. It is within ``1 / rarest`` of zero, and `MeanSequence` bounds its mean [1]_.

    Assumes that draws have the probabilities that are stated, and that the effect on users does not depend on those
    before them; if it changes over time, the bounds are of a weighted mean.

    References
    ----------
    .. [1] Horvitz, Thompson (1952) for inverse probabilities; Waudby-Smith, Ramdas, arXiv:2010.09686.
    """

    rarest: float
    confidence: float = 0.95
    users: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0}, init=False)
    _mean: MeanSequence = field(init=False)
    _sum: float = field(default=0.5, init=False)

    def __post_init__(self) -> None:
        """Set up the sequence."""
        if not 0 < self.rarest <= 0.5:
            raise ValueError(f"{self.rarest:g} cannot be the probability of the rarer of two arms")
        self._mean = MeanSequence(lowest=-1 / self.rarest, highest=1 / self.rarest, confidence=self.confidence)

    def add(self, outcome: float, *, treated: bool, probability: float) -> None:
        """Take the next user.

        Parameters
        ----------
        outcome : float in [0, 1]
            Higher is worse.
        treated : bool
        probability : float
            With which the user was drawn to be treated.

        Raises
        ------
        ValueError
            If a number is outside its range.
        """
        _plausible(outcome, probability)
        if min(probability, 1 - probability) < self.rarest * (1 - 1e-9):
            raise ValueError(f"an arm of probability {min(probability, 1 - probability):g} is rarer than {self.rarest:g}")
        centre = self._sum / (self._mean.trials + 1)
        value = (treated - probability) * (outcome - centre) / (probability * (1 - probability))
        self._mean.add(max(self._mean.lowest, min(self._mean.highest, value)))
        self._sum += outcome
        self.users[treated] += 1

    def bound(self) -> Bound:
        """Return the bounds of the effect after the users so far; below zero is better. See `MeanSequence.bound`."""
        return self._mean.bound()


@dataclass(slots=True)
class StopLoss:
    """An e-value against "the change does no harm": when it reaches 1 / alpha, stop.

    Notes
    -----
    For each centre c and share b, money is bet on harm: user by user it is multiplied by ``1 + l (A - e) (Y - c) / (e (1 - e))``,
    where l is the share b of the largest that cannot lose everything. If treated users have no worse outcomes on average,
    no bet gains on average [1]_, and neither does the mean of all bets. The probability that it ever reaches 1 / alpha is
    at most alpha. Factors do not depend on order, so the value follows from how many users had which outcome.

    Assumes that draws have the probabilities that are stated.

    References
    ----------
    .. [1] Ville (1939); Waudby-Smith, Ramdas, arXiv:2010.09686, section 4, for bets on bounded means.
    """

    seen: Counter[tuple[float, bool, float]] = field(default_factory=Counter, init=False)
    _logs: list[float] = field(default_factory=lambda: [0.0] * (len(CENTRES) * len(BETS)), init=False)

    def add(self, outcome: float, *, treated: bool, probability: float) -> None:
        """Take the next user; as in `Effect.add`."""
        _plausible(outcome, probability)
        self.seen[outcome, treated, probability] += 1
        at = 0
        for centre in CENTRES:
            gain = (treated - probability) * (outcome - centre) / (probability * (1 - probability))
            most = max(centre / probability, (1 - centre) / (1 - probability))
            for bet in BETS:
                self._logs[at] += math.log1p(bet / most * gain)
                at += 1

    @property
    def log_e_value(self) -> float:
        """Natural logarithm of the e-value."""
        return log_mean(self._logs)

    def estimate(self, quantity: str) -> Estimate:
        """Return the e-value as evidence: at least so large, from so many users of each outcome.

        Its confidence is ``1 - 1 / e``, and 1/2 where there is next to none.
        """
        value = math.exp(min(700.0, self.log_e_value))
        return Estimate(
            method=STOP_LOSS,
            quantity=quantity,
            value=value,
            low=value * (1 - 1e-9),
            high=None,
            confidence=min(1 - 1e-9, max(0.5, 1 - 1 / value)),  # nearer to 1 than that, it would be rounding
            counts={"users": [[y, int(a), e, n] for (y, a, e), n in sorted(self.seen.items())]},
            unit="e-value",
        )


def _plausible(outcome: float, probability: float) -> None:
    if not 0 <= outcome <= 1 or not 0 < probability < 1:
        raise ValueError(f"an outcome of {outcome:g} of a user drawn with probability {probability:g} cannot be counted")
