"""A band in which a person looks: what it promises, from the scores in its file, by other code than that which chose it."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.artefacts.calibration import Band
from probatum.inspection.recheck.threshold import contradicted
from probatum.inspection.semantics.opened import opened
from probatum.inspection.semantics.standing import faults
from probatum.source import Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute what a band promises of pristine or of damaged units."""
    with opened(policy, inputs) as goods:
        calibration = goods.calibration
        if not isinstance(evidence, Estimate) or policy.budget.band is None or calibration is None or calibration.band is None:
            return Recheck("refuted", "there is no such band")
        if first := next((fault for fault in faults(goods) if not fault.product), None):
            return Recheck("refuted", first.why)
        if wrong := _differs(evidence, calibration.band) or contradicted(calibration, policy.budget):
            return Recheck("refuted", wrong)
        return CONFIRMED


def _differs(stated: Estimate, band: Band) -> str:
    """Return how an estimate differs from what the file says; "" if it does not."""
    counts = dict(stated.counts)
    if float(counts.pop("threshold")) != band.low.value:
        return f"the lower threshold is {band.low.value!r}"
    if stated.method == "inspection/band-looked/1":
        one = band.low
        there = {"trials": one.trials, "allowed": one.allowed, "above": one.above, "removed": one.removed, "group": None}
        promise, value = (one.budget, one.confidence, one.family), one.above / one.trials
    elif band.passed is None:
        return "the file says nothing of damaged units"
    else:
        there = {"errors": band.passed.errors, "trials": band.passed.trials}
        promise = (band.passed.budget, band.passed.confidence, band.passed.family)
        value = band.passed.errors / band.passed.trials
    if counts != there or abs(stated.value - value) > 1e-12:
        return "the file has other scores"
    if (stated.high, stated.confidence, stated.family) != promise or stated.low is not None:
        return "the file certifies something else"
    return ""
