"""A unit is not the product that it is said to be.

## What it finds
Units whose barcode, as the manifest states it, stands on references of another product, whatever their pictures show; and units
whose score against the references of their product is above the threshold, and which look like another product that has references,
surely enough: the look from which a product is believed was chosen so that both errors are bounded.

## Why it matters
The customer gets something else than was ordered, though nothing is damaged; and a label that is wrong once is often wrong on a whole
pallet.

## Evidence
`Counterexample`: the barcode and the product whose references have it; or, as of `inspection/damaged-unit`, with the product that it looks like
and, where the policy names a reader, the words on it that speak for that product.

## Not found
A unit that looks like the product on its label, as a larger pack of the same may; one of a product without references, which is
found to be damaged instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from probatum.evidence import Counterexample
from probatum.findings import Finding, Outcome
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._alarms import Alarm, Alarms, outcomes
from probatum.inspection.rules._units import line
from probatum.inspection.rules.capture_unusable import places
from probatum.inspection.semantics.alarms import WRONG
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.opened import opened
from probatum.tools import Tools

RULE = "inspection/wrong-product"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each unit whose label is of another product, or that looks like one."""
    with opened(policy, tools.inputs) as goods:
        for unit in goods.units:
            code, product = goods.labels.contradicting(unit)
            if product:
                yield _mislabelled(policy, goods, unit, code, product)
    yield from outcomes(_ALARMS, policy, tools)


def _mislabelled(policy: Policy, goods: Goods, unit: Capture, code: str, product: str) -> Finding:
    return Finding(
        rule=RULE,
        subject=unit.capture_id,
        location=policy.captures.location,
        message=line(
            f"`{unit.capture_id[-40:]}` is said to be `{unit.item_identifier[:40]}`, and its barcode is of `{product[:40]}`"
        ),
        evidence=Counterexample(
            method="inspection/wrong-barcode/1",
            given={"capture_id": unit.capture_id, "said": unit.item_identifier, "barcode": code, "product": product},
            observed=f"barcode {code}, which references of `{product}` have",
            expected=f"a barcode of `{unit.item_identifier}`",
            summary=line(f"its barcode {code} is of `{product}`, and it is said to be `{unit.item_identifier}`"),
        ),
        cause="the wrong unit was put on the tray, or the wrong label on the unit",
        anchor=(unit.capture_id,),
        related=places(goods, unit),
    )


def _message(alarm: Alarm) -> str:
    return f"`{alarm.unit.capture_id[-40:]}` is said to be `{alarm.verdict.product[:40]}`, and looks like `{alarm.other[:40]}`"


_ALARMS = Alarms(
    rule=RULE,
    method="inspection/wrong-product/1",
    kind=WRONG,
    message=_message,
    lacks=lambda goods: goods.unbelieved,
    fine="do not look like another product, or have scores within the threshold",
)
