"""Thresholds from scores of pristine units, in the form in which they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from probatum.inspection.artefacts.calibration import Band, Calibration, Certificate, Passed, Scored, Scorer
from probatum.inspection.artefacts.policy import Band as Asked
from probatum.inspection.artefacts.policy import Budget
from probatum.stats.bands import enough_faulty, nested_band
from probatum.stats.budgets import allowed_above, too_few
from probatum.stats.group_thresholds import thresholds_by_group
from probatum.stats.neyman_pearson import Threshold, threshold_within


def calibrated(
    scores: Sequence[Scored],
    budget: Budget,
    *,
    scorer: Scorer,
    references: dict[str, str],
    made: datetime,
    damaged: Sequence[Scored] = (),
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
    damaged : sequence of Scored
        Damaged units, as those to come: they certify how many a band lets pass, if that has a budget.

    Raises
    ------
    BudgetUnattainable
        If there are too few; it says how many would do, and what those at hand certify.
    """
    values = [one.score for one in scores]
    wanted: dict[str, Any] = {"budget": budget.false_alarms, "confidence": budget.confidence, "removed": budget.removed}
    own: dict[str, Certificate] = {}
    band: Band | None = None
    pooled: Threshold | None
    if budget.band is not None:
        upper, band = _banded(values, [one.score for one in damaged], budget, budget.band)
        pooled, guard = upper, upper.value
    elif budget.by:
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
        damaged=tuple(damaged),
        band=band,
    )


def _banded(sound: Sequence[float], faulty: Sequence[float], budget: Budget, asked: Asked) -> tuple[Threshold, Band]:
    found = nested_band(
        sound,
        faulty,
        aside=budget.false_alarms,
        looked=asked.looked,
        passed=asked.passed,
        confidence=budget.confidence,
        removed=budget.removed,
    )
    passed = None
    if found.passed is not None and asked.passed is not None:
        [[(errors, trials)]] = found.passed.tallies
        passed = Passed(budget=asked.passed, confidence=budget.confidence, errors=errors, trials=trials, family=budget.risks)
    return found.high, Band(low=_certificate(found.low), passed=passed)


def enough(units: int, budget: Budget, *, damaged: int = 0) -> None:
    """Refuse at once what so many pristine and damaged units cannot certify, whatever their scores.

    Raises
    ------
    BudgetUnattainable
    """
    wanted: dict[str, Any] = {
        "budget": budget.false_alarms,
        "confidence": budget.confidence,
        "removed": budget.removed,
        "family": budget.risks,
    }
    if allowed_above(units, **wanted) is None:
        raise too_few(units, **wanted)
    if budget.band is not None and budget.band.passed is not None:
        enough_faulty(damaged, passed=budget.band.passed, confidence=budget.confidence)


def _certificate(threshold: Threshold) -> Certificate:
    return Certificate(**{one.name: getattr(threshold, one.name) for one in fields(Certificate)})
