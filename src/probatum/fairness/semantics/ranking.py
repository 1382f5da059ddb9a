"""How groups fare in a ranking: exposure, prefixes, pairs. Positions count from 1; the best comes first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal


def exposure(ranking: Sequence[str]) -> Mapping[str, float]:
    """Return the mean exposure of each group's members, where position i is seen with 1 / log2(1 + i).

    References
    ----------
    .. [1] Singh, Joachims. "Fairness of exposure in rankings." KDD 2018, arXiv:1802.07281.
    """
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for position, group in enumerate(ranking, start=1):
        sums[group] = sums.get(group, 0.0) + 1 / math.log2(1 + position)
        counts[group] = counts.get(group, 0) + 1
    return {group: sums[group] / counts[group] for group in sorted(sums)}


def exposure_ratio(ranking: Sequence[str]) -> float | None:
    """Return the smallest mean exposure of a group by the largest; None with fewer than two groups."""
    means = exposure(ranking)
    return min(means.values()) / max(means.values()) if len(means) > 1 else None


def prefix_disparity(
    ranking: Sequence[str], group: str, *, of: Literal["rND", "rKL", "rRD"] = "rND", step: int = 10
) -> float | None:
    """Return how far a group's share in the first 10, 20, ... positions is from its share in all, from 0 to 1.

    Parameters
    ----------
    of : {"rND", "rKL", "rRD"}
        Distance of shares; of distributions, by Kullback and Leibler; of ratios of group to
        rest. Each is divided by the largest that any ranking of as many members has.
    step : int >= 1

    Returns
    -------
    float or None
        None if there is no prefix to compare, or no ranking could differ.

    References
    ----------
    .. [1] Yang, Stoyanovich. "Measuring fairness in ranked outputs." SSDBM 2017, arXiv:1610.08559.
    """
    size = len(ranking)
    members = [member == group for member in ranking]
    own = sum(members)
    if not 0 < own < size:
        return None
    most = max(
        _distance(order, of, step) for order in ([True] * own + [False] * (size - own), [False] * (size - own) + [True] * own)
    )
    return _distance(members, of, step) / most if most else None


def _distance(members: Sequence[bool], of: str, step: int) -> float:
    size, own = len(members), sum(members)
    share = own / size
    total = 0.0
    seen = done = 0
    for end in range(step, size + 1, step):
        seen += sum(members[done:end])
        done = end
        here = seen / end
        if of == "rND":
            apart = abs(here - share)
        elif of == "rKL":
            apart = sum(p * math.log2(p / q) for p, q in ((here, share), (1 - here, 1 - share)) if p)
        else:  # a ratio without denominator counts as nought, as its authors have it
            apart = abs((seen / (end - seen) if end > seen else 0.0) - own / (size - own))
        total += apart / math.log2(end) if end > 1 else 0.0
    return total


def pairwise_accuracy(groups: Sequence[str], scores: Sequence[float], truths: Sequence[float]) -> Mapping[tuple[str, str], float]:
    """Return, for each ordered pair of groups, how often a member of the first who truly deserves more scores more.

    Ties of scores count as half. Pairs of groups without such members are left out. O(n log n)
    where truths are 0 and 1, O(n^2) otherwise.

    References
    ----------
    .. [1] Narasimhan, Cotter, Gupta, Wang. "Pairwise fairness for ranking and regression."
       AAAI 2020, arXiv:1906.05330.
    """
    import numpy as np

    score, truth = np.asarray(scores, dtype=float), np.asarray(truths, dtype=float)
    names = np.asarray(groups, dtype=object)
    usable = np.isfinite(score) & np.isfinite(truth)
    found: dict[tuple[str, str], float] = {}
    for better in sorted(set(groups)):
        one = usable & (names == better)
        for worse in sorted(set(groups)):
            other = usable & (names == worse)
            right = total = 0.0
            ordered = np.unique(truth[one])
            for level in ordered:
                mine = score[one & (truth == level)]
                theirs = np.sort(score[other & (truth < level)])
                if len(mine) and len(theirs):
                    left = np.searchsorted(theirs, mine, side="left")
                    right += float((left + np.searchsorted(theirs, mine, side="right")).sum()) / 2
                    total += len(mine) * len(theirs)
            if total:
                found[better, worse] = right / total
    return found
