"""What scores say of groups: discrimination, calibration, balance, distance; functions of counts by score and truth.

Each returns None where its denominator is empty, and never a number for a group
in which it does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.fairness.semantics.score_counts import Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Roc:
    """Corners of a group's ROC curve, from (0, 0) to (1, 1): rates when everyone with at least a score is selected.

    Attributes
    ----------
    fpr, tpr, threshold : ndarray of float, (k + 1,)
        The first threshold is infinite.
    positives, negatives : float
        Weight of each class.
    """

    fpr: NDArray[np.float64]
    tpr: NDArray[np.float64]
    threshold: NDArray[np.float64]
    positives: float
    negatives: float


def roc(scores: Scores) -> Roc | None:
    """Return the ROC curve of a group; None if it has only one class."""
    import numpy as np

    positives, negatives = float(scores.positive.sum()), float(scores.negative.sum())
    if not positives or not negatives:
        return None
    seen = scores.positive + scores.negative > 0
    return Roc(
        fpr=np.concatenate([[0.0], np.cumsum(scores.negative[seen][::-1]) / negatives]),
        tpr=np.concatenate([[0.0], np.cumsum(scores.positive[seen][::-1]) / positives]),
        threshold=np.concatenate([[np.inf], scores.score[seen][::-1]]),
        positives=positives,
        negatives=negatives,
    )


def auc(scores: Scores) -> float | None:
    """Return the probability that a positive scores above a negative, ties counted as half."""
    curve = roc(scores)
    if curve is None:
        return None
    return float(((curve.fpr[1:] - curve.fpr[:-1]) * (curve.tpr[1:] + curve.tpr[:-1])).sum()) / 2


def auc_between(positives: Scores, negatives: Scores) -> float | None:
    """Return the probability that a positive of one group scores above a negative of another (xAUC).

    References
    ----------
    .. [1] Kallus, Zhou. "The fairness of risk scores beyond classification: bipartite ranking
       and the xAUC metric." NeurIPS 2019, arXiv:1902.05826.
    """
    import numpy as np

    have, lack = float(positives.positive.sum()), float(negatives.negative.sum())
    if not have or not lack:
        return None
    below = np.concatenate([[0.0], np.cumsum(negatives.negative)])
    left = below[np.searchsorted(negatives.score, positives.score, side="left")]
    right = below[np.searchsorted(negatives.score, positives.score, side="right")]
    return float((positives.positive * (left + right)).sum() / 2 / have / lack)


def abroca(one: Scores, other: Scores) -> float | None:
    """Return the absolute area between the ROC curves of two groups, without sampling them.

    References
    ----------
    .. [1] Gardner, Brooks, Baker. "Evaluating the fairness of predictive student models
       through slicing analysis." LAK 2019.
    """
    import numpy as np

    first, second = roc(one), roc(other)
    if first is None or second is None:
        return None
    # Both curves are linear between all their corners, except for steps, where only the ends count.
    xs = np.unique(np.concatenate([first.fpr, second.fpr]))
    area = 0.0
    low, high = xs[:-1], xs[1:]
    start = _after(first, low) - _after(second, low)
    end = _before(first, high) - _before(second, high)
    width = high - low
    same = start * end >= 0
    area += float((width[same] * np.abs(start[same] + end[same]) / 2).sum())
    down, up = np.abs(start[~same]), np.abs(end[~same])
    area += float((width[~same] * (down**2 + up**2) / (2 * (down + up))).sum())
    return area


def _after(curve: Roc, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of a curve just right of x, with 0 <= x < 1."""
    import numpy as np

    at = np.searchsorted(curve.fpr, x, side="right")  # the first corner beyond x
    return _line(curve, at, x)


def _before(curve: Roc, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Height of a curve just left of x, with 0 < x <= 1."""
    import numpy as np

    at = np.searchsorted(curve.fpr, x, side="left")  # the first corner at x or beyond
    return _line(curve, at, x)


def _line(curve: Roc, at: NDArray[np.intp], x: NDArray[np.float64]) -> NDArray[np.float64]:
    left, right = curve.fpr[at - 1], curve.fpr[at]
    low, high = curve.tpr[at - 1], curve.tpr[at]
    height: NDArray[np.float64] = low + (high - low) * (x - left) / (right - left)
    return height


@dataclass(frozen=True, slots=True)
class Bin:
    """A range of scores of one group: its weight, the mean score in it, and the fraction that turned out positive."""

    low: float
    high: float
    weight: float
    score: float
    positive: float


def reliability(scores: Scores, *, bins: int = 10, low: float = 0.0, high: float = 1.0) -> tuple[Bin, ...]:
    """Return the bins of equal width that hold rows of known truth; the last one has its upper end too."""
    import numpy as np

    weight = scores.positive + scores.negative
    place = np.clip(np.floor((scores.score - low) / (high - low) * bins), 0, bins - 1).astype(int)
    found = []
    for n in range(bins):
        here = (place == n) & (weight > 0)
        mass = float(weight[here].sum())
        if mass:
            mean = float((weight[here] * scores.score[here]).sum()) / mass
            edges = (low + (high - low) * n / bins, low + (high - low) * (n + 1) / bins)
            found.append(Bin(*edges, mass, mean, float(scores.positive[here].sum()) / mass))
    return tuple(found)


def calibration_error(scores: Scores, *, bins: int = 10) -> float | None:
    """Return the expected calibration error: mean distance of score and frequency over bins, by weight.

    References
    ----------
    .. [1] Naeini, Cooper, Hauskrecht. "Obtaining well calibrated probabilities using
       Bayesian binning." AAAI 2015.
    """
    found = reliability(scores, bins=bins)
    total = sum(one.weight for one in found)
    return sum(one.weight * abs(one.score - one.positive) for one in found) / total if total else None


def calibration_in_the_large(scores: Scores) -> float | None:
    """Return the mean of score less truth, over rows whose truth is known."""
    positives, negatives = float(scores.positive.sum()), float(scores.negative.sum())
    total = positives + negatives
    return (scores.total[0] + scores.total[1] - positives) / total if total else None


def balance(scores: Scores, *, positive: bool) -> float | None:
    """Return the mean score of those who turned out positive, or negative (Kleinberg et al. 2016, arXiv:1609.05807)."""
    weight = float((scores.positive if positive else scores.negative).sum())
    return scores.total[0 if positive else 1] / weight if weight else None


def mean_score(scores: Scores) -> float | None:
    """Return the mean score of everyone."""
    weight = float(scores.all.sum())
    return sum(scores.total) / weight if weight else None


def brier(scores: Scores) -> float | None:
    """Return the mean square of score less truth, over rows whose truth is known."""
    weight = float((scores.positive + scores.negative).sum())
    squares = scores.positive * (1 - scores.score) ** 2 + scores.negative * scores.score**2
    return float(squares.sum()) / weight if weight else None


def kolmogorov_smirnov(one: Scores, other: Scores) -> float | None:
    """Return the largest distance between the distribution functions of two groups' scores."""
    import numpy as np

    grid = np.union1d(one.score, other.score)
    first, second = _distribution(one, grid), _distribution(other, grid)
    return None if first is None or second is None else float(np.abs(first - second).max())


def wasserstein(one: Scores, other: Scores) -> float | None:
    """Return the mean distance that scores of one group would have to move to be distributed as those of the other."""
    import numpy as np

    grid = np.union1d(one.score, other.score)
    first, second = _distribution(one, grid), _distribution(other, grid)
    if first is None or second is None:
        return None
    return float((np.abs(first - second)[:-1] * np.diff(grid)).sum())


def _distribution(scores: Scores, grid: NDArray[np.float64]) -> NDArray[np.float64] | None:
    import numpy as np

    weight = scores.all
    total = float(weight.sum())
    if not total:
        return None
    below = np.concatenate([[0.0], np.cumsum(weight)]) / total
    reached: NDArray[np.float64] = below[np.searchsorted(scores.score, grid, side="right")]
    return reached


def top_selected(groups: dict[str, Scores], k: float) -> dict[str, float]:
    """Return the fraction of each group among the k highest scores of all, ties shared evenly.

    Parameters
    ----------
    k : float > 0
        How many (by weight) are selected; more than there are selects everyone.
    """
    import numpy as np

    grid = np.unique(np.concatenate([one.score for one in groups.values()])) if groups else np.zeros(0)
    everyone = np.zeros(len(grid))
    for one in groups.values():
        everyone[np.searchsorted(grid, one.score)] += one.all
    above = np.cumsum(everyone[::-1])[::-1] - everyone  # weight of strictly higher scores
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(everyone > 0, np.clip((k - above) / everyone, 0.0, 1.0), 0.0)
    selected = {}
    for name, one in groups.items():
        weight = one.all
        total = float(weight.sum())
        if total:
            selected[name] = float((weight * share[np.searchsorted(grid, one.score)]).sum()) / total
    return selected
