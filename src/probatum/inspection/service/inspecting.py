"""Judging units one after the other, with what is decided about each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.media import Readable
from probatum.inspection.semantics.alarms import WRONG, kind_of, told_by_words
from probatum.inspection.semantics.banded import BETWEEN, lower
from probatum.inspection.semantics.disposing import Disposed, Seen, dispose
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.standing import faults
from probatum.inspection.semantics.verdict import Verdict

Decision = Literal["pass", "sideline", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is decided about a unit.

    Attributes
    ----------
    unit : Capture
    key : str
        Digest of all that the verdict depends on.
    verdict : Verdict
    decision : {"pass", "sideline", "person"}
        A person looks where the unit could not be judged or no threshold holds for it; that counts against the budget. Where the
        policy asks for a band, a person also looks at units whose score lies in it.
    threshold : float
        NaN where none holds, or it was told by something else than a score.
    reason : tuple of str
        Channels without which it would pass, or why a person is asked.
    kind : str
        Of an alarm: `damaged`, `incomplete` or `wrong-product`; "" without.
    looks_like : str
        The product that it looks like instead of its own; "" if that is not so.
    read : tuple of str or None
        Words on it that speak for the product that it is taken for; None where no words were asked.
    disposed : Disposed or None
        What is to be done with it; None if the policy does not say what mistakes cost.
    """

    unit: Capture
    key: str
    verdict: Verdict
    decision: Decision
    threshold: float
    reason: tuple[str, ...]
    kind: str = ""
    looks_like: str = ""
    read: tuple[str, ...] | None = None
    disposed: Disposed | None = None

    @property
    def above(self) -> str:
        """By which score it is put aside, in words; "" where it is not by its score."""
        if self.decision != "sideline" or math.isnan(self.threshold):
            return ""
        return f"{self.verdict.score:.4g}, above {self.threshold:.4g}"

    def told(self) -> dict[str, Any]:
        """Return what is written beside the verdict, for people and for monitoring."""
        at = self.unit.at
        return {
            "capture_id": self.unit.capture_id,
            "decision": self.decision,
            "threshold": None if math.isnan(self.threshold) else self.threshold,
            "reason": list(self.reason),
            "kind": self.kind,
            "looks_like": self.looks_like,
            "at": None if at is None else at.isoformat(),
            **({} if self.read is None else {"read": list(self.read)}),
        } | ({} if self.disposed is None else {"disposition": self.disposed.told()})


def decide(
    goods: Goods, units: Iterable[Capture], media: Readable | None = None, *, seen: Mapping[str, Seen] | None = None
) -> Iterator[Decided]:
    """Judge units, and decide about each; never an exception for what is wrong with a unit.

    Parameters
    ----------
    goods : Goods
    units : iterable of Capture
    media : Readable, optional
        What reads their pictures, where these are not those of the policy: then nothing is remembered.
    seen : mapping of str to Seen, optional
        What people said of units that they looked at: it decides what is to be done with them, and nothing else.

    Yields
    ------
    Decided
        In the order of the units.
    """
    found = list(faults(goods))
    everywhere = next((fault.why for fault in found if not fault.product), None)
    products = {fault.product: fault.why for fault in found if fault.product}
    calibration = goods.calibration
    for unit in units:
        if media is None:
            key, verdict = goods.key(unit), goods.verdict(unit, {})
        else:
            key, verdict = "", goods.judge.judge(unit, media).verdict
        why = everywhere or products.get(verdict.product)
        threshold = math.nan if calibration is None or why is not None else calibration.threshold(goods.group(unit))
        decision: Decision
        reason: tuple[str, ...]
        kind = other = ""
        read: tuple[str, ...] | None = None
        code, labelled = goods.labels.contradicting(unit)
        if labelled:
            decision, reason, kind, threshold = "sideline", (f"its barcode {code}, of {labelled}",), WRONG, math.nan
        elif verdict.refusals:
            decision, reason = "person", tuple(dict.fromkeys(refusal.why for refusal in verdict.refusals))
        elif math.isnan(threshold):
            decision, reason = "person", (why or "there is no threshold",)
        elif lower(goods, threshold) < verdict.score <= threshold:
            decision, reason = "person", (BETWEEN,)
        elif verdict.score > threshold:
            decision, reason = "sideline", goods.scoring.reason(verdict.channels, unit, threshold)
            kind, other = kind_of(goods, unit, verdict, media)
            read = told_by_words(goods, unit, verdict, other, media)
        else:
            decision, reason = "pass", ()
        disposed = dispose(
            goods,
            unit,
            verdict,
            threshold=threshold,
            kind=kind,
            why=reason[0] if decision == "person" else "",
            seen=(seen or {}).get(unit.capture_id),
        )
        yield Decided(
            unit=unit,
            key=key,
            verdict=verdict,
            decision=decision,
            threshold=threshold,
            reason=reason,
            kind=kind,
            looks_like=other,
            read=read,
            disposed=disposed,
        )
