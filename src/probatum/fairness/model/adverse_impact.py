"""The four-fifths rule and its test of significance (29 CFR 1607.4D)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from probatum.fairness.model.gaps import Verdict
from probatum.stats.bounds import clopper_pearson

_EXACT = 3_000  # people up to whom probabilities are fractions of whole numbers
_LARGEST = 200_000  # people up to whom it is tried how many would tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One group against the group with the highest rate.

    Attributes
    ----------
    ratio : Fraction
        Of the rates that were seen.
    p : float
        Fisher's exact test, two-sided: tables at most as probable as this one, given its margins.
    deviations : float
        How many standard deviations of a difference, were the rates alike, the rates are apart.
    testable : bool
        Whether the test could tell if nobody of the group had been selected.
    """

    ratio: Fraction
    p: float
    deviations: float
    testable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What the rule says of one attribute.

    Attributes
    ----------
    verdict : Verdict
        `satisfied`: no adverse impact is established.
    reference : str
        The group with the highest rate (the largest of those).
    ratios : mapping of str to Ratio
        Of each other group.
    worst : str
        The group that the verdict is about.
    low, high : float
        What the smallest ratio between two groups may be.
    needed : int
        Of people of that group after which the rates that were seen would be significant; 0 where that is not the question.
    """

    verdict: Verdict
    reference: str
    ratios: Mapping[str, Ratio]
    worst: str
    low: float
    high: float
    needed: int = 0


def judge(groups: Mapping[str, tuple[int, int]], at_least: float, *, alpha: float, claims: int = 1) -> Impact:
    """Apply the rule to the selected and all people of each group.

    Parameters
    ----------
    groups : mapping of str to (int, int)
        At least two; somebody was selected.
    at_least : float
        Smallest ratio.
    alpha : float
        Probability, over samples, that rates are said to differ which do not, in any of `claims` such claims.

    Notes
    -----
    Which group has the highest rate is what the sample says, so that all pairs are tried, and the test is
    corrected for their number (Bonferroni).
    """
    reference = max(groups, key=lambda name: (Fraction(*groups[name]), groups[name][1], name))
    level = alpha / claims / math.comb(len(groups), 2)
    ratios = {name: _compare(own, groups[reference], level) for name, own in groups.items() if name != reference}
    wanted = Fraction(at_least).limit_denominator(10**9)
    below = {name: one for name, one in ratios.items() if one.ratio < wanted}
    worst = min(ratios, key=lambda name: (ratios[name].ratio, name))
    verdict, needed = Verdict.SATISFIED, 0
    if any(one.p <= level for one in below.values()):
        verdict = Verdict.VIOLATED
        worst = min((name for name, one in below.items() if one.p <= level), key=lambda name: (below[name].ratio, name))
    elif below:
        verdict = Verdict.OPEN
        needed = _needed(groups[worst], groups[reference], level)
    elif not all(one.testable for one in ratios.values()):
        verdict = Verdict.OPEN
        worst = min((name for name, one in ratios.items() if not one.testable), key=lambda name: (groups[name][1], name))
    low, high = interval(groups, alpha=alpha, claims=claims)
    return Impact(verdict=verdict, reference=reference, ratios=ratios, worst=worst, low=low, high=high, needed=needed)


def interval(groups: Mapping[str, tuple[int, int]], *, alpha: float, claims: int) -> tuple[float, float]:
    """Return what the smallest ratio between any two groups may be, from exact bounds of each rate."""
    rates = [clopper_pearson(*own, confidence=1 - alpha, family=claims * len(groups)) for own in groups.values()]
    lows, highs = [one.low or 0.0 for one in rates], [1.0 if one.high is None else one.high for one in rates]
    top = max(lows)
    return min(lows) / max(highs), min(1.0, min(highs) / top) if top > 0 else 1.0


def fisher(hits: int, people: int, others_hits: int, others: int) -> float:
    """Return the two-sided probability of Fisher's exact test: of all tables with these margins that are at most as probable.

    From whole numbers up to some thousand people, and from logarithms of factorials beyond, where ties are
    recognised up to 1e-9.
    """
    chosen, total = hits + others_hits, people + others
    first, last = max(0, chosen - others), min(chosen, people)
    if total <= _EXACT:
        weights = [math.comb(people, k) * math.comb(others, chosen - k) for k in range(first, last + 1)]
        return float(Fraction(sum(w for w in weights if w <= weights[hits - first]), sum(weights)))
    import numpy as np
    from scipy.special import gammaln

    k = np.arange(first, last + 1, dtype=float)
    logs = -(gammaln(k + 1) + gammaln(people - k + 1) + gammaln(chosen - k + 1) + gammaln(others - chosen + k + 1))
    terms = np.exp(logs - logs.max())
    return float(min(1.0, terms[logs <= logs[hits - first] + 1e-7].sum() / terms.sum()))


def _compare(own: tuple[int, int], best: tuple[int, int], level: float) -> Ratio:
    rate, high = Fraction(*own), Fraction(*best)
    pooled = Fraction(own[0] + best[0], own[1] + best[1])
    variance = pooled * (1 - pooled) * (Fraction(1, own[1]) + Fraction(1, best[1]))
    return Ratio(
        ratio=rate / high,
        p=fisher(*own, *best),
        deviations=math.sqrt((high - rate) ** 2 / variance) if variance else 0.0,
        testable=fisher(0, own[1], *best) <= level,
    )


def _needed(own: tuple[int, int], best: tuple[int, int], level: float) -> int:
    """Return how many people of a group would tell, were both groups larger by the same factor and the rates the same."""
    times = 1.0
    while times * (own[1] + best[1]) <= _LARGEST:
        times *= 1.05
        people, others = math.ceil(own[1] * times), math.ceil(best[1] * times)
        hits, more = math.ceil(own[0] * people / own[1]), math.floor(best[0] * others / best[1])  # nearer than they were seen
        if fisher(hits, people, more, others) <= level:
            return people
    return 0
