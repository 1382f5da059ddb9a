"""Several mediators: what each adds, in every order in which they could be made alike, and on average."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from math import factorial
from typing import TypeAlias

from probatum.fairness.model.causal.estimates import Influenced

MOST = 5  # 120 orders, 32 sets

Chosen: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts of a disparity by mediator.

    Attributes
    ----------
    orders : mapping of tuple of str to tuple of Influenced
        For each order, what each mediator takes away when its turn comes.
    average : mapping of str to Influenced
        Mean over all orders (Shapley).
    total : Influenced
        What all take away together: the sum in every order.
    """

    orders: Mapping[tuple[str, ...], tuple[Influenced, ...]]
    average: Mapping[str, Influenced]
    total: Influenced


def shared(mediators: tuple[str, ...], value: Callable[[Chosen], Influenced]) -> Shares:
    """Divide a disparity among mediators.

    Parameters
    ----------
    mediators : tuple of str
        At least one, at most `MOST`.
    value : callable
        The mean outcome of group 1 if a set of mediators were distributed as in group 0.

    Raises
    ------
    ValueError
        If there are none, or too many.
    """
    if not 1 <= len(mediators) <= MOST:
        raise ValueError(f"between 1 and {MOST} mediators can be divided among, not {len(mediators)}")
    known = {frozenset(some): value(frozenset(some)) for n in range(len(mediators) + 1) for some in combinations(mediators, n)}
    orders = {
        order: tuple(known[frozenset(order[:k])] - known[frozenset(order[: k + 1])] for k in range(len(order)))
        for order in permutations(mediators)
    }
    average: dict[str, Influenced] = {}
    for name in mediators:
        parts = [parts[order.index(name)] for order, parts in orders.items()]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        average[name] = total * (1 / factorial(len(mediators)))
    return Shares(orders=orders, average=average, total=known[frozenset()] - known[frozenset(mediators)])
