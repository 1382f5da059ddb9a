"""Units with a score above their threshold: scored again from their files, and the threshold counted again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from probatum.evidence import CONFIRMED, Counterexample, Evidence, Recheck
from probatum.inspection.artefacts import Policy
from probatum.inspection.recheck.threshold import contradicted
from probatum.inspection.semantics.alarms import kind_of, told_by_words
from probatum.inspection.semantics.disposing import dispose
from probatum.inspection.semantics.opened import opened
from probatum.source import Source

_KINDS = {
    "inspection/damaged-unit/1": "damaged",
    "inspection/set-incomplete/1": "incomplete",
    "inspection/wrong-product/1": "wrong-product",
}
_NEAR = 1e-4  # of a score: sums of floating point differ between processors


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that the score of a unit is above a threshold that is certified."""
    if not isinstance(evidence, Counterexample):
        return Recheck("refuted", "an alarm is a counterexample")
    given = evidence.given
    with opened(policy, inputs) as goods:
        calibration = goods.calibration
        if calibration is None or calibration.digest != given["calibration"] or goods.scorer.digest != given["scorer"]:
            return Recheck("refuted", "the calibration, or what makes scores, is another one now")
        unit = next((one for one in goods.units if one.capture_id == given["capture_id"]), None)
        if unit is None:
            return Recheck("refuted", f"there is no unit `{given['capture_id']}` to judge")
        again = goods.judge.judge(unit, goods.media).verdict
        if again.refusals:
            return Recheck("refuted", f"it cannot be judged: {again.refusals[0].why}")
        if (again.pictures, again.references) != (given["pictures"], given["references"]):
            return Recheck("refuted", "its pictures or its references are others now")
        if calibration.references.get(again.product, again.references) != again.references:
            return Recheck("refuted", "its references have changed since thresholds were chosen")
        threshold = calibration.threshold(goods.group(unit))
        stated = float(given["threshold"])
        if stated != threshold or not again.score > threshold:
            return Recheck("refuted", f"its score is {again.score:.6g}, and its threshold {threshold:.6g}")
        if not math.isclose(again.score, given["score"], rel_tol=_NEAR, abs_tol=_NEAR):
            return Recheck("refuted", f"its score is {again.score:.6g}")
        if set(again.channels) != set(given["channels"]) or not all(
            math.isclose(value, given["channels"][name], rel_tol=_NEAR, abs_tol=_NEAR) for name, value in again.channels.items()
        ):
            return Recheck("refuted", "its channels say something else")
        if list(goods.scoring.reason(again.channels, unit, threshold)) != given["reason"]:
            return Recheck("refuted", "it is another channel that makes the difference")
        if kind_of(goods, unit, again) != (_KINDS[evidence.method], given["looks_like"]):
            return Recheck("refuted", "it is another kind of alarm")
        words = _misread(given.get("read"), told_by_words(goods, unit, again, given["looks_like"]))
        if words is not None:
            return words
        # Of the score as it is stated, which is confirmed: another processor may end up on the other side of a known unit.
        told = dispose(goods, unit, replace(again, score=given["score"]), threshold=threshold, kind=_KINDS[evidence.method])
        if (None if told is None else told.told()) != given.get("disposition"):
            return Recheck("refuted", "something else is to be done with it by the policy")
        if wrong := contradicted(calibration, goods.policy.budget):
            return Recheck("refuted", wrong)
    return CONFIRMED


def _misread(stated: Sequence[str] | None, again: Sequence[str] | None) -> Recheck | None:
    """Compare the words that speak for a product as they are stated with those that are read again; None if they are the same."""
    if (stated is None) != (again is None):
        return Recheck("refuted", "words were asked either when it was found, or now, and not both times")
    lost, more = (
        [word for word in some or () if word not in (others or ())] for some, others in ((stated, again), (again, stated))
    )
    if lost:
        return Recheck("refuted", f"`{lost[0][:40]}` is not read on it, or does not speak for the product")
    # What is hardly legible may be read on one processor, and not on another.
    return Recheck("cannot", f"`{more[0][:40]}` is read on it as well, which is not stated") if more else None
