"""A recorded step leaves out more rows of one group than of another.

## What it finds
A step of a recorded pipeline (`preparation: {record: ...}`) after which the share of rows that are gone differs between two
groups, or between those with a positive and a negative outcome, by more than `rows_lost` allows (0.1 unless the policy says
otherwise), whatever chance did.

## Why it matters
Who was left out is decided on by a model that never saw them, and is missing from every audit.

## Evidence
`Estimate`: the difference of the shares lost, with bounds for all steps, attributes and groups together, and the counts of the
tables before and after.

## Not found
Rows lost before the record begins. Steps that add rows, or after which a group has more rows than before.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.evidence import Estimate
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.preparation import Preparation
from probatum.fairness.artefacts.record import Record, read_record
from probatum.fairness.rules._names import of_group
from probatum.fairness.rules.record_broken import content, short
from probatum.fairness.semantics.row_flow import OUTCOME, Flow, flows
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.source import DATA
from probatum.tools import Tools

RULE = "fairness/rows-lost"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each step and each attribute of the record that a policy names."""
    prepared = policy.preparation
    place = beside(policy.location.path, prepared.record) if prepared is not None and prepared.record else None
    source = tools.inputs.get(DATA + place) if place is not None else None
    if prepared is None or source is None or place is None:
        return  # that it is not there, `fairness/record-broken` says
    record = read_record(content(source), place)
    found = list(flows(record))
    family = sum(len(flow.rows) for flow in found)
    for flow in found:
        tools.deadline.check()
        yield _verdict(policy, prepared, record, flow, family)


def _verdict(policy: Policy, prepared: Preparation, record: Record, flow: Flow, family: int) -> Outcome:
    from probatum.stats.bounds import clopper_pearson

    sure = 1 - policy.alpha
    subject, anchor = f"{policy.subject}: {short(flow.name)}", (flow.key, flow.by)
    counted = {name: own for name, own in flow.lost.items() if own[1] >= policy.min_cell}
    by = "outcome" if flow.by == OUTCOME else flow.by
    if len(counted) < 2:
        return Undecided(
            rule=RULE,
            subject=subject,
            location=prepared.location,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"fewer than two groups of {by} have {policy.min_cell} rows before the step `{short(flow.name)}`",
            anchor=anchor,
        )
    bounds = {name: clopper_pearson(*own, confidence=sure, family=family) for name, own in counted.items()}
    share = {name: lost / rows for name, (lost, rows) in counted.items()}
    most = max(bounds, key=lambda name: bounds[name].low or 0.0)
    least = min(bounds, key=lambda name: 1.0 if bounds[name].high is None else bounds[name].high or 0.0)
    low = max(0.0, (bounds[most].low or 0.0) - (bounds[least].high or 0.0))
    high = max((bounds[a].high or 0.0) - (bounds[b].low or 0.0) for a in bounds for b in bounds if a != b)
    verdict = "violated" if low > prepared.rows_lost else "satisfied" if high <= prepared.rows_lost else "open"
    evidence = Estimate(
        method="fairness/rows-lost/1",
        quantity=f"largest difference of the share of rows that the step `{short(flow.name)}` leaves out, by {by}",
        value=max(share.values()) - min(share.values()),
        low=low,
        high=high,
        confidence=sure,
        family=family,
        counts={
            "record": prepared.record,
            "root": record.root,
            "step": flow.key,
            "by": flow.by,
            "verdict": verdict,
            "groups": {name: list(own) for name, own in counted.items()},
        },
        sampling="rows that come to the step",
    )
    assumptions = ("rows are independent", "what comes out of the step are rows that went in")
    seen = f"{share[most]:.1%} of {counted[most][1]:,} and {share[least]:.1%} of {counted[least][1]:,}"
    if verdict == "violated":
        over = ("the outcome",) if flow.by == OUTCOME else (flow.by,)
        if flow.by == OUTCOME:
            whom, others = (f"with a {name} outcome" for name in (most, least))
        else:
            whom, others = of_group(most, least, over), of_group(least, most, over, again=True)
        return Finding(
            rule=RULE,
            subject=subject,
            location=prepared.location,
            message=f"the step `{short(flow.name)}` leaves out rows {whom} more often than {others}, by at least {low:.1%} ({sure:.0%}; {seen})",
            evidence=evidence,
            cause=f"what the step asks of a row is met less often by some, by more than is allowed ({prepared.rows_lost:g})",
            anchor=anchor,
            assumptions=assumptions,
        )
    if verdict == "satisfied":
        return Cleared(
            rule=RULE,
            subject=subject,
            location=prepared.location,
            message=f"the share of rows that `{short(flow.name)}` leaves out differs by {by} by at most {high:.1%} ({sure:.0%})",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=assumptions,
            anchor=anchor,
        )
    return Undecided(
        rule=RULE,
        subject=subject,
        location=prepared.location,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"the share of rows that `{short(flow.name)}` leaves out differs by {by} by {low:.1%} to {high:.1%} ({seen})",
        assumptions=assumptions,
        anchor=anchor,
    )
