"""A product no longer looks like its references.

## What it finds
Products whose units, one after the other, score higher against their references than pristine units did: a redesign whose references are not
in the gallery yet, or a wave of damage. Bets against "nothing has changed" are settled after each unit.

## Why it matters
After a redesign every unit of the product is put aside, or, if someone raises the threshold, none of any product. What is new
belongs into the gallery, with a date, after a person has looked.

## Evidence
`Estimate`: the capital that the bets have won, and the rank of each unit among those before, which is counted again. Of all products that are
named, at most a tenth is named wrongly, on average.

## Not found
A change to something that looks alike, and a redesign of which a handful of units has come so far.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided, Why
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.model.drift import Scored, Watch, Watches
from probatum.inspection.rules._units import in_the_way, judged, line, standing
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.opened import opened
from probatum.inspection.semantics.verdict import Verdict
from probatum.tools import Tools

RULE = "inspection/gallery-stale"
RATE = 0.1  # of products named wrongly, among those named
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each product that no longer looks like its references."""
    with opened(policy, tools.inputs) as goods:
        about: dict[str, Any] = {"rule": RULE, "subject": policy.subject, "location": policy.captures.location}
        found = standing(goods)
        if found.everywhere is not None or goods.calibration is None:
            why = "it has no calibration" if found.everywhere is None else found.everywhere.why
            reason = line(f"no product can be compared with what was usual: {why}")
            yield Undecided(**about, why=Why.MISSING_INPUT, reason=reason, anchor=("threshold",))
            return
        judging = judged(goods, tools)
        yield from in_the_way(RULE, policy, goods, judging)
        usual: dict[str, list[Scored]] = {}
        for one in goods.calibration.scores:
            if one.product and one.product not in found.products:
                usual.setdefault(one.product, []).append(Scored(capture_id=one.capture_id, product=one.product, score=one.score))
        watches = Watches(usual, alpha=RATE, seed=tools.seed)
        for unit, verdict in sorted(judging.verdicts, key=lambda one: (one[0].at or _EARLIEST, one[0].capture_id)):
            if verdict.product and not verdict.refusals:
                watches.add(_passed(unit, verdict))
        named = watches.look()
        yield from (_finding(policy, goods, watches, watch, len(named)) for watch in named)
        fine = sum(bool(watch.units) for watch in watches.watching.values()) - len(named)
        if fine and not judging.late:
            yield Cleared(
                **about,
                message=f"nothing shows that {fine:,} product{'' if fine == 1 else 's'} changed since thresholds were chosen",
                strength=Strength.TESTED,
                anchor=("fine",),
                assumptions=("a change that has not shown yet is not excluded",),
            )


def _passed(unit: Capture, verdict: Verdict) -> Scored:
    return Scored(capture_id=unit.capture_id, product=verdict.product, score=verdict.score, at=unit.at)


def _finding(policy: Policy, goods: Goods, watches: Watches, watch: Watch, named: int) -> Finding:
    assert goods.calibration is not None  # noqa: S101 - without one nothing is watched
    won = watch.bets.estimate(f"capital of bets that units of `{watch.product}` have changed")
    streams = len(watches.watching)
    least = math.ceil(streams / (RATE * named))
    since = watch.changed[0] if watch.changed else watch.units[0]
    day = "" if since.at is None else f", since {since.at:%Y-%m-%d %H:%M}"
    return Finding(
        rule=RULE,
        subject=watch.product,
        location=policy.captures.location,
        message=f"`{watch.product[:40]}` no longer looks like its references{day}, by {len(watch.units):,} units",
        evidence=Estimate(
            method="inspection/gallery-stale/1",
            quantity=won.quantity,
            value=won.value,
            low=won.low,
            high=None,
            confidence=won.confidence,
            counts={
                **won.counts,
                "product": watch.product,
                "units": [unit.capture_id for unit in watch.units],
                "calibration": goods.calibration.digest,
                "streams": streams,
                "named": named,
                "rate": RATE,
            },
            unit=won.unit,
            sampling="units of the product in the order of their times",
            family=won.family,
        ),
        cause="it was redesigned and the gallery does not know, or more of it is damaged than before: look at its units since then",
        severity=Severity.WARNING,
        anchor=(watch.product,),
        assumptions=(
            "units are as likely in any order while nothing changes",
            f"of {named:,} products named among {streams:,}, at most {RATE:.0%} is wrong on average: each has won {least:,} times its bets",
        ),
    )
