"""Definitions of fairness that compare groups: each is a number that is nought (or one) where they fare alike.

All are functions of the counts of each group (`Confusion`), so of one pass over
a table. A group in which a quantity does not exist (no positive row, say) is
left out of the comparison and named, instead of being given a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from probatum.fairness.semantics import benefits
from probatum.fairness.semantics.metrics import RATES, Confusion

ALL = "(all)"  # what stands for all groups together in a pair
Groups: TypeAlias = Mapping[str, Confusion]
Values: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Disparity:
    """How far groups are apart by one definition.

    Attributes
    ----------
    value : float or None
        None if fewer than two groups have the quantity, or a ratio has no denominator.
    pair : tuple of str
        The group with the most and the one with the least; empty where none is told apart.
    absent : tuple of str
        Groups in which the quantity does not exist, because nobody is in its denominator.
    """

    value: float | None
    pair: tuple[str, str] | tuple[()] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A definition of fairness.

    Attributes
    ----------
    name : str
    title : str
        In a sentence, or the formula.
    of : callable
        From the counts of each group.
    ideal : float
        The value at which groups fare alike.
    needs_label : bool
        Whether it needs to be known what turned out to be true.
    needs_decision : bool
        Whether it needs decisions.
    rates : tuple of str
        The rates that it asks to be equal; empty if it asks for something else.
    """

    name: str
    title: str
    of: Callable[[Groups], Disparity]
    ideal: float = 0.0
    needs_label: bool = True
    needs_decision: bool = True
    rates: tuple[str, ...] = ()


def values_of(groups: Groups, rate: str) -> tuple[Values, tuple[str, ...]]:
    """Return a rate by group, and the groups in which nobody is in its denominator."""
    found, absent = {}, []
    for name, confusion in groups.items():
        hits, trials = RATES[rate].of(confusion)
        if trials > 0:
            found[name] = hits / trials
        else:
            absent.append(name)
    return found, tuple(absent)


def difference(values: Values, absent: tuple[str, ...] = ()) -> Disparity:
    """Return the largest value less the smallest."""
    if len(values) < 2:
        return Disparity(None, (), absent)
    most, least = max(values, key=lambda g: values[g]), min(values, key=lambda g: values[g])
    return Disparity(values[most] - values[least], (most, least), absent)


def ratio(values: Values, absent: tuple[str, ...] = ()) -> Disparity:
    """Return the smallest value by the largest; none if that is nought."""
    if len(values) < 2:
        return Disparity(None, (), absent)
    most, least = max(values, key=lambda g: values[g]), min(values, key=lambda g: values[g])
    return Disparity(values[least] / values[most] if values[most] else None, (most, least), absent)


def pooled(groups: Groups) -> Confusion:
    """Return the counts of all groups together."""
    fields = ("tp", "fp", "tn", "fn", "selected", "rejected", "positive", "negative")
    return Confusion(**{field: sum(getattr(c, field) for c in groups.values()) for field in fields})


def to_overall(groups: Groups, rate: str) -> Disparity:
    """Return the largest distance of a group's rate from that of all together."""
    values, absent = values_of(groups, rate)
    hits, trials = RATES[rate].of(pooled(groups))
    if len(values) < 2 or not trials:
        return Disparity(None, (), absent)
    far = max(values, key=lambda g: abs(values[g] - hits / trials))
    return Disparity(abs(values[far] - hits / trials), (far, ALL), absent)


def differential_fairness(groups: Groups, *, smoothing: float = 1.0, of: str = "selection_rate") -> Disparity:
    """Return the largest log-ratio between groups of the probability of either outcome, and the pair it is between.

    Parameters
    ----------
    smoothing : float >= 0
        Weight of a prior at one half: (hits + smoothing / 2) / (trials + smoothing). Without
        it, a group with a rate of 0 or 1 is infinitely far from one without.

    References
    ----------
    .. [1] Foulds, Islam, Keya, Pan. "An intersectional definition of fairness." ICDE 2020, arXiv:1807.08362.
    """
    rates: dict[str, float] = {}
    absent = []
    for name, confusion in groups.items():
        hits, trials = RATES[of].of(confusion)
        if trials + smoothing > 0:
            rates[name] = (hits + smoothing / 2) / (trials + smoothing)
        if not trials:
            absent.append(name)
    if len(rates) < 2:
        return Disparity(None, (), tuple(absent))
    # Both log-ratios grow as two rates move apart, so the worst pair is that of the largest and the smallest rate.
    most, least = max(rates, key=lambda g: rates[g]), min(rates, key=lambda g: rates[g])
    far = max(_log_ratio(rates[most], rates[least]), _log_ratio(1 - rates[most], 1 - rates[least]))
    return Disparity(far, (most, least), tuple(absent))


def _log_ratio(one: float, other: float) -> float:
    if one == other:
        return 0.0
    return abs(math.log(one) - math.log(other)) if one > 0 and other > 0 else math.inf


def amplification(groups: Groups, *, smoothing: float = 1.0) -> float | None:
    """Return by how much decisions are further apart than what turned out to be true, in differential fairness."""
    decided = differential_fairness(groups, smoothing=smoothing).value
    true = differential_fairness(groups, smoothing=smoothing, of="base_rate").value
    return None if decided is None or true is None else decided - true


def conditional_difference(strata: Mapping[str, Groups], rate: str = "selection_rate") -> Disparity:
    """Return the largest difference within any stratum; the pair is written `stratum: group`.

    Strata in which fewer than two groups have the quantity say nothing and are `absent`.
    """
    worst = Disparity(None)
    silent = []
    for stratum, groups in strata.items():
        here = difference(*values_of(groups, rate))
        if here.value is None or not here.pair:
            silent.append(stratum)
        elif worst.value is None or here.value > worst.value:
            worst = Disparity(here.value, (f"{stratum}: {here.pair[0]}", f"{stratum}: {here.pair[1]}"))
    return Disparity(worst.value, worst.pair, tuple(silent))


def _difference_of(rate: str) -> Callable[[Groups], Disparity]:
    return lambda groups: difference(*values_of(groups, rate))


def _ratio_of(rate: str) -> Callable[[Groups], Disparity]:
    return lambda groups: ratio(*values_of(groups, rate))


def _to_overall_of(rate: str) -> Callable[[Groups], Disparity]:
    return lambda groups: to_overall(groups, rate)


def _of_rates(
    rates: tuple[str, ...], of: Callable[..., Disparity], choose: Callable[[list[Disparity]], Disparity]
) -> Callable[[Groups], Disparity]:
    """Return what makes one disparity of those in several rates: none, where one of them has none."""

    def found(groups: Groups) -> Disparity:
        parts = [of(*values_of(groups, rate)) for rate in rates]
        absent = tuple(dict.fromkeys(name for part in parts for name in part.absent))
        if any(part.value is None for part in parts):
            return Disparity(None, (), absent)
        return replace(choose(parts), absent=absent)

    return found


def _largest(parts: list[Disparity]) -> Disparity:
    return max(parts, key=lambda part: part.value or 0.0)


def _smallest(parts: list[Disparity]) -> Disparity:
    return min(parts, key=lambda part: 1.0 if part.value is None else part.value)


def _mean(parts: list[Disparity]) -> Disparity:
    """Return the mean, each part of its own worst pair, with the pair of the largest."""
    return Disparity(sum(part.value or 0.0 for part in parts) / len(parts), _largest(parts).pair)


def _treatment(groups: Groups) -> Disparity:
    """Difference in false negatives by false positives (Berk et al. 2018, arXiv:1703.09207)."""
    values = {name: c.fn / c.fp for name, c in groups.items() if c.fp}
    return difference(values, tuple(name for name, c in groups.items() if not c.fp))


def _single(of: Callable[[Groups], float | None]) -> Callable[[Groups], Disparity]:
    return lambda groups: Disparity(of(groups))


_titles = {
    "demographic_parity": ("selection_rate",),
    "equal_opportunity": ("tpr",),
    "predictive_equality": ("fpr",),
    "predictive_parity": ("ppv",),
    "overall_accuracy": ("accuracy",),
}


def _paired() -> list[Definition]:
    found = []
    for name, (rate,) in _titles.items():
        label = RATES[rate].needs_label
        title = RATES[rate].title
        found += [
            Definition(
                name=f"{name}_difference",
                title=f"largest difference of the {title}",
                of=_difference_of(rate),
                needs_label=label,
                rates=(rate,),
            ),
            Definition(
                name=f"{name}_ratio",
                title=f"smallest {title} by the largest",
                of=_ratio_of(rate),
                ideal=1.0,
                needs_label=label,
                rates=(rate,),
            ),
            Definition(
                name=f"{name}_to_overall",
                title=f"largest distance of a group's {title} from that of all together",
                of=_to_overall_of(rate),
                needs_label=label,
            ),
        ]
    return found


_catalogue = (
    Definition(
        name="base_rate_difference",
        title="largest difference of the base rate",
        of=_difference_of("base_rate"),
        needs_decision=False,
        rates=("base_rate",),
    ),
    *_paired(),
    Definition(
        name="equalized_odds_difference",
        title="larger of the differences of the true and of the false positive rate",
        of=_of_rates(("tpr", "fpr"), difference, _largest),
        rates=("tpr", "fpr"),
    ),
    Definition(
        name="equalized_odds_ratio",
        title="smaller of the ratios of the true and of the false positive rate",
        of=_of_rates(("tpr", "fpr"), ratio, _smallest),
        ideal=1.0,
        rates=("tpr", "fpr"),
    ),
    Definition(
        name="average_odds_difference",
        title="mean of the differences of the true and of the false positive rate",
        of=_of_rates(("tpr", "fpr"), difference, _mean),
        rates=("tpr", "fpr"),
    ),
    Definition(
        name="conditional_use_accuracy_difference",
        title="larger of the differences of the positive and of the negative predictive value",
        of=_of_rates(("ppv", "npv"), difference, _largest),
        rates=("ppv", "npv"),
    ),
    Definition(
        name="treatment_equality_difference",
        title="largest difference of false negatives by false positives",
        of=_treatment,
    ),
    Definition(
        name="differential_fairness",
        title="largest log-ratio of the probability of either decision (smoothed)",
        of=differential_fairness,
        needs_label=False,
    ),
    Definition(
        name="bias_amplification",
        title="differential fairness of decisions less that of what turned out to be true",
        of=_single(amplification),
    ),
    Definition(
        name="generalized_entropy_index",
        title="inequality of benefits between all people (alpha 2)",
        of=_single(lambda groups: benefits.generalized_entropy(pooled(groups))),
    ),
    Definition(
        name="theil_index",
        title="inequality of benefits between all people (alpha 1)",
        of=_single(lambda groups: benefits.generalized_entropy(pooled(groups), alpha=1)),
    ),
    Definition(
        name="coefficient_of_variation",
        title="standard deviation of benefits by their mean",
        of=_single(lambda groups: benefits.coefficient_of_variation(pooled(groups))),
    ),
    Definition(
        name="between_group_generalized_entropy_index",
        title="part of the inequality of benefits that lies between groups (alpha 2)",
        of=_single(benefits.between_groups),
    ),
    Definition(
        name="between_group_theil_index",
        title="part of the inequality of benefits that lies between groups (alpha 1)",
        of=_single(lambda groups: benefits.between_groups(groups, alpha=1)),
    ),
)
DEFINITIONS: Mapping[str, Definition] = {definition.name: definition for definition in _catalogue}
