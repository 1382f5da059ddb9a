"""Units that were judged, as candidates to be looked at."""

from __future__ import annotations

from collections.abc import Iterable

from probatum.inspection.model.asking import Candidate
from probatum.inspection.service.inspecting import Decided


def candidates(decided: Iterable[Decided]) -> list[Candidate]:
    """Return a candidate for each unit."""
    return [
        Candidate(
            unit=one.unit.capture_id,
            score=None if one.verdict.refusals else one.verdict.score,
            alarms=one.decision == "sideline",
            channels=dict(one.verdict.channels),
            probability=None if one.disposed is None or one.disposed.probability is None else one.disposed.probability[1],
            product=one.verdict.product,
            material=next((view.item_material for view in one.unit.views if view.item_material), ""),
            images=tuple(view.image for view in one.unit.views),
        )
        for one in decided
    ]
