"""Some of the people fare worse than everyone by more than the policy allows, and nobody named them.

## What it finds
A slice (a conjunction of features, items that are alike by an embedding, or a sum
of points) whose errors or other losses exceed those of everyone by more than the
policy's bound. It is found in one half of the people and confirmed in the other.

## Why it matters
A mean over all people, or over the groups that somebody thought of, hides those
for whom a system does not work.

## Evidence
`Estimate`: the excess in the confirming half, with a bound that holds for all
slices that were tested together, and the sums from which it follows.

## Not found
Slices of fewer rows than the requirement asks for; conjunctions of more
conditions than its depth; features that the table does not have; unless
`features` names them, columns that tell the label or the decision, which would
make slices of outcomes and not of people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.rules._tables import relation_of
from probatum.fairness.semantics.items import title_of
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.slices.search import Answer, Slice

RULE = "fairness/worst-slice"
_LONGEST = 90  # characters of a slice in a message


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield what each requirement's search says."""
    wanted = policy.of_kind(SlicesRequirement)
    if not wanted:
        return
    from probatum.fairness.model.slices.search import search
    from probatum.fairness.semantics.unknown import lacking, reason, sliced_by

    with relation_of(policy, tools) as relation:
        for required in wanted:
            tools.deadline.check()
            used = sliced_by(policy, required)
            lost = lacking(policy, relation, used)
            if lost:
                yield Undecided(
                    rule=RULE,
                    subject=policy.subject,
                    location=required.location,
                    why=Why.UNSUPPORTED,
                    reason=reason(lost, used),
                    anchor=(required.id,),
                )
                continue
            yield from _outcomes(policy, required, search(policy, required, relation, tools.deadline))


def _outcomes(policy: Policy, required: SlicesRequirement, answer: Answer) -> Iterator[Outcome]:
    from probatum.fairness.model.gaps import Verdict

    subject = policy.subject
    assumptions = (
        "clusters are independent, and where there are few their losses not very skewed"
        if answer.clustered
        else "rows are independent",
        f"slices have at least {answer.least} rows in each half, and at most {required.depth} conditions",
        *(f"no slices are made by `{name[:_LONGEST]}`: {why}" for name, why in answer.skipped.items()),
    )
    title = title_of(required)
    percent = bool(required.metric)
    sure = f"{1 - policy.alpha:.0%}"
    if answer.verdict is Verdict.VIOLATED:
        for one in answer.shown:
            seen = one.confirmed
            yield Finding(
                rule=RULE,
                subject=subject,
                location=required.location,
                message=f"the {title} of {_short(one.text)} is above everyone's by at least {_much(one.low, percent=percent)} "
                f"({sure}; {_much(seen.a / seen.b, percent=percent)} of {seen.rows:,}, {_much(answer.mean, percent=percent)})",
                evidence=evidence(policy, required, answer, one),
                cause=f"`{required.id}` allows an excess of {required.bound:g}",
                anchor=(required.id, one.text),
                assumptions=assumptions,
            )
        return
    top = answer.highest
    if answer.verdict is Verdict.SATISFIED and top is not None:
        yield Cleared(
            rule=RULE,
            subject=subject,
            location=required.location,
            message=f"no slice's {title} is above everyone's by more than {_much(top.high, percent=percent)} ({sure}; {top.many:,} slices)",
            strength=Strength.STATISTICAL,
            evidence=ceiling(policy, required, answer),
            assumptions=assumptions,
            anchor=(required.id,),
        )
        return
    more = f"; about {answer.needed:,} rows of it in each half would decide" if answer.needed else ""
    worst = next((s for s in answer.slices if s.confirmed.excess > required.bound), None)
    if worst is not None:
        reason = (
            f"the {title} of {_short(worst.text)} may or may not be above everyone's by more than {required.bound:g} "
            f"(seen {_much(worst.confirmed.excess, percent=percent)} above, {worst.confirmed.rows:,} rows){more}"
        )
    elif top is not None:
        from probatum.fairness.model.slices.search import said

        reason = f"that the {title} of {' and '.join(said(c) for c in top.conditions)} is not above everyone's "
        reason += f"by more than {required.bound:g} is not established ({top.rows:,} rows)"
    else:
        reason = f"no slice has {answer.least} rows in each half"
    yield Undecided(
        rule=RULE,
        subject=subject,
        location=required.location,
        why=Why.TOO_FEW_SAMPLES,
        reason=reason,
        assumptions=assumptions,
        anchor=(required.id,),
    )


def evidence(policy: Policy, required: SlicesRequirement, answer: Answer, one: Slice) -> Estimate:
    """Return a slice that is worse than allowed as evidence."""
    return Estimate(
        method="fairness/slice/1",
        quantity=f"excess of the {title_of(required)} of {one.text} over everyone",
        value=one.confirmed.excess,
        low=one.low if math.isfinite(one.low) else None,
        high=None,
        confidence=1 - policy.alpha,
        family=len(answer.slices),
        counts={
            "requirement": required.id,
            "slice": dict(one.definition),
            "rows": one.confirmed.rows,
            "loss": [one.confirmed.a, one.confirmed.b],
            "everyone": [one.confirmed.all_a, one.confirmed.all_b],
            "clusters": [one.confirmed.clusters, one.confirmed.all_clusters],
            "p": one.p,
            "adjusted": one.adjusted,
            "tested": [dict(other.definition) for other in answer.slices],
        },
        sampling="rows of the table" if not answer.clustered else "clusters of rows of the table",
        seed=required.seed,
    )


def ceiling(policy: Policy, required: SlicesRequirement, answer: Answer) -> Estimate:
    """Return that no slice is worse than allowed as evidence."""
    top = answer.highest
    assert top is not None  # noqa: S101 - nothing is satisfied without
    return Estimate(
        method="fairness/no-slice/1",
        quantity=f"largest excess of the {title_of(required)} of a slice over everyone",
        value=top.high,
        low=None,
        high=top.high,
        confidence=1 - policy.alpha,
        counts={
            "requirement": required.id,
            "slice": {"all": [dict(condition) for condition in top.conditions]},
            "rows": top.rows,
            "slices": top.many,
            "least": answer.least,
            "searched": [dict(one) for one in answer.searched],
            "skipped": dict(answer.skipped),
        },
        sampling="rows of the table" if not answer.clustered else "clusters of rows of the table",
        seed=required.seed,
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _much(value: float, *, percent: bool) -> str:
    return f"{value:.1%}" if percent else f"{value:.3g}"
