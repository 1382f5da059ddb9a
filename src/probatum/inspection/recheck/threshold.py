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
from probatum.stats.recheck_alarms import exceeding, learn_then_test, neyman_pearson


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
        if wrong := certificate_wrong(certificate, own, budget.false_alarms, budget):
            return f"`{group}`: {wrong}"
    if wrong := band_contradicted(calibration, budget):
        return wrong
    one = calibration.pooled
    if one is not None:
        return certificate_wrong(one, pooled if len(pooled) == one.trials else everything, budget.false_alarms, budget)
    return "" if calibration.own else "there is no threshold"


def band_contradicted(calibration: Calibration, budget: Budget) -> str:
    """Return how a band contradicts its scores or what the policy asks for; "" if it does not, or none is asked for."""
    asked, band, pooled = budget.band, calibration.band, calibration.pooled
    if asked is None:
        return ""
    if band is None or pooled is None:
        return "there is no band"
    if min(pooled.family, band.low.family) < budget.risks:
        return f"{budget.risks} risks share the confidence, and fewer were reckoned with"
    if not band.low.value <= pooled.value:
        return "the lower threshold is above the upper one"
    if wrong := certificate_wrong(band.low, [one.score for one in calibration.scores], asked.looked, budget):
        return f"the lower threshold: {wrong}"
    if asked.passed is None:
        return ""
    passed = band.passed
    if passed is None or passed.budget > asked.passed or passed.confidence < budget.confidence or passed.family < budget.risks:
        return "it certifies less of damaged units than the policy asks for"
    under = sum(one.score <= band.low.value for one in calibration.damaged)
    if (under, len(calibration.damaged)) != (passed.errors, passed.trials) or not passed.trials:
        return f"{under} of {len(calibration.damaged)} damaged ones are shipped, and not {passed.errors} of {passed.trials}"
    counts = {
        "tallies": [[[under, passed.trials]]],
        "budgets": [passed.budget],
        "procedure": "in-order",
        "setting": 0,
        "risk": 0,
    }
    stated = Estimate(
        method="stats/learn-then-test/1",
        quantity="",
        value=under / passed.trials,
        low=None,
        high=passed.budget,
        confidence=passed.confidence,
        counts=counts,
    )
    return learn_then_test(stated, counts, (1 - passed.confidence) / passed.family)


def certificate_wrong(one: Certificate, scores: Sequence[float], allowed: float, budget: Budget) -> str:
    """Return what is wrong with a threshold of pristine units of which a share may be above; "" if nothing is."""
    if len(scores) != one.trials:
        return f"{len(scores)} scores are not {one.trials}"
    if exceeding(scores, one.value) > one.allowed:
        return f"{exceeding(scores, one.value)} scores are above the threshold, and {one.allowed} may be"
    if one.budget > allowed or one.confidence < budget.confidence or one.removed < budget.removed:
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
