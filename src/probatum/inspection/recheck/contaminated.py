"""References that do not look like their product: scored again against the others of the product, with the units they are ranked among."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Evidence, Exemplars, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.semantics.left_out import left_out, usual_units
from probatum.inspection.semantics.opened import opened
from probatum.source import Source

_HEAVIER = 1.5  # times as many sound references may be far above the middle as are far below it
_NEAR = 1e-3  # of a score: sums of floating point differ between processors


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a reference is stranger than units of its product, and seldom enough so."""
    if not isinstance(evidence, Exemplars):
        return Recheck("refuted", "a strange reference is an example")
    facts = evidence.facts
    with opened(policy, inputs) as goods:
        units = () if "cut" in facts else usual_units(goods, facts["product"])
        found = next((one for one in left_out(goods, facts["product"], units) if one.capture_id == facts["capture_id"]), None)
        if found is None:
            return Recheck("refuted", f"`{facts['capture_id']}` is no reference of `{facts['product']}` that can be compared")
        channel = facts["channel"]
        scores = [found.scores[channel], *(unit[channel] for unit in found.units)]
    stated = [facts["score"], *facts.get("units", ())]
    if len(scores) != len(stated) or not all(
        math.isclose(a, b, rel_tol=_NEAR, abs_tol=_NEAR) for a, b in zip(scores, stated, strict=True)
    ):
        return Recheck("refuted", "its score, or those of units, are others now")
    if "cut" in facts:
        return _far_enough(facts)
    # Ranks count the reference itself; channels are corrected for; k are named only if the k-th p-value is at most k times rate / tested.
    if facts["p"] + 1e-12 < (facts["above"] + 1) / (facts["among"] + 1):
        return Recheck("refuted", "it is not as rare as that among units")
    if facts["p"] > facts["rate"] * facts["named"] / facts["tested"] + 1e-12 or facts["named"] > facts["tested"]:
        return Recheck("refuted", "it is not rare enough to be named among so many")
    if facts["above"] < sum(unit >= facts["score"] for unit in facts["units"]):
        return Recheck("refuted", "more units of its product are as strange")
    return CONFIRMED


def _far_enough(facts: Mapping[str, Any]) -> Recheck:
    """As many as are as far below the middle, and one, and half as many again, are at most the rate of those that are named."""
    if not facts["middle"] < facts["cut"] <= facts["score"] or facts["named"] > facts["tested"]:
        return Recheck("refuted", "it is not as strange as those that are named")
    if _HEAVIER * (1 + facts["below"]) > facts["rate"] * facts["named"] + 1e-12:
        return Recheck("refuted", "too many may be wrong among those named")
    return CONFIRMED
