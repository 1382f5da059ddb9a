"""A threshold for each group of which there are enough scores, one for all others together, and what holds for the worst group."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from probatum.stats.binomial import at_most
from probatum.stats.bounds import Bound, clopper_pearson
from probatum.stats.budgets import fewest
from probatum.stats.learn_then_test import holm
from probatum.stats.neyman_pearson import Threshold, threshold_within


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupThresholds:
    """Thresholds by group.

    Attributes
    ----------
    own : mapping of group to Threshold
        Of groups with enough scores; all hold together.
    pooled : Threshold or None
        Of all other groups together, if their scores are enough; else of all groups together. None if every group has its own.
    guard : float
        What is used for groups without a threshold of their own: the largest of all thresholds.
    small : tuple
        Groups without one. The budget is certified for what they were pooled with, not for each: nothing can certify it for each.
    """

    own: Mapping[Hashable, Threshold]
    pooled: Threshold | None
    guard: float
    small: tuple[Hashable, ...]

    def value(self, group: Hashable) -> float:
        """Return the threshold of a group, also of one that was never seen: such a one gets the guard."""
        return self.own[group].value if group in self.own else self.guard


def thresholds_by_group(
    scores: ArrayLike, groups: Sequence[Hashable], *, budget: float, confidence: float = 0.95, removed: float = 0.0
) -> GroupThresholds:
    """Choose a threshold for each group that has enough scores, and one for the others.

    Parameters
    ----------
    scores : array of shape (n,)
        As in `threshold_within`.
    groups : sequence of n hashable values
        Of each score; known also of things to come, and not made of scores.
    budget, confidence, removed : float
        As in `threshold_within`; the confidence is that of all certificates together.

    Returns
    -------
    GroupThresholds

    Raises
    ------
    BudgetUnattainable
        If not even all scores together are enough.
    ValueError
        If there is not one group for each score.

    Notes
    -----
    As many of the largest groups as possible get their own threshold: the more there are, the smaller the error that each may have,
    and the more scores it needs. The others are pooled among themselves, or with all if they are too few for that. They use the
    largest of all thresholds: pooling certifies their mixture, and the largest also keeps a small group in budget if its scores are
    no higher than those of some group that has enough, or of the pool.
    """
    values = np.asarray(scores, dtype=np.float64)
    if len(values) != len(groups):
        raise ValueError(f"{len(values)} scores have {len(groups)} groups; one for each score is needed")
    places: dict[Hashable, list[int]] = {}
    for at, group in enumerate(groups):
        places.setdefault(group, []).append(at)
    # Ties in size by first appearance, so that the choice depends on no score.
    ordered = sorted(places, key=lambda group: -len(places[group]))
    many = 0
    for k in range(len(ordered), 0, -1):
        family = k + (k < len(ordered))
        needed = fewest(budget=budget, confidence=confidence, removed=removed, family=family)
        if needed is not None and len(places[ordered[k - 1]]) >= needed:
            many = k
            break
    family = max(1, many + (many < len(ordered)))
    keep = {"budget": budget, "confidence": confidence, "removed": removed}
    own = {group: threshold_within(values[places[group]], family=family, **keep) for group in ordered[:many]}
    small = tuple(ordered[many:])
    if not small and ordered:
        return GroupThresholds(own=own, pooled=None, guard=max(one.value for one in own.values()), small=())
    rest = values[[at for group in small for at in places[group]]]
    needed = fewest(budget=budget, confidence=confidence, removed=removed, family=family)
    pooled = threshold_within(rest if needed is not None and len(rest) >= needed else values, family=family, **keep)
    return GroupThresholds(own=own, pooled=pooled, guard=max([pooled.value, *(one.value for one in own.values())]), small=small)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstGroup:
    """What is known of false alarms in the worst of several groups.

    Attributes
    ----------
    group : hashable
        The one with the highest upper bound.
    bound : Bound
        Of its rate, from above; with the stated confidence no group at all has a rate above it.
    within, above : tuple
        Groups whose rates are shown to be within the budget, and above it; each list is free of errors with the stated confidence.
        The others are not decided.
    """

    group: Hashable
    bound: Bound
    within: tuple[Hashable, ...]
    above: tuple[Hashable, ...]


def worst_group(alarms: Mapping[Hashable, tuple[int, int]], *, budget: float, confidence: float = 0.95) -> WorstGroup:
    """Bound the rate of false alarms of the worst group, and say which groups are within the budget or above it.

    Parameters
    ----------
    alarms : mapping of group to (alarms, trials)
        Of things that should not alarm, and with which no threshold was chosen.
    budget : float in (0, 1)
    confidence : float in (0, 1), default 0.95

    Raises
    ------
    ValueError
        If there is no group, or one without trials.

    Notes
    -----
    The largest of the groups' one-sided bounds needs no correction for their number: whichever group is worst, its own bound fails
    with probability at most ``1 - confidence``, and the largest is no smaller [1]_. Lists of groups are corrected by Holm's
    method [2]_.

    References
    ----------
    .. [1] Berger. "Multiparameter hypothesis testing and acceptance sampling." Technometrics 24 (1982).
    .. [2] Holm. "A simple sequentially rejective multiple test procedure." Scandinavian Journal of Statistics 6 (1979).

    Examples
    --------
    >>> worst = worst_group({"paper": (3, 9000), "foil": (0, 400)}, budget=0.001)
    >>> worst.group, round(worst.bound.high, 4), worst.within
    ('foil', 0.0075, ('paper',))
    """
    if not alarms or any(trials < 1 for _, trials in alarms.values()):
        raise ValueError("a group without trials bounds nothing; at least one trial of each of at least one group is needed")
    bounds = {group: clopper_pearson(k, n, confidence=confidence, side="upper") for group, (k, n) in alarms.items()}
    worst = max(bounds, key=lambda group: bounds[group].high or 0.0)
    names = list(alarms)
    low = [at_most(k, n, budget) for k, n in alarms.values()]
    high = [at_most(n - k, n, 1 - budget) for k, n in alarms.values()]
    return WorstGroup(
        group=worst,
        bound=bounds[worst],
        within=tuple(names[at] for at in holm(low, confidence=confidence)),
        above=tuple(names[at] for at in holm(high, confidence=confidence)),
    )
