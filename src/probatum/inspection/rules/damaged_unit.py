"""A unit looks damaged.

## What it finds
Units whose score is above the threshold that was chosen from pristine units, unless pieces of it are missing or it is another product: what differs from the
pristine references of the product in appearance, in depth, or beside it on the tray, and what a trained score takes for damage.

## Why it matters
A damaged unit that is shipped comes back, or does not and costs a customer. One that is put aside though it is pristine costs a
person's time: so the share of those has a budget that is certified.

## Evidence
`Counterexample`: the digests of the pictures, of the references and of all that made the score, the score and the threshold. A second
computation from the files must give the same.

## Not found
Damage that no picture shows, and damage whose score is within the threshold: the budget bounds false alarms, and says nothing of misses.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.findings import Outcome
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._alarms import Alarm, Alarms, outcomes
from probatum.inspection.semantics.alarms import DAMAGED
from probatum.tools import Tools

RULE = "inspection/damaged-unit"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each unit that looks damaged."""
    yield from outcomes(_ALARMS, policy, tools)


def _message(alarm: Alarm) -> str:
    by = " and ".join(alarm.reason) or "all it shows"
    return f"`{alarm.unit.capture_id[-40:]}`, a `{alarm.verdict.product[:40]}`, looks damaged, by {by}"


_ALARMS = Alarms(
    rule=RULE,
    method="inspection/damaged-unit/1",
    kind=DAMAGED,
    message=_message,
    fine="have scores within the threshold",
)
