"""A quantity differs between groups by more than the policy allows.

## What it finds
Two groups whose rates (of favourable decisions, of errors of one kind) differ by
more than the policy's bound, whatever chance did: the lower bound of the gap,
which holds for all groups together, is beyond it.

## Why it matters
A gap that chance does not explain goes on with every decision that is made.

## Evidence
`Estimate`: the gap between the two groups, with a bound that is valid for all
groups at once, and the counts from which it follows.

## Not found
Why groups differ: see `probatum fairness decompose`. Groups that the policy does
not name.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement
from probatum.fairness.model.gaps import Gap, Seen, Verdict, judge
from probatum.fairness.rules._tables import Table, table_of
from probatum.fairness.semantics.metrics import RATES, Confusion, Rate
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.tools import Tools

RULE = "fairness/group-gap"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each quantity and each attribute of each requirement."""
    wanted = policy.of_kind(GroupRequirement)
    if not wanted:
        return
    with table_of(policy, tools) as table:
        for requirement in wanted:
            for metric in requirement.metrics:
                for over in requirement.over:
                    yield _verdict(policy, table, requirement, RATES[metric], over)
                    tools.deadline.check()


def _verdict(policy: Policy, table: Table, requirement: GroupRequirement, rate: Rate, over: tuple[str, ...]) -> Outcome:
    subject = f"{policy.subject}: {requirement.id}"
    by = " and ".join(over)
    anchor = (requirement.id, rate.name, "*".join(over))
    if rate.needs_label and not policy.decision.label:
        raise UnreadableArtefact(
            f"the {rate.title} needs to be compared with what turned out to be true",
            help="name the column: `label: ...` under `decision`",
            location=requirement.location,
        )
    counted: dict[str, Seen] = {}
    small: list[str] = []
    for name, cube in table.groups(over).items():
        hits, trials = rate.of(Confusion.of(cube, rows=True))
        if trials < policy.min_cell:
            small.append(f"`{name}` ({int(trials)})")
        else:
            counted[name] = Seen(int(hits), int(trials))
    assumptions = (
        "rows are independent",
        *((f"groups with fewer than {policy.min_cell} rows are not compared: {', '.join(small)}",) if small else ()),
    )
    if len(counted) < 2:
        return Undecided(
            rule=RULE,
            subject=subject,
            location=requirement.location,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"fewer than two groups of {by} have at least {policy.min_cell} rows for the {rate.title}",
            anchor=anchor,
        )
    gap = judge(counted, requirement.compare, requirement.bound, alpha=policy.alpha)
    evidence = Estimate(
        method="fairness/gap/1",
        quantity=f"largest {requirement.compare.value} of the {rate.title} between groups of {by}",
        value=gap.value,
        low=gap.low,
        high=gap.high,
        confidence=1 - policy.alpha,
        family=len(counted),
        counts={
            "requirement": requirement.id,
            "verdict": gap.verdict.value,
            "metric": rate.name,
            "over": list(over),
            "compare": requirement.compare.value,
            "groups": {name: [seen.hits, seen.trials] for name, seen in counted.items()},
            "pair": list(gap.pair),
        },
        sampling="rows of the table",
    )
    return _outcome(policy, requirement, rate, by, gap, evidence, subject=subject, anchor=anchor, assumptions=assumptions)


def _outcome(  # noqa: PLR0917 - in the order of the sentence that is made
    policy: Policy,
    requirement: GroupRequirement,
    rate: Rate,
    by: str,
    gap: Gap,
    evidence: Estimate,
    *,
    subject: str,
    anchor: tuple[str, ...],
    assumptions: tuple[str, ...],
) -> Outcome:
    more, less = gap.pair
    sure = f"{1 - policy.alpha:.0%}"
    groups = evidence.counts["groups"]
    seen = " and ".join(f"{groups[name][0] / groups[name][1]:.1%} of {groups[name][1]:,}" for name in gap.pair)
    match gap.verdict:
        case Verdict.VIOLATED:
            much = f"by at least {gap.low:.1%}" if requirement.compare is Compare.DIFFERENCE else f"at most {gap.high:.0%} of it"
            return Finding(
                rule=RULE,
                subject=subject,
                location=requirement.location,
                message=f"the {rate.title} of `{more}` is above that of `{less}` {much} ({sure}; {seen})"
                if requirement.compare is Compare.DIFFERENCE
                else f"the {rate.title} of `{less}` is {much} of `{more}`'s ({sure}; {seen})",
                evidence=evidence,
                cause=f"decisions differ by {by} more than `{requirement.id}` allows ({requirement.bound:g})",
                anchor=anchor,
                assumptions=assumptions,
            )
        case Verdict.SATISFIED:
            most = f"at most {gap.high:.1%}" if requirement.compare is Compare.DIFFERENCE else f"at least {gap.low:.0%}"
            return Cleared(
                rule=RULE,
                subject=subject,
                location=requirement.location,
                message=f"the {requirement.compare.value} of the {rate.title} between groups of {by} is {most} ({sure})",
                strength=Strength.STATISTICAL,
                evidence=evidence,
                assumptions=assumptions,
                anchor=anchor,
            )
        case _:
            need = f"; about {gap.needed:,} rows of each would decide" if gap.needed else ""
            return Undecided(
                rule=RULE,
                subject=subject,
                location=requirement.location,
                why=Why.TOO_FEW_SAMPLES,
                reason=f"the {rate.title} of `{more}` and `{less}` may or may not differ by more than allowed ({seen}){need}",
                assumptions=assumptions,
                anchor=anchor,
            )
