"""What sums by group say of a quantity in general: bounds, and whether groups differ by more than they may."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.requirements.group import Compare
from probatum.fairness.semantics.measures import Sums
from probatum.stats.bounds import clopper_pearson

FEWEST = 30  # units of a group, below which a quantity that is no frequency is not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The verdict on groups, the pair it is about (most, least), and bounds of the difference or ratio between all groups."""

    verdict: str  # violated, satisfied, open
    value: float
    low: float
    high: float
    pair: tuple[str, str]
    bounds: Mapping[str, tuple[float, float]]


def standard_error(own: Sums) -> float:
    """Return that of a ratio of sums, by linearisation over units (Cochran, Sampling Techniques, 1977, 6.3)."""
    ratio = own.top / own.bottom
    squares = own.top_squares - 2 * ratio * own.products + ratio * ratio * own.bottom_squares
    return math.sqrt(max(0.0, squares) * own.units / (own.units - 1)) / own.bottom


def interval(own: Sums, *, alpha: float) -> tuple[float, float]:
    """Return bounds that fail with probability alpha: exact for frequencies, by Student's distribution otherwise."""
    if own.counts:
        bound = clopper_pearson(int(own.top), int(own.bottom), confidence=1 - alpha)
        return bound.low or 0.0, 1.0 if bound.high is None else bound.high
    from scipy.special import stdtrit

    reach = float(stdtrit(own.units - 1, 1 - alpha / 2)) * standard_error(own)
    value = own.top / own.bottom
    return value - reach, value + reach


def compare(groups: Mapping[str, Sums], how: Compare, bound: float, *, alpha: float, family: int = 1) -> Compared:
    """Compare all groups with each other, as `gaps.judge` does for rates.

    Parameters
    ----------
    groups : mapping of str to Sums
        At least two, each with something in the denominator.
    family : int
        How many such comparisons are made; all that say `violated` hold together.
    """
    together = {name: interval(own, alpha=alpha / len(groups) / family) for name, own in groups.items()}
    alone = {name: interval(own, alpha=alpha) for name, own in groups.items()}
    values = {name: own.top / own.bottom for name, own in groups.items()}

    def gap(more: float, less: float) -> float:
        if how is Compare.DIFFERENCE:
            return more - less
        return max(0.0, less) / more if more > 0 else 1.0

    most, least = max(values, key=lambda g: values[g]), min(values, key=lambda g: values[g])
    above, below = max(together, key=lambda g: together[g][0]), min(together, key=lambda g: together[g][1])
    sure = gap(together[above][0], together[below][1])
    ends = [(gap(alone[a][1], alone[b][0])) for a in groups for b in groups if a != b]
    if how is Compare.DIFFERENCE:
        low, high = max(0.0, sure), max(ends)
        violated, satisfied = sure > bound and above != below, high <= bound
    else:
        low, high = min(ends), min(1.0, sure)
        violated, satisfied = sure < bound and above != below, low >= bound
    verdict = "violated" if violated else "satisfied" if satisfied else "open"
    pair = (above, below) if violated else (most, least)
    return Compared(verdict=verdict, value=gap(values[most], values[least]), low=low, high=high, pair=pair, bounds=together)
