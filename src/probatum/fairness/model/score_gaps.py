"""How far apart the scores of groups are: discrimination within and across groups, and distributions, with bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from probatum.fairness.model.enough import times_needed
from probatum.fairness.semantics.score_counts import Scores
from probatum.fairness.semantics.scores import kolmogorov_smirnov
from probatum.stats.bounds import relative_entropy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_GROUPS = 100  # that are compared pair by pair
FEWEST = 8.0  # misplaced (or well placed) members of the smaller class from which the normal approximation is used


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrimination:
    """How often positives score above negatives, ties counted as half, and how well that is known.

    Attributes
    ----------
    value : float
    positives, negatives : float
    of_positives, of_negatives : float
        The parts of the variance that are due to either.
    """

    value: float
    positives: float
    negatives: float
    of_positives: float
    of_negatives: float

    def many(self, times: float) -> Discrimination:
        """Return what so many times as many rows would say, if they were like these."""
        return Discrimination(
            value=self.value,
            positives=self.positives * times,
            negatives=self.negatives * times,
            of_positives=self.of_positives / times,
            of_negatives=self.of_negatives / times,
        )

    @property
    def large(self) -> bool:
        """Whether the normal approximation is good enough."""
        fewest = min(self.positives, self.negatives)
        return self.of_positives + self.of_negatives > 0 and fewest * min(self.value, 1 - self.value) >= FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The verdict on groups, the pair it is about (most, least), bounds of the largest difference, and how many rows would decide."""

    verdict: str  # violated, satisfied, open
    value: float
    low: float
    high: float
    pair: tuple[str, str]
    needed: int


def discrimination(positives: Scores, negatives: Scores) -> Discrimination | None:
    """Return how often positives of one group score above negatives of another, or the same; None without two of each.

    References
    ----------
    .. [1] DeLong, DeLong, Clarke-Pearson. "Comparing the areas under two or more correlated receiver operating
       characteristic curves: a nonparametric approach." Biometrics 44 (1988).
    """
    import numpy as np

    m, n = float(positives.positive.sum()), float(negatives.negative.sum())
    if m < 2 or n < 2:
        return None
    won = _below(negatives.score, negatives.negative, positives.score) / n
    lost = 1 - _below(positives.score, positives.positive, negatives.score) / m
    value = float(positives.positive @ won) / m
    return Discrimination(
        value=min(1.0, max(0.0, value)),
        positives=m,
        negatives=n,
        of_positives=float(positives.positive @ np.square(won - value)) / (m - 1) / m,
        of_negatives=float(negatives.negative @ np.square(lost - value)) / (n - 1) / n,
    )


def _below(score: NDArray[np.float64], weight: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of lower scores, and half of that of equal ones."""
    import numpy as np

    total = np.concatenate([[0.0], np.cumsum(weight)])
    middle: NDArray[np.float64] = (total[np.searchsorted(score, at, "left")] + total[np.searchsorted(score, at, "right")]) / 2
    return middle


def interval(own: Discrimination, error: float) -> tuple[float, float]:
    """Return bounds that fail with probability `error`.

    Notes
    -----
    Where at least 8 members of the smaller class are misplaced and as many are not, those of DeLong on the logit scale,
    with Student's distribution and the degrees of freedom of Satterthwaite for the two parts of the variance. Elsewhere those
    of relative entropy with as many trials as the smaller class has members, which hold for samples of any size, since
    a two-sample U-statistic is an average of means of so many independent values [1]_.

    References
    ----------
    .. [1] Hoeffding. "Probability inequalities for sums of bounded random variables." Journal of the American
       Statistical Association 58 (1963), section 5b.
    """
    if not own.large:
        bound = relative_entropy(own.value, max(1, int(min(own.positives, own.negatives))), confidence=1 - error)
        return bound.low or 0.0, 1.0 if bound.high is None else bound.high
    from scipy.special import expit, logit, stdtrit

    variance = own.of_positives + own.of_negatives
    degrees = variance**2 / (own.of_positives**2 / (own.positives - 1) + own.of_negatives**2 / (own.negatives - 1))
    reach = -float(stdtrit(degrees, error / 2)) * math.sqrt(variance) / (own.value * (1 - own.value))
    centre = float(logit(own.value))
    return float(expit(centre - reach)), float(expit(centre + reach))


def between(one: Discrimination, other: Discrimination, error: float) -> tuple[float, float]:
    """Return bounds of the one less the other, of independent samples, that fail with probability `error`.

    Notes
    -----
    Where both are large, by the squares of the distances to the ends of each [1]_; elsewhere each has half of the error.

    References
    ----------
    .. [1] Zou, Donner. "Construction of confidence limits about effect measures: a general approach." Statistics in
       Medicine 27 (2008).
    """
    apart = one.value - other.value
    if not (one.large and other.large):
        (a, b), (c, d) = interval(one, error / 2), interval(other, error / 2)
        return a - d, b - c
    (a, b), (c, d) = interval(one, error), interval(other, error)
    return apart - math.hypot(one.value - a, d - other.value), apart + math.hypot(b - one.value, other.value - c)


def compare(metric: str, groups: Mapping[str, Scores], bound: float, *, alpha: float, family: int = 1) -> Compared | None:
    """Compare all groups with each other; None if fewer than two have what the quantity needs.

    Parameters
    ----------
    groups : mapping of str to Scores
        At most `MOST_GROUPS`.
    alpha : float
        Probability of `violated` where it is not, in any of `family` such claims, and of `satisfied` of this claim where it
        is not: for that every pair is tried at `alpha`, and all must pass (intersection-union).
    """
    pairs: Callable[..., Iterator[_Difference | _Distance]] = _distances if metric.startswith("ks") else _differences
    found = list(pairs(metric, groups, alpha=alpha, family=family))
    if not found:
        return None
    seen = max(found, key=lambda one: one.value)
    sure = max(found, key=lambda one: one.low(1.0))
    low, high = max(0.0, sure.low(1.0)), min(1.0, max(one.high(1.0) for one in found))
    if low > bound:
        return Compared(verdict="violated", value=seen.value, low=low, high=high, pair=sure.pair, needed=0)
    if high <= bound:
        return Compared(verdict="satisfied", value=seen.value, low=low, high=high, pair=seen.pair, needed=0)
    more = seen.value > bound
    times = (
        times_needed(lambda times: seen.low(times) > bound if more else seen.high(times) <= bound) if seen.value != bound else 0.0
    )
    fewest = min(groups[name].rows for name in seen.pair)
    return Compared(verdict="open", value=seen.value, low=low, high=high, pair=seen.pair, needed=math.ceil(times * fewest))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """Two groups, the first of which has more, and what is known of each; levels of error for either claim."""

    pair: tuple[str, str]
    one: Discrimination
    other: Discrimination
    together: float
    alone: float

    @property
    def value(self) -> float:
        return self.one.value - self.other.value

    def low(self, times: float) -> float:
        """Return the least it is, with so many times as many rows."""
        return between(self.one.many(times), self.other.many(times), self.together)[0]

    def high(self, times: float) -> float:
        """Return the most it is, in either direction."""
        return max(map(abs, between(self.one.many(times), self.other.many(times), 2 * self.alone)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Distance:
    """Two groups, how far apart their distributions were seen, and how many rows each has; as `_Difference`."""

    pair: tuple[str, str]
    value: float
    rows: tuple[int, int]
    together: float
    alone: float

    def low(self, times: float) -> float:
        """Return the least it is, with so many times as many rows."""
        return self.value - sum(reach(n * times, self.together) for n in self.rows)

    def high(self, times: float) -> float:
        """Return the most it is."""
        return self.value + sum(reach(n * times, self.alone / 2) for n in self.rows)


def _differences(metric: str, groups: Mapping[str, Scores], *, alpha: float, family: int) -> Iterator[_Difference]:
    """Yield differences of discrimination: of the first group to the second, where the first has more."""
    own: dict[tuple[str, str], Discrimination] = {}
    names = list(groups)
    for a in names:
        for b in names if metric == "xauc" else [a]:
            value = discrimination(groups[a], groups[b]) if a != b or metric == "auc" else None
            if value is not None:
                own[a, b] = value
    every = [
        (a, b, (a, b) if metric == "xauc" else (a, a), (b, a) if metric == "xauc" else (b, b)) for a, b in combinations(names, 2)
    ]
    every = [one for one in every if one[2] in own and one[3] in own]
    error = alpha / family / max(1, len(every))
    for a, b, first, second in every:
        if own[first].value < own[second].value:
            a, b, first, second = b, a, second, first  # noqa: PLW2901 - the one with more is the first
        yield _Difference(pair=(a, b), one=own[first], other=own[second], together=error, alone=alpha)


def _distances(metric: str, groups: Mapping[str, Scores], *, alpha: float, family: int) -> Iterator[_Distance]:
    """Yield distances of distributions, with the bounds of Dvoretzky, Kiefer, Wolfowitz and Massart for each group's own."""
    own = {name: part for name, part in ((name, _part(metric, scores)) for name, scores in groups.items()) if part.rows}
    error = alpha / family / max(1, len(own))
    for a, b in combinations(own, 2):
        value = kolmogorov_smirnov(own[a], own[b])
        if value is None:
            continue
        yield _Distance(pair=(a, b), value=value, rows=(own[a].rows, own[b].rows), together=error, alone=alpha)


def reach(rows: float, error: float) -> float:
    """Return how far a distribution is from the one that was seen at most, with probability 1 - `error`.

    References
    ----------
    .. [1] Massart. "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality." Annals of Probability 18 (1990).
    """
    return math.sqrt(math.log(2 / error) / (2 * rows))


def _part(metric: str, own: Scores) -> Scores:
    """Return only those who turned out positive, or negative."""
    import numpy as np

    if metric == "ks":
        return own
    kept = own.positive if metric == "ks_positive" else own.negative
    nobody = np.zeros(len(kept))
    return Scores(
        score=own.score, positive=kept, negative=nobody, unknown=nobody, rows=round(float(kept.sum())), total=(0.0, 0.0, 0.0)
    )
