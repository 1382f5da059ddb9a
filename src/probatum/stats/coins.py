"""Which things to look at, and with which probability each: a coin for each of them, and more for what is worth more.

What is counted from things that were chosen is true of such things only. So every thing may be drawn, each with a probability that is
kept, and estimates weigh what is found by one over it: see `audits.py` and `surveys.py`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from itertools import accumulate


def chances(worth: Sequence[float], *, budget: float, floor: float) -> list[float]:
    """Return the probability with which each thing is drawn.

    Parameters
    ----------
    worth : sequence of float >= 0
        Beyond the floor, things are drawn in proportion to it.
    budget : float > 0
        How many are drawn on average. The number itself varies by chance, by at most its square root as a rule: a draw that stops
        when it has enough would have other probabilities than those that are kept.
    floor : float in (0, 1]
        Share of the budget that is spread over all alike: nothing is drawn with less than ``floor * budget / len(worth)``.

    Returns
    -------
    list of float
        In the order of `worth`, in (0, 1], of sum `budget`; or all 1 if the budget is for all.

    Raises
    ------
    ValueError
        If the budget is not positive, or the floor is outside of (0, 1].

    Examples
    --------
    >>> [round(p, 9) for p in chances([0, 0, 1, 3], budget=1, floor=0.4)]
    [0.1, 0.1, 0.25, 0.55]
    """
    if not budget > 0 or not 0 < floor <= 1:
        raise ValueError(f"{budget:g} draws, {floor:g} of them of all alike, cannot be made")
    n = len(worth)
    if budget >= n:
        return [1.0] * n
    least = floor * budget / n
    more = shared(worth, budget - least * n, most=1 - least)
    # Things of no worth stay at the floor: then the budget may not be spent, and the rest is spread alike.
    left = budget - least * n - math.fsum(more)
    rest = left / max(1, sum(one == 0 for one in worth)) if left > 1e-12 * budget else 0.0  # and not what rounding left
    return [min(1.0, least + (own if one > 0 else rest)) for one, own in zip(worth, more, strict=True)]


def shared(worth: Sequence[float], total: float, *, most: float = 1.0) -> list[float]:
    """Return shares of a total in proportion to worth, none of them more than `most`; what that leaves is shared by the others.

    The sum is less than the total where all that are worth something have the most.
    """
    ranked = sorted(one for one in worth if one > 0)
    left = total
    # What has the most has it whatever the scale: the more worthy leave first.
    for one, rest in zip(reversed(ranked), reversed(list(accumulate(ranked))), strict=True):
        if left * (one / rest) <= most:
            return [min(most, left * (own / rest)) for own in worth]
        left -= most
    return [most if one > 0 else 0.0 for one in worth]


def toss(seed: str, name: str) -> float:
    """Return the coin of a thing: a number from 0 to below 1, of a digest of the seed and its name. It is drawn if that is below its chance."""
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:8], "big") / 2.0**64
