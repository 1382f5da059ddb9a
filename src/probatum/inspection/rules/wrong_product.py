"""A unit is not the product that it is said to be.

## What it finds
Units whose score against the references of their product is above the threshold, and which look like another product that has references,
surely enough: the look from which a product is believed was chosen so that both errors are bounded.

## Why it matters
The customer gets something else than was ordered, though nothing is damaged; and a label that is wrong once is often wrong on a whole
pallet.

## Evidence
`Counterexample`, as of `inspection/damaged-unit`, with the product that it looks like.

## Not found
A unit that looks like the product on its label, as a larger pack of the same may; one of a product without references, which is
found to be damaged instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.findings import Outcome
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._alarms import Alarm, Alarms, outcomes
from probatum.inspection.semantics.alarms import WRONG
from probatum.tools import Tools

RULE = "inspection/wrong-product"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each unit that looks like another product."""
    yield from outcomes(_ALARMS, policy, tools)


def _message(alarm: Alarm) -> str:
    return f"`{alarm.unit.capture_id[-40:]}` is said to be `{alarm.verdict.product[:40]}`, and looks like `{alarm.other[:40]}`"


_ALARMS = Alarms(
    rule=RULE,
    method="inspection/wrong-product/1",
    kind=WRONG,
    message=_message,
    lacks=lambda goods: (
        ""
        if goods.believed is not None
        else "nothing says from which look a product is believed: run `probatum inspection calibrate` with enough units of several products"
    ),
    fine="do not look like another product, or have scores within the threshold",
)
