"""Combinations of protected attributes that nobody in the table has, or hardly anybody.

## What it finds
Groups (of one attribute, and of combinations of several) with no row at all, where
the policy asks for slices. Groups with fewer rows than `min_cell` are named too.

## Why it matters
What a system does to people whom its table does not have, no audit of the table
can say; and a report about all groups that are there reads as if it were about all.

## Evidence
`Counterexample`: the groups and their rows.

## Not found
Values that no row has: they are known only of attributes with bands.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.evidence import Counterexample, Proof
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.rules._about import About
from probatum.fairness.rules._tables import Table, table_of
from probatum.fairness.semantics.coverage import TooMany, coverage
from probatum.findings import Outcome, Severity, Strength, Why
from probatum.tools import Tools

RULE = "fairness/group-uncovered"
_NAMED = 2


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield one outcome for each requirement about slices."""
    wanted = policy.of_kind(SlicesRequirement)
    if not wanted:
        return
    with table_of(policy, tools) as table:
        for required in wanted:
            tools.deadline.check()
            yield _outcome(policy, required, table)


def _outcome(policy: Policy, required: SlicesRequirement, table: Table) -> Outcome:
    from probatum.fairness.semantics.unknown import lacking, reason

    about = About(
        rule=RULE,
        subject=policy.subject,
        location=required.location,
        anchor=(required.id,),
        assumptions=(f"groups that are in the table are those there are; combinations of up to {required.depth} attributes",),
    )
    try:
        rows = coverage(policy, table.counted.cube, required.depth)
    except TooMany as problem:
        many = f"there are {problem.many:,} combinations of groups, too many to be named"
        return about.undecided(many, why=Why.UNSUPPORTED)
    unsaid = [name for name in policy.protected if not any(group.startswith(f"{name} = ") for group in rows)]
    if unsaid:
        return about.undecided(f"no row of the table has a value of {', '.join(f'`{name}`' for name in unsaid)}")
    empty = [name for name, many in rows.items() if not many]
    small = [name for name, many in rows.items() if 0 < many < policy.min_cell]
    if not empty and not small:
        return about.cleared(
            f"each of {len(rows):,} groups has at least {min(rows.values()):,} rows",
            evidence=Proof(
                method="fairness/coverage/1",
                claim=f"each group has at least {policy.min_cell} rows",
                certificate={"requirement": required.id, "groups": dict(rows)},
            ),
            strength=Strength.PROVED,
        )
    lost = lacking(policy, table.relation, policy.protected)
    if lost:
        return about.undecided(reason(lost, policy.protected), why=Why.UNSUPPORTED)
    named = empty or small
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    shown = ", ".join(f"`{name[:40]}`" for name in named[:_NAMED]) + more
    return about.found(
        f"nobody in the table is {shown}" if empty else f"fewer than {policy.min_cell} rows are {shown}",
        evidence=Counterexample(
            method="fairness/uncovered/1",
            given={"requirement": required.id, "groups": {name: rows[name] for name in [*empty, *small]}},
            observed=f"{len(empty)} groups without a row, {len(small)} with fewer than {policy.min_cell}",
            expected=f"at least {policy.min_cell} rows of each group",
        ),
        cause="the table does not have people of all groups, so it says nothing about how these fare",
        severity=Severity.WARNING if empty else Severity.NOTE,
    )
