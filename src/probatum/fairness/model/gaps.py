"""Do groups differ by more than they may? Three answers, each with bounds that hold for all groups at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from probatum.fairness.artefacts.requirements.group import Compare
from probatum.stats.bounds import clopper_pearson


class Verdict(str, Enum):
    """What the sample supports."""

    VIOLATED = "violated"
    SATISFIED = "satisfied"
    OPEN = "not enough data"


@dataclass(frozen=True, slots=True)
class Seen:
    """How often something happened in a group, among how many."""

    hits: int
    trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The largest gap between groups, and what it may be.

    Attributes
    ----------
    verdict : Verdict
    value, low, high : float
        The largest difference that was seen (or the smallest ratio), and bounds of the largest
        (smallest) one there is.
    pair : tuple of str
        The groups with the most and the least, between whom the bound was established; where
        nothing is established, those between whom most was seen.
    needed : int
        Trials in each group of the pair after which the gap that was seen would decide; 0 if
        no number would.
    """

    verdict: Verdict
    value: float
    low: float
    high: float
    pair: tuple[str, str]
    needed: int = 0


def judge(groups: Mapping[str, Seen], compare: Compare, bound: float, *, alpha: float) -> Gap:
    """Compare all groups with each other.

    Parameters
    ----------
    groups : mapping of str to Seen
        At least two, each with at least one trial.
    bound : float
        Largest difference, or smallest ratio.
    alpha : float
        Probability, over samples, of saying `violated` where it is not; and of saying
        `satisfied` where it is not.

    Notes
    -----
    `violated`: bounds of all groups hold together with probability 1 - alpha, and under them
    two groups differ by more. `satisfied`: for each pair the claim that they differ by more is
    rejected at level alpha, which needs no correction for their number, since all must be
    rejected (intersection-union).
    """
    names = sorted(groups)
    rate = {name: groups[name].hits / groups[name].trials for name in names}
    together = {
        name: clopper_pearson(groups[name].hits, groups[name].trials, confidence=1 - alpha, family=len(names)) for name in names
    }
    alone = {name: clopper_pearson(groups[name].hits, groups[name].trials, confidence=1 - alpha) for name in names}

    def gap(more: float, less: float) -> float:
        if compare is Compare.DIFFERENCE:
            return more - less
        return less / more if more else 1.0

    pairs = [(a, b) for a in names for b in names if a != b]
    worst = max if compare is Compare.DIFFERENCE else min
    seen = worst(pairs, key=lambda pair: gap(rate[pair[0]], rate[pair[1]]))
    # At least so far apart: lower end of the one, upper end of the other.
    sure = worst(pairs, key=lambda pair: gap(together[pair[0]].low or 0.0, together[pair[1]].high or 0.0))
    least = gap(together[sure[0]].low or 0.0, together[sure[1]].high or 0.0)
    most = worst(gap(alone[a].high or 0.0, alone[b].low or 0.0) for a, b in pairs)
    value = gap(rate[seen[0]], rate[seen[1]])
    if compare is Compare.DIFFERENCE:
        violated, satisfied, low, high = least > bound, most <= bound, max(0.0, least), most
    else:
        violated, satisfied, low, high = least < bound, most >= bound, most, min(1.0, least)
    verdict = Verdict.VIOLATED if violated else Verdict.SATISFIED if satisfied else Verdict.OPEN
    return Gap(verdict=verdict, value=value, low=low, high=high, pair=sure if violated else seen)
