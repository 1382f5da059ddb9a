"""Thresholds: what they certify, from the scores in their file, by other code than that which chose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.evidence import CONFIRMED, Counterexample, Estimate, Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.artefacts.calibration import Calibration, Certificate
from probatum.inspection.artefacts.policy import Budget
from probatum.inspection.semantics.opened import opened
from probatum.inspection.semantics.standing import faults
from probatum.source import Source
from probatum.stats.recheck_alarms import exceeding, neyman_pearson


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute what thresholds certify, or why they certify nothing."""
    with opened(policy, inputs) as goods:
        if isinstance(evidence, Counterexample):
            for fault in faults(goods):
                if (fault.kind, fault.product) == (evidence.given["kind"], evidence.given["product"]):
                    same = (fault.found, fault.expected) == (evidence.observed, evidence.expected)
                    return CONFIRMED if same else Recheck("refuted", f"there is {fault.found}, and not {fault.expected}")
            return Recheck("refuted", "nothing of the kind is wrong with the thresholds")
        if not isinstance(evidence, Estimate) or goods.calibration is None:
            return Recheck("refuted", "there is no such threshold")
        if first := next((fault for fault in faults(goods) if not fault.product), None):
            return Recheck("refuted", first.why)
        group = evidence.counts["group"]
        one = goods.calibration.pooled if group is None else goods.calibration.own.get(group)
        if one is None:
            return Recheck("refuted", "there is no threshold for this group")
        if (evidence.high, evidence.confidence, evidence.family) != (one.budget, one.confidence, one.family):
            return Recheck("refuted", "the file certifies something else")
        if float(evidence.counts["threshold"]) != one.value:
            return Recheck("refuted", f"the threshold is {one.value!r}")
        if any(evidence.counts[name] != getattr(one, name) for name in ("trials", "allowed", "above", "removed")):
            return Recheck("refuted", "the file has other scores")
        wrong = contradicted(goods.calibration, policy.budget)
        return Recheck("refuted", wrong) if wrong else CONFIRMED


def contradicted(calibration: Calibration, budget: Budget) -> str:
    """Return how thresholds contradict their scores or their budget; "" if they do not."""
    pooled = [one.score for one in calibration.scores if one.group not in calibration.own]
    everything = [one.score for one in calibration.scores]
    for group, certificate in calibration.own.items():
        own = [one.score for one in calibration.scores if one.group == group]
        if wrong := _wrong(certificate, own, budget):
            return f"`{group}`: {wrong}"
    one = calibration.pooled
    if one is not None:
        return _wrong(one, pooled if len(pooled) == one.trials else everything, budget)
    return "" if calibration.own else "there is no threshold"


def _wrong(one: Certificate, scores: Sequence[float], budget: Budget) -> str:
    if len(scores) != one.trials:
        return f"{len(scores)} scores are not {one.trials}"
    if exceeding(scores, one.value) > one.allowed:
        return f"{exceeding(scores, one.value)} scores are above the threshold, and {one.allowed} may be"
    if one.budget > budget.false_alarms or one.confidence < budget.confidence or one.removed < budget.removed:
        return "it certifies less than the policy asks for"
    stated = Estimate(
        method="stats/neyman-pearson/1",
        quantity="",
        value=exceeding(scores, one.value) / one.trials,
        low=None,
        high=one.budget,
        confidence=one.confidence,
        counts={"trials": one.trials, "allowed": one.allowed, "above": exceeding(scores, one.value), "removed": one.removed},
        family=one.family,
    )
    return neyman_pearson(stated, stated.counts, (1 - one.confidence) / one.family)
