"""Units whose barcode is of another product than they are said to be: looked up again."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.semantics.opened import opened
from probatum.source import Source


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that the manifest says one product of a unit, and references another one of its barcode."""
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "a wrong label is a counterexample")
    given = evidence.given
    with opened(policy, inputs) as goods:
        unit = next((one for one in goods.units if one.capture_id == given["capture_id"]), None)
        if unit is None:
            return Recheck("refuted", f"there is no unit `{given['capture_id']}` to judge")
        if unit.item_identifier != given["said"]:
            return Recheck("refuted", f"it is said to be `{unit.item_identifier}`")
        if goods.labels.contradicting(unit) != (given["barcode"], given["product"]):
            return Recheck("refuted", "its barcode is not of that product")
    return CONFIRMED
