"""Inequality of what decisions give to people: decision less truth plus one, from the counts of a group.

Someone who is wrongly favoured has 2, someone who is wrongly refused 0, all
others 1; see Speicher et al., "A unified approach to quantifying algorithmic
unfairness", KDD 2018, arXiv:1807.00787.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from probatum.fairness.semantics.metrics import Confusion


def generalized_entropy(confusion: Confusion, *, alpha: float = 2.0) -> float | None:
    """Return the generalised entropy index of benefits; alpha 1 is Theil's, alpha 0 the mean log deviation.

    None where nobody is counted or nobody has any benefit; infinite for alpha 0 if somebody has none.
    """
    return _entropy(((1.0, confusion.tp + confusion.tn), (2.0, confusion.fp), (0.0, confusion.fn)), alpha)


def coefficient_of_variation(confusion: Confusion) -> float | None:
    """Return the standard deviation of benefits by their mean: the square root of twice the index of alpha 2."""
    index = generalized_entropy(confusion)
    return None if index is None else math.sqrt(2 * index)


def between_groups(groups: Mapping[str, Confusion], *, alpha: float = 2.0) -> float | None:
    """Return the index as if everyone had the mean benefit of their group."""
    return _entropy(((_mean(c), _size(c)) for c in groups.values() if _size(c) > 0), alpha)


def _size(confusion: Confusion) -> float:
    return confusion.tp + confusion.fp + confusion.tn + confusion.fn


def _mean(confusion: Confusion) -> float:
    return (confusion.tp + confusion.tn + 2 * confusion.fp) / _size(confusion)


def _entropy(benefits: Iterable[tuple[float, float]], alpha: float) -> float | None:
    """Index of benefits, each with how many people have it."""
    counted = [(benefit, count) for benefit, count in benefits if count > 0]
    total = math.fsum(count for _, count in counted)
    if not total:
        return None
    mean = math.fsum(benefit * count for benefit, count in counted) / total
    if not mean:
        return None
    shares = [(benefit / mean, count / total) for benefit, count in counted]
    if alpha == 1:
        return math.fsum(part * share * math.log(share) for share, part in shares if share > 0)
    if alpha == 0:
        if any(share == 0 for share, _ in shares):
            return math.inf
        return -math.fsum(part * math.log(share) for share, part in shares)
    return math.fsum(part * (share**alpha - 1) for share, part in shares) / (alpha * (alpha - 1))
