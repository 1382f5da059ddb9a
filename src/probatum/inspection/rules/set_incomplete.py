"""A unit lacks a piece of what it should have.

## What it finds
Units whose score is above the threshold and on which fewer pieces are counted, by depth, than on the references of their product: two
razors of three, a bottle missing from a six-pack.

## Why it matters
Each piece that is there is intact, so nothing looks damaged. What is missing is seen only by whoever knows how many there should be.

## Evidence
`Counterexample`, as of `inspection/damaged-unit`.

## Not found
Pieces that are hidden from all cameras, and products whose pieces cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.findings import Outcome
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._alarms import Alarm, Alarms, outcomes
from probatum.inspection.semantics.alarms import INCOMPLETE
from probatum.tools import Tools

RULE = "inspection/set-incomplete"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each unit that lacks a piece."""
    yield from outcomes(_ALARMS, policy, tools)


def _message(alarm: Alarm) -> str:
    pieces, lost = alarm.verdict.pieces or (0, 0)
    return f"`{alarm.unit.capture_id[-40:]}`, a `{alarm.verdict.product[:40]}`, lacks {lost} of {pieces} pieces"


_ALARMS = Alarms(
    rule=RULE,
    method="inspection/set-incomplete/1",
    kind=INCOMPLETE,
    message=_message,
    fine="lack no piece, as far as scores tell",
)
