"""The nearest other values of features that a person can change, for which the decision would be the other one."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from probatum.fairness.service.scored import Row

MOST_TRIED = 20_000


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What would have changed the decision.

    Attributes
    ----------
    changes : mapping of int to float
        New values by the feature's place; empty if there are none.
    cost : float
        Sum of changes, each in units of the feature's spread.
    nearest : bool
        No combination of the values that were tried is nearer, or, where there are no changes, none
        of them changes the decision. False: the search was stopped before.
    tried : int
    """

    changes: Mapping[int, float]
    cost: float
    nearest: bool
    tried: int


def nearest(
    row: Row,
    mutable: Sequence[int],
    occurring: Mapping[int, Sequence[float]],
    spread: Mapping[int, float],
    decided: Callable[[Row], bool],
    *,
    most: int = MOST_TRIED,
) -> Counterfactual:
    """Search combinations of occurring values, the nearest first, until the decision is another one.

    Combinations are taken from a heap in the order of their cost: the first whose decision
    differs is the nearest of all.

    Parameters
    ----------
    occurring : mapping of int to sequence of float
        Values that a feature may take, by its place.
    decided : callable
        The decision for a row.
    """
    now = decided(row)
    options: list[list[tuple[float, float]]] = []
    places = [n for n in mutable if occurring.get(n)]
    for n in places:
        values = sorted({v for v in occurring[n] if not math.isnan(v)} - {row[n]})
        unit = spread.get(n) or 1.0
        here = row[n]
        costs = sorted((1.0 if math.isnan(here) else abs(v - here) / unit, v) for v in values)
        options.append([(0.0, here), *costs])
    heap: list[tuple[float, tuple[int, ...]]] = [(0.0, (0,) * len(places))]
    seen = {heap[0][1]}
    tried = 0
    while heap and tried < most:
        cost, at = heapq.heappop(heap)
        changed = list(row)
        for n, index, own in zip(places, at, options, strict=True):
            changed[n] = own[index][1]
        tried += 1
        if any(at) and decided(tuple(changed)) != now:
            changes = {n: changed[n] for n, index in zip(places, at, strict=True) if index}
            return Counterfactual(changes, cost, nearest=True, tried=tried)
        for k in range(len(places)):
            if at[k] + 1 < len(options[k]):
                following = (*at[:k], at[k] + 1, *at[k + 1 :])
                if following not in seen:
                    seen.add(following)
                    total = math.fsum(own[index][0] for own, index in zip(options, following, strict=True))
                    heapq.heappush(heap, (total, following))
    return Counterfactual({}, math.inf, nearest=not heap, tried=tried)
