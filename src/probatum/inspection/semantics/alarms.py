"""What kind of alarm it is: each is one kind only, so that a budget of false alarms is spent once."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.media import Readable
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.reading import Unread
from probatum.inspection.semantics.verdict import Verdict

Kind = Literal["damaged", "incomplete", "wrong-product"]
DAMAGED, INCOMPLETE, WRONG = "damaged", "incomplete", "wrong-product"


def kind_of(goods: Goods, unit: Capture, verdict: Verdict, media: Readable | None = None) -> tuple[str, str]:
    """Return the kind of an alarm, and the product that the unit looks like if that is another one.

    Parameters
    ----------
    goods : Goods
    unit : Capture
        Whose score is above its threshold.
    verdict : Verdict
    media : Readable, optional
        What reads its pictures, where these are not those of the policy.
    """
    if goods.labels.contradicting(unit)[1]:
        return WRONG, ""  # by its barcode, whatever it looks like
    other = ""
    if unit.item_identifier and goods.believed is not None:
        with suppress(Unread):  # it is put aside, whatever it is
            other = goods.looks_like(goods.shown(unit, media))
    if other not in ("", verdict.product):
        return WRONG, other
    pieces, lost = verdict.pieces or (0, 0)
    return (
        (INCOMPLETE, "") if lost and pieces > 1 else (DAMAGED, "")
    )  # one piece is no set: where it is not as high, it is damaged


def told_by_words(
    goods: Goods, unit: Capture, verdict: Verdict, other: str, media: Readable | None = None
) -> tuple[str, ...] | None:
    """Return the words on a unit that speak for the product that it looks like; None where words were not asked.

    Parameters
    ----------
    goods : Goods
    unit : Capture
    verdict : Verdict
    other : str
        The product that it looks like instead of its own; "" if that is not so.
    media : Readable, optional
    """
    asked = other or (not unit.item_identifier and verdict.product)
    if goods.reading is None or not asked:
        return None
    try:
        best = goods.resembled(goods.shown(unit, media))
    except Unread:
        return None
    return best.words if best is not None and best.product == asked else None  # named by its barcode
