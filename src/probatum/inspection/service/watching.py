"""Watching products: which no longer look like their references, why that may be, and what to propose in the gallery."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.model.drift import Scored, Watches
from probatum.inspection.model.redesign import DamageWave, Redesign, Unclear, weigh
from probatum.inspection.model.trial import Trial
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.looked import View
from probatum.inspection.semantics.references import name_of, read_view
from probatum.inspection.semantics.scoring import DAMAGE, EXCESS
from probatum.inspection.service.inspecting import Decided

RATE = 0.1  # of products named wrongly, among those named
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was found.

    Attributes
    ----------
    products : int
        That were watched.
    units : int
        That came past, and could be judged.
    changed : tuple of (str, int, Redesign or DamageWave or Unclear)
        The product, how many units of it came, and what it may be.
    needed : float
        Times its bets that one more product would have to win to be named.
    silent : bool
        Whether heights and damage could not speak for either, for the calibration is of a time when they were not kept.
    """

    products: int
    units: int
    changed: tuple[tuple[str, int, Redesign | DamageWave | Unclear], ...]
    needed: float
    silent: bool = False


def watch(goods: Goods, decided: Sequence[Decided], *, seed: int = 0) -> Watched:
    """Bet on every product that its units rise, in the order in which they came, and weigh what is named.

    Parameters
    ----------
    goods : Goods
        With a calibration: its scores are what is usual.
    decided : sequence of Decided
    seed : int
        Of the coins that break ties.
    """
    usual: dict[str, list[Scored]] = {}
    for known in goods.calibration.scores if goods.calibration is not None else ():
        if known.product:
            before = Scored(
                capture_id=known.capture_id,
                product=known.product,
                score=known.score,
                relief=known.channels.get("relief"),
                damage=_mark(known.channels),
            )
            usual.setdefault(known.product, []).append(before)
    watches = Watches(usual, alpha=RATE, seed=seed)
    many = 0
    for one in sorted(decided, key=lambda one: (one.unit.at or _EARLIEST, one.unit.capture_id)):
        if one.verdict.product and not one.verdict.refusals:
            many += watches.add(_scored(one))
    named = watches.look()
    trial = Trial(goods.backbone, _views(goods), _fused(goods), goods.scoring.item)
    changed = tuple((watch.product, len(watch.units), weigh(watch, trial)) for watch in named)
    needed = math.exp(min(700.0, watches.needed())) if watches.watching else math.inf
    return Watched(products=len(watches.watching), units=many, changed=changed, needed=needed, silent=_silent(goods))


def _silent(goods: Goods) -> bool:
    scores = () if goods.calibration is None else goods.calibration.scores
    return bool(scores) and not any(one.channels for one in scores)


def _scored(one: Decided) -> Scored:
    first, channels = one.unit.views[0], one.verdict.channels
    return Scored(
        capture_id=one.unit.capture_id,
        product=one.verdict.product,
        score=one.verdict.score,
        at=one.unit.at,
        station=first.station,
        camera=first.camera,
        shift=first.shift,
        vendor=first.vendor,
        lot=first.lot,
        relief=channels.get("relief"),
        damage=_mark(channels),
    )


def _mark(channels: Mapping[str, float]) -> float | None:
    """Return how damaged a unit looks: more than its references do, where there are any."""
    return channels.get(EXCESS, channels.get(DAMAGE))


def _views(goods: Goods) -> Callable[[str], Mapping[str, View]]:
    units = {unit.capture_id: unit for unit in goods.manifest.captures}

    def views(name: str) -> Mapping[str, View]:
        unit: Capture | None = units.get(name)
        found = {} if unit is None else {name_of(view): read_view(view, goods.media) for view in unit.views}
        return {camera: view for camera, view in found.items() if not isinstance(view, Unusable)}

    return views


def _fused(goods: Goods) -> Callable[[Mapping[str, float]], float]:
    anyone = goods.manifest.captures[0]
    return lambda channels: goods.scoring.score(channels, anyone)
