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
Rows lost before the record begins. Steps that add rows, or after which a group has more rows than before, and steps that
divide a table into several which have all of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import nlargest, nsmallest
from itertools import permutations
from typing import TYPE_CHECKING

from probatum.evidence import Estimate
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.preparation import Preparation
from probatum.fairness.artefacts.record import Record, read_record
from probatum.fairness.rules._about import About
from probatum.fairness.rules._names import of_group
from probatum.fairness.rules.record_broken import content, short
from probatum.fairness.semantics.row_flow import OUTCOME, Flow, flows
from probatum.findings import Outcome
from probatum.source import DATA
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.stats.bounds import Bound

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
    by = "outcome" if flow.by == OUTCOME else flow.by
    about = About(
        rule=RULE,
        subject=f"{policy.subject}: {short(flow.name)}",
        location=prepared.location,
        anchor=(flow.key, flow.by),
        assumptions=("rows are independent", "what comes out of the step are rows that went in"),
    )
    counted = {name: own for name, own in flow.lost.items() if own[1] >= policy.min_cell}
    if len(counted) < 2:
        return about.undecided(f"fewer than two groups of {by} have {policy.min_cell} rows before the step `{short(flow.name)}`")
    bounds = {name: clopper_pearson(*own, confidence=sure, family=family) for name, own in counted.items()}
    share = {name: lost / rows for name, (lost, rows) in counted.items()}
    ends = {name: _ends(bound) for name, bound in bounds.items()}
    pairs = list(permutations(_outermost(ends, share), 2))
    low, most, least = max((ends[a][0] - ends[b][1], a, b) for a, b in pairs)
    low, high = max(0.0, low), max(ends[a][1] - ends[b][0] for a, b in pairs)
    verdict = "violated" if low > prepared.rows_lost else "satisfied" if high <= prepared.rows_lost else "open"
    if verdict != "violated":  # nothing is established of any pair: those are named who were seen furthest apart
        most, least = max(pairs, key=lambda pair: share[pair[0]] - share[pair[1]])
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
    seen = f"{share[most]:.1%} of {counted[most][1]:,} and {share[least]:.1%} of {counted[least][1]:,}"
    if verdict == "violated":
        return about.found(
            f"the step `{short(flow.name)}` leaves out rows {_whom(flow, most, least)}, by at least {low:.1%} ({sure:.0%}; {seen})",
            evidence=evidence,
            cause=f"what the step asks of a row is met less often by some, by more than is allowed ({prepared.rows_lost:g})",
        )
    if verdict == "satisfied":
        return about.cleared(
            f"the share of rows that `{short(flow.name)}` leaves out differs by {by} by at most {high:.1%} ({sure:.0%})",
            evidence=evidence,
        )
    needed = _needed(share[most], share[least], prepared.rows_lost, sure, family)
    more = f"; about {needed:,} rows of each would decide" if needed else ""
    return about.undecided(
        f"the share of rows that `{short(flow.name)}` leaves out differs by {by} by {low:.1%} to {high:.1%} ({seen}){more}"
    )


def _outermost(ends: Mapping[str, tuple[float, float]], share: Mapping[str, float]) -> list[str]:
    """Return the groups between which any difference can be largest: there may be too many pairs to look at all."""
    keys: tuple[Callable[[str], float], ...] = (lambda n: ends[n][0], lambda n: ends[n][1], lambda n: share[n])
    return sorted({name for key in keys for pick in (nlargest, nsmallest) for name in pick(2, ends, key=key)})


def _whom(flow: Flow, most: str, least: str) -> str:
    if flow.by == OUTCOME:
        return f"with a {most} outcome more often than with a {least} outcome"
    return f"{of_group(most, least, (flow.by,))} more often than {of_group(least, most, (flow.by,), again=True)}"


def _ends(bound: Bound) -> tuple[float, float]:
    return bound.low or 0.0, 1.0 if bound.high is None else bound.high


def _needed(most: float, least: float, allowed: float, sure: float, family: int) -> int:
    """Return from how many rows of each of two groups on the shares that were seen would decide; 0 if no number would."""
    from probatum.stats.bounds import clopper_pearson

    def decided(rows: int) -> bool:
        one, other = (_ends(clopper_pearson(round(s * rows), rows, confidence=sure, family=family)) for s in (most, least))
        return one[0] - other[1] > allowed or one[1] - other[0] <= allowed

    rows = next((2**power for power in range(5, 32) if decided(2**power)), 0)
    low = rows // 2
    while rows - low > 1:
        middle = (rows + low) // 2
        low, rows = (low, middle) if decided(middle) else (middle, rows)
    return rows
