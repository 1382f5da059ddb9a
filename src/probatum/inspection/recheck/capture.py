"""Units that cannot be judged, and rows that cannot be read: looked at again."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.semantics.judged import pictures_digest
from probatum.inspection.semantics.opened import opened
from probatum.source import Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a unit cannot be judged for these reasons, or that so many rows cannot be read."""
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "what cannot be judged is a counterexample")
    given = evidence.given
    with opened(policy, inputs) as goods:
        if evidence.method == "inspection/rows-unread/1":
            rows = goods.manifest.quarantine
            if len(rows) != given["rows"] or not rows or rows[0].row != given["first"]:
                return Recheck("refuted", f"{len(rows)} rows cannot be read")
            return CONFIRMED
        unit = next((one for one in goods.units if one.capture_id == given["capture_id"]), None)
        if unit is None:
            return Recheck("refuted", f"there is no unit `{given['capture_id']}` to judge")
        if pictures_digest(unit, goods.media) != given["pictures"]:
            return Recheck("refuted", "its pictures are others now")
        found = sorted({refusal.kind for refusal in goods.judge.judge(unit, goods.media).verdict.refusals})
        return CONFIRMED if found and found == given["kinds"] else Recheck("refuted", f"found are {', '.join(found) or 'none'}")
