"""Thresholds from scores of pristine units, in the form in which they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from probatum.inspection.artefacts.calibration import Calibration, Certificate, Scored, Scorer
from probatum.inspection.artefacts.policy import Budget
from probatum.stats.budgets import allowed_above, too_few
from probatum.stats.group_thresholds import thresholds_by_group
from probatum.stats.neyman_pearson import Threshold, threshold_within


def calibrated(
    scores: Sequence[Scored], budget: Budget, *, scorer: Scorer, references: dict[str, str], made: datetime
) -> Calibration:
    """Choose thresholds.

    Parameters
    ----------
    scores : sequence of Scored
        Of pristine units that nothing which made the score has seen, and which are as those to come.
    budget : Budget
    scorer : Scorer
    references : dict of str to str
        Digest of the references of each product.
    made : datetime
        UTC.

    Raises
    ------
    BudgetUnattainable
        If there are too few; it says how many would do, and what those at hand certify.
    """
    values = [one.score for one in scores]
    wanted: dict[str, Any] = {"budget": budget.false_alarms, "confidence": budget.confidence, "removed": budget.removed}
    own: dict[str, Certificate] = {}
    if budget.by:
        found = thresholds_by_group(values, [one.group for one in scores], **wanted)
        own = {str(group): _certificate(threshold) for group, threshold in found.own.items()}
        pooled, guard = found.pooled, found.guard
    else:
        pooled = threshold_within(values, **wanted)
        guard = pooled.value
    return Calibration(
        made=made.isoformat(timespec="seconds").replace("+00:00", "Z"),
        scorer=scorer,
        references=references,
        by=budget.by,
        own=own,
        pooled=None if pooled is None else _certificate(pooled),
        guard=guard,
        scores=tuple(scores),
    )


def enough(units: int, budget: Budget) -> None:
    """Refuse at once what so many units cannot certify, whatever their scores.

    Raises
    ------
    BudgetUnattainable
    """
    wanted: dict[str, Any] = {"budget": budget.false_alarms, "confidence": budget.confidence, "removed": budget.removed}
    if allowed_above(units, **wanted) is None:
        raise too_few(units, **wanted, family=1)


def _certificate(threshold: Threshold) -> Certificate:
    return Certificate(**{one.name: getattr(threshold, one.name) for one in fields(Certificate)})
