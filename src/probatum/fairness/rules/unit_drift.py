"""A column means something else from a moment on: its unit changed, or its values were renamed.

## What it finds
Numbers that are others from some moment on, and like those before once these are
converted from one unit to another (kilograms to grams, months to days); texts that
end at a moment, where others begin that have their share of rows.

## Why it matters
A model, a threshold or a comparison of groups that takes them for the same is
wrong on one side of that moment, and mostly for those of whom there are more rows on it.

## Evidence
`Estimate`: the probability that chance sets two stretches of time so far apart, with a
bound for all stretches of all columns together; with the counts, the conversion,
and how far apart the stretches are once converted.

## Not found
Changes by a factor that is no known conversion, or of part of the rows; units whose
numbers overlap by more than half; texts that are renamed bit by bit. Anything in a table
without moments; of several columns of them `decided_at` of `preparation` counts, or the
one that most rows have. Whether the world changed instead: a price may rise tenfold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.rules._tables import relation_of
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided, Why
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.unit_drift import Converted, Renamed
    from probatum.fairness.semantics.drift import Clock

RULE = "fairness/unit-drift"
_NEVER = 1e300  # a moment after all others


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each column that changes its meaning, or one outcome that says what was looked at."""
    if not policy.decision.table:
        return
    from probatum.fairness.model.unit_drift import converted, renamed, stretches
    from probatum.fairness.semantics.columns import Sort
    from probatum.fairness.semantics.drift import clock_of, sizes, watched

    about: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": policy.decision.location}
    found: list[Outcome] = []
    with relation_of(policy, tools) as relation:
        clock = clock_of(policy, relation)
        if clock is None:
            return
        columns = watched(policy, relation)
        family = max(1, len(columns)) * stretches()
        most = 0
        for column in columns.values():
            tools.deadline.check()
            most = max(most, sizes(policy, relation, clock, column, _NEVER)[0])
            told: dict[str, Any] = {"family": family, "alpha": policy.alpha, "fewest": policy.min_cell}
            changes = list(converted(policy, relation, clock, column, **told)) if column.sort is Sort.NUMBER else []
            found += [_of_numbers(policy, one, clock, family) for one in changes]
            names = None if changes else renamed(policy, relation, clock, column, **told)
            if names is not None:
                found.append(_of_names(policy, names, clock, family))
    if found:
        yield from found
    elif most < 2 * policy.min_cell:
        yield Undecided(
            **about,
            why=Why.TOO_FEW_SAMPLES,
            reason=f"{most:,} rows have a moment and a value; two stretches of time need {policy.min_cell} each to be compared",
            anchor=("units",),
        )
    else:
        yield Cleared(
            **about,
            message=f"none of {len(columns)} columns changes its unit or its names at some moment of `{clock.column.name[:24]}`",
            strength=Strength.TESTED,
            assumptions=("known conversions of units are looked for, and texts that all rows change at once",),
            anchor=("units",),
        )


def _of_numbers(policy: Policy, one: Converted, clock: Clock, family: int) -> Finding:
    conversion = one.conversion
    times = (
        f"{conversion.scale:.4g} times" if conversion.shift == 0 else f"{conversion.scale:.3g} times, {conversion.shift:+.3g},"
    )
    evidence = _evidence(
        policy,
        f"two stretches of `{one.column}` apart",
        one.log_chance,
        family,
        {
            "what": "numbers",
            "column": one.column,
            "ends": list(one.ends),
            "since": one.since,
            "rows": [one.raw.before, one.raw.after],
            "distance": one.raw.distance,
            "cut": one.raw.cut,
            "scale": conversion.scale,
            "shift": conversion.shift,
            "converted": one.like.distance,
        },
    )
    return _finding(
        policy,
        one.column,
        f"{_named(one.column)} is about {times} what it was, from {clock.column.shown(one.since)} on ({conversion.name})",
        evidence,
        f"converted, the {one.raw.before:,} rows before and the {one.raw.after:,} after are {one.like.distance:.2f} apart, as they are {one.raw.distance:.2f}",
    )


def _of_names(policy: Policy, one: Renamed, clock: Clock, family: int) -> Finding:
    evidence = _evidence(
        policy,
        f"values of `{one.column}` in order",
        one.log_chance,
        family,
        {
            "what": "names",
            "column": one.column,
            "ended": list(one.ended),
            "started": list(one.started),
            "since": one.since,
            "rows": list(one.rows),
            "whole": list(one.whole),
        },
    )
    shares = [f"{part / whole:.1%}" for part, whole in zip(one.rows, one.whole, strict=True)]
    return _finding(
        policy,
        one.column,
        f"{_named(one.column)} has {_listed(one.started)} for {_listed(one.ended)} from {clock.column.shown(one.since)} on",
        evidence,
        f"these are {shares[0]} of {one.whole[0]:,} rows before, and those {shares[1]} of {one.whole[1]:,} after: as if values were renamed",
    )


def _evidence(policy: Policy, what: str, log: float, family: int, counts: dict[str, Any]) -> Estimate:
    log10 = min(0.0, log / math.log(10))
    return Estimate(
        method="fairness/unit-drift/1",
        quantity=f"probability that chance sets {what}, in any column",
        value=max(10**log10, 5e-324),
        low=None,
        high=max(10**log10, 5e-324),
        confidence=1 - policy.alpha,
        family=family,
        counts=counts | {"log10": log10},
        sampling="values dealt to moments by chance",
    )


def _finding(policy: Policy, column: str, message: str, evidence: Estimate, cause: str) -> Finding:
    table, prepared = policy.decision, policy.preparation
    used = {table.label, table.decision, table.score, *(one.column for one in policy.protected.values())}
    used |= set(prepared.features) if prepared else set()
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=policy.decision.location,
        message=message,
        evidence=evidence,
        cause=cause,
        severity=Severity.ERROR if column in used else Severity.WARNING,
        assumptions=("rows are independent", "whether its meaning changed, or the world did, the table does not say"),
        anchor=("units", column, f"{evidence.counts['since']:.0f}"),
    )


def _named(text: str) -> str:
    clean = "".join(c if c.isprintable() and c != "`" else "?" for c in text)
    return f"`{clean if len(clean) <= 24 else clean[:23] + '…'}`"


def _listed(texts: tuple[str, ...]) -> str:
    shown = ", ".join(_named(text) for text in texts[:2])
    return shown + (f" and {len(texts) - 2} more" if len(texts) > 2 else "")
