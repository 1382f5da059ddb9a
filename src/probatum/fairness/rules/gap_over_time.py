"""A quantity of a table that grows differs between groups by more than the policy allows.

## What it finds
Two groups whose average rates so far differ by more than the policy's bound, whatever
chance did, and however often the table was looked at while it grew.

## Why it matters
Who looks every day finds a gap on some day by chance, unless bounds hold on all days together.

## Evidence
`Estimate`: the gap, with bounds that hold at every moment, and the counts from which they follow.

## Not found
What a window of time would show: averages are over all decisions so far, and a new gap shows late in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.stream import StreamRequirement, family
from probatum.fairness.rules._tables import Table, table_of
from probatum.fairness.semantics.metrics import RATES, Confusion
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

RULE = "fairness/gap-over-time"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each attribute of each requirement."""
    wanted = policy.of_kind(StreamRequirement)
    if not wanted:
        return
    with table_of(policy, tools) as table:
        for required in wanted:
            for over in required.over:
                tools.deadline.check()
                yield _verdict(policy, required, table, over)


def _verdict(policy: Policy, required: StreamRequirement, table: Table, over: tuple[str, ...]) -> Outcome:
    from probatum.fairness.model.streams import bounds

    rate = RATES[required.metric]
    if rate.needs_label and not policy.decision.label:
        raise UnreadableArtefact(
            f"the {rate.title} needs to be compared with what turned out to be true",
            help="name the column: `label: ...` under `decision`",
            location=required.location,
        )
    about: dict[str, Any] = {
        "rule": RULE,
        "subject": f"{policy.subject}: {required.id}",
        "location": required.location,
        "anchor": (required.id, "*".join(over)),
    }
    if policy.missing is Missing.BOUNDS or policy.decision.weight or policy.decision.cluster or policy.decision.unit:
        return Undecided(
            **about,
            why=Why.UNSUPPORTED,
            reason="bounds at every moment are for rows that count alike, without weights, clusters or `missing: bounds`",
        )
    counts = {name: rate.of(Confusion.of(cube, rows=True)) for name, cube in table.groups(over).items()}
    counts = {name: (int(hits), int(trials)) for name, (hits, trials) in counts.items() if trials}
    if len(counts) < 2:
        return Undecided(**about, why=Why.TOO_FEW_SAMPLES, reason=f"fewer than two groups have a {rate.title}")
    claims = family(policy.of_kind(StreamRequirement))
    ends = {name: bounds(*own, policy.alpha / claims / len(counts)) for name, own in counts.items()}
    more, less = max(ends, key=lambda name: ends[name][0]), min(ends, key=lambda name: ends[name][1])
    low = max(0.0, ends[more][0] - ends[less][1])
    high = max(ends[a][1] - ends[b][0] for a in ends for b in ends if a != b)
    rates = [hits / trials for hits, trials in counts.values()]
    verdict = "violated" if low > required.bound else "satisfied" if high <= required.bound else "open"
    evidence = Estimate(
        method="fairness/gap-over-time/1",
        quantity=f"largest difference of the {rate.title} so far between groups of {' and '.join(over)}",
        value=max(rates) - min(rates),
        low=low,
        high=high,
        confidence=1 - policy.alpha,
        family=claims * len(counts),
        counts={
            "requirement": required.id,
            "over": list(over),
            "verdict": verdict,
            "groups": {name: list(own) for name, own in counts.items()},
        },
        sampling="rows of the table, as they arrive",
    )
    assumptions = ("each decision depends on those before only through its rate, which may drift", "the table only ever grew")
    if verdict == "violated":
        return Finding(
            **about,
            message=f"so far, the {rate.title} of `{more[:24]}` is above that of `{less[:24]}` by at least {low:.1%}, at any look",
            evidence=evidence,
            cause=f"decisions differ by {' and '.join(over)} more than `{required.id}` allows ({required.bound:g})",
            assumptions=assumptions,
        )
    if verdict == "satisfied":
        return Cleared(
            **about,
            message=f"so far, the {rate.title} differs between groups by at most {high:.1%}, at any look",
            strength=Strength.STATISTICAL,
            evidence=evidence,
            assumptions=assumptions,
        )
    return Undecided(
        **about,
        why=Why.TOO_FEW_SAMPLES,
        reason=f"so far, the {rate.title} differs between groups by {low:.1%} to {high:.1%}; go on looking",
        assumptions=assumptions,
    )
