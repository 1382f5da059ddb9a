"""In a slice of the table the outcome never varies, although beside it it does.

## What it finds
A period, a range, a value, or the lack of a value, of any column, in which all
rows have the same outcome, where chance does not explain it: rows were kept or
dropped by their outcome, or the outcome was not awaited for everyone.

## Why it matters
Base rates and predictive values of groups are then those of the filter, and a
model that is trained on the table learns it.

## Evidence
`Estimate`: the probability that chance makes all rows of such a slice alike,
exact, and corrected for all slices of all columns; with the counts, and the
base rate and precision of each group with these rows and without them.

## Not found
Slices of labels that are numbers. Slices in which a few rows have the other outcome; filters whose traces no column
shows. Columns that tell the outcome everywhere: see `fairness/leakage`. Whether a
filter or the world is the reason: a value may decide an outcome truly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.rules._tables import relation_of
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.decided_slices import Decided, Searched
    from probatum.fairness.semantics.columns import Column
    from probatum.fairness.semantics.relation import Relation
    from probatum.fairness.semantics.slices import Counts, Numbers, Share

RULE = "fairness/outcome-decided-by-preparation"
_SAME = 0.5  # two slices are about the same rows if so many of the smaller are in the larger


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each column, or group of columns about the same rows, that decides outcomes somewhere."""
    from probatum.fairness.model.decided_slices import KNOWN, search
    from probatum.fairness.semantics.columns import Sort
    from probatum.fairness.semantics.slices import counts_of, numbers_of, outcomes, searched

    if not policy.decision.label:
        return
    with relation_of(policy, tools) as relation:
        numbers = numbers_of(policy, relation)
        if numbers is not None:
            yield _of_numbers(policy, numbers)
            return
        counts = outcomes(policy, relation)
        columns = searched(policy, relation)
        tools.deadline.check()
        rows, hits = counts_of(relation, counts)
        if rows < 2 * policy.min_cell or not 0 < hits < rows:
            yield Undecided(
                rule=RULE,
                subject=policy.subject,
                location=policy.decision.location,
                why=Why.TOO_FEW_SAMPLES,
                reason=f"of {rows:,} rows with a known outcome {hits:,} are positive; no slice of them can be told from chance",
                anchor=("outcome",),
            )
            return
        result = search(
            relation, list(columns.values()), counts, fewest=policy.min_cell, alpha=policy.alpha, deadline=tools.deadline
        )
        slices = [one for one in result.found if result.knows[one.where.column] < KNOWN]
        # Of columns about the same rows the one that says when is named, then the one with most rows.
        slices.sort(key=lambda one: (columns[one.where.column].sort is not Sort.TIME, -one.rows, one.where.column))
        found: list[Outcome] = []
        for group in _about_the_same_rows(slices, columns, relation, counts):
            tools.deadline.check()
            found.append(_finding(policy, group, columns, result, relation, counts))
    yield from found
    if not found:
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=policy.decision.location,
            message=f"no slice of at least {policy.min_cell} rows, by any of {len(columns)} columns, has one outcome only beyond chance",
            strength=Strength.TESTED,
            assumptions=(
                f"a slice is reported if at least a tenth of the rows beside it have the other outcome ({rows:,} rows)",
            ),
            anchor=("outcome",),
        )


def _of_numbers(policy: Policy, numbers: Numbers) -> Outcome:
    """Return what can be said of a label that is a number: slices of one outcome need a value that is frequent enough."""
    label, location = policy.decision.label, policy.decision.location
    name = label if len(label) <= 40 else f"{label[:39]}…"
    if numbers.rows < policy.min_cell:
        return Cleared(
            rule=RULE,
            subject=policy.subject,
            location=location,
            message=f"no slice of at least {policy.min_cell} rows has one outcome only: no number of `{name}` is in more than {numbers.rows} rows",
            strength=Strength.TESTED,
            assumptions=("whether rows above or below some number were dropped is not looked at",),
            anchor=("outcome",),
        )
    return Undecided(
        rule=RULE,
        subject=policy.subject,
        location=location,
        why=Why.UNSUPPORTED,
        reason=f"`{name}` is a number, and slices are searched where outcomes are of two kinds; {numbers.rows:,} rows have "
        f"{numbers.commonest:g}, and whether some slice has nothing else is not looked at",
        anchor=("outcome",),
    )


def _about_the_same_rows(
    slices: Sequence[Decided], columns: dict[str, Column], relation: Relation, counts: Counts
) -> list[list[Decided]]:
    from probatum.fairness.semantics.slices import overlap

    groups: list[list[Decided]] = []
    for one in slices:
        for group in groups:
            first = group[0]
            if first.where.column == one.where.column:
                group.append(one)
                break
            if first.outcome == one.outcome:
                both = overlap(
                    relation, counts, (first.where, columns[first.where.column]), (one.where, columns[one.where.column])
                )
                if both >= _SAME * min(first.rows, one.rows):
                    group.append(one)
                    break
        else:
            groups.append([one])
    return groups


def _finding(  # noqa: PLR0917 - what the search was given, and what it said
    policy: Policy,
    group: Sequence[Decided],
    columns: dict[str, Column],
    result: Searched,
    relation: Relation,
    counts: Counts,
) -> Finding:
    from probatum.fairness.semantics.columns import Sort
    from probatum.fairness.semantics.slices import shares

    main = group[0]
    column = columns[main.where.column]
    parts = shares(policy, relation, counts, main.where, column)
    everyone, rest = parts[""][""]
    log10 = min(0.0, (main.chance + math.log(result.family)) / math.log(10))
    others = rest.positive if main.outcome else rest.rows - rest.positive
    ranges = sum(one.where.column == column.name for one in group) - 1
    also = {one.where.column for one in group} - {column.name}
    more = (f", and {ranges} more of its ranges" if ranges else "") + (f", seen in {len(also) + 1} columns" if also else "")
    severity = Severity.ERROR if column.sort is Sort.TIME else Severity.NOTE if _both(group, column) else Severity.WARNING
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=policy.decision.location,
        message=f"all {main.rows:,} rows {_said(main, column)} have outcome {main.outcome}, "
        f"of the others {others / rest.rows:.1%}{more}",
        evidence=Estimate(
            method="fairness/decided-slice/1",
            quantity=f"probability that chance makes {main.rows:,} rows alike in any of {result.family:,} slices",
            value=max(10**log10, 5e-324),
            low=None,
            high=max(10**log10, 5e-324),
            confidence=1 - policy.alpha,
            family=result.family,
            counts={
                "slice": main.where.to_json(),
                "said": _said(main, column),
                "outcome": main.outcome,
                "rows": main.rows,
                "whole": list(result.whole),
                "beside": list(main.beside),
                "around": None if main.around is None else list(main.around),
                "log10": log10,
                "also": [{"slice": one.where.to_json(), "rows": one.rows, "outcome": one.outcome} for one in group[1:]],
                "groups": {
                    name: {group: [_numbers(before), _numbers(after)] for group, (before, after) in own.items()}
                    for name, own in parts.items()
                },
            },
            sampling="outcomes dealt to rows by chance",
        ),
        cause=_cause(group, column, everyone, rest),
        severity=severity,
        assumptions=(
            "rows are independent",
            "whether the rows were chosen by their outcome, or the column decides it in the world, the table does not say",
            *_left_out(result),
        ),
        anchor=("decided", column.name, str(main.outcome)),
    )


def _left_out(result: Searched) -> tuple[str, ...]:
    """Name the columns whose slices are not reported, because they tell the outcome nearly everywhere."""
    from probatum.fairness.model.decided_slices import KNOWN

    names = [name for name, told in result.knows.items() if told >= KNOWN]
    listed = ", ".join(f"`{name}`" for name in names)
    return (f"columns that tell the outcome nearly everywhere are left out, and must be no features: {listed}",) if names else ()


def _numbers(share: Share) -> list[int]:
    return [share.rows, share.positive, share.selected, share.right]


def _cause(group: Sequence[Decided], column: Column, everyone: Share, rest: Share) -> str:
    """Return what may be the reason: of a filter one outcome is left, and what decides it in the world has both."""
    if _both(group, column):
        return (
            f"ranges of `{column.name}` have one outcome only, some this one and some the other: so no one filter by outcome made them, "
            f"but the column decides it in the world, or was recorded with it; {_base(everyone, rest)}"
        )
    return f"it is as if rows were chosen by their outcome, or it was not awaited; {_base(everyone, rest)}"


def _both(group: Sequence[Decided], column: Column) -> bool:
    """Whether slices of one column have the one outcome and the other."""
    return len({one.outcome for one in group if one.where.column == column.name}) > 1


def _base(everyone: Share, rest: Share) -> str:
    base = f"without them the base rate is {rest.positive / rest.rows:.1%}, not {everyone.positive / everyone.rows:.1%}"
    before, after = everyone.ppv(), rest.ppv()
    precision = "" if before is None or after is None else f", and the PPV {after:.1%}, not {before:.1%}"
    return f"{base}{precision}"


def _said(one: Decided, column: Column) -> str:
    name = column.name if len(column.name) <= 40 else f"{column.name[:39]}…"
    name = "".join(c if c.isprintable() and c != "`" else "?" for c in name)
    if one.where.missing:
        return f"without `{name}`"
    if one.where.text is not None:
        text = "".join(c if c.isprintable() and c != "`" else "?" for c in one.where.text)
        return f"with `{name}` = `{text if len(text) <= 30 else text[:29] + '…'}`"
    low, high = one.where.low, one.where.high
    if low is None or high is None or low == high:
        return f"with `{name}` = {column.shown(low or 0.0)}"
    return f"with `{name}` from {column.shown(low)} to {column.shown(high)}"
