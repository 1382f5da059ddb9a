"""Products that no longer look like their references: ranks counted again from scores, and what bets on them have won."""

from __future__ import annotations

import math
from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.semantics.opened import opened
from probatum.source import Source
from probatum.stats.recheck_capital import rises


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a product has changed."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "that a product has changed is an estimate")
    counts = evidence.counts
    with opened(policy, inputs) as goods:
        calibration = goods.calibration
        if calibration is None or calibration.digest != counts["calibration"] or calibration.scorer != goods.scorer:
            return Recheck("refuted", "the calibration, or what makes scores, is another one now")
        known = {unit.capture_id: unit for unit in goods.units}
        before = [_above_all(one.score) for one in calibration.scores if one.product == counts["product"]]
        if len(before) != counts["before"] or len(counts["units"]) != len(counts["p"]):
            return Recheck("refuted", f"{len(before)} units of the product calibrated")
        for name, p in zip(counts["units"], counts["p"], strict=True):
            verdict = goods.judge.judge(known[name], goods.media).verdict  # and not what was remembered of it
            if verdict.refusals or verdict.product != counts["product"]:
                return Recheck("refuted", f"`{name}` is not a unit of the product that can be judged")
            score = _above_all(verdict.score)
            above, tied = sum(one > score for one in before), sum(one == score for one in before)
            if not above / (len(before) + 1) - 1e-9 <= p <= (above + tied + 1) / (len(before) + 1) + 1e-9:
                return Recheck("refuted", f"`{name}` has another rank")
            before.append(score)
    if evidence.low is None or evidence.low * (1 + 1e-6) < counts["streams"] / (counts["rate"] * counts["named"]):
        return Recheck("refuted", "the bets have won too little to name the product")
    wrong = rises(evidence, counts, (1 - evidence.confidence) / evidence.family)
    return Recheck("refuted", wrong) if wrong else CONFIRMED


def _above_all(score: float) -> float:
    return math.inf if math.isnan(score) else score
