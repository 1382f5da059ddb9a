"""How groups fare in a ranking: exposure, prefixes, pairs. Places count from 1; the highest score comes first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.fairness.semantics.score_counts import Scores

_BLOCK = 4_000_000  # pairs of rows in memory at once


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows in the order of their scores, the highest first; rows of equal score share the places that they fill.

    Attributes
    ----------
    filled : ndarray of int, (k + 1,)
        How many places the best 0, 1, ... different scores fill.
    own : mapping of str to ndarray of float, (k + 1,)
        How many of them each group fills.
    """

    filled: NDArray[np.int64]
    own: Mapping[str, NDArray[np.float64]]


def ranking_of(groups: Mapping[str, Scores]) -> Ranking | None:
    """Return the ranking of all rows; None if there are none, they are weighted, or scores were so many that they are binned."""
    import numpy as np

    if not groups or any(not part.exact or part.rows != part.all.sum() for part in groups.values()):
        return None
    grid = np.unique(np.concatenate([part.score for part in groups.values()]))[::-1]
    each = {name: np.zeros(len(grid) + 1) for name in groups}
    for name, part in groups.items():
        np.add.at(each[name], 1 + np.searchsorted(-grid, -part.score), part.all)
    own = {name: np.cumsum(counts) for name, counts in each.items()}
    return Ranking(np.rint(sum(own.values(), np.zeros(len(grid) + 1))).astype(np.int64), own)


def exposure(ranking: Ranking) -> Mapping[str, float]:
    """Return the mean exposure of each group's members, where place i is seen with 1 / log2(1 + i).

    References
    ----------
    .. [1] Singh, Joachims. "Fairness of exposure in rankings." KDD 2018, arXiv:1802.07281.
    """
    import numpy as np

    filled = ranking.filled
    seen = np.concatenate([[0.0], np.cumsum(1 / np.log2(2 + np.arange(filled[-1])))])
    some = np.diff(filled) > 0
    mean = np.diff(seen[filled])[some] / np.diff(filled)[some]
    return {name: float(np.diff(own)[some] @ mean / own[-1]) for name, own in ranking.own.items() if own[-1] > 0}


def exposure_ratio(ranking: Ranking) -> float | None:
    """Return the smallest mean exposure of a group by the largest; None with fewer than two groups."""
    means = exposure(ranking)
    return min(means.values()) / max(means.values()) if len(means) > 1 else None


def prefix_disparity(ranking: Ranking, group: str, *, of: Literal["rND", "rKL", "rRD"] = "rND", step: int = 10) -> float | None:
    """Return how far a group's share in the first 10, 20, ... places is from its share in all, from 0 to 1.

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
    import numpy as np

    size, own = int(ranking.filled[-1]), float(ranking.own[group][-1])
    if not 0 < own < size:
        return None
    ends = np.arange(step, size + 1, step)
    first, last = np.minimum(ends, own), np.maximum(0.0, ends - (size - own))
    most = max(_distance(ends, seen, own, size, of) for seen in (first, last))
    return _distance(ends, np.interp(ends, ranking.filled, ranking.own[group]), own, size, of) / most if most else None


def _distance(ends: NDArray[np.int64], seen: NDArray[np.float64], own: float, size: int, of: str) -> float:
    """Return the sum over prefixes that end at `ends` of how far the `seen` members there are from the share of all `own`."""
    import numpy as np
    from scipy.special import rel_entr

    here, share = seen / ends, own / size
    if of == "rND":
        apart = np.abs(here - share)
    elif of == "rKL":
        apart = (rel_entr(here, share) + rel_entr(1 - here, 1 - share)) / math.log(2)
    else:  # a ratio without denominator counts as nought, as its authors have it
        rest = ends - seen
        apart = np.abs(np.divide(seen, rest, out=np.zeros(len(ends)), where=rest > 0) - own / (size - own))
    return float((apart[ends > 1] / np.log2(ends[ends > 1])).sum())


def pairwise_accuracy(groups: Sequence[str], scores: Sequence[float], truths: Sequence[float]) -> Mapping[tuple[str, str], float]:
    """Return, for each ordered pair of groups, how often a member of the first who truly deserves more scores more.

    Ties of scores count as half. Pairs of groups without such members are left out. Takes O(n^2)
    time and O(n) memory; of truths that are 0 and 1, `scores.auc_between` says the same in O(n log n).

    References
    ----------
    .. [1] Narasimhan, Cotter, Gupta, Wang. "Pairwise fairness for ranking and regression."
       AAAI 2020, arXiv:1906.05330.
    """
    import numpy as np

    score, truth = np.asarray(scores, dtype=float), np.asarray(truths, dtype=float)
    names = np.asarray(groups, dtype=object)
    usable = np.isfinite(score) & np.isfinite(truth)
    rows = {name: np.flatnonzero(usable & (names == name)) for name in sorted(set(groups))}
    found: dict[tuple[str, str], float] = {}
    for better, one in rows.items():
        for worse, other in rows.items():
            right = total = 0.0
            for block in _blocks(one, max(1, len(other))):
                deserves = truth[block, None] > truth[None, other]
                above, level = score[block, None] > score[None, other], score[block, None] == score[None, other]
                right += float((deserves & above).sum()) + float((deserves & level).sum()) / 2
                total += float(deserves.sum())
            if total:
                found[better, worse] = right / total
    return found


def _blocks(rows: NDArray[np.intp], width: int) -> Iterator[NDArray[np.intp]]:
    step = max(1, _BLOCK // width)
    for start in range(0, len(rows), step):
        yield rows[start : start + step]
