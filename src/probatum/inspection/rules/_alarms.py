"""What rules about damage share: units whose score is above their threshold, divided by what it was that made it so."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.inspection.artefacts.calibration import Calibration
from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.rules._units import in_the_way, judged, line, standing, units
from probatum.inspection.rules.capture_unusable import places
from probatum.inspection.semantics.alarms import kind_of, told_by_words
from probatum.inspection.semantics.banded import lower
from probatum.inspection.semantics.disposing import dispose
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.opened import opened
from probatum.inspection.semantics.verdict import Verdict
from probatum.tools import Tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """One of the rules about damage.

    Attributes
    ----------
    rule, method : str
    kind : str
        Of alarms that are this rule's, as `kind_of` says: each alarm is one rule's, so that the budget is spent once.
    message : callable
        Of an alarm.
    fine : str
        What is said of units without an alarm, after their number.
    lacks : callable, optional
        What is missing to tell such alarms at all; "" if nothing is.
    """

    rule: str
    method: str
    kind: str
    message: Callable[[Alarm], str]
    fine: str
    lacks: Callable[[Goods], str] | None = None


def outcomes(alarms: Alarms, policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each alarm, and what can be said of all other units."""
    with opened(policy, tools.inputs) as goods:
        found = standing(goods)
        about: dict[str, Any] = {"rule": alarms.rule, "subject": policy.subject, "location": policy.captures.location}
        if found.everywhere is not None or goods.calibration is None:
            why = "it has no threshold" if found.everywhere is None else found.everywhere.why
            told = line(f"no unit can be put aside: {why} (see `inspection/threshold-uncertified`)")
            yield Undecided(**about, why=Why.MISSING_INPUT, reason=told, anchor=("threshold",))
            return
        if alarms.lacks is not None and (lack := alarms.lacks(goods)):
            yield Undecided(**about, why=Why.MISSING_INPUT, reason=lack, anchor=("lacks",))
            return
        judging = judged(goods, tools)
        fine = refused = stale = between = 0
        for unit, verdict in judging.verdicts:
            if goods.labels.contradicting(unit)[1]:
                continue  # no score is needed to tell what it is: see `inspection/wrong-product`
            if verdict.refusals:
                refused += 1
                continue
            if verdict.product in found.products:
                stale += 1
                continue
            threshold = goods.calibration.threshold(goods.group(unit))
            if lower(goods, threshold) < verdict.score <= threshold:
                between += 1
                continue
            if not verdict.score > threshold:
                fine += 1
                continue
            reason = goods.scoring.reason(verdict.channels, unit, threshold)
            kind, other = kind_of(goods, unit, verdict)
            if kind == alarms.kind:
                read = told_by_words(goods, unit, verdict, other)
                yield _finding(alarms, Alarm(policy, goods, goods.calibration, unit, verdict, threshold, reason, other, read))
            else:
                fine += 1
        yield from in_the_way(alarms.rule, policy, goods, judging)
        for many, why, anchor in (
            (refused, "cannot be judged: see `inspection/capture-unusable`", "refused"),
            (stale, "are of products whose references changed since thresholds were chosen", "stale"),
            (between, "have scores between the two thresholds", "between"),
        ):
            if many:
                told = f"{units(many)} {why}; a person decides"
                yield Undecided(**about, why=Why.MISSING_INPUT, reason=told, anchor=(anchor,))
        if fine:
            yield Cleared(
                **about,
                message=f"{units(fine)} {alarms.fine}",
                strength=Strength.TESTED,
                anchor=("fine",),
                assumptions=(_missed(goods),),
            )


def _missed(goods: Goods) -> str:
    band = None if goods.policy.budget.band is None or goods.calibration is None else goods.calibration.band
    passed = None if band is None else band.passed
    if passed is None:
        return "how much damage is missed is not certified: see `probatum inspection evaluate`"
    return f"at most {passed.budget:.3%} of damaged units are shipped ({passed.confidence:.0%}), if they are as those that calibrated"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A unit whose score is above its threshold.

    Attributes
    ----------
    policy : Policy
    goods : Goods
    calibration : Calibration
    unit : Capture
    verdict : Verdict
    threshold : float
    reason : tuple of str
        Channels without which it would not be above.
    other : str
        The product that it looks like instead of its own; "" if that is not so.
    read : tuple of str or None
        Words on it that speak for the product that it is taken for; None where no words were asked.
    """

    policy: Policy
    goods: Goods
    calibration: Calibration
    unit: Capture
    verdict: Verdict
    threshold: float
    reason: tuple[str, ...]
    other: str
    read: tuple[str, ...] | None = None


def _finding(alarms: Alarms, alarm: Alarm) -> Finding:
    goods, calibration, unit, verdict = alarm.goods, alarm.calibration, alarm.unit, alarm.verdict
    threshold, reason = alarm.threshold, alarm.reason
    one = calibration.certificate(goods.group(unit))
    above = sum(not scored.score <= verdict.score for scored in calibration.scores)
    told = dispose(goods, unit, verdict, threshold=threshold, kind=alarms.kind)
    to_do = "" if told is None else f"; {told.decided.action}: {told.decided.reason}"
    rank = f"{above:,} of {len(calibration.scores):,} pristine units score higher"
    return Finding(
        rule=alarms.rule,
        subject=unit.capture_id,
        location=alarm.policy.captures.location,
        message=alarms.message(alarm),
        evidence=Counterexample(
            method=alarms.method,
            given={
                "capture_id": unit.capture_id,
                "pictures": verdict.pictures,
                "references": verdict.references,
                "scorer": goods.scorer.digest,
                "calibration": calibration.digest,
                "score": verdict.score,
                "threshold": threshold if math.isfinite(threshold) else str(threshold),
                "channels": {name: verdict.channels[name] for name in sorted(verdict.channels)},
                "reason": list(reason),
                "looks_like": alarm.other,
                **({} if alarm.read is None else {"read": list(alarm.read)}),
                **({} if told is None else {"disposition": told.told()}),
            },
            observed=f"score {verdict.score:.4g}; {rank}",
            expected=f"at most {threshold:.4g}",
            summary=f"`{verdict.product}`, mostly by {' and '.join(reason) or 'all channels together'}; {rank}{to_do}",
        ),
        cause=_cause(alarm),
        anchor=(unit.capture_id,),
        assumptions=()
        if one is None
        else (f"at most {one.budget:.3%} of pristine units get such an alarm ({one.confidence:.0%})",),
        related=places(goods, unit),
    )


_WORDS = {
    "appearance": "it looks different from every reference of its product",
    "relief": "its surface is higher or lower than that of its references",
    "residue": "something lies beside it on the tray",
    "pieces": "a piece of it is missing",
    "damage": "it looks damaged, as units that were labelled so",
    "excess": "it looks more damaged than its references do",
    "unusual": "it has a texture that no pristine unit has",
}


def _cause(alarm: Alarm) -> str:
    reason, pieces = alarm.reason, alarm.verdict.pieces
    if pieces is not None and pieces[1] and pieces[0] > 1 and not alarm.other:
        return f"{pieces[1]} of the {pieces[0]} pieces of its references are not there"
    if alarm.other:
        words = f" (and says {', '.join(f'`{word[:20]}`' for word in alarm.read[:3])})" if alarm.read else ""
        return f"it looks like `{alarm.other}`{words}: the wrong unit was put on the tray, or the wrong label on the unit"
    if not reason:
        return "no single channel decides: several are a little higher than on pristine units"
    return "; ".join(_WORDS.get(name, name) for name in reason)
