"""Scoring pristine units and choosing thresholds from them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from probatum.errors import UsageError
from probatum.inspection.artefacts.calibration import Believed, Calibration, Scored
from probatum.inspection.artefacts.capture import QUERY, Capture
from probatum.inspection.artefacts.media import item_mask, see
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.fit.belief import believed
from probatum.inspection.fit.calibration import calibrated, enough
from probatum.inspection.semantics.goods import Goods, blurred_at
from probatum.inspection.semantics.identity import Seen, seen
from probatum.inspection.semantics.quality import quality, sharpness_of
from probatum.inspection.semantics.reading import Unread
from probatum.inspection.semantics.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """Thresholds, and what became of units on the way.

    Attributes
    ----------
    calibration : Calibration
    blur_from : int
        Pictures of a camera from which on it is judged whether others are blurred.
    refused : dict of str to int
        Units that could not be judged, by why: they alarm, and count.
    unbelieved : str
        Why no product is believed by its look; "" if one is.
    damaged, unlabelled : int
        Units of the split from which no threshold follows: because they are labelled damaged, or not at all.
    """

    calibration: Calibration
    blur_from: int
    refused: dict[str, int]
    unbelieved: str
    damaged: int
    unlabelled: int


def calibrate(
    goods: Goods,
    *,
    split: str,
    identity_split: str,
    unlabelled: bool,
    made: datetime,
    advance: Callable[[Capture], None] = lambda _: None,
) -> Calibrated:
    """Score pristine units of a split, and choose thresholds.

    Damaged ones are scored, too, if the policy says what is to be done with units, or how many of them a band may let pass.

    Parameters
    ----------
    goods : Goods
    split : str
    identity_split : str
        Whose units decide from which look on a product is believed, and how sharp pictures usually are: another one, for what decides
        which references a unit is compared with, and whether it is judged, is part of what makes its score.
    unlabelled : bool
        Whether units without a label are taken for pristine: those that are not raise the threshold, and the budget still holds.
    made : datetime
        UTC.
    advance : callable
        Called with each unit after it.

    Raises
    ------
    UsageError
        If the split has no such unit.
    BudgetUnattainable
        If they are too few for the budget.
    """
    there = [unit for unit in goods.manifest.everything if unit.views[0].role == QUERY and unit.views[0].split == split]
    used = [unit for unit in there if unit.defect is False or (unlabelled and unit.defect is None)]
    if not used:
        splits = Counter(unit.views[0].split or "none" for unit in goods.manifest.captures if unit.views[0].role == QUERY)
        known = ", ".join(f"{name} {many:,}" for name, many in splits.most_common())
        raise UsageError(
            f"the split `{split}` of `{goods.policy.captures.path}` has no unit that is labelled pristine",
            help=f"units by split: {known or 'none'}; name one with `--split`, or take unlabelled ones with `--unlabelled`",
        )
    damaged = [unit for unit in there if unit.defect is True]
    band = goods.policy.budget.band
    told = damaged if goods.policy.disposition is not None or (band is not None and band.passed is not None) else []
    taught = [unit.capture_id for unit in (*used, *told) if unit.capture_id in goods.scoring.fitted_to]
    if taught:
        raise UsageError(
            f"the model was fitted to units of the split `{split}`, such as `{taught[0]}`",
            help="calibrate on units that it has not seen: name their split with `--split`",
        )
    enough(len(used), goods.policy.budget, damaged=len(damaged))
    believing = _believed(goods, identity_split, advance)
    if isinstance(believing, Believed):
        goods.believed = believing
    goods.sharpness = _sharpness(goods, identity_split)  # units of the split are refused as those to come will be
    refused: Counter[str] = Counter()
    scores: list[Scored] = []
    for unit in used:
        verdict = goods.verdict(unit, {})
        refused.update({refusal.kind for refusal in verdict.refusals})
        scores.append(_scored(goods, unit, verdict))
        advance(unit)
    faulty: list[Scored] = []
    for unit in told:
        faulty.append(_scored(goods, unit, goods.verdict(unit, {})))
        advance(unit)
    calibration = calibrated(
        scores,
        goods.policy.budget,
        scorer=goods.scorer,
        references={product: goods.references.digest(product) for product in goods.references.products},
        made=made,
        damaged=faulty,
    )
    calibration = replace(
        calibration,
        believed=believing if isinstance(believing, Believed) else None,
        unlabelled=frozenset(unit.capture_id for unit in used if unit.defect is None),
        sharpness=goods.sharpness,
    )
    return Calibrated(
        calibration=calibration,
        blur_from=math.ceil(1 / blurred_at(goods.policy.budget.false_alarms)) - 1,
        unbelieved="" if isinstance(believing, Believed) else believing,
        refused=dict(refused.most_common()),
        damaged=len(damaged),
        unlabelled=0 if unlabelled else sum(unit.defect is None for unit in there),
    )


def _believed(goods: Goods, split: str, advance: Callable[[Capture], None]) -> Believed | str:
    goods.believed = None  # what an earlier calibration says of it is no part of this one
    units: dict[str, tuple[str, Seen]] = {}
    for unit in goods.manifest.captures:
        if unit.views[0].role == QUERY and unit.views[0].split == split and unit.item_identifier:
            shown = goods.shown(unit)
            if len(shown) == len(unit.views):
                with suppress(Unread):  # no product will be believed of such a unit
                    units[unit.capture_id] = (unit.item_identifier, seen(goods.backbone, shown, goods.reading))
            advance(unit)
    try:
        return believed(goods.references, units, goods.reading, confidence=goods.policy.budget.confidence)
    except Unread as problem:
        return f"of a reference, {problem}"


def _scored(goods: Goods, unit: Capture, verdict: Verdict) -> Scored:
    return Scored(
        capture_id=unit.capture_id,
        score=verdict.score,
        group=goods.group(unit),
        product=verdict.product,
        pictures=verdict.pictures,
        channels={name: float(f"{value:.6g}") for name, value in sorted(verdict.channels.items())},
    )


def _sharpness(goods: Goods, split: str) -> dict[str, tuple[float, ...]]:
    """Return by camera how sharp views are that could be judged; of units that calibrate nothing, so that those that do are as those to come."""
    found: dict[str, list[float]] = {}
    for unit in goods.manifest.captures:
        if unit.views[0].role != QUERY or unit.views[0].split != split:
            continue
        for view in unit.views:
            media = see(view, goods.media)
            mask = None if isinstance(media.picture, Unusable) else item_mask(view, goods.media, media.picture)
            if isinstance(media.picture, Unusable) or isinstance(media.depth, Unusable) or isinstance(mask, Unusable):
                continue
            if not quality(media.picture, depth=media.depth, item=mask, units=view.units).flaws:
                sharp = sharpness_of(media.picture, depth=media.depth, item=mask)
                found.setdefault(view.camera or view.view, []).append(float(f"{sharp:.5g}"))
    return {camera: tuple(sorted(values)) for camera, values in found.items()}
