"""Do groups differ by more than they may? Three answers, each with bounds that hold for all groups at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.semantics.samples import Sample, Stratum

if TYPE_CHECKING:
    from probatum.stats.gaps import Levels
    from probatum.stats.gaps import Sample as Counts


class Verdict(str, Enum):
    """What the sample supports."""

    VIOLATED = "violated"
    SATISFIED = "satisfied"
    OPEN = "not enough data"


Pair: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """A bound and where it comes from: a stratum, a pair in it, and the critical values that were used."""

    value: float
    stratum: int
    pair: Pair
    levels: Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The largest gap between groups, and what it may be.

    Attributes
    ----------
    verdict : Verdict
    value, low, high : float
        The largest difference that was seen (or the smallest ratio), and bounds of the largest
        (smallest) one there is.
    stratum : int
        Where the pair is.
    least, most : Found
        Where the bounds of at least and at most so far apart were established.
    pair : tuple of (str or None)
        The groups with the most and the least, between whom the bound was established, None
        for all other groups together; where nothing is established, those between whom most
        was seen.
    needed : int
        Trials in each group of the pair after which the gap that was seen would decide; 0 if
        no number would.
    """

    verdict: Verdict
    value: float
    low: float
    high: float
    stratum: int
    least: Found
    most: Found
    pair: Pair
    needed: int = 0


def judge(strata: Sequence[Stratum], compare: Compare, bound: float, *, alpha: float, family: int = 1) -> Gap:
    """Compare all groups of each stratum with each other.

    Parameters
    ----------
    strata : sequence of Stratum
        Each with at least two groups.
    bound : float
        Largest difference, or smallest ratio.
    alpha : float
        Probability, over samples, of saying `violated` where it is not, in any of `family`
        such claims; and of saying `satisfied` of this claim where it is not.

    Notes
    -----
    `violated`: the lower bound of the gap, at level alpha by family by strata, is beyond what
    is allowed. `satisfied`: for each pair the claim that they differ by more is rejected at level
    alpha, which needs no correction for their number, since all must be rejected
    (intersection-union). See `probatum.stats.gaps`.
    """
    from probatum.stats import gaps

    ratio = compare is Compare.RATIO
    sign = -1 if ratio else 1  # sign * gap: the larger, the further apart
    level = alpha / family / len(strata)
    least, most, seen = [], [], []
    for at, stratum in enumerate(strata):
        names: list[str | None] = [*sorted(stratum.groups), None]
        independent = not stratum.shared
        critical = gaps.levels(len(stratum.groups), level, independent=independent)
        alone = gaps.pair_levels(alpha, len(stratum.groups))
        one = gaps.at_least(counts(stratum, critical), level, ratio=ratio, independent=independent)
        other = gaps.at_most(counts(stratum, alone), alpha, ratio=ratio)
        least.append(Found(one.value, at, (names[one.more], names[one.less]), critical))
        most.append(Found(other.value, at, (names[other.more], names[other.less]), alone))
        rates = rates_of(stratum)
        high, low = max(rates, key=rates.__getitem__), min(rates, key=rates.__getitem__)
        seen.append((_gap(rates[high], rates[low], compare), at, (high, low)))
    sure = max(least, key=lambda found: sign * found.value)
    widest = max(most, key=lambda found: sign * found.value)
    value, place, pair = max(seen, key=lambda found: sign * found[0])
    limit = sign * bound
    verdict, needed, at = Verdict.OPEN, 0, place
    named: Pair = pair
    if sign * sure.value > limit:
        verdict, at, named = Verdict.VIOLATED, sure.stratum, sure.pair
    elif sign * widest.value <= limit:
        verdict = Verdict.SATISFIED
    elif value != bound:
        rates = rates_of(strata[place])
        further = sign * value > limit
        needed = gaps.trials_needed(
            rates[pair[0]],
            rates[pair[1]],
            lambda found: (sign * found > limit) is further,
            level if further else alpha,
            ratio=ratio,
            groups=len(strata[place].groups) if further else 0,
        )
    low_end, high_end = sorted((sure.value, widest.value))
    return Gap(
        verdict=verdict,
        value=value,
        low=low_end,
        high=high_end,
        stratum=at,
        least=sure,
        most=widest,
        pair=named,
        needed=needed,
    )


def rates_of(stratum: Stratum) -> dict[str, float]:
    """Return the rate of each group, as it was seen."""
    return {name: stratum.groups[name].hits / stratum.groups[name].trials for name in sorted(stratum.groups)}


def _gap(high: float, low: float, compare: Compare) -> float:
    if compare is Compare.DIFFERENCE:
        return high - low
    return low / high if high else 1.0


def counts(stratum: Stratum, levels: Levels) -> Counts:
    """Return the counts of groups in the order of their names, corrected for how well their variances are known."""
    from probatum.stats.gaps import Sample as Counts

    groups = [stratum.groups[name] for name in sorted(stratum.groups)]
    factors = [_known(group, levels) for group in groups]
    each = zip(groups, factors, strict=True)
    unknown = [[mass * g.trials * f / g.mass for mass in stratum.unknown] for g, f in zip(groups, factors, strict=True)]
    return Counts.of([(g.hits * f, g.trials * f) for g, f in each], [(hits, misses) for hits, misses in unknown])


def _known(group: Sample, levels: Levels) -> float:
    """Return the square of the normal quantile by that of Student's distribution: less is known where variances are estimated."""
    if not group.degrees:
        return 1.0
    from scipy.special import ndtr, stdtrit

    z = min(levels.pairs, levels.alone)
    return float((z / stdtrit(group.degrees, ndtr(-z))) ** 2)
