"""Nothing certifies the threshold by which units are put aside.

## What it finds
A policy without a calibration; one whose network, trained score or references are others than those the thresholds were chosen with, or of a product that came later; one that
certifies less than the policy asks for, or not the band that it asks for; scores that contradict their own threshold; units that
calibrate and are judged as well.

## Why it matters
A threshold means something only for scores that are made as those were which it was chosen from. With another network the same number may
put aside every tenth pristine unit, or none at all of the damaged ones.

## Evidence
`Counterexample`: what is there and what should be, which a second reading of the files compares again. Where nothing is found, an
`Estimate`: the budget that is certified, recomputed from the scores in the file; with a band, one for each of its risks.

## Not found
Whether pristine units to come are as those were: that is assumed, and `probatum inspection monitor` watches it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from probatum.evidence import Counterexample, Estimate
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength
from probatum.inspection.artefacts.calibration import Band, Certificate
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._units import line
from probatum.inspection.semantics.opened import opened
from probatum.inspection.semantics.standing import Fault, certificates, faults
from probatum.tools import Tools

RULE = "inspection/threshold-uncertified"
METHOD = "inspection/threshold-certified/1"
LOOKED = "inspection/band-looked/1"
PASSED = "inspection/band-passed/1"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each reason why thresholds certify nothing, or what they certify."""
    with opened(policy, tools.inputs) as goods:
        tools.deadline.check()
        found = list(faults(goods))
        yield from (_finding(policy, fault) for fault in found)
        if not any(not fault.product for fault in found) and goods.calibration is not None:
            yield from (_cleared(policy, group, one) for group, one in certificates(goods.calibration))
            if policy.budget.band is not None and goods.calibration.band is not None:
                yield from _band(policy, goods.calibration.band)


def _finding(policy: Policy, fault: Fault) -> Finding:
    named = policy.calibration
    return Finding(
        rule=RULE,
        subject=fault.product or policy.subject,
        location=policy.location if named is None else named.location,
        message=line(_message(fault)),
        evidence=Counterexample(
            method="inspection/threshold-uncertified/1",
            given={"kind": fault.kind, "product": fault.product},
            observed=fault.found,
            expected=fault.expected,
            summary=fault.why,
        ),
        cause=line(f"{fault.why}; {fault.advice}"),
        severity=Severity.WARNING if fault.product else Severity.ERROR,
        anchor=(fault.kind, fault.product),
    )


def _message(fault: Fault) -> str:
    where = f"of `{fault.product}` " if fault.product else ""
    return f"nothing certifies the threshold {where}({fault.found}, and not {fault.expected})"


def _cleared(policy: Policy, group: str | None, one: Certificate) -> Cleared:
    of = "" if group is None else f" of `{group}`"
    return Cleared(
        rule=RULE,
        subject=policy.subject,
        location=policy.location if policy.calibration is None else policy.calibration.location,
        message=f"at most {one.budget:.3%} of pristine units{of} are put aside ({one.confidence:.0%}; {one.above:,} of {one.trials:,} were)",
        evidence=estimate(one, group),
        strength=Strength.STATISTICAL,
        anchor=("certified", group or ""),
        assumptions=(
            "pristine units to come are as those that calibrated",
            "nothing that made the scores has seen the units that calibrated",
            *((f"at most {one.removed:g} of pristine units were taken out for what they look like",) if one.removed else ()),
        ),
    )


def _band(policy: Policy, band: Band) -> Iterator[Cleared]:
    """Yield what a band promises, beside what is put aside: all together hold with the confidence."""
    about: dict[str, Any] = {
        "rule": RULE,
        "subject": policy.subject,
        "location": policy.location if policy.calibration is None else policy.calibration.location,
        "strength": Strength.STATISTICAL,
    }
    low, passed = band.low, band.passed
    told = f"at most {low.budget:.3%} of pristine units are put aside or looked at ({low.confidence:.0%}; {low.above:,} of {low.trials:,} were)"
    yield Cleared(
        **about,
        message=told,
        evidence=replace(estimate(low, None), method=LOOKED, quantity="pristine units that are put aside or looked at"),
        anchor=("certified", "looked"),
        assumptions=("pristine units to come are as those that calibrated",),
    )
    if passed is not None:
        told = f"at most {passed.budget:.3%} of damaged units are shipped ({passed.confidence:.0%}; {passed.errors:,} of {passed.trials:,} were)"
        yield Cleared(
            **about,
            message=told,
            evidence=Estimate(
                method=PASSED,
                quantity="damaged units that are shipped",
                value=passed.errors / passed.trials,
                low=None,
                high=passed.budget,
                confidence=passed.confidence,
                counts={"errors": passed.errors, "trials": passed.trials, "threshold": _number(low.value)},
                sampling="damaged units of the calibration split",
                family=passed.family,
            ),
            anchor=("certified", "passed"),
            assumptions=("damaged units to come are as those that calibrated", "units that are looked at are not shipped unseen"),
        )


def _number(value: float) -> float | str:
    return value if abs(value) != float("inf") else str(value)


def estimate(one: Certificate, group: str | None) -> Estimate:
    """Return a certificate as evidence."""
    return Estimate(
        method=METHOD,
        quantity="pristine units that are put aside" + ("" if group is None else f", of `{group}`"),
        value=one.above / one.trials,
        low=None,
        high=one.budget,
        confidence=one.confidence,
        counts={
            "trials": one.trials,
            "allowed": one.allowed,
            "above": one.above,
            "removed": one.removed,
            "threshold": _number(one.value),
            "group": group,
        },
        sampling="pristine units of the calibration split",
        family=one.family,
    )
