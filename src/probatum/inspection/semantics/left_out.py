"""A reference scored against the other references of its product, and units that had nothing scored against the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.media import Readable
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.compared import compared
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.looked import View, look
from probatum.inspection.semantics.references import Group, name_of, read_view

CHANNELS = ("appearance", "relief")
MOST_UNITS = (
    24  # of a product, that references are ranked among: with fewer than 20 no single one could be rare enough to be named
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Scores by channel of a reference and of units, all against the other references.

    Attributes
    ----------
    capture_id : str
        Of the reference.
    scores : dict of str to float
    units : tuple of dict of str to float
        In the order of their names.
    """

    capture_id: str
    scores: dict[str, float]
    units: tuple[dict[str, float], ...]


def usual_units(goods: Goods, product: str) -> tuple[Capture, ...]:
    """Return units of a product that calibrated, the first by name: nobody chose them for their scores."""
    if goods.calibration is None:
        return ()
    names = sorted(one.capture_id for one in goods.calibration.scores if one.product == product)[:MOST_UNITS]
    there = {unit.capture_id: unit for unit in goods.manifest.captures}
    return tuple(there[name] for name in names if name in there)


def left_out(goods: Goods, product: str, units: Sequence[Capture]) -> Iterator[Ranked]:
    """Yield each reference of a product that can be scored, by the first of its views; none if it is alone."""
    references = goods.references.confirmed(product)
    if len(references) < 2:
        return
    view = name_of(references[0][0].views[0])
    all_of_them = [*references, *((unit, goods.media) for unit in units)]
    shown = {unit.capture_id: _shown(unit, media, view) for unit, media in all_of_them}
    for reference, _ in references:
        others = [one.capture_id for one, _ in references if one.capture_id != reference.capture_id]
        group = goods.references.among(product, view, others)
        own = _scores(goods, shown[reference.capture_id], group)
        rest = [_scores(goods, shown[unit.capture_id], group) for unit in units]
        if own is not None:
            yield Ranked(capture_id=reference.capture_id, scores=own, units=tuple(one for one in rest if one is not None))


def _shown(unit: Capture, media: Readable, view: str) -> View | None:
    found = next((one for one in unit.views if name_of(one) == view), unit.views[0])
    shown = read_view(found, media)
    return None if isinstance(shown, Unusable) else shown


def _scores(goods: Goods, shown: View | None, group: Group | None) -> dict[str, float] | None:
    if shown is None or group is None:
        return None
    like = tuple(kept.looked for kept in group.kept)
    looked = look(goods.backbone, shown.rgb, mm=shown.mm, mask=shown.mask, like=like)
    if isinstance(looked, Unusable):
        return None
    scores = compared(looked, group.pristine).scores
    return {name: float(scores[name]) for name in CHANNELS if name in scores}
