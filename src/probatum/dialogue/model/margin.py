"""By how much a rewrite must be likelier than what was said, so that what was fine is left alone.

The smallest margin is taken at which, by a bound over users, requests that were
fine are rewritten no more often than allowed. Margins are tested from the largest
down, and the first that fails ends it, so that no correction for how many were
tested is needed (fixed-sequence testing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from probatum.dialogue.model.choice import Choices, Fitted, chances

ALLOWED = 0.001
CONFIDENCE = 0.95
GRID = tuple(round(0.95 - 0.05 * step, 2) for step in range(19))  # 0.95 to 0.05
CAREFUL = 0.8  # the margin where too little was seen to choose one


@dataclass(frozen=True, slots=True)
class Margin:
    """A margin, and what it was chosen by.

    Attributes
    ----------
    least : float
    users : int
        Whose requests were looked at, one of each.
    rewritten : int
        Of those, how many that were fine would have been rewritten.
    high : float
        Upper bound of the share of fine requests that are rewritten; more than `ALLOWED` where nothing smaller could be shown.
    """

    least: float
    users: int
    rewritten: int
    high: float

    @property
    def shown(self) -> bool:
        """Whether the margin was shown to keep what is allowed."""
        return self.high <= ALLOWED


def margin(seen: Choices | None, users: Sequence[str], weights: Fitted | None) -> Margin:
    """Choose a margin.

    Parameters
    ----------
    seen : Choices or None
        The first row of each choice is what was said.
    users : sequence of str
        Of each choice.
    weights : Fitted or None

    Notes
    -----
    One request of each user is taken, the last that was fine, so that they are independent; then the bound of Clopper
    and Pearson. The weights were fitted to the same choices: with some fifteen weights that matters little where there are
    thousands of choices, and what is served is watched by a hold-out besides.
    """
    from probatum.stats.bounds import clopper_pearson

    if seen is None or weights is None:
        return Margin(CAREFUL, 0, 0, 1.0)
    chance = chances(seen, weights.weights)
    starts = np.flatnonzero(np.diff(seen.choice, prepend=-1))
    ends = np.append(starts[1:], len(seen.choice))
    last: dict[str, float] = {}
    for place, user in enumerate(users):
        if seen.taken[place] == starts[place]:
            others = chance[starts[place] + 1 : ends[place]]
            last[user] = float(others.max(initial=0.0) - chance[starts[place]])
    leads = np.array(list(last.values()))
    found = Margin(CAREFUL, len(leads), int((leads >= CAREFUL).sum()), 1.0)
    for least in GRID:
        many = int((leads >= least).sum())
        bound = clopper_pearson(many, len(leads), confidence=CONFIDENCE, side="upper") if len(leads) else None
        high = 1.0 if bound is None or bound.high is None else bound.high
        if high > ALLOWED:
            break
        found = Margin(least, len(leads), many, high)
    return found
