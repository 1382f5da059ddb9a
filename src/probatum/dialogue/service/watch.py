"""What a rewrite does to those who get it: watched user by user, apart from everything that is learnt about requests.

After a rewrite is in use, logs are no longer about what people say, but about
what the rewrite does. So an outcome under it is counted for that rewrite and for
nothing else; what people would get without it is told by those who are held out,
each of whom stands for as many as there are users for each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from scipy.special import betaincinv

from probatum.stats.arms import Effect, StopLoss

HARM = 0.1  # probability of ever stopping a rewrite that does no harm


@dataclass(slots=True)
class Share:
    """How often it went well, over users: a Beta distribution that begins with one half of a success and of a failure.

    Attributes
    ----------
    good, bad : float
    """

    good: float = 0.5
    bad: float = 0.5

    def add(self, well: float) -> None:
        """Take a user, of whose requests a share of `well` went well."""
        self.good += well
        self.bad += 1 - well

    @property
    def users(self) -> int:
        """How many were taken."""
        return round(self.good + self.bad - 1)

    def quantile(self, probability: float) -> float:
        """Return the quantile of the distribution."""
        return float(betaincinv(self.good, self.bad, probability))


@dataclass(slots=True, kw_only=True)
class Watch:
    """One rewrite, as outcomes of users come in.

    Parameters
    ----------
    rarest : float
        Smallest probability of either arm, over all the time it is watched.

    Attributes
    ----------
    treated, control : Share
    stop : StopLoss
    effect : Effect
        On the share of failures; below zero is better.
    """

    rarest: float = 0.05
    treated: Share = field(default_factory=Share, init=False)
    control: Share = field(default_factory=Share, init=False)
    stop: StopLoss = field(default_factory=StopLoss, init=False)
    effect: Effect = field(init=False)

    def __post_init__(self) -> None:
        """Set up the effect."""
        self.effect = Effect(rarest=self.rarest)

    def add(self, failed: float, *, arm: str, propensity: float) -> None:
        """Take a user: each once, when their time is over.

        Parameters
        ----------
        failed : float in [0, 1]
            Share of their requests of this kind that failed.
        arm, propensity
            As `holdout.draw` gave them.

        Raises
        ------
        ValueError
            If the arm is not one that was drawn: such a user says nothing about the rewrite.
        """
        if arm not in ("treated", "holdout"):
            raise ValueError(f"a user of arm `{arm}` was not drawn")
        treated = arm == "treated"
        probability = propensity if treated else 1 - propensity
        self.effect.add(failed, treated=treated, probability=probability)
        self.stop.add(failed, treated=treated, probability=probability)
        (self.treated if treated else self.control).add(1 - failed)

    @property
    def harmful(self) -> bool:
        """Whether it is to be stopped at once."""
        return self.stop.log_e_value >= -math.log(HARM)


def importance(arm: str, propensity: float | None) -> float | None:
    """Return for how many requests one counts when chains are made of logs; None if a rewrite answered it.

    Parameters
    ----------
    arm : str
        "" or `none` for a request that nothing was drawn for.
    propensity : float or None
        With which the arm was drawn. Without it, who is held out stands for nobody else.

    Notes
    -----
    `semantics.edges.visits` says the same in SQL.
    """
    if arm == "treated":
        return None
    return 1 / propensity if arm == "holdout" and propensity else 1.0
