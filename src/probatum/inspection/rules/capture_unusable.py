"""A unit cannot be judged, because of its pictures or for want of a reference.

## What it finds
Pictures that are missing, damaged, black, blurred, over-exposed or cut off; an empty tray, several items on it; depth that is missing, in
another unit or beside its picture; a unit whose product nobody names, whose views name several, or that has no valid reference.
Rows of the manifest that cannot be read.

## Why it matters
What cannot be seen is not undamaged. Such a unit goes to a person, and counts against the budget of what may be put aside: a
lamp that is off would otherwise let everything pass.

## Evidence
`Counterexample`: the unit, the digest of its files, and what is wrong, which a second look at the files finds again.

## Not found
Blur, unless there are usual pictures of the camera to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._units import in_the_way, judged, line, units
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.opened import opened
from probatum.inspection.semantics.verdict import Verdict
from probatum.source import ImageRegion, Location
from probatum.tools import Tools

RULE = "inspection/capture-unusable"
METHOD = "inspection/capture-unusable/1"
_WHY = 85  # letters of a reason, so that a message stays a line


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each unit that cannot be judged, and one for rows that cannot be read."""
    with opened(policy, tools.inputs) as goods:
        if goods.manifest.quarantine:
            yield _rows(policy, goods)
        found = judged(goods, tools)
        refused = [(unit, verdict) for unit, verdict in found.verdicts if verdict.refusals]
        yield from (_finding(policy, goods, unit, verdict) for unit, verdict in refused)
        stopped = in_the_way(RULE, policy, goods, found)
        yield from stopped
        if not refused and not stopped and not goods.manifest.quarantine:
            yield Cleared(
                rule=RULE,
                subject=policy.subject,
                location=policy.captures.location,
                message=f"{units(len(goods.units))} could be judged, each by all of its views",
                strength=Strength.TESTED,
                anchor=("usable",),
            )


def _finding(policy: Policy, goods: Goods, unit: Capture, verdict: Verdict) -> Finding:
    first = verdict.refusals[0]
    more = len({refusal.kind for refusal in verdict.refusals}) - 1
    about = f" (and {more} more)" if more else ""
    why = first.why if len(first.why) <= _WHY else f"{first.why[: _WHY - 1]}…"
    return Finding(
        rule=RULE,
        subject=unit.capture_id,
        location=policy.captures.location,
        message=f"`{_short(unit.capture_id)}` cannot be judged: {why}{about}",
        evidence=Counterexample(
            method=METHOD,
            given={
                "capture_id": unit.capture_id,
                "pictures": verdict.pictures,
                "kinds": sorted({refusal.kind for refusal in verdict.refusals}),
            },
            observed="; ".join(dict.fromkeys(refusal.why for refusal in verdict.refusals)),
            expected="a picture of one whole item, and a reference to compare it with",
            summary=first.why,
        ),
        cause=line("; ".join(dict.fromkeys(refusal.advice or refusal.why for refusal in verdict.refusals))),
        severity=Severity.WARNING,
        anchor=(unit.capture_id,),
        related=places(goods, unit),
    )


def places(goods: Goods, unit: Capture) -> tuple[tuple[Location, str], ...]:
    """Return where the pictures of a unit are."""
    return tuple(
        (ImageRegion(goods.media.path(view.image), view=view.view or view.camera), view.view or view.camera or "picture")
        for view in unit.views
        if view.image
    )


def _rows(policy: Policy, goods: Goods) -> Finding:
    rows = goods.manifest.quarantine
    given: dict[str, Any] = {"rows": len(rows), "first": rows[0].row}
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=policy.captures.location,
        message=f"{len(rows):,} rows of `{policy.captures.path[-40:]}` cannot be read, the first is {rows[0].row}: {rows[0].reason[:60]}",
        evidence=Counterexample(
            method="inspection/rows-unread/1",
            given=given,
            observed=f"{len(rows):,} rows",
            expected="none",
            summary=rows[0].reason,
        ),
        cause=rows[0].reason,
        severity=Severity.WARNING,
        anchor=("rows",),
    )


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:18]}…{name[-18:]}"
